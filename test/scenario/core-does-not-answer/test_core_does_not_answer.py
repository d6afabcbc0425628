# SPDX-License-Identifier: GPL-2.0-or-later
from kamailio import MODULES
from regmon import Regmon
from sip import eventually

# an I-CSCF sends on from another process than the one that received it: when its HSS has answered
SENT_ON_LATER = """
request_route {
	async_task_route("LATER");
	exit;
}
route[LATER] {
	$du = CORE;
	t_relay();
}
"""


def test_is_named_while_the_phone_waits(phone, core, regmon):
    core.decide = lambda core, request: None
    phone.register()
    who = "imsi:" + phone.imsi
    assert eventually(lambda: "no-answer-from-core" in regmon.causes(who), timeout=5)
    assert eventually(lambda: len(core.requests) >= 2), "tm repeats towards the core"
    assert regmon.count("registers") == 1


def test_is_a_failure_when_tm_gives_up(start, phones, core):
    """tm answers 408 after fr_timer; to the phone that is an answer of this node."""
    core.decide = lambda core, request: None
    node = start(parameters=[("no_answer_s", 1)], more='modparam("tm", "fr_timer", 1500)\n')
    phone, regmon = phones(node), Regmon(node)
    phone.register()
    phone.expect(408)
    who = "imsi:" + phone.imsi
    assert eventually(lambda: regmon.state(who) == "failed")
    assert "no-answer-from-core" in regmon.causes(who)
    assert "forbidden-by-core" not in regmon.causes(who)
    assert regmon.count("failures_initial") == 1


def test_is_not_named_for_a_slow_core(phone, core, regmon):
    decide = core.decide

    def slowly(core, request):
        return decide(core, request) if len(core.requests) > 1 else None
    core.decide = slowly
    phone.register()
    phone.expect(401)
    who = "imsi:" + phone.imsi
    assert eventually(lambda: regmon.state(who) == "challenged")
    assert "no-answer-from-core" not in regmon.causes(who)


def test_is_named_when_another_process_sent_it_on(start, phones, core):
    core.decide = lambda core, request: None
    node = start(modules=[*MODULES, "async"], head="async_workers=2\n", route=SENT_ON_LATER,
                 parameters=[("no_answer_s", 1)], more='modparam("tm", "fr_timer", 1500)\n')
    phone, regmon = phones(node), Regmon(node)
    phone.register()
    phone.expect(408)
    who = "imsi:" + phone.imsi
    assert eventually(lambda: regmon.state(who) == "failed")
    assert regmon.causes(who)[0] == "no-answer-from-core"
    assert [entry["direction"] for entry in regmon.timeline(who)][:2] == ["phone -> here", "here -> core"]


def test_what_another_process_sent_on_is_answered(start, phones):
    node = start(modules=[*MODULES, "async"], head="async_workers=2\n", route=SENT_ON_LATER)
    phone, regmon = phones(node), Regmon(node)
    phone.registers()
    who = "imsi:" + phone.imsi
    assert eventually(lambda: regmon.state(who) == "registered")
    assert regmon.causes(who) == []
