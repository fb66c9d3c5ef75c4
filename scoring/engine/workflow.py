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
ACTIONS = "save", "submit", "withdraw", "mark", "ask", "return", "approve", "object", "certify", "reopen"
COLLECTOR, SUPERVISOR, OFFICE = ROLES = "collector", "supervisor", "office"
# The phases of a round, for one result: one that the office opened again after the closing is in an open round.
PLANNED, OPEN, CLOSED = PHASES = "planned", "open", "closed"


class Transition(NamedTuple):
    """`action` takes a report from `source` to `target`; only `role` may, while its round is in one of `phases`, with
    a reason if it needs one."""

    action: str
    source: str
    target: str
    role: str
    needs_reason: bool = False
    phases: tuple[str, ...] = (OPEN,)


TRANSITIONS = (
    Transition("save", DRAFT, DRAFT, COLLECTOR),
    Transition("save", RETURNED, RETURNED, COLLECTOR),
    Transition("submit", DRAFT, SUBMITTED, COLLECTOR),
    Transition("submit", RETURNED, SUBMITTED, COLLECTOR),
    Transition("withdraw", SUBMITTED, DRAFT, COLLECTOR),
    Transition("mark", SUBMITTED, SUBMITTED, SUPERVISOR, needs_reason=True),
    Transition("ask", SUBMITTED, SUBMITTED, SUPERVISOR, needs_reason=True),
    Transition("return", SUBMITTED, RETURNED, SUPERVISOR, needs_reason=True),
    Transition("approve", SUBMITTED, APPROVED, SUPERVISOR),
    Transition("mark", APPROVED, APPROVED, OFFICE, needs_reason=True),
    Transition("ask", APPROVED, APPROVED, OFFICE, needs_reason=True),
    Transition("return", APPROVED, RETURNED, OFFICE, needs_reason=True),
    Transition("object", APPROVED, APPROVED, COLLECTOR, needs_reason=True),
    Transition("certify", APPROVED, CERTIFIED, OFFICE),
    Transition("object", CERTIFIED, CERTIFIED, COLLECTOR, needs_reason=True, phases=(OPEN, CLOSED)),
    Transition("reopen", CERTIFIED, RETURNED, OFFICE, needs_reason=True, phases=(OPEN, CLOSED)),
    # After the closing of a round, what isn't certified goes on where it stands, once the office says so.
    Transition("reopen", DRAFT, DRAFT, OFFICE, needs_reason=True, phases=(CLOSED,)),
    Transition("reopen", SUBMITTED, SUBMITTED, OFFICE, needs_reason=True, phases=(CLOSED,)),
    Transition("reopen", RETURNED, RETURNED, OFFICE, needs_reason=True, phases=(CLOSED,)),
    Transition("reopen", APPROVED, APPROVED, OFFICE, needs_reason=True, phases=(CLOSED,)),
)
_TABLE = {(row.source, row.action, row.role, phase): row for row in TRANSITIONS for phase in row.phases}
# What the maker of a submission may not decide about it, whatever other roles the person holds.
DECISIONS = frozenset({"mark", "return", "approve", "certify"})


def phase_of(round_state: str, reopened: bool) -> str:
    """The phase of a round for one result: the office can open a single one again after the closing."""
    return OPEN if reopened and round_state == CLOSED else round_state


def allowed(state: str, action: str, role: str, phase: str = OPEN) -> Transition | None:
    """The transition by which `role` may take `action` in `state`, or None."""
    return _TABLE.get((state, action, role, phase))


def actions_for(state: str, roles: Collection[str], phase: str = OPEN) -> tuple[str, ...]:
    """The actions open to someone with `roles` in `state`, in the table's order, each once."""
    return tuple(
        dict.fromkeys(
            row.action for row in TRANSITIONS if row.source == state and row.role in roles and phase in row.phases
        )
    )


def may_decide(actor_id: object, maker_ids: Iterable[object]) -> bool:
    """The maker rule: whoever edited a submission does not decide about it (house.md, 'the maker')."""
    return actor_id not in set(maker_ids)
