# SPDX-License-Identifier: GPL-2.0-or-later
"""A crowd of phones over one socket: most register, some have troubles. Which trouble
a phone has follows from its number."""
import socket
import time

from confidential import SECRETS
from sip import DOMAIN, RESPONSE, Phone

DEVICES = ["Pixel 9 Pro IMS/2.1", "iOS/18.1 iPhone17,1", "SM-S928B-U1 Samsung IMS 6.0", "Quectel RG520N"]
MOST_UNANSWERED = 50
EVIL = '<img src=x onerror="document.title=`owned`">'


def fate(number):
    """one in ten is refused, one in twenty stays silent after its 401, and both live in one TAC"""
    return "refused" if number % 10 == 3 else "silent" if number % 20 == 7 else "fine"


def access(number):
    tac = "0000a1" if fate(number) != "fine" else f"0000b{number % 7}"
    kind = "3GPP-NR-FDD" if number % 3 else "3GPP-NR-TDD"
    return f"{kind};utran-cell-id-3gpp=00101{tac}{number % 40:09X}"


def imsi(number):
    return f"00101{number:010d}"


def decide(core, request):
    """what the core says; for each phone by its number"""
    number = int(request.get("To").partition("@")[0][-10:])
    if fate(number) == "refused":
        return 403, "Forbidden", []
    return core.as_usual(request)


class Crowd:
    def __init__(self, node, regmon, size):
        self.node, self.regmon, self.size = node, regmon, size
        self.template = Phone(node.port, imsi(0))
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.socket.bind(("127.0.0.1", 0))

    def text(self, number, cseq, protected):
        phone = self.template
        device = EVIL if number == 13 else DEVICES[2 if fate(number) == "refused" else number % 4]
        phone.imsi = imsi(number)
        phone.impu = f"sip:{phone.imsi}@{DOMAIN}"
        phone.impi = f"{phone.imsi}@{DOMAIN}"
        phone.imei = f"35609911-{number:06d}-0"
        phone.call_id, phone.from_tag, phone.host = f"crowd-{number}", f"tag{number}", f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        phone.access, phone.device, phone.nonce = access(number), device, "K" * 40 + "AAA=" if protected else None
        return phone.message(protected=protected, cseq=cseq, response=RESPONSE if protected else "",
                             change={} if protected else {"P-Access-Network-Info": phone.access})

    def send(self, numbers, cseq, protected, rate=1500):
        """so many a second, but never more without an answer than the node's socket holds"""
        started, unanswered = time.monotonic(), 0
        SECRETS.learn(self.text(0, cseq, protected))
        for sent, number in enumerate(numbers, 1):
            self.socket.sendto(self.text(number, cseq, protected).encode(), ("127.0.0.1", self.node.port))
            unanswered = max(0, unanswered + 1 - self.answers())
            while unanswered > MOST_UNANSWERED:
                came = self.answers(wait_s=0.2)
                unanswered = max(0, unanswered - came) if came else 0  # those got lost
            ahead = sent / rate - (time.monotonic() - started)
            if ahead > 0.005:
                time.sleep(ahead)

    def answers(self, wait_s=0.0):
        """how many final ones have come; waits for the first"""
        n = 0
        self.socket.settimeout(wait_s)
        try:
            while True:
                n += self.socket.recv(65536)[8:9] >= b"2"
                if n:
                    self.socket.settimeout(0)
        except (BlockingIOError, TimeoutError, socket.timeout):
            return n

    def _count(self, *states):
        known = self.regmon.summary()["registrations"]
        return sum(known.get(state, 0) for state in states or ("all",))

    def _settled(self, wanted, *states):
        """the number once it is as wanted or grows no more: a loaded machine loses datagrams"""
        before = -1
        while before < (now := self._count(*states)) < wanted:
            before = now
            time.sleep(1)
        return now

    def registers(self, sure=(3, 13, 21), rate=1500):
        """Returns how many are known, and how many of those that should have registered. The sure ones are, whatever
        gets lost."""
        fine = [number for number in range(self.size) if fate(number) == "fine"]
        self.send(range(self.size), 1, False, rate)
        self._settled(self.size)
        self.send([number for number in sure if not self.regmon.knows("imsi:" + imsi(number))], 1, False, 20)
        self.send(fine, 2, True, rate)
        registered = self._settled(len(fine), "registered")
        return self._count() / self.size, registered / len(fine)

    def close(self):
        self.socket.close()
        self.template.close()
