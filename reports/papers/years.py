"""The comparison sheet over several years: for each of them weight, result and score of every indicator."""
from dataclasses import dataclass, replace
from typing import NamedTuple

from django.utils.translation import get_language, gettext, gettext_lazy

from indicators.earlier import earlier_agreements, paired
from indicators.models import Round
from reports.papers.cells import result_cell, scales_note, score_cell, target_cell, total_cell, weight_cell
from reports.papers.paper import Asked, Head, Paper, head_of
from reports.papers.widths import LONGEST, Figures, Fitted, fit, target_class
from reports.workbooks.years import years_workbook
from scoring.engine.text import fiscal_year_text
from scoring.freezing.rounds import load_shown
from scoring.pages import DASH
from scoring.queries.lines import AgreementSummary, IndicatorLine

EARLIER = 3
# What the sheet has for figures, in its own small em.
ROOM = 78


class YearCells(NamedTuple):
    """What a year says of an indicator."""

    weight: str = DASH
    target: str = DASH
    result: str = DASH
    score: str = DASH

    @property
    def target_class(self) -> str:
        """Whether the target stands as a figure."""
        return target_class(self.target)


@dataclass(frozen=True)
class YearsRow:
    """An indicator with its cells, the earliest year first; its key, and that of the one that it is part of."""

    name: str
    unit: str
    depth: int
    cells: tuple[YearCells, ...]
    key: int
    above: int | None


@dataclass(frozen=True)
class YearsPaper:
    """The sheet as it prints; `rounds`: which round of each year stands there."""

    head: Head
    years: tuple[str, ...]
    rounds: tuple[str, ...]
    rows: tuple[YearsRow, ...]
    totals: tuple[str, ...]
    fitted: Fitted


class Series:
    """The lines of one indicator by year; the newest names it, by the last one earlier ones are known."""

    def __init__(self, line: IndicatorLine, year: int) -> None:
        self.newest, self.by_year = line, {year: line}

    @property
    def last(self) -> IndicatorLine:
        """The line of the earliest year so far."""
        return self.by_year[min(self.by_year)]


def build(asked: Asked) -> YearsPaper:
    """This year and up to three before, each in its latest round (this one in the round that was asked for), as the
    reader may see them. Raises NoSuchRound."""
    this = asked.agreement
    newest_first = [load_shown(this, asked.months, user=asked.user)]
    earlier = earlier_agreements(this, user=asked.user, most=EARLIER)
    newest_first += [load_shown(one, None, user=asked.user) for one in earlier]
    shown = newest_first[::-1]
    rows = tuple(_row(one, shown, asked) for one in _series(newest_first))
    language, cells = get_language() or "th", [cell for row in rows for cell in row.cells]
    draft = any(not one.round or one.round.state != Round.State.CLOSED for one in shown)
    title = gettext("Comparison of results over several years")
    head = head_of(asked, title, note=scales_note(shown), draft=draft)
    round_ = newest_first[0].round
    return YearsPaper(
        head=replace(head, months=round_.months if round_ else None),
        years=tuple(asked.ink(fiscal_year_text(_year(one), language)) for one in shown),
        rounds=tuple(_round(one, asked) for one in shown),
        rows=rows,
        totals=tuple(asked.ink(total_cell(one)) for one in shown),
        fitted=_widths(cells, len(shown)),
    )


def _widths(cells: list[YearCells], years: int) -> Fitted:
    """Of the columns weight, target, result and score."""
    return fit(
        [
            Figures([cell.weight for cell in cells], 4, years),
            Figures([cell.target for cell in cells if len(cell.target) <= LONGEST], 5, years),
            Figures([cell.result for cell in cells], 5, years),
            Figures([cell.score for cell in cells], 5, years),
        ],
        ROOM,
    )


def _year(summary: AgreementSummary) -> int:
    return summary.agreement.fiscal_year.year


def _round(summary: AgreementSummary, asked: Asked) -> str:
    if summary.round is None:
        return ""
    return asked.ink(gettext("%(months)s-month round") % {"months": summary.round.months})


def _series(newest_first: list[AgreementSummary]) -> list[Series]:
    """Each indicator once, in the order of the newest agreement that has it; matched by number and name (see paired)
    with the year in which it was last seen."""
    series: list[Series] = []
    for summary in newest_first:
        same = paired((one.last.indicator for one in series), (line.indicator for line in summary.indicators))
        lines = {line.indicator.pk: line for line in summary.indicators}
        for one in list(series):
            if found := same.get(one.last.indicator.pk):
                one.by_year[_year(summary)] = lines.pop(found.pk)
        series += [Series(line, _year(summary)) for line in lines.values()]
    return series


def _row(series: Series, shown: list[AgreementSummary], asked: Asked) -> YearsRow:
    indicator = series.newest.indicator
    return YearsRow(
        name=asked.ink(str(indicator)),
        unit=asked.ink(indicator.unit_of_measure),
        depth=1 if indicator.parent_id else 0,
        cells=tuple(_cells(one, series.by_year.get(_year(one)), asked) for one in shown),
        key=indicator.pk,
        above=indicator.parent_id,
    )


def _cells(summary: AgreementSummary, line: IndicatorLine | None, asked: Asked) -> YearCells:
    if line is None:
        return YearCells()
    said = (weight_cell(line), target_cell(summary, line), result_cell(summary, line), score_cell(summary, line))
    return YearCells(*(asked.ink(text) for text in said))


PAPER = Paper(
    name="years",
    title=gettext_lazy("Comparison over several years"),
    about=gettext_lazy("Each indicator over up to four years: weight, target, result and score."),
    build=build,
    across=True,
    workbook=years_workbook,
)
