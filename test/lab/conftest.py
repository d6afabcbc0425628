# SPDX-License-Identifier: GPL-2.0-or-later
"""The chain as a fixture, one for each file of tests.

    PHONES=200   how many phones SIPp lets register (healthy run)
    LAB=short    only what `make test` wants
    KEEP=1       the last chain goes on running; the end of the output says how to look"""
import os
import signal
import sys

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(1, os.path.join(os.path.dirname(HERE), "scenario"))

import confidential  # noqa: E402
import network  # noqa: E402
from chain import NODES, Chain  # noqa: E402
from confidential import no_secret_is_shown, no_secret_was_shown  # noqa: E402,F401
from expected import SHORT  # noqa: E402
from kamailio import KAMCMD, MODULE  # noqa: E402

KEEP = os.environ.get("KEEP", "0") not in ("", "0")
IS_SHORT = os.environ.get("LAB") == "short"
PHONES = int(os.environ.get("PHONES") or (20 if IS_SHORT else 200))

missing = network.missing()
lines = []  # for the end of the output
kept = []


def pytest_configure(config):
    if not os.path.exists(MODULE):
        pytest.exit(f"there is no {MODULE}; 'make' builds it", returncode=1)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a kill ends as Ctrl-C does


def pytest_collection_modifyitems(config, items):
    for item in items:
        if missing and "chain" in item.fixturenames:
            item.add_marker(pytest.mark.skip(reason=missing))
    if IS_SHORT:
        unwanted = [item for item in items if "case" in getattr(item, "fixturenames", ())
                    and item.callspec.params["case"] not in SHORT]
        config.hook.pytest_deselected(items=unwanted)
        items[:] = [item for item in items if item not in unwanted]


def pytest_terminal_summary(terminalreporter):
    if missing:
        terminalreporter.write_line(f"lab: skipped, {missing}")
    for line in lines:
        terminalreporter.write_line(line)
    confidential.pytest_terminal_summary(terminalreporter)


@pytest.fixture
def say():
    """say(LINE) writes to the end of the output"""
    return lines.append


@pytest.fixture(scope="module")
def chain(request):
    chain = Chain(kept=KEEP)
    try:
        chain.start()
        # causes that take time are named sooner than by default; a grant of seconds is no trouble here
        chain.set_thresholds(silence_s=2, no_answer_s=2, short_grant_s=1)
        yield chain
        if KEEP and request.session.items[-1].module is request.module:
            tell_how_to_look(chain)
            kept.append(chain)
    finally:
        print(chain.logs())  # pytest shows it when something failed
        wrong = [] if chain in kept else chain.stop()
    assert not wrong, "\n".join(wrong)


def tell_how_to_look(chain):
    lines.append("")
    lines.append("The chain goes on running. Look at each node with")
    for name in NODES:
        lines.append(f"  {KAMCMD} -s unix:{chain.nodes[name].path('kamailio_ctl')} ims_regmon.summary   # {name}")
    lines.append("(or list, why WHO, timeline WHO, ...), at the HSS with")
    lines.append(f"  {sys.executable} {os.path.join(HERE, 'ask_hss.py')} {chain.hss.folder}/control state")
    lines.append("at the packets with")
    lines.append(f"  {' '.join(chain.network.command('core'))} tcpdump -ni any port 5060")
    pids = [node.process.pid for node in chain.nodes.values()] + [chain.hss.process.pid]
    pids += [holder.pid for holder in chain.network.holders.values()]
    folders = [node.folder for node in chain.nodes.values()] + [chain.hss.folder, chain.hosts]
    lines.append("and stop it with")
    lines.append(f"  kill {' '.join(map(str, pids))}; sleep 2; rm -r {' '.join(folders)}")
