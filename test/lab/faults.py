# SPDX-License-Identifier: GPL-2.0-or-later
"""How each case of expected.py is brought about: a function per case, which mends what it has broken and returns
the phone in trouble. And what the nodes say of it then."""
import contextlib
import dataclasses
import itertools
import time

from chain import NODES
from kamailio import RpcError
from phone import Phone
from sip import eventually

OTHER_K = b"another-card's-K"
SETTLED_S = 5.5  # sooner a document without a reason may still be about a binding that this one replaced
LOST_S = 6.5  # a phone sends at 0, 2 and 6 s
_numbers = itertools.count(301)  # a phone of its own for each case


@contextlib.contextmanager
def phone_of(chain, **how):
    phone = Phone(chain, how.pop("number", None) or next(_numbers), **how)
    try:
        yield phone
    finally:
        phone.close()


def gets(phone, wanted):
    code = phone.registers()
    assert code == wanted, f"the phone got {code}, not {wanted}"


def wrong_k(chain):
    with phone_of(chain, k=OTHER_K) as phone:
        gets(phone, 401)
        gets(phone, 401)
    return phone


def sqn_behind(chain, ignored=False):
    with phone_of(chain) as phone:
        phone.sqn = 1000000
        chain.hss.change(phone.imsi, sqn=1000, ignores_auts=ignored)
        before = chain.hss.counted("MAR with auts")
        gets(phone, 401 if ignored else 200)
        if ignored:
            gets(phone, 401)
        # each auts got as far as the HSS, and was a right one
        assert chain.hss.counted("MAR with auts") - before == (4 if ignored else 1)
        assert chain.hss.counted("MAR with wrong auts") == 0
    return phone


def auts_ignored(chain):
    return sqn_behind(chain, ignored=True)


def wrong_response(chain):
    with phone_of(chain) as phone:
        phone.hex_res = True
        gets(phone, 403)
    return phone


def wrong_realm(chain):
    with phone_of(chain, domain="ims.mnc099.mcc999.3gppnetwork.org") as phone:
        gets(phone, 403)
    return phone


def unknown_user(chain):
    with phone_of(chain, number=1001) as phone:  # behind those that the HSS knows
        gets(phone, 403)
    return phone


def roaming_refused(chain):
    with phone_of(chain) as phone:
        chain.hss.change(phone.imsi, refuse=5004)
        gets(phone, 403)
    return phone


def hss_dead(chain):
    chain.hss.die()
    try:
        chain.await_no_peers()
        with phone_of(chain) as phone:
            gets(phone, 408)
            return phone
    finally:
        chain.hss.start()
        chain.await_peers()


def hss_hangs(chain):
    chain.hss.hang()
    try:
        with phone_of(chain) as phone:
            gets(phone, 480)
            return phone
    finally:
        chain.hss.go_on()
        chain.await_peers()


def scscf_dead(chain):
    chain.stop_node("scscf")
    try:
        with phone_of(chain) as phone:
            gets(phone, 504)
            return phone
    finally:
        chain.start_node("scscf")
        chain.await_peers()


def challenge_lost(chain):
    with phone_of(chain) as phone, phone.hears_nothing():
        phone.patience_s = LOST_S
        gets(phone, None)
        assert chain.network.lost() >= 2
    return phone


def protected_register_lost(chain):
    with phone_of(chain, ipsec=True) as phone:
        phone.patience_s = LOST_S
        with phone.after_challenge(phone.is_not_heard):
            gets(phone, None)
        assert phone.answers == [401]
    return phone


def protected_answer_lost(chain):
    with phone_of(chain, ipsec=True) as phone:
        phone.patience_s = LOST_S
        with phone.after_challenge(phone.hears_nothing):
            gets(phone, None)
        assert phone.answers == [401]
    return phone


def network_deregistration(chain):
    subscriptions = chain.count("scscf", "ims_usrloc_scscf", "active_subscriptions")
    answered = chain.hss.counted("RTA 2001")
    with phone_of(chain) as phone:
        gets(phone, 200)
        # the P-CSCF wants to be told of changes before there are any
        assert eventually(lambda: chain.count("scscf", "ims_usrloc_scscf", "active_subscriptions") > subscriptions, 10)
        assert chain.has_binding(phone.impu)
        time.sleep(SETTLED_S)
        chain.hss.terminate(phone.imsi)
        assert eventually(lambda: not chain.has_binding(phone.impu), timeout=20), "the S-CSCF keeps the contact"
        assert chain.hss.counted("RTA 2001") == answered + 1
    return phone


def phone_vanishes(chain):
    with phone_of(chain) as phone:
        assert phone.registers(expires=6) == 200
    for name in NODES:
        assert eventually(lambda: chain.regmon[name].state(phone.who) == "expired", timeout=20)
    return phone


def pcscf_restart(chain):
    with phone_of(chain) as phone, phone_of(chain) as leaving:
        assert (phone.registers(), leaving.registers()) == (200, 200)
        chain.restart_node("pcscf")
        assert (phone.refreshes(), leaving.deregisters()) == (200, 200)
    phone.companion = leaving
    return phone


@dataclasses.dataclass
class Told:
    """What a node told of a phone; counts: by how much its counters moved"""
    known: bool
    why: dict
    show: dict
    steps: set
    counts: dict
    is_counted: bool  # ims_regmon.summary counts the first cause

    @property
    def causes(self):
        return [cause["cause"] for cause in self.why.get("causes", [])]

    def first(self):
        return self.causes[0] if self.causes else None

    def in_short(self):
        cause = self.why.get("causes", [{}])[0] if self.known and self.causes else {}
        return (self.show["state"] if self.known else "not seen",
                f"{cause['cause']} ({cause['certainty']})" if cause else "-", cause.get("first_suspect", ""))


def is_counted(regmon, cause):
    """The summary names the causes of most phones; the list knows them all."""
    return len(regmon.list(f"cause={cause}")) > 0


def names_one_of(regmon, who, wanted):
    """One of the wanted causes comes first, and the summary counts it when it is more than possible."""
    first = (regmon.why(who)["causes"] or [{"cause": None}])[0]
    return first["cause"] in wanted and (first["certainty"] == "possible" or is_counted(regmon, first["cause"]))


def ask(regmon, who, before):
    counts = {name: value - before.get(name, 0) for name, value in regmon.counters().items()}
    try:
        why, show, timeline = regmon.why(who), regmon.show(who), regmon.timeline(who)
    except RpcError as error:
        assert error.code == 404, error
        return Told(False, {}, {}, set(), counts, False)
    steps = {entry["what"] for entry in timeline}
    steps.update(mark for entry in timeline for mark in entry.get("marks", []))
    return Told(True, why, show, steps, counts, bool(why["causes"]) and is_counted(regmon, why["causes"][0]["cause"]))


def run(chain, name, case):
    """Brings the case about and asks each node; causes that take time are waited for."""
    before = {node: (chain.nodes[node], chain.regmon[node].counters()) for node in NODES}
    phone = globals()[name.replace("-", "_")](chain)
    for node in NODES:
        expected = case.node(node)
        if expected and expected.causes and not expected.not_yet:
            eventually(lambda: names_one_of(chain.regmon[node], phone.who, expected.causes), timeout=15)
    told = {}
    for node in NODES:
        process, counts = before[node]
        restarted = process is not chain.nodes[node]
        told[node] = ask(chain.regmon[node], phone.who, {} if restarted else counts)
    return phone, told
