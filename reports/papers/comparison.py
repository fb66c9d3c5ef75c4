"""The comparison sheet of a year: three earlier years' results, the target, and round by round weight, result,
self-assessment and score."""
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import prefetch_related_objects
from django.utils.translation import get_language, gettext, gettext_lazy

from indicators.earlier import earlier_agreements, paired
from indicators.models import Indicator, Round
from reports.papers.cells import (
    average_cell, is_hidden, result_cell, score_cell, target_cell, total_cell, weight_cell,
)
from reports.papers.paper import Asked, Head, Paper, head_of
from reports.papers.widths import LONGEST, Figures, Fitted, fit, target_class
from reports.workbooks.comparison import comparison_workbook
from scoring.engine.text import fiscal_year_text, plain
from scoring.freezing.own import own_side
from scoring.freezing.rounds import load_shown
from scoring.pages import DASH
from scoring.queries.lines import AgreementSummary, GroupLine, IndicatorLine

BASELINES = 3
# What the sheet has for figures, in its own small em.
ROOM = 76


class RoundCells(NamedTuple):
    """What a round says of an indicator; of a group and in the total only scores."""

    weight: str = ""
    result: str = ""
    own: str = ""
    score: str = ""


@dataclass(frozen=True)
class ComparisonRow:
    """An indicator with its baselines, the earliest first, or a group, which has none."""

    name: str
    depth: int
    is_group: bool
    unit: str = ""
    baselines: tuple[str, ...] = ()
    target: str = ""
    rounds: tuple[RoundCells, ...] = ()

    @property
    def target_class(self) -> str:
        """Whether the target stands as a figure."""
        return target_class(self.target)


@dataclass(frozen=True)
class ComparisonPaper:
    """The sheet as it prints: a column for each earlier year, four for each round; `source` has its rows' lines."""

    head: Head
    years: tuple[str, ...]
    rounds: tuple[str, ...]
    rows: tuple[ComparisonRow, ...]
    totals: tuple[RoundCells, ...]
    fitted: Fitted
    source: AgreementSummary

    @property
    def columns(self) -> int:
        """How many columns there are."""
        return 3 + len(self.years) + 4 * len(self.rounds)


class Side(NamedTuple):
    """A round as it counts and as the collectors marked themselves, its indicators by their keys."""

    shown: AgreementSummary
    own: AgreementSummary
    lines: dict[int, IndicatorLine]
    own_lines: dict[int, IndicatorLine]


class Baseline(NamedTuple):
    """An earlier year's agreement in its latest round, its indicators by those of this year."""

    shown: AgreementSummary
    lines: dict[int, IndicatorLine]


def build(asked: Asked) -> ComparisonPaper:
    """All rounds of the year as the reader may see them, closed ones as they were sealed."""
    agreement, language = asked.agreement, get_language() or "th"
    prefetch_related_objects([agreement], "rounds")
    rounds = [one for one in agreement.rounds.all() if one.state != Round.State.PLANNED]
    sides = [_side(load_shown(agreement, one.months, user=asked.user)) for one in rounds]
    last = sides[-1].shown if sides else load_shown(agreement, None, user=asked.user)
    years = range(agreement.fiscal_year.year - BASELINES, agreement.fiscal_year.year)
    before = _baselines([line.indicator for line in last.indicators], asked)
    rows = tuple(_rows(last, sides, [before.get(year) for year in years], asked))
    totals = tuple(RoundCells(plain(one.shown.total), "", total_cell(one.own), total_cell(one.shown)) for one in sides)
    title = gettext("Comparison of results over the year")
    draft = not rounds or any(one.state != Round.State.CLOSED for one in rounds)
    return ComparisonPaper(
        head=head_of(asked, title, draft=draft),
        years=tuple(asked.ink(fiscal_year_text(year, language)) for year in years),
        rounds=tuple(asked.ink(gettext("%(months)s-month round") % {"months": one.months}) for one in rounds),
        rows=rows,
        totals=tuple(_inked(cells, asked) for cells in totals),
        fitted=_widths(rows, len(rounds)),
        source=last,
    )


def _side(shown: AgreementSummary) -> Side:
    own = (None if shown.hidden else own_side(shown)) or shown
    return Side(shown, own, _by_key(shown.indicators), _by_key(own.indicators))


def _by_key(lines: Iterable[IndicatorLine]) -> dict[int, IndicatorLine]:
    return {line.indicator.pk: line for line in lines}


def _baselines(indicators: list[Indicator], asked: Asked) -> dict[int, Baseline]:
    """By year what earlier agreements say of these indicators."""
    found = {}
    for one in earlier_agreements(asked.agreement, user=asked.user, most=BASELINES):
        shown = load_shown(one, None, user=asked.user)
        lines = _by_key(shown.indicators)
        same = paired(indicators, [line.indicator for line in shown.indicators])
        found[one.fiscal_year.year] = Baseline(shown, {pk: lines[then.pk] for pk, then in same.items()})
    return found


def _rows(
    last: AgreementSummary, sides: list[Side], before: list[Baseline | None], asked: Asked
) -> Iterable[ComparisonRow]:
    depth = 0
    for line in last.lines:
        if isinstance(line, GroupLine):
            depth = line.depth + 1
            cells = tuple(_inked(_of_group(side, line.group.pk), asked) for side in sides)
            yield ComparisonRow(asked.ink(str(line.group)), line.depth, True, rounds=cells)
            continue
        pk = line.indicator.pk
        yield ComparisonRow(
            name=asked.ink(str(line.indicator)),
            depth=depth + (1 if line.indicator.parent_id else 0),
            is_group=False,
            unit=asked.ink(line.indicator.unit_of_measure),
            baselines=tuple(asked.ink(result_cell(one.shown, one.lines.get(pk)) if one else DASH) for one in before),
            target=asked.ink(target_cell(last, line)),
            rounds=tuple(_inked(_of_indicator(side, pk), asked) for side in sides),
        )


def _of_indicator(side: Side, pk: int) -> RoundCells:
    line, own = side.lines.get(pk), side.own_lines.get(pk)
    if line is None:
        return RoundCells(*[DASH] * 4)
    said = own and not is_hidden(side.shown, line)
    return RoundCells(
        weight_cell(line), result_cell(side.shown, line), score_cell(side.own, own) if said else DASH,
        score_cell(side.shown, line),
    )


def _of_group(side: Side, pk: int) -> RoundCells:
    both = []
    for summary in (side.own, side.shown):
        groups = [line for line in summary.lines if isinstance(line, GroupLine) and line.group.pk == pk]
        average = groups[0].average if groups else None
        both.append(average_cell(summary, average.score if average else None))
    return RoundCells("", "", *both)


def _inked(cells: RoundCells, asked: Asked) -> RoundCells:
    return RoundCells(*(asked.ink(cell) for cell in cells))


def _widths(rows: Iterable[ComparisonRow], rounds: int) -> Fitted:
    """Of the columns baseline, target, weight, result and score."""
    rows = [row for row in rows if not row.is_group]
    cells = [cell for row in rows for cell in row.rounds]
    return fit(
        [
            Figures([text for row in rows for text in row.baselines], 4, BASELINES),
            Figures([row.target for row in rows if len(row.target) <= LONGEST], 5),
            Figures([cell.weight for cell in cells], 4, rounds),
            Figures([cell.result for cell in cells], 4, rounds),
            Figures([text for cell in cells for text in (cell.own, cell.score)], 5, 2 * rounds),
        ],
        ROOM,
    )


PAPER = Paper(
    name="comparison",
    title=gettext_lazy("Comparison over the year"),
    about=gettext_lazy("Three earlier years' results, the target, and for each round weight, result and both scores."),
    build=build,
    across=True,
    by_round=False,
    workbook=comparison_workbook,
)
