# SPDX-License-Identifier: GPL-2.0-or-later
"""The example configuration, fed with HEP made here and with a real capture."""
import glob
import os
import socket
import sys

import pytest

from confidential import SECRETS
from kamailio import TOP, Kamailio, free_port
from regmon import Regmon
from sip import Message, eventually

sys.path.insert(0, os.path.join(TOP, "test", "tap"))
import pcap_to_hep  # noqa: E402

CORPUS = os.path.join(TOP, "..", "shared", "corpus")
LONG_AGO = 1587110460.0
MINUTE = 60.0


@pytest.fixture
def tap():
    """cfg-examples/passive-hep.cfg as it is, but for its port and its socket of JSON-RPC"""
    with open(os.path.join(TOP, "cfg-examples", "passive-hep.cfg")) as file:
        text = file.read()
    text = text.replace('loadmodule "jsonrpcs.so"', 'loadmodule "jsonrpcs.so"\n'
                        'modparam("jsonrpcs", "transport", 4)\nmodparam("jsonrpcs", "dgram_socket", JSON)')
    port = free_port()
    node = Kamailio(text.replace('loadmodule "ctl.so"', 'loadmodule "kex.so"\nloadmodule "counters.so"\nloadmodule "ctl.so"'),
                    port=port, defines={"HEP_PORT": port})
    node.start()
    yield node
    assert not Regmon(node).faults()
    log = node.log()
    assert not node.stop(), log


def hep(tap, text, seconds, source="10.45.12.34", target="10.4.128.21", source_port=5060):
    SECRETS.learn(text)
    data = pcap_to_hep.hep(pcap_to_hep.Sip(seconds, pcap_to_hep.UDP, socket.inet_aton(source), source_port,
                                           socket.inet_aton(target), 5060, text.encode()))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        out.sendto(data, ("127.0.0.1", tap.port))


def base(name, **changes):
    with open(os.path.join(TOP, "test", "cases", "messages", name + ".sip")) as file:
        text = file.read()
    for old, new in changes.get("change", ()):
        assert old in text
        text = text.replace(old, new)
    return text.replace("\n", "\r\n")


WHO = "imsi:001010123456789"


def test_time_is_that_of_the_capture(tap):
    regmon = Regmon(tap)
    hep(tap, base("first"), LONG_AGO)
    hep(tap, base("challenge"), LONG_AGO + 0.25)
    assert eventually(lambda: regmon.state(WHO) == "challenged")
    timeline = regmon.timeline(WHO)
    assert [entry["at_ms"] for entry in timeline] == [int(LONG_AGO * 1000), int(LONG_AGO * 1000) + 250]
    assert timeline[1]["after_ms"] == 250
    assert regmon.causes(WHO) == []
    assert regmon.show(WHO)["source"] == "10.45.12.34:5060 UDP"
    # another phone, a minute later: the clock is there now, and the silence is seen
    hep(tap, base("first", change=[("001010123456789", "001010123456780"), ("4f2b9c1d0a5e7b3c", "other"),
                                   ("-123456-", "-123450-")]), LONG_AGO + MINUTE)
    assert eventually(lambda: "silent-after-challenge" in regmon.causes(WHO))
    # and a binding runs out on the clock of the capture
    summary = regmon.summary()
    assert summary["role"] == "tap"
    assert summary["registrations"]["all"] == 2


def test_bindings_run_out_on_the_clock_of_the_capture(tap):
    regmon = Regmon(tap)
    hep(tap, base("first"), LONG_AGO)
    hep(tap, base("challenge"), LONG_AGO + 0.1)
    hep(tap, base("answer"), LONG_AGO + 1)
    hep(tap, base("accepted", change=[("expires=600000", "expires=600")]), LONG_AGO + 1.2)
    assert eventually(lambda: regmon.state(WHO) == "registered")
    hep(tap, base("first", change=[("001010123456789", "001010123456780"), ("4f2b9c1d0a5e7b3c", "other"),
                                   ("-123456-", "-123450-")]), LONG_AGO + 700)
    assert eventually(lambda: regmon.state(WHO) == "expired", timeout=8)


def test_what_the_network_answers_is_named(tap):
    regmon = Regmon(tap)
    hep(tap, base("first"), LONG_AGO)
    hep(tap, base("refused", change=[("403 Forbidden", "403 Forbidden - HSS User Unknown")]), LONG_AGO + 0.1)
    assert eventually(lambda: regmon.causes(WHO)[:1] == ["forbidden-by-core"])
    assert regmon.why(WHO)["causes"][0]["first_suspect"].startswith("HSS: user unknown")


def test_one_capture_after_the_other(tap):
    regmon = Regmon(tap)
    hep(tap, base("first"), LONG_AGO)
    assert eventually(lambda: regmon.knows(WHO))
    assert regmon.count("state_registering") == 1
    assert regmon.forget("all") == 1
    hep(tap, base("first"), LONG_AGO - 1000 * MINUTE)
    assert eventually(lambda: regmon.knows(WHO))
    hep(tap, base("challenge"), LONG_AGO - 1000 * MINUTE + 0.5)
    assert eventually(lambda: regmon.state(WHO) == "challenged")
    assert regmon.timeline(WHO)[0]["at_ms"] == int((LONG_AGO - 1000 * MINUTE) * 1000)
    assert "silent-after-challenge" not in regmon.causes(WHO)
    assert (regmon.count("state_registering"), regmon.count("state_challenged")) == (0, 1)  # as it is now, not as it was


def test_hostile_hep_is_no_trouble(tap):
    regmon = Regmon(tap)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        good = pcap_to_hep.hep(pcap_to_hep.Sip(LONG_AGO, 17, b"\1\2\3\4", 1, b"\5\6\7\x08", 2, base("first").encode()))
        for bad in (b"HEP3", b"HEP3\0\6", good[:60], good[:6] + b"\0" * 40, b"HEP3\xff\xff" + good[6:],
                    good.replace(b"REGISTER sip", b"INVITE sip", 1), b"\x02\x10" + b"\0" * 30):
            out.sendto(bad, ("127.0.0.1", tap.port))
    hep(tap, base("first"), LONG_AGO)
    assert eventually(lambda: regmon.knows(WHO))


def capture_of_a_handset():
    path = os.path.join(CORPUS, "pcap", "open5gs-ipsec-samsung-smt515.pcapng")
    if not os.path.exists(path):
        pytest.skip("the corpus is not there")
    return path


def flow_of_a_handset():
    """its messages on the phone's side: REGISTER, 401, REGISTER, 200"""
    names = ("01-register", "08-401", "09-register", "16-200")
    folder = os.path.join(CORPUS, "captures", "open5gs-ipsec-samsung-smt515", "flow01")
    texts = []
    for name in names:
        with open(os.path.join(folder, name + ".sip"), "rb") as file:
            texts.append(file.read().decode())
    return texts


def verdict(regmon, who):
    """what the two ways have to agree in"""
    why, show = regmon.why(who), regmon.show(who)
    return {
        "state": why["state"], "causes": why["causes"], "verdict": why["verdict"],
        "granted": show["binding"]["granted_s"], "kind": show["attempt"]["kind"],
        "challenges": show["attempt"]["challenges"], "impi": show["impi"], "imei": show.get("imei"),
        "access": show.get("access"), "cell": show.get("cell"),
        "steps": [(entry["what"], entry["cseq"], entry.get("finding"), [mark for mark in entry["marks"] if mark != "made here"])
                  for entry in regmon.timeline(who) if "phone" in entry["direction"]]}


def live_verdict(start, phones, core, texts):
    """The same messages through a Kamailio that relays them, the core giving the captured answers."""
    answers = {1: Message(texts[1]), 2: Message(texts[3])}
    first, second = (Message(text) for text in (texts[0], texts[2]))

    def decide(core, request):
        captured = answers[1 if request.cseq() == first.cseq() else 2]
        status = captured.start.split(" ", 2)
        kept = [(name, value) for name, value in captured.headers
                if name.lower() not in ("via", "from", "to", "call-id", "cseq", "content-length")]
        return int(status[1]), status[2], kept
    core.decide = decide
    node = start()
    phone = phones(node)
    phone.send(texts[0])
    phone.expect(401)
    phone.send(texts[2])
    phone.expect(200)
    assert second.cseq() > first.cseq()
    return verdict(Regmon(node), "callid:" + first.get("Call-ID"))


def test_a_real_capture_gives_the_verdict_of_live_traffic(tap, start, phones, core):
    path, texts = capture_of_a_handset(), flow_of_a_handset()
    for text in texts:
        SECRETS.learn(text)
    sent, unreadable = pcap_to_hep.send(path, port=tap.port)
    assert sent >= 16 and not unreadable, (sent, unreadable)
    regmon, who = Regmon(tap), "callid:" + Message(texts[0]).get("Call-ID")
    assert eventually(lambda: regmon.state(who) == "registered")
    tapped, live = verdict(regmon, who), live_verdict(start, phones, core, texts)
    assert tapped == live
    assert tapped["causes"] == []
    assert regmon.show(who)["binding"]["registered_ms"] == 1587110460936
    # the other legs are in the record, and are no attempts of their own
    assert any("same REGISTER on another leg" in entry["marks"] for entry in regmon.timeline(who))
    assert regmon.show(who)["history"]["attempts"] == 1


def test_other_captures_are_read(tap):
    if not os.path.isdir(CORPUS):
        pytest.skip("the corpus is not there")
    regmon, registers = Regmon(tap), 0
    for path in sorted(glob.glob(os.path.join(CORPUS, "pcap", "*"))):
        regmon.forget("all")
        before = regmon.count("registers")
        sent, _ = pcap_to_hep.send(path, port=tap.port, pause=0.0005)
        if sent:
            eventually(lambda: regmon.count("registers") > before, timeout=0.5)
        registers += regmon.count("registers") - before
    assert registers >= 10
