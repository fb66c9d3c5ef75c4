"""Who is responsible for which indicator, after seed 003: five columns, groups with weights, ranges written short."""
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext, gettext_lazy

from indicators.models import Agreement, Responsibility
from indicators.queries import units_of
from indicators.ranges import Folding
from reports.papers.paper import Asked, Head, Paper, head_of
from reports.workbooks.lists import matrix_workbook
from scoring.engine.text import plain
from scoring.queries.summary import GroupLine, IndicatorLine, load_summary

ROLES = tuple(Responsibility.Role)


@dataclass(frozen=True)
class MatrixRow:
    """A group with its weight, or an indicator with a cell for each of ROLES; lines in a cell are parted by '\\n'."""

    name: str
    depth: int
    weight: str = ""
    cells: tuple[str, ...] = ()

    @property
    def is_group(self) -> bool:
        return not self.cells


@dataclass(frozen=True)
class MatrixPaper:
    """The matrix as it prints; `bureau`: the short name of the agreement's unit, whose own columns name it."""

    head: Head
    bureau: str
    rows: tuple[MatrixRow, ...]


def build(asked: Asked) -> MatrixPaper:
    """The matrix of an agreement. It names units and nobody's results, so whoever sees the agreement reads it whole."""
    agreement = asked.agreement
    lines = load_summary(agreement, None, user=asked.user).lines
    cells = _cells(agreement)
    title = gettext("Lead units, co-responsible units and operating units of the indicators")
    return MatrixPaper(
        head=head_of(asked, title, draft=agreement.state == Agreement.State.DRAFT),
        bureau=asked.ink(str(agreement.unit)),
        rows=tuple(_rows(lines, cells, asked)),
    )


def _cells(agreement: Agreement) -> dict[tuple[int, str], str]:
    """What each cell says, by indicator and role; two queries and one of the units that can be named."""
    found: QuerySet[Responsibility] = Responsibility.objects.filter(indicator__agreement=agreement)
    cells = list(found.prefetch_related("units"))
    known = {unit.pk: unit for unit in units_of(agreement)}
    known |= {unit.pk: unit for cell in cells for unit in cell.units.all()}
    folding = Folding(known.values(), agreement.unit)
    return {(cell.indicator_id, cell.role): _said(cell, folding) for cell in cells}


def _said(cell: Responsibility, folding: Folding) -> str:
    """A cell as it is written while that still means its units, else its units written short."""
    units = list(cell.units.all())
    return cell.as_written if not units or folding.means(cell.as_written, units) else folding.fold(units)


def _rows(
    lines: Iterable[GroupLine | IndicatorLine], cells: dict[tuple[int, str], str], asked: Asked
) -> Iterable[MatrixRow]:
    depth = 0
    for line in lines:
        if isinstance(line, GroupLine):
            depth = line.depth + 1
            weight = line.group.weight
            yield MatrixRow(asked.ink(str(line.group)), line.depth, "" if weight is None else asked.ink(plain(weight)))
        else:
            pk, part = line.indicator.pk, 1 if line.indicator.parent_id else 0
            said = tuple(asked.ink(cells.get((pk, role), "")) for role in ROLES)
            yield MatrixRow(asked.ink(str(line.indicator)), depth + part, cells=said)


PAPER = Paper(
    name="matrix",
    title=gettext_lazy("Responsibility matrix"),
    about=gettext_lazy("Who leads each indicator, who shares in it, and which units carry it out."),
    build=build,
    across=True,
    by_round=False,
    workbook=matrix_workbook,
)
