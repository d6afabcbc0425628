# SPDX-License-Identifier: GPL-2.0-or-later
"""The chain P-CSCF, I-CSCF, S-CSCF, HSS: each a process of its own in the core's namespace, stopped by its id."""
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile

import network
from ask_hss import ask
from confidential import SECRETS
from hss import K, OP
from kamailio import TOP, Kamailio, RpcError
from network import Network, dies_with_us
from regmon import Regmon
from sip import eventually

HERE = os.path.dirname(os.path.abspath(__file__))
DOMAIN = "ims.mnc001.mcc001.3gppnetwork.org"
ADDRESSES = {"pcscf": network.PCSCF, "icscf": network.ICSCF, "scscf": network.SCSCF, "hss": network.HSS}
NODES = ("pcscf", "icscf", "scscf")
SQL = "/usr/share/kamailio/db_sqlite"


def read(path):
    """a file below nodes/, or any by its whole path"""
    with open(os.path.join(HERE, "nodes", path)) as file:
        return file.read()


def fill(text, **names):
    names.update({name.upper(): address for name, address in ADDRESSES.items()}, DOMAIN=DOMAIN)
    for name, value in names.items():
        text = text.replace(f"@{name}@", value)
    return text


class Hss:
    """The process hss.py and the line to it."""

    def __init__(self, under):
        self.under = under
        self.folder = tempfile.mkdtemp(prefix="regmon-hss-")
        self.control, self.secrets = os.path.join(self.folder, "control"), os.path.join(self.folder, "secrets")
        self.process = None

    def start(self):
        if os.path.exists(self.control):
            os.unlink(self.control)
        with open(os.path.join(self.folder, "log"), "a") as log:
            self.process = subprocess.Popen(
                [*self.under, sys.executable, os.path.join(HERE, "hss.py"), network.HSS, DOMAIN,
                 f"sip:{network.SCSCF}:5060", self.control, self.secrets],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        assert eventually(self.answers, timeout=20), "the HSS does not start: " + self.log()
        return self

    def answers(self):
        try:
            return self.state()
        except OSError:
            return None

    def log(self):
        with open(os.path.join(self.folder, "log")) as file:
            return file.read()

    def tell_secrets(self):
        """What it has given to phones and nodes until now, for whoever looks for it where it must not be."""
        with open(self.secrets) as file:
            for line in file.read().splitlines():
                name, digits = line.split()
                SECRETS.know(name, bytes.fromhex(digits))

    def _ask(self, do, **how):
        answer = ask(self.control, do, **how)
        assert "error" not in answer, answer["error"]
        return answer

    def state(self):
        return self._ask("state")

    def counted(self, name):
        return self.state()["counted"].get(name, 0)

    def change(self, imsi, **how):
        self._ask("change", imsi=imsi, **how)

    def terminate(self, imsi):
        """de-registration by the network"""
        self._ask("terminate", imsi=imsi)

    def hang(self):
        """It keeps its connections and answers nothing."""
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self):
        self.process.send_signal(signal.SIGCONT)

    def die(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        if self.process:
            self.die()
        shutil.rmtree(self.folder, ignore_errors=True)


class Chain:
    """.nodes["pcscf"] and so on are Kamailios, .regmon["pcscf"] what the module tells there."""

    def __init__(self, kept=False):
        self.kept = kept
        self.network = Network(kept)
        self.nodes, self.regmon, self.hss = {}, {}, None
        self.hosts, self.complaints, self.thresholds = None, [], {}

    def start(self):
        self.network.start()
        handle, self.hosts = tempfile.mkstemp(prefix="regmon-hosts-")
        with os.fdopen(handle, "w") as file:
            file.write("127.0.0.1 localhost\n")
            file.writelines(f"{address} {name}.{DOMAIN}\n" for name, address in ADDRESSES.items())
        SECRETS.know("K", K)
        SECRETS.know("OP", OP)
        self.hss = Hss(self.under()).start()
        for name in reversed(NODES):
            self.start_node(name)
        self.await_peers()
        return self

    def _has_peer(self, name):
        """A node may have given its connection up of which the HSS still thinks well."""
        return "I_Open" in json.dumps(self.nodes[name].rpc("cdp.list_peers"))

    def await_peers(self):
        assert eventually(lambda: len(self.hss.state()["peers"]) == 2
                          and self._has_peer("icscf") and self._has_peer("scscf"),
                          timeout=30), "no connection to the HSS"

    def await_no_peers(self):
        """I-CSCF and S-CSCF have noticed that the HSS is gone."""
        assert eventually(lambda: not self._has_peer("icscf") and not self._has_peer("scscf"), timeout=20)

    def set_thresholds(self, **thresholds):
        """of the module, while it runs, in all nodes"""
        self.thresholds.update(thresholds)
        for node in self.nodes.values():
            self._tell_thresholds(node)

    def _tell_thresholds(self, node):
        for name, value in self.thresholds.items():
            node.rpc("cfg.set_now_int", "ims_regmon", name, value)

    def under(self):
        """What a command has to begin with to run in the core, where the nodes' names are known."""
        begin = ["setsid"] if self.kept else dies_with_us()
        return [*begin, *self.network.command("core"), "unshare", "--mount", "sh", "-c",
                'mount --bind "$0" /etc/hosts && exec "$@"', self.hosts]

    def start_node(self, name):
        node = Kamailio("", port=5060, shm_mb=64, under=self.under())
        names = {"FOLDER": node.folder, "EXAMPLES": os.path.join(TOP, "cfg-examples", "ims"), "ROLE": name,
                 "NAME": name, "ADDRESS": ADDRESSES[name]}
        node.text = fill(read("common.cfg") + read(f"{name}.cfg"), **names)
        if name == "pcscf":
            self._make_database(node.path("pua.db"), read(f"{SQL}/standard-create.sql"),
                                read(f"{SQL}/presence-create.sql"))
        else:
            with open(node.path("diameter.xml"), "w") as file:
                file.write(fill(read("diameter.xml"), **names))
        if name == "icscf":
            self._make_database(node.path("icscf.db"), fill(read("icscf.sql")))
        self.nodes[name], self.regmon[name] = node, Regmon(node)
        node.start()
        self._tell_thresholds(node)

    @staticmethod
    def _make_database(path, *scripts):
        with sqlite3.connect(path) as database:
            for script in scripts:
                database.executescript(script)
        database.close()

    def stop_node(self, name):
        node, wrong = self.nodes.pop(name), []
        self.hss.tell_secrets()
        try:
            wrong += self.regmon[name].faults()
        except OSError as error:
            wrong.append(f"check_invariants: {error}")
        wrong += node.stop()
        self.complaints += [f"{name}: {line}" for line in wrong]

    def restart_node(self, name):
        self.stop_node(name)
        self.start_node(name)

    def count(self, name, group, counter):
        """a counter of one of the node's own modules"""
        return int(self.nodes[name].rpc("cnt.grp_get_all", group)[counter])

    def has_binding(self, impu):
        """Does the S-CSCF's own table have a contact for it?"""
        try:
            return bool(self.nodes["scscf"].rpc("ulscscf.showimpu", impu)["contacts"])
        except RpcError:
            return False

    def logs(self):
        """The last of each node's log."""
        return "\n".join(f"== {name}\n{node.log()[-4000:]}" for name, node in self.nodes.items())

    def stop(self):
        """Returns what was wrong with the nodes' lives and ends."""
        for name in list(self.nodes):
            self.stop_node(name)
        if self.hss:
            self.hss.stop()
        self.network.stop()
        if self.hosts:
            os.unlink(self.hosts)
        return self.complaints
