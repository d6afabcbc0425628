# SPDX-License-Identifier: GPL-2.0-or-later
"""Phones and a core that speak raw SIP, so that a test decides what is sent,
repeated, dropped or left unanswered. Realistic IMS messages by default."""
import itertools
import socket
import threading
import time

from confidential import SECRETS
from kamailio import RpcError

DOMAIN = "ims.mnc001.mcc001.3gppnetwork.org"
NR_CELL = "3GPP-NR-TDD;utran-cell-id-3gpp=00101000064000000A1F"
SECURITY_SERVER = ("ipsec-3gpp;q=0.1;prot=esp;mod=trans;spi-c=4096;spi-s=4097;"
                   "port-c=5062;port-s=5063;alg=hmac-sha-1-96;ealg=null")
RESPONSE = "6629fae49393a05397450978507c4ef1"
# For start(): Kamailio opens no new connection to a phone's port that is closed, too.
CLOSED_IS_CLOSED = {"tcp": True, "head": "tcp_connect_timeout=1\n", "more": 'modparam("tm", "wt_timer", 1000)\n'}
_serial = itertools.count(1)


class Message:
    def __init__(self, data):
        self.text = data.decode("utf-8", "replace") if isinstance(data, bytes) else data
        head, _, self.body = self.text.partition("\r\n\r\n")
        lines = head.split("\r\n")
        self.start = lines[0]
        self.headers = [(n.strip(), v.strip()) for n, _, v in (line.partition(":") for line in lines[1:])]

    @property
    def code(self):
        return int(self.start.split()[1]) if self.start.startswith("SIP/2.0 ") else None

    @property
    def method(self):
        return self.start.split()[0]

    def all(self, name):
        return [value for header, value in self.headers if header.lower() == name.lower()]

    def get(self, name, default=""):
        return (self.all(name) or [default])[0]

    def cseq(self):
        return int(self.get("CSeq").split()[0])


def nonce_of(number):
    """44 characters as RAND and AUTN give; only their form matters here."""
    return f"{number:040d}".replace("0", "K") + "AAA="


class Phone:
    """One IMPU on one device. register() sends, answer() waits; cseq, call_id,
    nonce, ... may be set between calls."""

    def __init__(self, port, imsi, transport="UDP", host="10.45.0.7", **kept):
        number = next(_serial)
        self.node, self.imsi, self.transport, self.host = ("127.0.0.1", port), imsi, transport, host
        self.impu = f"sip:{imsi}@{DOMAIN}"
        self.impi = f"{imsi}@{DOMAIN}"
        self.imei = f"35609911-{number:06d}-0"
        self.call_id = f"call-{number}-{imsi}"
        self.from_tag = f"tag{number}"
        self.cseq, self.nonce, self.security_server = 0, None, None
        self.access, self.device = NR_CELL, "Pixel 9 Pro IMS/2.1"
        self.sent = None
        self.__dict__.update(kept)
        kind = socket.SOCK_DGRAM if transport == "UDP" else socket.SOCK_STREAM
        self.socket = socket.socket(socket.AF_INET, kind)
        self.socket.bind(("127.0.0.1", 0))
        if transport == "TCP":
            self.socket.connect(self.node)
        self.port = self.socket.getsockname()[1]
        self.pending = b""

    def close(self):
        self.socket.close()

    def message(self, protected=False, expires=600000, branch=None, cseq=None, response="",
                uri=f"sip:{DOMAIN}", vias=(), change=None, contact_port=None):
        """A REGISTER as text. change: header name to its new value, None takes it
        out, a list gives several lines; a new name is added."""
        if cseq is None:
            self.cseq += 1
            cseq = self.cseq
        else:
            self.cseq = cseq
        branch = branch or f"z9hG4bK{next(_serial)}x{self.port}"
        contact_port = contact_port or (49200 if protected else 5060)
        # sent-by is where UDP answers are expected; behind rport it may be the phone's own
        headers = [("Via", f"SIP/2.0/{self.transport} {self.host}:{contact_port};branch={branch};rport")]
        headers += [("Via", via) for via in vias]
        headers += [
            ("Max-Forwards", "70"),
            ("From", f"<{self.impu}>;tag={self.from_tag}"),
            ("To", f"<{self.impu}>"),
            ("Call-ID", self.call_id),
            ("CSeq", f"{cseq} REGISTER"),
            ("Contact", f'<sip:{self.imsi}@{self.host}:{contact_port}>;+sip.instance="<urn:gsma:imei:{self.imei}>";'
                        '+g.3gpp.icsi-ref="urn%3Aurn-7%3A3gpp-service.ims.icsi.mmtel";+g.3gpp.smsip'),
            ("Expires", str(expires)),
            ("Supported", "path, gruu, sec-agree"),
            ("Require", "sec-agree"),
            ("Proxy-Require", "sec-agree"),
            ("Security-Client", "ipsec-3gpp;alg=hmac-sha-1-96;ealg=null;prot=esp;mod=trans;"
                                "spi-c=11111;spi-s=22222;port-c=49153;port-s=49200"),
            ("Authorization", f'Digest username="{self.impi}",realm="{DOMAIN}",uri="sip:{DOMAIN}",'
                              f'nonce="{self.nonce or ""}",response="{response}",algorithm=AKAv1-MD5'),
            ("User-Agent", self.device),
        ]
        if protected:
            headers += [("Security-Verify", self.security_server or SECURITY_SERVER),
                        ("P-Access-Network-Info", self.access)]
        headers.append(("Content-Length", "0"))
        lines = [f"REGISTER {uri} SIP/2.0"] + [f"{n}: {v}" for n, v in _changed(headers, change or {})]
        return "\r\n".join(lines) + "\r\n\r\n"

    def send(self, text):
        self.sent = text
        SECRETS.learn(text)
        data = text.encode() if isinstance(text, str) else text
        if self.transport == "UDP":
            self.socket.sendto(data, self.node)
        else:
            self.socket.sendall(data)
        return text

    def register(self, **how):
        """The first REGISTER: unprotected, no response."""
        return self.send(self.message(**how))

    def answer_challenge(self, **how):
        return self.send(self.message(protected=True, response=RESPONSE, **how))

    # A refresh repeats the last nonce and response (TS 24.229 5.1.1.4.2).
    refresh = answer_challenge

    def deregister(self, **how):
        return self.answer_challenge(expires=0, **how)

    def repeat(self):
        """The last message again, byte for byte: a retransmission."""
        return self.send(self.sent)

    def repeats_what_was_answered(self):
        """So late that it cannot have crossed the answer."""
        time.sleep(0.45)
        return self.repeat()

    def receive(self, timeout=5):
        """The next answer that is not 100, None after timeout seconds."""
        until = time.monotonic() + timeout
        while (left := until - time.monotonic()) > 0:
            self.socket.settimeout(left)
            try:
                message = self._next()
            except (TimeoutError, socket.timeout, ConnectionRefusedError):
                continue
            if message is None:
                return None
            if message.code not in (None, 100):  # None: a request, which may come again and again
                self._learn(message)
                return message
        return None

    def expect(self, code, timeout=5):
        message = self.receive(timeout)
        assert message is not None, f"{self.imsi}: no answer, expected {code}"
        assert message.code == code, f"{self.imsi}: expected {code}, got {message.start}"
        return message

    def registers(self, **how):
        """All the way to 200; returns that answer."""
        self.register(**how)
        self.expect(401)
        self.answer_challenge(**how)
        return self.expect(200)

    def register_and_go(self, core, answer):
        """over TCP, to a node of CLOSED_IS_CLOSED: the core answers when the connection is closed"""
        def after_the_close(core, request):
            self.close()
            time.sleep(0.5)
            return answer(request)
        core.decide = after_the_close
        self.register(change={"Via": f"SIP/2.0/TCP 127.0.0.1:{self.port};branch=z9hG4bKgone;rport"})

    def _next(self):
        if self.transport == "UDP":
            return Message(self.socket.recv(65536))
        while b"\r\n\r\n" not in self.pending:
            data = self.socket.recv(65536)
            if not data:
                return None
            self.pending += data
        head, _, self.pending = self.pending.partition(b"\r\n\r\n")
        return Message(head + b"\r\n\r\n")

    def _learn(self, message):
        SECRETS.learn(message.text)
        challenge = message.get("WWW-Authenticate")
        if 'nonce="' in challenge:
            self.nonce = challenge.split('nonce="')[1].split('"')[0]
            self.security_server = message.get("Security-Server") or None


def _changed(headers, change):
    done = set()
    for name, value in headers:
        key = next((k for k in change if k.lower() == name.lower()), None)
        if key is None:
            yield name, value
        elif key not in done:
            done.add(key)
            yield from ((name, v) for v in _values(change[key]))
    for key in change:
        if key not in done:
            yield from ((key, v) for v in _values(change[key]))


def _values(value):
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


class Core:
    """I-CSCF, S-CSCF and HSS in one, on a UDP port. Set .decide to a function of
    (core, request) that returns (code, reason, [(header, value), ...]) or None for
    silence; by default a response is believed, everything else is challenged."""

    def __init__(self, granted=3600):
        self.granted, self.decide = granted, Core.as_usual
        self.requests = []
        self.challenges = 0
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(0.2)
        self.port = self.socket.getsockname()[1]
        self.running = True
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def as_usual(self, request):
        if 'response="' in request.get("Authorization") and 'response=""' not in request.get("Authorization"):
            return self.accept(request)
        return self.challenge()

    def challenge(self, **fields):
        self.challenges += 1
        nonce = fields.get("nonce", nonce_of(self.challenges))
        return 401, "Unauthorized", [
            ("WWW-Authenticate", f'Digest realm="{DOMAIN}", nonce="{nonce}", algorithm=AKAv1-MD5'),
            ("Security-Server", SECURITY_SERVER)]

    def accept(self, request, granted=None):
        gone = request.get("Expires") == "0"
        granted = self.granted if granted is None else granted
        contacts = [] if gone else [("Contact", f"{value};expires={granted}") for value in request.all("Contact")]
        return 200, "OK", contacts + [("P-Associated-URI", "<" + request.get("To").strip("<>") + ">")]

    def answer(self, request, code, reason, headers=()):
        lines = [f"SIP/2.0 {code} {reason}"]
        lines += [f"Via: {via}" for via in request.all("Via")]
        lines += [f"{name}: {request.get(name)}" for name in ("From", "Call-ID", "CSeq")]
        lines += [f"To: {request.get('To')};tag=core"]
        lines += [f"Path: {path}" for path in request.all("Path")] if code == 200 else []
        lines += [f"{name}: {value}" for name, value in headers] + ["Content-Length: 0"]
        return "\r\n".join(lines) + "\r\n\r\n"

    def _serve(self):
        while self.running:
            try:
                data, sender = self.socket.recvfrom(65536)
            except (TimeoutError, socket.timeout, ConnectionRefusedError):
                continue
            except OSError:
                return
            request = Message(data)
            self.requests.append(request)
            decision = self.decide(self, request)
            if decision:
                answer = self.answer(request, *decision).encode()
                SECRETS.learn(answer)
                self.socket.sendto(answer, sender)

    def close(self):
        self.running = False
        self.thread.join(2)
        self.socket.close()


def eventually(condition, timeout=5, every=0.05):
    """The first true value of condition(), or its last one. What a packet on its way
    will bring may not be known yet: an RPC that faults is not true."""
    until = time.monotonic() + timeout
    while True:
        try:
            value = condition()
        except RpcError:
            value = None
        if value or time.monotonic() > until:
            return value
        time.sleep(every)
