# SPDX-License-Identifier: GPL-2.0-or-later
import glob
import os
import re
import shutil
import subprocess

import pytest

from kamailio import KAMAILIO, MODULE, TOP, configuration, free_port, modules_path
from regmon import Regmon
from sip import DOMAIN, eventually

HERE = os.path.dirname(os.path.abspath(__file__))
EXAMPLES = os.path.join(TOP, "cfg-examples", "ims")
KAMAILIOS_OWN = "/usr/share/doc/kamailio/examples/ims"
NODES = ("pcscf", "icscf", "scscf")
PATH = f"<sip:term@pcscf.{DOMAIN};lr>"
# what a REGISTER has gone through before it comes to the node
WAY = {"pcscf": {}, "icscf": dict(vias=["SIP/2.0/UDP 127.0.0.3:5060;branch=z9hG4bKp"], change={"Path": PATH}),
       "scscf": dict(vias=["SIP/2.0/UDP 127.0.0.2:5060;branch=z9hG4bKi", "SIP/2.0/UDP 127.0.0.3:5060;branch=z9hG4bKp"],
                     change={"Path": PATH})}


def read(path):
    with open(path) as file:
        return file.read()


# ---- in Kamailio's own configurations ----

def loads(folder):
    done = subprocess.run(
        [KAMAILIO, "-c", "-f", str(folder / "kamailio.cfg"), "-L", f"{modules_path()}:{os.path.dirname(MODULE)}"],
        capture_output=True, text=True, timeout=60)
    return done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", NODES)
@pytest.mark.parametrize("defines", [(), ("WITH_REGMON_HTTP", "WITH_REGMON_LUA")], ids=["as-it-is", "with-all"])
def test_in_kamailios_own_configuration(name, defines, tmp_path):
    if not os.path.isdir(f"{KAMAILIOS_OWN}/{name}"):
        pytest.skip(f"no {KAMAILIOS_OWN}")
    shutil.copytree(f"{KAMAILIOS_OWN}/{name}", tmp_path, dirs_exist_ok=True)
    for path in glob.glob(f"{tmp_path}/**/*.gz", recursive=True):
        subprocess.run(["gunzip", path], check=True)
    shutil.copy(tmp_path / f"{name}.cfg.sample", tmp_path / f"{name}.cfg")
    text = read(tmp_path / "kamailio.cfg")
    # another database, and without what this Kamailio itself does not take any more
    text = re.sub("db_mysql", "db_sqlite", re.sub(r"(?m)^mpath=.*|^modparam\(\"dispatcher\", \"\w+_avp\".*", "", text))
    text = "".join(f"#!define {define}\n" for define in defines) + text
    part = tmp_path / f"{name}.cfg"
    part.write_text(re.sub(r"(?m)^#!define WITH_XMLRPC", "##", read(part)))
    (tmp_path / "kamailio.cfg").write_text(text)
    good, said = loads(tmp_path)
    if not good:
        pytest.skip(f"this Kamailio does not take its own example: {said[-300:]}")

    with_us, n = re.subn(r"(?m)^(?:request_)?route\s*\{", r'include_file "regmon.cfg"\n\g<0>', text, count=1)
    assert n == 1
    shutil.copy(f"{EXAMPLES}/{name}.cfg", tmp_path / "regmon.cfg")
    (tmp_path / "kamailio.cfg").write_text(with_us)
    good, said = loads(tmp_path)
    assert good, said
    (tmp_path / "regmon.cfg").write_text(read(tmp_path / "regmon.cfg").replace('"role"', '"roles"'))
    good, said = loads(tmp_path)
    assert not good and "roles" in said


# ---- in Lua ----

OWN = """
dofile("%s")
function ksr_request_route()
	if regmon_refuses and regmon_refuses() then
		return 1
	end
	KSR.pv.sets("$du", "sip:127.0.0.1:%d")
	KSR.tm.t_relay()
	return 1
end
"""


@pytest.fixture
def lua(start, core, tmp_path):
    def run(name, **defines):
        script = tmp_path / "script.lua"
        script.write_text(OWN % (f"{EXAMPLES}/{name}.lua", core.port))
        own = f'#!define WITH_REGMON_LUA\n#!define REGMON_PHONES 1000\ninclude_file "{EXAMPLES}/{name}.cfg"\n'
        text = configuration(modules=["tm", "tmx", "sl", "pv", "textops", "siputils", "xlog", "kex", "counters", "app_lua"],
                             regmon=None, route="", more=own + "".join(f"{line}\n" for line in defines.get("more", ())) +
                             f'modparam("app_lua", "load", "{script}")\ncfgengine "lua"\n')
        node = start(text)
        assert "ERROR" not in node.log()
        return node
    return run


def says(node, *texts):
    assert eventually(lambda: any(all(text in line for text in texts) for line in node.log().splitlines())), \
        f"{texts}:\n{node.log()}"


def test_pcscf_in_lua(lua, phones, core):
    node = lua("pcscf", more=['modparam("ims_regmon", "rule", "TO-04=error,enforce")'])
    phone, tagged = phones(node), phones(node, "001010000000102")
    core.decide = lambda core, request: (403, "Forbidden", [])
    phone.register()
    phone.expect(403)
    says(node, f"regmon: {phone.impu} (Pixel 9 Pro IMS/2.1) at TAC ", ": forbidden-by-core, certain")
    core.decide = type(core).as_usual
    phone.registers()
    says(node, f"regmon: {phone.impu} (Pixel 9 Pro IMS/2.1) is well again")
    seen = len(core.requests)
    tag = {"To": f"<{tagged.impu}>;tag=x"}
    tagged.register(change=tag)
    assert "TO-04" in tagged.expect(481).get("Warning")
    assert len(core.requests) == seen
    tagged.register(change=dict(tag, Contact=f"<sip:{tagged.imsi}@{tagged.host};sos>"))
    assert tagged.receive().code == 401
    assert len(core.requests) == seen + 1


@pytest.mark.parametrize("name, code, said", [
    ("icscf", 480, "refused-by-core, answer 480: the S-CSCF refuses"),
    ("scscf", 403, "wrong-response, "),
])
def test_core_in_lua(lua, phones, core, name, code, said):
    node = lua(name)
    phone = phones(node)
    way = WAY[name]
    core.decide = lambda core, request: \
        (code, "No", []) if 'response=""' not in request.get("Authorization") else core.challenge()
    assert Regmon(node).rpc("summary")["role"] == name
    phone.register(**way)
    phone.expect(401)
    phone.answer_challenge(**way)
    phone.expect(code)
    says(node, f"regmon: {phone.impi}: {said}")


# ---- instead of hash tables ----

JSONRPCS = 'modparam("jsonrpcs", "transport", 2)'


@pytest.fixture
def both(start):
    """the node with this module's variables, and the one with hash tables"""
    text, port = read(f"{EXAMPLES}/instead-of-htable.cfg"), free_port()
    assert JSONRPCS in text
    text = text.replace(JSONRPCS, 'modparam("jsonrpcs", "transport", 4)\nmodparam("jsonrpcs", "dgram_socket", JSON)')
    ours = start(text, port=port, defines={"PCSCF_PORT": port})
    return ours, start(read(f"{HERE}/hand-made.cfg"))


def ports(node, phone):
    """what the log says of the phone's protected ports"""
    found = re.search(rf"{re.escape(phone.call_id)} port-c=(\S*) port-s=(\S*)", node.log())
    return found and found.groups()


def test_the_same_without_hash_tables(both, phones, core):
    ours, hand_made = both
    for node in both:
        for number in range(3):
            phone = phones(node, f"00101000000010{number}")
            phone.registers()
            assert eventually(lambda: ports(node, phone)) == ("49153", "49200")
        core.decide = lambda core, request: (403, "Forbidden", [])
        refused = phones(node, "001010000000109")
        refused.register()
        refused.expect(403)
        core.decide = type(core).as_usual
    statistics = " ".join(hand_made.rpc("stats.get_statistics", "script:"))
    counted = Regmon(ours).counters()
    assert "register_success = 3" in statistics and counted["successes_initial"] == 3
    assert "register_failed = 1" in statistics and counted["failures_initial"] == 1


def test_where_hash_tables_are_wrong(both, phones, core):
    """two mechanisms on two lines, and a name in other letters"""
    offer = "IPsec-3GPP;alg=hmac-sha-1-96;ealg=null;prot=esp;mod=trans;spi-c=1111;spi-s=2222;Port-C=49153;PORT-S=49200"
    seen = []
    for node in both:
        phone = phones(node)
        phone.register(change={"Security-Client": ["tls;q=0.1", offer]})
        phone.expect(401)
        seen.append(eventually(lambda: ports(node, phone), timeout=2))
    assert seen == [("49153", "49200"), None]


def test_one_phone_is_shut_out_and_not_its_neighbour(both, phones, core):
    node, seen = both[0], core.requests
    bad, good = phones(node), phones(node, "001010000000102")
    core.decide = lambda core, request: (403, "Forbidden", []) if "101@" in request.get("To") else core.as_usual(request)
    for number in range(10):
        bad.call_id = f"bad-{number}"
        bad.register()
        bad.expect(403)
    bad.call_id, before = "bad-last", len(seen)
    bad.register()
    assert bad.expect(503).get("Retry-After") == "300"
    assert len(seen) == before
    good.registers()
    assert Regmon(node).state(f"imsi:{good.imsi}") == "registered"
