# SPDX-License-Identifier: GPL-2.0-or-later
"""A real Prometheus on loopback, with its data in a folder of its own; and metrics as
samples."""
import gzip
import http.client
import json
import re
import shutil
import socket
import subprocess
from urllib.parse import quote

from kamailio import free_port
from web import Web

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SAMPLE = re.compile(r'([a-zA-Z_:]\w*)(\{(?:[a-z_]+="(?:[^"\\]|\\.)*",?)+\})? (\S+)')


def exposition(node, as_gzip=True):
    """the text that a scrape gets, as Prometheus asks for it or as curl does"""
    answer = Web(node).get("/regmon/metrics", **({"Accept_Encoding": "gzip"} if as_gzip else {}))
    assert answer.code == 200 and answer.headers["content-type"] == CONTENT_TYPE
    assert answer.headers.get("content-encoding") == ("gzip" if as_gzip else None)
    return (gzip.decompress(answer.body) if as_gzip else answer.body).decode()


def samples(text):
    """{"name{labels}": value}"""
    found = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            name, labels, value = SAMPLE.fullmatch(line).groups()
            assert name + (labels or "") not in found, line
            found[name + (labels or "")] = float(value)
    return found


def families(text):
    """{name: type}"""
    return dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE))


def promtool(*words, given=None):
    program = shutil.which("promtool")
    assert program, "promtool is missing: tools/setup.sh test"
    return subprocess.run([program, *words], input=given, capture_output=True, text=True, timeout=60)


class Prometheus:
    def __init__(self, node, folder, scrape_interval="1s", rules=None):
        self.port = free_port(socket.SOCK_STREAM)
        rule_files = f"rule_files: [{rules}]\n" if rules else ""
        (folder / "prometheus.yml").write_text(f"""
global:
  scrape_interval: {scrape_interval}
  evaluation_interval: 1s
{rule_files}scrape_configs:
  - job_name: ims_regmon
    metrics_path: /regmon/metrics
    static_configs:
      - targets: ["127.0.0.1:{node.port}"]
""")
        self.log = open(folder / "log", "w")
        self.process = subprocess.Popen(
            [shutil.which("prometheus") or "prometheus", f"--config.file={folder}/prometheus.yml",
             f"--storage.tsdb.path={folder}/data", f"--web.listen-address=127.0.0.1:{self.port}", "--log.level=warn"],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)

    def ask(self, path):
        """what is behind "data", None where nothing answers"""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", "/api/v1/" + path)
            return json.loads(connection.getresponse().read())["data"]
        except (OSError, KeyError, ValueError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def vector(self, expression):
        """[(labels, value)], None for what is no expression"""
        answer = self.ask("query?query=" + quote(expression))
        if answer is None:
            return None
        if answer["resultType"] == "scalar":
            return [({}, float(answer["result"][1]))]
        return [(row["metric"], float(row["value"][1])) for row in answer["result"]]

    def query(self, expression):
        """value of the only series, None where there is none or more than one"""
        found = self.vector(expression) or []
        return found[0][1] if len(found) == 1 else None

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()
