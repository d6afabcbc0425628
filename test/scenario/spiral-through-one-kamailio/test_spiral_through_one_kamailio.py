# SPDX-License-Identifier: GPL-2.0-or-later
from regmon import Regmon
from sip import eventually

# The P-CSCF part adds Path and sends to itself, the I-CSCF part, too; the S-CSCF
# part asks the core.
ROUTE = """
request_route {
	if($hdrc(Via) < 3) {
		if($hdrc(Via) == 1) {
			append_hf("Path: <sip:term@127.0.0.1:PORT;lr>\\r\\n");
		}
		$du = "sip:127.0.0.1:" + $Rp;
	} else {
		$du = CORE;
	}
	t_relay();
	exit;
}
"""


def test_is_one_attempt(start, phones, core):
    node = start(route=ROUTE)
    phone, regmon = phones(node), Regmon(node)
    phone.registers()
    who = "imsi:" + phone.imsi
    assert eventually(lambda: regmon.state(who) == "registered")
    assert len(core.requests[-1].all("Via")) == 4
    counters = regmon.counters()
    assert counters["registers"] == 2
    assert counters["retransmissions"] == 0
    assert (counters["attempts_initial"], counters["successes_initial"]) == (1, 1)
    assert counters["challenges"] == 1
    assert len(regmon.list()) == 1
    assert regmon.causes(who) == []


def test_loop_in_a_spiral_is_one_attempt_each(start, phones, core):
    node = start(route=ROUTE)
    phone, regmon = phones(node), Regmon(node)
    core.decide = lambda core, request: core.challenge()
    phone.register()
    phone.expect(401)
    for _ in range(4):
        phone.answer_challenge()
        phone.expect(401)
    who = "imsi:" + phone.imsi
    assert eventually(lambda: "challenge-loop" in regmon.causes(who))
    assert regmon.count("challenges") == 5
    assert regmon.count("attempts_initial") == 1
