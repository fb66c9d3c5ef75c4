"""The workflow's table, every cell of it."""

from itertools import product

from scoring.engine.workflow import (
    ACTIONS,
    PHASES,
    ROLES,
    STATES,
    TRANSITIONS,
    actions_for,
    allowed,
    may_decide,
    phase_of,
)

OPENED, BOTH, SHUT = {"open"}, {"open", "closed"}, {"closed"}
EXPECTED = {
    ("draft", "save", "collector"): ("draft", False, OPENED),
    ("draft", "submit", "collector"): ("submitted", False, OPENED),
    ("submitted", "withdraw", "collector"): ("draft", False, OPENED),
    ("submitted", "mark", "supervisor"): ("submitted", True, OPENED),
    ("submitted", "ask", "supervisor"): ("submitted", True, OPENED),
    ("submitted", "return", "supervisor"): ("returned", True, OPENED),
    ("submitted", "approve", "supervisor"): ("approved", False, OPENED),
    ("returned", "save", "collector"): ("returned", False, OPENED),
    ("returned", "submit", "collector"): ("submitted", False, OPENED),
    ("approved", "mark", "office"): ("approved", True, OPENED),
    ("approved", "ask", "office"): ("approved", True, OPENED),
    ("approved", "return", "office"): ("returned", True, OPENED),
    ("approved", "certify", "office"): ("certified", False, OPENED),
    ("approved", "object", "collector"): ("approved", True, OPENED),
    ("certified", "object", "collector"): ("certified", True, BOTH),
    ("certified", "reopen", "office"): ("returned", True, BOTH),
    ("draft", "reopen", "office"): ("draft", True, SHUT),
    ("submitted", "reopen", "office"): ("submitted", True, SHUT),
    ("returned", "reopen", "office"): ("returned", True, SHUT),
    ("approved", "reopen", "office"): ("approved", True, SHUT),
}


def test_every_state_action_role_and_phase():
    found = {}
    for *cell, phase in product(STATES, ACTIONS, ROLES, PHASES):
        transition = allowed(*cell, phase)
        if transition:
            assert (transition.source, transition.action, transition.role) == tuple(cell)
            found.setdefault(tuple(cell), (transition.target, transition.needs_reason, set()))[2].add(phase)
    assert found == EXPECTED
    assert len(TRANSITIONS) == len(EXPECTED)


def test_a_result_opened_again_is_in_an_open_round():
    assert [phase_of(state, reopened) for state in PHASES for reopened in (False, True)] == [
        "planned", "planned", "open", "open", "closed", "open",
    ]


def test_nobody_else_may_do_anything():
    for cell in [
        ("draft", "save", "auditor"),
        ("draft", "erase", "collector"),
        ("lost", "save", "collector"),
        ("", "", ""),
    ]:
        assert allowed(*cell) is None


def test_every_state_is_reached_and_left():
    assert {row.target for row in TRANSITIONS} == {row.source for row in TRANSITIONS} == set(STATES)


def test_actions_for_the_buttons():
    assert actions_for("draft", ["collector"]) == ("save", "submit")
    assert actions_for("submitted", {"collector", "supervisor"}) == ("withdraw", "mark", "ask", "return", "approve")
    assert actions_for("approved", ["office"]) == ("mark", "ask", "return", "certify")
    assert actions_for("certified", ["collector", "supervisor"]) == ("object",)
    assert actions_for("certified", ["supervisor"]) == ()
    assert actions_for("draft", ["collector"], "closed") == actions_for("draft", ["collector"], "planned") == ()
    assert actions_for("draft", ["office"], "closed") == ("reopen",)
    assert actions_for("draft", []) == ()


def test_the_maker_does_not_decide():
    assert may_decide(1, [2, 3])
    assert not may_decide(1, [2, 1])
    assert may_decide(1, [])
