# SPDX-License-Identifier: GPL-2.0-or-later
import base64
import json
import os

import pytest

import aka
from kamailio import MODULES, DoesNotStart, RpcError
from regmon import Regmon
from sip import DOMAIN, eventually

K = bytes.fromhex("7d1f0c6ab3e2954817aa03c95ed4f26b")
OP = bytes.fromhex("c3a85d90e7124bf60b9e6f7d38a1542c")
OTHER_K = bytes.fromhex("1e9b44d7026cf8a35be0917f3dc86a52")
IMSI = "001010000000101"
LINE = f"{IMSI}@{DOMAIN} k={K.hex()} op={OP.hex()} amf=b9b9\n"


@pytest.fixture
def keys(tmp_path):
    """keys(text, mode) -> the file's name"""
    def write(text=LINE, mode=0o600):
        file = tmp_path / "aka.keys"
        file.write_text(text)
        file.chmod(mode)
        return str(file)
    return write


@pytest.fixture
def node(start, keys):
    return start(parameters=[("aka_keys", keys())])


class Lab:
    """One phone with a SIM, and the HSS behind the core."""

    def __init__(self, node, phone, core, sim_k=K, hss_k=K, sim_sqn=0, hss_sqn=0x1000, **hss):
        self.regmon, self.phone, self.node = Regmon(node), phone, node
        self.sim = aka.Sim(aka.Milenage(sim_k, OP), sim_sqn)
        self.hss = aka.Hss(aka.Milenage(hss_k, OP), hss_sqn, **hss)
        core.decide = self.hss.decide

    def is_challenged(self):
        self.phone.register()
        self.phone.expect(401)

    def verdicts(self):
        return self.regmon.show("imsi:" + IMSI)["aka"]["lab_keys"]

    def says(self, **wanted):
        eventually(lambda: wanted.items() <= self.verdicts().items())
        got = self.verdicts()
        assert {name: got.get(name) for name in wanted} == wanted


@pytest.fixture
def lab(node, phones, core):
    return lambda **how: Lab(node, phones(node, IMSI), core, **how)


def test_right_key(lab):
    here = lab()
    here.is_challenged()
    here.says(challenge="challenge-right", challenge_from_core="challenge-right", sqn_network="000000001000")
    aka.answer(here.phone, here.sim)
    here.phone.expect(200)
    here.says(answer="response-right", sqn_network="000000001000")
    facts = here.regmon.show("imsi:" + IMSI)["aka"]
    assert facts["challenge"] == {"algorithm": "AKAv1-MD5", "nonce": "vector", "server_octets": "no",
                                  "repeated_rands": 0, "qop": "none", "this_attempt": "yes"}
    assert facts["answer"] == {"algorithm": "AKAv1-MD5", "nonce": "issued", "realm": "same", "response": "given",
                               "auts": "absent", "qop": "none", "this_attempt": "yes"}
    # what was not told to the module is right, too: the core believed it by its own computation
    assert here.regmon.state("imsi:" + IMSI) == "registered"


def test_network_has_another_key(lab):
    here = lab(hss_k=OTHER_K)
    here.is_challenged()
    here.says(challenge="key-mismatch", challenge_from_core="key-mismatch")
    aka.answer(here.phone, here.sim)
    here.phone.expect(401)
    here.says(answer="key-mismatch")
    assert "sqn_network" not in here.verdicts()
    assert here.regmon.show("imsi:" + IMSI)["aka"]["answer"]["response"] == "empty"


def test_card_has_another_key(lab):
    here = lab(sim_k=OTHER_K)
    here.is_challenged()
    here.says(challenge="challenge-right")
    aka.answer(here.phone, here.sim)
    here.phone.expect(401)
    here.says(answer="autn-refused")


def test_network_is_behind_the_card(lab):
    here = lab(sim_sqn=0x5000)
    here.is_challenged()
    here.says(challenge="challenge-right", sqn_network="000000001000")
    aka.answer(here.phone, here.sim)
    here.phone.expect(401)
    # the new challenge is above the card's SQN already: that is how resynchronisation ends well
    here.says(answer="sqn-out-of-range", response_of_empty_password="yes", sqn_card="000000005000",
              challenge="challenge-right", sqn_network="000000005020", sqn_difference=-0x20)
    assert here.regmon.show("imsi:" + IMSI)["aka"]["answer"]["auts_octets"] == 14
    aka.answer(here.phone, here.sim)
    here.phone.expect(200)
    here.says(answer="response-right")


def test_network_ignores_the_auts(lab):
    here = lab(sim_sqn=0x5000)
    here.hss.resynchronise = lambda given: here.hss.challenge()
    here.is_challenged()
    aka.answer(here.phone, here.sim)
    here.phone.expect(401)
    here.says(answer="sqn-out-of-range", challenge="stale-vector", sqn_network="000000001020",
              sqn_card="000000005000", sqn_difference=0x3fe0)


def test_response_of_hexadecimal_text(lab):
    here = lab()
    here.is_challenged()
    rand = base64.b64decode(here.phone.nonce)[:16]
    aka.answer(here.phone, here.sim, secret=here.sim.milenage.f2_f5(rand)[0].hex())
    here.phone.expect(403)
    here.says(challenge="challenge-right", answer="hex-response")


def test_wrong_version_and_wrong_response(lab):
    here = lab()
    here.is_challenged()
    aka.answer(here.phone, here.sim, algorithm="AKAv2-SHA-256")
    here.phone.expect(403)
    here.says(answer="wrong-aka-version", computed_as="AKAv2-SHA-256")
    here.is_challenged()
    aka.answer(here.phone, here.sim, secret=b"something else")
    here.phone.expect(403)
    here.says(answer="response-wrong")
    assert "computed_as" not in here.verdicts()


def test_other_phones_have_no_verdict(lab, node, phones):
    here = lab()
    stranger = phones(node, "001010000000102")
    stranger.register()
    stranger.expect(401)
    aka.answer(stranger, here.sim)
    stranger.receive()
    who = "imsi:" + stranger.imsi
    assert eventually(lambda: "answer" in here.regmon.show(who)["aka"])
    assert "lab_keys" not in here.regmon.show(who)["aka"]


def test_beside_tls(start, keys, phones, core):
    """tls gives OpenSSL Kamailio's shared memory."""
    node = start(parameters=[("aka_keys", keys())], modules=MODULES + ["tls"])
    here = Lab(node, phones(node, IMSI), core)
    here.is_challenged()
    aka.answer(here.phone, here.sim)
    here.phone.expect(200)
    here.says(challenge="challenge-right", answer="response-right")


# ---- what must not be seen ----

def forms(octets):
    """as it is, and as people and programs write it"""
    texts = [octets.hex(), octets.hex().upper(), base64.b64encode(octets).decode()]
    if octets.isascii() and octets.decode().isprintable():
        texts.append(octets.decode())
    return texts


def test_nothing_secret_is_seen(lab, node):
    secrets = [K, OP, OTHER_K, aka.Milenage(K, OP).opc]
    for how in ({}, {"sim_sqn": 0x900000, "hss_sqn": 0x2000}, {"hss_k": OTHER_K}, {"sim_k": OTHER_K}):
        here = lab(**how)
        for _ in range(2):
            here.is_challenged()
            aka.answer(here.phone, here.sim)
            here.phone.receive()
        here.is_challenged()
        aka.answer(here.phone, here.sim, secret=b"wrong")
        here.phone.receive()
        secrets += here.hss.secrets + here.sim.secrets + [here.phone.nonce.encode()]
    who = "imsi:" + IMSI
    assert eventually(lambda: "answer" in here.verdicts())
    commands = [("show", who), ("why", who), ("timeline", who), ("decode", who), ("list",), ("summary",),
                ("decode", here.phone.sent.replace("\r\n", "\\r\\n")), ("rules", "AUTH"), ("explain", "auts")]
    seen = {"log": node.log()}
    for command in commands:
        name = "ims_regmon." + command[0]
        seen["kamcmd " + name] = node.kamcmd(name, *command[1:])
        seen["JSON " + name] = json.dumps(node.rpc(name, *command[1:]))
    seen["counters"] = json.dumps(here.regmon.counters())
    assert IMSI in seen["JSON ims_regmon.show"] and IMSI in seen["kamcmd ims_regmon.show"]
    assert "lab_keys" in seen["JSON ims_regmon.show"] and "lab keys" in seen["kamcmd ims_regmon.show"]
    assert len(secrets) > 60
    for place, text in seen.items():
        for secret in secrets:
            for form in forms(secret):
                assert form not in text, f"{place} shows {form}"


# ---- the file ----

@pytest.mark.parametrize("text, mode, said", [
    (LINE, 0o644, ["aka.keys", "mode 0644", "0600", "chmod 600"]),
    (LINE, 0o640, ["aka.keys", "mode 0640"]),
    (LINE, 0o601, ["aka.keys", "mode 0601"]),
    ("# keys\n" + LINE.replace(K.hex(), K.hex()[:-1]), 0o600,
     ["aka.keys:2: k= wants 32 hexadecimal digits, there are 31 characters"]),
    (LINE + f"x@y {OTHER_K.hex()}\n", 0o600, ["aka.keys:2: field 2 is none of k=, op=, opc= and amf="]),
    (LINE + LINE, 0o600, ["aka.keys:2: the same IMPI has keys in line 1 already"]),
    ("# none\n", 0o600, ["aka.keys holds no keys"]),
], ids=["readable by all", "by the group", "executable by all", "short key", "no field", "twice", "empty"])
def test_wrong_file_stops_the_start(start, keys, text, mode, said):
    with pytest.raises(DoesNotStart) as stopped:
        start(parameters=[("aka_keys", keys(text, mode))], check=False)
    log = str(stopped.value)
    lines = [line for line in log.splitlines() if "ims_regmon" in line and "modparam aka_keys" in line]
    assert len(lines) == 1, log
    for words in said:
        assert words in lines[0]
    for secret in (K, OP, OTHER_K):
        assert secret.hex()[:-1] not in log


@pytest.mark.parametrize("path, said", [
    ("/no/such/file", "/no/such/file: No such file or directory"), ("/dev/null", "no regular file"),
    ("aka.keys", "expected a path from / on")])
def test_file_that_cannot_be_read(start, path, said):
    with pytest.raises(DoesNotStart) as stopped:
        start(parameters=[("aka_keys", path)], check=False)
    lines = [line for line in str(stopped.value).splitlines() if "modparam aka_keys" in line]
    assert len(lines) == 1 and said in lines[0], str(stopped.value)


def test_fifo_does_not_hang_the_start(start, tmp_path):
    fifo = str(tmp_path / "fifo")
    os.mkfifo(fifo, 0o600)
    with pytest.raises(DoesNotStart, match="no regular file"):
        start(parameters=[("aka_keys", fifo)], check=False)


def test_without_a_file(pcscf, phone, core):
    """the facts are there, and no verdict"""
    core.decide = aka.Hss(aka.Milenage(K, OP)).decide
    phone.register()
    phone.expect(401)
    aka.answer(phone, aka.Sim(aka.Milenage(K, OP)))
    phone.expect(200)
    show = eventually(lambda: Regmon(pcscf).show("imsi:" + phone.imsi)["aka"])
    assert show["challenge"]["nonce"] == "vector" and show["answer"]["nonce"] == "issued"
    assert "lab_keys" not in show
    with pytest.raises(RpcError):
        Regmon(pcscf).show("imsi:001010000009999")
