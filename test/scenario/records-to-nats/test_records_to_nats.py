# SPDX-License-Identifier: GPL-2.0-or-later
import os
import re
import signal
import time

import pytest

from burst import Burst
from kamailio import LONG, TOP, free_port
from nats import Broker, Subscriber
from regmon import Regmon
from schema import check_event, check_record
from sip import eventually

RECORD, CAUSE = "ims.registration.record", "ims.registration.cause"
HANGS_S = float(os.environ.get("BROKER_HANGS_S", 60 if LONG else 3))

# The example as it is, with what the tests talk to; and tm's transactions go sooner,
# so that a burst needs less memory.
FOR_TESTS = """
loadmodule "jsonrpcs.so"
modparam("jsonrpcs", "transport", 4)
modparam("jsonrpcs", "dgram_socket", JSON)
modparam("tm", "wt_timer", 1000)
loadmodule "nats.so"
"""


@pytest.fixture
def broker(tmp_path):
    broker = Broker(str(tmp_path / "nats.log"))
    yield broker
    broker.close()


@pytest.fixture
def subscriber(broker):
    subscriber = Subscriber(broker.port, "ims.registration.>")
    yield subscriber
    subscriber.close()


def example(ending):
    with open(os.path.join(TOP, "cfg-examples", "records-to-nats." + ending)) as file:
        return file.read()


def stopped(node):
    """Stops it; what was wrong, but for the crash of the nats module."""
    wrong = node.complaints()
    node.check = False
    began = time.monotonic()
    wrong += node.stop()
    if node.process.returncode not in (0, -signal.SIGSEGV):
        wrong.append(f"main process ended with {node.process.returncode}")
    wrong += [line for line in node.log().splitlines() if re.search(r"signal (11|6)|core was", line)]
    return wrong, time.monotonic() - began


@pytest.fixture
def run(start, broker):
    nodes = []

    def run(text=None, queue=8192):
        text, port = text or example("cfg"), free_port()
        assert 'loadmodule "nats.so"' in text
        nodes.append(start(text.replace('loadmodule "nats.so"', FOR_TESTS), port=port, shm_mb=256, defines={
            "PCSCF_PORT": port, "NATS": f'"{broker.url}"', "QUEUE": queue}))
        return nodes[-1]
    yield run
    wrong = [line for node in nodes if node.ended_log is None for line in stopped(node)[0]]
    assert not wrong, "\n".join(wrong)


def by_number(core, request):
    """The bookkeeping: which number gets which answer."""
    number = int(re.search(r"burst-(\d+)", request.get("Call-ID")).group(1))
    return [core.accept(request), (403, "Forbidden", []), (404, "Not Found", []), (500, "Server Internal Error", [])][
        number % 4]


def is_connected(node, subscriber):
    """One attempt, until its record has come: the module connects some time after the start."""
    burst = Burst(node.port)
    burst.register(999999, 1).close()
    assert eventually(lambda: subscriber.count(RECORD) == 1, timeout=20), node.log()


def numbers_of(node):
    counters = Regmon(node).counters()
    return counters["events_queued"], counters["events_dropped"]


def test_two_thousand(run, subscriber, core, tmp_path):
    core.decide, n = by_number, 2000
    file = '#modparam("ims_regmon", "record_file", "/var/log/kamailio/records.jsonl")'
    assert file in example("cfg")
    node = run(example("cfg").replace(file, f'modparam("ims_regmon", "record_file", "{tmp_path}/records")'))
    burst = Burst(node.port)
    burst.register(0, n).close()
    assert eventually(lambda: subscriber.count(RECORD) >= n, timeout=30), subscriber.count(RECORD)
    time.sleep(0.2)
    records = [check_record(text) for subject, text in subscriber.messages if subject == RECORD]
    assert [record["serial"] for record in records] == list(range(1, n + 1))
    assert {record["node"]["name"] for record in records} == {"pcscf-1"}
    got = {int(record["phone"]["call_id"].split("-")[1]): (record["result"], record["code"], record["core_code"])
           for record in records}
    wanted = [("success", 200, 200), ("refused", 403, 403), ("refused", 404, 404), ("refused", 500, 500)]
    assert got == {number: wanted[number % 4] for number in range(n)}
    assert burst.codes == {number: wanted[number % 4][1] for number in range(n)}
    causes = [check_event(text) for subject, text in subscriber.messages if subject == CAUSE]
    assert sum("forbidden-by-core" in event["new"] for event in causes) == n // 4
    assert numbers_of(node) == (len(records) + len(causes), 0)
    # the file has the same, byte by byte
    assert (tmp_path / "records").read_text().splitlines() == [
        text for subject, text in subscriber.messages if subject == RECORD]


def test_from_lua(run, subscriber, core, tmp_path):
    """The same by the KEMI callback."""
    script = example("lua")
    core_line = 'local CORE = "sip:127.0.0.1:5061"'
    assert core_line in script
    (tmp_path / "script.lua").write_text(script.replace(core_line, f'local CORE = "sip:127.0.0.1:{core.port}"'))
    text = re.sub(r"(?s)# Run in a process.*", "", example("cfg"))
    lines = re.findall(r"(?m)^--   (.*)$", script)
    assert len(lines) == 5, "what the script says is to be put into the configuration"
    text += "\n".join(lines).replace("/etc/kamailio/records-to-nats.lua", str(tmp_path / "script.lua")) + "\n"
    core.decide, n = by_number, 200
    node = run(text)
    burst = Burst(node.port)
    burst.register(0, n).close()
    assert eventually(lambda: subscriber.count(RECORD) >= n, timeout=30), node.log()
    records = [check_record(text) for subject, text in subscriber.messages if subject == RECORD]
    assert sorted(record["code"] for record in records) == sorted([200, 403, 404, 500] * (n // 4))
    assert subscriber.count(CAUSE) >= n // 4


def test_broker_hangs(run, broker, subscriber, core, record_property):
    """Stopped in its tracks with all connections open: the worst that a broker can do."""
    core.decide = lambda core, request: (403, "Forbidden", [])
    node = run(queue=256)
    is_connected(node, subscriber)
    burst = Burst(node.port)
    steadily = {"window": 1, "pace_s": 0.002}
    burst.register(0, 1000, **steadily)
    broker.hang()
    hung = time.monotonic()
    # more than the buffers on the way take: 8,192 in the module's pipe, some MB in the sockets
    burst.register(1000, 9000)
    sent = 10000
    while sent < 11000 or time.monotonic() - hung < HANGS_S:
        burst.register(sent, 10, **steadily)
        sent += 10
    hung_s = time.monotonic() - hung
    queued, dropped = numbers_of(node)
    assert dropped > 0
    broker.go_on()
    assert eventually(lambda: len(subscriber.messages) >= queued, timeout=60), f"{len(subscriber.messages)} of {queued}"
    # none is in two places, none in no place: a record and a change of causes for each
    assert (queued + dropped) == 2 * (sent + 1)
    assert len(subscriber.messages) == queued
    up, down = burst.milliseconds(0, 1000), burst.milliseconds(10000, sent - 10000)
    record_property("measured", f"broker hung {hung_s:.0f} s: {sent + 1} attempts, {queued} events delivered, {dropped} "
          f"dropped; round trip in ms, median/95%: up {up[0]:.2f}/{up[1]:.2f}, hung {down[0]:.2f}/{down[1]:.2f}, "
          f"ratio {down[0] / up[0]:.2f}/{down[1] / up[1]:.2f}")
    assert down[0] < max(10 * up[0], 50)
    # and what comes now has its place again; the record tells what is missing
    burst.register(sent, 1).close()
    assert eventually(lambda: subscriber.messages[-1][0] == CAUSE and len(subscriber.messages) == queued + 2, timeout=20)
    last = check_record([text for subject, text in subscriber.messages if subject == RECORD][-1])
    assert last["phone"]["call_id"] == f"burst-{sent:010d}"
    assert last["serial"] + last["dropped"] == sent + 2


def test_stops_while_the_broker_hangs(run, broker, subscriber, core):
    core.decide = lambda core, request: (403, "Forbidden", [])
    node = run(queue=256)
    is_connected(node, subscriber)
    broker.hang()
    burst = Burst(node.port)
    burst.register(0, 9000).close()
    assert numbers_of(node)[1] > 0, "the route has to be blocked"
    wrong, took = stopped(node)
    print(f"stopped in {took:.1f} s")
    assert wrong == [] and took < 12


def test_broker_is_killed(run, broker, subscriber, core):
    """With ims_regmon in front of the module that its routes need."""
    core.decide = lambda core, request: (403, "Forbidden", [])
    text = example("cfg")
    nats = re.search(r'loadmodule "nats.so"\n(?:#.*\n|modparam\("nats".*\n)+', text).group(0)
    node = run(text.replace(nats, "").replace("# Run in a process", nats + "\n# Run in a process"))
    is_connected(node, subscriber)
    broker.kill()
    burst = Burst(node.port)
    burst.register(0, 300)
    broker.start()
    again = Subscriber(broker.port, "ims.registration.>")
    # the module connects anew every two or three seconds
    for number in range(300, 400):
        burst.register(number, 1)
        if eventually(lambda: again.messages, timeout=0.5):
            break
    burst.close()
    assert again.messages, node.log()[-2000:]
    time.sleep(0.5)
    queued, dropped = numbers_of(node)
    assert dropped == 0 and queued == 2 * (number + 2)
    got = len(again.messages) + 2
    print(f"{got} of {queued} events arrived over the broker's death, the module had the others")
    assert got <= queued
    for subject, text in again.messages:
        (check_record if subject == RECORD else check_event)(text)
    again.close()
