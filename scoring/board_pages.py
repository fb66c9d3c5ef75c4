"""What the board prints: a table for each round, its longer side downwards, with finished sentences in its cells."""
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from django.urls import reverse
from django.utils import timezone

from scoring.engine import notices, workflow
from scoring.engine.text import Message
from scoring.models import UnitReport
from scoring.models.result import HANDED_IN
from scoring.queries.board import BoardData, BoardRound, Standing, phase
from scoring.queries.units import MISSING, BaseDataTask

SOON_DAYS = 7
# Whose turn it is with a report in this state.
TURNS = {
    workflow.DRAFT: workflow.COLLECTOR, workflow.RETURNED: workflow.COLLECTOR,
    workflow.SUBMITTED: workflow.SUPERVISOR, workflow.APPROVED: workflow.OFFICE,
}
ROLES = {
    workflow.COLLECTOR: Message("ผู้จัดเก็บข้อมูล", "data collector"),
    workflow.SUPERVISOR: Message("ผู้กำกับดูแลตัวชี้วัด", "KPI supervisor"),
    workflow.OFFICE: Message("กลุ่มพัฒนาระบบบริหาร", "performance office"),
}


class Place(NamedTuple):
    """An indicator or a unit: its key, its name and its short one."""

    key: int
    name: str
    short: str


@dataclass(frozen=True)
class Cell:
    """Where a unit stands with an indicator. `heat` names the colour; word and shape are those of the state."""

    unit: Place
    indicator: Place
    state: str
    path: str
    is_data: bool  # base data of an operating unit
    late: bool
    done: bool  # handed in
    heat: str
    when: Message | None
    missing: tuple[Message, ...]
    turn: Message | None


@dataclass
class Line:
    """A row or column with its cells in the order of the other side, None where there is nothing to report."""

    place: Place
    cells: list[Cell | None] = field(default_factory=list)

    @property
    def total(self) -> Message:
        """How many were handed in, how many are late."""
        return total([cell for cell in self.cells if cell])


@dataclass
class Table:
    """One round of an agreement: rows and columns, units against indicators."""

    round: BoardRound
    by_unit: bool
    rows: list[Line]
    columns: list[Line]

    @property
    def cells(self) -> list[Cell]:
        """All cells."""
        return [cell for row in self.rows for cell in row.cells if cell]

    @property
    def total(self) -> Message:
        """How many were handed in, how many are late, of all."""
        return total(self.cells)


class Filter(NamedTuple):
    """What is asked for: a state (also 'late'), a unit; '' and None for all."""

    state: str = ""
    unit: int | None = None

    def wants(self, cell: Cell) -> bool:
        """Whether a cell is shown."""
        in_state = not self.state or cell.state == self.state or (self.state == "late" and cell.late)
        return in_state and self.unit in (None, cell.unit.key)


def total(cells: Sequence[Cell]) -> Message:
    """'Handed in 3 of 5, 1 late'."""
    done, late = sum(cell.done for cell in cells), sum(cell.late for cell in cells)
    if not late:
        return Message(f"ส่งแล้ว {done} จาก {len(cells)}", f"{done} of {len(cells)} in")
    return Message(f"ส่งแล้ว {done} จาก {len(cells)} เลยกำหนด {late}", f"{done} of {len(cells)} in, {late} late")


def board_cells(board: BoardData) -> dict[int, list[Cell]]:
    """The cells of every chosen round, by round."""
    rounds, today = {round_.pk: round_ for round_ in board.chosen}, timezone.localdate()
    cells: dict[int, list[Cell]] = {pk: [] for pk in rounds}
    for report in board.reports:
        cells[report.round].append(_cell(board, report, rounds[report.round], today))
    seen = {report.pk for report in board.reports}
    for task in board.data:
        cells[task.asked.round].append(_data_cell(task, today, is_seen=task.asked.result in seen))
    return cells


def units_of(cells: Iterable[Cell]) -> list[Place]:
    """The units on the board, for the filter."""
    return sorted({cell.unit for cell in cells}, key=lambda unit: unit.name)


def tables(board: BoardData, cells: dict[int, list[Cell]], wanted: Filter) -> list[Table]:
    """A table for every chosen round in which something is wanted."""
    found = [(round_, [cell for cell in cells[round_.pk] if wanted.wants(cell)]) for round_ in board.chosen]
    return [_table(round_, shown) for round_, shown in found if shown]


def _table(round_: BoardRound, cells: Sequence[Cell]) -> Table:
    units, indicators = (
        list(dict.fromkeys(side(cell) for cell in cells)) for side in (lambda c: c.unit, lambda c: c.indicator)
    )
    # Where a unit both leads and reports base data, its report stands in the cell.
    at = {(cell.unit, cell.indicator): cell for cell in sorted(cells, key=lambda cell: not cell.is_data)}
    by_unit = len(units) > len(indicators)
    down, across = (units, indicators) if by_unit else (indicators, units)

    def line(place: Place, others: Sequence[Place], pair: Callable) -> Line:
        return Line(place, [at.get(pair(place, other)) for other in others])

    straight, turned = (lambda a, b: (a, b)), (lambda a, b: (b, a))
    rows = [line(place, across, straight if by_unit else turned) for place in down]
    columns = [line(place, down, turned if by_unit else straight) for place in across]
    return Table(round_, by_unit, rows, columns)


def _cell(board: BoardData, report: Standing, round_: BoardRound, today: date) -> Cell:
    done = report.state in HANDED_IN
    is_over = phase(report, round_) == workflow.CLOSED
    late = not done and round_.due_on is not None and today > round_.due_on
    soon = not done and round_.due_on is not None and (round_.due_on - today).days <= SOON_DAYS
    return Cell(
        unit=Place(report.unit, report.unit_name, report.unit_short or report.unit_name),
        indicator=Place(report.indicator, f"{report.number} {report.name}".strip(), report.number or report.name),
        state=report.state, path=reverse("result", args=[report.pk]), is_data=False, late=late, done=done,
        heat="late" if late else report.state if report.state != workflow.DRAFT else "soon" if soon else "far",
        when=_when(report, round_.due_on, today), missing=_missing(board, report),
        turn=_closed(report) if is_over else _turn(board, report),
    )


def _when(report: Standing, due_on: date | None, today: date) -> Message | None:
    """Days left, days late, or how late it was handed in."""
    if due_on is None:
        return None
    if report.state not in HANDED_IN:
        return _left(due_on, today)
    days = (timezone.localdate(report.submitted_at) - due_on).days
    if days <= 0:
        return None
    return Message(f"ส่งช้า {days} วัน", f"handed in {days} {'day' if days == 1 else 'days'} late")


def _left(due_on: date, today: date) -> Message:
    return notices.late(due_on, today) if today > due_on else notices.due(due_on, today)


def _missing(board: BoardData, report: Standing) -> tuple[Message, ...]:
    found, lacking = [], board.incomplete.get(report.pk, 0)
    if report.state not in HANDED_IN and report.open:
        found.append(Message(
            f"ยังไม่มีผล {report.open} จาก {report.criteria} ประเด็น",
            f"{report.open} of {report.criteria} criteria have no result",
        ))
    if report.state not in HANDED_IN and lacking:
        found.append(Message(f"หลักฐานไม่ครบ {lacking} รายการ", f"evidence incomplete for {lacking}"))
    if report.questions:
        found.append(notices.questions(report.questions))
    return tuple(found)


def _turn(board: BoardData, report: Standing) -> Message | None:
    role = TURNS.get(report.state)
    if role is None:
        return None
    names = ", ".join(board.people.get((report.pk, role), []))
    who = notices.both(lambda lang: f"{ROLES[role].text(lang)}{f' ({names})' if names else ''}")
    return Message(f"รอ{who.th}", f"waits for: {who.en}")


def _closed(report: Standing) -> Message | None:
    if report.state == workflow.CERTIFIED:
        return None
    return Message("ปิดรอบแล้ว เฉพาะกลุ่มพัฒนาระบบบริหารเปิดอีกครั้งได้", "round closed: only the office reopens it")


def _data_cell(task: BaseDataTask, today: date, *, is_seen: bool) -> Cell:
    """Base data of a unit; leads to the lead unit's report where that may be read (it shows all units), else to the
    unit's own page."""
    asked, done = task.asked, task.said >= task.formulas
    state = UnitReport.Status.REPORTED if done else UnitReport.Status.BEGUN if task.said else MISSING
    days = None if asked.due_on is None or not task.waits else (asked.due_on - today).days
    missing = () if done else (notices.base_data(len(task.said), len(task.formulas)),)
    return Cell(
        unit=Place(task.unit.pk, task.unit.name, str(task.unit)),
        indicator=Place(asked.indicator_id, task.indicator, asked.number or asked.name),
        state=state, is_data=True,
        path=reverse("result", args=[asked.result]) if is_seen
        else reverse("base_data", args=[asked.result, task.unit.code]),
        late=task.late, done=done,
        heat="late" if task.late else "submitted" if done else "far" if days is None or days > SOON_DAYS else "soon",
        when=None if days is None else _left(asked.due_on, today), missing=missing,
        turn=Message("รอหน่วยงานรายงานข้อมูลพื้นฐาน", "waits for the unit's base data") if task.waits else None,
    )
