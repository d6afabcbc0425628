# SPDX-License-Identifier: GPL-2.0-or-later
"""What each node has to say of each trouble: the protocol's logic in one table. A node names what it sees: an answer
that a node further inside made is refused-by-core here, and no-answer-from-core or refused-here at that node. What
does not hold yet has a not_yet that tells why; such a test has to fail (pytest's strict xfail), so that it speaks up
when the module has learnt it. Then take the not_yet away."""
import dataclasses
from typing import Optional


@dataclasses.dataclass(frozen=True)
class Node:
    """of one node and the phone in trouble"""
    causes: frozenset  # ids of which one has to come first in ims_regmon.why; empty: none may be named at all
    state: str  # of ims_regmon.show
    steps: tuple = ()  # beginnings of what has to be found in ims_regmon.timeline, as event or as mark
    counts: dict = dataclasses.field(default_factory=dict)  # by how much the case moves the counters: number or range
    not_yet: str = ""  # the cause
    state_not_yet: str = ""  # state, steps and counts


@dataclasses.dataclass(frozen=True)
class Case:
    broken: str
    pcscf: Optional[Node]  # None: this node cannot know of the phone
    icscf: Optional[Node]
    scscf: Optional[Node]
    leg: str = ""  # what the P-CSCF's first cause must name in evidence or first suspect (regular expression)
    icscf_leg: str = ""  # and the I-CSCF's
    leg_not_yet: str = ""

    def node(self, name):
        return getattr(self, name)


def says(*causes, state, steps=(), not_yet="", state_not_yet="", **counts):
    return Node(frozenset(causes), state, steps, counts, not_yet, state_not_yet)


# Three challenges each in two attempts; the second attempt ends the first (TS 24.229 5.1.1.5.12).
TWO_LOOPS = dict(state="challenged", registers=6, challenges=6, attempts_initial=2, superseded=1, failures_initial=1,
                 successes_initial=0)
REGISTERED = dict(state="registered", attempts_initial=1, successes_initial=1, failures_initial=0)
REFUSED = dict(state="failed", attempts_initial=1, failures_initial=1, successes_initial=0)

SOME = range(1, 20)


CASES = {
    # -- the card and the AuC -------------------------------------------------------------------------------
    # The card finds the MAC of the AUTN wrong; the phone answers without response and without auts.
    "wrong-k": Case(
        "K of the card is not K of the HSS",
        says("autn-mac-failure", steps=("AUTN refused", "new nonce"), **TWO_LOOPS),
        says("autn-mac-failure", steps=("AUTN refused", "new nonce"), **TWO_LOOPS),
        says("autn-mac-failure", steps=("AUTN refused", "new nonce"), **TWO_LOOPS),
        leg=r"K or OPc"),
    # One resynchronisation and all is well: no trouble.
    "sqn-behind": Case(
        "the HSS's SQN is behind the card's; it takes the SQN from the auts",
        says(steps=("auts (SQN out of range)",), **REGISTERED, registers=3, challenges=2),
        says(steps=("auts (SQN out of range)",), **REGISTERED, registers=3, challenges=2),
        says(steps=("auts (SQN out of range)",), **REGISTERED, registers=3, challenges=2)),
    "auts-ignored": Case(
        "the HSS's SQN is behind the card's, and it ignores the auts",
        says("sqn-out-of-range", steps=("auts (SQN out of range)",), **TWO_LOOPS),
        says("sqn-out-of-range", steps=("auts (SQN out of range)",), **TWO_LOOPS),
        says("sqn-out-of-range", steps=("auts (SQN out of range)",), **TWO_LOOPS),
        leg=r"SQN"),
    # The card accepted the network; the S-CSCF compares the response and says 403.
    "wrong-response": Case(
        "the phone takes RES for its hexadecimal text",
        says("wrong-response", **REFUSED, registers=2, challenges=1, answers_4xx=1),
        says("wrong-response", **REFUSED, registers=2, challenges=1, answers_4xx=1),
        says("wrong-response", **REFUSED, registers=2, challenges=1, answers_4xx=1),
        leg=r"RES"),
    # -- refused by the HSS ---------------------------------------------------------------------------------
    # UAA 5001: the S-CSCF is never asked.
    "wrong-realm": Case(
        "the phone's home domain is none that the HSS knows",
        says("identity-mismatch", steps=("403 Forbidden",), **REFUSED, registers=1, answers_4xx=1),
        says("identity-mismatch", "refused-here", steps=("403 Forbidden", "made here"), **REFUSED, registers=1,
             answers_4xx=1),
        None,
        leg=r"User Unknown.*home domain"),
    "unknown-user": Case(
        "the HSS does not know the subscriber",
        says("forbidden-by-core", steps=("403 Forbidden",), **REFUSED, registers=1, answers_4xx=1),
        says("refused-here", steps=("403 Forbidden", "made here"), **REFUSED, registers=1, answers_4xx=1),
        None,
        leg=r"user unknown", icscf_leg=r"HSS.*user unknown"),
    # UAA 5004
    "roaming-refused": Case(
        "the subscriber may not roam here",
        says("forbidden-by-core", steps=("403 Forbidden",), **REFUSED, registers=1, answers_4xx=1),
        says("refused-here", steps=("403 Forbidden", "made here"), **REFUSED, registers=1, answers_4xx=1),
        None,
        leg=r"roaming not allowed", icscf_leg=r"HSS.*roaming"),
    # -- silent nodes ---------------------------------------------------------------------------------------
    # The UAR cannot be sent, which ims_icscf 5.6 does not look at: the transaction's timer says 408.
    "hss-dead": Case(
        "the HSS's process is gone",
        says("refused-by-core", **REFUSED, registers=1, answers_4xx=1),
        says("refused-here", steps=("made here",), **REFUSED, registers=1, answers_4xx=1),
        None,
        leg=r"HSS|Diameter", icscf_leg=r"HSS"),
    # UAR without UAA: the I-CSCF says 480.
    "hss-hangs": Case(
        "the HSS keeps its connections and answers nothing",
        says("refused-by-core", **REFUSED, registers=1, answers_4xx=1),
        says("refused-here", steps=("made here",), **REFUSED, registers=1, answers_4xx=1),
        None,
        leg=r"HSS|Diameter", icscf_leg=r"HSS"),
    # The I-CSCF has no other S-CSCF and says 504.
    "scscf-dead": Case(
        "the S-CSCF's process is gone",
        says("refused-by-core", steps=("504 Server Time-out",), **REFUSED, registers=1, answers_5xx=1),
        says("no-answer-from-core", steps=("504 Server Time-out", "made here"), **REFUSED, registers=1, answers_5xx=1),
        None,
        leg=r"S-CSCF|behind", icscf_leg=r"next hop|S-CSCF"),
    # -- lost on the phone's leg ----------------------------------------------------------------------------
    # The phone repeats the REGISTER that the P-CSCF has answered; the core only sees that nothing comes.
    "challenge-lost": Case(
        "the 401 is lost between P-CSCF and phone",
        says("answer-not-delivered", state="challenged", steps=("401 Unauthorized", "REGISTER again"), registers=1,
             challenges=1, attempts_initial=1, retransmissions=SOME),
        says("silent-after-challenge", state="challenged", registers=1, challenges=1),
        says("silent-after-challenge", state="challenged", registers=1, challenges=1),
        leg=r"after the 401 had gone out.*path to the phone"),
    "protected-register-lost": Case(
        "the REGISTER over the security association is lost between phone and P-CSCF",
        says("silent-after-challenge", state="challenged", steps=("security-server",), registers=1, challenges=1),
        says("silent-after-challenge", state="challenged", registers=1, challenges=1),
        says("silent-after-challenge", state="challenged", registers=1, challenges=1),
        leg=r"protected REGISTER does not come through"),
    "protected-answer-lost": Case(
        "the 200 over the security association is lost between P-CSCF and phone",
        says("answer-not-delivered", steps=("protected", "REGISTER again"), **REGISTERED, registers=2,
             answers_2xx=1, retransmissions=SOME),
        says(**REGISTERED, registers=2, answers_2xx=1),
        says(**REGISTERED, registers=2, answers_2xx=1),
        leg=r"200"),
    # -- later in a registration's life ---------------------------------------------------------------------
    # RTR, and the S-CSCF notifies the P-CSCF. The I-CSCF is not on that way.
    "network-deregistration": Case(
        "the HSS takes the registration back (RTR)",
        says("network-deregistered", state="network-deregistered", steps=("removed by the network",),
             network_deregistered=1),
        says(state="registered", successes_initial=1),
        says("removed-by-this-node", state="network-deregistered", steps=("contact store: removed",),
             network_deregistered=1),
        leg=r"HSS|S-CSCF|network"),
    "phone-vanishes": Case(
        "a registered phone is switched off without a word",
        says("expired-without-refresh", state="expired", steps=("binding ran out",), expired=1),
        says("expired-without-refresh", state="expired", steps=("binding ran out",), expired=1),
        says("expired-without-refresh", state="expired", steps=("binding ran out",), expired=1),
        leg=r"phone"),
    # A refresh and a de-registration of another phone are all that the new P-CSCF sees; its counters begin at 0.
    "pcscf-restart": Case(
        "the P-CSCF is restarted while phones are registered",
        says(state="registered", registers=4, attempts_initial=0, attempts_reregistration=0, attempts_other=1,
             successes_other=1, successes_deregistration=1, failures_initial=0, failures_reregistration=0, failures_deregistration=0,
             failures_other=0, unanswered=0),
        says(state="registered", attempts_initial=2, attempts_reregistration=1, successes_reregistration=1,
             failures_reregistration=0, successes_deregistration=1),
        says(state="registered", attempts_initial=2, attempts_reregistration=1, successes_reregistration=1,
             failures_reregistration=0, successes_deregistration=1)),
}

# for `make test`: one of the card, one of the core, one of the phone's leg
SHORT = ("wrong-k", "scscf-dead", "challenge-lost")
