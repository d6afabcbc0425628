# SPDX-License-Identifier: GPL-2.0-or-later
import http.client
import json
import re
import shutil
import socket
import subprocess
import time
from urllib.parse import quote

import pytest

import crowd
from kamailio import free_port
from regmon import Regmon
from sip import eventually
from web import Web


@pytest.fixture
def node(start):
    return start(parameters=[("http_allow", "127.0.0.1"), ("silence_s", 1)], tcp=True,
                 head="tcp_accept_no_cl=yes\n")


def series(node):
    """every sample as {"name{labels}": value}"""
    answer = Web(node).get("/regmon/metrics")
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    lines = [line for line in answer.text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def check_by_promtool(node):
    promtool = shutil.which("promtool")
    assert promtool, "promtool is missing: tools/setup.sh test"
    checked = subprocess.run([promtool, "check", "metrics"], input=Web(node).get("/regmon/metrics").body,
                             capture_output=True, timeout=20)
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, b"", b"")


def test_clean_for_promtool(node, phones):
    check_by_promtool(node)  # before anything has happened, too
    phones(node).registers()
    phones(node, "001010000000102", device='"\\\n').registers()
    check_by_promtool(node)


def test_values_are_those_of_the_counters(node, phones, core):
    for i in range(3):
        phones(node, f"00101000000030{i}").registers()
    core.decide = lambda core, request: (403, "Forbidden", [])
    refused = phones(node, "001010000000309")
    refused.register()
    refused.expect(403)
    regmon = Regmon(node)
    assert eventually(lambda: regmon.count("failures_initial") == 1)
    found, counters = series(node), regmon.counters()
    for name, counter in [
            ('attempts_opened_total{kind="initial"}', "attempts_initial"),
            ('attempts_ended_total{kind="initial",result="success"}', "successes_initial"),
            ('attempts_ended_total{kind="initial",result="failure"}', "failures_initial"),
            ('answers_total{class="401"}', "challenges"), ('answers_total{class="2xx"}', "answers_2xx"),
            ('answers_total{class="4xx"}', "answers_4xx"), ("registers_total", "registers"),
            ('registrations{state="registered"}', "state_registered"),
            ('registrations{state="failed"}', "state_failed"), ("records", "records"), ("memory_bytes", "memory_bytes"),
            ("records_limit", "max_records"), ('findings_total{severity="warning"}', "findings_warning")]:
        assert found["ims_regmon_" + name] == counters[counter], name
    assert counters["successes_initial"] == 3
    assert found["ims_regmon_registration_delay_seconds_count"] == 3
    assert found['ims_regmon_registration_delay_seconds_bucket{le="+Inf"}'] == 3
    assert 0 < found["ims_regmon_registration_delay_seconds_sum"] < 30
    assert found["ims_regmon_series_left_out"] == 0
    version = re.search(r"\d+\.\d+\.\d+", node.rpc("core.version")).group()
    assert [name for name in found if name.startswith("ims_regmon_build_info")][0].endswith(f'kamailio="{version}"}}')
    assert found['ims_regmon_phones_with_cause{cause="forbidden-by-core"}'] == 1


class Prometheus:
    """A real one on loopback, with its data in a folder of its own."""

    def __init__(self, node, folder):
        self.port = free_port(socket.SOCK_STREAM)
        (folder / "prometheus.yml").write_text(f"""
global:
  scrape_interval: 1s
scrape_configs:
  - job_name: regmon
    metrics_path: /regmon/metrics
    static_configs:
      - targets: ["127.0.0.1:{node.port}"]
""")
        self.log = open(folder / "log", "w")
        self.process = subprocess.Popen(
            [shutil.which("prometheus") or "prometheus", f"--config.file={folder}/prometheus.yml",
             f"--storage.tsdb.path={folder}/data", f"--web.listen-address=127.0.0.1:{self.port}", "--log.level=warn"],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)

    def query(self, expression):
        """value of the only series, None where there is none yet"""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/api/v1/query?query=" + quote(expression))
            result = json.loads(connection.getresponse().read())["data"]["result"]
        except (OSError, KeyError, http.client.HTTPException):
            return None
        finally:
            connection.close()
        return float(result[0]["value"][1]) if len(result) == 1 else None

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()


def test_scraped_by_prometheus(node, phones, tmp_path):
    prometheus = Prometheus(node, tmp_path)
    try:
        assert eventually(lambda: prometheus.query('up{job="regmon"}') == 1, timeout=30, every=0.2)
        for i in range(20):
            phones(node, f"0010100000004{i:02d}").registers()
            time.sleep(0.02)
        for expression, value in [
                ('ims_regmon_attempts_ended_total{kind="initial",result="success"}', 20),
                ('sum(ims_regmon_attempts_ended_total)', 20), ('sum(ims_regmon_registrations)', 20),
                ("ims_regmon_registration_delay_seconds_count", 20),
                ('ims_regmon_answers_total{class="401"}', 20), ("ims_regmon_series_left_out", 0)]:
            assert eventually(lambda: prometheus.query(expression) == value, timeout=15, every=0.2), (
                expression, prometheus.query(expression))
        quantile = "histogram_quantile(0.95, ims_regmon_registration_delay_seconds_bucket)"
        assert 0 < prometheus.query(quantile) <= 60
        assert prometheus.query('scrape_samples_scraped{job="regmon"}') == len(series(node))
        assert prometheus.query('min_over_time(up{job="regmon"}[1m])') == 1
    finally:
        prometheus.stop()


def test_scraped_under_load(node, core, tmp_path):
    """500 REGISTERs a second: no scrape is missed, and what arrives is what happened"""
    core.decide = crowd.decide
    prometheus = Prometheus(node, tmp_path)
    many = crowd.Crowd(node, Regmon(node), 2000)
    try:
        assert eventually(lambda: prometheus.query('up{job="regmon"}') == 1, timeout=30, every=0.2)
        many.registers(rate=500)
        counters = Regmon(node).counters()
        assert counters["successes_initial"] > 1000 and counters["failures_initial"] > 100
        for expression, name in [('ims_regmon_attempts_opened_total{kind="initial"}', "attempts_initial"),
                                 ('ims_regmon_attempts_ended_total{kind="initial",result="success"}', "successes_initial"),
                                 ('ims_regmon_attempts_ended_total{kind="initial",result="failure"}', "failures_initial"),
                                 ("ims_regmon_registration_delay_seconds_count", "successes_initial"),
                                 ("ims_regmon_registers_total", "registers"), ('ims_regmon_answers_total{class="401"}', "challenges")]:
            assert eventually(lambda: prometheus.query(expression) == Regmon(node).count(name), timeout=15, every=0.2), (
                expression, prometheus.query(expression), Regmon(node).count(name))
        assert prometheus.query('min_over_time(up{job="regmon"}[1m])') == 1
        assert prometheus.query('count_over_time(up{job="regmon"}[1m])') >= 5
        # a counter that went back would look like a restart
        assert prometheus.query("sum(resets(ims_regmon_answers_total[1m])) + sum(resets(ims_regmon_attempts_ended_total[1m]))") == 0
    finally:
        many.close()
        prometheus.stop()
