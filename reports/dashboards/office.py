"""How the open rounds get on: progress by state, what is late, and how far own and final marks lie apart."""
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from kpiportal.accounts.models import User
from reports.charts.scale import at
from scoring.board_pages import Cell, board_cells
from scoring.engine.text import EXACT, quotient4, signed_text
from scoring.models import Result
from scoring.queries.board import BoardRound, load_board
from scoring.queries.differences import Difference, load_differences
from scoring.queries.queue import queue_of

LENGTH = 240
# From the first state of a report to the last.
ORDER = (
    Result.State.DRAFT, Result.State.RETURNED, Result.State.SUBMITTED, Result.State.APPROVED, Result.State.CERTIFIED,
)


class StateBar(NamedTuple):
    """How many reports stand in a state, and the bar."""

    state: str
    count: int
    length: Decimal


class Spread(NamedTuple):
    """The results of a round that were marked otherwise than by their collectors: how many, by how much these claim
    more on average and at most (None where no score is known), and how many more are hidden from the reader."""

    results: int
    mean: Decimal | None
    most: Decimal | None


class RoundRow(NamedTuple):
    """A round of an agreement: how many reports, handed in, late; the bar of what is in; and how far marks differ."""

    round: BoardRound
    reports: int
    handed_in: int
    late: int
    length: Decimal
    differ: int
    mean: str
    most: str


@dataclass(frozen=True)
class Office:
    """All that the office's page prints, the rounds with most that is late first; `hidden`: how many differences are
    left out because scores are hidden."""

    states: tuple[StateBar, ...]
    rounds: tuple[RoundRow, ...]
    reports: int
    handed_in: int
    late: int
    waiting: int
    differ: int
    hidden: int
    length: int = LENGTH


def load_office(user: User) -> Office:
    """The open rounds of the agreements that this person may read, with the reports that they may see."""
    board = load_board(user)
    cells = board_cells(board)
    differences = load_differences(user) if board.chosen else None
    in_rounds = by_round(differences.rows if differences else (), [round_.pk for round_ in board.chosen])
    rows = [_row(round_, cells[round_.pk], in_rounds[round_.pk]) for round_ in board.chosen]
    return Office(
        states=state_bars([cell for of_round in cells.values() for cell in of_round]),
        rounds=tuple(sorted(rows, key=lambda row: -row.late)), reports=sum(row.reports for row in rows),
        handed_in=sum(row.handed_in for row in rows), late=sum(row.late for row in rows),
        waiting=len(queue_of(user)), differ=sum(row.differ for row in rows),
        hidden=differences.hidden if differences else 0,
    )


def by_round(rows: Sequence[Difference], rounds: Sequence[int]) -> dict[int, list[Difference]]:
    """The differences of these rounds."""
    return {pk: [row for row in rows if row.result.round_id == pk] for pk in rounds}


def state_bars(cells: Sequence[Cell]) -> tuple[StateBar, ...]:
    """How many reports stand in each state, with bars of which all together are the whole length."""
    states = [cell.state for cell in cells if not cell.is_data]
    counts: Mapping[str, int] = {state: states.count(state) for state in ORDER}
    return tuple(StateBar(str(state), count, part(count, len(states))) for state, count in counts.items())


def part(count: int, of: int) -> Decimal:
    """How long the bar of so many of all is."""
    return at(Decimal(count), Decimal(0), Decimal(max(of, 1)), LENGTH)


def spread_of(rows: Sequence[Difference]) -> Spread:
    """By how much the collectors claim more than counts."""
    claimed = [row.claimed for row in rows if row.claimed is not None]
    if not claimed:
        return Spread(len(rows), None, None)
    total = Decimal(0)
    for each in claimed:
        total = EXACT.add(total, each)
    return Spread(len(rows), quotient4(total, Decimal(len(claimed))), max(claimed))


def _row(round_: BoardRound, cells: Sequence[Cell], differences: Sequence[Difference]) -> RoundRow:
    reports = [cell for cell in cells if not cell.is_data]
    done, apart = sum(cell.done for cell in reports), spread_of(differences)
    mean, most = ("" if number is None else signed_text(number) for number in (apart.mean, apart.most))
    late = sum(cell.late for cell in cells)
    return RoundRow(round_, len(reports), done, late, part(done, len(reports)), apart.results, mean, most)
