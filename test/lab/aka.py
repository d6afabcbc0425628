# SPDX-License-Identifier: GPL-2.0-or-later
"""AKA as card and HSS compute it: Milenage (TS 35.206) over AES-128, AUTN and AUTS (TS 33.102), the
digest of RFC 3310. Python's library has no AES; an encryption takes some 0.2 ms here, enough for a lab."""
import base64
import hashlib
from typing import NamedTuple

ROUNDS = 10


def _double(byte):
    """times x in AES's field"""
    return (byte << 1) ^ (0x11B if byte & 0x80 else 0)


def _substitution():
    """The S-box (FIPS 197, 5.1.1): the inverse in the field, then an affine map."""
    powers, logarithm, value = [], {}, 1
    for exponent in range(255):
        powers.append(value)
        logarithm[value] = exponent
        value ^= _double(value)  # times 3, which generates all of the field but 0
    box = []
    for byte in range(256):
        inverse = powers[-logarithm[byte] % 255] if byte else 0
        box.append(0x63)
        for turn in range(5):
            box[byte] ^= (inverse << turn | inverse >> (8 - turn)) & 0xFF
    return box


SUBSTITUTION = _substitution()


def xor(left, right):
    return bytes(a ^ b for a, b in zip(left, right))


class Aes:
    """AES-128, encryption of one block."""

    def __init__(self, key):
        words, constant = [key[i:i + 4] for i in range(0, 16, 4)], 1
        for i in range(4, 4 * (ROUNDS + 1)):
            word = words[-1]
            if i % 4 == 0:
                word = xor((SUBSTITUTION[b] for b in word[1:] + word[:1]), (constant, 0, 0, 0))
                constant = _double(constant)
            words.append(xor(words[-4], word))
        self.round_keys = [b"".join(words[i:i + 4]) for i in range(0, len(words), 4)]

    def encrypt(self, block):
        state = xor(block, self.round_keys[0])
        for key in self.round_keys[1:-1]:
            state = xor(self._mix(self._shift(state)), key)
        return xor(self._shift(state), self.round_keys[-1])

    @staticmethod
    def _shift(state):
        return [SUBSTITUTION[state[(5 * i) % 16]] for i in range(16)]

    @staticmethod
    def _mix(state):
        mixed = []
        for start in range(0, 16, 4):
            column = state[start:start + 4]
            total = column[0] ^ column[1] ^ column[2] ^ column[3]
            mixed += [column[i] ^ total ^ _double(column[i] ^ column[(i + 1) % 4]) for i in range(4)]
        return mixed


class Vector(NamedTuple):
    """Outputs of Milenage's f1 to f5*."""
    mac_a: bytes
    mac_s: bytes
    res: bytes
    ck: bytes
    ik: bytes
    ak: bytes
    ak_resync: bytes


class Milenage:
    def __init__(self, k, op=None, opc=None):
        self.aes = Aes(k)
        self.opc = opc or xor(self.aes.encrypt(op), op)

    def _output(self, rotation, constant, text, then=bytes(16)):
        text = xor(text, self.opc)
        text = xor(text[rotation:] + text[:rotation], then)
        return xor(self.aes.encrypt(xor(text, bytes(15) + bytes([constant]))), self.opc)

    def vector(self, rand, sqn, amf):
        once = self.aes.encrypt(xor(rand, self.opc))
        out1 = self._output(8, 0, (sqn + amf) * 2, once)
        out2, out3, out4, out5 = (self._output(*how, once) for how in ((0, 1), (4, 2), (8, 4), (12, 8)))
        return Vector(out1[:8], out1[8:], out2[8:], out3, out4, out2[:6], out5[:6])

    def autn(self, rand, sqn, amf):
        """AUTN and the vector it belongs to."""
        vector = self.vector(rand, sqn, amf)
        return xor(sqn, vector.ak) + amf + vector.mac_a, vector

    def open_autn(self, rand, autn):
        """SQN, the vector, and whether the MAC is right: what a card makes of a challenge."""
        ak = self.vector(rand, bytes(6), bytes(2)).ak
        sqn, amf = xor(autn[:6], ak), autn[6:8]
        vector = self.vector(rand, sqn, amf)
        return sqn, vector, vector.mac_a == autn[8:]

    def auts(self, rand, sqn):
        """The card's own SQN for the HSS; AMF is zero there (TS 33.102 6.3.3)."""
        vector = self.vector(rand, sqn, bytes(2))
        return xor(sqn, vector.ak_resync) + vector.mac_s

    def open_auts(self, rand, auts):
        """The card's SQN, None when its MAC is wrong."""
        sqn = xor(auts[:6], self.vector(rand, bytes(6), bytes(2)).ak_resync)
        return sqn if self.vector(rand, sqn, bytes(2)).mac_s == auts[6:] else None


def _md5(*parts):
    return hashlib.md5(b":".join(p.encode() if isinstance(p, str) else p for p in parts)).hexdigest()


def digest(username, realm, password, nonce, uri, qop=None, nc="00000001", cnonce="", method="REGISTER"):
    """The response of RFC 2617; AKAv1's password is RES as raw bytes, empty beside auts (RFC 3310 3.3, 3.4)."""
    first, second = _md5(username, realm, password), _md5(method, uri)
    return _md5(first, nonce, nc, cnonce, qop, second) if qop else _md5(first, nonce, second)


def nonce_of(rand, autn):
    return base64.b64encode(rand + autn).decode()


def open_nonce(nonce):
    """RAND and AUTN."""
    text = base64.b64decode(nonce, validate=True)
    if len(text) < 32:
        raise ValueError(f"a nonce of AKA has 32 bytes and more, not {len(text)}")
    return text[:16], text[16:32]
