"""Who is late: where every report of the agreements that one may read stands, in a constant number of queries."""
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from django.db.models import Count, Q

from indicators.models import Agreement, Assignment, Responsibility, Round
from kpiportal.accounts.models import Unit, User
from kpiportal.accounts.queries import units_with
from kpiportal.accounts.roles import EDIT_RESULTS
from scoring.engine import workflow
from scoring.models import CriterionResult, ItemResult, Mark, Result
from scoring.queries.notices import Unanswered
from scoring.queries.units import BaseDataTask, base_data_of

AGREEMENT = ("agreement__pk", "agreement__name", "agreement__unit__name", "agreement__fiscal_year__year")
ROUND = ("pk", "months", "state", "due_on")


class BoardRound(NamedTuple):
    """A round of an agreement, as AGREEMENT and ROUND name its values."""

    agreement: int
    name: str
    unit: str
    year: int
    pk: int
    months: int
    state: str
    due_on: date | None


class Standing(NamedTuple):
    """Where a report stands, as STANDING names its values."""

    pk: int
    state: str
    round: int
    reopened: bool
    submitted_at: datetime | None
    indicator: int
    number: str
    name: str
    unit: int
    unit_name: str
    unit_short: str
    criteria: int
    open: int  # criteria without a result
    questions: int


STANDING = (
    "pk", "state", "round", "reopened", "submitted_at", "indicator", "indicator__number", "indicator__name", "unit",
    "unit__name", "unit__short_name", "criteria", "open", "questions_open",
)


@dataclass
class BoardData:
    """What the board is made of: the rounds that can be chosen, the chosen ones, and what stands in these."""

    rounds: list[BoardRound]
    chosen: list[BoardRound]
    reports: list[Standing] = field(default_factory=list)
    incomplete: dict[int, int] = field(default_factory=dict)  # items without complete evidence, by report
    people: dict[tuple[int, str], list[str]] = field(default_factory=dict)  # names by report and role
    data: list[BaseDataTask] = field(default_factory=list)


def load_board(user: User, agreement: int | None = None, months: int | None = None) -> BoardData:
    """The reports that a person may see in the open rounds of the agreements that they may read, or in the latest
    round of one agreement that has none open, or in the rounds of so many months. Eight queries at most."""
    rounds = _rounds(user)
    board = BoardData(rounds, _chosen(rounds, agreement, months))
    if board.chosen:
        board.reports = _reports(user, [round_.pk for round_ in board.chosen])
        board.incomplete = _incomplete(board.reports)
        board.people = _people(board.reports)
        board.data = _base_data(user, board)
    return board


def _rounds(user: User) -> list[BoardRound]:
    found = Round.objects.filter(agreement__in=Agreement.objects.visible_to(user))
    in_order = ("-agreement__fiscal_year__year", "agreement", "months")
    return [
        BoardRound(*row)
        for row in found.exclude(state=Round.State.PLANNED).order_by(*in_order).values_list(*AGREEMENT, *ROUND)
    ]


def _chosen(rounds: Sequence[BoardRound], agreement: int | None, months: int | None) -> list[BoardRound]:
    wanted = [
        round_ for round_ in rounds
        if agreement in (None, round_.agreement) and months in (None, round_.months)
    ]
    if months is not None:
        return wanted
    opened = [round_ for round_ in wanted if round_.state == Round.State.OPEN]
    return opened or (wanted[-1:] if agreement is not None else [])


def _reports(user: User, rounds: Iterable[int]) -> list[Standing]:
    status = CriterionResult.Status
    own = Q(marks__stage=Mark.Stage.SELF)
    is_open = Q(marks__criteria__status=status.OPEN) | Q(
        marks__criteria__status=status.REPORTED, marks__criteria__score__isnull=True
    )
    rows = (
        Result.objects.visible_to(user)
        .filter(round__in=list(rounds))
        .measured()
        .annotate(questions_open=Unanswered("pk"))
        .annotate(
            criteria=Count("marks__criteria", filter=own), open=Count("marks__criteria", filter=own & is_open)
        )
        .order_by("indicator__order", "unit__path")
    )
    return [Standing(*row) for row in rows.values_list(*STANDING)]


def _incomplete(reports: Iterable[Standing]) -> dict[int, int]:
    """How many items are done whose evidence should be complete and isn't."""
    rows = ItemResult.objects.filter(
        criterion_result__mark__result__in=[report.pk for report in reports],
        criterion_result__mark__stage=Mark.Stage.SELF,
        criterion_result__criterion__kind="complete_count", done=True, complete=False,
    )
    counted = rows.values("criterion_result__mark__result").annotate(n=Count("pk")).order_by()
    return dict(counted.values_list("criterion_result__mark__result", "n"))


def _people(reports: Sequence[Standing]) -> dict[tuple[int, str], list[str]]:
    places = {(report.indicator, report.round, report.unit): report.pk for report in reports}
    rounds = {report.round for report in reports}
    rows = Assignment.objects.filter(round__in=rounds, is_substitute=False).order_by("order", "pk")
    names: dict[tuple[int, str], list[str]] = defaultdict(list)
    for *place, role, name in rows.values_list("indicator", "round", "unit", "role", "person__name"):
        if tuple(place) in places:
            names[places[tuple(place)], role].append(name)
    return names


def _base_data(user: User, board: BoardData) -> list[BaseDataTask]:
    """Base data of operating units: for the reports that the person sees, and of the person's own units."""
    own = {unit.pk: unit for unit in units_with(user, EDIT_RESULTS)}
    seen = {report.pk for report in board.reports}
    asked = Unit.objects.filter(
        responsibilities__role=Responsibility.Role.OPERATING,
        responsibilities__indicator__in={report.indicator for report in board.reports},
    )
    units = {unit.pk: unit for unit in asked.distinct()} | own
    rounds = {round_.pk for round_ in board.chosen}
    return [
        task for task in base_data_of({user.pk: units.values()})[user.pk]
        if task.asked.round in rounds and (task.asked.result in seen or task.unit.pk in own)
    ]


def phase(report: Standing, round_: BoardRound) -> str:
    """The phase of a report's round, for it alone."""
    return workflow.phase_of(round_.state, report.reopened)
