# SPDX-License-Identifier: GPL-2.0-or-later
import json
import os
import re
import shutil
import subprocess

import pytest

from examples import even, examples, fits, misfit, of_role, unlike, words
from kamailio import KAMAILIO, MODULE, TOP, configuration, modules_path
from regmon import Regmon
from scripts import TRIED
from sip import Phone, eventually
from web import Web
from world import World

CONFIGURATIONS = of_role("cfg")
SCRIPTS = of_role("route") + of_role("lua")
SCREENS = [(f"{number:02d}-{command.split()[1]}", command, lines)
           for number, (command, lines) in enumerate(
               pair for example in examples() if example.role in ("screen", "http") for pair in example.commands())]


def test_each_example_is_of_a_kind_that_is_tried():
    found = examples()
    assert len(found) > 50
    assert {example.role for example in found} == {"cfg", "route", "lua", "json", "screen", "http"}
    assert {example.name for example in SCRIPTS} == set(TRIED)
    for example in found:
        if example.role in ("screen", "http"):
            assert example.lines[0].startswith("$ "), example


# ---- what compares ----

def test_lines_are_compared():
    assert even("  evidence: 5 challenges at 14:03:07.218 (1 h 2 min ago)") == "  evidence: # challenges at # (# s ago)"
    assert even("error CSEQ-02 imsi:001010000000002") == "error CSEQ-02 imsi:001010000000002"
    assert fits("state:   failed", "state:          failed")
    assert not fits("state: failed", "state: registered")
    assert fits("title: The phone ...", "title: The phone refreshes")
    assert misfit(["a:", "...", "c: 1"], ["a:", "b:", "c: 22"]) is None
    assert misfit(["a:", "c: 1"], ["a:", "b:", "c: 1"])
    assert misfit(["a:"], ["a:", "b:"])
    assert misfit(["a:", "..."], ["a:", "b:"]) is None
    assert misfit(["...", "x:"], ["a:", "b:"])
    assert misfit(["a: b ...", "c: 1"], ["a:  b c", " " * 12 + "d", "c: 1"]) is None
    assert misfit(["a: b", "c: 1"], ["a:  b", " " * 12 + "d", "c: 1"])
    assert unlike({"a": [{"b": 1}]}, {"a": [{"b": 7, "c": ""}]}) is None
    assert unlike({"a": [{"b": 1}]}, {"a": [{"b": "7"}]})
    assert unlike({"a": 1}, {})


# ---- configurations ----

@pytest.fixture
def place(tmp_path):
    """Lines of the manual with files that are there."""
    files = {"/etc/kamailio/profiles.xml": os.path.join(TOP, "test", "profiles", "operator.xml"),
             "/etc/kamailio/aka.keys": str(tmp_path / "aka.keys"),
             "/etc/kamailio/kamailio.lua": str(tmp_path / "kamailio.lua"),
             "/var/log/kamailio/registrations.jsonl": str(tmp_path / "registrations.jsonl")}
    (tmp_path / "aka.keys").write_text(
        "001010000000001@ims.mnc001.mcc001.3gppnetwork.org k=465b5ce8b199b49faa5f0a2ee238a6bc "
        "op=cdc202d5123e20f62b6d676ac72cb318 amf=8000\n")
    (tmp_path / "aka.keys").chmod(0o600)
    (tmp_path / "kamailio.lua").write_text("function ksr_request_route()\nend\nfunction ksr_regmon_event(name)\nend\n")

    def run(text):
        for there, here in files.items():
            text = text.replace(there, here)
        assert "/etc/kamailio" not in text
        return text
    return run


@pytest.mark.parametrize("example", CONFIGURATIONS, ids=repr)
def test_configuration_is_read(example, place, tmp_path):
    """kamailio -c: names and types of parameters, whatever comes before and behind"""
    (tmp_path / "kamailio.cfg").write_text(configuration(more=place(example.text())))
    done = subprocess.run(
        [KAMAILIO, "-c", "-f", str(tmp_path / "kamailio.cfg"), "-L", f"{modules_path()}:{os.path.dirname(MODULE)}",
         "-A", "PORT=5060", "-A", 'CORE="sip:127.0.0.1:5061"', "-A", f'JSON="{tmp_path}/json"'],
        capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert not re.search("ERROR|CRITICAL", done.stderr), done.stderr


def test_all_configurations_together_start(start, place):
    """Values are looked at when the modules start. Those of two engines cannot be together."""
    native = "".join(example.text() for example in CONFIGURATIONS if "cfgengine" not in example.text())
    node = start(more=place(native), tcp=True, shm_mb=128)
    assert not re.search("ERROR|CRITICAL", node.log()), node.log()
    assert node.rpc("cfg.get", "ims_regmon", "silence_s") == 15


def test_configuration_with_lua_starts(start, place):
    lua, = [example for example in CONFIGURATIONS if "cfgengine" in example.text()]
    node = start(more=place(lua.text()), route="")
    assert not re.search("ERROR|CRITICAL", node.log()), node.log()


# ---- answers ----

@pytest.fixture(scope="module")
def world():
    world = World()
    try:
        yield world.open()
    finally:
        print(world.node.log()[-4000:])
        wrong = world.close()
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("command, shown", [screen[1:] for screen in SCREENS], ids=[screen[0] for screen in SCREENS])
def test_answer_is_as_shown(world, command, shown):
    if not shutil.which("kamcmd"):
        pytest.skip("no kamcmd")
    program, *arguments = words(command)
    if program == "curl":
        assert arguments[0].startswith("http://127.0.0.1:5060/")
        printed = Web(world.node).get(arguments[0].partition("5060")[2]).text
    else:
        assert program == "kamcmd"
        printed = world.node.kamcmd(*arguments)
    fault = misfit(shown, printed.rstrip("\n").split("\n") if printed.strip() else [])
    assert not fault, f"{fault}\n\nprinted:\n{printed}"


def test_json_answer_is_as_shown(world):
    example, = of_role("json")
    call, answer = example.lines[0], json.loads("\n".join(example.lines[1:]))
    call = json.loads(call)
    real = world.node.rpc(call["method"], *call["params"])
    assert call["id"] == answer["id"]
    fault = unlike(answer["result"], real)
    assert not fault, f"{fault}\n{json.dumps(real, indent=1)}"


# ---- scripts ----

@pytest.mark.parametrize("example", SCRIPTS, ids=repr)
def test_script_does_what_is_said(example, start, phones, core, tmp_path):
    TRIED[example.name](example, start, phones, core, tmp_path)


# ---- figures ----

def test_a_record_takes_what_is_said(start, core):
    """Phones that fill some blocks, and what Kamailio says of its shared memory"""
    with open(os.path.join(TOP, "doc", "ims_regmon_reference.xml")) as file:
        reference = file.read()
    said = int(re.search(r"One registration takes (\d+) bytes", reference).group(1))
    of_a_block = int(re.search(r"taken for (\d+) of them", reference).group(1))
    number_of_phones = 4 * of_a_block
    node = start(shm_mb=64)
    before = node.rpc("core.shmmem")
    for number in range(number_of_phones):
        phone = Phone(node.port, f"0010100001{number:05d}")
        phone.registers()
        phone.close()
    assert Regmon(node).summary()["registrations"] == {
        "all": number_of_phones, "registered": number_of_phones}

    def each():
        now = node.rpc("core.shmmem")
        return [(int(now[name]) - int(before[name])) / number_of_phones for name in ("used", "real_used")]
    # the transactions go after some seconds
    assert eventually(lambda: each()[0] < said + 40, timeout=40), each()
    used, real_used = each()
    assert said - 1 <= used < said + 40
    with open(os.path.join(TOP, "doc", "ims_regmon_admin.xml")) as file:
        of_allocator = int(re.search(r"less than (\d+) bytes for each", file.read()).group(1))
    assert used <= real_used < used + of_allocator + 5  # other modules have blocks, too
    for page in ("README.md", "doc/start.md", "cfg-examples/pcscf-minimal.cfg"):
        with open(os.path.join(TOP, page)) as file:
            assert f"{said / 1000:.1f} kB of shared memory" in file.read(), page


# ---- the guide ----

def guide():
    """lines of doc/start.md that stand for themselves: of a configuration, and commands"""
    with open(os.path.join(TOP, "doc", "start.md")) as file:
        lines = [line[4:].rstrip() for line in file if line.startswith("    ")]
    return ([line for line in lines if re.match("loadmodule|modparam|tcp_", line)],
            [line.partition("#")[0].split()[1:] for line in lines if line.startswith("kamcmd ")])


def test_five_minutes(start, phones):
    configured, commands = guide()
    assert len(configured) == 6 and len(commands) == 3
    node = start(regmon=None, more="\n".join(configured) + "\n", tcp=True, shm_mb=384)
    assert not re.search("WARNING|ERROR", node.log()), node.log()
    phone = phones(node, "001010000000001")
    phone.registers()
    for command, *arguments in commands:
        assert node.rpc(command, *arguments), command
    assert Web(node).get("/regmon/api/summary").json()["registrations"]["registered"] == 1
