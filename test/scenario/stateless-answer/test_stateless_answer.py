# SPDX-License-Identifier: GPL-2.0-or-later
import pytest

from kamailio import STATELESS
from regmon import Regmon
from sip import eventually

MODULES = ["sl", "pv", "textops", "corex", "counters"]


@pytest.mark.parametrize("place", ["first", "last"])
def test_is_seen(start, phones, place):
    node = start(modules=MODULES, regmon=place, route=STATELESS)
    phone, regmon = phones(node), Regmon(node)
    phone.register()
    phone.expect(401)
    assert regmon.state("imsi:" + phone.imsi) == "challenged"
    phone.repeat()
    phone.expect(401)
    phone.answer_challenge()
    phone.expect(200)
    assert eventually(lambda: regmon.state("imsi:" + phone.imsi) == "registered")
    counters = regmon.counters()
    assert (counters["attempts_initial"], counters["successes_initial"]) == (1, 1)
    assert counters["retransmissions"] == 1


def test_refusal_is_seen(start, phones):
    node = start(modules=MODULES, route='request_route { sl_send_reply("403", "Not here"); exit; }\n')
    phone, regmon = phones(node), Regmon(node)
    phone.register()
    phone.expect(403)
    who = "imsi:" + phone.imsi
    assert eventually(lambda: regmon.state(who) == "failed")
    assert regmon.count("failures_initial") == 1


def test_answer_to_another_method_is_not_counted(start, phones):
    node = start(modules=MODULES, route='request_route { sl_send_reply("405", "No"); exit; }\n')
    phone, regmon = phones(node), Regmon(node)
    phone.send(phone.message().replace("REGISTER", "OPTIONS"))
    phone.expect(405)
    assert regmon.list() == []
    assert regmon.count("answers_4xx") == 0
