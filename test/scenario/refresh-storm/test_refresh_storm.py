# SPDX-License-Identifier: GPL-2.0-or-later
from sip import eventually


def test_is_named(phone, regmon):
    phone.registers()
    for _ in range(5):
        phone.refresh()
        phone.expect(200)
    who = "imsi:" + phone.imsi
    assert eventually(lambda: "refresh-storm" in regmon.causes(who))
    assert regmon.count("attempts_reregistration") == 5
    assert regmon.state(who) == "registered"


def test_is_not_named_for_one_early_refresh(phone, regmon):
    phone.registers()
    phone.refresh()
    phone.expect(200)
    who = "imsi:" + phone.imsi
    assert eventually(lambda: regmon.count("answers_2xx") == 2)
    assert regmon.causes(who) == []
