# SPDX-License-Identifier: GPL-2.0-or-later
from sip import RESPONSE, eventually


def test_goes_through_its_states(phone, regmon):
    who = "imsi:" + phone.imsi
    phone.register()
    phone.expect(401)
    assert eventually(lambda: regmon.state(who) == "challenged")
    phone.answer_challenge()
    phone.expect(200)
    assert eventually(lambda: regmon.state(who) == "registered")
    phone.refresh()
    phone.expect(200)
    assert eventually(lambda: regmon.count("successes_reregistration") == 1)
    assert regmon.state(who) == "registered"
    phone.deregister()
    phone.expect(200)
    assert eventually(lambda: regmon.state(who) == "deregistered")

    counters = regmon.counters()
    for kind in ("initial", "reregistration", "deregistration"):
        assert counters[f"attempts_{kind}"] == 1, kind
        assert counters[f"successes_{kind}"] == 1, kind
        assert counters[f"failures_{kind}"] == 0, kind
    assert counters["registers"] == 4
    assert counters["challenges"] == 1
    assert counters["answers_2xx"] == 3
    assert counters["retransmissions"] == 0
    assert regmon.causes(who) == []


def test_is_one_record_although_the_contact_changes_its_port(phone, regmon):
    """Unprotected Contact port 5060, protected one 49200, no reg-id: as phones do."""
    phone.registers()
    assert eventually(lambda: regmon.state("imsi:" + phone.imsi) == "registered")
    assert len(regmon.list()) == 1


def test_is_found_by_each_identity(phone, regmon):
    phone.registers()
    expected = phone.impu
    imei = phone.imei.replace("-", "")
    names = ["impu:" + phone.impu, phone.impu, "impi:" + phone.impi, phone.impi, "imsi:" + phone.imsi,
             phone.imsi, "imei:" + phone.imei, "callid:" + phone.call_id, phone.call_id,
             "addr:127.0.0.1", "addr:" + phone.host]
    for who in names:
        assert regmon.show(who)["impu"] == expected, who
    assert regmon.show("imei:" + imei[:14])["impu"] == expected


def test_keeps_both_legs(phone, regmon, core):
    phone.registers()
    who = "imsi:" + phone.imsi
    assert regmon.steps(who, "phone -> here") == ["REGISTER"] * 2
    assert regmon.steps(who, "here -> core") == ["REGISTER"] * 2
    for direction in ("core -> here", "here -> phone"):
        assert regmon.steps(who, direction) == ["401 Unauthorized", "200 OK"], direction
    assert len(core.requests) == 2


def test_never_shows_nonce_or_response(phone, pcscf, regmon):
    phone.registers()
    who = "imsi:" + phone.imsi
    shown = "".join(pcscf.kamcmd(f"ims_regmon.{name}", who) for name in ("why", "show", "timeline"))
    assert phone.impu in shown
    assert phone.nonce not in shown and RESPONSE not in shown
    assert phone.nonce not in pcscf.log() and RESPONSE not in pcscf.log()


def test_knows_what_began_before_the_start(phone, regmon):
    """A refresh of a phone that is not known is no failure and no new registration."""
    phone.cseq, phone.nonce = 41, "K" * 43 + "="
    phone.refresh()
    phone.expect(200)
    counters = eventually(lambda: regmon.counters() if regmon.count("answers_2xx") else None)
    assert counters["attempts_initial"] == 0
    assert counters["attempts_other"] == 1
    assert counters["successes_other"] == 1
    assert regmon.causes("imsi:" + phone.imsi) == []
