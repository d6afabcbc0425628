# SPDX-License-Identifier: GPL-2.0-or-later
from regmon import Regmon
from sip import eventually

# what a P-CSCF takes away and adds before it forwards
AS_A_PCSCF = """
request_route {
	remove_hf("Security-Client");
	remove_hf("Security-Verify");
	remove_hf("Require");
	remove_hf("Proxy-Require");
	append_hf("Require: path\\r\\n");
	append_hf("Path: <sip:term@pcscf1.ims.mnc001.mcc001.3gppnetwork.org;lr>\\r\\n", "Via");
	append_hf("P-Visited-Network-ID: \\"visited.example\\"\\r\\n");
	append_hf("P-Charging-Vector: icid-value=4c8a1f$rs\\r\\n");
	$du = CORE;
	t_relay();
	exit;
}
"""
DROPS_THE_ANSWER = """
request_route {
	$du = CORE;
	t_relay();
	exit;
}
reply_route {
	if(status == "200") drop;
}
"""
CHANGES_THE_ANSWER = """
request_route {
	$du = CORE;
	t_on_failure("OTHER");
	t_relay();
	exit;
}
failure_route[OTHER] {
	if(t_check_status("403")) t_reply("500", "Something else");
}
"""


def towards_the_core(regmon, who):
    """ids of the worst finding of each REGISTER that was sent on"""
    return {entry.get("finding") for entry in regmon.timeline(who) if entry["direction"] == "here -> core"}


def test_headers_left_towards_the_core_are_found(start, phones):
    node = start(parameters=[("role", "pcscf")])  # relays everything as it came
    phone, regmon = phones(node), Regmon(node)
    phone.registers()
    who = "imsi:" + phone.imsi
    # told when it has been sent, which may be behind the answer to the phone
    assert eventually(lambda: "SEC-22" in regmon.findings(who))
    assert towards_the_core(regmon, who) - {None}
    assert regmon.count("findings_error") + regmon.count("findings_warning") > 0


def test_a_pcscf_that_does_its_work_has_none(start, phones):
    node = start(parameters=[("role", "pcscf")], route=AS_A_PCSCF)
    phone, regmon = phones(node), Regmon(node)
    phone.registers()
    who = "imsi:" + phone.imsi
    assert towards_the_core(regmon, who) == {None}, regmon.findings(who)


def test_no_judgement_where_the_role_is_not_known(pcscf, phones, regmon):
    phone = phones(pcscf)
    phone.registers()
    assert towards_the_core(regmon, "imsi:" + phone.imsi) == {None}


def test_an_answer_that_this_node_keeps(start, phones):
    node = start(parameters=[("no_answer_s", 1)], route=DROPS_THE_ANSWER,
                 more='modparam("tm", "fr_timer", 1500)\nmodparam("tm", "wt_timer", 500)\n')
    phone, regmon = phones(node), Regmon(node)
    phone.register()
    phone.expect(401)
    phone.answer_challenge()
    who = "imsi:" + phone.imsi
    assert eventually(lambda: regmon.causes(who)[:1] == ["answer-not-delivered"], timeout=8), regmon.why(who)
    first = regmon.why(who)["causes"][0]
    assert "onreply_route" in first["first_suspect"]
    assert any("the core answered 200" in line for line in first["evidence"])


def test_a_code_that_this_node_changes(start, phones, core):
    core.decide = lambda core, request: (403, "Forbidden", [])
    node = start(route=CHANGES_THE_ANSWER)
    phone, regmon = phones(node), Regmon(node)
    phone.register()
    phone.expect(500)
    who = "imsi:" + phone.imsi
    assert regmon.show(who)["attempt"]["changed_on_the_way"] == "code 403 to 500"
    assert regmon.causes(who)[0] == "forbidden-by-core"


def test_the_phone_that_repeats_what_was_answered(pcscf, phones, regmon):
    phone = phones(pcscf)
    phone.registers()
    who = "imsi:" + phone.imsi
    assert regmon.causes(who) == []
    phone.repeats_what_was_answered()
    phone.expect(200)
    assert eventually(lambda: regmon.why(who)["causes"])[0]["certainty"] == "possible"
    phone.repeats_what_was_answered()
    phone.expect(200)
    assert eventually(lambda: regmon.why(who)["causes"][0]["certainty"] == "likely")
    assert regmon.list("cause=answer-not-delivered")
