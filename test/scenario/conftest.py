# SPDX-License-Identifier: GPL-2.0-or-later
"""Fixtures: each test gets a private Kamailio with ims_regmon, a core behind it
and phones before it; at the end nothing may be left, in the log or in the table."""
import os

import pytest

from confidential import no_secret_is_shown, no_secret_was_shown, pytest_terminal_summary  # noqa: F401
from kamailio import MODULE, Kamailio, configuration
from regmon import Regmon
from sip import Core, Phone


def pytest_configure(config):
    if not os.path.exists(MODULE):
        pytest.exit(f"there is no {MODULE}; 'make' builds it", returncode=1)


def pytest_terminal_summary(terminalreporter):
    """what tests measured: record_property("measured", ...)"""
    for report in terminalreporter.getreports("passed"):
        for name, value in report.user_properties:
            if name == "measured":
                terminalreporter.write_line(f"{report.nodeid.rpartition('::')[2]}: {value}")


@pytest.fixture
def core():
    core = Core()
    yield core
    core.close()


@pytest.fixture
def start(core):
    """start(parameters=..., route=..., ...) -> Kamailio; words for kamailio.Kamailio
    (shm_mb, defines, ...) and for kamailio.configuration."""
    started = []
    own = ("core_port", "port", "shm_mb", "defines", "under", "check", "start_s")

    def run(text=None, **how):
        mine = {key: how.pop(key) for key in own if key in how}
        mine.setdefault("core_port", core.port)
        node = Kamailio(text or configuration(**how), **mine)
        started.append(node)
        return node.start()

    yield run
    wrong = []
    for node in started:
        if node.process and node.process.poll() is None and "ims_regmon.so" in node.text:
            try:
                wrong += Regmon(node).faults()
            except OSError as error:
                wrong.append(f"check_invariants: {error}")
        print(f"log of Kamailio on port {node.port}:\n{node.log()[-4000:]}")  # pytest shows it when the test failed
        wrong += node.stop()
    assert not wrong, "\n".join(wrong)


@pytest.fixture
def pcscf(start):
    """The usual node. Causes that need time are named after 1 second."""
    return start(parameters=[("silence_s", 1), ("no_answer_s", 1)])


@pytest.fixture
def regmon(pcscf):
    return Regmon(pcscf)


@pytest.fixture
def phones():
    """phones(node, imsi, ...) -> Phone, closed at the end."""
    made = []

    def make(node, imsi="001010000000101", **how):
        made.append(Phone(node.port, imsi, **how))
        return made[-1]

    yield make
    for phone in made:
        phone.close()


@pytest.fixture
def phone(pcscf, phones):
    return phones(pcscf)
