# SPDX-License-Identifier: GPL-2.0-or-later
"""Each trouble of expected.py is made, and each node has to say what the table wants."""
import re

import pytest

import faults
from chain import NODES
from expected import CASES

results = {}


class NotMade(Exception):
    """A case that could not be brought about: no word on what the nodes say of it, so no expected failure either."""


def outcome(chain, case):
    """What the nodes said; a case is run once, and what broke it breaks all its tests."""
    if case not in results:
        try:
            results[case] = faults.run(chain, case, CASES[case])
        except Exception as error:
            results[case] = error
    if isinstance(results[case], Exception):
        raise NotMade(case) from results[case]
    return results[case]


def later(*values, reason):
    """Has to fail as long as there is a reason."""
    marks = [pytest.mark.xfail(strict=True, reason=reason, raises=AssertionError)] if reason else []
    return pytest.param(*values, marks=marks)


def per_node(reason_of):
    return pytest.mark.parametrize("case, node", [
        later(name, node, reason=reason_of(case.node(node)))
        for name, case in CASES.items() for node in NODES if case.node(node)])


@pytest.mark.parametrize("case", CASES)
def test_is_made(chain, case, say):
    phone, told = outcome(chain, case)
    say("")
    say(f"{case}: {CASES[case].broken}; the phone got {' '.join(map(str, phone.answers)) or 'nothing'}")
    for node in NODES:
        state, cause, suspect = told[node].in_short()
        expected = CASES[case].node(node)
        if expected is None:
            assert not told[node].known, f"{node} knows {phone.who}"
        right = expected is None or set(told[node].causes[:1]) <= expected.causes and bool(told[node].causes) == bool(
            expected.causes)
        wanted = "" if right else f"  [wanted: {', '.join(sorted(expected.causes)) or 'none'}]"
        say(f"  {node}  {state:20}  {cause}{wanted}")
        if node == "pcscf" and suspect:
            say(f"         {'':20}  {suspect}")


@per_node(lambda expected: expected.not_yet)
def test_first_cause_is_right(chain, case, node):
    phone, told = outcome(chain, case)
    expected, said = CASES[case].node(node), told[node]
    assert said.known, f"{node} does not know {phone.who}"
    if not expected.causes:
        assert said.causes == []
        return
    assert said.first() in expected.causes, said.why
    if said.why["causes"][0]["certainty"] != "possible":
        assert said.is_counted, "the list does not know it"


def says_which_leg(said, wanted):
    cause = said.why["causes"][0] if said.causes else {"evidence": [], "first_suspect": ""}
    text = "\n".join([*cause["evidence"], cause["first_suspect"]])
    assert re.search(wanted, text, re.DOTALL), text


@pytest.mark.parametrize("case", [later(name, reason=case.leg_not_yet) for name, case in CASES.items() if case.leg])
def test_pcscf_says_which_leg(chain, case):
    says_which_leg(outcome(chain, case)[1]["pcscf"], CASES[case].leg)


@pytest.mark.parametrize("case", [name for name, case in CASES.items() if case.icscf_leg])
def test_icscf_says_which_leg(chain, case):
    says_which_leg(outcome(chain, case)[1]["icscf"], CASES[case].icscf_leg)


@per_node(lambda expected: expected.state_not_yet)
def test_state_timeline_and_counters(chain, case, node):
    phone, told = outcome(chain, case)
    expected, said = CASES[case].node(node), told[node]
    assert said.show["state"] == expected.state
    for step in expected.steps:
        assert any(seen.startswith(step) for seen in said.steps), f"no '{step}' in {sorted(said.steps)}"
    for name, wanted in expected.counts.items():
        wanted = wanted if isinstance(wanted, range) else (wanted,)
        assert said.counts[name] in wanted, name


def test_restart_is_known_as_such(chain):
    """What comes behind the restart has no known past, and is neither a failure nor a trouble."""
    phone, told = outcome(chain, "pcscf-restart")
    attempt = told["pcscf"].show["attempt"]
    assert (attempt["kind"], attempt["began_before_start"]) == ("unknown-before-start", "yes")
    assert chain.regmon["pcscf"].state(phone.companion.who) == "deregistered"
    assert chain.regmon["pcscf"].causes(phone.companion.who) == []


def test_nothing_is_blamed_afterwards(chain):
    """Where no cause was right, none has come up since."""
    for case, result in results.items():
        if isinstance(result, Exception):
            continue
        for node in NODES:
            expected = CASES[case].node(node)
            if expected and not expected.causes and chain.regmon[node].knows(result[0].who):
                assert chain.regmon[node].causes(result[0].who) == [], f"{case} at {node}"
