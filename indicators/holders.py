"""Who holds, today, what a task needs: the grant of its role in the unit or above it, and an open account."""
from collections.abc import Iterable
from itertools import accumulate

from indicators.models import Assignment
from kpiportal.accounts.models import Membership, Unit, User
from kpiportal.accounts.roles import DECIDE_RESULTS, EDIT_RESULTS, roles_with
from scoring.engine.text import Message

NEEDS = {Assignment.Role.COLLECTOR: EDIT_RESULTS, Assignment.Role.SUPERVISOR: DECIDE_RESULTS}


class Holders:
    """The grants in force of some people, read in one query."""

    def __init__(self, people: Iterable[User]) -> None:
        keys = {person.pk for person in people}
        grants = Membership.objects.active().filter(user__in=keys, user__is_active=True) if keys else ()
        self.held: dict[int, list[tuple[str, str]]] = {}
        for user, role, path in grants.values_list("user", "role", "unit__path") if keys else ():
            self.held.setdefault(user, []).append((role, path))

    def may(self, person: User, unit: Unit, role: str) -> bool:
        """Whether a person holds what this task needs in the unit."""
        needed = roles_with(NEEDS[Assignment.Role(role)])
        return any(held in needed and unit.path.startswith(path) for held, path in self.held.get(person.pk, ()))

    def refusal(self, person: User, unit: Unit, role: str) -> Message:
        """Why a person can't be assigned, and what to do."""
        return Message(
            f"{person} ไม่มีสิทธิ์ '{_WORDS[role].th}' ใน {unit} หรือบัญชีถูกปิด: เลือกผู้อื่น "
            "หรือขอให้ผู้ดูแลระบบให้สิทธิ์ก่อน",
            f"{person} doesn't hold the role '{_WORDS[role].en}' in {unit}, or the account is closed: choose somebody "
            "else, or ask the administrator to grant it first.",
        )


_WORDS = {
    "collector": Message("ผู้จัดเก็บข้อมูล", "Data collector"),
    "supervisor": Message("ผู้กำกับดูแลตัวชี้วัด", "KPI supervisor"),
}


def holders_in(units: Iterable[Unit], role: str) -> dict[int, list[User]]:
    """By unit, the people who can be assigned there in a role, in the order of their names; one query."""
    units = list(units)
    # '/rtp/immigration/' lies in '/rtp/immigration/' and '/rtp/'.
    above = {path for unit in units for path in accumulate(unit.path.split("/")[1:-1], "{}{}/".format, initial="/")}
    grants = (
        Membership.objects.active()
        .filter(role__in=roles_with(NEEDS[Assignment.Role(role)]), user__is_active=True, unit__path__in=above)
        .select_related("user", "unit")
        .order_by("user__name", "user")
    )
    found = list(grants)
    return {
        unit.pk: list(dict.fromkeys(grant.user for grant in found if unit.path.startswith(grant.unit.path)))
        for unit in units
    }
