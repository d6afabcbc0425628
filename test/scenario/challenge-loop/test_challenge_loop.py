# SPDX-License-Identifier: GPL-2.0-or-later
from sip import Core, eventually


def never_believe(core, request):
    return core.challenge()


def test_is_named(phone, core, regmon):
    core.decide = never_believe
    phone.register()
    phone.expect(401)
    for _ in range(4):
        phone.answer_challenge()
        phone.expect(401)
    who = "imsi:" + phone.imsi
    assert eventually(lambda: regmon.count("challenges") == 5)
    assert regmon.causes(who)[0] == "challenge-loop"
    assert regmon.count("attempts_initial") == 1, "rounds of 401 stay inside one attempt"
    assert regmon.count("registers") == 5


def test_is_not_named_for_one_repeated_challenge(phone, core, regmon):
    """A stale nonce costs one more round and is no loop."""
    answers = iter([Core.challenge, Core.challenge])
    core.decide = lambda core, request: next(answers)(core) if core.challenges < 2 else core.accept(request)
    phone.register()
    phone.expect(401)
    phone.answer_challenge()
    phone.expect(401)
    phone.answer_challenge()
    phone.expect(200)
    who = "imsi:" + phone.imsi
    assert eventually(lambda: regmon.state(who) == "registered")
    assert "challenge-loop" not in regmon.causes(who)
