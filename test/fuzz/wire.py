# SPDX-License-Identifier: GPL-2.0-or-later
"""Mutated REGISTERs to a live Kamailio with the module, mutated answers from its core,
readers beside it. Afterwards every process is the one that it was, memory is where it
was, counters agree with each other and a good phone registers. Started by wire.sh,
which sees to it that no packet leaves this machine."""
import functools
import glob
import multiprocessing
import os
import random
import re
import signal
import socket
import sys
import textwrap
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TEST = os.path.dirname(HERE)
sys.path.insert(0, os.path.join(TEST, "scenario"))
sys.path.insert(0, os.path.join(TEST, "load"))

from kamailio import BUILD, MODULE, Kamailio, RpcError  # noqa: E402
from load import (Comparison, await_end_of_transactions, counted_memory, dropped_by_kernel,  # noqa: E402
                  memory_of_module, used_memory)
from regmon import Regmon  # noqa: E402
from sip import Phone  # noqa: E402

COUNT = int(os.environ.get("COUNT", 20000))
SEED = int(os.environ.get("FUZZ_SEED", 1))
SEEDS = os.path.join(BUILD, "fuzz-seeds")
MAX_REGISTRATIONS = 2000
WARM_UP = 4000  # messages after which memory is looked at first
PHONES = 3000  # identities, more than there is room for
LOOKS = 25  # times that readers ask and the self-check runs
QUEUE_BYTES = 60000  # of the node's socket, beyond which the sender waits
LONGEST = 60000
RPC_S = 60
# what Kamailio's own core calls critical: a host or a transport in a Via that it does not know
OF_KAMAILIO = re.compile(r"<core> \[core/[a-z_]+\.c:\d+\]: .*(unsupported proto|unknown proto|invalid Via host name)")
PKG_GROWTH = 64 * 1024
SHM_GROWTH = 2 * 1024 * 1024  # Kamailio's own caches


# ---- mutation ----

def words():
    """the dictionary of the fuzz target"""
    with open(os.path.join(SEEDS, "request.dict")) as file:
        found = [line.strip()[1:-1] for line in file]
    return [word.encode().decode("unicode_escape").encode("latin-1") for word in found] + [
        b"\r\n\r\n", b"\0", b"\xff" * 40, b"A" * 3000, b";" * 200, b"%00", b"\"", b"<", b">", b"99999999999999999999", b"-1"]


class Mutator:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.words = words()
        self.serial = 0

    def change_lines(self, message):
        lines = message.split(b"\r\n")
        one, other = self.random.randrange(len(lines)), self.random.randrange(len(lines))
        what = self.random.randrange(5)
        if what == 0:
            del lines[one]
        elif what == 1:
            lines.insert(other, lines[one])
        elif what == 2:
            lines[one], lines[other] = lines[other], lines[one]
        elif what == 3:
            lines[one] = lines[one] + b"\r\n " + self.random.choice(self.words)
        else:
            lines[one] *= self.random.randrange(1, 40)
        return b"\r\n".join(lines)

    def change_bytes(self, message):
        at = self.random.randrange(len(message) + 1)
        what = self.random.randrange(5)
        if what == 0:
            return message[:at] + bytes([self.random.randrange(256)]) + message[at + 1:]
        if what == 1:
            return message[:at] + message[at + self.random.randrange(1, 30):]
        if what == 2 and self.random.random() < 0.1:
            return message[:at]
        return message[:at] + self.random.choice(self.words) + message[at + self.random.randrange(3):]

    def mutate(self, message, most):
        for _ in range(self.random.randrange(most + 1)):
            message = self.change_lines(message) if self.random.random() < 0.25 else self.change_bytes(message)
        return message[:LONGEST]

    def next_register(self, seeds):
        """one of the phones, mostly with a new branch and CSeq, so that not everything is a repetition"""
        self.serial += 1
        message = self.random.choice(seeds)
        if self.random.random() < 0.9:
            message = message.replace(b"z9hG4bK", b"z9hG4bK%d." % self.serial, 1)
            message = re.sub(rb"\nCSeq: *\d+", b"\nCSeq: %d" % (self.serial // 10 + 1), message, count=1)
        if self.random.random() < 0.8:
            message = message.replace(b"00101", b"00%03d" % self.random.randrange(PHONES // 10))
            message = message.replace(b"23456789", b"2345678%d" % self.random.randrange(10))
        return self.mutate(message, 5)


# ---- the core ----

COPIED = re.compile(rb"^(?:Via|v|From|f|To|t|Call-ID|i|CSeq)[ \t]*:[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*", re.M | re.I)
CODES = [200, 200, 200, 401, 401, 401, 403, 404, 408, 420, 421, 423, 480, 494, 500, 503, 100, 183, 302, 600]
MORE = [b"WWW-Authenticate: Digest realm=\"r\",nonce=\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\",algorithm=AKAv1-MD5",
        b"Security-Server: ipsec-3gpp;alg=hmac-sha-1-96;spi-c=4096;spi-s=4097;port-c=5062;port-s=5063",
        b"Contact: <sip:u@10.0.0.1>;expires=3600", b"Service-Route: <sip:orig@scscf>", b"Retry-After: 5", b"Min-Expires: 60",
        b"P-Associated-URI: <tel:+491>, <sip:a@b>", b"Unsupported: path", b"Path: <sip:p@a;lr>", b"Warning: 399 a \"b\""]


def good_answer(data):
    """to a phone that does all right"""
    challenged = b'response=""' not in data
    lines = COPIED.findall(data) + [b"Contact: <sip:001019999999999@10.45.0.7:49200>;expires=600" if challenged else MORE[0]]
    return b"\r\n".join([b"SIP/2.0 200 OK" if challenged else b"SIP/2.0 401 Unauthorized"] + lines
                       + [b"Content-Length: 0", b"", b""])


def core(connection, seed):
    """Answers as it likes; once asked how often it has, it answers as it should."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    mutator = Mutator(seed)
    answers = 0
    good = False
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(0.2)
        connection.send(server.getsockname()[1])
        while True:
            if connection.poll():
                connection.recv()
                connection.send(answers)
                good = True
            try:
                data, source = server.recvfrom(65536)
            except (socket.timeout, ConnectionError):
                continue
            if good:
                server.sendto(good_answer(data), source)
                continue
            for _ in range(mutator.random.choice((0, 1, 1, 1, 1, 1, 2))):
                lines = [b"SIP/2.0 %d Word" % mutator.random.choice(CODES)] + COPIED.findall(data)
                lines += mutator.random.sample(MORE, mutator.random.randrange(6))
                answer = b"\r\n".join(lines + [b"Content-Length: 0", b"", b""])
                if mutator.random.random() < 0.5:
                    answer = mutator.mutate(answer, 3)
                try:
                    server.sendto(answer[:LONGEST], source)
                except OSError:
                    continue
                answers += 1


# ---- the node ----

def queued_bytes(port):
    """what waits in its socket: /proc/net/udp has hexadecimal ADDRESS:PORT and TX:RX"""
    with open("/proc/net/udp") as file:
        rows = [line.split() for line in file][1:]
    return sum(int(row[4].partition(":")[2], 16) for row in rows if row[1].endswith(f":{port:04X}"))


def private_memory(node):
    """bytes in use, by process"""
    return {row["pid"]: int(row["used"]) for row in node.rpc("pkg.stats")}


def kamailios_counters(node):
    listed = node.rpc("cnt.grp_get_all", "core")
    wanted = ("rcv_requests", "rcv_requests_register", "rcv_replies", "bad_msg_hdr", "bad_URIs_rcvd",
              "unsupported_methods", "err_requests")
    found = {name.rpartition(".")[2]: int(value) for name, value in listed.items()}
    return {name: found[name] for name in wanted if name in found}


class Wire:
    def __init__(self, node, compared):
        self.node, self.compared, self.regmon = node, compared, Regmon(node)
        self.mutator = Mutator(SEED)
        self.seeds = []
        for path in sorted(glob.glob(os.path.join(SEEDS, "request", "*"))):
            with open(path, "rb") as file:
                message = file.read()
            if message.startswith(b"REGISTER "):
                self.seeds.append(message)
        self.sockets = []
        for number in range(8):
            one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            one.bind((f"127.0.1.{number + 1}", 0))
            one.setblocking(False)
            self.sockets.append(one)
        self.sent = 0
        self.look_failures = []

    def send(self, count):
        node = ("127.0.0.1", self.node.port)
        for number in range(count):
            try:
                self.sockets[self.mutator.random.randrange(8)].sendto(self.mutator.next_register(self.seeds), node)
            except (BlockingIOError, ConnectionError):
                time.sleep(0.001)
                continue
            self.sent += 1
            if number % 16 == 15:
                self.wait_for_room()

    def wait_for_room(self):
        """Answers are read away, too."""
        for one in self.sockets:
            try:
                while True:
                    one.recv(65536)
            except (BlockingIOError, ConnectionError):
                pass
        until = time.monotonic() + 30
        while queued_bytes(self.node.port) > QUEUE_BYTES:
            if time.monotonic() > until:
                raise SystemExit("the node reads no more")
            time.sleep(0.0005)

    def look(self):
        """as operators do meanwhile"""
        self.look_failures += self.regmon.faults()
        self.regmon.summary()
        phones = self.regmon.list("limit=3")
        for phone in phones:
            for command in ("why", "show", "timeline"):
                try:
                    self.regmon.rpc(command, "impu:" + phone["impu"])
                except RpcError:
                    pass  # it had to go meanwhile
        self.regmon.rpc("top", "device")

    def run(self):
        step = max(1, COUNT // LOOKS)
        while self.sent < COUNT:
            self.send(min(step, COUNT - self.sent))
            self.look()

    def await_quiet(self):
        until = time.monotonic() + 60
        while queued_bytes(self.node.port) and time.monotonic() < until:
            time.sleep(0.05)
        await_end_of_transactions(self.node)
        self.wait_for_room()

    def memory(self):
        """with nothing under way and nothing remembered"""
        self.await_quiet()
        self.regmon.forget("all")
        return memory_of_module(self.node), used_memory(self.node), private_memory(self.node), counted_memory(self.node)


def show_counters(title, before, after):
    changed = ", ".join(f"{name} {before.get(name, 0)}->{after[name]}" for name in after if after[name] != before.get(name, 0))
    print(textwrap.fill(f"{title}: {changed}", 118, initial_indent="       ", subsequent_indent="         "))


def compare_memory(compared, node, before, after):
    compared.memory_given_back(node, before[3], before[0])
    compared.between("growth of all shared memory, bytes", after[1] - before[1], -SHM_GROWTH * 100, SHM_GROWTH)
    print(f"       all shared memory used: {before[1]} bytes before, {after[1]} after")
    compared.same("processes with private memory", sorted(after[2]), sorted(before[2]))
    most = max(after[2].get(pid, 0) - used for pid, used in before[2].items())
    compared.between("most growth of private memory, bytes", most, -PKG_GROWTH * 100, PKG_GROWTH)
    print(f"       private memory, all processes: {sum(before[2].values())} bytes before, {sum(after[2].values())} after")


def compare_counters(compared, counted, asked):
    of_kinds = {word: sum(value for name, value in counted.items() if name.startswith(word + "_"))
                for word in ("attempts", "successes", "failures")}
    compared.between("REGISTERs counted, of those the script saw", counted["registers"] + counted["retransmissions"],
                     asked // 2, asked)
    compared.between("attempts that ended well", of_kinds["successes"], COUNT // 500, of_kinds["attempts"])
    compared.between("attempts that ended", of_kinds["successes"] + of_kinds["failures"], 1, of_kinds["attempts"])
    compared.between("attempts opened", of_kinds["attempts"], 1, counted["registers"])
    compared.between("findings", sum(counted[f"findings_{name}"] for name in ("error", "warning", "note")), COUNT // 4,
                     COUNT * 40)
    compared.between("records evicted", counted["evicted"], 1 if COUNT >= 20000 else 0, counted["registers"])
    compared.same("messages dropped for want of memory", counted["dropped"], 0)


def registers_still(node):
    """A good phone, and a core that knows how to answer: the state that the phone comes to."""
    phone = Phone(node.port, "001019999999999", device="good")
    phone.register()
    phone.receive(30)
    phone.answer_challenge()
    phone.receive(30)
    phone.close()
    return Regmon(node).state(f"impu:{phone.impu}")


def run(node, compared, connection):
    wire = Wire(node, compared)
    children = sorted(node.children())
    wire.send(WARM_UP)
    before = wire.memory()
    core_before, module_before = kamailios_counters(node), wire.regmon.counters()
    wire.sent = 0
    began = time.monotonic()
    wire.run()
    wire.await_quiet()
    took_s = time.monotonic() - began
    core_after, counted = kamailios_counters(node), wire.regmon.counters()
    asked = int(node.rpc("cnt.get", "script", "asked"))
    connection.send("how many?")
    print(f"{wire.sent} mutated REGISTERs in {took_s:.1f} s, {wire.sent / took_s:.0f} per second, "
          f"and {connection.recv()} answers of the core; {asked} of all reached the script; the kernel dropped "
          f"{dropped_by_kernel(node.port)}")
    show_counters("Kamailio", core_before, core_after)
    show_counters("ims_regmon", module_before, counted)
    compared.check("REGISTERs sent", wire.sent >= COUNT, wire.sent, COUNT)
    compared.between("of them, seen by the script", asked, COUNT // 4, COUNT + WARM_UP)
    compare_counters(compared, counted, asked)
    compared.same("faults that check_invariants found meanwhile", wire.look_failures, [])
    compared.same("faults that it finds afterwards", wire.regmon.faults(), [])
    compare_memory(compared, node, before, wire.memory())
    compared.same("faults after forget all", wire.regmon.faults(), [])
    compared.same("processes that died", sorted(set(children) - set(node.children())), [])
    compared.same("state of a phone that registers now", registers_still(node), "registered")


def main():
    if not os.path.exists(MODULE):
        sys.exit(f"there is no {MODULE}; 'make' builds it")
    compared = Comparison()
    connection, far_end = multiprocessing.Pipe()
    answering = multiprocessing.Process(target=core, args=(far_end, SEED + 1), daemon=True)
    answering.start()
    with open(os.path.join(HERE, "wire.cfg")) as file:
        text = file.read()
    node = Kamailio(text, core_port=connection.recv(), shm_mb=512, options=["-b", "8388608"],
                    defines={"MAX_REGISTRATIONS": MAX_REGISTRATIONS})
    try:
        node.start()
        # its answer may take long when the machine has much else to do
        node.rpc = functools.partial(node.rpc, timeout=RPC_S)
        run(node, compared, connection)
    finally:
        answering.terminate()
        wrong = [line for line in node.stop() if not OF_KAMAILIO.search(line)]
        compared.same("complaints of Kamailio", len(wrong), 0)
        print("\n".join(wrong), end="\n" if wrong else "")
    print(f"{compared.passed} passed, {compared.failed} failed")
    return 1 if compared.failed else 0


if __name__ == "__main__":
    sys.exit(main())
