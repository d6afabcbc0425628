# SPDX-License-Identifier: GPL-2.0-or-later
from regmon import Regmon
from sip import CLOSED_IS_CLOSED, eventually


def test_is_counted(start, phones, core):
    node = start(parameters=[("silence_s", 1)], **CLOSED_IS_CLOSED)
    phone, regmon = phones(node, transport="TCP"), Regmon(node)
    phone.register_and_go(core, lambda request: core.challenge())
    who = "imsi:" + phone.imsi
    assert eventually(lambda: regmon.count("answers_not_sent") == 1, timeout=5)
    assert regmon.count("challenges") == 0
    assert "silent-after-challenge" not in regmon.causes(who)
    assert eventually(lambda: regmon.state(who) == "registering")


def test_is_not_counted_over_a_living_connection(start, phones):
    node = start(tcp=True)
    phone, regmon = phones(node, transport="TCP"), Regmon(node)
    phone.registers()
    assert eventually(lambda: regmon.state("imsi:" + phone.imsi) == "registered")
    assert regmon.count("answers_not_sent") == 0
