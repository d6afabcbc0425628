# SPDX-License-Identifier: GPL-2.0-or-later
import gzip
import http.client
import os
import re
import shutil
import socket
import subprocess

import pytest

from confidential import SECRETS
from kamailio import MODULES, RELAY, DoesNotStart
from regmon import Regmon
from sip import eventually
from tls import Tls
from web import Connection, Web

ALLOW = [("http_allow", "127.0.0.1")]
NO_CL = "tcp_accept_no_cl=yes\n"
OTHERS = RELAY + """
event_route[xhttp:request] {
	xhttp_reply("200", "OK", "text/plain", "of the script: $hu\\n");
}
"""
ASKS = RELAY + """
event_route[xhttp:request] {
	if(ims_regmon_http()) {
		exit;
	}
	xhttp_reply("200", "OK", "text/plain", "of the script: $hu\\n");
}
"""


def warnings(node):
    return [line for line in node.log().splitlines() if "http_allow is set" in line]


def check_ours(node):
    web = Web(node)
    summary = web.get("/regmon/api/summary")
    assert summary.code == 200
    assert summary.json()["registrations"]["all"] == 0
    assert "ims_regmon_build_info" in web.get("/regmon/metrics").text
    assert web.get("/regmon/api/nothing").code == 404
    assert eventually(lambda: Regmon(node).count("http_answered") == 2)
    assert eventually(lambda: Regmon(node).count("http_wrong") == 1)


def check_others(node):
    """what is not below http_path goes to xhttp"""
    for target in ("/", "/rpc", "/regmonitor", "/x/regmon"):
        answer = Web(node).get(target)
        assert (answer.code, answer.text) == (200, f"of the script: {target}\n")


@pytest.mark.parametrize("modules", [["pv", "counters"], MODULES])
def test_own_hook_without_xhttp(start, modules):
    """also without sl, which xhttp answers through"""
    route = "request_route { exit; }\n" if "sl" not in modules else RELAY
    node = start(modules=modules, parameters=ALLOW, tcp=True, head=NO_CL, route=route)
    check_ours(node)
    assert warnings(node) == []


def test_xhttp_first_with_url_skip(start):
    node = start(modules=MODULES + ["xhttp"], parameters=ALLOW, tcp=True, head=NO_CL, route=OTHERS,
                 more='modparam("xhttp", "url_skip", "^/regmon(/|\\?|$)")\n')
    check_ours(node)
    check_others(node)
    assert warnings(node) == []


def test_xhttp_first_and_the_script_asks(start):
    node = start(modules=MODULES + ["xhttp"], parameters=ALLOW, tcp=True, head=NO_CL, route=ASKS)
    check_ours(node)
    check_others(node)
    assert warnings(node) == []


@pytest.mark.parametrize("route", [OTHERS, ASKS])
def test_xhttp_behind_us(start, route):
    node = start(modules=MODULES + ["xhttp"], regmon="xhttp", parameters=ALLOW, tcp=True, head=NO_CL, route=route)
    check_ours(node)
    check_others(node)
    assert warnings(node) == []


def test_lua_script_asks(start, tmp_path):
    (tmp_path / "route.lua").write_text("""
function ksr_request_route() end
function ksr_http(name)
	if KSR.ims_regmon.http() < 0 then
		KSR.xhttp.xhttp_reply(200, "OK", "text/plain", "of the script")
	end
end
""")
    node = start(modules=["app_lua"] + MODULES + ["xhttp"], parameters=ALLOW, tcp=True, head=NO_CL,
                 more=f'modparam("app_lua", "load", "{tmp_path}/route.lua")\ncfgengine "lua"\n'
                      'modparam("xhttp", "event_callback", "ksr_http")\n', route="")
    assert Web(node).api("summary")["registrations"]["all"] == 0
    assert warnings(node) == []


def test_another_path(start):
    node = start(parameters=ALLOW + [("http_path", "/ims/watch.v1")], tcp=True, head=NO_CL)
    assert Web(node).get("/ims/watch.v1/api/summary").json()["registrations"]["all"] == 0
    connection = Connection(node, timeout=0.5)
    connection.send("GET /regmon/api/summary HTTP/1.1\r\nHost: x\r\n\r\n")
    with pytest.raises(TimeoutError):
        connection.answer()  # nobody gives one
    connection.close()


@pytest.mark.parametrize("path, location", [("/regmon", "regmon/"), ("/ims/watch.v1", "watch.v1/")])
def test_files_of_the_page(start, path, location):
    """relative to where it is, whole, and not sent again when they are known"""
    node = start(parameters=ALLOW + [("http_path", path)], tcp=True, head=NO_CL)
    web = Web(node)
    moved = web.get(path)
    assert (moved.code, moved.headers["location"]) == (302, location)
    page = web.get(path + "/", Accept_Encoding="gzip")
    assert page.code == 200 and page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["content-encoding"] == "gzip"
    html = gzip.decompress(page.body).decode()
    names = {name for name in re.findall(r'(?:src|href)="assets/([^"]+)"', html)}
    names |= {name for file in list(names) if file.endswith(".js")
              for name in imports_of(web, path, file)}
    assert {"page.js", "style.css", "icon.svg", "ladder.js"} <= names
    for name in names:
        file = web.get(f"{path}/assets/{name}")
        assert file.code == 200 and len(gzip.decompress(file.body)) > 200, name
        known = Connection(node)
        known.send(f"GET {path}/assets/{name} HTTP/1.1\r\nHost: x\r\nIf-None-Match: {file.headers['etag']}\r\n\r\n"
                   f"GET {path}/api/summary HTTP/1.1\r\nHost: x\r\n\r\n")
        assert known.answer(with_body=False).code == 304
        assert known.answer().json()["role"]  # follows at once
        known.close()
    assert web.get(f"{path}/assets/nothing.js").code == 404
    assert web.get(f"{path}/assets/../assets/page.js").code == 404
    assert web.get(path + "/", method="POST", body="x").code == 405


def imports_of(web, path, file, seen=None):
    seen = seen if seen is not None else set()
    text = gzip.decompress(web.get(f"{path}/assets/{file}").body).decode()
    for name in re.findall(r'from "\./([^"]+)"', text):
        if name not in seen:
            seen.add(name)
            imports_of(web, path, name, seen)
    return seen


def test_tls(start, tmp_path):
    tls = Tls(tmp_path)
    node = start(modules=MODULES + ["tls"], parameters=ALLOW, tcp=True,
                 head=NO_CL + tls.head, more=tls.more)
    web = http.client.HTTPSConnection("127.0.0.1", tls.port, timeout=10, context=tls.context)
    for _ in range(3):  # on one connection
        web.request("GET", "/regmon/api/rules")
        answer = web.getresponse()
        assert answer.status == 200 and len(answer.read()) > 20000
    web.close()
    assert node.rpc("core.uptime")


def test_curl_and_head(start):
    node = start(parameters=ALLOW, tcp=True, head=NO_CL)
    address = f"http://127.0.0.1:{node.port}/regmon/api/summary"
    if shutil.which("curl") is None:
        pytest.skip("no curl")
    for more in ([], ["--http1.0"], ["-H", "Connection: close"]):
        done = subprocess.run(["curl", "-s", "-S", "--fail", "--max-time", "10", *more, address], capture_output=True)
        assert done.returncode == 0 and b'"registrations"' in SECRETS.check("curl", done.stdout), done
    done = subprocess.run(["curl", "-s", "-S", "-I", "--max-time", "10", address], capture_output=True, text=True)
    assert done.stdout.startswith("HTTP/1.1 200 OK"), done


# ---- who may look ----

def test_nobody_by_default(start):
    """not even asked: what has our path may be somebody else's"""
    node = start(modules=MODULES + ["xhttp"], regmon="xhttp", tcp=True, head=NO_CL, route=OTHERS)
    assert Web(node).get("/regmon/api/summary").text == "of the script: /regmon/api/summary\n"
    assert warnings(node) == []


def test_nobody_by_default_when_the_script_asks(start):
    node = start(modules=MODULES + ["xhttp"], tcp=True, head=NO_CL, route=ASKS)
    answer = Web(node).get("/regmon/metrics")
    assert answer.code == 403 and "http_allow" in answer.text
    assert eventually(lambda: Regmon(node).count("http_forbidden") == 1)


@pytest.mark.parametrize("allow, source, code", [
    ("127.0.0.1", "127.0.0.1", 200), ("127.0.0.1", "127.0.0.2", 403), ("10.0.0.0/8 127.0.0.0/30", "127.0.0.2", 200),
    ("10.0.0.0/8,127.0.0.0/30", "127.0.0.9", 403), ("::1", "127.0.0.1", 403), ("0.0.0.0/0", "127.1.2.3", 200)])
def test_addresses(start, allow, source, code):
    node = start(parameters=[("http_allow", allow)], tcp=True, head=NO_CL)
    answer = Web(node).get("/regmon/api/summary", source=source)
    assert answer.code == code
    if code == 403:
        assert answer.text.count("\n") == 1 and "http_allow" in answer.text
        assert answer.headers["connection"] == "close"
    # counted behind the sending
    assert eventually(lambda: Regmon(node).count("http_answered" if code == 200 else "http_forbidden") == 1)
    assert Regmon(node).count("http_forbidden" if code == 200 else "http_answered") == 0


def test_ipv6(start):
    if not os.path.exists("/proc/net/if_inet6") or "lo" not in open("/proc/net/if_inet6").read():
        pytest.skip("no IPv6 on this machine")
    node = start(parameters=[("http_allow", "::1")], tcp=True, head=NO_CL + "listen=tcp:[::1]:PORT\n")
    assert Web(node, "::1").get("/regmon/api/summary").code == 200
    assert Web(node).get("/regmon/api/summary").code == 403


def test_never_over_udp(start):
    """the source of a datagram is anybody's word"""
    node = start(parameters=[("http_allow", "0.0.0.0/0")], tcp=True, head=NO_CL)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(0.5)
        client.sendto(b"GET /regmon/metrics HTTP/1.1\r\nHost: x\r\n\r\n", ("127.0.0.1", node.port))
        with pytest.raises(TimeoutError):
            client.recv(100)
    assert Regmon(node).count("http_answered") == 0


# ---- what the start says ----

@pytest.mark.parametrize("how, words", [
    (dict(tcp=False, head=NO_CL), ["no TCP listener", "listen=tcp:", "disable_tcp=yes"]),
    (dict(tcp=False), ["no TCP listener", "tcp_accept_no_cl=yes"]),
    (dict(tcp=True), ["tcp_accept_no_cl=yes"]),
    (dict(tcp=True, head=NO_CL + "tcp_async=no\n"), ["tcp_async=no"]),
    (dict(tcp=True, head=NO_CL, modules=MODULES + ["xhttp"], route=OTHERS), ["url_skip", "^/regmon", "ims_regmon_http()"]),
    (dict(tcp=True, head=NO_CL, modules=MODULES + ["xhttp"], route=OTHERS,
          more='modparam("xhttp", "url_skip", "^/other")\n'), ["url_skip", "^/regmon"])])
def test_what_is_missing_is_said_once(start, how, words):
    node = start(parameters=ALLOW, **how)
    lines = warnings(node)
    assert len(lines) == 1, node.log()
    for word in words:
        assert word in lines[0]
    assert len([line for line in node.log().splitlines() if "WARNING" in line and "ims_regmon" in line]) == 1


def test_nothing_is_said_without_http_allow(start):
    node = start()
    assert "http" not in node.log()


@pytest.mark.parametrize("name, value, words", [
    ("http_allow", "127.0.0.1,localhost", ["'localhost'"]),
    ("http_allow", "10.0.0.1/8", ["'10.0.0.1/8'", "bits behind"]),
    ("http_allow", "10.0.0.0/33", ["'10.0.0.0/33'", "0 to 32"]),
    ("http_path", "regmon", ["/regmon"]), ("http_path", "/regmon/", ["/regmon"]), ("http_path", "/", ["/regmon"]),
    ("http_path", "/a b", ["letters"]), ("http_path", "", ["/regmon"]), ("http_path", "/" + "a" * 64, ["64"])])
def test_wrong_parameters_stop_the_start(start, name, value, words):
    with pytest.raises(DoesNotStart) as stopped:
        start(parameters=[(name, value)], check=False)
    lines = [line for line in str(stopped.value).splitlines() if f"modparam {name}" in line]
    assert len(lines) == 1, str(stopped.value)
    for word in words:
        assert word in lines[0], lines[0]
