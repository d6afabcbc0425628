# SPDX-License-Identifier: GPL-2.0-or-later
import pytest

from kamailio import MODULES
from regmon import Regmon
from sip import eventually

ROUTE = """
request_route {
	$du = CORE;
	forward();
	exit;
}
"""


@pytest.mark.parametrize("modules", [MODULES, ["pv", "textops", "counters"]], ids=["tm-loaded", "without-tm-and-sl"])
def test_is_seen(start, phones, modules):
    node = start(modules=modules, route=ROUTE)
    phone, regmon = phones(node), Regmon(node)
    phone.registers()
    who = "imsi:" + phone.imsi
    assert eventually(lambda: regmon.state(who) == "registered")
    # told after it was sent: under load the 401 may be written down behind the 200
    assert eventually(lambda: regmon.count("challenges") == 1)
    counters = regmon.counters()
    assert counters["registers"] == 2
    assert (counters["attempts_initial"], counters["successes_initial"]) == (1, 1)
    assert sorted(regmon.steps(who, "here -> phone")) == ["200 OK", "401 Unauthorized"]


@pytest.mark.parametrize("pass_on", ["forward", "t_relay"])
def test_dropped_answer_was_not_sent(start, phones, core, pass_on):
    route = ROUTE.replace("forward", pass_on) + """
reply_route {
	if(status == "200") {
		drop;
	}
}
"""
    node = start(route=route)
    phone, regmon = phones(node), Regmon(node)
    phone.register()
    phone.expect(401)
    phone.answer_challenge()
    assert eventually(lambda: len(core.requests) >= 2)
    assert phone.receive(0.5) is None
    who = "imsi:" + phone.imsi
    assert regmon.steps(who, "here -> phone") == ["401 Unauthorized"]
    assert regmon.state(who) == "answered"
    assert regmon.count("successes_initial") == 0
