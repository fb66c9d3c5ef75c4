"""The rows of a printed summary table as plain values, and which rows belong to which group row."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import NamedTuple

from scoring.engine.text import CUT, number_text, round4

GROUP, INDICATOR, TOTAL = "group", "indicator", "total"
MOST_PLACES = 4
_ZERO = Decimal(0)


class Printed(NamedTuple):
    """A number as the paper shows it: `places` behind the point, though a workbook may hold more."""

    value: Decimal
    places: int = MOST_PLACES

    @property
    def text(self) -> str:
        """As printed."""
        return number_text(self.value, self.places)


class Row(NamedTuple):
    """A row of the table. `targets`: the (level, target) pairs that it gives; `style`: what rows of one rank share,
    such as 'มิติ'; `unread`: a cell could not be read, so nothing that depends on the row is judged."""

    kind: str
    name: str = ""
    weight: Printed | None = None
    targets: tuple[tuple[Decimal, Decimal], ...] = ()
    result: Decimal | None = None
    score: Printed | None = None
    weighted: Printed | None = None
    applicable: bool = True
    style: str = ""
    unread: bool = False


def shows(printed: Printed, right: Decimal, sides: tuple[Decimal, Decimal] | None = None) -> bool:
    """Whether a cell shows `right`, rounded half-up to the cell's places; `sides` are the numerator and denominator
    that `right` was rounded from, which may be rounded at once."""
    if printed.places >= MOST_PLACES:
        return round4(printed.value) == round4(right)
    shown = printed.text
    if shown == number_text(right, printed.places):
        return True
    return sides is not None and shown == number_text(CUT.divide(*sides), printed.places)


Members = dict[int, tuple[int, ...]]
_Belongs = Callable[[list[int], int], None]


def nestings(rows: Sequence[Row]) -> list[Members]:
    """The ways in which the indicators may belong to group rows, the likeliest first: by rank of the headings, by
    weights that are used up, and each indicator to the heading right above it only."""
    return [_by_style(rows), _by_weight(rows), _flat(rows)]


def _by_style(rows: Sequence[Row]) -> Members:
    def close(stack: list[int], number: int) -> None:
        styles = [rows[each].style for each in stack]
        if rows[number].kind == GROUP and rows[number].style in styles:
            del stack[styles.index(rows[number].style):]

    return _nest(rows, close)


def _by_weight(rows: Sequence[Row]) -> Members:
    left: dict[int, Decimal] = {}

    def close(stack: list[int], number: int) -> None:
        row = rows[number]
        weight = row.weight.value if row.weight else _ZERO
        while stack and (left[stack[-1]] <= 0 or row.kind == GROUP and weight > left[stack[-1]]):
            stack.pop()
        if row.kind == GROUP:
            left[number] = weight
        else:
            left.update({each: left[each] - weight for each in stack})

    return _nest(rows, close)


def _flat(rows: Sequence[Row]) -> Members:
    def close(stack: list[int], number: int) -> None:
        if rows[number].kind == GROUP:
            stack.clear()

    return _nest(rows, close)


def _nest(rows: Sequence[Row], close: _Belongs) -> Members:
    """The indicators of each group row, when `close` takes from the stack of open groups those that a row ends."""
    members: dict[int, list[int]] = {}
    stack: list[int] = []
    for number, row in enumerate(rows):
        if row.kind == TOTAL:
            continue
        close(stack, number)
        if row.kind == GROUP:
            stack.append(number)
            members[number] = []
        for each in stack if row.kind == INDICATOR else ():
            members[each].append(number)
    return {number: tuple(inside) for number, inside in members.items()}
