# SPDX-License-Identifier: GPL-2.0-or-later
import http.client
import os
import shutil
import socket

import pytest

from kamailio import MODULES, RELAY, free_port
from namespace import Namespace
from regmon import Regmon
from sip import Core, Phone, eventually
from tls import Tls

DBTEXT = "/usr/share/kamailio/dbtext/kamailio"


def check_phone(node, phone):
    regmon = Regmon(node)
    phone.registers()
    who = "imsi:" + phone.imsi
    assert eventually(lambda: regmon.state(who) == "registered")
    counters = regmon.counters()
    assert (counters["attempts_initial"], counters["successes_initial"]) == (1, 1)
    assert (counters["challenges"], counters["answers_2xx"]) == (1, 1)
    assert counters["retransmissions"] == 0


@pytest.mark.parametrize("place", ["first", "tm", "sl", "last"])
def test_tm_and_sl_in_each_order(start, phones, place):
    """Our line before everything, right before tm or sl, behind everything."""
    node = start(regmon=place)
    check_phone(node, phones(node))
    assert "ERROR" not in node.log()


def test_without_tm_and_sl_is_said(start):
    node = start(modules=["pv"], route="request_route { exit; }\n")
    warnings = [line for line in node.log().splitlines() if "WARNING" in line and "ims_regmon" in line]
    assert len(warnings) == 1 and "tm" in warnings[0] and "sl" in warnings[0]
    assert len(Regmon(node).summary()["warnings"]) == 2


@pytest.mark.parametrize("place", ["tls", "last"])
def test_tls_in_both_orders(start, tmp_path, place):
    tls = Tls(tmp_path)
    node = start(modules=MODULES + ["tls"], regmon=place, tcp=True, head=tls.head, more=tls.more)
    phone = Phone(tls.port, "001010000000101", transport="TCP")
    phone.socket = tls.context.wrap_socket(phone.socket)
    phone.transport = "TLS"
    check_phone(node, phone)
    assert "TLS" in Regmon(node).show("imsi:" + phone.imsi)["source"]
    phone.close()


@pytest.mark.parametrize("place", ["first", "last"])
def test_ims_pcscf_modules(start, tmp_path, place):
    """In a network namespace of its own: ims_ipsec_pcscf flushes all of IPsec."""
    if os.geteuid() != 0:
        pytest.skip("needs root for a network namespace")
    shutil.copytree(DBTEXT, tmp_path / "db")
    modules = MODULES + ["db_text", "pua", "ims_usrloc_pcscf", "ims_ipsec_pcscf", "ims_registrar_pcscf"]
    more = f"""
modparam("pua", "db_url", "text://{tmp_path}/db")
modparam("pua", "db_mode", 0)
modparam("ims_usrloc_pcscf", "db_mode", 0)
modparam("ims_usrloc_pcscf", "hash_size", 8)
modparam("ims_ipsec_pcscf", "ipsec_listen_addr", "127.0.0.1")
modparam("ims_ipsec_pcscf", "ipsec_client_port", 5062)
modparam("ims_ipsec_pcscf", "ipsec_server_port", 5063)
modparam("ims_ipsec_pcscf", "ipsec_max_connections", 2)
modparam("ims_registrar_pcscf", "subscribe_to_reginfo", 0)
modparam("ims_registrar_pcscf", "publish_reginfo", 0)
modparam("ims_registrar_pcscf", "pcscf_uri", "sip:127.0.0.1:5060")
"""
    route = """
request_route {
	pcscf_save_pending("location");
	t_on_reply("SAVE");
	$du = CORE;
	t_relay();
	exit;
}
onreply_route[SAVE] {
	if(t_check_status("200")) {
		pcscf_save("location");
	}
}
"""
    with Namespace() as namespace:
        with namespace.inside():
            core = Core()
        node = start(modules=modules, regmon=place, more=more, route=route, under=namespace.command,
                     core_port=core.port)
        with namespace.inside():
            phone = Phone(node.port, "001010000000101", host="127.0.0.1")
        check_phone(node, phone)
        phone.close()
        core.close()


@pytest.mark.parametrize("place", ["topos", "last"])
def test_topos(start, phones, tmp_path, place):
    shutil.copytree(DBTEXT, tmp_path / "db")
    node = start(modules=MODULES + ["db_text", "topos"], regmon=place,
                 more=f'modparam("topos", "storage", "db")\nmodparam("topos", "db_url", "text://{tmp_path}/db")\n')
    check_phone(node, phones(node))


@pytest.mark.parametrize("place", ["siptrace", "last"])
def test_siptrace(start, phones, place):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as collector:
        collector.bind(("127.0.0.1", 0))
        collector.settimeout(5)
        port = collector.getsockname()[1]
        node = start(modules=MODULES + ["siptrace"], regmon=place,
                     more=f'modparam("siptrace", "duplicate_uri", "sip:127.0.0.1:{port}")\n'
                          'modparam("siptrace", "trace_to_database", 0)\nmodparam("siptrace", "hep_mode_on", 1)\n'
                          'modparam("siptrace", "hep_version", 3)\nmodparam("siptrace", "trace_on", 1)\n'
                          'modparam("siptrace", "trace_mode", 1)\n')
        check_phone(node, phones(node))
        assert b"REGISTER" in collector.recv(65536), "siptrace itself still works"


@pytest.mark.parametrize("place", ["xhttp", "last"])
def test_xhttp(start, phones, place):
    route = RELAY + """
event_route[xhttp:request] {
	xhttp_reply("200", "OK", "text/plain", "fine\\n");
}
"""
    node = start(modules=MODULES + ["xhttp"], regmon=place, tcp=True, more="tcp_accept_no_cl=yes\n", route=route)
    web = http.client.HTTPConnection("127.0.0.1", node.port, timeout=5)
    web.request("GET", "/")
    assert web.getresponse().read() == b"fine\n"
    web.close()
    assert Regmon(node).list() == []
    check_phone(node, phones(node))


@pytest.mark.parametrize("place", ["dmq", "last"])
def test_dmq(start, phones, place):
    port = free_port()
    node = start(modules=MODULES + ["dmq"], regmon=place, port=port,
                 more=f'modparam("dmq", "server_address", "sip:127.0.0.1:{port}")\n'
                      f'modparam("dmq", "server_socket", "udp:127.0.0.1:{port}")\nmodparam("dmq", "num_workers", 1)\n')
    check_phone(node, phones(node))
