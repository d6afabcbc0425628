# SPDX-License-Identifier: GPL-2.0-or-later
import base64
import http.server
import threading
import types

import pytest

import aka
from confidential import SECRETS, Secrets, SecretShown
from kamailio import RELAY, Kamailio, configuration
from sip import DOMAIN, RESPONSE, Phone, eventually, nonce_of
from web import Connection, Web

# says what no test may find in a log
TALKATIVE = RELAY.replace("request_route {", 'request_route {\n\txlog("L_NOTICE", "it has $hdr(Authorization)\\n");\n', 1)


@pytest.fixture
def planted():
    """Whatever is found is taken back: it was planted."""
    before, words = len(SECRETS.shown), dict(SECRETS.words)
    yield SECRETS
    del SECRETS.shown[before:]
    SECRETS.words = words


@pytest.fixture
def talkative(core, planted):
    """A node whose log shows credentials; its test stops it."""
    nodes = []

    def run(**how):
        how.setdefault("route", TALKATIVE)
        nodes.append(Kamailio(configuration(**how), core_port=core.port))
        return nodes[-1].start()

    yield run
    for node in nodes:
        node.stop()


def test_log(talkative):
    node = talkative()
    phone = Phone(node.port, "001010000000101")
    phone.registers()
    phone.close()
    wrong = node.stop()
    assert len(wrong) == 1 and wrong[0] == "log shows nonce, response", wrong


def test_nothing_is_wrong_with_a_quiet_log(talkative):
    node = talkative(route=RELAY)
    phone = Phone(node.port, "001010000000101")
    phone.registers()
    phone.close()
    assert node.stop() == []


def test_record_file(talkative, tmp_path):
    path = str(tmp_path / "records.jsonl")
    node = talkative(route=RELAY, parameters=[("record_file", path)])
    phone = Phone(node.port, "001010000000101")
    phone.registers()
    phone.close()
    with open(path + ".1", "w") as file:
        file.write('{"response":"%s"}\n' % RESPONSE)
    assert node.stop() == ["records.jsonl.1 shows response"]


def test_rpc_and_kamcmd(talkative):
    """A module that shows what it is given: pv's shared variables."""
    node = talkative(route=RELAY, more='modparam("pv", "shvset", "kept=s:%s")\n' % ("planted" + RESPONSE))
    SECRETS.know("response", RESPONSE)
    with pytest.raises(SecretShown, match="pv.shvGet shows response"):
        node.rpc("pv.shvGet", "kept")
    with pytest.raises(SecretShown, match="kamcmd pv.shvGet shows response"):
        node.kamcmd("pv.shvGet", "kept")
    assert len(SECRETS.shown) == 2, "also for who catches the exception"


def test_privacy_key(talkative):
    node = talkative(route='request_route { xlog("L_NOTICE", "it is forty years in the desert\\n"); }\n',
                     parameters=[("privacy", "pseudonym"), ("privacy_key", "forty years in the desert")])
    phone = Phone(node.port, "001010000000101")
    phone.register()
    assert eventually(lambda: "it is forty" in node.log())
    phone.close()
    assert node.stop() == ["log shows privacy_key"]


def test_http(planted):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            body = b'{"nonce": "%s"}' % nonce_of(7777).encode()
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    node = types.SimpleNamespace(port=server.server_address[1])
    SECRETS.know("nonce", nonce_of(7777))
    try:
        with pytest.raises(SecretShown, match="nonce"):
            Web(node).get("/regmon/api/summary")
        connection = Connection(node)
        connection.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        with pytest.raises(SecretShown, match="nonce"):
            connection.answer()
        connection.close()
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


AUTN = bytes(range(16))
K = bytes.fromhex("465b5ce8b199b49faa5f0a2ee238a6bc")
OP = bytes.fromhex("cdc202d5123e20f62b6d676ac72cb318")


def test_each_kind():
    mine = Secrets()
    mine.learn("REGISTER sip:a SIP/2.0\r\n"
               'authorization : Digest username="u",nonce="%s", response = "%s",auts=c2VxdWVuY2UgaXMgYmVoaW5k\r\n\r\n'
               % (base64.b64encode(AUTN * 2).decode(), RESPONSE))
    mine.learn(b"SIP/2.0 401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"r\", "
               b'ck="00112233445566778899aabbccddeeff",ik=ffeeddccbbaa99887766554433221100\r\n\r\n')
    mine.found_in("whoever looks reads what there is to learn")
    assert sorted(set(mine.known.values())) == ["auts", "ck", "ik", "nonce", "response"]
    for value, name in mine.known.items():
        assert mine.found_in(f"before {value.upper()}, after") == {name}
        assert mine.found_in(f"glued{value[3:3 + 16]}on") == {name}, "a piece of it is enough"
        assert not mine.found_in(value[:15]), "less is none"
    assert not mine.found_in("response is 32 hexadecimal digits: missing"), "names are no secrets"
    # as JSON writes it
    assert mine.found_in(base64.b64encode(AUTN * 2).decode().replace("/", "\\/"))
    mine.know("RES", bytes.fromhex("0123456789abcdef")[:4])
    assert mine.found_in("res 01234567.") == {"RES"}


def test_what_was_read_before_it_was_known():
    """a whole word, a piece of one, and a secret that is too short for pieces"""
    mine = Secrets()
    mine.check("the log", f"a digest of {RESPONSE}, and nothing else")
    mine.check("a record", '{"res":"01234567","key":"%s..."}' % K.hex()[:20])
    assert mine.shown == mine.found_late() == []
    mine.learn(f'Authorization: Digest response="{RESPONSE}"\r\n')
    assert mine.found_late() == ["the log shows response"]
    mine.know("RES", bytes.fromhex("01234567"))
    mine.learn_keys(f"001010000000101@{DOMAIN} k={K.hex()} opc={OP.hex()} amf=b9b9\n")
    assert mine.found_late() == ["a record shows K, RES", "the log shows response"]


def test_forms_of_a_key():
    mine = Secrets()
    mine.know("K", b"ims_regmon-lab-K")
    for form in (b"ims_regmon-lab-K", b"ims_regmon-lab-K".hex().upper().encode(), base64.b64encode(b"ims_regmon-lab-K")):
        assert mine.found_in(b"it is " + form + b"!") == {"K"}
    mine.learn('WWW-Authenticate: Digest nonce="%s"\r\n' % base64.b64encode(AUTN * 2).decode())
    assert mine.found_in("RAND 0x" + AUTN.hex()) == {"nonce"}


def test_keys_of_cards():
    """Milenage learns what a card and an HSS know, and what is made of it."""
    milenage = aka.Milenage(K, OP)
    hss = aka.Hss(milenage)
    hss.nonce()
    known = {name for value, name in SECRETS.known.items()}
    assert {"K", "OP", "OPc", "RES", "CK", "IK"} <= known
    for secret in (K, OP, milenage.opc, *hss.secrets[:3]):
        assert SECRETS.found_in(f"it is {secret.hex()}"), secret.hex()
