# SPDX-License-Identifier: GPL-2.0-or-later
import json
import os
import re
import shutil

import pytest
import yaml

from kamailio import TOP
from prometheus import Prometheus, exposition, families, promtool, samples
from sip import eventually

HERE = os.path.dirname(os.path.abspath(__file__))
EXAMPLES = os.path.join(TOP, "cfg-examples")
RULES = os.path.join(EXAMPLES, "prometheus-rules.yml")
TESTS = ("rules-test.yml", "rules-week-test.yml")
SUBJECTS = {  # what the alerts have to be about, and a metric of each
    "success": 'result="success"', "delay": "setup_time_seconds_bucket", "loops": 'cause="challenge-loop"',
    "silence": 'result="silent-after-challenge"', "storm": 'cause="refresh-storm"', "drops": "events_dropped_total"}


def alerts():
    with open(RULES) as file:
        return [rule for group in yaml.safe_load(file)["groups"] for rule in group["rules"]]


def dashboard():
    with open(os.path.join(EXAMPLES, "grafana-dashboard.json")) as file:
        return json.load(file)


def panels():
    return [panel for panel in dashboard()["panels"] if panel["type"] != "row"]


def expressions():
    """those of the dashboard, with Grafana's variables filled in"""
    return {f"{panel['title']} {target['refId']}":
            target["expr"].replace("$__rate_interval", "1m").replace("$instance", ".*")
            for panel in panels() for target in panel["targets"]}


def checked(*words):
    done = promtool(*words)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def rules_tests(folder, rules):
    """what promtool says of them, with the tests beside this file"""
    (folder / "prometheus-rules.yml").write_text(yaml.safe_dump(rules))
    done = []
    for name in TESTS:
        shutil.copy(os.path.join(HERE, name), folder)
        done.append(promtool("test", "rules", str(folder / name)))
    return [each.returncode for each in done], "".join(each.stdout + each.stderr for each in done)


def test_rules_for_promtool(tmp_path):
    assert f"{len(alerts())} rules found" in checked("check", "rules", "--lint-fatal", RULES)
    with open(RULES) as file:
        codes, said = rules_tests(tmp_path, yaml.safe_load(file))
    assert codes == [0, 0], said


def test_the_rules_tests_can_fail(tmp_path):
    """no alert whose condition is never met goes unnoticed"""
    with open(RULES) as file:
        rules = yaml.safe_load(file)
    for group in rules["groups"]:
        for rule in group["rules"]:
            rule["expr"] = "vector(1) == 2"
    codes, said = rules_tests(tmp_path, rules)
    assert codes == [1, 1]
    missing = said[said.index("FAILED"):]
    assert [alert["alert"] for alert in alerts() if alert["alert"] not in missing] == []


def test_texts_of_alerts():
    """each says what it is and what to run next; all that is asked for has one"""
    for subject, part in SUBJECTS.items():
        assert any(part in alert["expr"] for alert in alerts()), subject
    for alert in alerts():
        texts = alert["annotations"]
        assert alert["labels"]["severity"] in ("warning", "critical")
        assert "$labels.instance" in texts["summary"] and "kamcmd " in texts["description"], alert["alert"]


def test_dashboard_for_promtool(tmp_path):
    rules = {"groups": [{"name": "dashboard", "rules": [
        {"record": f"panel:{number}", "expr": expression} for number, expression in
        enumerate(expressions().values())]}]}
    (tmp_path / "dashboard.yml").write_text(yaml.safe_dump(rules))
    assert f"{len(expressions())} rules found" in checked("check", "rules", str(tmp_path / "dashboard.yml"))


def test_panels_are_in_order():
    """titles, units and descriptions are there, and no panel covers another"""
    all_of_them = dashboard()["panels"]
    assert len({panel["id"] for panel in all_of_them}) == len(all_of_them) >= 20
    covered = set()
    for panel in all_of_them:
        place = panel["gridPos"]
        cells = {(x, y) for x in range(place["x"], place["x"] + place["w"])
                 for y in range(place["y"], place["y"] + place["h"])}
        assert not cells & covered and place["x"] + place["w"] <= 24, panel["title"]
        covered |= cells
    for panel in panels():
        assert panel["title"] and panel["description"] and panel["targets"], panel["title"]
        assert panel["type"] == "heatmap" or panel["fieldConfig"]["defaults"]["unit"], panel["title"]
        assert panel["datasource"]["uid"] == "${datasource}", panel["title"]


@pytest.fixture
def node(start):
    return start(parameters=[("http_allow", "127.0.0.1"), ("silence_s", 1)], tcp=True, head="tcp_accept_no_cl=yes\n")


def labels_of(node):
    """{name of a series: {label: values}}, as they stand in the metrics"""
    found = {}
    for series in samples(exposition(node)):
        name, _, labels = series.partition("{")
        for label, value in re.findall(r'([a-z_]+)="([^"]*)"', labels):
            found.setdefault(name, {}).setdefault(label, set()).add(value)
    return found


def test_a_real_prometheus_evaluates_all(node, phones, core, tmp_path):
    core.decide = lambda core, request: (
        (403, "Forbidden", []) if "0309" in request.get("To") else core.as_usual(request))
    prometheus = Prometheus(node, tmp_path, rules=RULES)
    try:
        assert eventually(lambda: prometheus.query('up{job="ims_regmon"}') == 1, timeout=60, every=0.2)
        for imsi in ("001010000000301", "001010000000302"):
            phones(node, imsi).registers()
        refused = phones(node, "001010000000309", access="nowhere")
        refused.register(change={"Max-Forwards": None})
        refused.expect(403)

        def rules():
            groups = (prometheus.ask("rules") or {"groups": []})["groups"]
            return {rule["name"]: rule["health"] for group in groups for rule in group["rules"]}
        wanted = {alert["alert"]: "ok" for alert in alerts()}
        assert eventually(lambda: rules() == wanted, timeout=60, every=0.5), rules()
        empty = lambda: [name for name, expression in expressions().items() if not prometheus.vector(expression)]  # noqa: E731
        assert eventually(lambda: not empty(), timeout=60, every=0.5), empty()
    finally:
        prometheus.stop()


def test_names_and_labels_exist(node, phones, core):
    phones(node).registers()
    known = set(families(exposition(node)))
    labels = labels_of(node)
    causes = labels["ims_regmon_phones_with_cause"]["cause"]
    states = labels["ims_regmon_registrations"]["state"]
    everything = {alert["alert"]: alert["expr"] for alert in alerts()} | expressions()
    for title, expression in everything.items():
        for name in re.findall(r"\bims_regmon_\w+", expression):
            assert re.sub("_(bucket|sum|count)$", "", name) in known, (title, name)
        for label, value in re.findall(r'\b(cause|state|result|kind)!?=~?"([^"]+)"', expression):
            allowed = {"cause": causes, "state": states,
                       "result": labels["ims_regmon_attempts_ended_total"]["result"]
                       | labels["ims_regmon_record_writes_total"]["result"],
                       "kind": labels["ims_regmon_attempts_opened_total"]["kind"]}[label]
            assert set(value.split("|")) <= allowed, (title, label, value)


def test_commands_of_the_alerts_run(node, phones):
    phones(node).registers()
    commands = [command for alert in alerts()
                for command in re.findall("`kamcmd ([^`]+)`", alert["annotations"]["description"])]
    assert len(commands) > 20
    for command in sorted(set(commands)):
        said = node.kamcmd(*command.replace("WHO", "imsi:001010000000101").split())
        assert said and not said.startswith("error"), (command, said)
