# SPDX-License-Identifier: GPL-2.0-or-later
import re

import pytest

from kamailio import RpcError
from regmon import Regmon
from sip import eventually
from web import Connection, Web

BAD = '<img src=x onerror=alert(1)>&"\\\u2028</script>'


@pytest.fixture
def node(start):
    return start(parameters=[("http_allow", "127.0.0.1"), ("silence_s", 1), ("no_answer_s", 1)], tcp=True,
                 head="tcp_accept_no_cl=yes\n")


@pytest.fixture
def people(node, core, phones):
    """one registers, one loops, one is refused"""
    core.decide = decide
    good, loops, refused = phones(node, "001010000000101"), phones(node, "001010000000102", device=BAD), phones(
        node, "001010000000103")
    good.registers()
    loops.register()
    for _ in range(4):
        loops.expect(401)
        loops.answer_challenge()
    loops.expect(401)
    refused.register()
    refused.expect(403)
    assert eventually(lambda: "challenge-loop" in Regmon(node).causes("imsi:001010000000102"))
    return good, loops, refused


def decide(core, request):
    if "0103" in request.get("To"):
        return 403, "Forbidden", []
    if "0102" in request.get("To"):
        return core.challenge()
    return core.as_usual(request)


def steady(value):
    """without what time changes in between"""
    if isinstance(value, dict):
        return {key: steady(inner) for key, inner in value.items() if not key.startswith("until")}
    if isinstance(value, list):
        return [steady(inner) for inner in value]
    if isinstance(value, str):
        return re.sub(r"\d[\d.]* (ms|s|min|h)\b( \d+ s)?", "N", value)
    return value


CALLS = [
    ("summary", [], {}), ("list", [], {}), ("list", ["cause=any", "limit=1"], {"cause": "any", "limit": 1}),
    ("list", ["device=<img"], {"device": "<img"}),
    ("why", ["imsi:001010000000102"], {"who": "imsi:001010000000102"}),
    ("why", ["imsi:001010000000101"], {"who": "imsi:001010000000101"}),
    ("show", ["imsi:001010000000103"], {"who": "imsi:001010000000103"}),
    ("timeline", ["imsi:001010000000101"], {"who": "imsi:001010000000101"}),
    ("timeline", ["imsi:001010000000101", "since=1"], {"who": "imsi:001010000000101", "since": 1}),
    ("decode", ["imsi:001010000000101"], {"who": "imsi:001010000000101"}),
    ("rules", ["CSEQ-02"], {"word": "CSEQ-02"}), ("rules", ["limit=5"], {"limit": 5}),
    ("rules", ["CSeq"], {"word": "CSeq"}), ("rules", ["volte", "limit=3"], {"word": "volte", "limit": 3}),
    ("explain", ["401"], {"word": 401}), ("explain", ["reg event"], {"word": "reg event"}), ("explain", [], {}),
    ("profiles", [], {}), ("profiles", ["volte"], {"name": "volte"}),
    ("kpi", [], {}), ("kpi", ["access=NR"], {"access": "NR"}),
    ("top", ["cause"], {"dimension": "cause"}),
    ("top", ["device", "by=attempts", "limit=1"], {"dimension": "device", "by": "attempts", "limit": 1}),
    ("top", ["tac", "window=recent"], {"dimension": "tac", "window": "recent", "by": ""}),
    ("history", [], {}), ("history", ["hours=24"], {"hours": 24}), ("history", ["cursor=9"], {"cursor": 9}),
    ("reginfo", ["imsi:001010000000101"], {"who": "imsi:001010000000101"})]


def test_same_as_rpc(node, people):
    web = Web(node)
    for name, words, parameters in CALLS:
        by_rpc, by_http = Regmon(node).rpc(name, *words), web.api(name, **parameters)
        assert steady(by_http) == steady(by_rpc), (name, words)


def test_decode_text(node, people):
    text = people[0].message(change={"CSeq": "abc REGISTER", "X-<b>": "&<>"})
    by_rpc = Regmon(node).rpc("decode", text)
    assert "note" not in by_rpc
    cut = Regmon(node).rpc("decode", text.removesuffix("\r\n"))
    assert cut["note"] == "the text ends before the empty line that ends the headers"
    web = Web(node)
    assert web.api("decode", text=text) == by_rpc
    assert web.get("/regmon/api/decode", method="POST", body=text).json() == by_rpc
    assert web.get("/regmon/api/decode", method="POST", body=text.replace("\r\n", "\n")).json()["headers"]
    # head and body in one packet: the core has taken the message's Via for one of HTTP then
    connection = Connection(node)
    connection.send(f"POST /regmon/api/decode HTTP/1.1\r\nHost: x\r\nContent-Length: {len(text)}\r\n\r\n{text}")
    assert connection.answer().json() == by_rpc
    connection.close()
    assert any(finding["id"].startswith("CSEQ") for finding in by_rpc["findings"])


REFUSED = [
    ("why", {}, 400, "say who"), ("why", {"who": "imsi:9"}, 404, "imsi:9 is not known"),
    ("why", {"who": "x", "since": 1}, 400, "why takes no parameter 'since'; it takes who"),
    ("summary", {"x": 1}, 400, "summary takes no parameter 'x'"),
    ("list", {"state": "no"}, 400, "state: no such state"), ("list", {"limit": 0}, 400, "limit: 0 is no number"),
    ("list", {"code": "<b>"}, 400, "code: <b> is no number"), ("list", {"cursor": "x"}, 400, "cursor"),
    ("timeline", {"who": "001010000000101", "since": "x"}, 400, "since"),
    ("rules", {"word": "CSEQ-99"}, 404, "CSEQ-0"), ("profiles", {"name": "x"}, 404, "volte"),
    ("kpi", {"access": "moon"}, 400, "access: no access type moon; one of LTE"),
    ("top", {}, 400, "dimension: say of what: one of plmn, tac"),
    ("top", {"dimension": "moon"}, 400, "dimension: no dimension moon"),
    ("top", {"dimension": "tac", "by": "x"}, 400, "by: by= is failures"),
    ("top", {"dimension": "tac", "limit": 0}, 400, "limit: limit= is a number"),
    ("top", {"tac": ""}, 400, "top takes no parameter 'tac'; it takes dimension,by"),
    ("history", {"minutes": 1441}, 400, "minutes= is a number from 1 to 1440"),
    ("history", {"cursor": "x"}, 400, "cursor is what"),
    ("reginfo", {}, 400, "say who"), ("reginfo", {"who": "imsi:9"}, 404, "imsi:9 is not known"),
    ("decode", {}, 400, "say what"), ("decode", {"text": "INVITE%20x"}, 400, "say what"),
    ("explain", {"word": "nonsens"}, 404, "no word known"), ("forget", {"who": "all"}, 404, "no question 'forget'"),
    ("reload", {}, 404, "summary, why, show"), ("", {}, 404, "no question ''")]


def test_refusals(node, people):
    """one code, one sentence"""
    web = Web(node)
    for name, parameters, code, part in REFUSED:
        answer = web.get("/regmon/api/" + name + "?" + "&".join(f"{n}={v}" for n, v in parameters.items()))
        error = answer.json()["error"]
        assert (answer.code, error["code"]) == (code, code), (name, parameters, error)
        assert part in error["message"] and "\n" not in error["message"], (name, error)
    assert eventually(lambda: Regmon(node).count("http_wrong") == len(REFUSED))
    assert web.get("/regmon/nothing").text.startswith("there is nothing here")
    with pytest.raises(RpcError):  # what is refused here is refused there
        Regmon(node).rpc("why", "imsi:9")


def test_headers(node):
    for target in ("/regmon/api/summary", "/regmon/metrics", "/regmon/api/x", "/regmon/x"):
        headers = Web(node).get(target).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy and "*" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == "no-store"


def test_strangers_text_stays_text(node, people):
    """bytes that HTML or a script would take for its own are not there"""
    who = "imsi:001010000000102"
    for name, parameters in (("list", {}), ("show", {"who": who}), ("why", {"who": who}), ("list", {"device": "img"})):
        body = Web(node).get(f"/regmon/api/{name}" + "?" + "&".join(f"{n}={v}" for n, v in parameters.items())).body
        for part in (b"<", b">", b"&", "\u2028".encode()):
            assert part not in body
        assert b"\\u003cimg src=x onerror=" in body
    # what ends a line of a script without being seen does not get through
    assert Web(node).api("show", who=who)["phones"][0]["device"] == BAD.replace("\u2028", "???")


def test_history_has_the_sums_of_the_windows(node, people):
    def read():
        history, hours, hour = (Web(node).api("history", minutes=60), Web(node).api("history", hours=2),
                                Web(node).api("summary")["last_hour"])
        rows = [(sum(row[name] for row in answer["rows"])) for answer in (history, hours)
                for name in ("ended", "succeeded", "failed")]
        return rows == 2 * [hour["ended"], hour["succeeded"], hour["failed"]] and history
    history = eventually(read)
    assert history and history["rows"][0]["succeeded"] >= 1 and "p95_ms" in history["rows"][0]
    assert "ended" in node.kamcmd("ims_regmon.history")


def test_reginfo_of_many_bindings(node, phones):
    """as much as one answer holds, and how much is left out"""
    for i in range(30):
        phone = phones(node, "001010000000500", imei=f"35609911-{i:06d}-0", host=f"10.46.0.{i}",
                       device="x", call_id=f"many-{i}")
        phone.registers()
    document = Web(node).api("reginfo", who="imsi:001010000000500")["document"]
    shown = document.count("<contact ")
    assert shown > 5 and document.endswith("</reginfo>\n")
    if shown < 30:
        assert f"<!-- {30 - shown} more do not fit" in document


def test_list_by_cursor(node, phones):
    """all of them, each once, however hostile their names are"""
    wanted = set()
    for i in range(120):
        phone = phones(node, f"0010100000{i:05d}", device="<" * 200)
        phone.register()
        phone.expect(401)
        wanted.add(phone.impu)
    web = Web(node)
    found, answer, pages = [], {"cursor": "0"}, 0
    while "cursor" in answer:
        answer = web.api("list", limit=200, cursor=answer["cursor"])
        assert "incomplete" not in answer
        assert answer["shown"] == len(answer["phones"]) > 0
        assert answer.get("more", 0) == 120 - len(found) - answer["shown"]
        found += [phone["impu"] for phone in answer["phones"]]
        pages += 1
    assert pages > 2 and len(found) == len(set(found)) and set(found) == wanted


def test_rules_by_cursor(node):
    web = Web(node)
    found, answer = [], {"cursor": "0"}
    while "cursor" in answer:
        answer = web.api("rules", cursor=answer["cursor"])
        found += [rule["id"] for rule in answer["rules"]]
    assert len(found) == len(set(found)) > 150
