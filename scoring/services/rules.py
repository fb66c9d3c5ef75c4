"""Who may do what with a result now: the workflow's table, the roles and the assignments together."""
from collections.abc import Collection

from django.db.models import F, QuerySet, Value

from indicators.models import Assignment, Round
from kpiportal.accounts.models import User
from kpiportal.accounts.queries import holds
from kpiportal.accounts.refusals import NotAllowed
from kpiportal.accounts.roles import CERTIFY_RESULTS, DECIDE_RESULTS, EDIT_RESULTS
from scoring.engine import workflow
from scoring.engine.readiness import Problem
from scoring.engine.text import Message, clean_text
from scoring.models import Result
from scoring.models.result import IsAssigned, IsMaker

LONGEST_REASON = 2_000
PERMISSION = {"collector": EDIT_RESULTS, "supervisor": DECIDE_RESULTS, "office": CERTIFY_RESULTS}


class Overtaken(NotAllowed):
    """The result changed between the page that the person decided from (`seen`) and now (`result`)."""

    def __init__(self, result: Result, seen: int) -> None:
        super().__init__(
            Message(
                f"มีผู้เปลี่ยนแปลงรายงานนี้หลังจากที่ท่านเปิดหน้า (ท่านเห็นฉบับที่ {seen} ปัจจุบันเป็นฉบับที่ "
                f"{result.version} สถานะ {result.get_state_display()}): ตรวจสิ่งที่เปลี่ยนแปลงแล้วพิจารณาอีกครั้ง",
                f"This report changed after you opened the page (you saw version {seen}, now it is version "
                f"{result.version}, state {result.state}): look at what changed and decide again.",
            )
        )
        self.result, self.seen = result, seen


def reason_given(typed: str, missing: Message, *, needed: bool = True) -> str:
    """A reason or an answer as it is kept. Raises NotAllowed, with the sentence `missing`, for an empty one that is
    needed, and for one that nobody would read on a page."""
    reason = clean_text(typed).strip()
    if needed and not reason:
        raise NotAllowed(missing)
    if len(reason) > LONGEST_REASON:
        raise NotAllowed(Message(
            f"เหตุผลยาว {len(reason):,} ตัวอักษร: ย่อให้ไม่เกิน {LONGEST_REASON:,} ตัวอักษร",
            f"The reason has {len(reason):,} characters: shorten it to at most {LONGEST_REASON:,}.",
        ))
    return reason


class NotReady(Exception):
    """A result can't be submitted; `problems` lists everything that is missing, at once."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(problem.message.en for problem in problems))
        self.problems = problems


def with_actor(results: QuerySet[Result], user: User) -> QuerySet[Result]:
    """The results, each knowing what its assignments and makers say of this person: no query for `may` then."""
    keys = "indicator", "round", "unit", Value(user.pk)
    return results.annotate(
        actor=Value(user.pk),
        actor_collects=IsAssigned(*keys, Value(workflow.COLLECTOR)),
        actor_supervises=IsAssigned(*keys, Value(workflow.SUPERVISOR)),
        actor_made=IsMaker("pk", Value(user.pk)),
    )


def roles_on(result: Result, user: User) -> frozenset[str]:
    """The workflow roles of a person on one result, read from its assignments."""
    if getattr(result, "actor", None) == user.pk:
        said = {workflow.COLLECTOR: result.actor_collects, workflow.SUPERVISOR: result.actor_supervises}
        return _roles({role for role, assigned in said.items() if assigned}, result, user)
    assigned = Assignment.objects.filter(
        indicator=result.indicator_id, round=result.round_id, unit=result.unit_id, person=user
    )
    return _roles(set(assigned.values_list("role", flat=True)), result, user)


def _roles(assigned: Collection[str], result: Result, user: User) -> frozenset[str]:
    """Assigned to the result in its round and holding the role in its unit; the office needs no assignment."""
    held = {role for role, permission in PERMISSION.items() if holds(user, permission, result.unit.path)}
    return frozenset(role for role in held if role == "office" or role in assigned)


def may(result: Result, user: User) -> frozenset[str]:
    """The actions that a person may take on a result as it stands: what buttons show and services enforce."""
    actions = set(workflow.actions_for(result.state, roles_on(result, user), result.phase))
    if actions & workflow.DECISIONS:
        if not workflow.may_decide(user.pk, [user.pk] if made_by(result, user) else []):
            actions -= workflow.DECISIONS
    return frozenset(actions)


def made_by(result: Result, user: User) -> bool:
    """Whether a person edited this submission."""
    if getattr(result, "actor", None) == user.pk:
        return result.actor_made
    return result.makers.filter(pk=user.pk).exists()


WITH = ("indicator__agreement__unit", "indicator__agreement__fiscal_year", "round", "unit")


def locked(result: Result) -> Result:
    """The result re-read under a lock: decide on this one, not on what the page showed."""
    [found] = all_locked(Result.objects.filter(pk=result.pk))
    return found


def all_locked(results: QuerySet[Result]) -> list[Result]:
    """Results re-read under locks, in the order of their primary keys."""
    found = list(results.select_for_update(of=("self",)).select_related(*WITH).order_by("pk"))
    # The rounds beside them were read before the wait for a lock: one may have been closed meanwhile.
    rounds = Round.objects.filter(pk__in={one.round_id for one in found})
    states = dict(rounds.values_list("pk", "state"))
    for one in found:
        one.round.state = states[one.round_id]
    return found


def present(result: Result, user: User) -> Result:
    """The result as it stands now, without a lock, with what concerns this person."""
    return with_actor(Result.objects.select_related(*WITH), user).get(pk=result.pk)


def held(result: Result, user: User) -> Result:
    """The same under a lock: until the transaction ends nobody else changes it."""
    results = Result.objects.select_for_update(of=("self",)).select_related(*WITH)
    return with_actor(results, user).get(pk=result.pk)


def require(result: Result, action: str, by: User, version: int | None = None) -> None:
    """Raise NotAllowed unless `by` may do this now; `version`: the one that the person saw, Overtaken when another
    stands by now."""
    if version is not None and version != result.version:
        raise Overtaken(result, version)
    if action not in may(result, by):
        raise NotAllowed(wrong_state(result))


def wrong_state(result: Result) -> Message:
    """The sentence of a refusal: the state that the result is in, and what to do."""
    return Message(
        f"ทำรายการนี้ไม่ได้ในขณะนี้ (สถานะ {result.get_state_display()} รอบ {result.round.months} เดือน): "
        "โหลดหน้านี้ใหม่เพื่อดูสถานะล่าสุด หรือติดต่อกลุ่มพัฒนาระบบบริหาร",
        f"This can't be done now (state {result.state}, {result.round.months}-month round): "
        "reload the page to see the present state, or ask the performance office.",
    )


def touch(result: Result, *, maker: User | None) -> None:
    """Raise the version of a result that the caller holds locked, so that no save overtakes the change; whoever changed
    what it reports is one of its makers (None: nobody did, as when the office decides)."""
    Result.objects.filter(pk=result.pk).update(version=F("version") + 1)
    if maker is not None:
        result.makers.add(maker)


def move(result: Result, state: str, **fields) -> None:
    """Change the state if nobody else did since it was read, by one conditional update. Raises NotAllowed otherwise."""
    changed = Result.objects.filter(pk=result.pk, state=result.state, version=result.version).update(
        state=state, version=F("version") + 1, **fields
    )
    if changed != 1:
        raise NotAllowed(wrong_state(result))
    result.refresh_from_db()
