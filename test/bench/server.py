# SPDX-License-Identifier: GPL-2.0-or-later
"""The Kamailio that is measured, in a folder of its own, and what it costs."""
import json
import os
import re
import signal
import socket
import subprocess
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
BUILD = Path(os.environ["BUILD"]).resolve()
RUN = BUILD / "bench"
MODULE = BUILD / "ims_regmon.so"
LOAD = RUN / "register_load"
KAMAILIO = os.environ["KAMAILIO"]
RECORDS = os.environ.get("RECORDS", "") not in ("", "0")


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.bind(("127.0.0.1", 0))
        return udp.getsockname()[1]


def family(pid):
    """A process and all below it."""
    pids = [pid]
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            pids += family(int(child))
    return pids


def folder_of(name):
    return RUN / name


def cpu_ns(pids):
    return sum(int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) for pid in pids)


class Server:
    """One Kamailio with one UDP worker in a folder of its own.

    variant: "off", "on" (this module), or another way to look at a REGISTER, see bench.cfg."""

    def __init__(self, define, variant, core_port, callgrind=False, name="", shm_mb=0, defines=(), hep_port=9):
        self.pair = define == "PROXY"
        # Answered transactions wait for tm's timer, which a busy machine lets wait, too.
        shm_mb = shm_mb or (1024 if self.pair else 256)
        self.port, self.phones_port = free_port(), free_port()
        self.name = name or f"{define.lower()}-{variant}{'-callgrind' if callgrind else ''}"
        self.folder = folder_of(self.name)
        self.folder.mkdir(parents=True, exist_ok=True)
        for old in self.folder.iterdir():
            old.unlink()
        self.cseq = 10000001
        self.messages = 0
        self.rpc_socket = None
        command = ["valgrind", "-q", "--tool=callgrind", "--toggle-collect=receive_msg",
                   "--dump-before=nonsip_msg_run_hooks", f"--callgrind-out-file={self.folder}/dump.%p"]
        command = (command if callgrind else []) + [
            KAMAILIO, "-DD", "-f", HERE / "bench.cfg", "-l", f"udp:127.0.0.1:{self.port}",
            "-n", "1", "-m", str(shm_mb), "-M", "16", "-x", "fm", "-X", "fm", "-Y", self.folder,
            "-P", self.folder / "pid", "-A", define, "-A", f'CORE="sip:127.0.0.1:{core_port}"']
        ours = [f'MODULE="{MODULE}"'] + ([f'RECORDS="{self.folder}/records"'] if RECORDS else [])
        words = {"off": [], "on": ours, "sanity": ["SANITY"], "htable": ["HTABLE"],
                 "siptrace": ["SIPTRACE", f'HEP="sip:127.0.0.1:{hep_port}"']}[variant]
        for word in words + list(defines):
            command += ["-A", word]
        self.began = time.monotonic()
        with open(self.folder / "log", "w") as log:
            self.process = subprocess.Popen([str(word) for word in command], stdout=log, stderr=log)
        try:
            self.wait_until_it_answers()
        except BaseException:
            self.stop()
            raise

    def wait_until_it_answers(self):
        for _ in range(300):
            if self.process.poll() is not None:
                break
            if self.load(1, 1, 1, timeout_ms=100, may_fail=True):
                self.started_s = time.monotonic() - self.began
                time.sleep(0.3)
                self.pids = family(self.process.pid)
                self.messages = 0
                return
        raise SystemExit(f"{self.name}: Kamailio does not answer, see {self.folder}/log")

    def load(self, phones, rounds, window, timeout_ms=20000, may_fail=False, first_phone=0):
        """Every phone registers; the CSeq goes on where it was."""
        templates = ["initial.sip", "authorised.sip"] if self.pair else ["authorised.sip"]
        done = subprocess.run(
            [LOAD, "phones"]
            + [str(n) for n in (self.port, self.phones_port, first_phone, phones, rounds, window, self.cseq,
                                    timeout_ms)]
            + [HERE / template for template in templates],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        seen = dict(pair.split("=") for pair in done.stdout.split())
        wrong = not seen or int(seen["accepted"]) != phones * rounds \
            or int(seen["challenged"]) != (phones * rounds if self.pair else 0)
        self.cseq += rounds * len(templates)
        if wrong and not may_fail:
            raise SystemExit(f"{self.name}: not every REGISTER was answered as it should be: {done.stdout}"
                             f"\n{self.errors()}see {self.folder}/log")
        self.messages += phones * rounds * len(templates)
        return not wrong

    def errors(self):
        lines = (self.folder / "log").read_text(errors="replace").split("\n")
        return "".join(line + "\n" for line in [line for line in lines if "ERROR" in line][:5])

    def burst(self, phones, rounds=1, first_phone=0):
        """CPU ns per REGISTER."""
        before, messages = cpu_ns(self.pids), self.messages
        self.load(phones, rounds, 32, first_phone=first_phone)
        return (cpu_ns(self.pids) - before) / (self.messages - messages)

    def dump(self, number):
        """A datagram that is no SIP makes callgrind write its counts in the worker and begin anew."""
        text = (b"GET / HTTP/1.1\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKdump\r\nFrom: <sip:d@d>;tag=1\r\n"
                b"To: <sip:d@d>\r\nCall-ID: dump\r\nCSeq: 1 GET\r\nContent-Length: 0\r\n\r\n")
        time.sleep(0.5)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.sendto(text, ("127.0.0.1", self.port))
        for _ in range(600):
            found = [path for path in self.folder.glob(f"dump.*.{number}")
                     if "\ntotals:" in path.read_text()]     # the last line: then all is written
            if found:
                return found[0]
            time.sleep(0.1)
        raise SystemExit(f"{self.name}: callgrind wrote no counts")

    def counters(self):
        beside = Path(KAMAILIO).with_name("kamcmd")
        answer = subprocess.run([beside if beside.exists() else "kamcmd", "-s", f"unix:{self.folder}/kamailio_ctl",
                                 "cnt.grp_get_all", "ims_regmon"], stdout=subprocess.PIPE, text=True).stdout
        return {name: int(value) for name, value in re.findall(r"(\w+): (\d+)", answer)}

    def rpc(self, method, *params):
        """The result, and how many ms it took to come."""
        if self.rpc_socket is None:
            self.rpc_socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            self.rpc_socket.bind(str(self.folder / "client"))
            self.rpc_socket.settimeout(60)
        call = {"jsonrpc": "2.0", "method": method, "params": list(params), "id": 1}
        began = time.perf_counter()
        self.rpc_socket.sendto(json.dumps(call).encode(), str(self.folder / "rpc"))
        answer = json.loads(self.rpc_socket.recv(100000))
        return answer.get("result", answer), 1000 * (time.perf_counter() - began)

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=60)
            except subprocess.TimeoutExpired:
                for pid in family(self.process.pid):
                    os.kill(pid, signal.SIGKILL)
                self.process.wait()
