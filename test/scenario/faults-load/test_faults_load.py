# SPDX-License-Identifier: GPL-2.0-or-later
import subprocess
import threading

import pytest

import faults
from burst import Burst
from faults import WITH_FAULTS, another
from kamailio import KAMCMD
from regmon import Regmon
from web import Connection, Web

MANY = 100000 if faults.LONG else 20000
ROUTE = """
request_route {
	append_to_reply("Contact: $hdr(Contact);expires=3600\\r\\n");
	sl_send_reply("200", "OK");
	exit;
}
"""
WHO = "imsi:001010000000010"
QUESTIONS = [("why", WHO), ("show", WHO), ("timeline", WHO), ("ladder", WHO), ("decode", WHO), ("reginfo", WHO), ("list",),
             ("summary",), ("kpi",), ("top", "device"), ("rules",), ("explain", "401"), ("profiles",), ("check_invariants",)]
RELOADED = '<profiles><profile name="strict" parent="ims"/></profiles>'


@pytest.fixture
def node(start, tmp_path):
    (tmp_path / "profiles.xml").write_text(RELOADED)
    return start(modules=WITH_FAULTS, route=ROUTE, tcp=True, head="tcp_accept_no_cl=yes\n", shm_mb=256, parameters=[
        ("cause_log_level", "off"), ("http_allow", "127.0.0.1"), ("max_registrations", 2 * MANY),
        ("profile_file", str(tmp_path / "profiles.xml")), ("profile", "strict"),
        ("record_file", str(tmp_path / "records"))])


class Meanwhile:
    """does something again and again in a thread, until the block is over; .times, and what it raised comes out"""

    def __init__(self, *jobs):
        self.jobs, self.over, self.times, self.error = jobs, threading.Event(), 0, None

    def __enter__(self):
        self.threads = [threading.Thread(target=self._run, args=(job,), daemon=True) for job in self.jobs]
        for thread in self.threads:
            thread.start()
        return self

    def _run(self, job):
        try:
            while not self.over.is_set():
                job()
                self.times += 1
        except Exception as error:
            self.error = error

    def __exit__(self, kind, value, trace):
        self.over.set()
        for thread in self.threads:
            thread.join(30)
            assert not thread.is_alive(), "somebody waits for ever"
        if self.error:
            raise self.error


def ask_kamcmd(node):
    for name, *words in QUESTIONS:
        done = subprocess.run([KAMCMD, "-s", f"unix:{node.path('kamailio_ctl')}", f"ims_regmon.{name}", *words],
                              capture_output=True, text=True, timeout=20)
        assert done.returncode == 0 and "error" not in done.stderr, (name, done.stderr)


def registers(node):
    burst = Burst(node.port)
    burst.register(0, 100)  # WHO is among them
    yield burst
    burst.register(100, MANY - 100)
    burst.close()
    assert set(burst.codes.values()) == {200} and len(burst.codes) == MANY
    counted = Regmon(node).counters()
    assert counted["attempts_initial"] == counted["successes_initial"] == MANY
    assert counted["registers"] == MANY and (counted["dropped"], counted["evicted"]) == (0, 0)
    assert counted["bindings"] == MANY and Regmon(node).faults() == []
    yield burst


def test_all_processes_are_asked_under_load(node):
    """ctl by kamcmd, jsonrpcs by its socket, a TCP worker by HTTP: all at once"""
    regmon, web = Regmon(another(node)), Web(node)
    load = registers(node)
    next(load)

    def by_socket():
        for name, *words in QUESTIONS:
            regmon.rpc(name, *words)
        assert regmon.faults() == []  # a table in motion is sound at any time

    def by_http():
        for name in ("summary", "list", "why?who=" + WHO, "show?who=" + WHO, "rules", "profiles"):
            assert web.get("/regmon/api/" + name).code == 200
        assert web.get("/regmon/metrics").code == 200

    with Meanwhile(lambda: ask_kamcmd(node), by_socket, by_http) as asked:
        burst = next(load)
    print(f"{asked.times} rounds of questions, a REGISTER took (median, 95 %) {burst.milliseconds(100, MANY - 100)} ms")
    assert asked.times >= 3
    assert max(burst.round_trips.values()) < 5


def test_reload_under_load(node):
    """No message is judged by half a book, and what is not in use any more is given back."""
    regmon = Regmon(another(node))
    load = registers(node)
    next(load)

    def reload():
        assert regmon.rpc("reload")["in_force"] == "strict"

    with Meanwhile(reload) as reloaded:
        burst = next(load)
    assert reloaded.times > 5
    assert max(burst.round_trips.values()) < 5
    print(f"{reloaded.times} reloads, a REGISTER took (median, 95 %) {burst.milliseconds(100, MANY - 100)} ms")


def test_slow_readers_under_load(node):
    """twenty that ask for the longest answer and read none of it"""
    load = registers(node)
    next(load)
    deaf = [Connection(node, receive_buffer=4096) for _ in range(20)]
    for connection in deaf:
        connection.socket.setblocking(False)
        try:
            connection.send("GET /regmon/api/rules HTTP/1.1\r\nHost: x\r\n\r\n" * 40)
        except OSError:
            pass
    burst = next(load)
    assert max(burst.round_trips.values()) < 5
    assert Web(node).get("/regmon/api/summary").code == 200
    for connection in deaf:
        connection.close()
