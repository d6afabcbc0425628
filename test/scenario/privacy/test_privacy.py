# SPDX-License-Identifier: GPL-2.0-or-later
import json
import os
import re

import pytest

from kamailio import DoesNotStart, RpcError
from regmon import Regmon
from schema import check_event, check_record
from sip import DOMAIN, eventually
from web import Web, query

KEY = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
HIDDEN = [("privacy", "pseudonym"), ("privacy_key", KEY)]
NUMBER, IMSI = "+4915112345678", "001010000000101"
FIELDS = "impu impi instance imei device call_id cell json"
ROUTES = "".join(f'event_route[regmon:{name}] {{ xlog("L_NOTICE", "TOLD '
                 + " ".join(f"$regmon({field})" for field in FIELDS.split()) + '\\n"); }\n'
                 for name in ("state", "finding", "cause", "record"))
ROUTE = """
request_route {
	xlog("L_NOTICE", "SEEN $regmon(impu) $regmon(impi) $regmon(instance) $regmon(imei) $regmon(device) $regmon(cell)\\n");
	if($regmon(impu) == $regmon(impi)) {
		xlog("L_NOTICE", "SEEN two pseudonyms as one\n");
	}
	$du = CORE;
	t_relay();
	exit;
}
"""
COMMANDS = ["why", "show", "timeline", "ladder", "decode", "reginfo"]


class Told:
    """Everything that a node has said of one phone that registered and one that was refused."""

    def __init__(self, start, phones, core, path, parameters):
        core.decide = self.decide
        self.node = start(parameters=[("record_file", path), ("http_allow", "127.0.0.1"), *parameters], tcp=True,
                          head="tcp_accept_no_cl=yes\n", more=ROUTES, route=ROUTE)
        self.path = path
        self.phone = phones(self.node, IMSI, device=f"Phone/1.0 35609911-000042-0/{IMSI}",
                            access="IEEE-802.11;i-wlan-node-id=00cafe00cafe")
        self.phone.registers()
        self.refused = phones(self.node, "001010000000102", impu=f"sip:{NUMBER}@{DOMAIN}")
        self.refused.register(change={"Contact": f"<sip:{NUMBER}@10.45.0.9:5060>;expires=600000"})
        self.refused.expect(403)
        regmon = Regmon(self.node)
        assert eventually(lambda: os.path.exists(path) and len(self.records()) >= 2)
        assert eventually(lambda: "forbidden-by-core" in self.node.log())
        self.texts = {"records": "\n".join(self.records()), "log": self.node.log()}
        for who in (f"imsi:{IMSI}", f"msisdn:{NUMBER}"):
            for name in COMMANDS:
                self.texts[f"{name} {who}"] = json.dumps(regmon.rpc(name, who))
                self.texts[f"kamcmd {name} {who}"] = self.node.kamcmd(f"ims_regmon.{name}", who)
                self.texts[f"http {name} {who}"] = Web(self.node).get(f"/regmon/api/{name}" + query({"who": who})).text
        for name in ("list", "summary", "kpi", "top"):
            words = ["device", "by=attempts"] if name == "top" else []
            self.texts[name] = json.dumps(regmon.rpc(name, *words))
            self.texts[f"kamcmd {name}"] = self.node.kamcmd(f"ims_regmon.{name}", *words)
        self.texts["top cell"] = json.dumps(regmon.rpc("top", "cell", "by=attempts"))
        for target in ("list", "top?dimension=device&by=attempts", "top?dimension=cell&by=attempts"):
            self.texts["http " + target] = Web(self.node).get("/regmon/api/" + target).text
        self.texts["metrics"] = Web(self.node).get("/regmon/metrics").body.decode()
        assert all(self.texts.values())

    @staticmethod
    def decide(core, request):
        if NUMBER in request.get("To"):
            return 403, f"No user {NUMBER} here", []
        return core.as_usual(request)

    def records(self):
        with open(self.path) as file:
            return file.read().splitlines()

    def names(self):
        """what must not be read anywhere"""
        return {"IMSI": IMSI, "the other IMSI": "001010000000102", "number": NUMBER.strip("+"), "domain": DOMAIN,
                "host": self.phone.host, "the other host": "10.45.0.9", "Call-ID": self.phone.call_id,
                "the other Call-ID": self.refused.call_id, "IMEI": self.phone.imei[:-2],
                "the device's IMEI": "35609911-000042", "WLAN": "00cafe00cafe"}


@pytest.fixture
def told(start, phones, core, tmp_path):
    return lambda parameters, name="records": Told(start, phones, core, str(tmp_path / name), parameters)


def of_us(log):
    """the module's own lines and what the routes wrote of its variables"""
    return "\n".join(line for line in log.splitlines() if "ims_regmon" in line or " TOLD " in line or " SEEN " in line)


def test_clear_shows_each_name(told):
    """without privacy the search below finds them all"""
    here = told([])
    here.texts["log"] = of_us(here.texts["log"])
    whole = "\n".join(here.texts.values())
    for name, value in here.names().items():
        assert value in whole, name
    for where, text in here.texts.items():
        if where.split()[-1] not in ("metrics", "summary", "kpi"):
            assert any(value in text for value in here.names().values()), where


def test_no_name_leaves(told):
    here = told(HIDDEN)
    assert of_us(here.texts["log"]).count(" TOLD ") > 5 and " SEEN " in here.texts["log"]
    assert "two pseudonyms as one" not in here.texts["log"]
    for where, text in here.texts.items():
        for name, value in here.names().items():
            assert value.lower() not in text.lower(), f"{name} in {where}: {text}"
    assert KEY not in "\n".join(here.texts.values())
    for line in here.records():
        phone = check_record(line)["phone"]
        assert re.fullmatch("impu:[0-9a-f]{16}", phone["impu"]) and re.fullmatch("addr:[0-9a-f]{16}", phone["source"])
    for event in re.findall(r" TOLD .*? (\{.*\})$", here.texts["log"], re.MULTILINE):
        (check_event if "event" in json.loads(event) else check_record)(event)
    # what says what is wrong stays
    assert Regmon(here.node).causes(f"msisdn:{NUMBER}")[0] == "forbidden-by-core"
    assert Regmon(here.node).show(f"imsi:{IMSI}")["access"] == "WLAN"


def test_found_by_name_and_by_pseudonym(told):
    here = told(HIDDEN)
    regmon = Regmon(here.node)
    shown = regmon.show(f"imsi:{IMSI}")
    for who in (IMSI + "@" + DOMAIN, here.phone.impu, "impi:" + here.phone.impi, "imei:" + here.phone.imei,
                "callid:" + here.phone.call_id, "addr:" + here.phone.host):
        assert regmon.show(who)["impu"] == shown["impu"], who
    for field in ("impu", "impi", "imsi", "imei", "instance", "contact", "call_id"):
        assert regmon.show(shown[field])["impu"] == shown["impu"], field
        assert Web(here.node).api("show", who=shown[field])["phones"][0]["impu"] == shown["impu"]
    assert len(regmon.list("cell=" + shown["cell"])) == len(regmon.list("cell=00cafe00cafe")) == 1
    record = json.loads(here.records()[0])
    assert record["phone"]["impu"] == shown["impu"]
    assert regmon.forget(shown["impu"]) == 1
    with pytest.raises(RpcError) as unknown:
        regmon.show(f"imsi:{IMSI}")
    assert IMSI not in str(unknown.value)
    answer = Web(here.node).get(f"/regmon/api/show?who=imsi:{IMSI}")
    assert answer.code == 404 and IMSI.encode() not in answer.body


def test_same_key_same_pseudonyms(told):
    """on another node, after a restart, in old records; not with another key"""
    def impu(parameters, name):
        return Regmon(told(parameters, name).node).show(f"imsi:{IMSI}")["impu"]
    first = impu(HIDDEN, "one")
    assert impu(HIDDEN, "two") == first
    assert impu([("privacy", "pseudonym"), ("privacy_key", "another" + KEY)], "three") != first


@pytest.mark.parametrize("key, word", [(None, "none is given"), ("x" * 15, "too short"), ("x" * 257, "too long")])
def test_wrong_key_stops_the_start(start, key, word):
    given = [("privacy_key", key)] if key else []
    with pytest.raises(DoesNotStart) as stopped:
        start(parameters=[("privacy", "pseudonym"), *given], check=False)
    lines = [line for line in str(stopped.value).splitlines() if "modparam privacy_key" in line and "ims_regmon" in line]
    assert len(lines) == 1 and word in lines[0] and "openssl rand" in lines[0] and "16" in lines[0], str(stopped.value)
    assert not key or key not in str(stopped.value)
