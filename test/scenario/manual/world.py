# SPDX-License-Identifier: GPL-2.0-or-later
"""The node and the five phones that the answers in the manual tell of: cfg-examples/demo.cfg as P-CSCF."""
import os
import re

from kamailio import TOP, Kamailio, free_port
from regmon import Regmon
from sip import SECURITY_SERVER, DOMAIN, Core, Phone, eventually, nonce_of

HEALTHY, LOOPING, SILENT, FORBIDDEN, MISSPELT = (f"00101000000000{n}" for n in range(1, 6))
# the phone in the loop and the one that is refused stand in one cell, the others in another
TROUBLED_CELL = "3GPP-NR-TDD;utran-cell-id-3gpp=00101000066000000B02"
LTE_CELL_BEHIND_NR = "3GPP-NR-TDD;utran-cell-id-3gpp=0010100640000A1F"


def challenge(core):
    core.challenges += 1
    return 401, "Unauthorized", [
        ("WWW-Authenticate", f'Digest realm="{DOMAIN}", nonce="{nonce_of(core.challenges)}", algorithm=AKAv1-MD5, '
                             f'qop="auth", ck="{"0" * 31}1", ik="{"0" * 31}2"')]


def decide(core, request):
    imsi = re.search(r"sip:(\d{15})@", request.get("To")).group(1)
    if imsi == FORBIDDEN:
        return 403, "Roaming not allowed", []
    code, reason, headers = core.as_usual(request)
    if imsi == LOOPING or code == 401:
        return challenge(core)
    return code, reason, headers + [("Service-Route", f"<sip:orig@scscf.{DOMAIN};lr>")]


def demo_configuration(*more):
    """cfg-examples/demo.cfg with the sockets of the tests and more lines"""
    with open(os.path.join(TOP, "cfg-examples", "demo.cfg")) as file:
        text = file.read()
    text = text.replace('"transport", 2)', '"transport", 4)\nmodparam("jsonrpcs", "dgram_socket", JSON)')
    text = text.replace('"silence_s", 10)', '"silence_s", 1)\n' + "\n".join(more))
    assert "JSON" in text and '"silence_s", 1)\n' in text
    return text


class World:
    """.node, .regmon, .phones by IMSI; closed by close(), which returns what was wrong"""

    def __init__(self):
        self.core = Core()
        self.core.decide = decide
        port = free_port()
        self.node = Kamailio(demo_configuration(
            'loadmodule "cfg_rpc.so"', 'loadmodule "xlog.so"', 'modparam("ims_regmon", "role", "pcscf")',
            f'modparam("ims_regmon", "home_domain", "{DOMAIN}")'),
            core_port=self.core.port, port=port, defines={"PCSCF_PORT": port})
        self.regmon = Regmon(self.node)
        self.phones = {}

    def open(self):
        self.node.start()
        for imsi in (HEALTHY, LOOPING, SILENT, FORBIDDEN, MISSPELT):
            self.phones[imsi] = Phone(self.node.port, imsi)
        phones = self.phones
        phones[SILENT].register()
        phones[SILENT].expect(401)
        phones[HEALTHY].registers()
        phones[HEALTHY].refresh()
        phones[HEALTHY].expect(200)
        phones[LOOPING].access = TROUBLED_CELL
        phones[LOOPING].register()
        phones[LOOPING].expect(401)
        for _ in range(4):
            phones[LOOPING].answer_challenge()
            phones[LOOPING].expect(401)
        phones[FORBIDDEN].register(change={"P-Access-Network-Info": TROUBLED_CELL})
        phones[FORBIDDEN].expect(403)
        phones[MISSPELT].access = LTE_CELL_BEHIND_NR
        phones[MISSPELT].registers()
        assert eventually(lambda: "silent-after-challenge" in self.regmon.causes(f"imsi:{SILENT}"), 20)
        # the round that counts users has been
        assert eventually(lambda: self.regmon.summary()["registered_users"].get("public_identities") == 2, 20)
        return self

    def close(self):
        for phone in self.phones.values():
            phone.close()
        wrong = self.regmon.faults() + self.node.stop()
        self.core.close()
        return wrong
