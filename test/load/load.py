# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs the load and compares what ims_regmon counted with what SIPp did.

Which of SIPp's figures reach the node? SIPp sends a packet `Sent` times for the
first time and `Retrans` times again; `Lost` of these it throws away itself, as if
the network had (the option -lost). So Sent + Retrans - Lost REGISTERs arrive. Each
flow has two transactions, and each of them gets through sooner or later, because a
phone repeats until it is answered: the first copy of each that arrives is a
REGISTER, all others are retransmissions, whichever copy of SIPp's it was. Answers
that get lost on the way to the phone are no concern of the counters: the node sent
them, the phone repeats, and that is a retransmission again. So

  registers        = 2 x flows
  retransmissions  = Sent + Retrans - Lost - 2 x flows
  challenges, 2xx  = flows each

hold exactly, whatever was lost. What is lost between node and core is repeated by
tm; it makes flows slower and must not show in any of these figures. One thing SIPp
cannot know: what the kernel drops because the node's socket is full (a machine too
busy for this load). Each such packet may have been a repetition, so the number of
retransmissions is then known only up to the number of packets dropped."""
import csv
import os
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "scenario"))

from kamailio import BUILD, MODULE, Kamailio, free_port  # noqa: E402
from regmon import Regmon  # noqa: E402
from sip import eventually  # noqa: E402

FLOWS = int(os.environ.get("FLOWS", 20000))
PHONES = int(os.environ.get("PHONES", min(2000, FLOWS)))
RATE = int(os.environ.get("RATE", 150))
LOST = float(os.environ.get("LOST", 3))
ROUNDS = FLOWS // PHONES
FOLDER = os.path.join(BUILD, "load")
# The module keeps 32 small blocks ready, taken anew now and then. Kamailio's allocator leaves unused behind a block what
# is less than the block itself and its own part, so their sum is not the same to the byte.
SPARES_BYTES = 32 * 512
# A phone gives up a transaction only after minutes; this is for a broken node.
LIMIT_S = 60 + FLOWS // 200


def read(name):
    with open(os.path.join(HERE, name)) as file:
        return file.read()


def empty(folder):
    os.makedirs(folder, exist_ok=True)
    for name in os.listdir(folder):
        os.remove(os.path.join(folder, name))


def write_phones():
    with open(os.path.join(FOLDER, "phones.csv"), "w") as file:
        file.write("SEQUENTIAL\n")
        for number in range(1, PHONES + 1):
            file.write(f"001010{number:09d};{number:06d}\n")


def run_phones(node_port):
    """Returns SIPp's counts by column name of its -trace_counts."""
    command = ["sipp", f"127.0.0.1:{node_port}", "-sf", os.path.join(HERE, "phone.xml"), "-inf", "phones.csv",
               "-i", "127.0.0.1", "-p", str(free_port()), "-m", str(PHONES), "-r", str(RATE), "-l", str(PHONES),
               "-set", "rounds", str(ROUNDS), "-lost", str(LOST), "-T2", "1000", "-nostdin", "-fd", "1000",
               "-trace_counts", "-trace_err", "-error_file", "phones.err",
               "-trace_screen", "-screen_file", "phones.screen"]
    with open(os.path.join(FOLDER, "phones.out"), "w") as out:
        process = subprocess.Popen(command, cwd=FOLDER, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        try:
            status = process.wait(LIMIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            status = f"not done after {LIMIT_S} s"
    with open(os.path.join(FOLDER, f"phone_{process.pid}_counts.csv")) as file:
        last = list(csv.DictReader(file, delimiter=";"))[-1]
    return status, {name: int(value) for name, value in last.items() if value and value.isdigit()}


def total(counts, what):
    """of both REGISTERs of the scenario"""
    return sum(value for name, value in counts.items() if name.endswith("_REGISTER_" + what))


def dropped_by_kernel(port):
    """the last column of /proc/net/udp, whose second one is ADDRESS:PORT"""
    with open("/proc/net/udp") as file:
        rows = [line.split() for line in file][1:]
    return sum(int(row[-1]) for row in rows if row[1].endswith(f":{port:04X}"))


def memory_of_module(node):
    """bytes of shared memory that the module's own allocations hold"""
    # "Module: ims_regmon", then one struct of allocating function to bytes, and "Total"
    return next(int(row["Total"]) for row in node.rpc("mod.stats", "ims_regmon", "shm") if isinstance(row, dict))


def counted_memory(node):
    """bytes that the module says its records take, without the allocator's part"""
    return Regmon(node).counters()["memory_bytes"]


def used_memory(node):
    return int(node.rpc("core.shmmem")["used"])


def await_end_of_transactions(node):
    until = time.monotonic() + 60
    while int(node.rpc("tm.stats")["current"]) and time.monotonic() < until:
        time.sleep(0.5)
    return int(node.rpc("tm.stats")["current"])


class Comparison:
    def __init__(self):
        self.passed = self.failed = 0

    def check(self, what, good, seen, expected):
        self.passed += good
        self.failed += not good
        shown = f"{len(seen)} values" if good and isinstance(seen, dict) else str(seen)
        print(f"{'ok    ' if good else 'FAILED'} {what:50s} {shown:>9}{'' if good else f'  expected {expected}'}")

    def between(self, what, seen, least, most):
        self.check(what, least <= seen <= most, seen, f"{least} to {most}")

    def memory_given_back(self, node, counted_before, held_before):
        """nothing is remembered, as then"""
        self.check("bytes of its records by its own count", eventually(lambda: counted_memory(node) == counted_before),
                   counted_memory(node), counted_before)
        grown = memory_of_module(node) - held_before
        self.between("growth of the module's shared memory, bytes", grown, -SPARES_BYTES, SPARES_BYTES)

    def same(self, what, seen, expected):
        self.check(what, seen == expected, seen, expected)


def compare(node, counts, status, memory_before, compared):
    regmon = Regmon(node)
    same = compared.same
    arrived = total(counts, "Sent") + total(counts, "Retrans") - total(counts, "Lost")
    transactions = node.rpc("tm.stats")
    counted = regmon.counters()
    summary = regmon.summary()

    same("SIPp's exit status", status, 0)
    same("REGISTERs that SIPp sent for the first time", total(counts, "Sent"), 2 * FLOWS)
    same("transactions of tm", int(transactions["total"]), 2 * FLOWS)
    same("registers", counted["registers"], 2 * FLOWS)
    dropped = dropped_by_kernel(node.port)
    if dropped:
        print(f"       the kernel dropped {dropped} packets before the node")
    compared.between("retransmissions", counted["retransmissions"], arrived - 2 * FLOWS - dropped,
                     arrived - 2 * FLOWS)
    same("attempts_initial", counted["attempts_initial"], PHONES)
    same("successes_initial", counted["successes_initial"], PHONES)
    same("attempts_reregistration", counted["attempts_reregistration"], FLOWS - PHONES)
    same("successes_reregistration", counted["successes_reregistration"], FLOWS - PHONES)
    same("challenges", counted["challenges"], counts["3_401_Recv"])
    same("answers_2xx", counted["answers_2xx"], counts["6_200_Recv"])
    for name in counted:
        if name.startswith(("failures_", "attempts_deregistration", "attempts_other")) or name in (
                "superseded", "unanswered", "silent_after_challenge", "answers_4xx", "answers_5xx", "answers_other",
                "answers_not_sent", "evicted", "dropped", "expired", "network_deregistered"):
            same(name, counted[name], 0)
    same("registrations", summary["registrations"]["all"], PHONES)
    same("registrations in state registered", summary["registrations"].get("registered", 0), PHONES)
    same("faults that check_invariants finds", len(regmon.faults()), 0)
    same("records deleted by forget all", regmon.forget("all"), PHONES)
    same("faults after that", len(regmon.faults()), 0)
    compared.memory_given_back(node, memory_before[2], memory_before[0])
    same("transactions left", await_end_of_transactions(node), 0)
    print(f"       all shared memory used: {memory_before[1]} bytes before, {used_memory(node)} now")


def stop(node, core, folder, compared):
    """those that run; their logs stay in the folder, and what they complain of is shown"""
    for name, kamailio in (("node", node), ("core", core)):
        if kamailio.process is None:
            continue
        with open(os.path.join(folder, name + ".log"), "w") as file:
            file.write(kamailio.log())
        wrong = kamailio.stop()
        compared.same(f"complaints of Kamailio ({name})", len(wrong), 0)
        print("\n".join(wrong), end="\n" if wrong else "")


def main():
    if not os.path.exists(MODULE):
        sys.exit(f"there is no {MODULE}; 'make' builds it")
    if PHONES * ROUNDS != FLOWS:
        sys.exit(f"FLOWS={FLOWS} is no multiple of PHONES={PHONES}")
    empty(FOLDER)
    write_phones()
    compared = Comparison()
    core = Kamailio(read("core.cfg"), shm_mb=64, defines={"LOST": int(32768 * LOST / 100)})
    # tm keeps each transaction for 10 s: on a fast machine a gigabyte of them
    node = Kamailio(read("pcscf.cfg"), core_port=core.port, shm_mb=4096, options=["-b", "4194304"],
                    defines={"MAX_REGISTRATIONS": max(10000, 5 * PHONES)})
    try:
        core.start()
        node.start()
        before = memory_of_module(node), used_memory(node), counted_memory(node)
        began = time.monotonic()
        status, counts = run_phones(node.port)
        took_s = time.monotonic() - began
        print(f"{FLOWS} flows of {PHONES} phones in {took_s:.1f} s; of {total(counts, 'Sent')} REGISTERs and "
              f"{total(counts, 'Retrans')} repetitions SIPp lost {total(counts, 'Lost')}, and "
              f"{counts['3_401_Lost'] + counts['6_200_Lost']} answers")
        compare(node, counts, status, before, compared)
    finally:
        stop(node, core, FOLDER, compared)
    print(f"{compared.passed} passed, {compared.failed} failed")
    return 1 if compared.failed else 0


if __name__ == "__main__":
    sys.exit(main())
