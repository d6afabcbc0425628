# SPDX-License-Identifier: GPL-2.0-or-later
"""Two network namespaces and a link between them: the core with all its nodes, and the access with the phones.

    core     P-CSCF 10.45.0.10 on the link "gm"; I-CSCF .20, S-CSCF .30, HSS .40 of 10.45.1.0/24 on lo
    access   any address of 10.46.0.0/16 is a phone's own

The namespaces have no names: they live as long as the two processes that hold them, and those end with this one."""
import contextlib
import ctypes
import os
import shutil
import subprocess

CLONE_NEWNET = 0x40000000
PCSCF, ICSCF, SCSCF, HSS = "10.45.0.10", "10.45.1.20", "10.45.1.30", "10.45.1.40"
ACCESS = "10.45.0.2"
PHONES = "10.46.0.0/16"
CORE_NODES = "10.45.1.0/24"


def missing():
    """Why no lab can be made here, None when it can."""
    for program in ("ip", "nft", "nsenter", "unshare", "setpriv"):
        if not shutil.which(program):
            return f"the program {program} is missing"
    trial = """
        ip link add here type veth peer name there
        nft add table ip trial
        mount --bind /dev/null /etc/hosts
        test -w /proc/sys/net/ipv4/conf/here/disable_xfrm"""
    done = subprocess.run(["unshare", "--net", "--mount", "sh", "-e", "-c", trial], capture_output=True, text=True)
    if done.returncode:
        words = done.stderr.strip().split("\n")[0] or "/proc/sys cannot be written"
        return f"network namespaces cannot be made here, which takes root ({words})"
    return None


def phone_address(number):
    return f"10.46.{number // 250}.{number % 250 + 1}"


def dies_with_us(*command):
    """A command that is sent SIGTERM when this process ends, however that happens."""
    return ["setpriv", "--pdeathsig", "TERM", *command]


class Network:
    def __init__(self, kept=False):
        """kept: it outlives this process"""
        self.kept, self.holders = kept, {}
        self.has_esp = False

    def start(self):
        for name in ("core", "access"):
            command = ["unshare", "--net", "sh", "-c", "echo up && exec sleep infinity"]
            self.holders[name] = subprocess.Popen(command if self.kept else dies_with_us(*command),
                                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                                                  start_new_session=True)
            assert self.holders[name].stdout.readline() == "up\n", "no network namespace"
        self.run("core", f"""
            ip link set lo up
            ip link add gm type veth peer name gm netns {self.holders["access"].pid}
            ip address add {PCSCF}/24 dev gm
            ip link set gm up
            for address in {ICSCF} {SCSCF} {HSS}; do ip address add $address/32 dev lo; done
            ip route add {PHONES} via {ACCESS}
            nft add table ip lost
            nft add chain ip lost input '{{ type filter hook input priority 0; }}'""")
        self.run("access", f"""
            ip link set lo up
            ip address add {ACCESS}/24 dev gm
            ip link set gm up
            ip route add local {PHONES} dev lo
            ip route add {CORE_NODES} via {PCSCF}
            nft add table ip lost
            nft add chain ip lost input '{{ type filter hook input priority 0; }}'""")
        self._prepare_ipsec()
        return self

    def _prepare_ipsec(self):
        """Where the kernel has no ESP, its IPsec policies are left unheeded on the link: the protected ports carry
        plain UDP then. Everything that SIP shows is the same."""
        state = ("ip xfrm state add src 10.46.255.1 dst 10.46.255.2 proto esp spi 1 mode transport "
                 "auth 'hmac(sha1)' 0x0000000000000000000000000000000000000000 enc cipher_null ''")
        self.has_esp = subprocess.run([*self.command("access"), "sh", "-c", state], capture_output=True).returncode == 0
        if self.has_esp:
            self.run("access", "ip xfrm state flush")
        else:
            self.run("core", "for what in disable_xfrm disable_policy; do"
                             " echo 1 >/proc/sys/net/ipv4/conf/gm/$what; done")

    def path(self, name):
        return f"/proc/{self.holders[name].pid}/ns/net"

    def command(self, name):
        return ["nsenter", f"--net={self.path(name)}", "--"]

    def run(self, name, script):
        done = subprocess.run([*self.command(name), "sh", "-e", "-c", script], capture_output=True, text=True)
        assert done.returncode == 0, f"in the namespace {name}: {done.stderr}"
        return done.stdout

    @contextlib.contextmanager
    def inside(self, name):
        """This thread is in the namespace; sockets that it makes stay there."""
        libc = ctypes.CDLL(None, use_errno=True)
        with open("/proc/thread-self/ns/net") as home, open(self.path(name)) as there:
            if libc.setns(there.fileno(), CLONE_NEWNET):
                raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
            try:
                yield
            finally:
                libc.setns(home.fileno(), CLONE_NEWNET)

    # Packets are lost where they would arrive, so that the sender cannot notice.

    def lose_to_phone(self, address):
        self.run("access", f"nft add rule ip lost input ip daddr {address} counter drop")

    def lose_from_phone(self, address):
        self.run("core", f"nft add rule ip lost input ip saddr {address} counter drop")

    def lost(self):
        """How many packets were lost since lose_...()"""
        rules = "".join(self.run(name, "nft list chain ip lost input") for name in self.holders)
        words = rules.split()
        return sum(int(words[i + 1]) for i, word in enumerate(words) if word == "packets")

    def heal(self):
        for name in self.holders:
            self.run(name, "nft flush chain ip lost input")

    def stop(self):
        for holder in self.holders.values():
            holder.kill()
            holder.wait()
            holder.stdout.close()
