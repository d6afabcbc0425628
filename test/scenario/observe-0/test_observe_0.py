# SPDX-License-Identifier: GPL-2.0-or-later
from regmon import Regmon
from sip import eventually

ROUTE = """
request_route {
	if($fU =~ "^00101000000000[0-4]") {
		ims_regmon_observe();
		ims_regmon_observe();
	}
	$du = CORE;
	t_relay();
	exit;
}
"""


def test_only_where_the_script_calls(start, phones):
    node = start(parameters=[("observe", 0)], route=ROUTE)
    regmon = Regmon(node)
    seen, unseen = phones(node, "001010000000001"), phones(node, "001010000000009")
    for phone in (unseen, seen):
        phone.registers()
    assert eventually(lambda: regmon.knows("imsi:" + seen.imsi) and regmon.state("imsi:" + seen.imsi) == "registered")
    assert not regmon.knows("imsi:" + unseen.imsi)
    counters = regmon.counters()
    assert counters["registers"] == 2, "a second call for one message counts nothing"
    assert counters["attempts_initial"] == 1
    assert counters["challenges"] == 1


def test_check_works_without_observing(start, phones):
    route = """
request_route {
	if(ims_regmon_check()) {
		sl_send_reply("200", "Fine");
	} else {
		sl_send_reply("400", "$regmon(finding)");
	}
	exit;
}
"""
    node = start(parameters=[("observe", 0)], route=route)
    phone = phones(node)
    phone.register()
    phone.expect(200)
    phone.register(change={"To": f"<{phone.impu}>;tag=x"})
    assert phone.expect(400).start.endswith("TO-04")
    assert Regmon(node).list() == []
