#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""seeds.py FOLDER: what each fuzz target begins with, FOLDER/TARGET/..., and its
words, FOLDER/TARGET.dict. Messages are those of the tests (and of ../shared/corpus
where that is there); words are the literals of the sources that read them."""
import glob
import hashlib
import os
import re
import shutil
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
CORPUS = os.path.join(os.path.dirname(TOP), "shared", "corpus")
MOST_BYTES = 20000

# the sources whose literals are a target's words
WORDS = {
    "request": ["message/message.h", "message/*.c", "rules/[a-o]*.c", "rules/p_*.c", "rules/r*.c", "rules/s*.c"],
    "access": ["message/p_access_network_info.c"],
    "security": ["message/security_agreement.c"],
    "credentials": ["message/authorization.c", "aka/*.c"],
    "lab_keys": ["aka/keys.c"],
    "reginfo": ["message/reginfo.[ch]"],
    "profile": ["rules/profile*.[ch]"],
    "extra": ["message/message.h", "guard/reply*.c"],
    "http": ["show/http*.c", "show/rows_list.c"],
    "rpc": ["show/rpc*.c", "show/rows_list.c", "show/rows_top.c", "show/rows_kpi.c",
            "registration/registration.h", "registration/sought.c", "message/p_access_network_info.c"],
}
WORDS["answer"] = WORDS["decode"] = WORDS["recall"] = WORDS["request"]
MORE_WORDS = {
    "request": ["\r\n", "\r\n ", "\r\n\r\n", "REGISTER ", " SIP/2.0\r\n", "SIP/2.0 200 OK\r\n", "sip:", "<sip:", ";tag=",
                "z9hG4bK", "*", "0.0.0.0", "[::1]", "%00", "\\\"", "18446744073709551616", "4294967296", "-1"],
    "credentials": ["$N", "$R", "$A", "$S", "\nA", "\nW", "\nI", "nonce=\"$N\"", "response=\"$R\"", "auts=\"$A\"",
                    "rspauth=\"$S\"", "algorithm=AKAv1-MD5"],
    "access": ["\n", "3GPP-", "00101", "\";\""],
    "security": ["\n", ";spi-c=", ";port-s="],
    "lab_keys": ["k=00112233445566778899aabbccddeeff", "op=", "opc=", "amf=8000", "\n", "#"],
    "reginfo": ["<registration ", "<contact ", "</contact>", "</registration>", "<uri>", "&#x41;", "<![CDATA[", "<!--",
                "<!DOCTYPE x [", "<?xml ", "encoding=\"UTF-16\"", "xmlns:gr=\"urn:ietf:params:xml:ns:gruuinfo\""],
    "profile": ["<profile ", "<rule ", "<own_rule ", "<exception ", "</profile>", "severity=\"", "pattern=\"", "<!DOCTYPE"],
    "pattern": ["\\d", "[[:alpha:]]", "[^", "]", "{1,3}", "{0}", "()", "|", ".*", "^", "$", "\\.", "\n"],
    "extra": ["\r\n", "\n", ": ", "Via: ", "Content-Length: 0", "\r\n\r\n", "Security-Server: ", "Unsupported: path"],
    "http": ["GET /regmon", "HTTP/1.1\r\n", "%00", "%2e", "%0d%0a", "&", "=", "\r\n\r\n", "Content-Length: ", "Connection: ",
             "10.0.0.0/8", "2001:db8::/32", "::ffff:1.2.3.4"],
    "rpc": ["imsi:", "impu:", "callid:", "addr:", "since=", "limit=", "cursor=", "all", "s:", "\n", "REGISTER ", "\\r\\n"],
    "json": ["\x00", "\x1b", "\x7f", "\u2028", "\ud7ff", "\u0085", "\\", "\"", "<"],
}
MORE_WORDS["answer"] = MORE_WORDS["decode"] = MORE_WORDS["recall"] = MORE_WORDS["request"]


class Seeds:
    def __init__(self, folder):
        self.folder = folder
        self.known = set()

    def add(self, target, data):
        data = data.encode("utf-8", "surrogateescape") if isinstance(data, str) else data
        name = hashlib.sha1(data).hexdigest()[:16]
        if len(data) > MOST_BYTES or (target, name) in self.known:
            return
        self.known.add((target, name))
        os.makedirs(os.path.join(self.folder, target), exist_ok=True)
        with open(os.path.join(self.folder, target, name), "wb") as file:
            file.write(data)


def read(path):
    with open(path, "rb") as file:
        return file.read()


def as_on_the_wire(text):
    return text if b"\r\n" in text else text.replace(b"\n", b"\r\n")


def messages():
    for pattern in ("test/rules/*.sip", "test/cases/messages/*.sip", "test/bench/*.sip"):
        for path in sorted(glob.glob(os.path.join(TOP, pattern))):
            yield as_on_the_wire(read(path))
    for path in sorted(glob.glob(os.path.join(TOP, "test/rules/life/*.flow"))):
        for message in re.split(rb"^@ .*\n", read(path), flags=re.M):
            if message.strip():
                yield as_on_the_wire(message if message.endswith(b"\n\n") else message + b"\n")
    for path in sorted(glob.glob(os.path.join(CORPUS, "**", "*.sip"), recursive=True)):
        yield read(path)


def header_values(message, pattern):
    return re.findall(rb"^(?:" + pattern + rb")[ \t]*:[ \t]*(.*?)\r?$", message, flags=re.M | re.I)


def seeds_of_messages(seeds):
    credentials = set()
    for message in messages():
        is_answer = message.startswith(b"SIP/2.0")
        seeds.add("answer" if is_answer else "request", message)
        if len(message) < 3000:
            seeds.add("decode", message)
        for value in header_values(message, rb"P-Access-Network-Info"):
            seeds.add("access", value)
        security = header_values(message, rb"Security-(?:Client|Server|Verify)")
        if security:
            seeds.add("security", b"\n".join(security))
        found = [b"A" + value for value in header_values(message, rb"Authorization")[:1]]
        found += [b"W" + value for value in header_values(message, rb"WWW-Authenticate")[:1]]
        found += [b"I" + value for value in header_values(message, rb"Authentication-Info")[:1]]
        if found:
            credentials.add(b"\n".join(found))
    for text in sorted(credentials):
        seeds.add("credentials", text)
    for path in sorted(glob.glob(os.path.join(TOP, "test/cases/*/*.flow"))):
        for document in re.findall(rb"<reginfo.*?</reginfo>", read(path), flags=re.S):
            seeds.add("reginfo", document)
    for path in sorted(glob.glob(os.path.join(TOP, "test/profiles/*.xml"))):
        seeds.add("profile", read(path))


# ---- RPC and HTTP: each command with what the tests know ----

WHO = ["imsi:001010000000001", "impu:sip:001010000000001@ims.mnc001.mcc001.3gppnetwork.org", "msisdn:491510000001",
       "imei:35609911-000002-0", "callid:refused", "addr:10.0.0.1", "sip:001010000000003@example.org", "all", "nobody"]
FILTERS = ["state=failed", "state=registered", "cause=any", "cause=forbidden", "finding=CSEQ-04", "access=NR", "plmn=00101",
           "tac=000001", "cell=00000AB01", "device=Phone", "code=403", "limit=1", "cursor=1.1"]


def seeds_of_readers(seeds):
    def ask(command, *words):
        for mark in ("", "!"):
            seeds.add("rpc", "\n".join((mark + command,) + words))

    def fetch(question, **pairs):
        query = "&".join(f"{name}={value}" for name, value in pairs.items())
        seeds.add("http", f"GET /regmon/api/{question}{'?' if query else ''}{query} HTTP/1.1\r\nHost: a\r\n\r\n")

    for command in ("summary", "check_invariants", "reload", "profiles", "kpi", "explain", "rules", "list", "top"):
        ask(command)
    for who in WHO:
        for command in ("why", "show", "timeline", "ladder", "decode", "reginfo", "forget"):
            ask(command, who)
        for question in ("why", "show", "timeline", "ladder", "decode"):
            fetch(question, who=who.replace(":", "%3A"))
    ask("timeline", WHO[0], "since=1700000000000")
    fetch("timeline", who=WHO[0], since="1700000000000")
    for word in FILTERS:
        ask("list", word)
        fetch("list", **dict([word.split("=")]))
    ask("list", *FILTERS[:8])
    for word in ("CSEQ-04", "Contact", "con", "volte", "limit=3", "nonsense"):
        ask("rules", word)
        fetch("rules", word=word)
    for words in (("401",), ("reg", "event"), ("challenge-loop",), ("Path",), ("registered",), ("PANI-01",), ("vonr",), ("nonsens",)):
        ask("explain", *words)
        fetch("explain", word="+".join(words))
    for words in (("tac",), ("device", "by=failures"), ("code", "limit=2", "window=recent")):
        ask("top", *words)
    ask("kpi", "access=NR")
    ask("profiles", "volte")
    fetch("summary")
    fetch("profiles", name="ims")
    message = read(os.path.join(TOP, "test/rules/clean-volte-u1.sip")).decode()
    ask("decode", message.replace("\n", "\\r\\n"))
    body = message.replace("\n", "\r\n")
    seeds.add("http", f"POST /regmon/api/decode HTTP/1.1\r\nContent-Length: {len(body)}\r\n\r\n{body}")
    for line in ("GET /regmon", "GET /regmon/", "HEAD /regmon/metrics", "GET /regmon/assets/app.js", "PUT /regmon/",
                 "GET http://a/regmon/api/summary", "GET /regmon/api/why?who=%00%ff"):
        seeds.add("http", f"{line} HTTP/1.1\r\nIf-None-Match: \"2\"\r\nConnection: keep-alive, close\r\n\r\n")
    for networks in ("127.0.0.1, 10.1.0.0/16 2001:db8::/32", "::/0", "1.2.3.4/33", "a"):
        seeds.add("http", networks)


# ---- programs for the state machine: what, whom and how, two bytes more ----

REGISTER, AGAIN, CORE, ANSWER, ENDED, JUMP, PASS, NETWORK, STORE, FORGET, TEXT, LAB, MEMORY, LOOK = (
    0, 4, 5, 6, 10, 12, 11, 13, 14, 15, 16, 17, 18, 20)
OK, CHALLENGE, FORBIDDEN, BRIEF, AGREEMENT, FAILURE = 0, 1, 2, 7, 10, 11
EMPTY, RESPONSE, AUTS, REFUSED = 1, 3, 6, 7
BOTH_SIDES = 4


def step(what, phone=0, how=0, a=0, b=0):
    return bytes((what, phone | how << 3, a & 255, b & 255))


def rounds(phone, code=OK, credentials=RESPONSE):
    """REGISTER, 401, REGISTER, the answer"""
    return (step(REGISTER, phone, b=EMPTY, how=16) + step(CORE, phone) + step(ANSWER, phone, BOTH_SIDES, CHALLENGE, 3)
            + step(PASS, phone, 1, 1, 0) + step(REGISTER, phone, b=credentials | 8, how=16) + step(CORE, phone)
            + step(ANSWER, phone, BOTH_SIDES, code, 16) + step(LOOK, phone, a=phone))


def text(phone, which, words):
    return step(TEXT, phone, a=len(words), b=which) + words


def seeds_of_sequences(seeds):
    looks = b"".join(step(LOOK, 0, a=which, b=1) for which in range(6))
    programs = [
        rounds(0) + looks,
        rounds(0, FORBIDDEN) * 3 + looks,
        rounds(1, CHALLENGE) * 5 + step(JUMP, 1, 1, 6) + looks,
        rounds(2, CHALLENGE, AUTS) + rounds(2, FAILURE, REFUSED) + looks,
        rounds(3, BRIEF) + rounds(3, AGREEMENT) + step(JUMP, 3, 1, 5),
        rounds(0) + rounds(1) + step(NETWORK, 0, a=5, b=0) + step(NETWORK, 1, a=6, b=64) + looks,
        rounds(0) + step(STORE, 0, a=1) + step(STORE, 0, a=17) + step(NETWORK, 0, a=4, b=16) + step(NETWORK, 0, a=4, b=32),
        rounds(4) + step(JUMP, 4, 1, 10) + step(JUMP, 4, 1, 12) + step(LOOK, 4),
        rounds(0) + step(REGISTER, 0, b=RESPONSE | 0x30) + step(ANSWER, 0, BOTH_SIDES, OK, 8),
        rounds(0) + step(REGISTER, 0, 1, b=RESPONSE | 0x30) + step(ANSWER, 0, BOTH_SIDES, OK, 8),
        b"".join(rounds(phone) for phone in range(6)) + step(FORGET, 1, 7) + step(FORGET, 1, 7, 255),
        step(MEMORY, a=0) + rounds(0) + step(MEMORY, a=1) + rounds(1) + step(MEMORY, a=2) + rounds(2),
        step(REGISTER, 0, b=EMPTY) + step(AGAIN, 0) * 4 + step(CORE, 0, 1) + step(JUMP, 0, 1, 5) + step(ENDED, 0),
        rounds(0) + step(ENDED, 0, a=1, b=0) + step(JUMP, 0, 1, 15) + rounds(0) + step(JUMP, 0, 1, 14),
        text(0, 0, b"\x1b[31m\xff\xe2\x80\xa8\"") + text(1, 1, b"3GPP-NR;utran-cell-id-3gpp=\"0010") + rounds(0) + rounds(1),
        text(2, 3, b"a\"b@c") + text(3, 4, b"99999999999") + rounds(2) + rounds(3) + looks,
    ]
    programs += [step(LAB, 0, 15, kind, 3) + rounds(0, CHALLENGE if kind < 4 else OK, EMPTY + kind % 7) + step(LOOK, 0)
                 for kind in range(16)]
    for number, program in enumerate(programs):
        for first in (0, 1, 7):
            seeds.add("sequence", bytes((first | (number & 1) << 3,)) + program)


# ---- a REGISTER that is sent again and again, changed each time ----

LEFT_OUT = 128
PUT, INSTEAD, BYTE, CUT, TWICE, REMOVE, IN_FRONT, BASE, REPLY, WAIT, RULES, ALL_GONE, HOLD = range(3, 16)
NEXT = bytes((1, 0, 0, 0))


def change(what, line=0, at=0, b=0):
    return bytes((what, line & 255, at & 255, b & 255))


def seeds_of_repeats(seeds):
    challenge, accepted = change(REPLY, 1, 0, 7), change(REPLY, 0)
    lives = [
        NEXT * 3 + challenge + NEXT + accepted + NEXT * 3,
        b"".join(change(BYTE, LEFT_OUT + line, 30 + line, 0x37) + NEXT * 2 for line in range(7)),
        b"".join(change(PUT, LEFT_OUT + line, 40, 3 * line + 1) + NEXT * 2 + change(BASE) for line in range(8)),
        b"".join(change(TWICE, line, line + 5, 1) + NEXT * 2 + change(BASE) + NEXT for line in range(6)),
        b"".join(change(REMOVE, line) + NEXT * 2 + change(BASE) + NEXT for line in range(2, 10)),
        b"".join(change(IN_FRONT, 2 * line, 0, line) + NEXT * 2 + change(BASE) for line in range(8)),
        change(HOLD) + change(BYTE, LEFT_OUT + 6, 60, 0x31) + NEXT * 2 + change(HOLD) + NEXT,
        b"".join(change(RULES, 0, rules, rules) + NEXT * 2 for rules in range(6)) + change(ALL_GONE) + NEXT * 2,
        change(HOLD) + change(ALL_GONE) + change(HOLD) + NEXT + change(WAIT, 1, 7) + NEXT,
        b"".join(change(CUT, LEFT_OUT + line, 20, 3) + NEXT * 2 + change(BASE) + NEXT for line in range(8)),
    ]
    requests = sorted({message for message in messages() if message.startswith(b"REGISTER") and b"\0" not in message})
    for number, message in enumerate(requests):
        if len(message) < 2600:
            seeds.add("recall", message + b"\0" + lives[number % len(lives)])


# ---- words ----

LITERAL = re.compile(r'"((?:[^"\\\n]|\\.){2,48})"')


def words_of(patterns):
    words = set()
    for pattern in patterns:
        for path in sorted(glob.glob(os.path.join(TOP, pattern))):
            text = re.sub(r"^\s*#\s*include.*$", "", read(path).decode(), flags=re.M)
            for word in LITERAL.findall(text):
                # sentences, formats and names of rules are for people
                if not re.search(r"[% ]|[.:,]$|^[A-Z]{2,6}-\d", word):
                    words.add(word.encode().decode("unicode_escape").encode("latin-1"))
    return words


def escaped(word):
    return "".join(chr(c) if 0x20 <= c < 0x7f and c not in b'"\\' else f"\\x{c:02x}" for c in word)


def dictionaries(folder):
    for target in sorted(set(WORDS) | set(MORE_WORDS)):
        words = words_of(WORDS.get(target, ()))
        words |= {word.encode("utf-8", "surrogatepass") for word in MORE_WORDS.get(target, ())}
        with open(os.path.join(folder, target + ".dict"), "w") as file:
            file.writelines(f'"{escaped(word)}"\n' for word in sorted(words))


def main():
    folder = sys.argv[1]
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    seeds = Seeds(folder)
    seeds_of_messages(seeds)
    seeds_of_readers(seeds)
    seeds_of_sequences(seeds)
    seeds_of_repeats(seeds)
    for path in sorted(glob.glob(os.path.join(HERE, "seeds", "*", "*"))):
        seeds.add(os.path.basename(os.path.dirname(path)), read(path))
    dictionaries(folder)


if __name__ == "__main__":
    main()
