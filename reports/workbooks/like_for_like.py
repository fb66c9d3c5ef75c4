"""Like for like as a workbook: differences and averages are formulas over the rows."""
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils.translation import gettext

from reports.workbooks.comparison import legend
from reports.workbooks.grid import Scores, Span, families, widths, write_average, write_spans
from reports.workbooks.plain import write_head
from reports.workbooks.writing import SCORE, Book, Page, number_in
from scoring.engine.text import EXACT

if TYPE_CHECKING:
    from reports.papers.like_for_like import LikePaper, LikeRow

WEIGHT_THEN, RESULT, PUBLISHED, ANEW, DIFFERENCE, WEIGHT_NOW, NOW, CHANGES = range(2, 10)
SIGNED = "+0.0000;-0.0000;0.0000"
# Which scores are averaged with which weights: of parts and the agreements, and of what is in both years.
ALONE = (Scores(WEIGHT_THEN, PUBLISHED), Scores(WEIGHT_NOW, ANEW), Scores(WEIGHT_NOW, NOW))
COMPARED = (Scores(WEIGHT_THEN, PUBLISHED, ANEW), Scores(WEIGHT_NOW, ANEW, PUBLISHED))


def like_workbook(paper: "LikePaper") -> Book:
    """The table of the paper; without an earlier year its head alone."""
    book, spans = Book(paper.head.title), _spans(paper)
    page = Page(book, "like for like", widths(spans), across=True)
    top = write_head(page, paper.head)
    if paper.year_then:
        page.text(top, 1, _compared_with(paper), "plain", to=len(page.widths))
        top += 1
    write_spans(page, top, spans)
    first = top + 2
    for row, said in enumerate(paper.rows, first):
        _write_row(page, row, said)
    last = first + len(paper.rows) - 1
    if paper.rows:
        _write_averages(page, first, paper)
        last += 3
        page.text(last, 1, legend(), "plain", to=len(page.widths))
    page.closed(head=(top, top + 1), last_row=last)
    return book


def _compared_with(paper: "LikePaper") -> str:
    return gettext("Compared with fiscal year %(year)s, %(round)s.") % {
        "year": paper.year_then, "round": paper.round_then
    }


def _spans(paper: "LikePaper") -> list[Span]:
    weight, result, score = gettext("Weight"), gettext("Result"), gettext("Score")
    years = {"then": paper.year_then, "now": paper.year_now}
    anew = gettext("Result of %(then)s, targets of %(now)s") % years
    return [
        Span(gettext("Indicator"), [40]),
        Span(f"{gettext('Published')} {paper.year_then}", [9, 12, 10], (weight, result, score)),
        Span(anew, [10, 10], (score, gettext("Difference"))),
        Span(f"{gettext('Fiscal year')} {paper.year_now}", [9, 10], (weight, score)),
        Span(gettext("What changed in the definition"), [48]),
    ]


def _write_row(page: Page, row: int, said: "LikeRow") -> None:
    page.text(row, 1, said.name, depth=said.depth)
    cells = {
        WEIGHT_THEN: said.weight_then, RESULT: said.result_then, PUBLISHED: said.published, ANEW: said.anew,
        WEIGHT_NOW: said.weight_now, NOW: said.score_now,
    }
    for column, text in cells.items():
        page.figure(row, column, text, SCORE if column in (PUBLISHED, ANEW, NOW) else "")
    changes = said.changes or (gettext("nothing"),)
    page.text(row, CHANGES, "\n".join((*changes, said.reason) if said.reason else changes))


def _write_averages(page: Page, first: int, paper: "LikePaper") -> None:
    for row, parts in families(first, paper.rows):
        said = paper.rows[row - first]
        for of, text in zip(ALONE, (said.published, said.anew, said.score_now), strict=True):
            write_average(page, row, of.scores, of, parts, text)
    for row, said in enumerate(paper.rows, first):
        _write_difference(page, row, said.difference, "number")
    top, total = [row for row, one in enumerate(paper.rows, first) if one.above is None], first + len(paper.rows)
    both = gettext("Average over the %(number)s indicators in both years") % {"number": paper.compared}
    for row, words in ((total, both), (total + 1, gettext("Score of the agreement"))):
        for column in range(1, CHANGES + 1):
            page.text(row, column, words if column == 1 else "", "total")
    for of, text in zip(COMPARED, (paper.published, paper.anew), strict=True):
        write_average(page, total, of.scores, of, top, text, look="total number")
    _write_difference(page, total, paper.difference, "total number")
    for of, text in zip((ALONE[0], ALONE[2]), (paper.total_then, paper.total_now), strict=True):
        write_average(page, total + 1, of.scores, of, top, text, look="total number")


def _write_difference(page: Page, row: int, said: str, look: str) -> None:
    """What scoring anew adds to the published score."""
    published, anew = page.held(row, PUBLISHED), page.held(row, ANEW)
    gives: Decimal | None = None if None in (published, anew) else EXACT.subtract(anew, published)
    says = number_in(said.replace("−", "-").lstrip("+"))
    text = f'IF(COUNT(D{row},E{row})<2,"–",ROUND(E{row}-D{row},4))'
    page.worked(row, DIFFERENCE, text, gives, says, look, SIGNED)
