"""What the checker of summary tables finds, and what a cell should print, as plain values."""

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from scoring.engine.table_rows import Printed, shows
from scoring.engine.text import Message

SUM, SHARE = "sum", "share"


class Finding(NamedTuple):
    """A cell ('weight', 'score' or 'weighted' of a row, counted from 0) that prints something else than is `right`
    (None: nothing may stand there). `follows`: it comes from numbers that are wrong elsewhere in the table."""

    row: int
    cell: str
    printed: Printed
    right: Decimal | None
    working: tuple[Message, ...]
    follows: bool = False


class Checked(NamedTuple):
    """`weighted` says what the weighted column is: SUM for W × SM, SHARE for W × S / `total`, None without one;
    `stepped`: scored in steps, since so fewer cells are wrong. `taken`: rows whose score could not be worked out, and
    why. `cells`: how many cells were judged."""

    findings: tuple[Finding, ...]
    weighted: str | None
    total: Decimal | None
    stepped: bool
    taken: tuple[tuple[int, Message], ...]
    cells: int


class Right(NamedTuple):
    """What a cell should print: one of `values`, the first being the usual one; `sides` that one before rounding;
    `from_printed` what the other numbers of the table would give if they were right."""

    values: tuple[Decimal | None, ...]
    working: tuple[Message, ...]
    sides: tuple[Decimal, Decimal] | None = None
    from_printed: tuple[Decimal | None, ...] = ()


class Basis(NamedTuple):
    """What the weighted column is; `total` is T of the shares."""

    kind: str | None
    total: Decimal | None = None


def is_right(printed: Printed, right: Right, *, also_printed: bool = False) -> bool:
    """Whether a cell prints what it should; `also_printed`: or what follows from the table's other numbers."""
    if any(value is not None and shows(printed, value, right.sides if first == 0 else None)
           for first, value in enumerate(right.values)):
        return True
    return also_printed and any(value is not None and shows(printed, value) for value in right.from_printed)


def misfits(findings: Iterable[Finding | None]) -> tuple[int, int]:
    """How badly a way of reading a table fits: what follows from other wrong numbers says little about it."""
    following = [finding.follows for finding in findings if finding]
    return following.count(False), following.count(True)


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """From top to bottom, in a row from left to right."""
    order = {"weight": 0, "score": 1, "weighted": 2}
    return tuple(sorted(findings, key=lambda finding: (finding.row, order[finding.cell])))
