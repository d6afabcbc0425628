#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What one REGISTER costs Kamailio with ims_regmon off and on, and with other ways to look at it.

Instructions: valgrind's callgrind in the UDP worker, inside receive_msg() only,
after warm-up, user space only. They hardly vary from run to run.
CPU time: schedstat of all Kamailio processes, kernel included, in bursts of all
variants in turn, forwards and backwards; each round gives one ratio for each.

And how all this grows with the number of phones (scale.py).

Options (environment): ONLY=stateless,save,proxy,scale (or sl, tm)   BURSTS=40 rounds, 0: none
VARIANTS=on,sanity,siptrace,htable: what is compared with off
PHONES=1000,10000,100000,1000000 for scale   ROUNDS=10 REGISTERs counted per phone
PROFILE=1: where the module's instructions go
RECORDS=1: with a record of each ended attempt, written to record_file
"""
import os
import re
import subprocess
import sys
from pathlib import Path

import results
from counts import Counts
from scale import show_scale
from server import LOAD, MODULE, Server, free_port

BURSTS = int(os.environ.get("BURSTS", 40))
ROUNDS = int(os.environ.get("ROUNDS", 10))
PROFILE = os.environ.get("PROFILE", "") not in ("", "0")
COUNTED_PHONES = 200      # under callgrind
WARM_ROUNDS = 10          # fills every timeline
BURST_MESSAGES = 1000     # one burst: every phone once
STARTS = 5                # of all servers, the rounds shared among them
ATTEMPTS = 3              # a busy machine can make Kamailio repeat something, then the counts do not match

SCENARIOS = {             # name: title, define, budget, stretch, budget of the CPU ratio
    "stateless": ("stateless answer (sl_send_reply 200)", "STATELESS", 6000, 4000, None),
    "save": ("registrar (save, usrloc in memory)", "SAVE", 6000, 4000, None),
    "proxy": ("stateful proxy (t_relay), request and answer, both legs", "PROXY", 10000, 7000, 1.10),
}
SHORT = {"sl": "stateless", "tm": "proxy"}
VARIANTS = {              # what is added to a bare server
    "on": "ims_regmon",
    "sanity": "sanity, all checks that a 3GPP phone passes",
    "siptrace": "siptrace, automatic, to HEP",
    "htable": "a script with htable",
}
COMPARED = [name for name in re.split(r"[ ,]+", os.environ.get("VARIANTS") or ",".join(VARIANTS))]

# Whose instructions these are, by the folder of the function.
PHASES = (
    ("reading", ("message",)),
    ("judging", ("rules",)),
    ("table", ("registration",)),
    ("news, causes, counts", ("measure", "diagnosis", "guard")),
    ("hooks", ("hooks", "show")),
)


class Mismatch(Exception):
    pass


def count_one(scenario, variant, ports):
    """Counts, REGISTERs in them, and how far the module's counters went."""
    server = Server(SCENARIOS[scenario][1], variant, ports["core"], callgrind=True, hep_port=ports["hep"])
    try:
        server.load(COUNTED_PHONES, WARM_ROUNDS, 4)
        server.dump(1)
        before, messages = server.counters(), server.messages
        server.load(COUNTED_PHONES, ROUNDS, 4)
        messages = server.messages - messages
        counts = Counts(server.dump(2))
        delta = {name: value - before.get(name, 0) for name, value in server.counters().items()}
    finally:
        server.stop()
    if variant == "on" and delta.get("registers") != messages:
        raise Mismatch(f"the module saw {delta.get('registers')} of {messages} REGISTERs")
    expected = messages * (2 if server.pair else 1) + 1    # and what makes callgrind write
    if counts.called("parse_msg") != expected:
        raise Mismatch(f"callgrind counted {counts.called('parse_msg')} messages instead of {expected}")
    return counts, messages, delta


def count_instructions(scenario, variant, ports):
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return count_one(scenario, variant, ports)
        except Mismatch as mismatch:
            if attempt == ATTEMPTS:
                raise SystemExit(f"{scenario}, {variant}: {mismatch}, {ATTEMPTS} times") from None
            print(f"  ({variant}: {mismatch}; once more)")


def run_rounds(scenario, ports, variants, rounds, spent):
    servers = {}
    try:
        for variant in variants:
            servers[variant] = Server(SCENARIOS[scenario][1], variant, ports["core"], hep_port=ports["hep"])
        phones = BURST_MESSAGES // (2 if servers["off"].pair else 1)
        for server in servers.values():
            for _ in range(WARM_ROUNDS):
                server.burst(phones)
        for number in range(rounds):
            for variant in variants[::-1 if number % 2 else 1]:
                spent[variant].append(servers[variant].burst(phones))
    finally:
        for server in servers.values():
            server.stop()


def cpu_rounds(scenario, ports):
    """For each variant the CPU ns per REGISTER of every round. How fast a server is has much to do with where its memory
    happens to lie, so they are started more than once, in another order each time."""
    variants = ["off", *COMPARED]
    spent = {variant: [] for variant in variants}
    for start in range(min(STARTS, BURSTS)):
        turn = start % len(variants)
        run_rounds(scenario, ports, variants[turn:] + variants[:turn], (BURSTS + start) // STARTS or 1, spent)
    return spent


def ours_of(counts):
    return [function for function, where in counts.object_of.items() if where.endswith("/ims_regmon.so")]


def phases_of(counts, messages, added):
    ours = ours_of(counts)
    spent = {}
    for function in ours:
        folder = re.search(r"\((\w+)/", counts.label[function])
        phase = next((name for name, folders in PHASES if folder and folder[1] in folders), "elsewhere")
        spent[phase] = spent.get(phase, 0) + counts.own.get(function, 0) / messages
    spent["outside, for us"] = sum(cost for (caller, callee), (_, cost) in counts.calls.items()
                                   if caller in ours and callee not in ours) / messages
    spent["callbacks"] = added - sum(spent.values())
    return {phase: cost for phase, cost in sorted(spent.items(), key=lambda one: -one[1]) if cost >= 1}


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


def show_instructions(scenario, ports):
    title, _, budget, stretch, _ = SCENARIOS[scenario]
    counts, messages, _ = count_instructions(scenario, "off", ports)
    off, off_allocations = counts.total / messages, counts.called("fm_malloc") / messages
    figures = {"off": off, "off_allocations": off_allocations, "budget": budget, "added": {}, "allocations": {}}
    print(f"\n{title}\n  instructions per REGISTER without anything {off:9,.0f}, allocations {off_allocations:.2f}")
    for variant in COMPARED:
        counts, messages, delta = count_instructions(scenario, variant, ports)
        added = counts.total / messages - off
        allocations = counts.called("fm_malloc") / messages - off_allocations
        figures["added"][variant], figures["allocations"][variant] = added, allocations
        print(f"  {VARIANTS[variant]:44} {added:+8,.0f}  {100 * added / off:+6.1f} %   allocations {allocations:+.2f}")
        if variant == "on":
            figures["phases"] = phases_of(counts, messages, added)
            figures["findings"] = {level: delta.get(f"findings_{level}", 0) / messages
                                   for level in ("error", "warning", "note")}
            verdict = f"{budget - added:,.0f} left" if added <= budget else f"OVER by {added - budget:,.0f}"
            print(f"    budget {budget:,} (stretch {stretch:,}): {verdict}\n    of these "
                  + ", ".join(f"{phase} {cost:,.0f}" for phase, cost in figures["phases"].items())
                  + "\n    findings per REGISTER "
                  + ", ".join(f"{number:.2f} {level}" for level, number in figures["findings"].items()))
            if PROFILE:
                show_profile(counts, messages)
            if delta.get("findings_error"):
                raise SystemExit("the benchmark's own messages break a rule: these are not the figures of a healthy phone")
    results.keep(scenario, figures)


def show_cpu(scenario, ports):
    budget = SCENARIOS[scenario][4]
    spent = cpu_rounds(scenario, ports)
    figures = {"off_us": min(spent["off"]) / 1000, "budget": budget, "bursts": BURST_MESSAGES, "ratio": {}}
    print(f"  CPU time against without ({BURSTS} rounds of {BURST_MESSAGES} REGISTERs each;"
          f" without: {figures['off_us']:.1f} us per REGISTER in the best burst)")
    for variant in COMPARED:
        ratio = results.spread([with_it / without for with_it, without in zip(spent[variant], spent["off"])])
        figures["ratio"][variant] = ratio
        print(f"  {VARIANTS[variant]:44} {results.in_words(ratio)}"
              f"{f'   budget {budget:.2f}' if budget and variant == 'on' else ''}")
    results.keep(scenario + " cpu", figures)


def main():
    if not MODULE.exists():
        raise SystemExit(f"{MODULE} is missing: run make first")
    wanted = re.split(r"[ ,]+", os.environ.get("ONLY") or ",".join([*SCENARIOS, "scale"]))
    wanted = [SHORT.get(name, name) for name in wanted]
    known = [*SCENARIOS, "scale"]
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise SystemExit(f"ONLY={unknown[0]}: it can be {', '.join(known)}")
    for variant in COMPARED:
        if variant not in VARIANTS:
            raise SystemExit(f"VARIANTS={variant}: it can be {', '.join(VARIANTS)}")
    ports = {"core": free_port(), "hep": free_port()}
    helpers = [subprocess.Popen([LOAD, role, str(ports[port])]) for role, port in (("core", "core"), ("sink", "hep"))]
    try:
        print("One worker, F_MALLOC, REGISTER of 1.9 kB with 20 header lines.")
        for scenario in SCENARIOS:
            if scenario in wanted:
                show_instructions(scenario, ports)
                if BURSTS:
                    show_cpu(scenario, ports)
                sys.stdout.flush()
        if "scale" in wanted:
            show_scale(BURSTS)
    finally:
        for helper in helpers:
            helper.terminate()
            helper.wait()


if __name__ == "__main__":
    main()
