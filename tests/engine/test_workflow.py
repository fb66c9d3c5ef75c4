"""The workflow's table, every cell of it."""

from itertools import product

from scoring.engine.workflow import ACTIONS, ROLES, STATES, TRANSITIONS, actions_for, allowed, may_decide

EXPECTED = {
    ("draft", "save", "collector"): ("draft", False),
    ("draft", "submit", "collector"): ("submitted", False),
    ("submitted", "withdraw", "collector"): ("draft", False),
    ("submitted", "return", "supervisor"): ("returned", True),
    ("submitted", "approve", "supervisor"): ("approved", False),
    ("returned", "save", "collector"): ("returned", False),
    ("returned", "submit", "collector"): ("submitted", False),
    ("approved", "return", "office"): ("returned", True),
    ("approved", "certify", "office"): ("certified", False),
    ("certified", "reopen", "office"): ("returned", True),
}


def test_every_state_action_and_role():
    found = {}
    for cell in product(STATES, ACTIONS, ROLES):
        transition = allowed(*cell)
        if transition:
            assert (transition.source, transition.action, transition.role) == cell
            found[cell] = (transition.target, transition.needs_reason)
    assert found == EXPECTED
    assert len(TRANSITIONS) == len(EXPECTED)


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
    assert actions_for("submitted", {"collector", "supervisor"}) == ("withdraw", "return", "approve")
    assert actions_for("approved", ["office"]) == ("return", "certify")
    assert actions_for("certified", ["collector", "supervisor"]) == ()
    assert actions_for("draft", []) == ()


def test_the_maker_does_not_decide():
    assert may_decide(1, [2, 3])
    assert not may_decide(1, [2, 1])
    assert may_decide(1, [])
