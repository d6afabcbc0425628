# SPDX-License-Identifier: GPL-2.0-or-later
import os
import re
import signal
import subprocess
import time

import pytest

from faults import WITH_FAULTS, offset_of, own_lines, process, processes
from kamailio import RELAY
from regmon import Regmon
from sip import eventually


def ends_by_itself(node, most_s=20):
    """the whole of Kamailio, main process and children; how long it took"""
    children = node.children()
    started = time.monotonic()
    try:
        node.process.wait(most_s)
    except subprocess.TimeoutExpired:
        pytest.fail(f"still there after {most_s} s:\n" + node.log()[-3000:])
    left = [pid for pid in children if os.path.exists(f"/proc/{pid}")]
    assert not left, left
    return time.monotonic() - started


def test_each_process_that_dies(start, tmp_path):
    """ours are no exception: Kamailio notices and ends, so that its supervisor starts it again"""
    for name in ("regmon timer", "regmon events", "udp receiver"):
        node = start(modules=WITH_FAULTS, check=False, parameters=[("record_file", str(tmp_path / "records"))])
        eventually(node.all_asleep)
        os.kill(process(node, name), signal.SIGKILL)
        assert ends_by_itself(node) < 20
        assert "exited by a signal 9" in node.log()


@pytest.mark.parametrize("regmon", ["first", "last"])
@pytest.mark.parametrize("deadly", [signal.SIGKILL, signal.SIGSEGV])
def test_worker_dies_with_a_lock(start, core, phones, regmon, deadly):
    """It dies while it writes into the record of a phone, of which tm still has a transaction. When Kamailio ends for that, tm
    tells us that this one is over: that must not wait for the lock of the dead."""
    function = "regmon_machine_sent_on"
    node = start(modules=WITH_FAULTS, regmon=regmon, check=False, route=RELAY.replace(
        "$du =", f'if($ua == "deadly") {{ regmon_faults_die_in("{offset_of(function)}", "{int(deadly)}"); }}\n\t$du ='))
    core.decide = lambda core, request: None
    phone = phones(node)
    phone.register()
    assert eventually(lambda: core.requests)
    eventually(node.all_asleep)
    phone.device = "deadly"
    phone.register()
    took_s = ends_by_itself(node)
    assert re.search(rf"exited by a signal {int(deadly)}\b", node.log())
    assert took_s < 20


def test_timer_dies_with_a_lock(start, phones):
    """The same while it lets time pass in the record of a phone that is silent after its 401."""
    node = start(modules=WITH_FAULTS, check=False, parameters=[("silence_s", 1)], under=[
        "env", f"REGMON_FAULTS_DIE_IN={offset_of('regmon_machine_time')} 9"])
    timer = process(node, "regmon timer")
    phone = phones(node)
    phone.register()
    phone.expect(401)
    assert ends_by_itself(node) < 20
    assert f"child process {timer} exited by a signal 9" in node.log()


def test_events_process_stands_still(start, phones, tmp_path):
    """Its queue gets full: what finds no place is counted, nobody waits; afterwards it goes on with what is there."""
    records = tmp_path / "records"
    node = start(modules=WITH_FAULTS, parameters=[
        ("record_file", str(records)), ("event_queue", 16), ("cause_log_level", "off")])
    regmon, many = Regmon(node), 40
    stopped = process(node, "regmon events")
    os.kill(stopped, signal.SIGSTOP)
    try:
        for number in range(many):
            phones(node, f"00101000000{number:04d}").registers()
        counted = regmon.counters()
        assert counted["successes_initial"] == many
        assert counted["events_waiting"] == 16 and counted["events_dropped"] == many - 16
    finally:
        os.kill(stopped, signal.SIGCONT)
    assert eventually(lambda: regmon.count("events_waiting") == 0)
    assert eventually(lambda: regmon.count("records_written") == 16) and len(records.read_text().splitlines()) == 16
    lines = eventually(lambda: own_lines(node))
    assert len(lines) == 1 and f"{many - 16} events and records were dropped" in lines[0], lines
    phones(node, "001010000009999").registers()
    assert eventually(lambda: regmon.count("records_written") == 17)
    assert stopped in processes(node)
