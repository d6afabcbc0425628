#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What one REGISTER costs Kamailio with ims_regmon off and on.

Instructions: valgrind's callgrind in the UDP worker, inside receive_msg() only,
after warm-up, user space only. They hardly vary from run to run.
CPU time: schedstat of all Kamailio processes, kernel included, in bursts
off on on off ...; each pair gives one ratio.

Options (environment): ONLY=stateless,save,proxy (or sl, tm)   BURSTS=40 pairs, 0: none
PROFILE=1: where the module's instructions go.   ROUNDS=10 REGISTERs counted per phone
RECORDS=1: with a record of each ended attempt, written to record_file
"""
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
BUILD = Path(os.environ["BUILD"]).resolve()
RUN = BUILD / "bench"
MODULE = BUILD / "ims_regmon.so"
LOAD = RUN / "register_load"
KAMAILIO = os.environ["KAMAILIO"]
BURSTS = int(os.environ.get("BURSTS", 40))
ROUNDS = int(os.environ.get("ROUNDS", 10))
PROFILE = os.environ.get("PROFILE", "") not in ("", "0")
RECORDS = os.environ.get("RECORDS", "") not in ("", "0")
COUNTED_PHONES = 200      # under callgrind
WARM_ROUNDS = 10          # fills every timeline
BURST_MESSAGES = 1000     # one burst: every phone once

SCENARIOS = {             # name: title, define, budget, stretch, budget of the CPU ratio
    "stateless": ("stateless answer (sl_send_reply 200)", "STATELESS", 6000, 4000, None),
    "save": ("registrar (save, usrloc in memory)", "SAVE", 6000, 4000, None),
    "proxy": ("stateful proxy (t_relay), request and answer, both legs", "PROXY", 10000, 7000, 1.10),
}
SHORT = {"sl": "stateless", "tm": "proxy"}

# What other ways to look at a REGISTER cost: instructions added and CPU ratio,
# measured once on this Kamailio with the same kind of messages (1.9 kB).
COMPARISON = (            # stateless, save, proxy
    ("pike, pike_check_req()", (839, 1.03), (721, 1.03), (760, 1.03)),
    ("sanity, usual checks", (10867, 1.25), (8322, 1.12), (7574, 1.11)),
    ("siptrace, automatic, HEP", (18364, 2.45), (18216, 1.77), (35252, 2.02)),
    ("xlog, one line to stderr", (18866, 1.60), (18984, 1.42), (18017, 1.26)),
    ("a script with htable", (65530, 2.20), (65500, 1.83), (66971, 1.61)),
    ("a script in Lua", (87915, 2.80), (87622, 2.17), (97822, 1.85)),
)


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.bind(("127.0.0.1", 0))
        return udp.getsockname()[1]


def family(pid):
    """A process and all below it."""
    pids = [pid]
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            pids += family(int(child))
    return pids


def cpu_ns(pids):
    return sum(int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) for pid in pids)


class Server:
    """One Kamailio with one UDP worker in a folder of its own."""

    def __init__(self, scenario, on, core_port, callgrind=False):
        self.pair = scenario == "proxy"
        self.port, self.phones_port = free_port(), free_port()
        self.name = f"{scenario}-{'on' if on else 'off'}{'-callgrind' if callgrind else ''}"
        self.folder = RUN / self.name
        self.folder.mkdir(parents=True, exist_ok=True)
        for old in self.folder.iterdir():
            old.unlink()
        self.cseq = 10000001
        self.messages = 0
        command = ["valgrind", "-q", "--tool=callgrind", "--toggle-collect=receive_msg",
                   "--dump-before=nonsip_msg_run_hooks", f"--callgrind-out-file={self.folder}/dump.%p"]
        command = (command if callgrind else []) + [
            KAMAILIO, "-DD", "-f", HERE / "bench.cfg", "-l", f"udp:127.0.0.1:{self.port}",
            "-n", "1", "-m", "256", "-M", "16", "-x", "fm", "-X", "fm", "-Y", self.folder,
            "-P", self.folder / "pid", "-A", SCENARIOS[scenario][1],
            "-A", f'CORE="sip:127.0.0.1:{core_port}"'] + (["-A", f'MODULE="{MODULE}"'] if on else [])
        command += ["-A", f'RECORDS="{self.folder}/records"'] if on and RECORDS else []
        with open(self.folder / "log", "w") as log:
            self.process = subprocess.Popen([str(word) for word in command], stdout=log, stderr=log)
        try:
            self.wait_until_it_answers()
        except BaseException:
            self.stop()
            raise

    def wait_until_it_answers(self):
        for _ in range(300):
            if self.process.poll() is not None:
                break
            if self.load(1, 1, 1, timeout_ms=100, may_fail=True):
                time.sleep(0.3)
                self.pids = family(self.process.pid)
                self.messages = 0
                return
        raise SystemExit(f"{self.name}: Kamailio does not answer, see {self.folder}/log")

    def load(self, phones, rounds, window, timeout_ms=20000, may_fail=False):
        """Every phone registers; the CSeq goes on where it was."""
        templates = ["initial.sip", "authorised.sip"] if self.pair else ["authorised.sip"]
        done = subprocess.run(
            [LOAD, "phones"]
            + [str(n) for n in (self.port, self.phones_port, phones, rounds, window, self.cseq, timeout_ms)]
            + [HERE / template for template in templates],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        seen = dict(pair.split("=") for pair in done.stdout.split())
        wrong = not seen or int(seen["accepted"]) != phones * rounds \
            or int(seen["challenged"]) != (phones * rounds if self.pair else 0)
        self.cseq += rounds * len(templates)
        if wrong and not may_fail:
            raise SystemExit(f"{self.name}: not every REGISTER was answered as it should be: {done.stdout}")
        self.messages += phones * rounds * len(templates)
        return not wrong

    def burst(self):
        """CPU ns per REGISTER."""
        before, messages = cpu_ns(self.pids), self.messages
        self.load(BURST_MESSAGES // (2 if self.pair else 1), 1, 32)
        return (cpu_ns(self.pids) - before) / (self.messages - messages)

    def dump(self, number):
        """A datagram that is no SIP makes callgrind write its counts in the worker and begin anew."""
        text = (b"GET / HTTP/1.1\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKdump\r\nFrom: <sip:d@d>;tag=1\r\n"
                b"To: <sip:d@d>\r\nCall-ID: dump\r\nCSeq: 1 GET\r\nContent-Length: 0\r\n\r\n")
        time.sleep(0.5)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.sendto(text, ("127.0.0.1", self.port))
        for _ in range(600):
            found = [path for path in self.folder.glob(f"dump.*.{number}") if "\nsummary:" in path.read_text()
                     or "\ntotals:" in path.read_text()]
            if found:
                return found[0]
            time.sleep(0.1)
        raise SystemExit(f"{self.name}: callgrind wrote no counts")

    def counters(self):
        beside = Path(KAMAILIO).with_name("kamcmd")
        answer = subprocess.run([beside if beside.exists() else "kamcmd", "-s", f"unix:{self.folder}/kamailio_ctl",
                                 "cnt.grp_get_all", "ims_regmon"], stdout=subprocess.PIPE, text=True).stdout
        return {name: int(value) for name, value in re.findall(r"(\w+): (\d+)", answer)}

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=60)
            except subprocess.TimeoutExpired:
                for pid in family(self.process.pid):
                    os.kill(pid, signal.SIGKILL)
                self.process.wait()


class Counts:
    """A callgrind dump: instructions of each function, and what it spends in those it calls."""

    def __init__(self, path):
        self.own, self.calls, self.label, self.object_of = {}, {}, {}, {}
        names = {}            # numbers stand for names after their first use
        where = {"ob": "", "cob": "", "fl": ""}
        caller = callee = None
        lines = iter(path.read_text().split("\n"))

        def cost_of(line):
            """Behind the position; callgrind leaves out what is 0."""
            return int((line.split() + ["0"])[1])

        def name_of(kind, text):
            number, _, word = text.partition(" ")
            if word:
                names[kind, number] = word
            return names[kind, number]

        for line in lines:
            key, _, value = line.partition("=")
            if re.match(r"[0-9*+-]", line):
                self.own[caller] = self.own.get(caller, 0) + cost_of(line)
            elif key in ("ob", "cob"):
                where[key] = name_of("ob", value)
            elif key in ("fl", "fi", "fe", "cfi", "cfl"):
                file = name_of("fl", value)
                where["fl"] = file if key == "fl" else where["fl"]
            elif key == "fn":   # the number: static functions may share a name
                name, caller = name_of("fn", value), value.split()[0]
                self.object_of[caller] = where["ob"]
                self.label[caller] = f"{name} ({'/'.join(Path(where['fl']).parts[-2:])})"
            elif key == "cfn":
                name, callee = name_of("fn", value), value.split()[0]
                self.label.setdefault(callee, name)
                self.object_of.setdefault(callee, where["cob"] or where["ob"])
                where["cob"] = ""
            elif key == "calls":
                edge = self.calls.setdefault((caller, callee), [0, 0])
                edge[0] += int(value.split()[0])
                edge[1] += cost_of(next(lines))
        self.total = sum(self.own.values())

    def with_callees(self, function):
        return self.own.get(function, 0) + sum(
            cost for (caller, callee), (_, cost) in self.calls.items() if caller == function != callee)

    def called(self, name):
        return sum(times for (_, callee), (times, _) in self.calls.items()
                   if self.label[callee].split(" ")[0] == name)


def count_instructions(scenario, core_port):
    """Counts of both, off and on, at the same time; REGISTERs in them."""
    servers, counts = [], []
    try:
        for on in (False, True):
            servers.append(Server(scenario, on, core_port, callgrind=True))
        for server in servers:
            server.load(COUNTED_PHONES, WARM_ROUNDS, 4)
            server.dump(1)
            before = server.counters()
            messages = server.messages
            server.load(COUNTED_PHONES, ROUNDS, 4)
            messages = server.messages - messages
            counts.append(Counts(server.dump(2)))
        after = server.counters()
        delta = {name: after[name] - before.get(name, 0) for name in after}
    finally:
        for server in servers:
            server.stop()
    if delta.get("registers") != messages:
        raise SystemExit(f"the module saw {delta.get('registers')} of {messages} REGISTERs")
    return counts, messages, delta


def cpu_ratios(scenario, core_port):
    servers, pairs = [], []
    try:
        for on in (False, True):
            servers.append(Server(scenario, on, core_port))
        off, on = servers
        for server in servers:
            for _ in range(WARM_ROUNDS):
                server.burst()
        for number in range(BURSTS):
            if number % 2:
                on_ns, off_ns = on.burst(), off.burst()
            else:
                off_ns, on_ns = off.burst(), on.burst()
            pairs.append((on_ns / off_ns, off_ns, on_ns))
    finally:
        for server in servers:
            server.stop()
    return pairs


def show_profile(counts, messages):
    ours = [function for function, where in counts.object_of.items() if where.endswith("/ims_regmon.so")]
    print(f"\n  instructions per REGISTER in {MODULE.name}: with callees, own, calls")
    largest = sorted(ours, key=lambda function: -counts.own.get(function, 0))[:30]
    for inclusive, function in sorted(((counts.with_callees(one), one) for one in largest), reverse=True):
        times = sum(n for (_, callee), (n, _) in counts.calls.items() if callee == function)
        print(f"  {inclusive / messages:9,.0f} {counts.own.get(function, 0) / messages:9,.0f}"
              f" {times / messages:7.2f}  {counts.label[function]}")
    own = sum(counts.own.get(function, 0) for function in ours)
    print(f"  {'':9} {own / messages:9,.0f}  {'':6}  all of the module itself")
    print("\n  what it calls outside: instructions, calls, by")
    outside = [(cost, times, caller, callee) for (caller, callee), (times, cost) in counts.calls.items()
               if caller in ours and callee not in ours]
    for cost, times, caller, callee in sorted(outside, reverse=True)[:25]:
        print(f"  {cost / messages:9,.0f} {times / messages:9.2f}  {counts.label[callee]}  by  {counts.label[caller]}")
    print(f"  {sum(row[0] for row in outside) / messages:9,.0f}            all of these")


def show_instructions(scenario, column, core_port):
    title, _, budget, stretch, _ = SCENARIOS[scenario]
    counts, messages, delta = count_instructions(scenario, core_port)
    off, on = (count.total / messages for count in counts)
    added = on - off
    verdict = f"{budget - added:,.0f} left" if added <= budget else f"OVER by {added - budget:,.0f}"
    print(f"\n{title}\n  instructions per REGISTER    off {off:9,.0f}    on {on:9,.0f}"
          f"    added {added:+8,.0f}  {100 * added / off:+6.1f} %")
    print(f"  budget {budget:,} (stretch {stretch:,}): {verdict}")
    allocations = [count.called("fm_malloc") / messages for count in counts]
    print(f"  allocations per REGISTER     off {allocations[0]:9.2f}    on {allocations[1]:9.2f}"
          f"    added {allocations[1] - allocations[0]:+8.2f}")
    print("  findings per REGISTER        " + ", ".join(
        f"{delta.get('findings_' + level, 0) / messages:.2f} {level}" for level in ("error", "warning", "note")))
    for name, *columns in COMPARISON:
        print(f"    {name:28} {columns[column][0]:+9,}")
    if PROFILE:
        show_profile(counts[1], messages)
    if delta.get("findings_error"):
        raise SystemExit("the benchmark's own messages break a rule: these are not the figures of a healthy phone")


def show_cpu(scenario, column, core_port):
    pairs = cpu_ratios(scenario, core_port)
    ratios = sorted(ratio for ratio, _, _ in pairs)
    quarter = len(ratios) // 4
    budget = SCENARIOS[scenario][4]
    print(f"  CPU time on/off   median {statistics.median(ratios):.3f}"
          f"   quartiles {ratios[quarter]:.3f} .. {ratios[-1 - quarter]:.3f}"
          f"   range {ratios[0]:.3f} .. {ratios[-1]:.3f}   ({len(ratios)} pairs of {BURST_MESSAGES})"
          f"{f'   budget {budget:.2f}' if budget else ''}")
    print(f"  CPU us per REGISTER (best burst)   off {min(p[1] for p in pairs) / 1000:.1f}"
          f"   on {min(p[2] for p in pairs) / 1000:.1f}")
    print("    " + ", ".join(f"{name.split(',')[0]} {columns[column][1]:.2f}" for name, *columns in COMPARISON))


def main():
    if not MODULE.exists():
        raise SystemExit(f"{MODULE} is missing: run make first")
    wanted = re.split(r"[ ,]+", os.environ.get("ONLY") or ",".join(SCENARIOS))
    wanted = [SHORT.get(name, name) for name in wanted]
    unknown = [name for name in wanted if name not in SCENARIOS]
    if unknown:
        raise SystemExit(f"ONLY={unknown[0]}: it can be {', '.join(SCENARIOS)}")
    core_port = free_port()
    core = subprocess.Popen([LOAD, "core", str(core_port)])
    try:
        print("One worker, F_MALLOC, REGISTER of 1.9 kB with 20 header lines. Indented rows below the budget:"
              "\nwhat other ways to look at a REGISTER add, measured once with the same kind of messages.")
        for column, scenario in enumerate(SCENARIOS):
            if scenario in wanted:
                show_instructions(scenario, column, core_port)
                if BURSTS:
                    show_cpu(scenario, column, core_port)
                sys.stdout.flush()
    finally:
        core.terminate()
        core.wait()


if __name__ == "__main__":
    main()
