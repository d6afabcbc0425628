# SPDX-License-Identifier: GPL-2.0-or-later
import json
import os
import re
import unicodedata

import pytest

from kamailio import RpcError
from regmon import Regmon
from schema import check_record
from sip import DOMAIN, eventually
from web import Web

# sets a title, clears the screen, a control in UTF-8 and one of a single byte, turns the direction, ends a line of JavaScript
ESCAPES = "\x1b]0;owned\x07\x1b[2J\u009b31m\u202eback\u2066\u2028\x7f"
FOLDED = "fine\r\n 0(1) NOTICE: ims_regmon [forged.c:1]: owned"
FORMAT = "%s%n%x %1$s {{7*7}} ${jndi:x} `id`"
MARKUP = "<img src=x onerror=alert(1)>\"'&]]>--></script>"
HOSTILE = {
    "User-Agent": "{}", "Call-ID": "call{}", "Supported": "path, {}", "X-Strange": "{}", "Max-Forwards": "70{}",
    "P-Access-Network-Info": "3GPP-NR-FDD{};utran-cell-id-3gpp=00101000001{}", "Security-Client": "ipsec-3gpp;alg={}",
    "Contact": '<sip:{}@10.45.0.7>;+sip.instance="<urn:gsma:imei:{}>"',
    "Authorization": f'Digest username="{{}}@{DOMAIN}",realm="{{}}",nonce="{{}}",uri="{{}}",response="",algorithm={{}}'}
TEXTS = {"escapes": ESCAPES, "folded": FOLDED, "format": FORMAT, "markup": MARKUP}
COMMANDS = ["why", "show", "timeline", "ladder", "decode", "reginfo"]
ROUTES = "".join(f'event_route[regmon:{name}] {{ xlog("L_NOTICE", "TOLD $regmon(json)\\n"); }}\n'
                 for name in ("state", "finding", "cause", "record"))


def obeyed(text, plain="\n"):
    """characters of a text that a terminal or a reader's eye obeys"""
    return {c for c in text if c not in plain and unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp", "Cs")} | (
        {"\ufffd"} & set(text))


def hostile_messages(phones, node):
    """(name of the phone to ask for, its REGISTER) for each header and each text"""
    number = 0
    for header, pattern in HOSTILE.items():
        for kind, text in TEXTS.items():
            if kind == "folded" and header == "Max-Forwards":
                continue  # Kamailio's own business
            number += 1
            phone = phones(node, f"0010100000{number:05d}")
            yield phone, phone.message(change={header: pattern.replace("{}", text)})
    # what is decoded before it is kept
    phone = phones(node, "001010000099999", impu="sip:%1b%5b2J%9b%e2%80%ae%0d%0a0(1)%00x@" + DOMAIN)
    yield phone, phone.message()


@pytest.fixture
def told(start, phones, core, tmp_path):
    core.decide = lambda core, request: (403, f"No {ESCAPES}{MARKUP}", [("X-Core", ESCAPES)])
    path = str(tmp_path / "records")
    node = start(parameters=[("record_file", path), ("http_allow", "127.0.0.1")], tcp=True,
                 head="tcp_accept_no_cl=yes\n", more=ROUTES)
    messages = list(hostile_messages(phones, node))
    for phone, text in messages:
        phone.send(text)
        phone.receive(1)
    regmon = Regmon(node)
    assert eventually(lambda: regmon.count("registers") >= len(messages) - 3), regmon.counters()
    assert eventually(lambda: regmon.count("events_waiting") == 0 and os.path.exists(path))
    rows = regmon.list("limit=200")
    assert len(rows) >= 30
    return node, regmon, rows, path


def test_kamcmd(told):
    node, _, rows, _ = told
    texts = [node.kamcmd(f"ims_regmon.{command}", *words) for command, words in [
        ("list", ["limit=200"]), ("summary", []), ("top", ["device"]), ("top", ["cell"]), ("kpi", []),
        ("check_invariants", [])]]
    for row in rows:
        texts += [node.kamcmd(f"ims_regmon.{command}", "impu:" + row["impu"]) for command in COMMANDS]
    whole = "".join(texts)
    assert "owned" in whole and "img src=x" in whole, "it is shown, as text"
    assert obeyed(whole, "\n\t") == set(), sorted(map(ascii, obeyed(whole, "\n\t")))
    # and what a person has copied and asks for
    told_back = node.kamcmd("ims_regmon.decode", "REGISTER sip:a SIP/2.0\\nX-\x1b[2Jname: \x1b]0;owned\x07\\n")
    assert "X-" in told_back and obeyed(told_back, "\n\t") == set()


def test_log(told):
    node, _, rows, _ = told
    of_us = [line for line in node.log().splitlines() if "ims_regmon" in line or "TOLD" in line]
    assert len(of_us) > len(rows)
    for line in of_us:
        assert re.match(r" ?\d+\(\d+\) [A-Z]+: ", line), ascii(line)
        assert obeyed(line, "") == set(), ascii(line)
    assert not [line for line in node.log().splitlines() if re.match(r" 0\(1\) NOTICE", line)], "a forged line"


def test_records(told):
    with open(told[3], encoding="utf-8") as file:
        lines = file.read().split("\n")
    assert len(lines) > 20 and lines[-1] == ""
    for line in lines[:-1]:
        assert obeyed(line, "") == set(), ascii(line)
        check_record(line)


def test_http(told):
    node, _, rows, _ = told
    web = Web(node)
    for row in rows:
        for command in ("why", "show", "timeline", "ladder", "decode"):
            assert web.api(command, who="impu:" + row["impu"])["phones"], row
    for target in ("list?limit=200", "summary", "top?dimension=device", "kpi"):
        body = web.get(f"/regmon/api/{target}").body.decode()
        json.loads(body)
        assert obeyed(body) == set() and not set("<>&") & set(body), target
    metrics = web.get("/regmon/metrics").body.decode()
    assert obeyed(metrics) == set() and "owned" not in metrics


def test_refusals_of_rpc_stay_valid(told):
    """what a person types may be hostile, too: a page's link, a ticket"""
    node, regmon, _, _ = told
    for word in (ESCAPES, MARKUP, FORMAT, FOLDED):
        with pytest.raises(RpcError) as refused:
            regmon.show("impu:" + word)
        assert obeyed(refused.value.message, "") == set()
        answer = Web(node).get("/regmon/api/show?who=" + "".join(f"%{byte:02x}" for byte in word.encode()))
        assert answer.code in (400, 404) and obeyed(answer.text) == set()
