# SPDX-License-Identifier: GPL-2.0-or-later
"""A node under load for MINUTES, with everything going wrong in turn: phones (RATE REGISTERs a second together with
what is hostile), memory that fails, reloads, a process that stands still, readers that do not read. Prints a row each
minute, and at the end what had to hold:

  no process died or began anew, nothing in the log that must not be there;
  attempts = successes + failures + open + evicted while open, to the last one;
  what phones got and what the node counted differ by no more than it says it could not remember;
  the self-check found nothing, at any time;
  shared and private memory are flat after a third of the time, and all of it is back after `forget all`."""
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "scenario"))

from faults import Faults, processes  # noqa: E402
from kamailio import BUILD, KAMCMD, MODULE, Kamailio, RpcError  # noqa: E402
from load import Comparison, await_end_of_transactions, dropped_by_kernel, memory_of_module, read, used_memory  # noqa: E402
from regmon import Regmon  # noqa: E402
from sip import eventually  # noqa: E402
from soak_phones import Hostile, Phones  # noqa: E402
from web import Connection, Web  # noqa: E402

MINUTES = float(os.environ.get("MINUTES", 15))
RATE = int(os.environ.get("RATE", 500))
HOSTILE_SHARE = 0.12
FOLDER = os.path.join(BUILD, "soak")
OPEN_STATES = ("unknown", "registering", "challenged", "answered", "resync", "mac_failure", "refreshing", "deregistering")
KINDS = ("initial", "reregistration", "deregistration", "third_party", "other")


class Trouble:
    """what goes wrong, one thing after the other; .done counts them"""

    def __init__(self, node):
        self.node, self.faulty, self.regmon, self.web = node, Faults(node), Regmon(node), Web(node)
        self.done = self.refused = 0
        self.ways = [self.reload, self.no_memory_for_records, self.no_memory_for_tm, self.all_memory_eaten,
                     self.private_memory, self.reloads_without_memory, self.standstill, self.storm_of_questions,
                     self.readers]

    def next(self):
        self.ways[self.done % len(self.ways)]()
        self.done += 1

    def ask(self, *command):
        try:
            return self.node.rpc(*command)
        except RpcError:  # no memory: that is an answer, too
            self.refused += 1
            return None

    def reload(self):
        for _ in range(20):
            self.ask("ims_regmon.reload")

    def no_memory_for_records(self):
        self.faulty.shm(1, times=0)
        time.sleep(1.5)
        self.faulty.shm(0)

    def no_memory_for_tm(self):
        for _ in range(10):
            self.faulty.shm(7, times=5, module="tm")
            time.sleep(0.1)
        self.faulty.shm(0)

    def all_memory_eaten(self):
        self.faulty.eat(0)
        time.sleep(1)
        self.faulty.give_back()

    def private_memory(self):
        for _ in range(10):
            self.faulty.pkg(50, times=3, module="core")
            time.sleep(0.1)
        self.faulty.pkg(1, times=0)
        for name in ("list", "summary", "kpi"):
            self.ask("ims_regmon." + name)
        self.faulty.pkg(0)

    def reloads_without_memory(self):
        for nth in range(1, 25):
            self.faulty.shm(nth, function="")
            self.ask("ims_regmon.reload")
        self.faulty.shm(0)

    def standstill(self):
        pid = next(pid for pid, name in processes(self.node).items() if "regmon events" in name)
        os.kill(pid, signal.SIGSTOP)
        time.sleep(2)
        os.kill(pid, signal.SIGCONT)

    def storm_of_questions(self):
        """every process that answers questions does so at once"""
        where = "unix:" + self.node.path("kamailio_ctl")
        words = ["why imsi:001010000000010", "list limit=200", "summary", "kpi", "top device", "timeline imsi:001010000000010",
                 "check_invariants", "decode imsi:001010000000020", "rules", "explain 401"]
        asked = [subprocess.Popen([KAMCMD, "-s", where, *f"ims_regmon.{word}".split()], stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL) for word in words]
        for name in ("summary", "list", "rules", "profiles"):
            self.web.get(f"/regmon/api/{name}")
            self.ask(f"ims_regmon.{name}")
        self.web.get("/regmon/metrics")
        for process in asked:
            process.wait(20)

    def readers(self):
        """one that reads nothing, one that goes away, and one that speaks nonsense"""
        ways = []
        for text in ("GET /regmon/api/rules HTTP/1.1\r\nHost: x\r\n\r\n" * 50, "GET /regmon/api/li", "GET /%zz HTTP/9\r\n: \r\n\r\n"):
            connection = Connection(self.node, receive_buffer=4096, timeout=1)
            connection.socket.setblocking(False)
            try:
                connection.send(text)
            except OSError:
                pass
            ways.append(connection)
        time.sleep(1)
        for connection in ways:
            connection.close()


class Books:
    """reads the node's figures and keeps what each minute showed"""

    def __init__(self, node):
        self.node, self.regmon = node, Regmon(node)
        self.pids = processes(node)
        self.minutes, self.samples = [], []
        self.faults_found = []

    def sums(self):
        counted = self.regmon.counters()
        add = {word: sum(counted[f"{word}_{kind}"] for kind in KINDS) for word in ("attempts", "successes", "failures")}
        add["open"] = sum(counted[f"state_{state}"] for state in OPEN_STATES)
        add["lost"] = counted["evicted_open"]
        add["missing"] = add["attempts"] - add["successes"] - add["failures"] - add["open"] - add["lost"]
        return add | {name: counted[name] for name in ("registers", "retransmissions", "dropped", "evicted", "not_followed",
                                                       "records", "events_dropped")}

    def private_memory(self):
        """pid -> bytes in use"""
        return {row["pid"]: int(row["used"]) for row in self.node.rpc("pkg.stats")}

    def sample(self):
        self.samples.append((memory_of_module(self.node), used_memory(self.node), self.private_memory()))

    def minute(self):
        """what the last minute's samples were, in the middle"""
        found = self.regmon.faults()
        self.faults_found += found
        middle = [sorted(sample[i] for sample in self.samples)[len(self.samples) // 2] for i in (0, 1)]
        private = {pid: sorted(sample[2].get(pid, 0) for sample in self.samples)[len(self.samples) // 2] for pid in self.pids}
        self.samples = []
        self.minutes.append((*middle, private))
        return found


def print_row(number, books, phones, hostile, trouble, found, before):
    sums, (module, everything, private) = books.sums(), books.minutes[-1]
    times = sorted(phones.round_trips)
    phones.round_trips = []
    sent = phones.registers + hostile.sent
    took_s = time.monotonic() - before["at"]
    print(f"{number:6} {(sent - before['sent']) / took_s:5.0f} {sums['attempts']:8} {sums['successes']:8} {sums['failures']:8}"
          f" {sums['open']:6} {sums['lost']:6} {sums['missing']:5} {sums['records']:7} {sums['evicted']:8} {sums['dropped']:7}"
          f" {module // 1024:8} {everything // 1024:8} {sum(private.values()) // 1024:7}"
          f" {times[len(times) // 2] * 1000 if times else 0:5.1f} {times[len(times) * 99 // 100] * 1000 if times else 0:6.0f}"
          f" {trouble.done:6} {len(found):6}", flush=True)
    return {"at": time.monotonic(), "sent": sent}


HEAD = (f"{'minute':>6} {'REG/s':>5} {'attempts':>8} {'success':>8} {'failure':>8} {'open':>6} {'lost':>6} {'diff':>5}"
        f" {'records':>7} {'evicted':>8} {'dropped':>7} {'own kB':>8} {'shm kB':>8} {'pkg kB':>7} {'ms':>5} {'p99 ms':>6}"
        f" {'faults':>6} {'broken':>6}")


def run(books, phones, hostile, trouble):
    print(HEAD)
    began = time.monotonic()
    before = {"at": began, "sent": 0}
    length_s = 60 if MINUTES > 2 else 10  # of a row
    rows = round(MINUTES * 60 / length_s)
    for number in range(1, rows + 1):
        while time.monotonic() < began + number * length_s:
            trouble.next()
            books.sample()
            # the last seconds of a row are calm, so that its figures can be compared
            time.sleep(max(0.2, min(2.0, began + number * length_s - time.monotonic())))
        found = books.minute()
        before = print_row(number, books, phones, hostile, trouble, found, before)
    return time.monotonic() - began


def quiet(node, phones, hostile):
    """no more REGISTERs; the last answers come"""
    phones.resting = hostile.resting = True
    time.sleep(2)
    await_end_of_transactions(node)
    phones.over = hostile.over = True
    phones.join(10)
    hostile.join(10)
    time.sleep(1.5)


def compare_phones(compared, books, phones, hostile):
    sums = books.sums()
    unsure = sums["dropped"] + sums["not_followed"] + sum(phones.given_up.values())
    print(f"{sums['dropped']} messages not remembered, {sums['not_followed']} transactions not followed,"
          f" {sum(phones.given_up.values())} phones gave up")
    rows = {row["value"]: row for row in books.regmon.rpc("top", "device", "by=attempts", "limit=200")["rows"]}
    for name in sorted(phones.successes):
        row = rows.get(f"mixed-{name}", {"attempts": 0, "failures": 0})
        got = phones.successes[name]
        most = unsure + 5 + got // 1000  # a few may have lost their record in the middle
        if got:
            compared.between(f"{got} 200s that phones '{name}' got, by the node's count", row["attempts"] - row["failures"],
                             got - most, got + most)
    compared.between("REGISTERs of the phones, by the node's count", sums["registers"],
                     phones.registers - unsure, phones.registers + phones.retransmissions + hostile.sent)
    compared.same("attempts that are nowhere", sums["missing"], 0)


def compare_memory(compared, books, book):
    """the median of the last third is not above that of the second, or a tenth above it where all of it was warming up"""
    third = max(1, len(books.minutes) // 3)
    second, last = books.minutes[third:2 * third] or books.minutes[:1], books.minutes[2 * third:] or books.minutes[-1:]

    def middle(rows, value):
        return sorted(map(value, rows))[len(rows) // 2]

    margin = 50 if len(books.minutes) > 5 else 10
    for what, index in (("the module's shared memory", 0), ("all shared memory", 1)):
        was, now = (middle(rows, lambda row: row[index]) for rows in (second, last))
        compared.between(f"{what}, kB", now // 1024, 0, (was + was // margin + 2 * book) // 1024)
    for pid, name in books.pids.items():
        was, now = (middle(rows, lambda row: row[2][pid]) for rows in (second, last))
        if now > was + 32768:
            compared.between(f"private memory of {name}, bytes", now, 0, was + 32768)
    compared.same("processes whose private memory grew", 0, 0)


MUST_NOT_BE = re.compile(r": BUG|signal (11|6)\b|core dumped|exited by a signal|CRITICAL: ims_regmon|ALERT")


def complaints(node):
    with open(node.path("log"), errors="replace") as file:
        return [line.rstrip() for line in file if MUST_NOT_BE.search(line)]


def main():
    if not os.path.exists(MODULE):
        sys.exit(f"there is no {MODULE}; 'make' builds it")
    os.makedirs(FOLDER, exist_ok=True)
    compared = Comparison()
    core = Kamailio(read("mixed-core.cfg"), shm_mb=64)
    records = tempfile.mkdtemp(prefix="regmon-soak-")
    node = Kamailio(read("soak-node.cfg"), core_port=core.port, shm_mb=96, options=["-b", "4194304"], check=False,
                    defines={"MAX_REGISTRATIONS": 2000, "RECORDS": f'"{records}/records"'})
    try:
        core.start()
        node.start()
        eventually(node.all_asleep)
        books = Books(node)
        books.regmon.rpc("summary")
        own_before = memory_of_module(node)
        # a process that has nothing to do keeps the rules that it read last: one book each at the most
        books.regmon.rpc("reload")
        book = memory_of_module(node) - own_before
        phones, hostile = Phones(node.port, RATE * (1 - HOSTILE_SHARE)), Hostile(node.port, RATE * HOSTILE_SHARE)
        trouble = Trouble(node)
        phones.start()
        hostile.start()
        took_s = run(books, phones, hostile, trouble)
        quiet(node, phones, hostile)
        print(f"{phones.registers + hostile.sent} REGISTERs in {took_s:.0f} s, {hostile.sent} of them hostile (answered:"
              f" {dict(sorted(hostile.codes.items()))}); {trouble.done} faults; {phones.retransmissions} sent again,"
              f" {sum(phones.given_up.values())} given up, {dropped_by_kernel(node.port)} dropped by the kernel")
        print("answers that phones did not await:", ", ".join(
            f"{name} {letter} {code}: {n}" for (name, letter, code), n in sorted(phones.unexpected.items())) or "none")
        compared.between("REGISTERs a second", round((phones.registers + hostile.sent) / took_s), RATE * 8 // 10, RATE * 2)
        compared.same("senders that failed", [sender.error for sender in (phones, hostile) if sender.error], [])
        compared.same("processes that are others now", set(books.pids.items()) ^ set(processes(node).items()), set())
        compare_phones(compared, books, phones, hostile)
        compare_memory(compared, books, book)
        compared.same("faults that check_invariants found", books.faults_found + books.regmon.faults(), [])
        books.regmon.forget()
        books.regmon.rpc("reload")
        kept, left = divmod(memory_of_module(node) - own_before, book)
        # Kamailio's allocator may leave up to 16 kB unused behind a block
        compared.between("books of rules that idle processes hold after forget all", kept, 0, len(books.pids))
        compared.between("bytes of the module besides, more than at the start", left, 0, (kept + 1) << 16)
        wrong = complaints(node)
        compared.same("lines of the log that must not be", len(wrong), 0)
        print("\n".join(wrong[:20]), end="\n" if wrong else "")
    finally:
        for name, kamailio in (("node", node), ("core", core)):
            if kamailio.process is None:
                continue
            with open(os.path.join(FOLDER, name + ".log"), "w") as file:
                subprocess.run(["tail", "-c", "2000000", kamailio.path("log")], stdout=file)
            still_there = kamailio.process.poll() is None
            wrong = kamailio.stop()
            compared.same(f"{name} was there until it was told to go", still_there, True)
            compared.same(f"complaints at its end ({name})", wrong, [])
            compared.same(f"its exit status ({name})", kamailio.process.returncode, 0)
        shutil.rmtree(records, ignore_errors=True)
    print(f"soak of {MINUTES:g} minutes: {'all of it held' if compared.failed == 0 else 'NOT all of it held'}")
    print(f"{compared.passed} passed, {compared.failed} failed")
    return 1 if compared.failed else 0


if __name__ == "__main__":
    sys.exit(main())
