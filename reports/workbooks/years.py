"""The comparison over several years as a workbook: each year's score is a formula over its rows."""
from typing import TYPE_CHECKING

from django.utils.translation import gettext

from reports.workbooks.comparison import legend
from reports.workbooks.grid import Scores, Span, families, widths, write_average, write_spans
from reports.workbooks.plain import write_head
from reports.workbooks.writing import SCORE, Book, Page

if TYPE_CHECKING:
    from reports.papers.years import YearsPaper

# Weight, target, result and score of each year.
EACH = 4


def years_workbook(paper: "YearsPaper") -> Book:
    """The table of the paper; scores that the paper has otherwise than its rows give stand as they are."""
    book, spans = Book(paper.head.title), _spans(paper)
    page = Page(book, "years", widths(spans), across=True)
    top = write_head(page, paper.head)
    write_spans(page, top, spans)
    first = top + 2
    for row, said in enumerate(paper.rows, first):
        page.text(row, 1, f"{said.name} ({said.unit})" if said.unit else said.name, depth=said.depth)
        for column, text in enumerate((cell for cells in said.cells for cell in cells), 2):
            page.figure(row, column, text, SCORE if (column - 1) % EACH == 0 else "")
    total = first + len(paper.rows)
    for column in range(1, len(page.widths) + 1):
        page.text(total, column, gettext("Score of the agreement") if column == 1 else "", "total")
    for place in range(len(paper.years)):
        _write_averages(page, first, paper, place)
    page.text(total + 1, 1, legend(), "plain", to=len(page.widths))
    page.closed(head=(top, top + 1), last_row=total + 1)
    return book


def _spans(paper: "YearsPaper") -> list[Span]:
    each = (gettext("Weight"), gettext("Target"), gettext("Result"), gettext("Score"))
    heads = [
        " · ".join(part for part in (f"{gettext('Fiscal year')} {year}", round_) if part)
        for year, round_ in zip(paper.years, paper.rounds, strict=True)
    ]
    return [Span(gettext("Indicator"), [40]), *(Span(head, [9, 12, 11, 10], each) for head in heads)]


def _write_averages(page: Page, first: int, paper: "YearsPaper", place: int) -> None:
    weights = 2 + EACH * place
    of = Scores(weights, weights + 3)
    for row, parts in families(first, paper.rows):
        write_average(page, row, of.scores, of, parts, paper.rows[row - first].cells[place].score)
    top = [row for row, one in enumerate(paper.rows, first) if one.above is None]
    write_average(page, first + len(paper.rows), of.scores, of, top, paper.totals[place], look="total number")
