"""What each person is told about the reports that concern them: for many people in a constant number of queries."""
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from django.conf import settings
from django.db.models import F, FilteredRelation, Func, IntegerField, Q
from django.urls import reverse
from django.utils import timezone

from indicators.models import Round
from kpiportal.accounts.models import User
from kpiportal.accounts.queries import NOTHING, active_memberships, holds, in_scope
from kpiportal.accounts.roles import CERTIFY_RESULTS, DECIDE_RESULTS, EDIT_RESULTS, PERMISSIONS
from scoring.engine import notices, workflow
from scoring.engine.notices import ORDER, Kind, Notice
from scoring.engine.reminding import due_step, late_step
from scoring.engine.text import Message
from scoring.models import NotApplicableRequest, Objection, Result
from scoring.models.result import HANDED_IN, IsMaker
from scoring.queries.tasks import Task, TaskResult
from scoring.queries.units import BaseDataTask


class Unanswered(Func):
    """How many questions about a result wait for an answer."""

    template = "(SELECT COUNT(*) FROM scoring_question WHERE result_id = %(expressions)s AND answer = '')"
    output_field = IntegerField()


class LastUnanswered(Func):
    """The last question about a result that waits for an answer."""

    template = "(SELECT MAX(id) FROM scoring_question WHERE result_id = %(expressions)s AND answer = '')"
    output_field = IntegerField(null=True)


class Report(NamedTuple):
    """A report that isn't certified yet, as REPORT names its values."""

    pk: int
    state: str
    submission: int
    number: str
    name: str
    months: int
    due_on: date | None
    unit: str
    unit_path: str
    return_reason: str
    submitted_at: datetime | None
    decided_at: datetime | None
    questions: int
    last_question: int | None

    @property
    def about(self) -> Message:
        """What the report is called."""
        return notices.report_named(self.number, self.name, self.unit, self.months)

    @property
    def is_open(self) -> bool:
        """Whether the next step is its collectors'."""
        return self.state not in HANDED_IN

    def days_late(self, today: date) -> int:
        """How many days its due date is over while it still wasn't handed in; 0 or below: not late."""
        return (today - self.due_on).days if self.is_open and self.due_on else 0


REPORT = (
    "pk", "state", "submission", "indicator__number", "indicator__name", "round__months", "round__due_on",
    "unit__name", "unit__path", "return_reason", "submitted_at", "decided_at", "questions_open", "last_question",
)
TASK = ("task__person", "task__role", "made")


@dataclass
class Desk:
    """What the notices of some people are collected from, and what was found for each."""

    people: dict[int, User]
    today: date
    found: dict[int, list[Notice]] = field(default_factory=dict)

    @property
    def office(self) -> list[User]:
        """Those who certify anywhere."""
        roles = {role for role, permissions in PERMISSIONS.items() if CERTIFY_RESULTS in permissions}
        return [one for one in self.people.values() if any(m.role in roles for m in active_memberships(one))]

    def tell(self, user: User, kind: Kind, about: "Report | Asked", step: object, sentence: Message) -> None:
        """Put a notice on a person's list."""
        key, path = f"{kind}:{about.pk}:{step}", reverse("result", args=[about.pk])
        self.found[user.pk].append(Notice(kind, key, about.about, sentence, path))


def load_notices(
    people: Iterable[User], *, data: Mapping[int, Sequence[BaseDataTask]], requests: bool = True
) -> dict[int, list[Notice]]:
    """What each of these people is told today, by person, in the order of the kinds. `data`: the base data that they
    are asked for; `requests`: the office's requests and objections too. One query, or three with those."""
    desk = Desk({user.pk: user for user in people}, timezone.localdate())
    desk.found = {pk: [] for pk in desk.people}
    office = desk.office
    for report, tasks in _reports(desk.people, office).items():
        made = {_tell_assigned(desk, report, *task): task[-1] for task in tasks if task[0] is not None}
        for user in office:
            if holds(user, CERTIFY_RESULTS, report.unit_path):
                _tell_office(desk, user, report, is_assigned=user.pk in made, is_maker=made.get(user.pk, False))
    if requests and office:
        _tell_requests(desk, office)
    return _collected(desk, data)


def notices_of_tasks(
    user: User, tasks: Iterable[Task], *, data: Mapping[int, Sequence[BaseDataTask]]
) -> list[Notice]:
    """What a person is told of the dates and returns of the reports on the own list, which was read already. No
    query but for the office, which is told of everybody's reports."""
    desk = Desk({user.pk: user}, timezone.localdate(), {user.pk: []})
    if desk.office:
        return load_notices([user], data=data, requests=False)[user.pk]
    for task in sorted(tasks, key=lambda task: task.result.due_on or date.max):
        if task.result.state != Result.State.CERTIFIED:
            # Without questions and without a maker: home lists what was asked and what waits for a decision itself.
            _tell_assigned(desk, _as_report(task.result), user.pk, task.result.role, True)
    return _collected(desk, data)[user.pk]


def _as_report(result: TaskResult) -> Report:
    known = {name: getattr(result, name) for name in Report._fields if name in result._fields}
    return Report(**known, submitted_at=None, questions=0, last_question=None)


def _collected(desk: Desk, data: Mapping[int, Sequence[BaseDataTask]]) -> dict[int, list[Notice]]:
    """What was found, with the base data that each is asked for, in the order of the kinds."""
    for pk, tasks in data.items():
        for task in tasks:
            _tell_base_data(desk, desk.people[pk], task)
    return {pk: sorted(found, key=lambda notice: ORDER.index(notice.kind)) for pk, found in desk.found.items()}


def _reports(people: Collection[int], office: Sequence[User]) -> dict[Report, list[tuple]]:
    """The reports in open rounds that concern these people, each with their tasks on it: person, role, maker."""
    task = FilteredRelation(
        "indicator__assignments",
        condition=Q(indicator__assignments__person__in=list(people))
        & Q(indicator__assignments__round=F("round"))
        & Q(indicator__assignments__unit=F("unit")),
    )
    concern = Q(task__isnull=False)
    for user in office:
        scope = in_scope(user, CERTIFY_RESULTS, "unit__path")
        concern |= scope & (Q(state=Result.State.APPROVED) | Q(state__in=("draft", "returned")))
    rows = (
        Result.objects.annotate(task=task)
        .filter(Q(round__state=Round.State.OPEN) | Q(reopened=True), concern)
        .measured()
        .exclude(state=Result.State.CERTIFIED)
        .annotate(questions_open=Unanswered("pk"), last_question=LastUnanswered("pk"))
        .annotate(made=IsMaker("pk", F("task__person")))
        .values_list(*REPORT, *TASK)
        .order_by("round__due_on", "indicator__agreement", "indicator__order", "unit", "task__role")
    )
    reports: dict[Report, list[tuple]] = {}
    for row in rows:
        reports.setdefault(Report(*row[: len(REPORT)]), []).append(row[len(REPORT) :])
    return reports


def _tell_assigned(desk: Desk, report: Report, person: int, role: str, made: bool) -> int:
    """Tell a collector or supervisor of a report, as far as the right to it is still there; gives the person."""
    user = desk.people[person]
    if role == workflow.COLLECTOR and holds(user, EDIT_RESULTS, report.unit_path):
        _tell_collector(desk, user, report)
    if role == workflow.SUPERVISOR and holds(user, DECIDE_RESULTS, report.unit_path):
        if report.state == Result.State.SUBMITTED and not made:
            day = timezone.localdate(report.submitted_at)
            desk.tell(user, Kind.DECIDE, report, report.submission, notices.handed_in(day, desk.today))
        if report.days_late(desk.today) >= settings.REMINDER_SUPERVISOR_DAYS:
            _escalate(desk, user, report)
    return person


def _tell_collector(desk: Desk, user: User, report: Report) -> None:
    if not report.is_open:
        if report.questions:
            desk.tell(user, Kind.QUESTION, report, report.last_question, notices.questions(report.questions))
        return
    if report.state == Result.State.RETURNED:
        day = timezone.localdate(report.decided_at)
        sentence = notices.returned(day, desk.today, report.return_reason)
        desk.tell(user, Kind.RETURNED, report, f"{report.submission}-{day}", sentence)
    told = dated(report.due_on, desk.today)
    if told:
        desk.tell(user, told.kind, report, told.step, told.sentence)
    elif report.state == Result.State.DRAFT:
        desk.tell(user, Kind.OPEN, report, report.submission, notices.open_until(report.due_on))


class Dated(NamedTuple):
    """What is to be said of a due date."""

    kind: Kind
    step: str
    sentence: Message


def dated(due_on: date | None, today: date) -> Dated | None:
    """What is to be said of a due date today; nothing while it is far."""
    if due_on is None:
        return None
    left = (due_on - today).days
    if left < 0:
        return Dated(Kind.LATE, f"{due_on}+{late_step(-left)}", notices.late(due_on, today))
    step = due_step(left)
    return None if step is None else Dated(Kind.DUE, f"{due_on}-{step}", notices.due(due_on, today))


def _escalate(desk: Desk, user: User, report: Report) -> None:
    step = late_step(report.days_late(desk.today))
    desk.tell(user, Kind.ESCALATED, report, f"{report.due_on}+{step}", notices.late(report.due_on, desk.today))


def _tell_office(desk: Desk, user: User, report: Report, *, is_assigned: bool, is_maker: bool) -> None:
    """Tell of what is to be certified, as far as the person may; who is assigned heard of a late report as such."""
    if report.state == Result.State.APPROVED and not is_maker:
        day = timezone.localdate(report.decided_at)
        desk.tell(user, Kind.CERTIFY, report, report.submission, notices.approved(day, desk.today))
    if not is_assigned and report.days_late(desk.today) >= settings.REMINDER_OFFICE_DAYS:
        _escalate(desk, user, report)


def _tell_base_data(desk: Desk, user: User, task: BaseDataTask) -> None:
    """Tell of base data that a unit is asked for: due soon, late, or to be reported."""
    if not task.waits:
        return
    asked, said = task.asked, notices.base_data(len(task.said), len(task.formulas))
    told = dated(asked.due_on, desk.today) or Dated(Kind.OPEN, "", notices.open_until(asked.due_on))
    about = notices.report_named(asked.number, asked.name, task.unit.name, asked.months)
    key = f"{told.kind}:{asked.result}:{task.unit.code}:{told.step}"
    path = reverse("base_data", args=[asked.result, task.unit.code])
    desk.found[user.pk].append(Notice(told.kind, key, about, notices.joined(said, told.sentence), path))


class Asked(NamedTuple):
    """A request or an objection that waits for the office."""

    one: int
    who: int
    text: str
    pk: int
    number: str
    name: str
    unit: str
    unit_path: str
    months: int

    @property
    def about(self) -> Message:
        """What its report is called."""
        return notices.report_named(self.number, self.name, self.unit, self.months)


_OF_RESULT = (
    "result", "result__indicator__number", "result__indicator__name", "result__unit__name", "result__unit__path",
    "result__round__months",
)


def _tell_requests(desk: Desk, office: Sequence[User]) -> None:
    """Tell the office of pending requests of others, and of open objections."""
    scope = NOTHING
    for user in office:
        scope |= in_scope(user, CERTIFY_RESULTS, "result__unit__path")
    pending = NotApplicableRequest.objects.filter(
        scope, Q(result__round__state=Round.State.OPEN) | Q(result__reopened=True),
        state=NotApplicableRequest.State.PENDING,
    )
    opened = Objection.objects.filter(scope, state=Objection.State.OPEN)
    rows = [(Kind.REQUEST, row) for row in pending.values_list("pk", "requested_by", "reason", *_OF_RESULT)]
    rows += [(Kind.OBJECTION, row) for row in opened.values_list("pk", "made_by", "text", *_OF_RESULT)]
    for kind, row in rows:
        asked = Asked(*row)
        said = notices.shortened(asked.text, notices.LONGEST_REASON)
        for user in office:
            if user.pk != asked.who and holds(user, CERTIFY_RESULTS, asked.unit_path):
                desk.tell(user, kind, asked, asked.one, Message(said, said))
