# SPDX-License-Identifier: GPL-2.0-or-later
import pytest

from kamailio import RpcError


@pytest.mark.parametrize("words, told", [
    (["401"], "401 Unauthorized"),  # arrives as a number
    (["s:401"], "401 Unauthorized"),
    (["484"], "has no meaning of its own"),
    (["reg", "event"], "Registration event package"),
    (["m"], "Contact"),
    (["CSEQ-04"], "cseq-out-of-range"),
    (["challenge-loop"], "round after round"),
    (["UR.AttInitReg"], "attempts_initial"),
    (["vonr"], "PDU session to the IMS DNN"),
])
def test_kamcmd_is_told(pcscf, words, told):
    printed = pcscf.kamcmd("ims_regmon.explain", *words)
    assert told in printed and "error:" not in printed


def test_answer_code_as_json_number_and_text(pcscf, regmon):
    by_number = regmon.rpc("explain", 401)["explained"]
    assert by_number == regmon.rpc("explain", "401")["explained"]
    assert len(by_number) == 1 and by_number[0]["name"] == "401 Unauthorized"
    assert all(row["next_step"] for row in by_number[0]["trouble"])


def test_unknown_word_names_near_ones(pcscf, regmon):
    with pytest.raises(RpcError) as error:
        regmon.rpc("explain", "chalenge-loop")
    assert error.value.code == 404 and "challenge-loop" in error.value.message
    for word in ("99", "1234567", "4.5", "xyzzyq", "a" * 200, "%s%n"):
        assert "error: 40" in pcscf.kamcmd("ims_regmon.explain", word)


def test_every_listed_word_is_told(pcscf, regmon):
    words = [word for kind, of_kind in regmon.rpc("explain").items() if kind != "hint" for word in of_kind]
    assert len(words) > 200
    for word in words:
        answer = regmon.rpc("explain", word)
        assert answer["explained"] and "incomplete" not in answer, word
        assert "this answer did not fit" not in pcscf.kamcmd("ims_regmon.explain", word), word


def test_decode_gives_the_place_in_the_call_flow(pcscf, regmon):
    answer = regmon.rpc("decode", "REGISTER sip:example.net SIP/2.0\\r\\nFrom: <sip:a@example.net>;tag=1\\r\\n"
                        "To: <sip:a@example.net>\\r\\nContact: <sip:a@192.0.2.1>\\r\\n"
                        "Security-Client: ipsec-3gpp;alg=hmac-sha-1-96\\r\\n\\r\\n")
    place = answer["in_the_call_flow"]
    assert place["name"] == "First REGISTER, unprotected"
    assert "401" in place["next_messages"] and "Security-Client is there" in place["security_here"]
    assert "Content-Type" not in [row["header"] for row in answer["headers"]]
