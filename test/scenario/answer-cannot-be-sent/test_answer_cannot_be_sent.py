# SPDX-License-Identifier: GPL-2.0-or-later
import time

from regmon import Regmon
from sip import eventually


def test_is_counted(start, phones, core):
    # Kamailio must not open a new connection to the phone's port, which is closed, too.
    node = start(parameters=[("silence_s", 1)], tcp=True, head="tcp_connect_timeout=1\n",
                 more='modparam("tm", "wt_timer", 1000)\n')
    phone, regmon = phones(node, transport="TCP"), Regmon(node)

    def after_the_close(core, request):
        phone.close()
        time.sleep(0.5)
        return core.challenge()
    core.decide = after_the_close
    phone.register(change={"Via": f"SIP/2.0/TCP 127.0.0.1:{phone.port};branch=z9hG4bKgone;rport"})
    who = "imsi:" + phone.imsi
    assert eventually(lambda: regmon.count("answers_not_sent") == 1, timeout=5)
    assert regmon.count("challenges") == 0
    assert "silent-after-challenge" not in regmon.causes(who)
    assert eventually(lambda: regmon.state(who) == "registering")


def test_is_not_counted_over_a_living_connection(start, phones):
    node = start(tcp=True)
    phone, regmon = phones(node, transport="TCP"), Regmon(node)
    phone.registers()
    assert eventually(lambda: regmon.state("imsi:" + phone.imsi) == "registered")
    assert regmon.count("answers_not_sent") == 0
