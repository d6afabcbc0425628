# SPDX-License-Identifier: GPL-2.0-or-later
"""The lab's own AKA against the published test sets of TS 35.208; without it a fault of the
lab would look like a fault of a card."""
import pytest

from aka import Aes, Milenage, digest, nonce_of, open_nonce

SETS = {
    1: dict(k="465b5ce8b199b49faa5f0a2ee238a6bc", rand="23553cbe9637a89d218ae64dae47bf35", sqn="ff9bb4d0b607",
            amf="b9b9", op="cdc202d5123e20f62b6d676ac72cb318", opc="cd63cb71954a9f4e48a5994e37a02baf",
            mac_a="4a9ffac354dfafb3", mac_s="01cfaf9ec4e871e9", res="a54211d5e3ba50bf",
            ck="b40ba9a3c58b2a05bbf0d987b21bf8cb", ik="f769bcd751044604127672711c6d3441", ak="aa689c648370",
            ak_resync="451e8beca43b"),
    2: dict(k="0396eb317b6d1c36f19c1c84cd6ffd16", rand="c00d603103dcee52c4478119494202e8", sqn="fd8eef40df7d",
            amf="af17", op="ff53bade17df5d4e793073ce9d7579fa", opc="53c15671c60a4b731c55b4a441c0bde2",
            mac_a="5df5b31807e258b0", mac_s="a8c016e51ef4a343", res="d3a628ed988620f0",
            ck="58c433ff7a7082acd424220f2b67c556", ik="21a8c1f929702adb3e738488b9f5c5da", ak="c47783995f72",
            ak_resync="30f1197061c1"),
    3: dict(k="fec86ba6eb707ed08905757b1bb44b8f", rand="9f7c8d021accf4db213ccff0c7f71a6a", sqn="9d0277595ffc",
            amf="725c", op="dbc59adcb6f9a0ef735477b7fadf8374", opc="1006020f0a478bf6b699f15c062e42b3",
            mac_a="9cabc3e99baf7281", mac_s="95814ba2b3044324", res="8011c48c0c214ed2",
            ck="5dbdbb2954e8f3cde665b046179a5098", ik="59a92d3b476a0443487055cf88b2307b", ak="33484dc2136b",
            ak_resync="deacdd848cc6"),
    4: dict(k="9e5944aea94b81165c82fbf9f32db751", rand="ce83dbc54ac0274a157c17f80d017bd6", sqn="0b604a81eca8",
            amf="9e09", op="223014c5806694c007ca1eeef57f004f", opc="a64a507ae1a2a98bb88eb4210135dc87",
            mac_a="74a58220cba84c49", mac_s="ac2cc74a96871837", res="f365cd683cd92e96",
            ck="e203edb3971574f5a94b0d61b816345d", ik="0c4524adeac041c4dd830d20854fc46b", ak="f0b9c08ad02e",
            ak_resync="6085a86c6f63"),
}


def test_aes_of_fips_197():
    key, text = bytes(range(16)), bytes.fromhex("00112233445566778899aabbccddeeff")
    assert Aes(key).encrypt(text).hex() == "69c4e0d86a7b0430d8cdb78070b4c55a"


@pytest.mark.parametrize("number", SETS)
def test_milenage_of_ts_35_208(number):
    given = {name: bytes.fromhex(value) for name, value in SETS[number].items()}
    milenage = Milenage(given["k"], op=given["op"])
    vector = milenage.vector(given["rand"], given["sqn"], given["amf"])
    assert milenage.opc == given["opc"]
    assert {name: given[name] for name in vector._fields} == vector._asdict()


def test_card_and_hss_agree_on_autn_and_auts():
    milenage = Milenage(bytes(16), op=bytes(range(16)))
    rand, sqn = bytes(range(16)), bytes.fromhex("000000000420")
    autn, made = milenage.autn(rand, sqn, b"\xb9\xb9")
    assert milenage.open_autn(rand, autn) == (sqn, made, True)
    assert milenage.open_auts(rand, milenage.auts(rand, sqn)) == sqn
    assert open_nonce(nonce_of(rand, autn)) == (rand, autn)
    other = Milenage(bytes(15) + b"\1", op=bytes(range(16)))
    assert not other.open_autn(rand, autn)[2]
    assert milenage.open_auts(rand, other.auts(rand, sqn)) is None


def test_digest_of_akav1():
    """Test set 1 of TS 35.208 in a REGISTER of IMSI 001010123456789."""
    realm = "ims.mnc001.mcc001.3gppnetwork.org"
    how = ("001010123456789@" + realm, realm, bytes.fromhex("a54211d5e3ba50bf"),
           "I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M=", "sip:" + realm)
    assert digest(*how) == "486f3ee163ac4a424493c7ee626d3794"
    assert digest(*how, qop="auth", cnonce="0a4f113b") == "cbefdcc54c81aa658d67da2fba29638c"
