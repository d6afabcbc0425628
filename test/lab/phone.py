# SPDX-License-Identifier: GPL-2.0-or-later
"""A phone with a card: registers as TS 24.229 5.1.1 wants it, through the access namespace, with a security
agreement where it is asked to. What is broken in it is an attribute: k, sqn, hex_res, ..."""
import base64
import contextlib
import itertools
import os
import re
import select
import socket
import time

from aka import Milenage, digest, open_nonce
from chain import DOMAIN
from confidential import SECRETS
from hss import K, OP
from network import PCSCF, phone_address
from sip import NR_CELL, Message

T1_S = 2  # of a phone (TS 24.229 table 7.7.1)
INVALID_CHALLENGES = 2  # in a row, then a phone gives up (TS 24.229 5.1.1.5.12)
CHALLENGES = 6  # in all
_serial = itertools.count(1)


class Agreement:
    """What both sides have said of one pair of security associations."""

    def __init__(self, phone, old=None):
        self.spi_c, self.spi_s = (int.from_bytes(os.urandom(3), "big") + 256 for _ in range(2))
        # a new client port each time, the server port stays over a refresh (TS 33.203 7.4)
        number = len(phone.sockets)
        self.port_c, self.port_s = 40000 + number, old.port_s if old else 45000 + number
        self.client = phone.listen(self.port_c)
        self.server = old.server if old else phone.listen(self.port_s)
        self.chosen = None  # text of Security-Server

    def offer(self):
        return (f"ipsec-3gpp;alg=hmac-sha-1-96;ealg=null;prot=esp;mod=trans;spi-c={self.spi_c};spi-s={self.spi_s};"
                f"port-c={self.port_c};port-s={self.port_s}")

    def of_network(self, name):
        return int(re.search(rf"\b{name}=(\d+)", self.chosen).group(1))


class Phone:
    def __init__(self, chain, number, ipsec=False, domain=DOMAIN, k=K):
        self.chain, self.network, self.ipsec, self.domain = chain, chain.network, ipsec, domain
        self.imsi, self.address = f"001010{number:09d}", phone_address(number)
        self.impi, self.impu = f"{self.imsi}@{domain}", f"sip:{self.imsi}@{domain}"
        self.who = f"imsi:{self.imsi}"
        self.imei = f"35609911-{number:06d}-0"
        # the card
        self.milenage, self.sqn = Milenage(k, op=OP), 0
        self.hex_res = False  # takes RES for its hexadecimal text
        # the registration
        self.expires, self.patience_s = 600000, 30
        self.sockets = []
        self.plain = self.listen(5060)
        self.agreement = self.offered = None
        self.nonce = self.response = self.qop = ""
        self.answers = []  # codes of the final answers
        self.when_challenged = lambda: None
        self.begin()

    def listen(self, port):
        with self.network.inside("access"):
            sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.bind((self.address, port))
        self.sockets.append(sock)
        return sock

    def close(self):
        for sock in self.sockets:
            sock.close()

    def begin(self):
        """A new Call-ID and From tag: the next REGISTER is a new attempt."""
        self.call_id, self.tag, self.cseq = f"{next(_serial)}-{os.getpid()}@{self.address}", os.urandom(4).hex(), 0

    # -- procedures: each returns the code of the last final answer, None when there was none --------------

    def registers(self, **how):
        """Initial registration, to its end."""
        self.begin()
        self.agreement, self.nonce, self.response = None, "", ""
        return self._run(protected=False, **how)

    def refreshes(self, **how):
        """Re-registration (5.1.1.4): over the security association, with the last nonce and response."""
        return self._run(protected=self.agreement is not None, **how)

    def deregisters(self):
        return self.refreshes(expires=0)

    def _run(self, protected, expires=None):
        invalid, auts = 0, None
        if self.ipsec:
            self.offered = Agreement(self, self.agreement)
        for _ in range(CHALLENGES):
            answer = self._exchange(self._message(protected, expires, auts), protected)
            if answer is None or answer.code != 401:
                return answer and answer.code
            verdict, auts = self._take_challenge(answer)
            if verdict == "fine":
                invalid = 0
                self.when_challenged()
                if answer.get("Security-Server"):
                    self._agree(answer.get("Security-Server"))
                    protected = True
                continue
            invalid += 1
            if invalid > INVALID_CHALLENGES:
                break
        return 401

    # -- loss: what arrives at one side of the access network is thrown away ---------------------------------

    @contextlib.contextmanager
    def hears_nothing(self):
        self.network.lose_to_phone(self.address)
        try:
            yield
        finally:
            self.network.heal()

    @contextlib.contextmanager
    def is_not_heard(self):
        self.network.lose_from_phone(self.address)
        try:
            yield
        finally:
            self.network.heal()

    @contextlib.contextmanager
    def after_challenge(self, loss):
        """The loss begins when the card has accepted a challenge."""
        with contextlib.ExitStack() as stack:
            self.when_challenged = lambda: stack.enter_context(loss())
            yield
            assert self.network.lost(), "nothing was lost"

    # -- AKA ------------------------------------------------------------------------------------------------

    def _take_challenge(self, answer):
        """What the card says to it, and the auts when it wants another SQN."""
        text = answer.get("WWW-Authenticate")
        self.nonce = re.search(r'nonce="([^"]*)"', text).group(1)
        self.qop = "auth" if 'qop="auth' in text else None
        rand, autn = open_nonce(self.nonce)
        sqn, vector, genuine = self.milenage.open_autn(rand, autn)
        if not genuine:
            self.response = ""
            return "AUTN refused", None
        if int.from_bytes(sqn, "big") <= self.sqn:
            self.response = self._digest(b"")
            auts = self.milenage.auts(rand, self.sqn.to_bytes(6, "big"))
            return "SQN out of range", base64.b64encode(auts).decode()
        self.sqn = int.from_bytes(sqn, "big")
        self.ck, self.ik = vector.ck, vector.ik
        self.response = self._digest(vector.res.hex().encode() if self.hex_res else vector.res)
        return "fine", None

    def _digest(self, password):
        self.cnonce = os.urandom(4).hex()
        return digest(self.impi, self.domain, password, self.nonce, f"sip:{self.domain}", self.qop, cnonce=self.cnonce)

    def _authorization(self, auts):
        text = (f'Digest username="{self.impi}", realm="{self.domain}", nonce="{self.nonce}", '
                f'uri="sip:{self.domain}", response="{self.response}", algorithm=AKAv1-MD5')
        if self.response and self.qop:
            text += f', qop={self.qop}, nc=00000001, cnonce="{self.cnonce}"'
        return text + (f', auts="{auts}"' if auts else "")

    # -- security agreement ---------------------------------------------------------------------------------

    def _agree(self, security_server):
        self.offered.chosen = security_server
        self.agreement = self.offered
        if self.network.has_esp:
            self._install(self.agreement)

    def _install(self, agreement):
        """The four security associations of TS 33.203 7.1 with their policies."""
        key = self.ik.hex() + "00000000"  # hmac-sha-1-96 takes IK with 32 zero bits (Annex I)
        port_pc, port_ps = agreement.of_network("port-c"), agreement.of_network("port-s")
        script = ""
        for way, spi, port_here, port_there in (
                ("out", agreement.of_network("spi-s"), agreement.port_c, port_ps),
                ("out", agreement.of_network("spi-c"), agreement.port_s, port_pc),
                ("in", agreement.spi_s, agreement.port_s, port_pc),
                ("in", agreement.spi_c, agreement.port_c, port_ps)):
            here, there = (self.address, port_here), (PCSCF, port_there)
            (source, sport), (target, dport) = (here, there) if way == "out" else (there, here)
            selector = f"src {source} dst {target} sport {sport} dport {dport}"
            script += (f"ip xfrm state add src {source} dst {target} proto esp spi {spi} mode transport "
                       f"auth 'hmac(sha1)' 0x{key} enc cipher_null '' sel {selector}\n"
                       f"ip xfrm policy add {selector} dir {way} tmpl src {source} dst {target} proto esp "
                       f"spi {spi} mode transport\n")
        self.network.run("access", script)

    # -- messages -------------------------------------------------------------------------------------------

    def _message(self, protected, expires, auts):
        self.cseq += 1
        port, rport = (self.agreement.port_s, "") if protected else (5060, ";rport")
        lines = [
            f"REGISTER sip:{self.domain} SIP/2.0",
            f"Via: SIP/2.0/UDP {self.address}:{port};branch=z9hG4bK{os.urandom(6).hex()}{rport}",
            "Max-Forwards: 70",
            f"From: <{self.impu}>;tag={self.tag}",
            f"To: <{self.impu}>",
            f"Call-ID: {self.call_id}",
            f"CSeq: {self.cseq} REGISTER",
            f'Contact: <sip:{self.imsi}@{self.address}:{port}>;+sip.instance="<urn:gsma:imei:{self.imei}>";'
            '+g.3gpp.icsi-ref="urn%3Aurn-7%3A3gpp-service.ims.icsi.mmtel";+g.3gpp.smsip',
            f"Expires: {self.expires if expires is None else expires}",
            "Supported: path, gruu" + (", sec-agree" if self.ipsec else ""),
            f"Authorization: {self._authorization(auts)}",
            "User-Agent: lab phone",
        ]
        if self.ipsec:
            lines += ["Require: sec-agree", "Proxy-Require: sec-agree", f"Security-Client: {self.offered.offer()}"]
        if protected:
            lines += [f"Security-Verify: {self.agreement.chosen}", f"P-Access-Network-Info: {NR_CELL}"]
        return "\r\n".join(lines + ["Content-Length: 0", "", ""])

    def _exchange(self, text, protected):
        """Sends a REGISTER, again and again until it is answered; None after patience_s."""
        if protected:
            sock, target = self.agreement.client, (PCSCF, self.agreement.of_network("port-s"))
        else:
            sock, target = self.plain, (PCSCF, 5060)
        until, interval_s = time.monotonic() + self.patience_s, T1_S
        while time.monotonic() < until:
            SECRETS.learn(text)
            sock.sendto(text.encode(), target)
            answer = self._receive(min(until, time.monotonic() + interval_s))
            if answer:
                self.answers.append(answer.code)
                return answer
            interval_s *= 2
        return None

    def _receive(self, until):
        """The final answer to the last REGISTER; all else (100, late answers, requests) is passed over."""
        while (left_s := until - time.monotonic()) > 0:
            for sock in select.select(self.sockets, [], [], left_s)[0]:
                message = Message(sock.recv(65536))
                is_ours = message.get("Call-ID") == self.call_id and message.cseq() == self.cseq
                SECRETS.learn(message.text)
                if is_ours and (message.code or 0) >= 200:
                    return message
        return None
