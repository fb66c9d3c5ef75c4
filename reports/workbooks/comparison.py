"""The comparison sheet of a year as a workbook: in each round the averages of both sides are formulas over the rows."""
from typing import TYPE_CHECKING

from django.utils.translation import gettext

from reports.workbooks.grid import Scores, Span, members, top_lines, widths, write_average, write_spans
from reports.workbooks.plain import write_head
from reports.workbooks.writing import SCORE, Book, Page
from scoring.queries.lines import GroupLine, IndicatorLine

if TYPE_CHECKING:
    from reports.papers.comparison import ComparisonPaper, ComparisonRow

# The columns: names, units of measure, three baselines, target, and four for each round.
UNIT, BASELINE, EACH = 2, 3, 4


def comparison_workbook(paper: "ComparisonPaper") -> Book:
    """The table of the paper; scores that the paper has otherwise than its rows give stand as they are."""
    book, spans = Book(paper.head.title), _spans(paper)
    page = Page(book, "comparison", widths(spans), across=True)
    top = write_head(page, paper.head)
    write_spans(page, top, spans)
    first = top + 2
    for row, said in enumerate(paper.rows, first):
        _write_row(page, row, said)
    total = first + len(paper.rows)
    _write_total(page, total, paper)
    for place in range(len(paper.rounds)):
        for own in (True, False):
            _write_averages(page, first, paper, place, own=own)
    page.text(total + 1, 1, legend(), "plain", to=len(page.widths))
    page.closed(head=(top, top + 1), last_row=total + 1)
    return book


def legend() -> str:
    """What the formulas of such a table compute."""
    return gettext(
        "Averages are Σ(W × S) / ΣW over the rows that have both a weight and a score, rounded once to four places."
    )


def _spans(paper: "ComparisonPaper") -> list[Span]:
    each = (gettext("Weight"), gettext("Result"), gettext("Self-score"), gettext("Score"))
    return [
        Span(gettext("Indicator"), [40]), Span(gettext("Unit of measure"), [11]),
        Span(gettext("Baseline"), [10] * len(paper.years), paper.years), Span(gettext("Target"), [12]),
        *(Span(round_, [9, 11, 10, 10], each) for round_ in paper.rounds),
    ]


def _column(paper: "ComparisonPaper", place: int) -> int:
    """The first column of a round, its weights."""
    return BASELINE + len(paper.years) + 1 + EACH * place


def _write_row(page: Page, row: int, said: "ComparisonRow") -> None:
    if said.is_group:
        page.text(row, 1, said.name, "group", depth=said.depth)
        for column in range(UNIT, len(page.widths) + 1):
            page.text(row, column, "", "group")
        return
    page.text(row, 1, said.name, depth=said.depth)
    page.text(row, UNIT, said.unit, "centre")
    for column, text in enumerate((*said.baselines, said.target), BASELINE):
        page.figure(row, column, text)
    cells = [cell for round_ in said.rounds for cell in round_]
    for place, text in enumerate(cells):
        column = BASELINE + len(said.baselines) + 1 + place
        page.figure(row, column, text, SCORE if place % EACH > 1 else "")


def _write_total(page: Page, row: int, paper: "ComparisonPaper") -> None:
    for column in range(1, len(page.widths) + 1):
        page.text(row, column, gettext("Total weight") if column == 1 else "", "total")
    for place, cells in enumerate(paper.totals):
        page.figure(row, _column(paper, place), cells.weight, look="total number")


def _write_averages(page: Page, first: int, paper: "ComparisonPaper", place: int, *, own: bool) -> None:
    """One side of a round: indicators of parts, groups, and the agreement."""
    weights = _column(paper, place)
    column = weights + (2 if own else 3)
    of, lines = Scores(weights, column), paper.source.lines
    row_of = {line.indicator.pk: row for row, line in enumerate(lines, first) if isinstance(line, IndicatorLine)}
    groups = [row for row, line in enumerate(lines, first) if isinstance(line, GroupLine)]
    said = [row.rounds[place].own if own else row.rounds[place].score for row in paper.rows]
    for line, text in zip(lines, said, strict=True):
        if isinstance(line, IndicatorLine) and line.children:
            rows = [row_of[child.indicator.pk] for child in line.children]
            write_average(page, row_of[line.indicator.pk], column, of, rows, text)
    for row, (line, text) in enumerate(zip(lines, said, strict=True), first):
        if isinstance(line, GroupLine):
            rows = [row_of[each.indicator.pk] for each in members(paper.source, line)]
            write_average(page, row, column, of, rows, text, between=groups, look="group number")
    rows = [row_of[line.indicator.pk] for line in top_lines(paper.source)]
    text = paper.totals[place].own if own else paper.totals[place].score
    write_average(page, first + len(lines), column, of, rows, text, between=groups, look="total number")
