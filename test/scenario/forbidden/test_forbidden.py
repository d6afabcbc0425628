# SPDX-License-Identifier: GPL-2.0-or-later
import json

from sip import eventually


def test_at_once(phone, core, regmon):
    core.decide = lambda core, request: (403, "Roaming not allowed", [])
    phone.register()
    phone.expect(403)
    who = "imsi:" + phone.imsi
    assert eventually(lambda: regmon.causes(who) == ["forbidden-by-core"])
    assert regmon.state(who) == "failed"
    assert "Roaming not allowed" in json.dumps(regmon.why(who))
    counters = regmon.counters()
    assert (counters["attempts_initial"], counters["failures_initial"]) == (1, 1)
    assert counters["answers_4xx"] == 1


def test_after_the_challenge(phone, core, regmon):
    core.decide = lambda core, request: (
        core.challenge() if 'response=""' in request.get("Authorization") else (403, "Wrong RES", []))
    phone.register()
    phone.expect(401)
    phone.answer_challenge()
    phone.expect(403)
    who = "imsi:" + phone.imsi
    assert eventually(lambda: "forbidden-by-core" in regmon.causes(who))
    assert regmon.count("failures_initial") == 1


def test_is_forgotten_after_a_success(phone, core, regmon):
    decide, core.decide = core.decide, lambda core, request: (403, "Not yet", [])
    phone.register()
    phone.expect(403)
    core.decide = decide
    phone.registers()
    who = "imsi:" + phone.imsi
    assert eventually(lambda: regmon.state(who) == "registered")
    assert "forbidden-by-core" not in regmon.causes(who)
