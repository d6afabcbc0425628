# SPDX-License-Identifier: GPL-2.0-or-later
import random

import pytest

from regmon import Regmon
from sip import DOMAIN, Core, eventually

# (what is changed in a good REGISTER, the rule that it breaks)
BROKEN = [
    ({"change": {"To": f"<sip:001010000000101@{DOMAIN}>;tag=x"}}, "TO-04"),
    ({"change": {"To": "<tel:+99970000001>"}}, "TO-01"),
    ({"change": {"From": f"<sip:001010000000101@{DOMAIN}>"}}, "FROM-02"),
    ({"change": {"CSeq": "4294967296 REGISTER"}}, "CSEQ-04"),
    ({"change": {"CSeq": "2147483648 REGISTER"}}, "CSEQ-04"),
    ({"change": {"Contact": "*"}}, "CON-04"),
    ({"change": {"Contact": "*;expires=0", "Expires": None}}, "CON-05"),
    ({"change": {"Expires": "soon"}}, "EXP-03"),
    ({"change": {"Expires": None}}, "EXP-05"),
    ({"change": {"Contact": '<sip:u@10.45.0.7>;+sip.instance="<urn:gsma:imei:1>"'}}, "CON-08"),
    ({"change": {"Contact": "<sip:u@10.45.0.7>;q=3"}}, "CON-22"),
    ({"change": {"P-Access-Network-Info": "3GPP-NR-TDD;=;utran"}}, "PANI-01"),
    ({"change": {"P-Access-Network-Info": 'IEEE-802.11;i-wlan-node-id="0A:1B:2C:3D:4E:5F"'}}, "PANI-10"),
    ({"uri": f"sip:user@{DOMAIN}"}, "RURI-01"),
    ({"uri": "sip:ims.mnc1.mcc001.3gppnetwork.org"}, "RURI-03"),
]


@pytest.fixture(scope="module")
def shared():
    """One node and one core for all of them: they are many, and must not disturb each other."""
    from kamailio import Kamailio, configuration
    core = Core()
    core.decide = lambda core, request: (400, "Bad Request", [])
    node = Kamailio(configuration(), core_port=core.port).start()
    yield node
    faults = Regmon(node).faults()
    print(node.log()[-4000:])
    wrong = node.stop()
    core.close()
    assert not faults and not wrong


@pytest.mark.parametrize("how, rule", BROKEN, ids=[f"{rule}-{n}" for n, (_, rule) in enumerate(BROKEN)])
def test_is_found(shared, phones, how, rule):
    regmon = Regmon(shared)
    before = regmon.counters()
    phone = phones(shared)
    phone.register(**how)
    assert phone.receive(2) is not None, "the REGISTER goes its way whatever it looks like"
    assert rule in regmon.findings("callid:" + phone.call_id)
    after = regmon.counters()
    for name in after:
        if name.startswith("successes"):
            assert after[name] == before[name], name


def garbage(phone):
    """Texts that are no good REGISTER any more, each in its own way."""
    good = phone.message()
    pick = random.Random(20)
    yield good.replace("Content-Length: 0", "Content-Length: 99999")
    yield good.replace("Call-ID", "Call ID")
    yield good.replace("\r\n\r\n", "\r\n")
    yield good.replace("CSeq: 1", "CSeq: ")
    yield good.replace("Contact: ", 'Contact: "')
    yield good.replace(">", "").replace("<", "")
    yield good.replace("REGISTER", "REGISTE\x00R", 1)
    yield good.replace("Authorization: Digest", "Authorization: " + "D" * 4000)
    yield good.replace("Supported: path", "Supported:" + ", path" * 5000)
    yield "REGISTER sip:x SIP/2.0\r\n" + "X: y\r\n" * 500 + good.partition("\r\n")[2]
    for _ in range(150):
        data = list(good)
        for _ in range(pick.choice([1, 3, 20])):
            data[pick.randrange(len(data))] = pick.choice('\x00\r\n;:<>",=* \\\xff0aZ')
        yield "".join(data)
    for length in range(20, len(good), 97):
        yield good[:length]


def test_garbage_crashes_nothing(shared, phones):
    regmon = Regmon(shared)
    before = regmon.counters()
    phone = phones(shared)
    for text in garbage(phone):
        phone.send(text.encode("latin-1"))
    after_all = phones(shared, "001010000000999")
    after_all.register()
    after_all.expect(400)
    assert eventually(lambda: regmon.knows("imsi:" + after_all.imsi))
    after = regmon.counters()
    assert {n: after[n] - before[n] for n in after if n.startswith("successes") and after[n] != before[n]} == {}
    assert regmon.faults() == []
    for record in regmon.list("limit=200"):
        assert record["state"] != "registered"
    shared.kamcmd("ims_regmon.list")
