# SPDX-License-Identifier: GPL-2.0-or-later
import itertools
import os
import shutil
import socket
import subprocess

import pytest

from kamailio import RELAY, TOP, RpcError
from regmon import Regmon
from sip import Message, eventually

SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "script.lua")
NAMESPACE = 'xmlns="urn:ietf:params:xml:ns:reginfo"'
_serial = itertools.count(1)

# NOTIFY goes on to the phone, PUBLISH ends here.
ROUTE = """
request_route {
	if(is_method("NOTIFY")) {
		t_relay();
		exit;
	}
	if(is_method("PUBLISH")) {
		sl_send_reply("200", "OK");
		exit;
	}
""" + RELAY.split("request_route {\n")[1]


def document(aor, contacts, version=0, state="partial", registration="active"):
    return (f'<?xml version="1.0"?>\n<reginfo {NAMESPACE} version="{version}" state="{state}">\n'
            f'<registration aor="{aor}" id="a1" state="{registration}">\n{contacts}</registration>\n</reginfo>\n')


def contact(phone, event, port=49200, **attributes):
    state = "active" if event in ("registered", "created", "refreshed", "shortened") else "terminated"
    more = "".join(f' {name.replace("_", "-")}="{value}"' for name, value in attributes.items())
    return (f'<contact id="c1" state="{state}" event="{event}"{more}><uri>sip:{phone.imsi}@{phone.host}:{port}</uri>'
            "</contact>\n")


class Registrar:
    """The S-CSCF as a notifier: sends requests to the node and reads the answers."""

    def __init__(self, node, host="127.0.0.1", kind=socket.SOCK_DGRAM):
        self.node, self.tag = ("127.0.0.1", node.port), f"scscf{next(_serial)}"
        self.socket = socket.socket(socket.AF_INET, kind)
        self.socket.bind((host, 0))
        self.socket.settimeout(10)
        if kind == socket.SOCK_STREAM:
            self.socket.connect(self.node)
        self.transport = "UDP" if kind == socket.SOCK_DGRAM else "TCP"

    def send(self, method, phone, body, subject="", kind="application/reginfo+xml", event="reg"):
        number = next(_serial)
        port = self.socket.getsockname()[1]
        text = "\r\n".join([
            f"{method} sip:{phone.imsi}@127.0.0.1:{phone.port} SIP/2.0",
            f"Via: SIP/2.0/{self.transport} 127.0.0.1:{port};branch=z9hG4bKn{number};rport",
            "Max-Forwards: 70", f"From: <{phone.impu}>;tag={self.tag}", f"To: <{phone.impu}>;tag=watcher",
            f"Call-ID: subscription-{self.tag}", f"CSeq: {number} {method}", f"Event: {event}",
            "Subscription-State: active;expires=3600", f"Contact: <sip:127.0.0.1:{port}>",
            f"Subject: {subject}", f"Content-Type: {kind}", f"Content-Length: {len(body.encode())}", "", body])
        data = text.encode()
        if self.transport == "UDP":
            self.socket.sendto(data, self.node)
        else:
            self.socket.sendall(data)

    def notify(self, phone, contacts, **how):
        self.send("NOTIFY", phone, document(phone.impu, contacts, **how))

    def answer(self):
        return Message(self.socket.recv(65536))

    def close(self):
        self.socket.close()


@pytest.fixture
def registrar():
    made = []

    def make(node, **how):
        made.append(Registrar(node, **how))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def registered(start, phones):
    """A P-CSCF that relays, and a phone registered through it."""
    node = start(route=ROUTE)
    phone = phones(node)
    phone.registers()
    regmon = Regmon(node)
    who = "imsi:" + phone.imsi
    assert eventually(lambda: regmon.state(who) == "registered")
    return node, phone, regmon, who


def test_rejected_passes_by(registered, registrar):
    node, phone, regmon, who = registered
    sender = registrar(node)
    body = document(phone.impu, contact(phone, "rejected"), registration="terminated")
    sender.send("NOTIFY", phone, body)
    phone.socket.settimeout(5)
    arrived = Message(phone.socket.recv(65536))
    assert arrived.method == "NOTIFY" and arrived.body == body, "it went on as it came"
    # the module wrote it down before the script relayed it
    assert regmon.state(who) == "network-deregistered"
    why = regmon.why(who)
    assert "De-registered by the network" in why["summary"]
    assert "rejected (registering again will not help)" in why["summary"]
    network = regmon.show(who)["network"]
    assert network["removed_as"] == "rejected" and network["removals"] == 1
    assert regmon.steps(who)[-1] == "removed by the network: rejected"
    assert regmon.timeline(who)[-1]["event"] == "rejected"
    assert "removed by the network: rejected" in node.kamcmd("ims_regmon.timeline", who)
    counters = regmon.counters()
    assert (counters["network_deregistered"], counters["reginfo_documents"], counters["reginfo_faulty"]) == (1, 1, 0)
    assert counters["state_network_deregistered"] == 1
    # it keeps coming: counted, for whoever looks for a cause
    phone.call_id, phone.cseq = "again-1", 0
    phone.registers()
    assert regmon.show(who)["network"]["attempts_against"] == 1


def test_probation(registered, registrar):
    node, phone, regmon, who = registered
    registrar(node).notify(phone, contact(phone, "probation", retry_after=3600))
    assert eventually(lambda: regmon.state(who) == "network-deregistered")
    assert "probation" in regmon.why(who)["summary"] and "not before" in regmon.why(who)["summary"]
    network = regmon.show(who)["network"]
    assert network["retry_after_s"] == 3600
    assert network["may_return_ms"] - network["removed_ms"] == 3600000
    assert network["attempts_against"] == 0
    phone.call_id, phone.cseq = "again-2", 0
    phone.register()
    phone.expect(401)
    assert regmon.show(who)["network"]["attempts_against"] == 1
    assert "probation" in node.kamcmd("ims_regmon.why", who)


def test_shortened(registered, registrar):
    node, phone, regmon, who = registered
    sender = registrar(node)
    sender.notify(phone, contact(phone, "shortened", expires=600))
    assert eventually(lambda: regmon.show(who).get("network", {}).get("shortened_to_s") == 600)
    shown = regmon.show(who)
    assert shown["state"] == "registered"
    assert shown["binding"]["expires_ms"] - shown["network"]["shortened_ms"] == 600000
    assert shown["binding"]["refresh_due_ms"] - shown["network"]["shortened_ms"] == 300000
    assert "shortened to 600 s by the network" in regmon.why(who)["summary"]
    sender.notify(phone, contact(phone, "shortened", expires=1), version=1)
    assert eventually(lambda: regmon.state(who) == "expired", timeout=20)
    assert regmon.count("expired") == 1 and regmon.count("network_deregistered") == 0


def test_versions(registered, registrar):
    node, phone, regmon, who = registered
    sender = registrar(node)

    def told():
        return regmon.show(who).get("network", {}).get("times_told", 0)

    sender.notify(phone, contact(phone, "registered"), version=4, state="full")
    assert eventually(lambda: told() == 1)
    sender.notify(phone, contact(phone, "refreshed"), version=7)
    assert eventually(lambda: told() == 2)
    assert regmon.show(who)["network"]["documents_missed"] == 1
    assert "documents missing before it" in regmon.timeline(who)[-1]["marks"]
    # an old one would end it
    sender.notify(phone, contact(phone, "deactivated"), version=6)
    sender.notify(phone, contact(phone, "deactivated"), version=7)
    assert eventually(lambda: regmon.count("reginfo_repeated") == 2)
    assert regmon.state(who) == "registered"
    assert regmon.count("reginfo_version_gaps") == 1
    # another subscription counts for itself
    registrar(node).notify(phone, contact(phone, "deactivated"), version=0)
    assert eventually(lambda: regmon.state(who) == "network-deregistered")


def test_publish(registered, registrar):
    """A P-CSCF tells the S-CSCF: version 0 each time, and it may say so again."""
    node, phone, regmon, who = registered
    sender = registrar(node)
    sender.send("PUBLISH", phone, document(phone.impu, contact(phone, "deactivated")))
    assert sender.answer().code == 200
    assert regmon.state(who) == "network-deregistered"
    assert regmon.count("reginfo_documents") == 1


def test_other_documents_are_none(registered, registrar):
    node, phone, regmon, who = registered
    sender = registrar(node)
    body = document(phone.impu, contact(phone, "rejected"))
    sender.send("PUBLISH", phone, body, event="presence")
    sender.send("PUBLISH", phone, body, kind="application/pidf+xml")
    sender.send("PUBLISH", phone, "")
    for _ in range(3):
        assert sender.answer().code == 200
    assert regmon.count("reginfo_documents") == 0
    assert regmon.state(who) == "registered"


def test_more_than_is_read(registered, registrar):
    """what is in front of the end is read as ever"""
    node, phone, regmon, who = registered
    sender = registrar(node)
    others = "".join(f'<registration aor="sip:other{i}@example.org" id="o{i}" state="init"/>\n' for i in range(70))
    body = document(phone.impu, contact(phone, "deactivated")).replace("</reginfo>", others + "</reginfo>")
    sender.send("PUBLISH", phone, body)
    assert sender.answer().code == 200
    assert regmon.state(who) == "network-deregistered"
    counters = regmon.counters()
    assert (counters["reginfo_documents"], counters["reginfo_cut"], counters["reginfo_faulty"]) == (1, 1, 0)


# ---- who may say it ----

def test_a_phone_has_no_say(start, phones, registrar):
    node = start(route=ROUTE)
    phone = phones(node)
    phone.socket.close()
    phone.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    phone.socket.bind(("127.0.0.2", 0))
    phone.port = phone.socket.getsockname()[1]
    phone.registers()
    regmon = Regmon(node)
    who = "imsi:" + phone.imsi
    assert eventually(lambda: regmon.state(who) == "registered")
    liar = registrar(node, host="127.0.0.2")
    liar.send("PUBLISH", phone, document(phone.impu, contact(phone, "rejected")))
    assert liar.answer().code == 200
    assert regmon.state(who) == "registered"
    counters = regmon.counters()
    assert (counters["reginfo_of_phones"], counters["reginfo_documents"]) == (1, 0)
    assert "is not believed: a phone registers from there" in node.log()
    # somebody else with the same words is
    registrar(node, host="127.0.0.3").send("PUBLISH", phone, document(phone.impu, contact(phone, "rejected")))
    assert eventually(lambda: regmon.state(who) == "network-deregistered")


# ---- the script hands it over ----

FED = """
request_route {
	if(is_method("REGISTER")) {
		ims_regmon_observe();
		sl_send_reply("200", "OK");
		exit;
	}
	if($hdr(Subject) == "text") {
		$var(result) = ims_regmon_reginfo("$rb");
	} else if($hdr(Subject) == "twice") {
		ims_regmon_reginfo();
		$var(result) = ims_regmon_reginfo();
	} else {
		$var(result) = ims_regmon_reginfo();
	}
	sl_send_reply("200", "Result $var(result)");
	exit;
}
"""


@pytest.fixture(params=["native", "lua"])
def fed(request, start, phones):
    """observe=0: nothing is read but what the script gives."""
    if request.param == "native":
        node = start(parameters=[("observe", 0)], route=FED)
    else:
        node = start(modules=["tm", "sl", "pv", "textops", "corex", "counters", "app_lua"],
                     parameters=[("observe", 0)], route="",
                     more=f'modparam("app_lua", "load", "{SCRIPT}")\ncfgengine "lua"\n')
    phone = phones(node)
    phone.register()
    phone.expect(200)
    regmon = Regmon(node)
    assert regmon.state("imsi:" + phone.imsi) == "registered"
    return node, phone, regmon, "imsi:" + phone.imsi


def fed_result(sender, phone, body, **how):
    sender.send("NOTIFY", phone, body, **how)
    return int(sender.answer().start.rpartition(" ")[2])


def test_script_hands_it_over(fed, registrar):
    node, phone, regmon, who = fed
    sender = registrar(node)
    port = 5060
    assert fed_result(sender, phone, document(phone.impu, contact(phone, "registered", port))) == 1
    assert regmon.show(who)["network"]["last_event"] == "registered"
    assert fed_result(sender, phone, document(phone.impu, contact(phone, "rejected", port), version=1)) == 1
    assert regmon.state(who) == "network-deregistered"
    assert fed_result(sender, phone, "") == -1
    assert fed_result(sender, phone, "words", kind="text/plain") == -1
    assert fed_result(sender, phone, "<reginfo/>") == -2
    assert regmon.counters()["reginfo_faulty"] == 1
    assert "reginfo:1: the outermost element is <reginfo>, without a namespace" in node.log()


def test_script_hands_a_text_over(fed, registrar):
    """without versions: nobody knows whose they are"""
    node, phone, regmon, who = fed
    sender = registrar(node)
    for _ in range(2):
        body = document(phone.impu, contact(phone, "refreshed", 5060), version=3)
        assert fed_result(sender, phone, body, subject="text", kind="text/plain") == 1
    assert regmon.show(who)["network"]["times_told"] == 2
    assert fed_result(sender, phone, "", subject="text") == -1
    assert fed_result(sender, phone, "no XML", subject="text") == -2


def test_handed_over_twice(start, phones, registrar):
    node = start(parameters=[("observe", 0)], route=FED)
    phone = phones(node)
    phone.register()
    phone.expect(200)
    sender = registrar(node)
    sender.send("PUBLISH", phone, document(phone.impu, contact(phone, "refreshed", 5060)), subject="twice")
    assert sender.answer().start.endswith("Result 1")
    assert Regmon(node).show("imsi:" + phone.imsi)["network"]["times_told"] == 1
    assert Regmon(node).count("reginfo_documents") == 1


# ---- hostile documents ----

LAUGHS = ('<!DOCTYPE lolz [<!ENTITY a "ha">' + "".join(
    f'<!ENTITY {chr(98 + i)} "{("&" + chr(97 + i) + ";") * 10}">' for i in range(9)) + "]>"
    f'<reginfo {NAMESPACE} version="0" state="full">&j;</reginfo>')


@pytest.mark.parametrize("body, says", [
    (LAUGHS, "a DOCTYPE is not allowed"),
    (f"<reginfo {NAMESPACE}" + " a=''" * 5000 + "/>", "more than 64 attributes in one tag"),
    (f'<reginfo {NAMESPACE} version="0" state="full">' + "<a>" * 4000, "epth"),
    (f'<?xml version="1.0" encoding="UTF-16"?><reginfo {NAMESPACE}/>', "encoding 'UTF-16', expected UTF-8"),
    (f'<reginfo {NAMESPACE} version="0" state="full"><registration/></reginfo>', "needs the attribute 'aor'"),
], ids=["billion-laughs", "attributes", "depth", "encoding", "incomplete"])
def test_hostile(registered, registrar, body, says):
    node, phone, regmon, who = registered
    sender = registrar(node)
    sender.send("PUBLISH", phone, body)
    assert sender.answer().code == 200, "the message itself goes on"
    assert regmon.counters()["reginfo_faulty"] == 1
    lines = [line for line in node.log().splitlines() if "reg-event document" in line]
    assert len(lines) == 1 and "reginfo:1: " in lines[0] and says in lines[0]
    assert regmon.state(who) == "registered"
    # and the next good one is read as ever, and said nothing of
    sender.send("PUBLISH", phone, document(phone.impu, contact(phone, "deactivated")))
    assert sender.answer().code == 200
    assert regmon.state(who) == "network-deregistered"


def test_flood_of_faults_is_one_line(registered, registrar):
    node, phone, regmon, who = registered
    sender = registrar(node)
    for _ in range(20):
        sender.send("PUBLISH", phone, "<reginfo>")
        assert sender.answer().code == 200
    assert regmon.counters()["reginfo_faulty"] == 20
    lines = [line for line in node.log().splitlines() if "reg-event document" in line]
    assert 1 <= len(lines) <= 4, "one a minute and process"


def test_a_megabyte_over_tcp(start, phones, registrar):
    node = start(route=ROUTE, tcp=True, head="tcp_rd_buf_size=2000000\n#!ifdef KAMAILIO_6_0\n"
                 "msg_recv_max_size=2000000\n#!endif\n")
    phone = phones(node)
    phone.registers()
    sender = registrar(node, kind=socket.SOCK_STREAM)
    body = document(phone.impu, contact(phone, "rejected")) + " " * (1 << 20)
    sender.send("PUBLISH", phone, body)
    answer = sender.answer()
    if "read message too large" in node.log():
        pytest.skip("this Kamailio takes no message above 64 KiB")
    assert answer.code == 200
    regmon = Regmon(node)
    assert regmon.counters()["reginfo_faulty"] == 1
    assert f"it has {len(body)} bytes, at most 65536 are read" in node.log()
    assert regmon.state("imsi:" + phone.imsi) == "registered"


# ---- our own view as a document ----

def test_reginfo_command(registered, registrar, tmp_path):
    node, phone, regmon, who = registered
    sender = registrar(node)
    text = regmon.rpc("reginfo", who)["document"]
    lines = node.kamcmd("ims_regmon.reginfo", who)
    assert f'aor="{phone.impu}"' in text and 'event="registered"' in text and 'state="active"' in text
    assert [line.strip() for line in lines.splitlines()][0] == '<?xml version="1.0" encoding="UTF-8"?>'
    sender.notify(phone, contact(phone, "probation", retry_after=300))
    assert eventually(lambda: regmon.state(who) == "network-deregistered")
    after = regmon.rpc("reginfo", who)["document"]
    assert 'event="probation"' in after and "retry-after=" in after
    xmllint = shutil.which("xmllint")
    assert xmllint, "Debian's libxml2-utils"
    for name, content in (("json", text), ("kamcmd", lines), ("after", after)):
        file = tmp_path / f"{name}.xml"
        file.write_text(content)
        done = subprocess.run([xmllint, "--noout", "--relaxng", f"{TOP}/doc/reginfo.rng", file],
                              capture_output=True, text=True)
        assert done.returncode == 0, done.stderr + content
    with pytest.raises(RpcError) as nobody:
        regmon.rpc("reginfo", "imsi:001019999999999")
    assert nobody.value.code == 404
    assert "bare digits" in node.kamcmd("ims_regmon.reginfo", "001010000000001")
