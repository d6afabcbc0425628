# SPDX-License-Identifier: GPL-2.0-or-later
import hashlib
import itertools
import json
import os
import re
import shutil
import subprocess
import threading
import time

import pytest

from confidential import SECRETS
from crowd import Crowd, access, decide, imsi
from kamailio import BUILD, LONG, TOP
from regmon import Regmon
from sip import Phone, eventually

HERE = os.path.dirname(os.path.abspath(__file__))
PHONES = int(os.environ.get("PAGE_PHONES", 100000 if LONG else 2000))
LOOPS = "001010000900001"


def program(*names):
    found = next((path for path in map(shutil.which, names) if path), None)
    assert found, f"none of {', '.join(names)} is here: tools/setup.sh test"
    return found


@pytest.fixture(scope="module")
def modules():
    """Playwright's core as the lock file names it, fetched once"""
    with open(os.path.join(HERE, "package-lock.json"), "rb") as lock:
        name = "page-" + hashlib.sha256(lock.read()).hexdigest()[:12]
    folder = os.path.join(TOP, os.environ.get("CACHE", "build/cache"), name)
    if not os.path.isdir(os.path.join(folder, "node_modules", "playwright-core")):
        os.makedirs(folder, exist_ok=True)
        for file in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copy(os.path.join(HERE, file), folder)
        try:
            fetched = subprocess.run([program("npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=folder,
                                     stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300)
            said = (fetched.stderr or f"exit status {fetched.returncode}") if fetched.returncode else ""
        except subprocess.TimeoutExpired:
            said = "no end within 300 s"
        if said:  # without a network, or a registry that has not got it: nothing that the module could help
            print(said)
            code = re.search(r"npm (?:ERR!|error) code (\S+)", said)
            pytest.skip(f"npm cannot fetch playwright-core, which drives Chromium: {code[1] if code else said.split(chr(10))[0]}")
    return folder


def decide_slowly(core, request):
    """one phone loops, with the times of a real core"""
    if LOOPS not in request.get("To"):
        return decide(core, request)
    time.sleep(0.03)
    return core.challenge()


@pytest.fixture
def node(start, core):
    core.decide = decide_slowly
    return start(parameters=[("http_allow", "127.0.0.1"), ("silence_s", 1), ("timeline_length", 32),
                             ("max_registrations", max(10000, 2 * PHONES))],
                 tcp=True, head="tcp_accept_no_cl=yes\n", shm_mb=128 + PHONES // 120)


def loop(node):
    """a first try that is given up, and after some seconds one that goes round and round"""
    for attempt, rounds in enumerate((0, 3)):
        phone = Phone(node.port, LOOPS, host="10.45.0.9", imei="35609911-900001-0", call_id=f"loop-{attempt}")
        phone.register()
        phone.expect(401)
        for _ in range(rounds):
            phone.answer_challenge(change={"Security-Verify": None})
            phone.expect(401)
        phone.close()
        time.sleep(0 if rounds else 4)


class Traffic(threading.Thread):
    """some phones a second go on registering, so that curves have something to show"""

    def __init__(self, node):
        super().__init__(daemon=True)
        self.node, self.running = node, True

    def run(self):
        for number in itertools.count(800000, 20):  # all of them fine
            if not self.running:
                return
            phone = Phone(self.node.port, imsi(number), access=access(number))
            phone.register()
            if phone.receive(2):
                phone.answer_challenge()
                phone.receive(2)
            phone.close()
            time.sleep(0.2)


def test_page(node, modules, tmp_path, record_property):
    regmon = Regmon(node)
    crowd = Crowd(node, regmon, PHONES)
    known, registered = crowd.registers()
    crowd.close()
    assert known > 0.9 and registered > 0.9, (known, registered)
    loop(node)
    assert eventually(lambda: "challenge-loop" in regmon.causes("imsi:" + LOOPS))
    pictures = os.path.join(TOP, os.environ["SCREENSHOTS"]) if os.environ.get("SCREENSHOTS") else os.path.join(
        BUILD, "test", "screenshots")
    traffic = Traffic(node)
    traffic.start()
    run = subprocess.run(
        [program("node", "nodejs"), os.path.join(HERE, "page.mjs"), modules, f"http://127.0.0.1:{node.port}/regmon",
         pictures, str(PHONES)],
        env={**os.environ, "CHROMIUM": program("chromium", "chromium-browser"), "ANSWERS": str(tmp_path / "answers"),
             "FAILED": os.path.join(BUILD, "test", "screenshots")},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=400)
    traffic.running = False
    traffic.join(10)
    SECRETS.check("the page", run.stdout + run.stderr + (tmp_path / "answers").read_text())
    results = [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]
    for result in results:
        print(f"{result['ms']:6} ms  {result['name']}")
    record_property("measured", f"{PHONES} phones, {len(results)} checks, the list of all in "
                                f"{next((result['ms'] for result in results if 'burden' in result['name']), '?')} ms")
    wrong = [f"{result['name']}: {result['error']}" for result in results if not result["ok"]]
    assert not wrong, "\n".join(wrong)
    assert run.returncode == 0 and len(results) >= 20, run.stdout[-1000:] + run.stderr[-3000:]
    assert regmon.count("http_failed") == 0
