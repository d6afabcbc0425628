# SPDX-License-Identifier: GPL-2.0-or-later
from regmon import Regmon
from sip import eventually

ROUTE = """
request_route {
	t_newtran();
	if($hdr(Authorization) =~ "response=\\"[0-9a-f]") {
		append_to_reply("Contact: $hdr(Contact);expires=3600\\r\\n");
		t_reply("200", "OK");
	} else {
		append_to_reply("WWW-Authenticate: Digest realm=\\"x\\", nonce=\\"bm9uY2U=\\", algorithm=AKAv1-MD5\\r\\n");
		t_reply("401", "Unauthorized");
	}
	exit;
}
"""


def test_is_seen(start, phones):
    node = start(route=ROUTE)
    phone, regmon = phones(node), Regmon(node)
    phone.registers()
    phone.repeat()
    phone.expect(200)
    who = "imsi:" + phone.imsi
    assert eventually(lambda: regmon.count("retransmissions") == 1)
    assert regmon.state(who) == "registered"
    counters = regmon.counters()
    assert (counters["attempts_initial"], counters["successes_initial"]) == (1, 1)
    assert (counters["challenges"], counters["answers_2xx"]) == (1, 1)
    answers = [entry for entry in regmon.timeline(who) if entry["direction"] == "here -> phone"]
    assert all("made here" in entry["marks"] for entry in answers)
