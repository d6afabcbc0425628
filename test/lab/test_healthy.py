# SPDX-License-Identifier: GPL-2.0-or-later
"""Phones register, and nothing is wrong: what each node counts is what the chain itself counts."""
import time

import pytest

from bulk import Bulk
from chain import NODES
from conftest import PHONES
from phone import Phone
from sip import eventually

WITH_IPSEC = 3


@pytest.fixture(scope="module")
def registered(chain):
    """All phones have registered; those with IPsec, and the seconds it took."""
    began, bulk = time.monotonic(), Bulk(chain, PHONES)
    phones = [Phone(chain, 900 + number, ipsec=True) for number in range(WITH_IPSEC)]
    try:
        good, failed, words = bulk.registers()
        assert (good, failed) == (PHONES, 0), words
        assert [phone.registers() for phone in phones] == [200] * WITH_IPSEC
        yield phones, time.monotonic() - began
    finally:
        bulk.close()
        for phone in phones:
            phone.close()


def own_counters(chain, name, group):
    return {key: int(value) for key, value in chain.nodes[name].rpc("cnt.grp_get_all", group).items()}


def test_each_node_counts_what_the_chain_counts(chain, registered, say):
    phones, took_s = registered
    everybody = PHONES + len(phones)
    hss = chain.hss.state()
    asked = hss["counted"]
    seen = {name: chain.regmon[name].counters() for name in NODES}
    states = {name: chain.regmon[name].summary()["registrations"] for name in NODES}
    icscf, auth = own_counters(chain, "icscf", "ims_icscf"), own_counters(chain, "scscf", "ims_auth")
    registrar, bindings = (own_counters(chain, "scscf", group) for group in ("ims_registrar_scscf", "ims_usrloc_scscf"))
    statuses = [chain.nodes[name].rpc(f"ul{name}.status") for name in ("pcscf", "scscf")]
    contacts, impus = statuses[0]["AoRs"]["Stats"]["Records"], statuses[1]["Stats"]["Records"]

    say("")
    say(f"healthy: {PHONES} phones by SIPp and {len(phones)} with a security agreement "
        f"({'real ESP' if chain.network.has_esp else 'protected ports, no ESP in this kernel'}) in {took_s:.1f} s")
    for name in NODES:
        say(f"  {name}  states {states[name]}; " + ", ".join(
            f"{key} {seen[name][key]}" for key in ("registers", "challenges", "answers_2xx", "attempts_initial",
                                                   "successes_initial", "failures_initial", "retransmissions")))
    say(f"  chain  HSS {asked}; {len(hss['registered'])} registered there")
    say(f"         ulpcscf.status {contacts} contacts, ulscscf.status {impus} IMPUs, "
        f"{bindings['active_contacts']} contacts; UAA {icscf['uar_replies_received']}, "
        f"MAA {auth['mar_replies_received']}, SAA {registrar['sar_replies_received']}, accepted {registrar['accepted_regs']}")

    for name in NODES:
        assert states[name] == {"all": everybody, "registered": everybody}
        assert (seen[name]["attempts_initial"], seen[name]["successes_initial"]) == (everybody, everybody)
        for key, value in seen[name].items():
            if key.startswith("failures_") or key in ("superseded", "unanswered", "silent_after_challenge",
                                                      "answers_4xx", "answers_5xx", "answers_other",
                                                      "answers_not_sent", "evicted", "dropped", "expired"):
                assert value == 0, f"{key} at {name}"
    # P-CSCF. Behind a phone with IPsec there is the contact of its first REGISTER, too, until it runs out.
    assert contacts == everybody + len(phones)
    # I-CSCF: one UAR for each REGISTER
    assert seen["pcscf"]["registers"] == seen["icscf"]["registers"] == asked["UAR"] == icscf["uar_replies_received"]
    # S-CSCF: one MAR for each challenge, one SAR for each 200; three IMPUs in each implicit set
    assert seen["scscf"]["challenges"] == asked["MAR"] == auth["mar_replies_received"]
    assert seen["scscf"]["answers_2xx"] == asked["SAR 1"] == registrar["sar_replies_received"]
    assert seen["scscf"]["successes_initial"] == registrar["accepted_regs"] == bindings["active_contacts"]
    assert 3 * states["scscf"]["registered"] == impus == bindings["active_impus"]
    assert len(hss["registered"]) == everybody


def test_nobody_is_in_trouble(chain, registered):
    for name in NODES:
        assert chain.regmon[name].summary()["causes"] == []
        assert chain.regmon[name].list("cause=any") == []
        assert chain.regmon[name].list("state=registered", "limit=1")


def test_keys_stay_in_the_core(chain, registered):
    """ck and ik end at the P-CSCF: seen on its core's side, never on the phone's."""
    for phone in registered[0]:
        marks = {}
        for entry in chain.regmon["pcscf"].timeline(phone.who):
            marks.setdefault(entry["direction"], set()).update(entry.get("marks", []))
        assert "ck/ik" in marks["core -> here"]
        assert "ck/ik" not in marks["here -> phone"]
        assert "security-server" in marks["here -> phone"]
        assert "protected" in marks["phone -> here"]


def test_esp_carries_it(chain, registered):
    """The security associations of both sides have seen packets."""
    if not chain.network.has_esp:
        pytest.skip("this kernel has no ESP")
    for side in ("core", "access"):
        states = chain.network.run(side, "ip -s xfrm state").split("src ")[1:]
        used = [state for state in states if "0(bytes), 0(packets)" not in state]
        assert len(used) >= 2 * len(registered[0]), states


def test_refresh_and_deregistration(chain, registered):
    refreshing, leaving = registered[0][:2]
    assert refreshing.refreshes() == 200
    assert leaving.deregisters() == 200
    for name in NODES:
        regmon = chain.regmon[name]
        assert eventually(lambda: regmon.state(refreshing.who) == "registered")
        assert eventually(lambda: regmon.state(leaving.who) == "deregistered")
        assert regmon.causes(refreshing.who) == regmon.causes(leaving.who) == []
        counted = regmon.counters()
        assert (counted["successes_reregistration"], counted["successes_deregistration"]) == (1, 1)
        assert regmon.summary()["registrations"] == {"all": PHONES + WITH_IPSEC, "deregistered": 1,
                                                      "registered": PHONES + WITH_IPSEC - 1}
    assert chain.has_binding(refreshing.impu)
    assert eventually(lambda: not chain.has_binding(leaving.impu), timeout=20)
    assert leaving.imsi not in chain.hss.state()["registered"]
