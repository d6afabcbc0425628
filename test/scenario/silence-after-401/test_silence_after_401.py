# SPDX-License-Identifier: GPL-2.0-or-later
from sip import eventually
from regmon import Regmon


def test_is_named(phone, regmon):
    phone.register()
    phone.expect(401)
    who = "imsi:" + phone.imsi
    assert eventually(lambda: regmon.causes(who) == ["silent-after-challenge"], timeout=5)
    assert regmon.state(who) == "challenged"


def test_is_not_named_too_early(start, phones):
    node = start(parameters=[("silence_s", 30)])
    phone, regmon = phones(node), Regmon(node)
    phone.register()
    phone.expect(401)
    who = "imsi:" + phone.imsi
    assert eventually(lambda: regmon.state(who) == "challenged")
    assert regmon.causes(who) == []


def test_is_not_named_when_the_phone_goes_on(phone, regmon):
    phone.registers()
    who = "imsi:" + phone.imsi
    assert not eventually(lambda: "silent-after-challenge" in regmon.causes(who), timeout=2.5)


def test_threshold_changes_at_run_time(start, phones):
    node = start(parameters=[("silence_s", 200)])
    phone, regmon = phones(node), Regmon(node)
    phone.register()
    phone.expect(401)
    who = "imsi:" + phone.imsi
    assert not eventually(lambda: regmon.causes(who), timeout=1.5)
    node.rpc("cfg.set_now_int", "ims_regmon", "silence_s", 1)
    assert eventually(lambda: regmon.causes(who) == ["silent-after-challenge"], timeout=5)
