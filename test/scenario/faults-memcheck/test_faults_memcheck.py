# SPDX-License-Identifier: GPL-2.0-or-later
import glob
import os
import re

import pytest

from faults import WITH_FAULTS
from kamailio import TOP, RpcError
from regmon import Regmon
from sip import eventually
from web import Web

COMMANDS = ["why", "show", "timeline", "ladder", "decode", "reginfo"]


def reports(folder):
    """memcheck's reports in which a line of ours stands, and how many there are of others"""
    ours, others = [], 0
    for path in glob.glob(os.path.join(folder, "memcheck.*")):
        with open(path, errors="replace") as file:
            text = re.sub(r"^==\d+== ?", "", file.read(), flags=re.MULTILINE)
        for report in re.split(r"\n\n", text):
            if " at 0x" not in report:
                continue
            if re.search(re.escape(TOP) + r"/(?!test/)", report):
                ours.append(report)
            else:
                others += 1
    return ours, others


@pytest.mark.skipif(not os.environ.get("VALGRIND"), reason="takes minutes: make valgrind")
def test_under_memcheck(start, phones, tmp_path):
    (tmp_path / "profiles.xml").write_text('<profiles><profile name="strict" parent="ims"/></profiles>')
    node = start(modules=WITH_FAULTS, tcp=True, head="tcp_accept_no_cl=yes\n", check=False, start_s=200, parameters=[
        ("http_allow", "127.0.0.1"), ("record_file", str(tmp_path / "records")),
        ("profile_file", str(tmp_path / "profiles.xml")), ("profile", "strict"), ("max_registrations", 50)], under=[
            "env", "REGMON_FAULTS_PKG=system", "valgrind", "-q", "--fullpath-after=", "--num-callers=30",
            f"--log-file={tmp_path}/memcheck.%p"])
    regmon, web = Regmon(node), Web(node)
    for number in range(60):
        phone = phones(node, f"00101{number:010d}")
        phone.register()
        assert phone.receive(30).code == 401
        if number % 5 == 0:
            continue
        phone.answer_challenge()
        assert phone.receive(30).code == 200
    phone.refresh()
    phone.deregister()
    text = phone.message(cseq=50)
    for at in range(10, len(text), 40):  # cut, and with a byte that is none
        phone.send(text[:at])
        phone.send(text[:at] + "\x01" + text[at + 1:])
    assert eventually(lambda: regmon.count("attempts_initial") >= 60, timeout=60)
    assert eventually(lambda: regmon.count("records_written") >= 48, timeout=60)
    for command in COMMANDS:
        regmon.rpc(command, "imsi:" + phone.imsi)
    for command in (("list",), ("summary",), ("kpi",), ("top", "device"), ("rules",), ("explain", "401"), ("profiles",)):
        regmon.rpc(*command)
    with pytest.raises(RpcError):
        regmon.rpc("why", "imsi:1")
    for name in ("", "/metrics", "/api/summary", "/api/list", "/api/rules", "/api/nothing"):
        web.get("/regmon" + name)
    regmon.rpc("reload")
    phones(node, "001010000009999").register()
    assert regmon.faults() == []
    regmon.forget()
    children = len(node.children())
    wrong = node.stop()
    ours, others = reports(tmp_path)
    print(f"{children} processes; memcheck's reports: {len(ours)} with lines of ours, {others} of Kamailio alone")
    assert len(glob.glob(os.path.join(tmp_path, "memcheck.*"))) > children, "each process has its file"
    assert not ours, "\n\n".join(ours[:5])
    assert not wrong
