# SPDX-License-Identifier: GPL-2.0-or-later
import os

import pytest

from regmon import Regmon

SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "script.lua")
MODULES = ["tm", "sl", "pv", "textops", "corex", "counters", "app_lua"]


@pytest.fixture
def node(start):
    def run(observe):
        return start(modules=MODULES, parameters=[("observe", observe)], route="",
                     more=f'modparam("app_lua", "load", "{SCRIPT}")\ncfgengine "lua"\n')
    return run


@pytest.mark.parametrize("observe", [0, 1])
def test_register(node, phones, observe):
    node = node(observe)
    phone = phones(node)
    phone.register()
    answer = phone.expect(200)
    assert answer.get("X-Observed") == "1 1"
    assert answer.get("X-Check") == "1"
    assert answer.get("X-Impu") == phone.impu
    assert answer.get("X-State") == "registering"
    assert Regmon(node).count("registers") == 1


def test_broken_register(node, phones):
    node = node(1)
    phone = phones(node)
    phone.register(change={"To": f"<{phone.impu}>;tag=x"})
    answer = phone.expect(400)
    assert answer.get("X-Check") == "-1"
    assert answer.get("X-Finding") == "TO-04"


def test_other_method(node, phones):
    node = node(0)
    phone = phones(node)
    phone.send(phone.message().replace("REGISTER", "OPTIONS"))
    answer = phone.expect(400)
    assert answer.get("X-Observed") == "-1 -1"
    assert answer.get("X-Check") == "-1"
    assert answer.get("X-Impu") == ""
    assert Regmon(node).list() == []
