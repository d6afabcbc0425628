# SPDX-License-Identifier: GPL-2.0-or-later
"""How cost, memory and answering times grow with the number of phones.

One server is filled step by step, another one keeps 1,000 phones. CPU time is
compared in pairs of bursts of 10,000 REGISTERs: the big server sees each time
other phones, whose records no cache holds any more. At the end all records are
forgotten, and the server is started and stopped again with all that memory.
"""
import os
import random
import re
import sys
import time
from pathlib import Path

import results
from server import Server, folder_of

SIZES = [int(size) for size in os.environ.get("PHONES", "1000,10000,100000,1000000").split(",")]
SMALL = 1000
BURST = 10000
PAIRS = 20
ASKED = 200               # calls of why and show
BYTES_PER_PHONE = 1500    # more than a record with what belongs to it
BUDGET_BYTES, BUDGET_RATIO = 1120, 1.15
MOST_MS = {"ims_regmon.why": 1, "ims_regmon.show": 1, "ims_regmon.summary": 5}


def available_mb():
    with open("/proc/meminfo") as meminfo:
        fields = dict(line.split(":") for line in meminfo)
    return int(fields["MemAvailable"].split()[0]) // 1024


def huge_pages():
    """What the kernel is told to do with shared memory: with huge pages a phone that nobody looked at for long costs much
    less."""
    try:
        return re.search(r"\[(\w+)\]", Path("/sys/kernel/mm/transparent_hugepage/shmem_enabled").read_text())[1]
    except (OSError, TypeError):
        return "unknown"


def used_bytes(server):
    return server.rpc("core.shmmem")[0]["real_used"]


def who(phone):
    return f"impu:sip:001010077{phone:06}@ims.mnc001.mcc001.3gppnetwork.org"


def times_of(server, method, arguments):
    times = []
    for argument in arguments:
        result, spent_ms = server.rpc(method, *argument)
        if "error" in result:
            raise SystemExit(f"{method} {argument}: {result}")
        times.append(spent_ms)
    return sorted(times)


def show_answering_times(server, phones):
    """Round trips; the time of core.uptime, which does nothing, is part of each."""
    figures = {}
    some = [[who(random.randrange(phones))] for _ in range(ASKED)]
    calls = (("core.uptime", [[]] * ASKED), ("ims_regmon.why", some), ("ims_regmon.show", some),
             ("ims_regmon.summary", [[]] * 20), ("ims_regmon.list", [["limit=10"]] * 5))
    for method, arguments in calls:
        times = times_of(server, method, arguments)
        figures[method] = results.spread(times)
        budget = MOST_MS.get(method)
        print(f"    {method:20} median {figures[method]['median']:8.3f} ms   most {times[-1]:8.3f} ms"
              f"   ({len(times)} calls){f'   budget {budget} ms' if budget else ''}")
    return figures


def ratios_to_small(big, small, phones, pairs):
    """CPU time per REGISTER: with so many phones, and with few."""
    ratios, at = [], 0
    rounds = max(1, BURST // phones)
    for number in range(pairs):
        if number % 2:
            few_ns = small.burst(SMALL, BURST // SMALL)
        many_ns = big.burst(min(phones, BURST), rounds, first_phone=at)
        at = (at + BURST) % max(phones - BURST + 1, 1)
        if number % 2 == 0:
            few_ns = small.burst(SMALL, BURST // SMALL)
        ratios.append(many_ns / few_ns)
    return results.spread(ratios)


def show_size(big, small, phones, empty_bytes, pairs):
    figures = {"bytes": (used_bytes(big) - empty_bytes) / phones}
    print(f"  {phones:,} phones: {figures['bytes']:,.0f} B of shared memory for each   budget {BUDGET_BYTES:,}")
    if pairs and phones > SMALL:
        ratio = figures["ratio"] = ratios_to_small(big, small, phones, pairs)
        print(f"    CPU time per REGISTER against {SMALL:,} phones: {results.in_words(ratio)}"
              f"   ({ratio['n']} pairs of {BURST:,})   budget {BUDGET_RATIO}")
    if phones >= 100000:
        figures["times"] = show_answering_times(big, phones)
    sys.stdout.flush()
    return figures


def show_forgetting(big, phones):
    answer, spent_ms = big.rpc("ims_regmon.forget", "all")
    left = big.rpc("ims_regmon.summary")[0]["registrations"]["all"]
    if left:
        raise SystemExit(f"forget all: {left} registrations are left: {answer}")
    print(f"  forget all, {phones:,} phones: {spent_ms:,.0f} ms")
    return spent_ms


def start(name, variant, phones, shm_mb):
    return Server("STATELESS", variant, 9, name=name, shm_mb=shm_mb, defines=[
        f"MAX_REGISTRATIONS={phones + phones // 8}", f'RPC="{folder_of(name)}/rpc"'] if variant == "on" else [])


def show_scale(bursts):
    most = max(SIZES)
    need_mb = most * BYTES_PER_PHONE // 2**20 + 128
    if available_mb() < need_mb + 512:
        raise SystemExit(f"PHONES={most}: {need_mb} MB of shared memory are needed, {available_mb()} MB are left")
    print(f"\nwith the number of phones (stateless answer, {need_mb} MB of shared memory, huge pages for it: {huge_pages()})")
    servers = []
    try:
        for name, phones, shm_mb in (("few", SMALL, 64), ("many", most, need_mb)):
            servers.append(start(name, "on", phones, shm_mb))
        small, big = servers
        small.load(SMALL, 10, 32)
        big.rpc("ims_regmon.forget", "all")
        empty_bytes, filled = used_bytes(big), 0
        print(f"  the table itself, for {most + most // 8:,} phones: {empty_bytes / (most + most // 8):,.0f} B for each"
              " at most, Kamailio's own part included")
        figures = {"most": most, "shm_mb": need_mb, "sizes": {}, "start_s": {"on": big.started_s}}
        for phones in SIZES:
            began = time.monotonic()
            big.load(phones - filled, 1, 64, timeout_ms=60000, first_phone=filled)
            if phones - filled > 50000:
                print(f"  {phones - filled:,} phones register for the first time: {time.monotonic() - began:.1f} s")
            filled = phones
            figures["sizes"][str(phones)] = show_size(big, small, phones, empty_bytes, min(bursts, PAIRS))
        figures["forget_ms"] = show_forgetting(big, most)
        big.stop()
        servers.append(start("without", "off", most, need_mb))
        figures["start_s"]["off"] = servers[-1].started_s
        print(f"  start with {need_mb} MB, until the first answer: {figures['start_s']['on']:.1f} s,"
              f" without the module {figures['start_s']['off']:.1f} s")
        results.keep("scale", figures)
    finally:
        for server in servers:
            server.stop()
