# SPDX-License-Identifier: GPL-2.0-or-later
import os
import shutil

import pytest

from kamailio import MODULES
from namespace import Namespace
from regmon import Regmon
from sip import Core, Phone, eventually

DBTEXT = "/usr/share/kamailio/dbtext/kamailio"


# ---- usrloc: this node is the registrar ----

REGISTRAR = """
request_route {
	save("location");
	exit;
}
"""


@pytest.fixture(params=["first", "last"])
def registrar(request, start, phones):
    node = start(modules=MODULES + ["usrloc", "registrar"], regmon=request.param, route=REGISTRAR,
                 more='modparam("usrloc", "db_mode", 0)\nmodparam("registrar", "default_expires", 3600)\n'
                      'modparam("registrar", "max_expires", 3600)\n')
    phone = phones(node)
    phone.register(change={"Require": None, "Proxy-Require": None})
    phone.expect(200)
    regmon = Regmon(node)
    who = "imsi:" + phone.imsi
    assert eventually(lambda: regmon.state(who) == "registered")
    return node, phone, regmon, who


def test_registrar_removes_it(registrar):
    node, phone, regmon, who = registrar
    store = regmon.show(who)["contact_store"]
    assert (store["store"], store["contact"]) == ("usrloc", "stored")
    node.rpc("ul.rm", "location", phone.imsi)
    # the callback is over when the command has its answer
    shown = regmon.show(who)
    assert shown["state"] == "network-deregistered"
    assert shown["contact_store"]["contact"] == "removed"
    assert shown["contact_store"]["dropped_in_force"] == 1
    assert regmon.why(who)["summary"].startswith("Removed by this node itself at ")
    assert "deleted from usrloc" in regmon.why(who)["summary"]
    assert regmon.steps(who)[-1] == "contact store: removed"
    assert "contact store: removed" in node.kamcmd("ims_regmon.timeline", who)
    assert regmon.count("network_deregistered") == 1
    # and the phone may come again
    phone.register(change={"Require": None, "Proxy-Require": None})
    phone.expect(200)
    assert regmon.state(who) == "registered"
    assert regmon.show(who)["contact_store"]["contact"] == "stored"


def test_phone_takes_it_back(registrar):
    node, phone, regmon, who = registrar
    phone.register(expires=0, change={"Require": None, "Proxy-Require": None})
    phone.expect(200)
    assert regmon.state(who) == "deregistered"
    store = regmon.show(who)["contact_store"]
    assert store["contact"] == "removed" and store["dropped_in_force"] == 0
    assert regmon.count("network_deregistered") == 0


# ---- ims_usrloc_pcscf: the core is the registrar ----

PCSCF = """
request_route {
	if(is_method("NOTIFY")) {
		reginfo_handle_notify("location");
		sl_send_reply("200", "OK");
		exit;
	}
	ims_regmon_observe();
	pcscf_save_pending("location");
	t_on_reply("SAVE");
	$du = CORE;
	t_relay();
	exit;
}
onreply_route[SAVE] {
	if(t_check_status("200") && SAVES) {
		pcscf_save("location");
	}
}
"""

PARAMETERS = """
modparam("pua", "db_url", "text://FOLDER/db")
modparam("pua", "db_mode", 0)
modparam("ims_usrloc_pcscf", "db_mode", 0)
modparam("ims_usrloc_pcscf", "hash_size", 8)
modparam("ims_usrloc_pcscf", "timer_interval", 1)
modparam("ims_usrloc_pcscf", "expires_grace", 0)
modparam("ims_ipsec_pcscf", "ipsec_listen_addr", "127.0.0.1")
modparam("ims_ipsec_pcscf", "ipsec_client_port", 5062)
modparam("ims_ipsec_pcscf", "ipsec_server_port", 5063)
modparam("ims_ipsec_pcscf", "ipsec_max_connections", 2)
modparam("ims_registrar_pcscf", "subscribe_to_reginfo", 1)
modparam("ims_registrar_pcscf", "force_icscf_uri", "sip:127.0.0.1:CORE_PORT")
modparam("ims_registrar_pcscf", "publish_reginfo", 0)
modparam("ims_registrar_pcscf", "pcscf_uri", "sip:127.0.0.1:5060")
modparam("ims_registrar_pcscf", "pending_reg_expires", PENDING)
"""


@pytest.fixture
def pcscf(start, tmp_path):
    """In a network namespace of its own: ims_ipsec_pcscf flushes all of IPsec."""
    if os.geteuid() != 0:
        pytest.skip("needs root for a network namespace")
    shutil.copytree(DBTEXT, tmp_path / "db")
    modules = MODULES + ["db_text", "pua", "ims_usrloc_pcscf", "ims_ipsec_pcscf", "ims_registrar_pcscf"]
    with Namespace() as namespace:
        with namespace.inside():
            core = Core()

        def run(saves, observe=1, pending=120):
            text = PARAMETERS.replace("FOLDER", str(tmp_path)).replace("CORE_PORT", str(core.port))
            text = text.replace("PENDING", str(pending))
            node = start(modules=modules, more=text, route=PCSCF.replace("SAVES", saves), under=namespace.command,
                         parameters=[("observe", observe)], core_port=core.port)
            with namespace.inside():
                phone = Phone(node.port, "001010000000101", host="127.0.0.1")
            made.append(phone)
            # as the phone has no IPsec here, its Contact stays where its socket is
            phone.register(contact_port=phone.port)
            phone.expect(401)
            phone.answer_challenge(contact_port=phone.port)
            phone.expect(200)
            return node, phone, Regmon(node), "imsi:" + phone.imsi

        made = []
        yield run
        for phone in made:
            phone.close()
        core.close()


def test_pcscf_pending_then_stored(pcscf):
    node, phone, regmon, who = pcscf("1 == 1")
    assert eventually(lambda: regmon.state(who) == "registered")
    store = regmon.show(who)["contact_store"]
    assert (store["store"], store["contact"]) == ("ims_usrloc_pcscf", "stored")
    steps = regmon.steps(who)
    assert steps.index("contact store: pending") < steps.index("contact store: stored")
    # the phone's own de-registration is no act of this node
    phone.deregister(contact_port=phone.port)
    phone.expect(200)
    assert eventually(lambda: regmon.state(who) == "deregistered")
    assert regmon.show(who)["contact_store"]["dropped_in_force"] == 0


def test_pcscf_forgets_what_was_never_saved(pcscf):
    node, phone, regmon, who = pcscf("1 == 0", pending=5)
    assert eventually(lambda: regmon.show(who)["contact_store"]["contact"] == "expired", timeout=30)
    shown = regmon.show(who)
    assert shown["state"] == "registered", "the core has it"
    assert shown["contact_store"]["dropped_in_force"] == 1
    assert shown["contact_store"]["was_pending"] == "yes"
    summary = regmon.why(who)["summary"]
    assert "gone from this node's ims_usrloc_pcscf since" in summary and "still pending" in summary


NOTIFY = """<?xml version="1.0"?>
<reginfo xmlns="urn:ietf:params:xml:ns:reginfo" version="0" state="partial">
<registration aor="{impu}" id="1" state="active">
<contact id="1" state="terminated" event="deactivated" expires="0"><uri>sip:{imsi}@127.0.0.1:{port}</uri></contact>
</registration></reginfo>
"""


def notify(phone):
    body = NOTIFY.format(impu=phone.impu, imsi=phone.imsi, port=phone.port)
    change = {"Event": "reg", "Content-Type": "application/reginfo+xml", "Content-Length": str(len(body)),
              "Subscription-State": "active", "To": f"<{phone.impu}>;tag=pcscf", "Authorization": None}
    phone.send(phone.message(change=change).replace("REGISTER", "NOTIFY") + body)
    phone.expect(200)


def test_pcscf_removes_it(pcscf):
    """observe=0: the module does not read the NOTIFY that makes the P-CSCF do it"""
    node, phone, regmon, who = pcscf("1 == 1", observe=0)
    assert eventually(lambda: regmon.show(who)["contact_store"]["contact"] == "stored")
    notify(phone)
    shown = regmon.show(who)
    assert shown["contact_store"]["contact"] == "removed"
    assert shown["contact_store"]["dropped_in_force"] == 1
    assert shown["contact_store"]["was_pending"] == "no"
    assert shown["state"] == "registered", "for all that this node knows the core has it"
    assert regmon.count("network_deregistered") == 0


def test_pcscf_follows_the_network(pcscf):
    """The NOTIFY is read first: what the P-CSCF does then is no act of its own."""
    node, phone, regmon, who = pcscf("1 == 1")
    assert eventually(lambda: regmon.show(who)["contact_store"]["contact"] == "stored")
    notify(phone)
    shown = regmon.show(who)
    assert shown["state"] == "network-deregistered"
    assert shown["contact_store"]["contact"] == "removed"
    assert shown["contact_store"]["dropped_in_force"] == 0
    assert "deactivated" in regmon.why(who)["summary"]
