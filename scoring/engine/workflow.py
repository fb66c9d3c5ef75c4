"""The way of a report from draft to certified: one table, read by services, templates and tests (house.md).
"""

from collections.abc import Collection, Iterable
from typing import NamedTuple

DRAFT, SUBMITTED, RETURNED, APPROVED, CERTIFIED = STATES = (
    "draft",
    "submitted",
    "returned",
    "approved",
    "certified",
)
ACTIONS = "save", "submit", "withdraw", "return", "approve", "certify", "reopen"
COLLECTOR, SUPERVISOR, OFFICE = ROLES = "collector", "supervisor", "office"


class Transition(NamedTuple):
    """`action` takes a report from `source` to `target`; only `role` may, with a reason if it needs one."""

    action: str
    source: str
    target: str
    role: str
    needs_reason: bool = False


TRANSITIONS = (
    Transition("save", DRAFT, DRAFT, COLLECTOR),
    Transition("save", RETURNED, RETURNED, COLLECTOR),
    Transition("submit", DRAFT, SUBMITTED, COLLECTOR),
    Transition("submit", RETURNED, SUBMITTED, COLLECTOR),
    Transition("withdraw", SUBMITTED, DRAFT, COLLECTOR),
    Transition("return", SUBMITTED, RETURNED, SUPERVISOR, needs_reason=True),
    Transition("approve", SUBMITTED, APPROVED, SUPERVISOR),
    Transition("return", APPROVED, RETURNED, OFFICE, needs_reason=True),
    Transition("certify", APPROVED, CERTIFIED, OFFICE),
    Transition("reopen", CERTIFIED, RETURNED, OFFICE, needs_reason=True),
)
_TABLE = {(row.source, row.action, row.role): row for row in TRANSITIONS}
# What the maker of a submission may not decide about it, whatever other roles the person holds.
DECISIONS = frozenset({"return", "approve", "certify"})


def allowed(state: str, action: str, role: str) -> Transition | None:
    """The transition by which `role` may take `action` in `state`, or None."""
    return _TABLE.get((state, action, role))


def actions_for(state: str, roles: Collection[str]) -> tuple[str, ...]:
    """The actions open to someone with `roles` in `state`, in the table's order, each once."""
    return tuple(
        dict.fromkeys(row.action for row in TRANSITIONS if row.source == state and row.role in roles)
    )


def may_decide(actor_id: object, maker_ids: Iterable[object]) -> bool:
    """The maker rule: whoever edited a submission does not decide about it (house.md, 'the maker')."""
    return actor_id not in set(maker_ids)
