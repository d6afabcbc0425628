#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What one REGISTER costs Kamailio with ims_regmon off and on.

Instructions: valgrind's callgrind in the UDP worker, inside receive_msg() only,
after warm-up, user space only. They hardly vary from run to run.
CPU time: schedstat of all Kamailio processes, kernel included, in bursts
off on on off ...; each pair gives one ratio.

And how all this grows with the number of phones (scale.py).

Options (environment): ONLY=stateless,save,proxy,scale (or sl, tm)   BURSTS=40 pairs, 0: none
PHONES=1000,10000,100000,1000000 for scale   ROUNDS=10 REGISTERs counted per phone
PROFILE=1: where the module's instructions go
RECORDS=1: with a record of each ended attempt, written to record_file
"""
import os
import re
import statistics
import subprocess
import sys
from pathlib import Path

from counts import Counts
from scale import show_scale
from server import LOAD, MODULE, Server, free_port

BURSTS = int(os.environ.get("BURSTS", 40))
ROUNDS = int(os.environ.get("ROUNDS", 10))
PROFILE = os.environ.get("PROFILE", "") not in ("", "0")
COUNTED_PHONES = 200      # under callgrind
WARM_ROUNDS = 10          # fills every timeline
BURST_MESSAGES = 1000     # one burst: every phone once

SCENARIOS = {             # name: title, define, budget, stretch, budget of the CPU ratio
    "stateless": ("stateless answer (sl_send_reply 200)", "STATELESS", 6000, 4000, None),
    "save": ("registrar (save, usrloc in memory)", "SAVE", 6000, 4000, None),
    "proxy": ("stateful proxy (t_relay), request and answer, both legs", "PROXY", 10000, 7000, 1.10),
}
SHORT = {"sl": "stateless", "tm": "proxy"}

# Whose instructions these are, by the folder of the function.
PHASES = (
    ("reading", ("message",)),
    ("judging", ("rules",)),
    ("table", ("registration",)),
    ("news, causes, counts", ("measure", "diagnosis", "guard")),
    ("hooks", ("hooks", "show")),
)

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


def count_instructions(scenario, core_port):
    """Counts of both, off and on, at the same time; REGISTERs in them."""
    servers, counts = [], []
    try:
        for on in (False, True):
            servers.append(Server(SCENARIOS[scenario][1], on, core_port, callgrind=True))
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
    calls = [count.called("parse_msg") for count in counts]
    if calls[0] != calls[1]:
        raise SystemExit(f"callgrind counted {calls[0]} messages off and {calls[1]} on: run it again")
    return counts, messages, delta


def cpu_ratios(scenario, core_port):
    servers, pairs = [], []
    try:
        for on in (False, True):
            servers.append(Server(SCENARIOS[scenario][1], on, core_port))
        off, on = servers
        phones = BURST_MESSAGES // (2 if off.pair else 1)
        for server in servers:
            for _ in range(WARM_ROUNDS):
                server.burst(phones)
        for number in range(BURSTS):
            if number % 2:
                on_ns, off_ns = on.burst(phones), off.burst(phones)
            else:
                off_ns, on_ns = off.burst(phones), on.burst(phones)
            pairs.append((on_ns / off_ns, off_ns, on_ns))
    finally:
        for server in servers:
            server.stop()
    return pairs


def ours_of(counts):
    return [function for function, where in counts.object_of.items() if where.endswith("/ims_regmon.so")]


def show_phases(counts, messages, added):
    ours = ours_of(counts)
    spent = {}
    for function in ours:
        folder = re.search(r"\((\w+)/", counts.label[function])
        phase = next((name for name, folders in PHASES if folder and folder[1] in folders), "elsewhere")
        spent[phase] = spent.get(phase, 0) + counts.own.get(function, 0) / messages
    spent["outside, for us"] = sum(cost for (caller, callee), (_, cost) in counts.calls.items()
                                   if caller in ours and callee not in ours) / messages
    print("  of these                     " + ", ".join(
        f"{phase} {cost:,.0f}" for phase, cost in spent.items() if cost >= 1)
        + f"; callbacks {added - sum(spent.values()):,.0f}")


def show_profile(counts, messages):
    ours = ours_of(counts)
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
    show_phases(counts[1], messages, added)
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
    wanted = re.split(r"[ ,]+", os.environ.get("ONLY") or ",".join([*SCENARIOS, "scale"]))
    wanted = [SHORT.get(name, name) for name in wanted]
    known = [*SCENARIOS, "scale"]
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise SystemExit(f"ONLY={unknown[0]}: it can be {', '.join(known)}")
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
        if "scale" in wanted:
            show_scale(BURSTS)
    finally:
        core.terminate()
        core.wait()


if __name__ == "__main__":
    main()
