# SPDX-License-Identifier: GPL-2.0-or-later
import copy
import json
import os
import re
import subprocess
import time

import jsonschema
import pytest

import schema
from burst import Burst
from kamailio import TOP, DoesNotStart
from regmon import Regmon
from schema import check_record
from sip import CLOSED_IS_CLOSED, eventually

REFUSES = 'request_route { sl_send_reply("403", "Forbidden"); }\n'


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "records.jsonl")


@pytest.fixture
def node(start, path):
    def run(parameters=(), **how):
        return start(parameters=[("record_file", path), ("cause_log_level", "off"), *parameters], **how)
    return run


def lines_of(path):
    with open(path) as file:
        return file.read().splitlines()


def records_of(path):
    return [check_record(line) for line in lines_of(path)]


def lines_when(path, n):
    return eventually(lambda: os.path.exists(path) and len(lines_of(path)) >= n and lines_of(path), timeout=10)


def test_life_of_a_phone(node, phones, core, path):
    node = node([("node_name", "pcscf-1"), ("role", "pcscf")], head="server_id=3\n")
    phone = phones(node)
    phone.registers()
    phone.refresh()
    phone.expect(200)
    phone.deregister()
    phone.expect(200)
    assert lines_when(path, 3)
    first, second, third = records_of(path)
    assert [r["kind"] for r in (first, second, third)] == ["initial", "re-registration", "de-registration"]
    assert {r["result"] for r in (first, second, third)} == {"success"}
    assert [r["serial"] for r in (first, second, third)] == [1, 2, 3]
    assert first["node"]["name"] == "pcscf-1" and first["node"]["server_id"] == 3
    assert first["node"]["role"] == "pcscf"
    assert first["phone"]["impu"] == phone.impu and first["phone"]["call_id"] == phone.call_id
    assert first["phone"]["imei"] == phone.imei and first["phone"]["source_port"] == phone.port
    assert first["access"] == {"access": "NR", "access_type": "3GPP-NR-TDD", "plmn": "00101", "tac": "000064",
                               "cell": "000000A1F"}
    assert (first["code"], first["core_code"], first["reason"]) == (200, 200, "OK")
    assert first["counts"]["requests"] == 2 and first["counts"]["challenges"] == 1
    assert first["security"]["client"]["port_s"] == 49200 and first["security"]["server"]["port_s"] == 5063
    assert [entry["what"] for entry in first["timeline"] if entry["direction"] == "here -> phone"] == [
        "401 Unauthorized", "200 OK"]
    assert len(second["timeline"]) == 4, "only the messages of its own attempt"
    assert third["binding"]["in_force"] == "no" and third["state"] == "deregistered"
    # no secrets
    text = "".join(lines_of(path))
    assert phone.nonce and phone.nonce not in text and "6629fae49393a05397450978507c4ef1" not in text
    assert Regmon(node).count("records_written") == 3


def test_hostile_phone(node, phones, core, path):
    """What a stranger writes stays a text."""
    node = node()
    core.decide = lambda core, request: (403, 'No "way"\\ </script>', [])
    phone = phones(node)
    phone.register(change={"User-Agent": '<img src=x onerror="alert(1)">\\\x01\x7f\xff', "Call-ID": 'a"b\\c',
                           "P-Access-Network-Info": '3GPP-NR;utran-cell-id-3gpp="\\"x'})
    phone.expect(403)
    assert lines_when(path, 1)
    record = records_of(path)[0]
    assert record["phone"]["device"].startswith('<img src=x onerror="alert(1)">\\??')
    assert record["phone"]["call_id"] == 'a"b\\c' and record["reason"] == 'No "way"\\ </script>'
    assert record["causes"][0]["cause"] == "forbidden-by-core"


def test_answer_that_could_not_be_sent(node, phones, core, path):
    """A success that was none is corrected by a second record."""
    node = node(**CLOSED_IS_CLOSED)
    phone = phones(node, transport="TCP")
    phone.register_and_go(core, core.accept)
    assert lines_when(path, 2)
    first, second = records_of(path)
    assert (first["result"], first["correction"]) == ("success", "no")
    assert (second["result"], second["correction"]) == ("no-answer", "yes")
    assert first["times"]["opened_ms"] == second["times"]["opened_ms"]


def test_turns_over(node, path):
    node = node([("record_file_max_mb", 1), ("record_file_keep", 2)], route=REFUSES)
    burst, n = Burst(node.port), 2800
    burst.register(1, n)
    burst.close()
    regmon = Regmon(node)
    assert eventually(lambda: regmon.count("records_written") == n, timeout=20)
    names = sorted(os.listdir(os.path.dirname(path)))
    assert names == ["records.jsonl", "records.jsonl.1", "records.jsonl.2"], "keeps two old ones"
    serials = []
    for name in reversed(names):
        found = os.path.join(os.path.dirname(path), name)
        assert os.path.getsize(found) <= 1000000
        serials += [json.loads(line)["serial"] for line in lines_of(found)]
    assert serials == list(range(n + 1 - len(serials), n + 1)), "the last ones, without a gap"
    assert os.path.getsize(path + ".1") > 990000


def test_moved_away(node, path):
    """As logrotate does, without a signal."""
    node = node(route=REFUSES)
    burst, regmon = Burst(node.port), Regmon(node)
    burst.register(1, 5)
    assert lines_when(path, 5)
    os.rename(path, path + ".old")
    for number in range(6, 60):  # until it is found out, within some seconds
        burst.register(number, 1)
        if os.path.exists(path):
            break
        time.sleep(0.1)
    sent = number
    burst.close()
    assert lines_when(path, 1)
    assert eventually(lambda: regmon.count("records_written") == sent)
    assert [r["serial"] for r in records_of(path + ".old") + records_of(path)] == list(range(1, sent + 1))


def test_full_disk(start, tmp_path, request):
    """A file system of 64 kB: whole lines or none, counted, and on it goes when there is room again."""
    folder = str(tmp_path / "small")
    os.mkdir(folder)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "regmon", folder], stderr=subprocess.DEVNULL).returncode:
        pytest.skip("may not mount a tmpfs")
    request.addfinalizer(lambda: subprocess.run(["umount", "-l", folder], check=True))
    path = os.path.join(folder, "records.jsonl")
    node = start(parameters=[("record_file", path), ("cause_log_level", "off")], route=REFUSES)
    burst, regmon, n = Burst(node.port), Regmon(node), 100
    burst.register(1, n)
    assert eventually(lambda: regmon.count("records_written") + regmon.count("record_write_errors") == n)
    written = regmon.count("records_written")
    assert 10 < written < n
    assert [r["serial"] for r in records_of(path)] == list(range(1, written + 1))
    assert open(path).read().endswith("}\n")
    assert any("record_file" in warning for warning in regmon.summary()["warnings"])
    assert re.search(r"WARNING: ims_regmon .*records were not written to .*: write: No space left on device", node.log())
    os.truncate(path, 0)
    burst.register(n + 1, 1).close()
    assert lines_when(path, 1)
    assert records_of(path)[0]["serial"] == n + 1
    assert regmon.count("records_written") == written + 1


def test_folder_goes_and_comes_back(start, tmp_path):
    folder = tmp_path / "logs"
    folder.mkdir()
    path = str(folder / "records")
    node = start(parameters=[("record_file", path), ("cause_log_level", "off")], route=REFUSES)
    burst, regmon = Burst(node.port), Regmon(node)
    os.unlink(path)
    folder.rmdir()

    def one_more_fails():
        burst.register(one_more_fails.number, 1)
        one_more_fails.number += 1
        return eventually(lambda: regmon.count("record_write_errors"), timeout=0.2)
    one_more_fails.number = 1
    assert eventually(one_more_fails, timeout=10, every=0.1)
    assert eventually(lambda: re.search(r"not written to .*: open: No such file or directory", node.log()))
    folder.mkdir()
    burst.register(1000, 1).close()
    assert lines_when(path, 1)


def test_written_before_the_end(node, path):
    """SIGTERM right behind a burst: what was queued is in the file."""
    node, n = node(route=REFUSES), 1500
    burst = Burst(node.port)
    burst.register(1, n, window=100)
    burst.close()
    began = time.monotonic()
    assert node.stop() == []
    assert time.monotonic() - began < 10
    assert [r["serial"] for r in records_of(path)] == list(range(1, n + 1))


@pytest.mark.parametrize("value, why", [
    ("FOLDER/missing/records", "No such file or directory"), ("FOLDER", "Is a directory"),
    ("/dev/null", "no regular file"), ("records.jsonl", "from / on"), ("FOLDER/", "path of a file")])
def test_file_that_cannot_be_opened_stops_the_start(start, tmp_path, value, why):
    value = value.replace("FOLDER", str(tmp_path))
    with pytest.raises(DoesNotStart) as stopped:
        start(parameters=[("record_file", value)], check=False)
    lines = [line for line in str(stopped.value).splitlines() if "modparam record_file" in line]
    assert len(lines) == 1 and value in lines[0] and why in lines[0], str(stopped.value)


def test_another_user(start, tmp_path):
    """Opened as the user that Kamailio becomes, not as root, who reads the configuration."""
    if os.getuid() != 0:
        pytest.skip("only root can become another user")
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    for folder in (tmp_path, tmp_path.parent, tmp_path.parent.parent):
        folder.chmod(folder.stat().st_mode | 0o055)
    with pytest.raises(DoesNotStart, match="record_file.*Permission denied"):
        start(parameters=[("record_file", str(closed / "records"))], head='user="nobody"\n', check=False)


# ---- what is written about it ----

def test_every_field_is_explained():
    with open(os.path.join(TOP, "doc", "records.md")) as file:
        words = re.findall(r"`([a-z_.\[\]]+)`", file.read())
    explained = {part.strip("[]") for word in words for part in word.split(".")}
    for name in ("record", "event"):
        missing = schema.fields(schema.load(name)) - explained
        assert not missing, f"doc/records.md does not explain {missing} of {name}"


def _without(path, record):
    record = copy.deepcopy(record)
    *outer, last = path
    inner = record
    for name in outer:
        inner = inner[name]
    del inner[last]
    return record


def test_the_schema_refuses(node, phones, path):
    """A schema that takes everything would prove nothing."""
    node = node()
    phones(node).registers()
    assert lines_when(path, 1)
    record = records_of(path)[0]
    wrong = [_without(missing, record) for missing in (
        ["serial"], ["node", "name"], ["times", "duration_ms"], ["counts", "requests"], ["timeline", 0, "cseq"])]
    for change in ({"version": 2}, {"result": "good"}, {"nonce": "x"}, {"code": "200"}, {"findings": ["nonsense"]},
                   {"at": "yesterday"}):
        wrong.append({**record, **change})
    for bad in wrong:
        with pytest.raises(jsonschema.ValidationError):
            schema.RECORD.validate(bad)
