# SPDX-License-Identifier: GPL-2.0-or-later
"""The two kinds of senders of `make soak`, each a thread with sockets of its own: phones that know what they have to
get, and somebody who sends what no phone would."""
import collections
import heapq
import os
import random
import re
import select
import socket
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "scenario"))

from sip import RESPONSE, Phone  # noqa: E402

# name: (letters, share). R first REGISTER, A response, P refresh, D de-registration, F one that is refused, q the phone
# begins anew, with a new Call-ID. The name behind "mixed-" tells the core what to answer (mixed-core.cfg).
LIVES = {"ok": ("RAPPD", 50), "keep": ("RAP", 25), "quiet": ("RqRA", 6), "forbidden": ("F", 6), "busy": ("F", 4),
         "timeout": ("F", 1), "silent": ("R", 3)}
AWAITED = {"R": 401, "A": 200, "P": 200, "D": 200}
PAUSE_S = {"A": 0.2, "P": 2.0, "D": 2.0, "R": 0.5, "F": 0.0}
AGAIN_S = (1, 2, 4, 4)  # after these a REGISTER is sent again, then the phone gives up
_CALL_ID = re.compile(rb"\r\nCall-ID: *s(\d+)-(\d+)", re.IGNORECASE)
_CSEQ = re.compile(rb"\r\nCSeq: *(\d+)", re.IGNORECASE)
_NONCE = re.compile(rb'nonce="([^"]*)"')


def template():
    phone = Phone(9, "00101NNNNNNNNNN", call_id="CALLID", from_tag="FROMTAG", device="DEVICE", nonce="NONCE", imei="35609911-IIIIII-0")
    text = phone.message(branch="BRANCH", cseq=987654, response="RESPONSE", expires="EXPIRES")
    phone.close()
    return text.replace("987654", "CSEQ")


class Life:
    def __init__(self, serial, identity, name):
        self.serial, self.identity, self.name = serial, identity, name
        self.row, self.place, self.dialog, self.cseq, self.nonce = LIVES[name][0], 0, 0, 0, b""
        self.sent = None
        self.tries = 0
        self.sent_at = 0.0


class Sender(threading.Thread):
    """datagrams to the node and answers from it"""

    def __init__(self, port, rate, addresses):
        super().__init__(daemon=True)
        self.node, self.rate = ("127.0.0.1", port), rate
        self.sockets = []
        for address in addresses:
            own = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            own.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
            own.bind((address, 0))
            self.sockets.append(own)
        self.resting = self.over = False
        self.sent = self.answers = 0
        self.error = None

    def run(self):
        budget, before = 0.0, time.monotonic()
        try:
            while not self.over:
                now = time.monotonic()
                budget = min(budget + (now - before) * self.rate, self.rate / 5)
                before = now
                self.again(now)
                while budget >= 1 and not self.resting:
                    self.next(now)
                    budget -= 1
                for ready in select.select(self.sockets, [], [], 0.005)[0]:
                    self.receive(ready)
        except Exception as error:  # told by the main thread
            self.error = repr(error)
            raise
        finally:
            for own in self.sockets:
                own.close()

    def receive(self, ready):
        for _ in range(50):
            try:
                data = ready.recv(65536, socket.MSG_DONTWAIT)
            except (BlockingIOError, ConnectionRefusedError):
                return
            self.answers += 1
            self.on_answer(data)

    def again(self, now):
        pass

    def on_answer(self, data):
        pass


class Phones(Sender):
    """.successes: 200s by name of the life; .given_up: nobody answered; .unexpected: another answer, (life, letter, code)"""

    def __init__(self, port, rate, identities=1500):
        super().__init__(port, rate, [f"127.0.{1 + number}.1" for number in range(40)])
        self.identities = collections.deque(range(identities))
        self.template = template()
        self.lives, self.waiting, self.due, self.serial = {}, [], [], 0
        self.registers = self.retransmissions = 0
        self.successes, self.given_up, self.unexpected = (collections.Counter() for _ in range(3))
        self.round_trips = []
        self.names = [name for name, (_, share) in LIVES.items() for _ in range(share)]
        random.seed(7)

    def next(self, now):
        """a REGISTER that is due, or the first one of a new life"""
        if self.due and self.due[0][0] <= now:
            life = self.lives[heapq.heappop(self.due)[1]]
        elif self.identities:
            self.serial += 1
            life = Life(self.serial, self.identities.popleft(), random.choice(self.names))
            self.lives[life.serial] = life
        else:
            return
        letter = life.row[life.place]
        if letter == "q":
            life.dialog, life.place, life.cseq = life.dialog + 1, life.place + 1, 0
            letter = life.row[life.place]
        life.cseq += 1
        credentials = letter in "APD"
        life.sent = (self.template.replace("NNNNNNNNNN", f"{life.identity:010d}").replace("IIIIII", f"{life.identity:06d}")
                     .replace("CALLID", f"s{life.serial}-{life.dialog}").replace("FROMTAG", f"t{life.serial}-{life.dialog}")
                     .replace("BRANCH", f"z9hG4bKs{life.serial}x{life.dialog}x{life.cseq}").replace("CSEQ", str(life.cseq))
                     .replace("DEVICE", f"mixed-{life.name}").replace("EXPIRES", "0" if letter == "D" else "600000")
                     .replace("NONCE", life.nonce.decode() if credentials else "")
                     .replace("RESPONSE", RESPONSE if credentials else "")).encode()
        life.tries = 0
        life.sent_at = now
        self.registers += 1
        self.send(life, now)

    def send(self, life, now):
        self.sockets[life.identity % len(self.sockets)].sendto(life.sent, self.node)
        self.sent += 1
        heapq.heappush(self.waiting, (now + AGAIN_S[life.tries], life.serial, life.dialog, life.cseq, life.tries))

    def again(self, now):
        while self.waiting and self.waiting[0][0] <= now:
            _, serial, dialog, cseq, tries = heapq.heappop(self.waiting)
            life = self.lives.get(serial)
            if life is None or life.sent is None or (life.dialog, life.cseq, life.tries) != (dialog, cseq, tries):
                continue
            life.tries += 1
            if life.tries == len(AGAIN_S):
                self.given_up[life.name] += 1
                self.end(life)
                continue
            self.retransmissions += 1
            self.send(life, now)

    def end(self, life):
        self.identities.append(life.identity)
        del self.lives[life.serial]

    def on_answer(self, data):
        code = int(data[8:11]) if data.startswith(b"SIP/2.0 ") else 0
        found, cseq = _CALL_ID.search(data), _CSEQ.search(data)
        life = self.lives.get(int(found.group(1))) if found and code >= 200 else None
        if life is None or life.sent is None or cseq is None or int(found.group(2)) != life.dialog or int(
                cseq.group(1)) != life.cseq:
            return
        life.sent = None
        self.round_trips.append(time.monotonic() - life.sent_at)
        letter = life.row[life.place]
        awaited = AWAITED.get(letter, code)
        self.successes[life.name] += code == 200
        if code != awaited:
            self.unexpected[life.name, letter, code] += 1
        nonce = _NONCE.search(data)
        life.nonce = nonce.group(1) if nonce else life.nonce
        life.place += 1
        if code != awaited or life.place == len(life.row):
            self.end(life)
            return
        following = life.row[life.place]
        heapq.heappush(self.due, (time.monotonic() + PAUSE_S.get(following, 0.5), life.serial))


JUNK = (b"", b"\r\n\r\n", b"\0" * 700, b"REGISTER\r\n\r\n", b"SIP/2.0 200 OK\r\n\r\n", b"REGISTER sip:x SIP/2.0\r\n\r\n",
        b"\xff\xfe" * 300, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
LONG = ("X" * 1500, "<" * 300, ";a=b" * 200, "\"" * 99, "\\" * 300, "%00%0d%0a" * 30, "sip:" + "a" * 900 + "@x", "-1",
        "99999999999999999999", "\x1b[2J", "é" * 200, ",".join(["<sip:a@b>"] * 60))


class Hostile(Sender):
    """REGISTERs that were changed, floods of identities, answers nobody asked for and bytes that are no SIP"""

    def __init__(self, port, rate):
        super().__init__(port, rate, [f"127.1.{number}.1" for number in range(8)])
        self.template = template()
        self.random = random.Random(11)
        self.codes = collections.Counter()

    def next(self, now):
        number = self.random.randrange(1 << 30)
        text = (self.template.replace("NNNNNNNNNN", f"9{number % 50000:09d}").replace("CALLID", f"evil-{number}")
                .replace("FROMTAG", f"evil{number}").replace("BRANCH", f"z9hG4bKe{number}")
                .replace("CSEQ", str(number % 7)).replace("DEVICE", "mixed-evil").replace("EXPIRES", "600000")
                .replace("NONCE", "").replace("RESPONSE", "").replace("IIIIII", f"{number % 1000000:06d}"))
        data = self.worsen(text)
        self.sent += 1
        try:
            self.random.choice(self.sockets).sendto(data, self.node)
        except OSError:
            self.sent -= 1

    def worsen(self, text):
        draw = self.random
        way = draw.randrange(10)
        lines = text.split("\r\n")
        at = draw.randrange(1, len(lines) - 2)
        name, _, value = lines[at].partition(":")
        if way == 0:
            return draw.choice(JUNK)
        if way == 1:  # a flood of identities, nothing wrong with each
            return text.encode()
        if way == 2:
            return text.encode()[:draw.randrange(len(text))]
        if way == 3:
            lines[at] = f"{name}: {draw.choice(LONG)}"
        elif way == 4:
            lines[at:at] = [lines[at]] * draw.randrange(1, 60)
        elif way == 5:
            del lines[at]
        elif way == 6:  # an answer that nobody asked for
            lines[0] = f"SIP/2.0 {draw.choice((200, 401, 403, 999))} Unheard"
        elif way == 7:
            lines[at] = name + ":" + "".join(draw.sample(value, len(value)))
        else:
            data = bytearray(text.encode())
            for _ in range(draw.randrange(1, 12)):
                data[draw.randrange(len(data))] = draw.randrange(256)
            return bytes(data)
        return "\r\n".join(lines).encode()[:60000]

    def on_answer(self, data):
        if data.startswith(b"SIP/2.0 ") and data[8:11].isdigit():
            self.codes[int(data[8:11])] += 1
