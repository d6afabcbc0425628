# SPDX-License-Identifier: GPL-2.0-or-later
import pytest

from kamailio import RpcError
from regmon import Regmon
from sip import CLOSED_IS_CLOSED, eventually


def refuse(core, *imsis):
    """the core refuses these phones and takes all others as usual"""
    usual = core.decide
    core.decide = lambda core, request: (
        (403, "Not here", []) if any(imsi in request.get("To") for imsi in imsis) else usual(core, request))


def test_attempts_not_messages(pcscf, phones, core, regmon):
    good, bad = phones(pcscf, "001010000000101"), phones(pcscf, "001010000000102")
    refuse(core, bad.imsi)
    good.registers()
    good.refresh()
    good.repeat()
    good.expect(200)
    bad.register()
    bad.expect(403)
    kpi = eventually(lambda: (answer := regmon.rpc("kpi"))["ira"]["attempts"] == 3 and answer)
    initial, again = kpi["initial"], kpi["re_registration"]
    assert (initial["attempts"], initial["ended"], initial["successes"], initial["failures"]) == (2, 2, 1, 1)
    assert (initial["registers"], initial["refused"], initial["success_percent"]) == (3, 1, 50)
    assert initial["by_code"] == [{"code": 403, "reason": "Forbidden", "failures": 1}]
    assert initial["by_cause"] == [{"cause": "forbidden-by-core", "failures": 1}]
    assert initial["setup_time"]["n"] == 1
    assert initial["setup_time"]["sum_ms"] >= initial["network_time"]["sum_ms"]
    assert (again["attempts"], again["successes"], again["registers"]) == (1, 1, 1)
    assert kpi["aka"]["challenges"] == kpi["aka"]["challenged_successes"] == 1
    assert kpi["ira"]["ineffective"] == 1
    assert kpi["registered_users"]["bindings"] == 1
    # the unprotected REGISTER says nothing of the cell, the other one does
    assert {row["access"]: row["successes"] for row in kpi["by_access"]} == {"none": 0, "NR": 1}
    assert regmon.rpc("kpi", "access=nr")["initial"]["ended"] == 1
    counters = regmon.counters()
    assert (counters["ineffective"], counters["refused"], counters["challenged"]) == (1, 1, 1)
    assert counters["setup_ms_initial"] == initial["setup_time"]["sum_ms"]
    assert eventually(lambda: regmon.count("public_identities") == regmon.count("private_identities") == 1, timeout=30)
    printed = pcscf.kamcmd("ims_regmon.kpi")
    assert "2 opened, 2 ended: 1 succeeded (50.0%), 1 failed" in printed
    assert "403 Forbidden 1" in printed


def test_first_rows(pcscf, phones, core, regmon):
    devices = ["Odd/1 (\"x\")", "Even/2", "Even/2"]
    made = [phones(pcscf, f"0010100000002{number:02d}", device=device) for number, device in enumerate(devices)]
    refuse(core, made[0].imsi)
    for phone in made[1:]:
        phone.registers()
    made[0].register()
    made[0].expect(403)
    top = eventually(lambda: (answer := regmon.rpc("top", "device"))["attempts"] == 3 and answer)
    assert [(row["value"], row["attempts"], row["failures"], row["top_failure"]) for row in top["rows"]] == [
        (devices[0], 1, 1, "forbidden-by-core")]
    assert (top["other"]["attempts"], top["other"]["failures"], top["replaced"]) == (2, 0, 0)
    top = regmon.rpc("top", "device", "by=attempts", "limit=1")
    assert [(row["value"], row["attempts"]) for row in top["rows"]] == [("Even/2", 2)]
    assert top["more"] == 1
    assert regmon.rpc("top", "tac", "by=attempts")["rows"][0]["value"] == "00101-000064"
    assert regmon.rpc("top", "tac", "by=attempts")["without_value"] == 1
    assert regmon.rpc("top", "port", "by=attempts", "window=recent")["rows"][0]["value"] == str(pcscf.port)
    # what it names to look closer finds the phones
    words = regmon.rpc("top", "tac", "by=attempts")["rows"][0]["look_closer"].split()[1:]
    assert len(regmon.list(*words)) == 2
    printed = pcscf.kamcmd("ims_regmon.top", "code")
    assert "403" in printed and "1 of       1 failed (100.0%)" in printed


@pytest.mark.parametrize("words, says", [
    (["moon"], "no dimension moon; one of plmn, tac, cell, device, imei_tac, port, access, code, cause, rule"),
    ([], "say of what: one of plmn, tac"),
    (["tac", "by=moon"], "failures, attempts or ratio"),
    (["tac", "limit=0"], "1 to 200"),
    (["tac", "window=week"], "recent"),
    (["tac", "cell"], "no dimension cell")])
def test_wrong_words_of_top(pcscf, regmon, words, says):
    with pytest.raises(RpcError) as error:
        regmon.rpc("top", *words)
    assert error.value.code == 400 and says in error.value.message
    assert says in pcscf.kamcmd("ims_regmon.top", *words)


@pytest.mark.parametrize("word, says", [
    ("access=moon", "no access type moon; one of LTE, none, GERAN, UTRAN, E-UTRAN, NR, WLAN"), ("moon", "access=NR")])
def test_wrong_words_of_kpi(pcscf, regmon, word, says):
    with pytest.raises(RpcError) as error:
        regmon.rpc("kpi", word)
    assert error.value.code == 400 and says in error.value.message
    assert says in pcscf.kamcmd("ims_regmon.kpi", word)


def test_bare_digits_are_answered(pcscf):
    assert "bare digits" in pcscf.kamcmd("ims_regmon.top", "403")


def test_what_refused_phones_share(pcscf, phones, core, regmon):
    """Twelve phones of one model are refused, twelve others are not."""
    bad = [phones(pcscf, f"0010100000003{number:02d}", device="Bad/1") for number in range(12)]
    good = [phones(pcscf, f"0010100000004{number:02d}", device=f"Good/{number % 4}") for number in range(12)]
    refuse(core, "0010100000003")
    for phone in good:
        phone.registers()
    for phone in bad:
        phone.register()
        phone.expect(403)

    def shared():
        cause = next(cause for cause in regmon.summary()["causes"] if cause["cause"] == "forbidden-by-core")
        return {row["trait"]: row for row in cause["shared"]}
    device = eventually(lambda: shared().get("device"), timeout=30, every=0.5)
    assert (device["value"], device["with_it"], device["affected"]) == ("Bad/1", 12, 12)
    assert (device["others_with_it"], device["others"]) == (0, 12)
    assert "12 of 12 phones with it share User-Agent Bad/1" in device["says"]
    assert "share User-Agent Bad/1; of the 12 others 0.0% have it" in pcscf.kamcmd("ims_regmon.summary")


def test_a_success_that_could_not_be_sent_is_none(start, phones, core):
    node = start(**CLOSED_IS_CLOSED)
    phone, regmon = phones(node, transport="TCP"), Regmon(node)
    phone.register_and_go(core, core.accept)
    assert eventually(lambda: regmon.count("answers_not_sent") == 1, timeout=10)
    initial = regmon.rpc("kpi")["initial"]
    assert (initial["ended"], initial["successes"], initial["no_answer"]) == (1, 0, 1)
    assert initial["setup_time"]["n"] == 0 and initial["setup_time"]["sum_ms"] == 0
    assert regmon.summary()["last_hour"]["failed"] == 1
    row = regmon.rpc("top", "device")["rows"][0]
    assert (row["attempts"], row["failures"]) == (1, 1)


def test_few_places_say_so(start, phones, core):
    node = start(parameters=[("top_size", 10)])
    regmon = Regmon(node)
    refuse(core, "0010100000005")
    for number in range(25):
        phone = phones(node, f"0010100000005{number:02d}", device=f"Fuzzer/{number}")
        phone.register()
        phone.expect(403)
    top = eventually(lambda: (answer := regmon.rpc("top", "device"))["attempts"] == 25 and answer)
    assert (len(top["rows"]), top["replaced"]) == (10, 15)
    assert "lost its place 15 times" in top["kept"]
    assert all(row["failures"] + row["missed"] >= 1 for row in top["rows"])
    assert sum(row["failures"] for row in top["rows"]) + top["other"]["failures"] == 25
