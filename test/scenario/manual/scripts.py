# SPDX-License-Identifier: GPL-2.0-or-later
"""Each script of the manual in a real node: what it is said to do has to happen."""
import os
import socket
import sys

from kamailio import MODULES, TOP
from regmon import Regmon
from sip import DOMAIN, SECURITY_SERVER, Message, eventually
from web import Web

sys.path.insert(0, os.path.join(TOP, "test", "tap"))
import pcap_to_hep  # noqa: E402

# somebody's own routing, in place of the dots
OWN = """
route[OWN] {
	$du = CORE;
	if(!t_relay()) {
		sl_reply_error();
	}
	exit;
}
"""
OWN_LUA = """
local function own()
	KSR.pv.sets("$du", "sip:127.0.0.1:%d")
	if KSR.tm.t_relay() < 0 then
		KSR.sl.sl_reply_error()
	end
	return 1
end
"""
ALL_LUA = "\nfunction ksr_request_route()\n\treturn own()\nend\n"

NATIVE, LUA = "route", "lua"


def native(example, start, modules=(), parameters=(), **how):
    text = example.text("\troute(OWN);") + OWN
    if "request_route" not in text:
        text += "request_route {\n\troute(OWN);\n}\n"
    return start(modules=[*MODULES, "tmx", *modules], parameters=parameters, route=text, **how)


def lua(example, start, core, folder, modules=(), parameters=(), more="", **how):
    text = OWN_LUA % core.port + example.text("    own()")
    if "ksr_request_route" not in text:
        text += ALL_LUA
    script = folder / "script.lua"
    script.write_text(text)
    return start(modules=[*MODULES, *modules, "app_lua"], parameters=parameters, route="",
                 more=f'{more}\nmodparam("app_lua", "load", "{script}")\ncfgengine "lua"\n', **how)


def run(example, start, core, folder, parameters=(), **how):
    """The node with the script in it. parameters: what a native example sets by itself."""
    if example.role == LUA:
        return lua(example, start, core, folder, parameters=parameters, **how)
    return native(example, start, **how)


def no_script_error(node, but="nothing"):
    assert not [line for line in node.log().splitlines() if "ERROR" in line and but not in line], node.log()


def says(node, *texts):
    """All of it stands in one line of the log."""
    assert eventually(lambda: any(all(text in line for text in texts) for line in node.log().splitlines())), \
        f"{texts}:\n{node.log()}"


def observe(example, start, phones, core, folder):
    node = run(example, start, core, folder, [("observe", 0)])
    tester, phone = phones(node, "001010000000102", device="SIPp 3.6"), phones(node)
    tester.registers()
    phone.registers()
    assert Regmon(node).knows(f"imsi:{phone.imsi}")
    assert not Regmon(node).knows(f"imsi:{tester.imsi}")
    no_script_error(node)


def check(example, start, phones, core, folder):
    node = run(example, start, core, folder)
    phone, broken = phones(node), phones(node, "001010000000102", device="Broken/1")
    phone.registers()
    no_script_error(node)
    assert f"{phone.call_id} {phone.impu}" not in node.log()
    broken.register(change={"To": f"<{broken.impu}>;tag=x"})
    broken.receive()
    says(node, "WARNING", f"{broken.call_id} {broken.impu}: TO-04 ")
    says(node, "WARNING", f"{broken.call_id} Broken/1 would not pass in the lab")
    assert f"{phone.call_id} {phone.impu}" not in node.log()


def reply(example, start, phones, core, folder):
    node = run(example, start, core, folder, [("rule", "TO-04=error,enforce"), ("rule", "SEC-04=warning,enforce")])
    phone = phones(node)
    phone.register(change={"To": f"<{phone.impu}>;tag=x"})
    assert "ims_regmon TO-04" in phone.expect(481).get("Warning")
    assert core.requests == []
    phone.registers()
    # begins anew, and sec-agree stays in Supported alone
    phone.nonce = None
    phone.register(change={"Require": None, "Proxy-Require": None})
    assert phone.expect(494).get("Security-Server").startswith("ipsec-3gpp;")
    no_script_error(node)


def captured(example, start, phones, core, folder):
    database = [("db_url", f'"text://{folder}"'), ("capture_on", "1"), ("hep_capture_on", "1")]
    lines = ['loadmodule "db_text.so"', 'loadmodule "sipcapture.so"']
    lines += [f'modparam("sipcapture", "{name}", {value})' for name, value in database]
    for table, version in (("version", 1), ("sip_capture", 4)):
        (folder / "version").write_text(f"table_name(str) table_version(int)\nsip_capture:{version}\n")
    if os.path.exists("/usr/share/kamailio/dbtext/kamailio"):
        lines[2] = 'modparam("sipcapture", "db_url", "text:///usr/share/kamailio/dbtext/kamailio")'
    node = native(example, start, more="\n".join(lines) + "\n", head="sip_parser_log=4")
    text = phones(node).message()
    data = pcap_to_hep.hep(pcap_to_hep.Sip(1587110460.0, pcap_to_hep.UDP, socket.inet_aton("10.45.12.34"), 5060,
                                           socket.inet_aton("10.4.128.21"), 5060, text.encode()))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        out.sendto(data, ("127.0.0.1", node.port))
    assert eventually(lambda: Regmon(node).show("imsi:001010000000101")["source"] == "10.45.12.34:5060 UDP")
    assert core.requests == []


def reginfo(example, start, phones, core, folder):
    node = run(example, start, core, folder, [("observe", 0)])
    phone = phones(node)
    phone.registers()
    body = ('<?xml version="1.0"?>\n<reginfo xmlns="urn:ietf:params:xml:ns:reginfo" version="0" state="full">\n'
            f'<registration aor="{phone.impu}" id="a" state="terminated"><contact id="c" state="terminated" '
            f'event="rejected"><uri>sip:{phone.imsi}@{phone.host}:49200</uri></contact></registration></reginfo>\n')
    assert notify(node, phone, "nothing").code == 400
    assert Regmon(node).state(f"imsi:{phone.imsi}") == "registered"
    assert notify(node, phone, body).code == 200
    assert eventually(lambda: Regmon(node).state(f"imsi:{phone.imsi}") == "network-deregistered")
    assert Regmon(node).count("reginfo_documents") == 2


def notify(node, phone, body):
    """a NOTIFY to the node itself, and its answer"""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        out.bind(("127.0.0.1", 0))
        out.settimeout(10)
        port = out.getsockname()[1]
        out.sendto("\r\n".join([
            f"NOTIFY sip:127.0.0.1:{node.port} SIP/2.0", f"Via: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bKn{len(body)}",
            "Max-Forwards: 70", f"From: <{phone.impu}>;tag=s", f"To: <{phone.impu}>;tag=w", "Call-ID: subscription",
            f"CSeq: {len(body)} NOTIFY", "Event: reg", "Subscription-State: active", f"Contact: <sip:127.0.0.1:{port}>",
            "Content-Type: application/reginfo+xml", f"Content-Length: {len(body)}", "", body]).encode(),
            ("127.0.0.1", node.port))
        return Message(out.recv(65536))


def http(example, start, phones, core, folder):
    more = 'modparam("ims_regmon", "http_allow", "127.0.0.1")\n'
    if example.role == LUA:
        more += 'modparam("xhttp", "event_callback", "ksr_xhttp_event")\n'
    node = run(example, start, core, folder, modules=["xhttp"], more=more, head="tcp_accept_no_cl=yes", tcp=True,
               regmon="last")
    assert Web(node).get("/regmon/api/summary").json()["registrations"]["all"] == 0
    other = Web(node).get("/elsewhere")
    assert (other.code, other.text) == (404, "nothing here\n")
    # Beside a KEMI engine, sl parses whatever it has sent as SIP, and logs that HTTP is none.
    no_script_error(node, but="pars" if example.role == LUA else "nothing")


def variables(example, start, phones, core, folder):
    core.decide = lambda core, request: core.as_usual(request) if "102@" in request.get("To") else core.challenge()
    node = run(example, start, core, folder, [("challenge_loop", 3)])
    healthy, looping = phones(node, "001010000000102"), phones(node)
    healthy.registers()
    looping.register()
    looping.expect(401)
    for _ in range(5):
        looping.answer_challenge()
        looping.expect(401)
    says(node, "WARNING", f"{looping.impi} is in a loop: attempt 1, state ")
    assert f"{healthy.impi} is in a loop" not in node.log()
    if example.role == NATIVE:
        says(node, "NOTICE", f"{healthy.impu} initial by NR, PLMN 00101, TAC 000064")
        says(node, "NOTICE", f"{healthy.impu} has port-s 49200")
    no_script_error(node)


def events(example, start, phones, core, folder):
    core.decide = lambda core, request: (403, "Forbidden", [])
    node = run(example, start, core, folder, [("event_callback", "ksr_regmon_event"), ("events", "cause,record")])
    phone = phones(node)
    phone.register()
    phone.expect(403)
    says(node, "NOTICE", f"{phone.impu}: forbidden-by-core, certain")
    says(node, "NOTICE", '"schema":"ims_regmon.record"', phone.impu)
    no_script_error(node)


TRIED = {}
for _name, _try in (("observe", observe), ("check", check), ("reply", reply), ("captured", captured),
                    ("reginfo", reginfo), ("http", http), ("variables", variables), ("events", events)):
    TRIED[f"ims_regmon.e.{_name}"] = TRIED[f"ims_regmon.e.{_name}.lua"] = _try
del TRIED["ims_regmon.e.captured.lua"]
assert DOMAIN and SECURITY_SERVER
