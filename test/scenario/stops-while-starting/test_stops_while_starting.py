# SPDX-License-Identifier: GPL-2.0-or-later
import os
import subprocess
import time

from sip import eventually

HERE = os.path.dirname(os.path.abspath(__file__))


def processes(node):
    """pid -> name, in the order in which the main process forked them"""
    listed = node.rpc("core.ps")
    pairs = sorted(zip((int(pid) for pid in listed[::2]), listed[1::2]))
    return {pid: name for pid, name in pairs if pid != node.process.pid}


def test_while_the_timer_process_begins(start, tmp_path):
    library = tmp_path / "slow_fork.so"
    subprocess.run(["gcc", "-D_GNU_SOURCE", "-shared", "-fPIC", "-o", library, f"{HERE}/slow_fork.c", "-ldl"],
                   check=True)
    node = start()
    assert eventually(lambda: "regmon timer" in processes(node).values())
    names = list(processes(node).values())

    slow = start(under=["env", f"LD_PRELOAD={library}", f"SLOW_FORK={names.index('regmon timer') + 1}"], check=False)
    assert eventually(lambda: len(slow.children()) == len(names) and slow.all_asleep())
    until = time.monotonic() + 12
    while slow.process.poll() is None and time.monotonic() < until:
        slow.process.terminate()  # one that comes before Kamailio waits for signals is slept over
        time.sleep(0.2)
    assert slow.process.poll() == 0
