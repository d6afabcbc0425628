# SPDX-License-Identifier: GPL-2.0-or-later
import re

import pytest

from kamailio import RpcError
from sip import eventually

PER_PHONE = ["why", "show", "timeline", "decode"]


@pytest.mark.parametrize("name", PER_PHONE)
def test_kamcmd_with_bare_digits_is_told_the_right_form(phone, pcscf, name):
    """kamcmd makes an int of 32 bits out of an IMSI."""
    phone.registers()
    printed = pcscf.kamcmd(f"ims_regmon.{name}", phone.imsi)
    assert f"ims_regmon.{name} imsi:" in printed
    assert phone.impu not in printed


@pytest.mark.parametrize("name", PER_PHONE)
@pytest.mark.parametrize("form", ["imsi:{imsi}", "s:{imsi}", "{impu}", "impu:{impu}", "{impi}", "callid:{call_id}",
                                  "imei:{imei}"])
def test_kamcmd_finds_the_phone(phone, pcscf, name, form):
    phone.registers()
    who = form.format(imsi=phone.imsi, impu=phone.impu, impi=phone.impi, call_id=phone.call_id, imei=phone.imei)
    assert phone.impu in pcscf.kamcmd(f"ims_regmon.{name}", who)


@pytest.mark.parametrize("name", PER_PHONE + ["forget"])
def test_unknown_who_is_said(phone, pcscf, regmon, name):
    phone.registers()
    with pytest.raises(RpcError) as error:
        regmon.rpc(name, "imsi:001019999999999")
    assert error.value.code == 404 and "001019999999999" in error.value.message
    assert "001019999999999" in pcscf.kamcmd(f"ims_regmon.{name}", "imsi:001019999999999")


@pytest.mark.parametrize("name", PER_PHONE + ["forget"])
def test_missing_who_is_asked_for(pcscf, regmon, name):
    with pytest.raises(RpcError) as error:
        regmon.rpc(name)
    for said in (error.value.message, pcscf.kamcmd(f"ims_regmon.{name}")):
        assert "WHO" in said or "IMPU, IMPI" in said
    assert error.value.code == 400


def test_json_number_is_answered_as_well(phone, regmon):
    phone.registers()
    with pytest.raises(RpcError, match="imsi:"):
        regmon.rpc("why", 101)


def some_phones(pcscf, phones, how_many):
    for number in range(how_many):
        phone = phones(pcscf, f"0010100000{number:05d}", host=f"10.45.1.{number}")
        phone.device = "Odd/1" if number % 2 else "Even/1"
        if number < 3:
            phone.access = "3GPP-E-UTRAN-FDD;utran-cell-id-3gpp=0010100660000C01"
        phone.registers()


def test_list_goes_through_all_with_limit_and_cursor(pcscf, phones, regmon):
    some_phones(pcscf, phones, 23)
    seen, words = [], ["limit=5"]
    for _ in range(10):
        answer = regmon.rpc("list", *words)
        assert len(answer["phones"]) == answer["shown"] <= 5
        seen += [row["impu"] for row in answer["phones"]]
        if "cursor" not in answer:
            break
        words = ["limit=5", "cursor=" + answer["cursor"]]
    assert len(seen) == len(set(seen)) == 23


def test_list_filters(pcscf, phones, regmon):
    some_phones(pcscf, phones, 10)
    assert eventually(lambda: len(regmon.list("state=registered")) == 10)
    assert len(regmon.list("device=even")) == 5
    assert len(regmon.list("access=E-UTRAN")) == len(regmon.list("access=3gpp-e-utran-fdd")) == 3
    assert len(regmon.list("plmn=00101", "tac=0066")) == 3
    assert len(regmon.list("plmn=00101", "tac=000064", "device=odd")) == 4
    assert regmon.list("plmn=26202") == []
    assert regmon.list("state=failed") == []
    assert regmon.list("cause=any") == []
    assert len(regmon.list("code=200")) == 10


@pytest.mark.parametrize("word, said", [
    ("state=lost", "registered"), ("cause=magic", "challenge-loop"), ("finding=CSEQ-77", "CSEQ-0"),
    ("limit=0", "limit|number"), ("limit=9999", "number"), ("code=99", "number"), ("colour=red", "state, cause"),
    ("registered", "name=value"), ("cursor=x", "cursor")])
def test_list_says_what_is_wrong_with_a_filter(pcscf, regmon, word, said):
    with pytest.raises(RpcError) as error:
        regmon.rpc("list", word)
    assert error.value.code == 400 and re.search(said, error.value.message), error.value.message
    assert re.search(said, pcscf.kamcmd("ims_regmon.list", word))


def test_a_long_list_fits_into_kamcmd(pcscf, phones, regmon):
    """Its whole answer is held in 32 KiB: what does not fit is announced, not lost."""
    some_phones(pcscf, phones, 150)
    printed = pcscf.kamcmd("ims_regmon.list", "limit=200")
    shown = len(re.findall(r"sip:0010100000\d{5}@", printed))
    if shown < 150:
        cursor = re.search(r"cursor=[0-9.]+", printed).group(0)
        printed = pcscf.kamcmd("ims_regmon.list", "limit=200", cursor)
        shown += len(re.findall(r"sip:0010100000\d{5}@", printed))
    assert shown == 150


def test_timeline_is_followed_by_since(phone, regmon):
    phone.registers()
    who = "imsi:" + phone.imsi
    assert eventually(lambda: len(regmon.timeline(who)) == 8)
    since = regmon.phone("timeline", who)["next_since"]
    assert regmon.rpc("timeline", who, f"since={since}")["phones"][0]["timeline"] == []
    phone.refresh()
    phone.expect(200)
    news = eventually(lambda: regmon.rpc("timeline", who, f"since={since}")["phones"][0]["timeline"])
    assert news[0]["what"] == "REGISTER"
    with pytest.raises(RpcError, match="since"):
        regmon.rpc("timeline", who, "since=yesterday")


def test_rules(pcscf, regmon):
    rules = regmon.rpc("rules")["rules"]
    assert len(rules) > 50
    assert len({rule["id"] for rule in rules}) == len(rules)
    one = regmon.rpc("rules", "PANI-04")["rules"]
    assert [rule["id"] for rule in one] == ["PANI-04"] and one[0]["clause"]
    assert {rule["id"][:5] for rule in regmon.rpc("rules", "CSEQ-")["rules"]} == {"CSEQ-"}
    with pytest.raises(RpcError, match="CSEQ-0"):
        regmon.rpc("rules", "CSEQ-77")
    assert "cell-identity-does-not-fit" in pcscf.kamcmd("ims_regmon.rules", "PANI-04")


def test_decode_of_a_text(phone, pcscf, regmon):
    """With real line ends, and with \\r\\n written out."""
    phone.access = "3GPP-NR-TDD;utran-cell-id-3gpp=0010100640000A1F"
    text = phone.message(protected=True)
    for form in (text, text.replace("\r\n", "\\r\\n"), text.replace("\r\n", "\n")):
        printed = pcscf.kamcmd("ims_regmon.decode", form)
        assert "PANI-04" in printed and "P-Access-Network-Info" in printed
        assert "note:" not in printed, "its empty line has arrived"
    for form in (text.removesuffix("\r\n"), text.replace("\r\n", "\\r\\n").removesuffix("\\r\\n")):
        assert "ends before the empty line" in pcscf.kamcmd("ims_regmon.decode", form)
    assert regmon.list() == [], "decoding remembers nothing"
    assert regmon.count("registers") == 0


def test_forget(phone, phones, pcscf, regmon):
    phone.registers()
    other = phones(pcscf, "001010000000102")
    other.registers()
    assert regmon.forget("imsi:" + phone.imsi) == 1
    assert not regmon.knows("imsi:" + phone.imsi) and regmon.knows("imsi:" + other.imsi)
    assert regmon.forget("all") == 1
    assert regmon.forget("all") == 0
    assert regmon.list() == []


def test_commands_have_a_help_text(pcscf):
    for name in PER_PHONE + ["summary", "list", "rules", "forget", "check_invariants"]:
        assert len(pcscf.kamcmd("help", f"ims_regmon.{name}").strip()) > 10, name


def test_summary_in_kamcmd_reads_alone(phone, pcscf, regmon):
    phone.registers()
    assert eventually(lambda: regmon.summary()["registrations"].get("registered") == 1)
    printed = pcscf.kamcmd("ims_regmon.summary")
    assert re.search(r"registered:? *1", printed) and "100.0%" in printed
