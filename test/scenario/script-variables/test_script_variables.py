# SPDX-License-Identifier: GPL-2.0-or-later
import pytest

from regmon import Regmon
from sip import DOMAIN, eventually

NAMES = ["verdict", "kind", "leg", "finding", "findings", "text", "code", "reason", "impu", "impi", "instance", "imei",
         "device", "access", "plmn", "tac", "cell", "expires", "state", "cause", "attempts", "failures",
         "registered_for", "spi_c", "spi_s", "port_c", "port_s"]
IN_REQUEST = "".join(f'\tappend_to_reply("X-{name}: $regmon({name})\\r\\n");\n' for name in NAMES)
IN_ANSWER = "".join(f'\tappend_hf("X-{name}: $regmon({name})\\r\\n");\n' for name in NAMES)
NULL = "<null>"

ANSWERS = "request_route {\n" + IN_REQUEST + """
	$var(wanted) = $(hdr(X-Wanted){s.int});
	sl_send_reply("$var(wanted)", "As you like");
	exit;
}
"""
RELAYS = """
request_route {
	t_on_reply("SHOW");
	$du = CORE;
	t_relay();
	exit;
}
onreply_route[SHOW] {
""" + IN_ANSWER + "}\n"


def values(answer):
    return {name: answer.get(f"X-{name}") for name in NAMES}


@pytest.fixture
def ask(start, phones):
    """Sends a REGISTER and gives what the variables hold while the script works on it."""
    node = start(route=ANSWERS)
    phone = phones(node)

    def run(wanted="401", protected=False, **how):
        how.setdefault("change", {})["X-Wanted"] = wanted
        phone.send(phone.message(protected=protected, response="0" * 32 if protected else "", **how))
        return values(phone.expect(int(wanted)))
    run.phone, run.node = phone, node
    return run


def test_in_the_first_register(ask):
    seen, phone = ask(), ask.phone
    assert seen["kind"] == "initial"
    assert seen["leg"] == "U0"
    assert (seen["impu"], seen["impi"]) == (phone.impu, phone.impi)
    assert seen["imei"].replace("-", "").startswith(phone.imei.replace("-", "")[:14])
    assert "urn:gsma:imei:" in seen["instance"]
    assert seen["device"] == phone.device
    assert seen["expires"] == "600000"
    assert seen["state"] == "registering"
    assert seen["verdict"] == "ok"
    for name in ("finding", "findings", "text", "code", "reason", "cause", "registered_for", "access", "cell"):
        assert seen[name] == NULL, name
    assert (seen["attempts"], seen["failures"]) == ("1", "0"), "the one at hand is counted"
    assert (seen["spi_c"], seen["spi_s"], seen["port_c"], seen["port_s"]) == ("11111", "22222", "49153", "49200")


def test_access(ask):
    ask()
    seen = ask(protected=True, wanted="200")
    assert seen["leg"] == "U1"
    assert "NR" in seen["access"]
    assert (seen["plmn"], seen["tac"], seen["cell"]) == ("00101", "000064", "000000A1F")


def test_findings(ask):
    bad = ask(change={"To": f"<{ask.phone.impu}>;tag=x", "P-Access-Network-Info": "3GPP-NR-TDD;utran-cell-id-3gpp=1"})
    assert bad["finding"] == "TO-04", "the worst one"
    assert {"TO-04", "PANI-04"} <= set(bad["findings"].replace(",", " ").split())
    assert len(bad["text"]) > 10
    assert bad["verdict"] == "error"
    assert int(bad["code"]) in range(400, 500) and bad["reason"] != NULL, "what a standard node would answer"


def test_counts_after_failures(ask):
    for _ in range(3):
        ask(wanted="403")
        ask.phone.call_id += "x"
    seen = ask(wanted="403")
    assert (seen["attempts"], seen["failures"]) == ("4", "3")


def test_in_an_answer(start, phones):
    node = start(route=RELAYS)
    phone = phones(node)
    phone.register()
    seen = values(phone.expect(401))
    assert seen["impu"] == phone.impu
    assert (seen["spi_c"], seen["spi_s"], seen["port_c"], seen["port_s"]) == ("4096", "4097", "5062", "5063")
    assert seen["impi"] == NULL, "no answer carries it"
    phone.answer_challenge()
    seen = values(phone.expect(200))
    assert seen["expires"] == "3600"
    assert "urn:gsma:imei:" in seen["instance"]
    assert eventually(lambda: Regmon(node).state("imsi:" + phone.imsi) == "registered")
    phone.refresh()
    assert values(phone.expect(200))["registered_for"] in ("0", "1")


def test_in_event_routes(start, phones):
    """Messages there were made by Kamailio and came from no address: nothing may complain of that."""
    look = '\txlog("L_ALERT", "event route: $regmon(leg) $regmon(verdict)\\n");\n'
    node = start(route="""
request_route {
	$var(ok) = t_newtran();
	t_reply("403", "Forbidden");
	exit;
}
""" + "event_route[tm:local-response] {\n" + look + "}\n", check=False)
    phone = phones(node)
    phone.register()
    phone.expect(403)
    assert eventually(lambda: "event route: AU ok" in node.log()), node.log()
    assert "CRITICAL" not in node.log()


def test_of_another_method_are_null(start, phones):
    phone = phones(start(route=ANSWERS))
    phone.send(phone.message(change={"X-Wanted": "405"}).replace("REGISTER", "OPTIONS"))
    assert set(values(phone.expect(405)).values()) == {NULL}


def test_unknown_name_stops_the_start(start):
    from kamailio import DoesNotStart
    with pytest.raises(DoesNotStart, match="regmon"):
        start(route='request_route {\n\txlog("$regmon(colour)\\n");\n}\n', check=False)


def test_of_an_unknown_domain(ask):
    """Nothing is taken from the last message of this process."""
    ask()
    seen = ask(change={"To": "<sip:someone@example.org>", "Authorization": None, "User-Agent": None})
    assert seen["impu"] == "sip:someone@example.org"
    assert DOMAIN not in seen["impi"]
    assert seen["device"] in (NULL, "")
