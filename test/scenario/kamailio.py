# SPDX-License-Identifier: GPL-2.0-or-later
"""A private Kamailio for one test: own configuration, run folder and ports on
127.0.0.1, stopped by its process id. RPC through JSON and through the real kamcmd."""
import contextlib
import glob
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from confidential import SECRETS, SecretShown

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(TOP, os.environ.get("BUILD", "build"))
LONG = os.environ.get("LONG", "") not in ("", "0")  # what takes minutes, too
MODULE = os.path.abspath(os.environ.get("MODULE") or os.path.join(BUILD, "ims_regmon.so"))


def _program(name, given=None):
    found = given or shutil.which(name)
    for folder in ("/usr/sbin", "/usr/local/sbin"):
        found = found or shutil.which(name, path=folder)
    return found or name


KAMAILIO = _program("kamailio", os.environ.get("KAMAILIO"))
KAMCMD = _program("kamcmd")


def modules_path():
    """Where this Kamailio looks for its modules by itself."""
    text = subprocess.run([KAMAILIO, "-h"], capture_output=True, text=True).stdout
    return re.search(r"search path \(default: (\S+)\)", text).group(1)


def free_port(*kinds):
    """A port that nobody has, for UDP and TCP unless one kind is named."""
    first, *others = kinds or (socket.SOCK_DGRAM, socket.SOCK_STREAM)
    while True:
        with contextlib.ExitStack() as probes:
            probe = probes.enter_context(socket.socket(socket.AF_INET, first))
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
            try:
                for kind in others:
                    probes.enter_context(socket.socket(socket.AF_INET, kind)).bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


class DoesNotStart(Exception):
    """Kamailio ended at once; the log is the text."""


class RpcError(Exception):
    def __init__(self, code, message):
        super().__init__(f"{code} {message}")
        self.code, self.message = code, message


MODULES = ["tm", "sl", "rr", "pv", "maxfwd", "textops", "siputils", "xlog", "kex",
           "corex", "counters", "cfg_rpc"]

# Stateful relay of REGISTERs to the core, as a P-CSCF does.
RELAY = """
request_route {
	if(!is_method("REGISTER")) {
		sl_send_reply("405", "Method Not Allowed");
		exit;
	}
	$du = CORE;
	if(!t_relay()) {
		sl_reply_error();
	}
	exit;
}
"""

# Answers REGISTERs itself, without a transaction.
STATELESS = """
request_route {
	if($hdr(Authorization) =~ "response=\\"[0-9a-f]") {
		append_to_reply("Contact: $hdr(Contact);expires=3600\\r\\n");
		sl_send_reply("200", "OK");
	} else {
		append_to_reply("WWW-Authenticate: Digest realm=\\"x\\", nonce=\\"bm9uY2U=\\", algorithm=AKAv1-MD5\\r\\n");
		sl_send_reply("401", "Unauthorized");
	}
	exit;
}
"""


def configuration(modules=MODULES, regmon="last", parameters=(), route=RELAY, head="", more="", tcp=False):
    """Text of a configuration. regmon: "first", "last", before the module of that
    name, or None; parameters: (name, value) of ims_regmon; head, more: lines before the
    modules, and between them and the routes."""
    names = list(modules)
    if regmon == "first":
        names.insert(0, "ims_regmon")
    elif regmon == "last":
        names.append("ims_regmon")
    elif regmon:
        names.insert(names.index(regmon), "ims_regmon")
    lines = ["#!KAMAILIO", "listen=udp:127.0.0.1:PORT"]
    lines += ["listen=tcp:127.0.0.1:PORT", "tcp_children=1"] if tcp else ["disable_tcp=yes"]
    lines += ["children=2", "auto_aliases=no", "dns=no", "debug=1", head]
    lines += [f'loadmodule "{name}.so"' for name in names]
    lines += ['loadmodule "ctl.so"', 'loadmodule "jsonrpcs.so"',
              'modparam("jsonrpcs", "transport", 4)', 'modparam("jsonrpcs", "dgram_socket", JSON)']
    for name, value in parameters:
        value = f'"{value}"' if isinstance(value, str) else value
        lines.append(f'modparam("ims_regmon", "{name}", {value})')
    return "\n".join(lines) + "\n" + more + route


# a line of the log, and what follows it without a head of its own
_OF_CORE = re.compile(rb"^ *\d+\(\d+\) [A-Z]+: <core> .*\n(?:(?! *\d+\(\d+\) [A-Z]+: ).*\n)*", re.MULTILINE)


class Kamailio:
    def __init__(self, text, core_port=9, port=None, shm_mb=64, defines=None, options=(), under=(),
                 check=True, start_s=20):
        # The name of a UNIX socket has at most 107 bytes, so not below tmp_path.
        self.folder = tempfile.mkdtemp(prefix="regmon-")
        self.port = port or free_port()
        self.text, self.core_port, self.shm_mb = text, core_port, shm_mb
        self.defines, self.options, self.under, self.check = defines or {}, list(options), list(under), check
        self.start_s = start_s
        self.process = self.json_socket = self.ended_log = None
        self.shown = []  # in logs of lives before this one
        self.serial = 0
        for key in self._parameters("privacy_key"):
            SECRETS.know("privacy_key", key)

    def path(self, name):
        return os.path.join(self.folder, name)

    def _parameters(self, name):
        """values that the configuration gives to this parameter of ims_regmon"""
        return re.findall(rf'modparam\("ims_regmon", *"{name}", *"([^"]*)"\)', self.text)

    def start(self):
        self.shown += self.secrets_shown()
        for name in filter(os.path.isfile, self._parameters("aka_keys")):  # tests give pipes and folders, too
            with open(name, errors="replace") as file:
                SECRETS.learn_keys(file.read())
        with open(self.path("kamailio.cfg"), "w") as file:
            file.write(self.text)
        defines = {"PORT": self.port, "CORE": f'"sip:127.0.0.1:{self.core_port}"',
                   "JSON": f'"{self.path("json")}"', "FOLDER": f'"{self.folder}"', **self.defines}
        command = self.under + [
            KAMAILIO, "-DD", "-E", "-f", self.path("kamailio.cfg"), "-Y", self.folder, "-P",
            self.path("pid"), "-m", str(self.shm_mb), "-M", "8", "-L",
            f"{modules_path()}:{os.path.dirname(MODULE)}", *self.options]
        for name, value in defines.items():
            command += ["-A", f"{name}={value}"]
        with open(self.path("log"), "w") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        until = time.monotonic() + self.start_s
        while True:
            if self.process.poll() is not None:
                raise DoesNotStart(self.log())
            try:
                self.rpc("core.uptime", timeout=1)
                return self
            except (OSError, json.JSONDecodeError):
                if time.monotonic() > until:
                    raise DoesNotStart("no answer to RPC\n" + self.log())
                time.sleep(0.05)

    def rpc(self, method, *params, timeout=10):
        """The result as Python objects; RpcError when the command faults."""
        if self.json_socket is None:
            path = self.path("client")
            client = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            client.bind(path)
            self.json_socket = client
        self.serial += 1
        call = {"jsonrpc": "2.0", "method": method, "params": list(params), "id": self.serial}
        self.json_socket.settimeout(timeout)
        self.json_socket.sendto(json.dumps(call).encode(), self.path("json"))
        while True:
            answer = json.loads(SECRETS.check(f"the answer of {method}", self.json_socket.recv(70000)))
            if answer.get("id") == self.serial:
                break
        if "error" in answer:
            raise RpcError(answer["error"]["code"], answer["error"]["message"])
        return answer["result"]

    def kamcmd(self, *words):
        """What the real kamcmd prints; its exit status stays out of it."""
        done = subprocess.run([KAMCMD, "-s", f"unix:{self.path('kamailio_ctl')}", *words],
                              capture_output=True, text=True, timeout=20)
        return SECRETS.check(f"kamcmd {words[0]}", done.stdout + done.stderr)

    def log(self):
        if self.ended_log is not None:
            return self.ended_log
        with open(self.path("log"), errors="replace") as file:
            return file.read()

    def complaints(self):
        """Lines of the log that no test may leave behind."""
        return [line for line in self.log().splitlines()
                if re.search(r"CRITICAL|: BUG|ALERT|signal 11|core dumped", line)]

    def secrets_shown(self):
        """What its log and its records must not hold: one sentence each. What Kamailio's core itself says is not
        looked at: it quotes messages that it cannot read."""
        shown = []
        paths = [path for name in self._parameters("record_file") if name.startswith("/")
                 for path in sorted(glob.glob(glob.escape(name) + "*"))]
        for path in filter(os.path.isfile, [self.path("log"), *paths]):
            with contextlib.suppress(OSError), open(path, "rb") as file:
                try:
                    SECRETS.check(os.path.basename(path), _OF_CORE.sub(b"", file.read()))
                except SecretShown as error:
                    shown.append(str(error))
        return shown

    def children(self):
        with contextlib.suppress(OSError):
            with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children") as file:
                return [int(word) for word in file.read().split()]
        return []

    def all_asleep(self):
        """Each process of Kamailio waits for something, so none has only just been forked."""
        states = []
        for child in self.children():
            with contextlib.suppress(OSError), open(f"/proc/{child}/stat") as file:
                states.append(file.read().rpartition(")")[2].split()[0])
        return set(states) <= {"S"}

    def _end(self):
        """Kamailio loses the SIGTERM to a process that it has forked this very moment, and waits for that one
        for a minute: on a busy machine they have not begun yet when the first of them answers RPC."""
        until = time.monotonic() + 10
        while not self.all_asleep() and time.monotonic() < until:
            time.sleep(0.01)
        return self._terminate()

    def _terminate(self):
        """SIGTERM, more than once and to the children, too: Kamailio's processes sleep over
        one that comes at the end of their start, right before they begin to wait; the
        main process passes it on only once and then waits for a minute."""
        for _ in range(15):
            os.kill(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(1)
                return True
            except subprocess.TimeoutExpired:
                self._signal(self.children(), signal.SIGTERM)
        children = self.children()
        self.process.kill()
        self.process.wait()
        self._signal(children, signal.SIGKILL)  # they would outlive it
        return False

    @staticmethod
    def _signal(pids, number):
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def stop(self):
        """Returns what was wrong with its life and its end; a second time nothing."""
        wrong = []
        if self.ended_log is not None:
            return wrong
        if self.process and self.process.poll() is None:
            wrong += self.complaints() if self.check else []
            if not self._end():
                wrong.append("Kamailio did not stop within 15 s of SIGTERM")
            elif self.check and self.process.returncode != 0:
                wrong.append(f"Kamailio's main process ended with {self.process.returncode} at its shutdown")
            if self.check and re.search(r"signal (11|6)|core was", self.log()):
                wrong.append("a process of Kamailio crashed:\n" + self.log()[-2000:])
        elif self.process and self.check:
            wrong.append("Kamailio had ended by itself:\n" + self.log()[-2000:])
        if self.json_socket:
            self.json_socket.close()
        wrong += self.shown + self.secrets_shown()
        self.ended_log = self.log()
        shutil.rmtree(self.folder, ignore_errors=True)
        return wrong
