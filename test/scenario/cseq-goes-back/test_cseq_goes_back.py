# SPDX-License-Identifier: GPL-2.0-or-later
from sip import eventually


def keep_order(core, request):
    highest = max([r.cseq() for r in core.requests[:-1] if r.get("Call-ID") == request.get("Call-ID")], default=0)
    return (500, "Request out of order", []) if request.cseq() <= highest else core.as_usual(request)


def test_is_named(phone, core, regmon):
    core.decide = keep_order
    phone.cseq = 20
    phone.registers()
    phone.refresh(cseq=4)
    phone.expect(500)
    who = "imsi:" + phone.imsi
    assert eventually(lambda: "cseq-regression" in regmon.causes(who))
    assert {"CSEQ-02", "CSEQ-03"} & regmon.findings(who)


def test_is_not_named_for_a_new_call_id(phone, regmon):
    phone.cseq = 20
    phone.registers()
    phone.call_id, phone.cseq, phone.from_tag = "after-reboot-" + phone.imsi, 0, "reboot"
    phone.registers()
    who = "imsi:" + phone.imsi
    assert eventually(lambda: regmon.count("answers_2xx") == 2)
    assert "cseq-regression" not in regmon.causes(who)
    assert not {"CSEQ-02", "CSEQ-03"} & regmon.findings(who)


def test_is_not_named_for_a_late_retransmission(phone, regmon):
    """The first REGISTER again, after the second one: the same branch, so nothing new."""
    first = phone.register()
    phone.expect(401)
    phone.answer_challenge()
    phone.expect(200)
    phone.send(first)
    phone.expect(401)
    who = "imsi:" + phone.imsi
    assert eventually(lambda: regmon.count("retransmissions") == 1)
    assert regmon.count("registers") == 2
    assert regmon.causes(who) == []
    assert regmon.state(who) == "registered"
