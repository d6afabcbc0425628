# SPDX-License-Identifier: GPL-2.0-or-later
import pytest

from kamailio import DoesNotStart


@pytest.mark.parametrize("name, value, allowed", [
    ("role", "pcsf", ["auto", "pcscf", "icscf", "scscf", "registrar"]),
    ("role", "sbc", ["tap", "pcscf"]),
    ("observe", 2, ["0", "1"]),
    ("observe", -2147483648, ["0", "1"]),
    ("max_registrations", 0, ["10"]),
    ("max_registrations", -1, ["10"]),
    ("timeline_length", 3, ["4", "64"]),
    ("timeline_length", 65, ["4", "64"]),
    ("keep_ended", 0, ["1"]),
    ("top_size", 9, ["10", "2000"]),
    ("top_size", 2001, ["10", "2000"]),
    ("min_expires", 3600, ["0", "3599"]),
    ("challenge_loop", 1, ["2", "100"]),
    ("storm_count", 0, ["1", "1000"]),
    ("storm_ratio", 101, ["1", "100"]),
    ("short_grant_s", 0, ["1", "3600"]),
    ("silence_s", 241, ["1", "240"]),
    ("no_answer_s", 0, ["1", "128"]),
    ("regressions", 0, ["1", "1000"]),
    ("rule", "CSEQ-04", ["ID=", "off", "note", "warning", "error"]),
    ("rule", "CSEQ-99=off", ["CSEQ-99", "CSEQ-0"]),
    ("rule", "CSEQ-04=fatal", ["off", "note", "warning", "error"]),
    ("home_domain", "sip:ims.example", ["domain"]),
    ("home_domain", "", ["domain"]),
    ("event_queue", 15, ["16", "1000000"]),
    ("event_queue", 1000001, ["16", "1000000"]),
    ("events", "state,recrod", ["recrod", "state", "finding", "cause", "record"]),
    ("events", "", ["state", "record"]),
    ("event_callback", "ksr_regmon_event", ["KEMI", "cfgengine", "event_route"]),
    ("node_name", "two words", ["printable", "63"]),
    ("node_name", "x" * 64, ["printable", "63"]),
    ("record_file", "records.jsonl", ["from / on", "255"]),
    ("record_file", "/" + "x" * 255, ["from / on", "255"]),
    ("record_file_max_mb", 0, ["1", "1000000"]),
    ("record_file_keep", 0, ["1", "99"]),
    ("record_file_keep", 100, ["1", "99"]),
    ("cause_log_level", "loud", ["off", "error", "warning", "notice", "info", "debug"]),
    ("cause_log_per_minute", 0, ["1", "60000"]),
    ("privacy", "masked", ["clear", "pseudonym"]),
    ("privacy", "", ["clear", "pseudonym"]),
])
def test_stops_the_start(start, name, value, allowed):
    with pytest.raises(DoesNotStart) as stopped:
        start(parameters=[(name, value)], check=False)
    lines = [line for line in str(stopped.value).splitlines() if "ims_regmon" in line and f"modparam {name}" in line]
    assert len(lines) == 1, str(stopped.value)
    assert str(value) in lines[0]
    for word in allowed:
        assert word in lines[0], lines[0]


def test_unknown_parameter_stops_the_start(start):
    with pytest.raises(DoesNotStart, match="no_such_parameter"):
        start(parameters=[("no_such_parameter", 1)], check=False)


@pytest.mark.parametrize("name, value", [
    ("role", "auto"), ("role", "pcscf"), ("role", "icscf"), ("role", "scscf"), ("role", "registrar"), ("role", "tap"),
    ("max_registrations", 10), ("timeline_length", 4), ("timeline_length", 64),
    ("rule", "CSEQ-04=off"), ("rule", "cseq-out-of-range = warning"),
    ("home_domain", "ims.mnc001.mcc001.3gppnetwork.org"),
    ("event_queue", 16), ("events", " Record , state"), ("node_name", ""), ("record_file", ""),
    ("cause_log_level", "OFF"), ("cause_log_level", "debug")])
def test_right_ones_start(start, name, value):
    node = start(parameters=[(name, value)])
    assert "ERROR" not in node.log()


def test_table_that_cannot_fit_is_named(start):
    with pytest.raises(DoesNotStart, match="max_registrations=10000000"):
        start(parameters=[("max_registrations", 10000000)], shm_mb=32, check=False)


def test_queue_that_cannot_fit_is_named(start):
    with pytest.raises(DoesNotStart, match="event_queue=1000000"):
        start(parameters=[("event_queue", 1000000)], check=False)


def test_table_that_may_outgrow_half_of_the_memory_is_warned_of(start):
    node = start(parameters=[("max_registrations", 30000)], shm_mb=64)
    warnings = [line for line in node.log().splitlines() if "WARNING" in line and "max_registrations=30000" in line]
    assert len(warnings) == 1 and "-m " in warnings[0]
