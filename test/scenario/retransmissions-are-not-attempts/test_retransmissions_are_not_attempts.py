# SPDX-License-Identifier: GPL-2.0-or-later
from sip import eventually


def check_counts(regmon, retransmissions):
    assert eventually(lambda: regmon.count("retransmissions") == retransmissions)
    counters = regmon.counters()
    assert counters["registers"] == 2
    assert counters["attempts_initial"] == 1
    assert counters["successes_initial"] == 1
    assert counters["challenges"] == 1
    assert counters["answers_2xx"] == 1


def test_before_the_answer(phone, core, regmon):
    decide = core.decide
    seen = []

    def at_last(core, request):
        seen.append(request)
        return decide(core, request) if len(seen) > 1 else None
    core.decide = at_last  # the first REGISTER is lost on the way; tm repeats it after 0.5 s
    phone.register()
    phone.repeat()
    phone.repeat()
    phone.expect(401)
    phone.answer_challenge()
    phone.expect(200)
    check_counts(regmon, 2)


def test_after_the_answer(phone, regmon):
    phone.register()
    phone.expect(401)
    phone.repeat()
    phone.expect(401)
    phone.answer_challenge()
    phone.expect(200)
    phone.repeat()  # under way when the answer was sent, it may be
    phone.expect(200)
    assert regmon.causes("imsi:" + phone.imsi) == []
    for _ in range(2):
        phone.repeats_what_was_answered()
        phone.expect(200)
    check_counts(regmon, 4)
    who = "imsi:" + phone.imsi
    assert regmon.state(who) == "registered"
    # it goes on repeating what was answered: it has not got the 200
    assert regmon.causes(who) == ["answer-not-delivered"]


def test_core_repeating_its_answer_is_no_second_one(phone, core, regmon):
    phone.register()
    phone.expect(401)
    phone.answer_challenge()
    phone.expect(200)
    request = core.requests[-1]
    again = core.answer(request, *core.accept(request))
    core.socket.sendto(again.encode(), phone.node)
    # tm drops it; that of Kamailio 6.1 leaves it to the core, which passes it on without a transaction
    passed_on = phone.receive(0.5)
    assert passed_on is None or passed_on.code == 200
    check_counts(regmon, 0)
    repeats = 1 if passed_on else 0
    assert eventually(lambda: regmon.timeline("imsi:" + phone.imsi)[-1]["repeats"] == repeats)
