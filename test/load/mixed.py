# SPDX-License-Identifier: GPL-2.0-or-later
"""A mixed load and its bookkeeping: phones that register, refresh and de-register,
loop, fall silent, are refused, run into a timeout, repeat themselves and give up.
Each kind of phone is one SIPp with a scenario made here from a row of letters; the
same row says what the node has to count for it. Everything is compared: counters,
TS 32.409 figures, the first rows of each dimension, windows, registered users.

  R  REGISTER, new Call-ID    r  the same Call-ID once more    t  the last one again
  A  response   U  auts       P  refresh     D  de-registration
  L  REGISTER that the node loses
  c  401   s  200   m  423    f  refused: that ends it
  w  wait a second            h  wait 0.3 s, as a phone that has to ask its card

What takes minutes of real time, silence (240 s) and no answer at all (128 s), is
only in the long run (LONG=1); in the short one the phone begins anew before that."""
import csv
import os
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "scenario"))

from kamailio import BUILD, MODULE, Kamailio, free_port  # noqa: E402
from load import Comparison, dropped_by_kernel, empty, read, stop  # noqa: E402
from prometheus import exposition, samples  # noqa: E402
from regmon import Regmon  # noqa: E402

ATTEMPTS = int(os.environ.get("ATTEMPTS", 3000))
RATE = int(os.environ.get("RATE", 200))  # phones that begin per second, of all kinds
LONG = os.environ.get("LONG", "") not in ("", "0")
FOLDER = os.path.join(BUILD, "load-mixed")
LIMIT_S = 90 + ATTEMPTS // 100
DOMAIN = "ims.mnc001.mcc001.3gppnetwork.org"
TACS, CELLS = 7, 40

# name: row of letters, answer that refuses, share of all phones
FLOWS = {
    "ok": ("RchAsPsDs", None, 20), "keep": ("RctthAs", None, 10), "loop": ("RcAcAcAcAf", 403, 5),
    "forbidden": ("Rf", 403, 5), "busy": ("Rf", 504, 3), "timeout": ("Rf", 408, 3),
    "quiet": ("RcwRchAs", None, 5), "lost": ("LwRcAs", None, 5), "resync": ("RcUchAs", None, 4),
    "brief": ("RmrchAs", None, 3)}
if LONG:
    FLOWS |= {"silent": ("Rc", None, 2), "mute": ("L", None, 2)}

EMPTY = 'nonce="",response=""'
HEADERS = """REGISTER sip:{domain} SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=z9hG4bK-[pid]-[call_number]-{number};rport
Max-Forwards: 70
From: <sip:[field0]@{domain}>;tag=[pid]-[call_number]
To: <sip:[field0]@{domain}>
Call-ID: a{attempt}///[call_id]
CSeq: {number} REGISTER
Contact: <sip:[field0]@[local_ip]:[local_port]>;+sip.instance="<urn:gsma:imei:[field1]>";+g.3gpp.smsip
Expires: {expires}
Supported: path, gruu
Authorization: Digest username="[field0]@{domain}",realm="{domain}",uri="sip:{domain}",{credentials},algorithm=AKAv1-MD5
P-Access-Network-Info: 3GPP-NR-TDD;utran-cell-id-3gpp=00101[field2][field3]
User-Agent: {device}
Content-Length: 0

"""


class Attempt:
    """what the node has to count for one"""

    def __init__(self, kind, device):
        self.kind, self.device = kind, device
        self.result = self.code = None
        self.registers = self.challenges = self.answers = self.resyncs = 0


def play(name):
    """The steps of a flow: its scenario, its attempts, how often it sends and what it gets."""
    row, refused_with, _ = FLOWS[name]
    steps, attempts, number, answers, sends = [], [], 0, [], 0
    text = ""
    bound = False
    last = len(row) - 1

    def begin(kind, device):
        if attempts and attempts[-1].result is None:
            attempts[-1].result = "superseded"
        attempts.append(Attempt(kind, device))

    def send():
        steps.append(f"<send><![CDATA[\n{text}]]></send>")

    for place, step in enumerate(row):
        if step in "RLPDrAU":
            number += 1
            device = "mixed-lost" if step == "L" else "mixed-again" if name == "lost" else f"mixed-{name}"
            if step in "RLPD":
                begin({"P": "re_registration", "D": "de_registration"}.get(step, "initial"), device)
            answered = step in "PDAU"
            credentials = (f'[$nonce],response="7391491c5722fcd71d4e348d20886084"' if answered else EMPTY)
            if step == "U":
                credentials += ',auts="AAAAAAAAAAAAAAAAAAA="'
            text = HEADERS.format(domain=DOMAIN, number=number, attempt=len(attempts), device=device,
                                  expires=0 if step == "D" else 600000, credentials=credentials)
            attempts[-1].registers += 1
            attempts[-1].answers += answered
            attempts[-1].resyncs += step == "U"
            sends += 1
            send()
        elif step == "t":
            send()
        elif step == "w":
            steps.append('<pause milliseconds="1000"/>')
        elif step == "h":
            steps.append('<pause milliseconds="300"/>')
        else:
            code = {"c": 401, "s": 200, "m": 423, "f": refused_with}[step]
            action = ('<action><ereg regexp="nonce=&quot;[^&quot;]*&quot;" search_in="hdr" header="WWW-Authenticate:"'
                      ' assign_to="nonce"/></action>' if step == "c" else "")
            steps.append('<recv response="100" optional="true"/>')
            steps.append(f'<recv response="{code}">{action}</recv>')
            answers.append(code)
            attempts[-1].challenges += step == "c"
            if step in "sf":
                attempts[-1].result, attempts[-1].code = ("success" if step == "s" else "refused"), code
                bound = step == "s" and attempts[-1].kind != "de_registration"
    if attempts[-1].result is None:
        attempts[-1].result = "no_answer" if row[last] == "L" else "silent_after_challenge"
    if not any("ereg" in step for step in steps):
        steps.append('<nop><action><assignstr assign_to="nonce" value=""/></action></nop>')
    steps.append('<Reference variables="nonce"/>')
    scenario = ('<?xml version="1.0" encoding="UTF-8" ?>\n<scenario name="mixed">\n' + "\n".join(steps)
                + "\n</scenario>\n")
    return scenario, attempts, answers, sends, bound


class Flow:
    def __init__(self, name, serial, phones):
        self.name, self.phones = name, phones
        self.scenario, self.attempts, self.answers, self.sends, self.bound = play(name)
        self.rows = [(f"00101{serial:02d}{number:08d}", f"356099{serial:02d}-{number:06d}-0",
                      f"{number % TACS + 1:06X}", f"{number % CELLS + 1:09X}") for number in range(phones)]

    def start(self, node_port, rate):
        for ending, text in (("xml", self.scenario),
                             ("csv", "SEQUENTIAL\n" + "".join(";".join(row) + "\n" for row in self.rows))):
            with open(os.path.join(FOLDER, f"{self.name}.{ending}"), "w") as file:
                file.write(text)
        command = ["sipp", f"127.0.0.1:{node_port}", "-sf", self.name + ".xml", "-inf", self.name + ".csv",
                   "-i", "127.0.0.1", "-p", str(free_port()), "-m", str(self.phones), "-r", str(max(1, rate)),
                   "-l", str(self.phones), "-pause_msg_ign", "-nostdin", "-fd", "1000", "-trace_counts", "-trace_err",
                   "-error_file", self.name + ".err"]
        with open(os.path.join(FOLDER, self.name + ".out"), "w") as out:
            self.process = subprocess.Popen(command, cwd=FOLDER, stdin=subprocess.DEVNULL, stdout=out, stderr=out)

    def wait(self, until):
        try:
            self.status = self.process.wait(max(1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            self.status = "not done in time"
        with open(os.path.join(FOLDER, f"{self.name}_{self.process.pid}_counts.csv")) as file:
            counts = list(csv.DictReader(file, delimiter=";"))[-1]
        self.arrived = sum(int(value) for column, value in counts.items()
                           if column and column.endswith(("_REGISTER_Sent", "_REGISTER_Retrans")))


class Book:
    """sums over what the flows say"""

    def __init__(self, flows):
        self.flows = flows

    def attempts(self, **wanted):
        """how many attempts have these attributes"""
        return sum(flow.phones for flow in self.flows for attempt in flow.attempts
                   if all(getattr(attempt, name) == value for name, value in wanted.items()))

    def sum(self, what, **wanted):
        return sum(flow.phones * what(attempt) for flow in self.flows for attempt in flow.attempts
                   if all(getattr(attempt, name) == value for name, value in wanted.items()))

    def answered(self, *codes):
        return sum(flow.phones * flow.answers.count(code) for flow in self.flows for code in codes)

    def by(self, value_of):
        """value: (attempts, failures), value_of gets the flow, the row of the phone, the attempt"""
        found = {}
        for flow in self.flows:
            for attempt in flow.attempts:
                for row in flow.rows:
                    value = value_of(flow, row, attempt)
                    if value:
                        attempts, failures = found.get(value, (0, 0))
                        found[value] = attempts + 1, failures + (attempt.result != "success")
        return found


def compare_counters(regmon, book, compared, dropped):
    same, counted = compared.same, regmon.counters()
    registers = book.sum(lambda attempt: attempt.registers)
    arrived = sum(flow.arrived for flow in book.flows)
    for kind, name in (("initial", "initial"), ("re_registration", "reregistration"),
                       ("de_registration", "deregistration")):
        same(f"attempts_{name}", counted[f"attempts_{name}"], book.attempts(kind=kind))
        same(f"successes_{name}", counted[f"successes_{name}"], book.attempts(kind=kind, result="success"))
        same(f"failures_{name}", counted[f"failures_{name}"],
             book.attempts(kind=kind) - book.attempts(kind=kind, result="success"))
    same("registers", counted["registers"], registers)
    compared.between("retransmissions", counted["retransmissions"], arrived - registers - dropped, arrived - registers)
    same("superseded", counted["superseded"], book.attempts(result="superseded"))
    same("silent_after_challenge", counted["silent_after_challenge"], book.attempts(result="silent_after_challenge"))
    same("unanswered", counted["unanswered"], book.attempts(result="no_answer"))
    same("refused", counted["refused"], book.attempts(result="refused"))
    same("challenges", counted["challenges"], book.answered(401))
    same("answers_2xx", counted["answers_2xx"], book.answered(200))
    same("answers_4xx", counted["answers_4xx"], book.answered(403, 408, 423))
    same("answers_5xx", counted["answers_5xx"], book.answered(504))
    same("ineffective", counted["ineffective"], book.attempts(result="refused") + book.attempts(result="no_answer"))
    for name in counted:
        if name.endswith(("_other", "_third_party")) or name in (
                "answers_not_sent", "evicted", "dropped", "expired", "network_deregistered", "mac_failed",
                "late_answers"):
            same(name, counted[name], 0)
    return counted


def compare_kpi(regmon, book, compared, counted):
    same, kpi = compared.same, regmon.rpc("kpi")
    attempts = successes = 0
    for kind in ("initial", "re_registration", "de_registration"):
        is_ = kpi[kind]
        attempts += book.attempts(kind=kind)
        succeeded = book.attempts(kind=kind, result="success")
        successes += succeeded
        for field, should in (
                ("attempts", book.attempts(kind=kind)), ("ended", book.attempts(kind=kind)),
                ("successes", succeeded), ("registers", book.sum(lambda attempt: attempt.registers, kind=kind)),
                *((result, book.attempts(kind=kind, result=result))
                  for result in ("refused", "superseded", "silent_after_challenge", "no_answer"))):
            same(f"kpi {kind}.{field}", is_[field], should)
        same(f"kpi {kind}: failures by code", {row["code"]: row["failures"] for row in is_["by_code"]},
             {code: book.attempts(kind=kind, code=code) for code in (403, 408, 504)
              if book.attempts(kind=kind, code=code)})
        for times in ("setup_time", "network_time"):
            same(f"kpi {kind}.{times}: in all buckets", sum(bucket["n"] for bucket in is_[times]["buckets"]), succeeded)
        compared.between(f"kpi {kind}.success_percent", round(is_["success_percent"], 1),
                         round(100 * succeeded / book.attempts(kind=kind), 1) - 0.1,
                         round(100 * succeeded / book.attempts(kind=kind), 1) + 0.1)
    # the phones took 0.3 s for each answer in some flows: that is not the network's
    pauses_ms = 300 * sum(flow.phones for flow in book.flows if "h" in FLOWS[flow.name][0])
    initial = kpi["initial"]
    compared.between("kpi initial: the phones' part of set-up times, ms",
                     initial["setup_time"]["sum_ms"] - initial["network_time"]["sum_ms"], pauses_ms, pauses_ms * 20)
    same("counter setup_ms_initial", counted["setup_ms_initial"], initial["setup_time"]["sum_ms"])
    aka = kpi["aka"]
    challenged = [(flow.phones, attempt) for flow in book.flows for attempt in flow.attempts if attempt.challenges]
    same("kpi aka.challenged", aka["challenged"], sum(phones for phones, _ in challenged))
    same("kpi aka.challenged_successes", aka["challenged_successes"],
         sum(phones for phones, attempt in challenged if attempt.result == "success"))
    same("kpi aka.challenges", aka["challenges"], book.sum(lambda attempt: attempt.challenges))
    same("kpi aka.resynced", aka["resynced"], book.attempts(resyncs=1))
    same("kpi aka.answers", aka["answers"], book.sum(lambda attempt: attempt.answers))
    same("kpi ira.attempts", kpi["ira"]["attempts"], attempts)
    same("kpi ira.ineffective", kpi["ira"]["ineffective"], counted["ineffective"])
    same("kpi by_access: NR", kpi["by_access"][0]["ended"], book.attempts(kind="initial"))
    return attempts, successes, kpi


KINDS = {"initial": "initial", "re_registration": "re-registration", "de_registration": "de-registration"}
RESULTS = {"success": "success", "refused": "refused", "silent_after_challenge": "silent-after-challenge",
           "no_answer": "no-answer", "superseded": "superseded"}


def compare_metrics(node, book, compared, kpi):
    """what Prometheus would get: the book's figures, and those of kpi where the book knows no times"""
    found = samples(exposition(node))

    def value(name, **labels):
        told = ",".join(f'{label}="{value}"' for label, value in labels.items())
        return found.get(f"ims_regmon_{name}" + ("{" + told + "}" if told else ""), 0)

    def values(name, **labels):
        """{labels that are not given: value} of a family"""
        start = f"ims_regmon_{name}{{" + ",".join(f'{label}="{value}"' for label, value in labels.items()) + ","
        return {series[len(start):-1]: each for series, each in found.items() if series.startswith(start)}

    for kind, label in KINDS.items():
        compared.same(f"metrics {kind}: opened", value("attempts_opened_total", kind=label), book.attempts(kind=kind))
        compared.same(f"metrics {kind}: how they ended", values("attempts_ended_total", kind=label, access="NR"),
                      {f'result="{name}"': book.attempts(kind=kind, result=result) for result, name in RESULTS.items()})
        compared.same(f"metrics {kind}: refused by code", values("attempts_refused_total", kind=label),
                      {f'code="{code}"': book.attempts(kind=kind, code=code, result="refused")
                       for code in (403, 408, 504) if book.attempts(kind=kind, code=code, result="refused")})
        causes = values("attempts_failed_total", kind=label)
        succeeded = book.attempts(kind=kind, result="success")
        compared.same(f"metrics {kind}: causes of all failures", sum(causes.values()),
                      book.attempts(kind=kind) - succeeded)
        causes.pop('cause="none"', None)
        compared.same(f"metrics {kind}: causes as in kpi", causes,
                      {f'cause="{row["cause"]}"': row["failures"] for row in kpi[kind]["by_cause"]
                       if row["cause"] != "none"})
        for family in ("setup_time", "network_time"):
            name, times = f"{family}_seconds", kpi[kind][family]
            compared.same(f"metrics {kind}: {name}, number and milliseconds",
                          (value(f"{name}_count", kind=label, access="NR"),
                           round(value(f"{name}_sum", kind=label, access="NR") * 1000)), (succeeded, times["sum_ms"]))
            buckets = {name[4:-1]: each for name, each in
                       values(f"{name}_bucket", kind=label, access="NR").items()}
            compared.same(f"metrics {kind}: {name}, buckets", buckets, {le: sum(
                bucket["n"] for bucket in times["buckets"] if bucket["up_to_ms"] <= round(float(le) * 1000)) if le != "+Inf"
                else succeeded for le in buckets})
            compared.same(f"metrics {kind}: {name}, how many buckets", len(buckets), 16)
    # who paused for 0.3 s is in none of the first buckets
    fast = sum(flow.phones for flow in book.flows for attempt in flow.attempts
               if (attempt.kind, attempt.result) == ("initial", "success") and "h" not in FLOWS[flow.name][0])
    compared.between("metrics initial: set up within 0.2 s, only without a pause", value(
        "setup_time_seconds_bucket", kind="initial", access="NR", le="0.2"), 0, fast)
    compared.same("metrics: registers", value("registers_total"), book.sum(lambda attempt: attempt.registers))
    for label, codes in (("2xx", [200]), ("401", [401]), ("4xx", [403, 408, 423]), ("5xx", [504]), ("other", [])):
        compared.same(f"metrics: answers {label}", value("answers_total", **{"class": label}), book.answered(*codes))
    challenged = [(flow.phones, attempt) for flow in book.flows for attempt in flow.attempts if attempt.challenges]
    compared.same("metrics: challenged, succeeded, 401s, auts", tuple(value(name + "_total") for name in (
        "attempts_challenged", "attempts_challenged_succeeded", "challenges_of_ended", "attempts_resynced")),
        (sum(phones for phones, _ in challenged),
         sum(phones for phones, attempt in challenged if attempt.result == "success"),
         book.sum(lambda attempt: attempt.challenges), book.attempts(resyncs=1)))
    compared.same("metrics: not counted, dropped, evicted, left out", (
        value("attempts_not_counted_total"), value("messages_dropped_total"), value("table_evicted_total"),
        value("series_left_out")), (0, 0, 0, 0))


def compare_rows(regmon, book, compared, attempts, successes):
    for dimension, value_of in (
            ("device", lambda flow, row, attempt: attempt.device),
            ("tac", lambda flow, row, attempt: f"00101-{row[2]}"),
            ("cell", lambda flow, row, attempt: f"00101-{row[3]}"),
            ("plmn", lambda flow, row, attempt: "00101"),
            ("imei_tac", lambda flow, row, attempt: row[1][:8]),
            ("access", lambda flow, row, attempt: "NR"),
            ("code", lambda flow, row, attempt: str(attempt.code or ""))):
        answer = regmon.rpc("top", dimension, "by=attempts", "limit=200")
        compared.same(f"top {dimension}: every value",
                      {row["value"]: (row["attempts"], row["failures"]) for row in answer["rows"]}, book.by(value_of))
        compared.same(f"top {dimension}: lost their place, rest", (answer["replaced"], answer["other"]["attempts"]),
                      (0, 0))
    worst = regmon.rpc("top", "device", "by=failures")["rows"]
    compared.same("top device by=failures: in order", [row["failures"] for row in worst],
                  sorted((row["failures"] for row in worst), reverse=True))
    for window in ("last_hour", "last_day"):
        seen = regmon.summary()[window]
        compared.same(f"summary {window}", (seen["ended"], seen["succeeded"], seen["failed"]),
                      (attempts, successes, attempts - successes))


def compare_users(node, regmon, book, compared):
    """after a round through all records that began when all was over"""
    bound = sum(flow.phones for flow in book.flows if flow.bound)
    began_ms = time.time() * 1000
    users = regmon.summary()["registered_users"]
    rounds = 0
    until = time.monotonic() + 200
    before = users.get("counted_ms", 0)
    while rounds < 2 and time.monotonic() < until:
        time.sleep(0.5)
        users = regmon.summary()["registered_users"]
        if users.get("counted_ms", 0) != before:
            before, rounds = users["counted_ms"], rounds + 1
    compared.same("registered users: bindings", users["bindings"], bound)
    compared.same("registered users: public identities", users["public_identities"], bound)
    least = bound if users["private_identities_estimated"] == "no" else bound * 95 // 100
    compared.between("registered users: private identities", users["private_identities"], least, 2 * bound - least)
    compared.between("seconds until two rounds were counted", int(time.time() - began_ms / 1000), 0, 200)
    forbidden = next(cause for cause in regmon.summary()["causes"] if cause["cause"] == "forbidden-by-core")
    shared = {row["trait"]: row["value"] for row in forbidden["shared"]}
    compared.same("phones with forbidden-by-core", forbidden["phones"],
                  sum(flow.phones for flow in book.flows if flow.name in ("forbidden", "loop")))
    compared.same("what they share", shared.get("code"), "403")
    compared.same("nor is a TAC named that they do not share", shared.get("tac"), None)
    compared.same("faults that check_invariants finds", regmon.faults(), [])


def await_the_end(regmon, book):
    """everything that was opened has ended, whether by an answer or by time"""
    wanted = book.attempts()
    until = time.monotonic() + (300 if LONG else 20)
    while time.monotonic() < until:
        kpi = regmon.rpc("kpi")
        ended = sum(kpi[kind]["ended"] for kind in ("initial", "re_registration", "de_registration"))
        if ended >= wanted:
            return
        time.sleep(0.5)


def main():
    if not os.path.exists(MODULE):
        sys.exit(f"there is no {MODULE}; 'make' builds it")
    empty(FOLDER)
    attempts_each = {name: len(play(name)[1]) for name in FLOWS}
    per_share = ATTEMPTS / sum(share * attempts_each[name] for name, (_, _, share) in FLOWS.items())
    flows = [Flow(name, serial, max(12, round(FLOWS[name][2] * per_share)))
             for serial, name in enumerate(FLOWS)]
    book, compared = Book(flows), Comparison()
    phones = sum(flow.phones for flow in flows)
    core = Kamailio(read("mixed-core.cfg"), shm_mb=64)
    node = Kamailio(read("mixed-node.cfg"), core_port=core.port, shm_mb=2048, options=["-b", "4194304"],
                    defines={"MAX_REGISTRATIONS": max(10000, 2 * phones)})
    try:
        core.start()
        node.start()
        regmon = Regmon(node)
        began = time.monotonic()
        for flow in flows:
            flow.start(node.port, round(RATE * flow.phones / phones))
        for flow in flows:
            flow.wait(began + LIMIT_S)
        took_s = time.monotonic() - began
        await_the_end(regmon, book)
        print(f"{book.attempts()} attempts of {phones} phones in {took_s:.1f} s, {len(flows)} kinds of phones"
              f"{f'; the last one ended {time.monotonic() - began:.0f} s after the first began' if LONG else ''}")
        for flow in flows:
            compared.same(f"SIPp's exit status: {flow.name}, {flow.phones} phones", flow.status, 0)
        dropped = dropped_by_kernel(node.port)
        if dropped:
            print(f"       the kernel dropped {dropped} packets before the node")
        counted = compare_counters(regmon, book, compared, dropped)
        attempts, successes, kpi = compare_kpi(regmon, book, compared, counted)
        compare_metrics(node, book, compared, kpi)
        compare_rows(regmon, book, compared, attempts, successes)
        compare_users(node, regmon, book, compared)
    finally:
        stop(node, core, FOLDER, compared)
    print(f"{compared.passed} passed, {compared.failed} failed")
    return 1 if compared.failed else 0


if __name__ == "__main__":
    sys.exit(main())
