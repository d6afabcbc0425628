# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tests of faults share: the module regmon_faults (test/faults), and how long
the tests are (FAULTS=long, set by `make faults`)."""
import copy
import glob
import os
import re
import subprocess

from kamailio import MODULE, MODULES

LONG = os.environ.get("FAULTS") == "long"
WITH_FAULTS = ["regmon_faults", *MODULES]


class Faults:
    """The RPC commands of regmon_faults at a node; its module has to stand first there."""

    def __init__(self, node):
        self.node = node

    def shm(self, nth, times=1, module="ims_regmon", function=""):
        self.node.rpc("regmon_faults.shm", nth, times, module, function)

    def pkg(self, nth, times=1, module="ims_regmon", function=""):
        self.node.rpc("regmon_faults.pkg", nth, times, module, function)

    def seen(self):
        return self.node.rpc("regmon_faults.seen")

    def eat(self, leave):
        return self.node.rpc("regmon_faults.eat", leave)

    def give_back(self):
        return self.node.rpc("regmon_faults.give_back")


def another(node):
    """the same node, to be asked by another thread"""
    twin = copy.copy(node)
    twin.json_socket = None
    twin.path = lambda name: node.path("another" if name == "client" else name)
    return twin


def at_start(what, order):
    """for start(under=...): which allocations fail from the first moment on"""
    return ["env", f"REGMON_FAULTS_{what}={order}"]


def offset_of(function):
    """where a function begins in ims_regmon.so"""
    names = subprocess.run(["nm", MODULE], capture_output=True, text=True, check=True).stdout
    return "0x" + re.search(rf"^([0-9a-f]+) [tT] {function}$", names, re.MULTILINE).group(1)


def own_lines(node, level="(ERROR|WARNING|CRITICAL|ALERT)"):
    """what the module itself has to say in the log"""
    return [line for line in node.log().splitlines() if re.search(rf"{level}: ims_regmon ", line)]


def processes(node):
    """pid -> what core.ps calls it, the main process apart"""
    listed = node.rpc("core.ps")
    pairs = zip((int(pid) for pid in listed[::2]), listed[1::2])
    return {pid: name for pid, name in pairs if pid != node.process.pid}


def process(node, name):
    """the pid of the first one whose name begins so"""
    return next(pid for pid, found in processes(node).items() if found.startswith(name))


class Clock:
    """The clock that a node sees (libfaketime): .under() for start(under=...), jump() while it runs."""

    def __init__(self, folder):
        self.file = os.path.join(folder, "clock")
        found = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
        self.library = found[0] if found else None
        self._write(0)

    def _write(self, ahead_s):
        with open(self.file + ".new", "w") as file:
            file.write(f"{ahead_s:+d}\n")
        os.replace(self.file + ".new", self.file)

    def under(self, all_clocks=False):
        """all_clocks: that which only runs forward, too; otherwise it is as when somebody sets the date"""
        return ["env", f"LD_PRELOAD={self.library}", f"FAKETIME_TIMESTAMP_FILE={self.file}", "FAKETIME_NO_CACHE=1",
                f"FAKETIME_DONT_FAKE_MONOTONIC={int(not all_clocks)}", "FAKETIME_DONT_RESET=1"]

    def jump(self, ahead_s):
        self._write(ahead_s)
