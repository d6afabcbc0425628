# SPDX-License-Identifier: GPL-2.0-or-later
"""AKA as a SIM and an HSS do it: Milenage (TS 35.206), AUTN and auts (TS 33.102 6.3), the digest of RFC 3310 and
RFC 4169. Written apart from the module's own, so that one checks the other; AES comes from the program openssl."""
import base64
import hashlib
import hmac
import subprocess

from confidential import SECRETS
from sip import DOMAIN, SECURITY_SERVER


def _aes(key, block):
    return subprocess.run(["openssl", "enc", "-aes-128-ecb", "-nopad", "-K", key.hex()],
                          input=block, capture_output=True, check=True).stdout


def _xor(a, b):
    return bytes(x ^ y for x, y in zip(a, b))


class Milenage:
    def __init__(self, k, op=None, opc=None):
        self.k, self.opc = k, opc or _xor(_aes(k, op), op)
        for name, secret in (("K", k), ("OP", op or b""), ("OPc", self.opc)):
            SECRETS.know(name, secret)

    def _out(self, rand, turned, number):
        temp = _aes(self.k, _xor(rand, self.opc))
        block = _xor(temp, self.opc)
        block = block[turned:] + block[:turned]
        return _xor(_aes(self.k, block[:-1] + bytes([block[-1] ^ number])), self.opc)

    def f1(self, rand, sqn, amf):
        """MAC-A, MAC-S"""
        half = sqn.to_bytes(6, "big") + amf
        block = _xor(half + half, self.opc)
        temp = _aes(self.k, _xor(rand, self.opc))
        out = _xor(_aes(self.k, _xor(temp, block[8:] + block[:8])), self.opc)
        return out[:8], out[8:]

    def f2_f5(self, rand):
        """RES, AK"""
        out = self._out(rand, 0, 1)
        return out[8:], out[:6]

    def f3(self, rand):
        return self._out(rand, 4, 2)

    def f4(self, rand):
        return self._out(rand, 8, 4)

    def f5_star(self, rand):
        return self._out(rand, 12, 8)[:6]


def password(milenage, rand, algorithm="AKAv1-MD5"):
    res = milenage.f2_f5(rand)[0]
    if algorithm.startswith("AKAv1"):
        return res
    name = "md5" if algorithm.endswith("MD5") else "sha256"
    key = res + milenage.f4(rand) + milenage.f3(rand)
    return base64.b64encode(hmac.new(key, b"http-digest-akav2-password", name).digest())


def digest(secret, impi, nonce, algorithm="AKAv1-MD5", method="REGISTER", qop=None):
    """response of these credentials; qop: (nc, cnonce, "auth")"""
    def h(*parts):
        name = "sha256" if algorithm.endswith("SHA-256") else "md5"
        parts = [part if isinstance(part, bytes) else part.encode() for part in parts]
        return hashlib.new(name, b":".join(parts)).hexdigest()
    ha1, ha2 = h(impi, DOMAIN, secret), h(method, f"sip:{DOMAIN}")
    return h(ha1, nonce, *(qop or ()), ha2)


def fields(header):
    """parameters of an Authorization or WWW-Authenticate value"""
    pairs = (part.partition("=") for part in header.partition(" ")[2].split(","))
    return {name.strip(): value.strip().strip('"') for name, _, value in pairs}


class Hss:
    """Makes vectors and checks responses: the decide() of a core."""

    def __init__(self, milenage, sqn=0x1000, amf=b"\xb9\xb9", algorithm="AKAv1-MD5"):
        self.milenage, self.sqn, self.amf, self.algorithm = milenage, sqn, amf, algorithm
        self.secrets = []  # what must not be seen anywhere
        self.number = 0

    def nonce(self):
        self.number += 1
        rand = hashlib.sha256(b"RAND %d of this test" % self.number).digest()[:16]
        res, ak = self.milenage.f2_f5(rand)
        autn = _xor(self.sqn.to_bytes(6, "big"), ak) + self.amf + self.milenage.f1(rand, self.sqn, self.amf)[0]
        self.sqn += 0x20
        self.secrets += [res, self.milenage.f3(rand), self.milenage.f4(rand), rand + autn, rand, autn]
        for name, secret in zip(("RES", "CK", "IK"), self.secrets[-6:-3]):
            SECRETS.know(name, secret)
        return base64.b64encode(rand + autn).decode()

    def challenge(self):
        return 401, "Unauthorized", [
            ("WWW-Authenticate", f'Digest realm="{DOMAIN}", nonce="{self.nonce()}", algorithm={self.algorithm}'),
            ("Security-Server", SECURITY_SERVER)]

    def decide(self, core, request):
        given = fields(request.get("Authorization"))
        if given.get("auts"):
            return self.resynchronise(given)
        if not given.get("response"):
            return self.challenge()
        rand = base64.b64decode(given["nonce"])[:16]
        wanted = digest(password(self.milenage, rand, self.algorithm), given["username"], given["nonce"],
                        self.algorithm)
        return core.accept(request) if given["response"] == wanted else (403, "Forbidden", [])

    def resynchronise(self, given):
        rand, auts = base64.b64decode(given["nonce"])[:16], base64.b64decode(given["auts"])
        sqn = int.from_bytes(_xor(auts[:6], self.milenage.f5_star(rand)), "big")
        if self.milenage.f1(rand, sqn, b"\0\0")[1] != auts[6:]:
            return 403, "Forbidden", []
        self.sqn = sqn + 0x20
        return self.challenge()


class Sim:
    """Answers a nonce with parameters of Authorization."""

    def __init__(self, milenage, sqn=0):
        self.milenage, self.sqn, self.secrets = milenage, sqn, []

    def answer(self, impi, nonce, algorithm="AKAv1-MD5", secret=None):
        """secret: what to take for a password instead of the right one"""
        octets = base64.b64decode(nonce)
        rand, autn = octets[:16], octets[16:32]
        sqn = int.from_bytes(_xor(autn[:6], self.milenage.f2_f5(rand)[1]), "big")
        if self.milenage.f1(rand, sqn, autn[6:8])[0] != autn[8:]:
            return 'response=""'
        if sqn <= self.sqn:
            auts = _xor(self.sqn.to_bytes(6, "big"), self.milenage.f5_star(rand))
            auts = base64.b64encode(auts + self.milenage.f1(rand, self.sqn, b"\0\0")[1]).decode()
            self.secrets += [auts.encode(), digest(b"", impi, nonce, algorithm).encode()]
            return f'auts="{auts}",response="{self.secrets[-1].decode()}"'
        self.sqn = sqn
        if secret is None:
            secret = password(self.milenage, rand, algorithm)
        response = digest(secret, impi, nonce, algorithm)
        self.secrets.append(response.encode())
        return f'response="{response}"'


def answer(phone, sim, algorithm="AKAv1-MD5", **how):
    """The phone's REGISTER to the challenge that it got last."""
    value = (f'Digest username="{phone.impi}",realm="{DOMAIN}",uri="sip:{DOMAIN}",nonce="{phone.nonce}",'
             f'{sim.answer(phone.impi, phone.nonce, algorithm, **how)},algorithm={algorithm}')
    return phone.send(phone.message(protected=True, change={"Authorization": value}))
