# SPDX-License-Identifier: GPL-2.0-or-later
import pathlib
import socket
import time

import pytest

from confidential import SECRETS
from kamailio import RpcError
from regmon import Regmon

CORPUS = pathlib.Path(__file__).resolve().parents[4] / "shared" / "corpus"
FILES = sorted(CORPUS.glob("**/*.sip")) if CORPUS.is_dir() else []

pytestmark = pytest.mark.skipif(not FILES, reason="no corpus beside the project")

# Answers whatever gets that far with 403, and to the sender, whatever its Via says: no message here may end as a
# success, and no answer may leave this machine.
REFUSE = 'request_route { force_rport(); if(is_method("REGISTER")) sl_send_reply("403", "Not here"); exit; }'


@pytest.fixture
def refusing(start):
    # Kamailio's own parser complains loudly about torture messages: the log is no measure here
    return start(route=REFUSE, check=False)


def send_all(port, files):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
        phone.bind(("127.0.0.1", 0))
        for file in files:
            data = file.read_bytes()
            if data and len(data) < 65000 and b"maddr" not in data.lower():
                SECRETS.learn(data)
                phone.sendto(data, ("127.0.0.1", port))
                time.sleep(0.002)


def test_no_message_crashes_or_succeeds(refusing):
    regmon = Regmon(refusing)
    for _ in range(2):
        send_all(refusing.port, FILES)
    time.sleep(0.5)
    counters = regmon.counters()
    assert counters["registers"] > len(FILES) // 4, "most REGISTERs of the corpus reach the module"
    assert counters["answers_4xx"] > 0
    for name, value in counters.items():
        if name.startswith("successes") or name == "answers_2xx":
            assert value == 0, name
    assert regmon.faults() == []


def test_every_message_can_be_decoded(refusing):
    regmon = Regmon(refusing)
    refused = []
    for file in FILES:
        text = file.read_bytes().decode("utf-8", "replace")
        try:
            decoded = regmon.rpc("decode", text)
            assert decoded["verdict"], file
        except RpcError as error:
            refused.append((file, error))
    # requests other than REGISTER and texts without a start line are refused in words
    for file, error in refused:
        start = file.read_bytes().lstrip()[:9]
        assert not start.startswith(b"REGISTER "), (file, str(error))


def test_what_the_handset_sent_has_no_error(refusing):
    regmon = Regmon(refusing)
    handset = [file for file in FILES if "captures/open5gs" in str(file)]
    assert handset
    for file in handset:
        decoded = regmon.rpc("decode", file.read_bytes().decode())
        errors = [f["id"] for f in decoded.get("findings", []) if f["severity"] == "error"]
        # the capture shows ck and ik on the way to the phone: the proxy's fault, told as such
        assert errors in ([], ["R401-03"]), (file, errors)
