# SPDX-License-Identifier: GPL-2.0-or-later
import os
import re

import pytest

from kamailio import TOP, DoesNotStart, RpcError, free_port
from regmon import Regmon
from sip import DOMAIN, SECURITY_SERVER, eventually

HERE = os.path.dirname(os.path.abspath(__file__))
SERVER_LINE = f"Security-Server: {SECURITY_SERVER}\\r\\n"
EXTRAS = SERVER_LINE + "X-Extra: 1\\r\\n"

# What reply() gave is in the answer of the core's leg: X-Result of the REGISTER that was relayed.
ROUTE = """
request_route {
	$var(result) = ims_regmon_reply(%s);
	$var(result) = $rc;
	if($var(result) == 1) exit;
	append_hf("X-Result: $var(result)\\r\\n");
	append_hf("X-Code: $regmon(code) $regmon(reason)\\r\\n");
	$du = CORE;
	t_relay();
	exit;
}
"""
WARNING = re.compile(r'399 127\.0\.0\.1:\d+ "ims_regmon (\S+) ([^"\\:]+): [^"\\]+"')
AUTH = f'Digest username="%s",realm="{DOMAIN}",uri="sip:{DOMAIN}",nonce="",response="",algorithm=AKAv1-MD5'
AT_SCSCF = {"role": "scscf", "vias": ["SIP/2.0/UDP 127.0.0.3:5060;branch=z9hG4bKp"]}
PATH = f"<sip:term@pcscf.{DOMAIN};lr>"

# rule, what breaks it, code and reason, headers of the answer; "role": of the node
BROKEN = {
    "RURI-01": (dict(uri=f"sip:user@{DOMAIN}"), "400 Bad Request", {}),
    "CSEQ-04": (dict(cseq=2147483648), "400 Bad Request", {}),
    "AUTH-03": (dict(change={"Authorization": AUTH % "001010000000101"}), "403 Forbidden", {}),
    "RURI-04": (dict(uri="tel:+49301234"), "416 Unsupported URI Scheme", {}),
    "SUP-02": (dict(AT_SCSCF, change={"Path": PATH, "Supported": "gruu"}), "420 Bad Extension",
               {"Unsupported": "path"}),
    "SUP-01": (dict(change={"Supported": "gruu, sec-agree"}), "421 Extension Required", {"Require": "path"}),
    "SEC-03": (dict(change={"Supported": "path", "Require": None, "Proxy-Require": None}), "421 Extension Required",
               {"Require": "sec-agree", "Security-Server": SECURITY_SERVER}),
    "EXP-02": (dict(AT_SCSCF, expires=60, change={"Path": PATH}), "423 Interval Too Brief", {"Min-Expires": "600"}),
    "TO-04": (dict(change={"To": f"<sip:001010000000101@{DOMAIN}>;tag=x"}), "481 Does Not Exist", {}),
    "SEC-04": (dict(change={"Require": None, "Proxy-Require": None}), "494 Security Agreement Required",
               {"Require": "sec-agree", "Security-Server": SECURITY_SERVER}),
}


@pytest.fixture
def node(start):
    """node(rules=["ID=severity,mode", ...], extra=..., ...)"""
    def run(rules, extra=f'"{EXTRAS}"', role="pcscf", **how):
        parameters = [("role", role), ("min_expires", 600)] + [("rule", rule) for rule in rules]
        return start(parameters=parameters, route=ROUTE % extra, **how)
    return run


def broken(rule, mode):
    how, line, headers = BROKEN[rule]
    how = dict(how)
    code, _, reason = line.partition(" ")
    return how.pop("role", "pcscf"), how, int(code), reason, headers


def rule_of(regmon, rule):
    listed = regmon.rpc("rules", rule)
    return listed["rules"][0] if "rules" in listed else listed


@pytest.mark.parametrize("rule", sorted(BROKEN))
def test_enforce_answers(node, phones, core, rule):
    role, how, code, reason, headers = broken(rule, "enforce")
    running = node([f"{rule}=warning,enforce"], role=role)
    phone, regmon = phones(running), Regmon(running)
    phone.register(**how)
    answer = phone.expect(code)
    assert answer.start == f"SIP/2.0 {code} {reason}"
    for name, value in headers.items():
        assert answer.all(name) == [value], name
    warnings = answer.all("Warning")
    assert len(warnings) == 1, warnings
    found = WARNING.fullmatch(warnings[0])
    assert found and found[1] == rule, warnings
    assert phone.imsi not in warnings[0] and phone.imei not in warnings[0]
    assert answer.get("X-Extra") == "1"
    assert answer.get("Call-ID") == phone.call_id and answer.get("CSeq") == f"{phone.cseq} REGISTER"
    assert answer.body == ""
    assert core.requests == []
    assert eventually(lambda: regmon.count("enforced_replies") == 1)
    assert regmon.count("shadow_replies") == 0
    row = rule_of(regmon, rule)
    assert (row["mode"], row["refused"]) == ("enforce", 1)


@pytest.mark.parametrize("rule", sorted(BROKEN))
def test_shadow_counts_and_lets_through(node, phones, core, rule):
    role, how, code, reason, _ = broken(rule, "shadow")
    running = node([f"{rule}=warning,shadow"], role=role)
    phone, regmon = phones(running), Regmon(running)
    phone.register(**how)
    phone.expect(401)
    assert len(core.requests) == 1
    assert core.requests[0].get("X-Result") == "-1"
    assert regmon.count("shadow_replies") == 1
    assert regmon.count("enforced_replies") == 0
    row = rule_of(regmon, rule)
    assert (row["mode"], row["broken_in_shadow"]) == ("shadow", 1)
    assert "refused" not in row
    phone.repeat()
    phone.expect(401)
    assert regmon.count("retransmissions") == 1
    assert regmon.count("shadow_replies") == 1, "a repetition is no other REGISTER"


def test_monitor_does_nothing(node, phones, core):
    running = node(["SUP-01=error"])
    phone, regmon = phones(running), Regmon(running)
    phone.register(change={"Supported": "gruu, sec-agree"})
    phone.expect(401)
    assert core.requests[0].get("X-Result") == "-1"
    assert core.requests[0].get("X-Code") == "421 Extension Required", "what a standard node would answer"
    assert (regmon.count("shadow_replies"), regmon.count("enforced_replies")) == (0, 0)
    assert rule_of(regmon, "SUP-01")["mode"] == "monitor"


def test_nothing_broken_passes(node, phones, core):
    running = node([f"{rule}=warning,enforce" for rule in BROKEN])
    phone, regmon = phones(running), Regmon(running)
    answer = phone.registers()
    assert answer.get("Warning") == "" and answer.get("X-Extra") == ""
    assert [request.get("X-Result") for request in core.requests] == ["-1", "-1"]
    assert core.requests[0].get("X-Code") == "<null> <null>"
    assert regmon.count("enforced_replies") == 0
    assert eventually(lambda: regmon.state("imsi:" + phone.imsi) == "registered")


def test_worst_enforced_decides(node, phones):
    running = node(["SUP-01=note,enforce", "TO-04=error", "RURI-01=warning,enforce", "SEC-04=error,shadow"])
    phone, regmon = phones(running), Regmon(running)
    phone.register(uri=f"sip:user@{DOMAIN}", change={
        "Supported": "gruu, sec-agree", "Require": None, "Proxy-Require": None, "To": f"<{phone.impu}>;tag=x"})
    answer = phone.expect(400)
    assert WARNING.fullmatch(answer.get("Warning"))[1] == "RURI-01"
    assert regmon.count("shadow_replies") == 0, "it is refused anyway"
    assert rule_of(regmon, "SEC-04")["broken_in_shadow"] == 1


def test_code_and_reason_agree(start, phones):
    """$regmon(code) tells before what reply() sends then, though another finding is worse."""
    running = start(parameters=[("rule", "SUP-01=note,enforce")], route="""
request_route {
	ims_regmon_reply("X-Said: $regmon(code) $regmon(reason)\\r\\nX-Verdict: $regmon(verdict)\\r\\n");
	exit;
}
""")
    phone = phones(running)
    phone.register(change={"Supported": "gruu, sec-agree", "To": f"<{phone.impu}>;tag=x"})
    answer = phone.expect(421)
    assert answer.get("X-Said") == answer.start.removeprefix("SIP/2.0 ")
    assert answer.get("X-Verdict") == "error"


@pytest.mark.parametrize("modules", ["both", "sl", "tm"])
def test_repetition_of_what_the_past_forbids(start, phones, core, modules):
    """A repetition breaks no rule about the past; it must not slip through all the same."""
    names = [name for name in ("tm", "sl") if modules in ("both", name)]
    relay = "t_relay()" if "tm" in names else "forward()"
    running = start(modules=names + ["pv", "textops", "corex", "counters"], parameters=[
        ("rule", "CSEQ-02=error,enforce")],
        route="request_route { if(ims_regmon_reply()) exit; $du = CORE; " + relay + "; exit; }\n")
    phone, regmon = phones(running), Regmon(running)
    phone.registers()
    relayed = len(core.requests)
    phone.refresh(cseq=1)
    answer = phone.expect(500)
    assert 1 <= int(answer.get("Retry-After")) <= 10
    assert WARNING.fullmatch(answer.get("Warning"))[1] == "CSEQ-02"
    if "tm" in names:
        phone.repeat()
        again = phone.expect(500)
        assert again.text == answer.text, "the very same answer"
        assert regmon.count("retransmissions") == 1
    assert len(core.requests) == relayed
    assert eventually(lambda: regmon.count("enforced_replies") == 1)


def test_repetition_without_a_transaction(node, phones, core):
    running = node(["TO-04=error,enforce"])
    phone, regmon = phones(running), Regmon(running)
    phone.register(change={"To": f"<{phone.impu}>;tag=x"})
    phone.expect(481)
    phone.repeat()
    phone.expect(481)
    assert core.requests == []
    assert regmon.count("retransmissions") == 1
    assert eventually(lambda: regmon.count("enforced_replies") == 1)


def test_in_a_transaction_of_the_script(start, phones, core):
    running = start(parameters=[("rule", "TO-04=error,enforce")],
                    route="request_route { t_newtran(); if(ims_regmon_reply()) exit; $du = CORE; t_relay(); exit; }\n")
    phone, regmon = phones(running), Regmon(running)
    phone.register(change={"To": f"<{phone.impu}>;tag=x"})
    answer = phone.expect(481)
    phone.repeat()
    assert phone.expect(481).text == answer.text
    assert core.requests == []
    who = "imsi:" + phone.imsi
    assert eventually(lambda: regmon.state(who) == "failed")
    assert any("made here" in entry["marks"] for entry in regmon.timeline(who))


@pytest.mark.parametrize("extra, rule, why", [
    ('""', "SEC-04", "Security-Server"),
    ('"X: 1\\r\\n"', "SEC-03", "Security-Server"),
    ('"Via: SIP/2.0/UDP 127.0.0.9\\r\\n"', "RURI-01", "Kamailio writes itself"),
    ('"X: 1\\r\\n\\r\\nbody"', "RURI-01", "Name: value"),
])
def test_what_cannot_be_sent_goes_on(node, phones, core, extra, rule, why):
    running = node([f"{rule}=warning,enforce"], extra=extra)
    phone, regmon = phones(running), Regmon(running)
    _, how, *_ = broken(rule, "enforce")
    for _ in range(5):
        phone.register(**how)
        phone.expect(401)
        phone.nonce = None
    assert [request.get("X-Result") for request in core.requests] == ["-2"] * 5
    assert regmon.count("enforced_replies") == 0
    lines = [line for line in running.log().splitlines() if "ims_regmon_reply" in line]
    assert 1 <= len(lines) <= 2, "once a minute and process"
    assert rule in lines[0] and why in lines[0]


def test_nothing_is_left_for_the_next_answer(start, phones):
    """Headers of the answer go with it; an answer that the script sends itself has none of them."""
    running = start(parameters=[("rule", "SEC-04=warning,enforce")], route="""
request_route {
	if(!ims_regmon_reply("X-Extra: 1\\r\\n")) sl_send_reply("480", "Without");
	exit;
}
""")
    phone = phones(running)
    phone.register(change={"Require": None, "Proxy-Require": None})
    answer = phone.expect(480)
    assert answer.all("X-Extra") == [] and answer.all("Warning") == []


HOSTILE = ['x"\\\r\n Evil: 1', "x\tEvil: 1", "%0d%0aEvil:1", "\x01\x7f\\\"", "<script>", "a" * 3000]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_out(node, phones, text):
    running = node(["RURI-01=error,enforce", "TO-04=error,enforce", "SUP-01=error,enforce", "AUTH-03=error,enforce"])
    phone = phones(running)
    phone.register(change={"Authorization": f'Digest username="{text}",realm="{text}",nonce="",uri="x",response=""',
                           "Supported": text, "User-Agent": text, "Require": text, "Subject": text})
    answer = phone.receive()
    assert answer is not None and answer.code in (403, 421)
    assert len(answer.all("Warning")) == 1 and WARNING.fullmatch(answer.get("Warning"))
    assert answer.body == ""
    assert "Evil" not in answer.text and "script" not in answer.text and "aaaa" not in answer.text


def test_own_rule_with_foreign_tags(start, phones, core, tmp_path):
    """420 lists what the phone requires and no IMS registration knows; the text of the operator is quoted safely."""
    profiles = tmp_path / "profiles.xml"
    profiles.write_text("""<profiles><profile name="mine" parent="ims">
<rule id="OP-R" mode="enforce"/>
<own_rule id="OP-R" name="foreign-option" header="Require" broken_when="matches" pattern="foo" severity="error"
  answer="420"><text>No "foo" \\ here, bitte: gr\u00fcn.</text></own_rule>
</profile></profiles>""")
    running = start(parameters=[("profile", "mine"), ("profile_file", str(profiles))], route=ROUTE % '""')
    phone = phones(running)
    phone.register(change={"Require": 'sec-agree, foo, "x y", bar'})
    answer = phone.expect(420)
    assert answer.get("Unsupported") == "foo, bar"
    found = WARNING.fullmatch(answer.get("Warning"))
    assert found and found[1] == "OP-R"
    assert answer.get("Warning").endswith("No 'foo' ' here, bitte: gr?n.\"")
    assert eventually(lambda: rule_of(Regmon(running), "OP-R")["refused"] == 1)


def test_profile_turns_it_on_and_off(start, phones, core, tmp_path):
    """monitor, shadow, enforce and back, while Kamailio runs; the counts stay."""
    profiles = tmp_path / "profiles.xml"

    def write(mode):
        profiles.write_text(f'<profiles><profile name="mine" parent="ims"><rule id="SUP-01" mode="{mode}"/>'
                            '</profile></profiles>')

    def ask():
        phone.register(change={"Supported": "gruu, sec-agree"})
        return phone.receive().code

    write("shadow")
    running = start(parameters=[("profile", "mine"), ("profile_file", str(profiles))], route=ROUTE % '""')
    phone, regmon = phones(running), Regmon(running)
    assert ask() == 401
    write("enforce")
    regmon.rpc("reload")
    assert ask() == 421
    write("monitor")
    regmon.rpc("reload")
    assert ask() == 401
    row = rule_of(regmon, "SUP-01")
    assert (row["mode"], row["broken_in_shadow"], row["refused"]) == ("monitor", 1, 1)


def test_rule_without_an_answer_is_not_enforced(start, tmp_path):
    with pytest.raises(DoesNotStart, match="PANI-04 cannot be enforced") as stopped:
        start(parameters=[("rule", "PANI-04=error,enforce")], check=False)
    assert "no answer" in str(stopped.value)
    start(parameters=[("rule", "PANI-04=error,shadow")])


def test_reload_refuses_such_a_mode(start, phones, tmp_path):
    profiles = tmp_path / "profiles.xml"
    good = '<profiles><profile name="mine" parent="ims"><rule id="SUP-01" mode="enforce"/></profile></profiles>'
    profiles.write_text(good)
    running = start(parameters=[("profile", "mine"), ("profile_file", str(profiles))], route=ROUTE % '""')
    regmon, phone = Regmon(running), phones(running)
    profiles.write_text(good.replace('<rule id="SUP-01"', '\n<rule id="PANI-04"'))
    with pytest.raises(RpcError, match=r"profiles.xml:2: rule PANI-04 cannot be enforced"):
        regmon.rpc("reload")
    profiles.write_text('<profiles><profile name="mine" parent="ims">\n\n<own_rule id="OP-1" header="X" mode="enforce" '
                        'broken_when="present" severity="note"><text>x</text></own_rule></profile></profiles>')
    with pytest.raises(RpcError, match=r"profiles.xml:3: rule OP-1 cannot be enforced"):
        regmon.rpc("reload")
    phone.register(change={"Supported": "gruu, sec-agree"})
    phone.expect(421)


def test_other_methods_are_left_alone(start, phones):
    running = start(parameters=[("rule", "TO-04=error,enforce")], route="""
request_route {
	ims_regmon_reply();
	$var(result) = $rc;
	append_to_reply("X-Result: $var(result)\\r\\n");
	sl_send_reply("200", "OK");
	exit;
}
""")
    phone = phones(running)
    phone.send(phone.message(change={"To": f"<{phone.impu}>;tag=x"}).replace("REGISTER", "OPTIONS"))
    assert phone.expect(200).get("X-Result") == "-1"


def test_without_observation(start, phones):
    """With observe=0 the rules about the message alone are enforced without a record."""
    running = start(parameters=[("observe", 0), ("rule", "TO-04=error,enforce")],
                    route="request_route { if(!ims_regmon_reply()) sl_send_reply(\"200\", \"OK\"); exit; }\n")
    phone, regmon = phones(running), Regmon(running)
    phone.register()
    phone.expect(200)
    phone.register(change={"To": f"<{phone.impu}>;tag=x"})
    phone.expect(481)
    assert eventually(lambda: regmon.count("enforced_replies") == 1)
    assert regmon.list() == []


def test_kemi(start, phones):
    script = os.path.join(HERE, "script.lua")
    running = start(modules=["tm", "sl", "pv", "textops", "corex", "counters", "app_lua"], route="",
                    parameters=[("rule", "SEC-04=warning,enforce"), ("rule", "TO-04=error,enforce")],
                    more=f'modparam("app_lua", "load", "{script}")\ncfgengine "lua"\n')
    phone = phones(running)
    phone.register()
    assert phone.expect(200).get("X-Result") == "-1"
    phone.register(change={"To": f"<{phone.impu}>;tag=x"})
    assert WARNING.fullmatch(phone.expect(481).get("Warning"))[1] == "TO-04"
    alone = {"Require": None, "Proxy-Require": None}
    phone.register(change=alone)
    assert phone.expect(200).get("X-Result") == "-2"
    phone.register(change=dict(alone, Organization="with headers"))
    answer = phone.expect(494)
    assert answer.get("Security-Server") == "ipsec-3gpp;alg=hmac-sha-1-96"
    assert answer.get("X-Lua") == "1"
    assert eventually(lambda: Regmon(running).count("enforced_replies") == 2)


@pytest.fixture
def example(start):
    port = free_port()
    with open(os.path.join(TOP, "cfg-examples", "enforce.cfg")) as file:
        text = file.read()
    old = 'modparam("jsonrpcs", "transport", 2)'
    assert old in text
    text = text.replace(old, 'modparam("jsonrpcs", "transport", 4)\nmodparam("jsonrpcs", "dgram_socket", JSON)')
    return start(text, port=port, defines={"PCSCF_PORT": port})


def test_example(example, phones, core):
    phone, regmon = phones(example), Regmon(example)
    phone.registers()
    phone.register(change={"Supported": "gruu, sec-agree"})
    phone.expect(401)
    phone.nonce = None
    assert rule_of(regmon, "SUP-01")["broken_in_shadow"] == 1
    phone.register(change={"Require": None, "Proxy-Require": None})
    assert phone.expect(494).get("Security-Server") == SECURITY_SERVER
    tagged = {"To": f"<{phone.impu}>;tag=x"}
    phone.register(change=tagged)
    phone.expect(481)
    phone.register(change=dict(tagged, Contact=f"<sip:{phone.imsi}@{phone.host}:5060;sos>"))
    phone.expect(401)
    assert eventually(lambda: regmon.count("enforced_replies") == 2)
    assert regmon.count("shadow_replies") == 1
