# SPDX-License-Identifier: GPL-2.0-or-later
"""A network namespace of its own with a loopback interface (root only)."""
import contextlib
import ctypes
import os
import subprocess

CLONE_NEWNET = 0x40000000


class Namespace:
    """Kamailio runs in it under .command; sockets made inside .inside() stay in it."""

    def __enter__(self):
        # lives as long as this process: its file below /proc is the handle
        self.holder = subprocess.Popen(
            ["unshare", "--net", "sh", "-c", "ip link set lo up && echo up && exec sleep 600"],
            stdout=subprocess.PIPE, text=True)
        assert self.holder.stdout.readline() == "up\n", "no network namespace"
        self.path = f"/proc/{self.holder.pid}/ns/net"
        self.command = ["nsenter", f"--net={self.path}", "--"]
        return self

    def __exit__(self, *unused):
        self.holder.kill()
        self.holder.wait()

    @contextlib.contextmanager
    def inside(self):
        libc = ctypes.CDLL(None, use_errno=True)
        with open("/proc/thread-self/ns/net") as home, open(self.path) as there:
            if libc.setns(there.fileno(), CLONE_NEWNET):
                raise OSError(ctypes.get_errno(), "setns")
            try:
                yield
            finally:
                libc.setns(home.fileno(), CLONE_NEWNET)
