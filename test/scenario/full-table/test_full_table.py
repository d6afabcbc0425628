# SPDX-License-Identifier: GPL-2.0-or-later
import socket

from regmon import Regmon
from sip import eventually

STATELESS = """
request_route {
	if($hdr(Authorization) =~ "response=\\"[0-9a-f]") {
		append_to_reply("Contact: $hdr(Contact);expires=3600\\r\\n");
		sl_send_reply("200", "OK");
	} else if($hdr(User-Agent) =~ "refused") {
		sl_send_reply("403", "Forbidden");
	} else {
		append_to_reply("WWW-Authenticate: Digest realm=\\"x\\", nonce=\\"bm9uY2U=\\", algorithm=AKAv1-MD5\\r\\n");
		sl_send_reply("401", "Unauthorized");
	}
	exit;
}
"""


def move(phone, number):
    """A source address of its own: one source may not hold the whole table."""
    phone.socket.close()
    phone.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    phone.socket.bind((f"127.0.{1 + number // 200}.{1 + number % 200}", 0))
    return phone


def imsi(number):
    return f"00101{number:010d}"


def start_full(start, phones, most, live):
    node = start(parameters=[("max_registrations", most)], route=STATELESS)
    registered = [move(phones(node, imsi(n)), n) for n in range(live)]
    for phone in registered:
        phone.registers()
    return node, Regmon(node), registered


def warnings(node):
    return [line for line in node.log().splitlines() if "WARNING" in line and "made room" in line]


def test_phones_go_on_and_losses_are_counted(start, phones):
    node, regmon, _ = start_full(start, phones, most=20, live=30)
    assert eventually(lambda: regmon.count("evicted") == 10)
    summary = regmon.summary()
    assert summary["registrations"]["all"] == 20
    assert summary["table"]["evicted"] == 10
    assert regmon.count("successes_initial") == 30, "all of them were counted"
    assert eventually(lambda: len(warnings(node)) == 1, timeout=5)
    assert len(regmon.list("limit=200")) == 20


def test_failed_go_before_living(start, phones):
    node, regmon, registered = start_full(start, phones, most=20, live=18)
    for n in range(30):
        refused = move(phones(node, imsi(500 + n), device="refused"), 500 + n)
        refused.register()
        refused.expect(403)
    assert regmon.summary()["registrations"]["registered"] == 18
    for phone in registered:
        assert regmon.state("imsi:" + phone.imsi) == "registered"


def test_one_source_cannot_flood_out_the_others(start, phones):
    node, regmon, _ = start_full(start, phones, most=100, live=0)
    victims = [move(phones(node, imsi(n), device="refused"), n) for n in range(50)]
    for phone in victims:
        phone.register()
        phone.expect(403)
    flood = move(phones(node, imsi(900)), 300)
    for n in range(300):
        flood.imsi, flood.impu = imsi(1000 + n), f"sip:{imsi(1000 + n)}@ims.mnc001.mcc001.3gppnetwork.org"
        flood.call_id = f"flood-{n}"
        flood.register()
        flood.expect(401)
    assert all(regmon.knows("imsi:" + phone.imsi) for phone in victims)
    assert regmon.summary()["table"]["evicted_by_source"] > 0


def test_exhausted_shared_memory(start, phones):
    """Nothing but the table takes shared memory here: no tm, answers by sl."""
    node = start(modules=["sl", "pv", "textops", "corex", "counters"], route=STATELESS, shm_mb=16,
                 parameters=[("max_registrations", 60000)])  # a tenth is more than there is memory for
    regmon = Regmon(node)
    phone = phones(node)
    for n in range(16000):
        text = phone.message(cseq=1, branch=f"z9hG4bKx{n}").replace(phone.call_id, f"c{n}")
        phone.send(text.replace(phone.imsi, imsi(n)).replace(phone.imei, f"35609911-{n:06d}-0"))
        assert phone.receive(5).code == 401, n
        if n % 500 == 499 and regmon.count("evicted"):
            break
    else:
        raise AssertionError("16 MB held 16,000 records")
    table = regmon.summary()["table"]
    assert table["evicted_for_memory"] == table["evicted"] > 0 and table["dropped"] == 0
    assert regmon.knows("imsi:" + imsi(n)) and not regmon.knows("imsi:" + imsi(0))  # the oldest made room
    lines = [line for line in node.log().splitlines() if "shared memory is exhausted" in line]
    assert len(lines) <= 1
    assert regmon.forget("all") > 1000
    after = phones(node, "001010000009999")
    after.registers()
    assert regmon.state("imsi:" + after.imsi) == "registered"
