# SPDX-License-Identifier: GPL-2.0-or-later
import os
import re
import threading
import time

import pytest

from kamailio import DoesNotStart, RpcError
from regmon import Regmon
from sip import eventually

GOOD = """<profiles>
 <profile name="strict" parent="ims">
  <rule id="EXP-01" severity="{severity}"/>
  <own_rule id="OP-X-01" header="X-Site" broken_when="present" severity="error">
   <text>X-Site comes from no phone.</text>
  </own_rule>
 </profile>
</profiles>
"""
ENTITIES = """<!DOCTYPE p [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<profiles><profile name="strict"><description>&b;</description></profile></profiles>
"""
# (what the file is, what the answer says of it)
WRONG = {
    "no XML": ("<profiles>\n <profile name=", r":2: no well-formed XML"),
    "unknown rule": (GOOD.format(severity="note").replace("EXP-01", "EXP-91"), r":3: no rule 'EXP-91'"),
    "wrong type": ('<profiles>\n<profile name="strict">\n<threshold name="challenge_loop" value="four"/>\n'
                   "</profile></profiles>", r":3: .*four"),
    "unknown element": ("<profiles>\n<profil/>\n</profiles>", r":2: .*profil"),
    "entity bomb": (ENTITIES, r":1: a DOCTYPE is not allowed"),
    "100 MB": (" " * 100_000_000, r"104857600 bytes|100000000 bytes"),
    "empty": ("", r"empty|no well-formed XML"),
    "cycle": ('<profiles>\n<profile name="strict" parent="b"/>\n<profile name="b" parent="strict"/>\n</profiles>',
              r"strict|inherit"),
}


@pytest.fixture
def profile_file(tmp_path):
    file = tmp_path / "p.xml"
    file.write_text(GOOD.format(severity="error"))
    return file


@pytest.fixture
def node(start, profile_file):
    return start(parameters=[("profile_file", str(profile_file)), ("profile", "strict")])


def test_profile_in_force(node, phones, core):
    regmon = Regmon(node)
    phone = phones(node)
    phone.register(change={"X-Site": "bench", "Expires": "3600"})
    phone.expect(401)
    assert {"OP-X-01", "EXP-01"} <= regmon.findings("imsi:" + phone.imsi)
    assert regmon.rpc("rules", "OP-X-01")["rules"][0]["severity"] == "error"
    names = re.findall(r"\w[\w-]*", str(regmon.rpc("profiles")))
    assert {"strict", "ims", "rfc3261", "volte", "vonr", "vowifi", "lab-strict"} <= set(names)


@pytest.mark.parametrize("what", WRONG)
def test_wrong_file_changes_nothing(node, profile_file, what):
    regmon = Regmon(node)
    text, said = WRONG[what]
    profile_file.write_text(text)
    began = time.monotonic()
    with pytest.raises(RpcError) as error:
        regmon.rpc("reload")
    assert time.monotonic() - began < 2
    assert re.search(said, error.value.message), error.value.message
    assert regmon.rpc("rules", "EXP-01")["rules"][0]["severity"] in ("error", "warning")
    assert regmon.rpc("rules", "OP-X-01")["rules"][0]["severity"] == "error"
    lines = [line for line in node.log().splitlines() if "p.xml" in line]
    assert len(lines) == 1, lines


def test_wrong_file_at_start(start, tmp_path):
    file = tmp_path / "p.xml"
    file.write_text(WRONG["unknown rule"][0])
    with pytest.raises(DoesNotStart, match=r"p\.xml:3: no rule 'EXP-91'"):
        start(parameters=[("profile_file", str(file))], check=False)


def test_reload_under_load_loses_nothing(node, profile_file, phones):
    """500 REGISTER/s while the file changes between good and bad ones."""
    regmon = Regmon(node)
    stop = threading.Event()
    reloads = {"good": 0, "bad": 0}

    def reload_again_and_again():
        for n in range(1000):
            if stop.is_set():
                return
            bad = n % 3 == 2
            profile_file.write_text("<x" if bad else GOOD.format(severity=("note", "error")[n % 2]))
            try:
                Regmon(node).rpc("reload")
                reloads["good"] += 1
            except RpcError:
                reloads["bad"] += 1
            time.sleep(0.05)

    phone = phones(node)
    thread = threading.Thread(target=reload_again_and_again)
    thread.start()
    sent, answered, began = 1500, 0, time.monotonic()
    try:
        for n in range(sent):
            phone.register()
            answered += phone.receive(2) is not None
            time.sleep(max(0, began + (n + 1) / 500 - time.monotonic()))
    finally:
        stop.set()
        thread.join()
    assert answered == sent
    assert reloads["good"] > 5 and reloads["bad"] > 2, reloads
    assert eventually(lambda: regmon.count("registers") == sent)
    assert regmon.faults() == []


def test_check_of_a_named_profile(start, profile_file, phones):
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "script.lua")
    node = start(modules=["tm", "sl", "pv", "textops", "corex", "counters", "app_lua"], route="",
                 parameters=[("profile_file", str(profile_file)), ("profile", "ims")],
                 more=f'modparam("app_lua", "load", "{script}")\ncfgengine "lua"\n')
    phone = phones(node)
    phone.register(change={"X-Site": "bench"})
    answer = phone.expect(403)
    assert (answer.get("X-Ims"), answer.get("X-Strict"), answer.get("X-Unknown")) == ("1", "-1", "-2")
