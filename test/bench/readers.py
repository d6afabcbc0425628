#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What readers cost Kamailio with many phones in the table: CPU time of all its
processes (schedstat, kernel included) and time until the whole answer, per request.
Options (environment): PHONES=100000   REQUESTS=40 of each kind."""
import http.client
import json
import os
import signal
import statistics
import subprocess
import time

from server import HERE, KAMAILIO, LOAD, MODULE, RUN, cpu_ns, family, free_port

PHONES = int(os.environ.get("PHONES", 100000))
REQUESTS = int(os.environ.get("REQUESTS", 40))

CONFIGURATION = f"""#!KAMAILIO
debug=2
log_stderror=yes
auto_aliases=no
dns=no
children=1
tcp_children=1
tcp_accept_no_cl=yes
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "{MODULE}"
modparam("ims_regmon", "max_registrations", {PHONES + 1000})
modparam("ims_regmon", "http_allow", "127.0.0.1")
request_route {{
	sl_send_reply("403", "Forbidden");
}}
"""
GZIPPED = "metrics, gzipped"
TARGETS = ["metrics", GZIPPED, "api/summary", "api/kpi", "api/history?minutes=60", "api/history?minutes=1440",
           "api/top?dimension=cell", "api/list?limit=50", "api/list?state=failed&limit=200", "api/list?tac=nowhere",
           "api/why?who={call_id}", "api/show?who={impu}", "api/rules", "", "assets/page.js"]


def fetch(web, target):
    as_gzip = {"Accept-Encoding": "gzip"} if target == GZIPPED else {}
    web.request("GET", "/regmon/" + target.partition(",")[0], headers=as_gzip)
    answer = web.getresponse()
    body = answer.read()
    if answer.status != 200:
        raise SystemExit(f"{target}: {answer.status} {body[:200]}")
    return body


def main():
    folder = RUN / "readers"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "kamailio.cfg").write_text(CONFIGURATION)
    port = free_port()
    with open(folder / "log", "w") as log:
        process = subprocess.Popen(
            [KAMAILIO, "-DD", "-f", folder / "kamailio.cfg", "-l", f"udp:127.0.0.1:{port}", "-l", f"tcp:127.0.0.1:{port}",
             "-m", str(128 + PHONES // 400), "-Y", folder, "-P", folder / "pid"], stdout=log, stderr=log)
    try:
        for _ in range(100):
            try:
                web = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
                fetch(web, "api/summary")
                break
            except OSError:
                time.sleep(0.1)
        subprocess.run([LOAD, "phones", str(port), str(free_port()), "0", str(PHONES), "1", "32", "10000001", "20000",
                        HERE / "authorised.sip"], stdout=subprocess.DEVNULL, check=True)
        known = json.loads(fetch(web, "api/summary"))["registrations"]["all"]
        phone = json.loads(fetch(web, "api/list?limit=1"))["phones"][0]
        pids = family(process.pid)
        print(f"\nReaders, {known:,} phones in the table: per request, median of {REQUESTS}")
        print(f"  {'':36} {'bytes':>8} {'CPU ms':>8} {'ms':>8}")
        for target in TARGETS:
            asked = target.format(call_id=phone["call_id"], impu=phone["impu"])
            cpu, took = [], []
            for _ in range(REQUESTS):
                before, started = cpu_ns(pids), time.monotonic()
                body = fetch(web, asked)
                took.append((time.monotonic() - started) * 1000)
                cpu.append((cpu_ns(pids) - before) / 1e6)
            print(f"  /regmon/{target:28} {len(body):8,} {statistics.median(cpu):8.2f} {statistics.median(took):8.2f}")
        if known < 0.9 * PHONES:
            raise SystemExit(f"only {known} of {PHONES} phones came into the table")
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            for pid in family(process.pid):
                os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    main()
