# SPDX-License-Identifier: GPL-2.0-or-later
import os
import re
import time

import pytest

import crowd
from kamailio import LONG
from prometheus import Prometheus, exposition, families, promtool, samples
from regmon import Regmon
from sip import eventually

SECONDS = int(os.environ.get("SCRAPE_S", 60 if LONG else 10))  # of load under a scraping Prometheus
RATE = 500

# Each counter of the group, and where it is among the metrics.
INITIAL, REFRESH, DEREGISTER, THIRD = (
    f'kind="{kind}"' for kind in ("initial", "re-registration", "de-registration", "third-party"))
OTHER = ('kind="unknown-before-start"', 'kind="query"')
FAILURES = ("refused", "silent-after-challenge", "no-answer", "superseded")
NO_QUERY = (INITIAL, REFRESH, DEREGISTER, THIRD, OTHER[0])


def ended(kinds, results):
    return [("attempts_ended_total", kind, f'result="{result}"') for kind in kinds for result in results]


def attempts(suffix, *kinds):
    return {f"attempts_{suffix}": [("attempts_opened_total", kind) for kind in kinds],
            f"successes_{suffix}": ended(kinds, ["success"]), f"failures_{suffix}": ended(kinds, FAILURES)}


def setup_ms(family, kind):
    return [(f"{family}_sum", kind)]


WHERE = {
    **attempts("initial", INITIAL), **attempts("reregistration", REFRESH), **attempts("deregistration", DEREGISTER),
    **attempts("third_party", THIRD), **attempts("other", *OTHER),
    **{name: ended(NO_QUERY, [result]) for name, result in (
        ("superseded", "superseded"), ("silent_after_challenge", "silent-after-challenge"),
        ("unanswered", "no-answer"), ("refused", "refused"))},
    "registers": [("registers_total",)], "retransmissions": [("retransmissions_total",)],
    **{name: [("answers_total", f'class="{kind}"')] for name, kind in (
        ("challenges", "401"), ("answers_2xx", "2xx"), ("answers_4xx", "4xx"), ("answers_5xx", "5xx"),
        ("answers_other", "other"))},
    "answers_not_sent": [("answers_not_sent_total",)],
    **{f"findings_{severity}": [("findings_total", f'severity="{severity}"')]
       for severity in ("error", "warning", "note")},
    "shadow_replies": [("refusals_total", 'mode="shadow"')],
    "enforced_replies": [("refusals_total", 'mode="enforce"')],
    "expired": [("bindings_lost_total", 'reason="expired"')],
    "network_deregistered": [("bindings_lost_total", 'reason="network-deregistered"')],
    **{f"reginfo_{what}": [(f"reginfo_{what}_total",)]
       for what in ("documents", "faulty", "repeated", "version_gaps", "cut", "of_phones")},
    "evicted": [("table_evicted_total",)], "evicted_open": [("table_evicted_open_total",)],
    "not_followed": [("transactions_not_followed_total",)], "dropped": [("messages_dropped_total",)],
    "events_queued": [("events_queued_total",)], "events_dropped": [("events_dropped_total",)],
    "events_waiting": [("events_waiting",)],
    "records_written": [("record_writes_total", 'result="written"')],
    "record_write_errors": [("record_writes_total", 'result="failed"')],
    "cause_lines": [("cause_lines_total", 'result="logged"')],
    "cause_lines_suppressed": [("cause_lines_total", 'result="suppressed"')],
    **{f"http_{result}": [("http_requests_total", f'result="{result}"')]
       for result in ("answered", "forbidden", "wrong", "failed")},
    "ineffective": [("attempts_ineffective_total",)],
    **{f"setup_ms_{suffix}": setup_ms("setup_time_seconds", kind) for suffix, kind in (
        ("initial", INITIAL), ("reregistration", REFRESH), ("deregistration", DEREGISTER), ("third_party", THIRD))},
    "setup_network_ms_initial": setup_ms("network_time_seconds", INITIAL),
    "challenged": [("attempts_challenged_total",)], "challenged_successes": [("attempts_challenged_succeeded_total",)],
    "resynced": [("attempts_resynced_total",)], "mac_failed": [("attempts_mac_failed_total",)],
    "late_answers": [("challenge_answers_late_total",)],
    "bindings": [("bindings",)],
    "public_identities": [("registered_identities", 'identity="public"')],
    "private_identities": [("registered_identities", 'identity="private"')],
    "records": [("table_records",)], "max_records": [("table_records_limit",)], "memory_bytes": [("table_bytes",)]}


def value_at(found, places):
    """what the series with these names and labels come to"""
    total = 0
    for name, *labels in places:
        total += sum(value for series, value in found.items()
                     if series.partition("{")[0] == "ims_regmon_" + name and all(label in series for label in labels))
    return total


@pytest.fixture
def node(start):
    return start(parameters=[("http_allow", "127.0.0.1"), ("silence_s", 1)], tcp=True,
                 head="tcp_accept_no_cl=yes\n")


def test_clean_for_promtool(node, phones):
    def check():
        for as_gzip in (True, False):
            checked = promtool("check", "metrics", given=exposition(node, as_gzip))
            assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")
    check()  # before anything has happened, too
    phones(node).registers()
    phones(node, "001010000000102", device='"\\\n').registers()
    check()


def live_through_much(node, phones, core):
    """success with and without a phone's pause, refresh, de-registration, refusals, a new SQN, a query, silence"""
    core.decide = lambda core, request: (
        (403, "Forbidden", []) if "0309" in request.get("To") else
        (504, "Server Time-out", []) if "0308" in request.get("To") else core.as_usual(request))
    for i in range(3):
        phones(node, f"00101000000030{i}").registers()
    phone = phones(node, "001010000000304", access="3GPP-E-UTRAN-FDD;utran-cell-id-3gpp=0010100660000C01")
    phone.registers()
    phone.refresh()
    phone.expect(200)
    phone.deregister()
    phone.expect(200)
    for number, code in (("0309", 403), ("0308", 504)):
        refused = phones(node, "00101000000" + number)
        refused.register()
        refused.expect(code)
    asks = phones(node, "001010000000305")
    asks.register(change={"Contact": None})
    asks.expect(401)
    silent = phones(node, "001010000000306")
    silent.register()
    silent.repeat()
    silent.expect(401)
    unknown = phones(node, "001010000000307", nonce="K" * 40 + "AAA=")
    unknown.cseq = 40
    unknown.refresh()
    unknown.expect(200)


def test_every_counter_is_a_metric(node, phones, core):
    """and has the same value there"""
    live_through_much(node, phones, core)
    regmon = Regmon(node)
    assert eventually(lambda: regmon.count("public_identities") > 0, timeout=20)

    def read():
        """metrics, with the counters before and behind them: the timer and the answers to us go on counting"""
        before = regmon.counters()
        found = samples(exposition(node))
        after = regmon.counters()
        changed = {name for name in before if before[name] != after[name]}
        return (found, before, after) if changed <= {"http_answered"} else None
    found, before, counters = eventually(read, timeout=20)
    states = {name: int(found[f'ims_regmon_registrations{{state="{name[6:].replace("_", "-")}"}}'])
              for name in counters if name.startswith("state_")}
    assert states == {name: value for name, value in counters.items() if name.startswith("state_")}
    assert set(counters) - set(states) == set(WHERE), "a counter that is no metric yet"
    for name, places in WHERE.items():
        value = value_at(found, places) * (1000 if name.startswith("setup_") else 1)
        assert before[name] <= round(value) <= counters[name], (name, places)
    assert counters["successes_initial"] == 4 and counters["failures_initial"] >= 2
    assert counters["challenged"] >= 4 and counters["attempts_other"] == 2


def test_values(node, phones, core):
    live_through_much(node, phones, core)
    found = samples(exposition(node))
    for series, value in [
            ('attempts_ended_total{kind="initial",access="NR",result="success"}', 3),
            ('attempts_ended_total{kind="initial",access="E-UTRAN",result="success"}', 1),
            ('attempts_ended_total{kind="re-registration",access="E-UTRAN",result="success"}', 1),
            ('attempts_ended_total{kind="de-registration",access="E-UTRAN",result="success"}', 1),
            ('attempts_refused_total{kind="initial",code="403"}', 1),
            ('attempts_refused_total{kind="initial",code="504"}', 1),
            ('attempts_failed_total{kind="initial",cause="forbidden-by-core"}', 1),
            ('setup_time_seconds_bucket{kind="initial",access="NR",le="+Inf"}', 3),
            ('setup_time_seconds_count{kind="de-registration",access="E-UTRAN"}', 1),
            ('network_time_seconds_count{kind="re-registration",access="E-UTRAN"}', 1),
            ('phones_with_cause{cause="forbidden-by-core"}', 1), ("series_left_out", 0)]:
        assert found["ims_regmon_" + series] == value, series
    # what ended badly has one cause, or none; what was refused has one answer
    for family, results in (("attempts_failed_total", FAILURES), ("attempts_refused_total", ["refused"])):
        for kind in NO_QUERY:
            assert value_at(found, [(family, kind)]) == value_at(found, ended([kind], results)), (family, kind)
    assert value_at(found, [("rules_broken_total",)]) == value_at(found, [("findings_total",)])
    version = re.search(r"\d+\.\d+\.\d+", node.rpc("core.version")).group()
    assert [name for name in found if name.startswith("ims_regmon_build_info")][0].endswith(f'kamailio="{version}"}}')


def test_gzipped_and_plain_are_the_same(node, phones, core):
    live_through_much(node, phones, core)
    assert families(exposition(node)) == families(exposition(node, as_gzip=False))

    def differences():
        packed, plain = samples(exposition(node)), samples(exposition(node, as_gzip=False))
        return {name for name in packed.keys() | plain.keys() if packed.get(name) != plain.get(name)}
    # the timer may go on between the two
    assert eventually(lambda: differences() == {'ims_regmon_http_requests_total{result="answered"}'}), differences()


def test_scraped_by_prometheus(node, phones, tmp_path):
    prometheus = Prometheus(node, tmp_path)
    try:
        assert eventually(lambda: prometheus.query('up{job="ims_regmon"}') == 1, timeout=60, every=0.2)
        for i in range(20):
            phones(node, f"0010100000004{i:02d}").registers()
        for expression, value in [
                ('ims_regmon_attempts_ended_total{kind="initial",access="NR",result="success"}', 20),
                ('sum(ims_regmon_attempts_ended_total)', 20), ('sum(ims_regmon_registrations)', 20),
                ("sum(ims_regmon_setup_time_seconds_count)", 20),
                ('ims_regmon_answers_total{class="401"}', 20), ("ims_regmon_series_left_out", 0)]:
            assert eventually(lambda: prometheus.query(expression) == value, timeout=30, every=0.2), (
                expression, prometheus.query(expression))
        quantile = "histogram_quantile(0.95, sum by (le) (ims_regmon_setup_time_seconds_bucket))"
        assert 0 < prometheus.query(quantile) <= 60
        assert eventually(lambda: prometheus.query('scrape_samples_scraped{job="ims_regmon"}')
                          == len(samples(exposition(node))), timeout=20, every=0.5)
        assert prometheus.query('min_over_time(up{job="ims_regmon"}[1m])') == 1
    finally:
        prometheus.stop()


def test_scraped_under_load(start, core, tmp_path, record_property):
    """500 REGISTERs a second: no scrape is missed, no counter goes back, and what arrives is what happened"""
    core.decide = crowd.decide
    size = RATE * SECONDS * 20 // 37  # 17 of 20 send a second one
    node = start(parameters=[("http_allow", "127.0.0.1"), ("silence_s", 1), ("max_registrations", 2 * size)], tcp=True,
                 head="tcp_accept_no_cl=yes\n", shm_mb=64 + size // 250)
    prometheus = Prometheus(node, tmp_path)
    many = crowd.Crowd(node, Regmon(node), size)
    try:
        assert eventually(lambda: prometheus.query('up{job="ims_regmon"}') == 1, timeout=60, every=0.2)
        began = time.monotonic()
        many.registers(rate=RATE)
        took = time.monotonic() - began
        counters = Regmon(node).counters()
        assert counters["successes_initial"] > size // 2 and counters["failures_initial"] > size // 20

        def left():
            """series that Prometheus has not got as they are; the last ones to change are those of the timer"""
            found = {name: value for name, value in samples(exposition(node)).items()
                     if "_total" in name or "_time_seconds" in name}
            told = {series_name(labels): value for labels, value in
                    prometheus.vector('{__name__=~"ims_regmon_.*(_total|_time_seconds.*)"}') or []}
            return {name for name, value in found.items() if told.get(name) != value} - {
                'ims_regmon_http_requests_total{result="answered"}'}
        assert eventually(lambda: not left(), timeout=60, every=0.5), left()
        window = f"[{int(took) + 120}s]"
        scrapes = prometheus.query(f'count_over_time(up{{job="ims_regmon"}}{window})')
        slowest = prometheus.query(f'max_over_time(scrape_duration_seconds{{job="ims_regmon"}}{window})')
        record_property("measured", f"{counters['registers']} REGISTERs in {took:.1f} s; {scrapes:.0f} scrapes, none failed, "
                                    f"the slowest took {slowest * 1000:.0f} ms")
        assert prometheus.query(f'min_over_time(up{{job="ims_regmon"}}{window})') == 1
        assert scrapes >= 0.9 * took - 3
        # a counter that went back would look like a restart
        for family, kind in families(exposition(node)).items():
            for series in {"counter": [family], "histogram": [family + "_bucket", family + "_sum"]}.get(kind, []):
                assert prometheus.query(f"sum(resets({series}{window}))") in (0, None), series
        assert prometheus.query(f"sum(resets(ims_regmon_setup_time_seconds_bucket{window}))") == 0
    finally:
        many.close()
        prometheus.stop()


def series_name(labels):
    """as it stands in the exposition, whose order of labels Prometheus does not keep; from 3 on it writes le="1.0" for 1"""
    labels = {name: value.removesuffix(".0") if name == "le" else value for name, value in labels.items()}
    order = ("kind", "access", "result", "cause", "code", "class", "reason", "severity", "rule", "mode", "le")
    told = [f'{name}="{labels[name]}"' for name in order if name in labels]
    return labels["__name__"] + ("{" + ",".join(told) + "}" if told else "")
