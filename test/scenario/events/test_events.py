# SPDX-License-Identifier: GPL-2.0-or-later
import json
import os
import re
import time

import pytest

from burst import Burst
from kamailio import MODULES
from regmon import Regmon
from sip import eventually

LUA = ["tm", "sl", "pv", "xlog", "counters", "app_lua"]
HERE = os.path.dirname(os.path.abspath(__file__))


def route(name, fields, more=""):
    """A route that writes TOLD and these variables into the log."""
    text = " ".join(f"$regmon({field})" for field in fields.split())
    return f'event_route[{name}] {{ xlog("L_NOTICE", "TOLD {text}\\n"); {more} }}\n'


def told(node, event=None):
    """What the routes wrote: lists of words, each with the process id in front."""
    lines = re.findall(r"\((\d+)\) NOTICE: .*?TOLD (.*)", node.log())
    return [[pid, *line.split()] for pid, line in lines if event is None or line.split()[0] == event]


def process_of(node, name):
    lines = [line.split(None, 1) for line in node.kamcmd("ps").splitlines() if line.strip()]
    return [pid for pid, rest in lines if rest.strip() == name]


@pytest.mark.parametrize("prefix", ["ims_regmon", "regmon"])
def test_native_routes(start, phones, core, prefix):
    node = start(parameters=[("cause_log_level", "off")], more="".join([
        route(f"{prefix}:state", "event impu state_before state call_id attempts"),
        route(f"{prefix}:finding", "event finding verdict impu"),
        route(f"{prefix}:cause", "event cause certainty impu code"),
        route(f"{prefix}:record", "event kind result code imei access plmn tac cell registered_for")]))
    phone = phones(node)
    phone.registers()
    states = eventually(lambda: len(told(node, "state")) >= 4 and told(node, "state"))
    steps = ["unknown", "registering", "challenged", "answered", "registered"]
    assert [line[1:] for line in states] == [
        ["state", phone.impu, before, after, phone.call_id, "1"] for before, after in zip(steps, steps[1:])]
    assert eventually(lambda: told(node, "record"))[0][2:] == [
        "initial", "success", "200", phone.imei, "NR", "00101", "000064", "000000A1F", "0"]

    core.decide = lambda core, request: (403, "Forbidden", [])
    other = phones(node, "001010000000202")
    other.register(change={"To": f"<{other.impu}>;tag=x"})
    other.expect(403)
    assert eventually(lambda: told(node, "cause"))[0][2:] == ["forbidden-by-core", "certain", other.impu, "403"]
    assert ["TO-04", "error", other.impu] in [line[2:] for line in told(node, "finding")]
    assert {line[2] for line in told(node, "record")} == {"initial"}

    # all of it in our own process, none in a worker or in the timer
    assert len(process_of(node, "regmon events")) == 1
    assert {line[0] for line in told(node)} == set(process_of(node, "regmon events"))
    regmon = Regmon(node)
    assert regmon.count("events_queued") == len(told(node))
    assert regmon.count("events_dropped") == regmon.count("events_waiting") == 0


def test_json_and_what_an_event_has_not(start, phones):
    node = start(parameters=[("cause_log_level", "off"), ("node_name", "lab-7")], head="server_id=12\n",
                 more='event_route[regmon:state] { xlog("L_NOTICE", "TOLD $regmon(leg) $regmon(spi_c) '
                      '$rm $regmon(json)\\n");\n if(ims_regmon_check()) { xlog("L_NOTICE", "CHECKED\\n"); } '
                      '$ru = "sip:gone@with.the.event"; append_hf("X-Gone: too\\r\\n"); $avp(a) = "gone"; }\n')
    phone = phones(node)
    phone.register()
    line = eventually(lambda: told(node))[0]
    assert line[1:4] == ["<null>", "11111", "OPTIONS"]
    event = json.loads(" ".join(line[4:]))
    assert event["event"] == "state" and event["phone"]["impu"] == phone.impu
    assert event["node"]["name"] == "lab-7" and event["node"]["server_id"] == 12
    assert "CHECKED" not in node.log()


def test_message_variables_stay(start, phones):
    """In the request route the names of events have no value, those of messages do."""
    node = start(more=route("regmon:record", "event"), route="""
request_route {
	append_to_reply("X-Values: [$regmon(event)] [$regmon(json)] [$regmon(result)] $regmon(call_id)\\r\\n");
	sl_send_reply("200", "OK");
}
""")
    phone = phones(node)
    phone.register()
    assert phone.expect(200).get("X-Values") == f"[<null>] [<null>] [<null>] {phone.call_id}"


def test_only_what_has_a_route_is_queued(start, phones):
    node = start(parameters=[("cause_log_level", "off")], more=route("regmon:record", "event result"))
    phone = phones(node)
    phone.registers()
    assert eventually(lambda: told(node))
    assert Regmon(node).count("events_queued") == 1


def test_nothing_wanted_nothing_done(start, phones):
    node = start(parameters=[("cause_log_level", "off")])
    phones(node).registers()
    assert process_of(node, "regmon events") == []
    assert process_of(node, "regmon timer") != []
    assert Regmon(node).count("events_queued") == 0


def test_lines_about_causes_need_no_route(start, phones, core):
    node = start(parameters=[("cause_log_level", "warning"), ("cause_log_per_minute", 2)])
    core.decide = lambda core, request: (403, "Forbidden", [])
    made = [phones(node, f"00101000000030{i}") for i in range(5)]
    for phone in made:
        phone.register()
        phone.expect(403)
    regmon = Regmon(node)
    assert eventually(lambda: regmon.count("events_queued") == 5 and regmon.count("events_waiting") == 0)
    lines = re.findall(r"WARNING: ims_regmon \S+ \S+ (sip:.*)", node.log())
    assert len(lines) == 2
    assert regmon.count("cause_lines") == 2 and regmon.count("cause_lines_suppressed") == 3
    assert lines[0].startswith(f"{made[0].impu}: forbidden-by-core (certain), Call-ID {made[0].call_id}: HSS: ")


@pytest.mark.parametrize("level, shown", [("info", False), ("notice", True)])
def test_level_of_the_lines(start, phones, core, level, shown):
    node = start(parameters=[("cause_log_level", level)])  # debug=1 shows notices
    core.decide = lambda core, request: (403, "Forbidden", [])
    phone = phones(node)
    phone.register()
    phone.expect(403)
    regmon = Regmon(node)
    assert eventually(lambda: regmon.count("events_queued") == 1 and regmon.count("events_waiting") == 0)
    assert (f"{phone.impu}: forbidden-by-core" in node.log()) == shown
    assert regmon.count("cause_lines") == shown


def test_a_slow_script_delays_nobody(start, phones):
    """A route that sleeps holds up its own process; the queue of 16 is full at once."""
    route_s, n = 0.05, 200
    node = start(modules=MODULES + ["cfgutils"], parameters=[("cause_log_level", "off"), ("event_queue", 16)],
                 more=route("regmon:record", "event", f'usleep("{int(route_s * 1e6)}");'),
                 route='request_route { sl_send_reply("403", "Forbidden"); }\n')
    burst, regmon = Burst(node.port), Regmon(node)
    began = time.monotonic()
    burst.register(1, n)
    took = time.monotonic() - began
    burst.close()
    assert took < n * route_s / 2, f"{n} answers took {took:.1f} s"
    dropped, queued = regmon.count("events_dropped"), regmon.count("events_queued")
    assert queued + dropped == n and dropped > 0
    assert eventually(lambda: regmon.count("events_waiting") == 0, timeout=20)
    assert len(told(node)) == queued
    warnings = [line for line in regmon.summary()["warnings"] if "event_queue" in line]
    assert len(warnings) == 1 and f": {dropped}, " in warnings[0] and "queue of 16" in warnings[0]
    assert re.search(r"WARNING: ims_regmon .*events and records were dropped: the queue of 16", node.log())
    # once it is empty, all is as before
    Burst(node.port).register(n + 1, 1).close()
    assert eventually(lambda: len(told(node)) == queued + 1)


def test_an_event_leaves_nothing_behind(start):
    """What a script puts into the made-up message or beside it goes with the event."""
    node = start(parameters=[("cause_log_level", "off")],
                 more='event_route[regmon:record] { if($avp(a) != $null || $xavp(b=>c) != $null) xlog("L_NOTICE", '
                      '"KEPT\\n"); $ru = "sip:gone@with.the.event"; append_hf("X-Gone: too\\r\\n"); '
                      '$avp(a) = $regmon(json); $xavp(b=>c) = $regmon(impu); $du = "sip:127.0.0.1:9"; '
                      'append_to_reply("X-Y: z\\r\\n"); }\n',
                 route='request_route { sl_send_reply("403", "Forbidden"); }\n')
    burst, regmon = Burst(node.port), Regmon(node)
    pid = int(process_of(node, "regmon events")[0])

    def used_after(first, n):
        burst.register(first, n)
        assert eventually(lambda: regmon.count("events_waiting") == 0, timeout=20)
        assert regmon.count("events_queued") == first + n - 1
        time.sleep(0.2)
        return [process["used"] for process in node.rpc("pkg.stats") if process["pid"] == pid][0]
    before, after = used_after(1, 50), used_after(51, 1500)
    burst.close()
    assert before > 10000 and after - before < 1000, f"{after - before} bytes of private memory more after 1,500 events"
    assert "KEPT" not in node.log()


def test_misspelt_route_is_named(start):
    node = start(more=route("ims_regmon:recrod", "event") + route("regmon:state", "event"))
    lines = [line for line in node.log().splitlines() if "is never run" in line]
    assert len(lines) == 1 and "regmon:recrod" in lines[0] and "cause and record" in lines[0]


@pytest.fixture
def lua(core, tmp_path):
    """Lines that bring the script in, with the core's address."""
    with open(os.path.join(HERE, "script.lua")) as file:
        text = file.read()
    (tmp_path / "script.lua").write_text(text.replace("CORE", f"sip:127.0.0.1:{core.port}"))
    return f'modparam("app_lua", "load", "{tmp_path}/script.lua")\ncfgengine "lua"\n'


@pytest.mark.parametrize("events, expected", [
    (None, {"ims_regmon:state", "ims_regmon:cause", "ims_regmon:record", "ims_regmon:finding"}),
    ("record", {"ims_regmon:record"}), ("cause, Record", {"ims_regmon:cause", "ims_regmon:record"})])
def test_kemi(start, phones, core, lua, events, expected):
    parameters = [("cause_log_level", "off"), ("event_callback", "ksr_regmon_event")]
    parameters += [("events", events)] if events else []
    node = start(modules=LUA, parameters=parameters, route="",
                 more=lua + route("regmon:record", "event"))
    core.decide = lambda core, request: (403, "Forbidden", [])
    phone = phones(node)
    phone.register(change={"To": f"<{phone.impu}>;tag=x"})
    phone.expect(403)
    assert eventually(lambda: {line[1] for line in told(node)} == expected), node.log()
    assert {line[0] for line in told(node)} == set(process_of(node, "regmon events"))
    record = eventually(lambda: told(node, "ims_regmon:record"))[0]
    assert record[2:5] == [phone.impu, "failed", "refused"]
    assert json.loads(" ".join(record[5:]))["schema"] == "ims_regmon.record"


def test_kemi_function_that_is_not_there(start, phones, lua):
    """The engine complains, everything else goes on."""
    node = start(modules=LUA, parameters=[("event_callback", "no_such_function")], more=lua, route="")
    phone, regmon = phones(node), Regmon(node)
    phone.registers()
    assert eventually(lambda: regmon.count("events_queued") >= 5 and regmon.count("events_waiting") == 0)
    phone.deregister()
    phone.expect(200)
