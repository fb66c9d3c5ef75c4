"""The summary table as a workbook: the averages of groups, the shares and the total are formulas over the rows."""
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

from django.utils.translation import gettext, pgettext
from openpyxl.utils import column_index_from_string, get_column_letter

from reports.workbooks.averages import (
    NOT_APPLICABLE, average, average_where, counted, engine_average, part_of_total, ranges, runs, sum_of_total,
)
from reports.workbooks.grid import members, top_lines
from reports.workbooks.plain import write_head
from reports.workbooks.writing import Book, Page, number_in
from scoring.engine import formula
from scoring.models import Result
from scoring.queries.lines import AgreementSummary, GroupLine, IndicatorLine
from scoring.summary_pages import SummaryRow, SummaryTable

if TYPE_CHECKING:
    from reports.papers.summary import SummaryPaper


@dataclass
class _Side:
    """One side's marks: its lines by their keys, its table, and the letters of its columns; `counted` holds the weights
    that count in its averages."""

    head: str
    source: AgreementSummary
    table: SummaryTable
    result: str
    score: str
    share: str
    counted: str

    def line(self, line: IndicatorLine) -> IndicatorLine:
        return self.lines[line.indicator.pk]

    @cached_property
    def lines(self) -> dict[int, IndicatorLine]:
        return {line.indicator.pk: line for line in self.source.indicators}

    def part(self, line: IndicatorLine) -> formula.Part:
        """What stands in the row of an indicator, as averages take it."""
        own = self.line(line)
        return formula.Part(own.weight, None if self.hides(line) else own.score, own.applicable)

    def hides(self, line: IndicatorLine) -> bool:
        """Whether the row's scores are hidden from the reader; what was certified never is."""
        return self.source.hidden and not (line.result and line.result.state == Result.State.CERTIFIED)


class Columns(NamedTuple):
    """The columns' letters, and the sides that have theirs."""

    unit: str  # '' where no indicator says in which unit it is measured
    weight: str
    targets: tuple[str, ...]
    applies: str
    sides: tuple[_Side, ...]


def _columns(paper: "SummaryPaper") -> Columns:
    letters = map(get_column_letter, count(2))
    unit = next(letters) if paper.has_units else ""
    weight, targets = next(letters), tuple(next(letters) for _ in paper.table.levels)
    sides = [(gettext("Results"), paper.source, paper.table)]
    if paper.own and paper.own_source:
        own = gettext("Self-assessment"), paper.own_source, paper.own
        sides = [own, (gettext("Evaluation committee"), paper.source, paper.table)]
    figures = [tuple(next(letters) for _ in range(3)) for _ in sides]
    applies = next(letters)
    placed = [_Side(*side, *columns, next(letters)) for side, columns in zip(sides, figures, strict=True)]
    return Columns(unit, weight, targets, applies, tuple(placed))


@dataclass
class _Sheet:
    """The sheet while it is written: each line of the summary has its row."""

    paper: "SummaryPaper"
    page: Page
    at: Columns
    top: int  # the first row of the table's head
    rows: dict[int, int] = field(default_factory=dict)  # of indicators, by their keys

    @property
    def first(self) -> int:
        return self.top + 2

    @property
    def total_row(self) -> int:
        return self.first + len(self.paper.source.lines)

    @property
    def total_cell(self) -> str:
        return f"${self.at.weight}${self.total_row}"

    def column(self, letter: str) -> int:
        return column_index_from_string(letter)


def summary_workbook(paper: "SummaryPaper") -> Book:
    """The table of the paper, over the same lines and with the same sides, with what an auditor needs to follow it."""
    book, at = Book(paper.head.title), _columns(paper)
    sides = len(at.sides)
    widths = [44, *([12] if at.unit else []), 9, *[_target_width(paper)] * len(at.targets), *[10, 10, 11] * sides]
    page = Page(book, "summary", [*widths, 10, *[11] * sides], across=True)
    sheet = _Sheet(paper, page, at, write_head(page, paper.head))
    for row, line in enumerate(paper.source.lines, sheet.first):
        if isinstance(line, IndicatorLine):
            sheet.rows[line.indicator.pk] = row
    _write_heads(sheet)
    for place, (line, said) in enumerate(zip(paper.source.lines, paper.table.rows, strict=True)):
        (_write_group if isinstance(line, GroupLine) else _write_indicator)(sheet, place, line, said)
    _write_total(sheet)
    for last, said in enumerate(filter(None, (*paper.table.notes, _legend(), paper.sealed)), sheet.total_row + 1):
        page.text(last, 1, said, "plain", to=len(page.widths))
    page.closed(head=(sheet.top, sheet.top + 1), last_row=last)
    return book


def _target_width(paper: "SummaryPaper") -> int:
    return 16 if any(row.target_class == "worded" for row in paper.table.rows) else 8


def _legend() -> str:
    return gettext(
        "Scores of groups and the total are Σ(W × S) / ΣW over the weights that count, rounded once to four places. "
        "What is not applicable (N/A) or has no score yet counts 0 in both sums. "
        "The weighted score is W × S / T; T is the total weight without what is not applicable."
    )


def _write_heads(sheet: _Sheet) -> None:
    page, top, at = sheet.page, sheet.top, sheet.at
    tall = {"A": gettext("Indicator"), at.weight: gettext("Weight (%)")}
    tall |= {at.unit: gettext("Unit of measure")} if at.unit else {}
    for letter, head in tall.items():
        page.text(top, sheet.column(letter), head, "head")
        page.text(top + 1, sheet.column(letter), "", "head")
        page.sheet.merge_cells(f"{letter}{top}:{letter}{top + 1}")
    spans = [(gettext("Scoring criteria"), at.targets[0], at.targets[-1])]
    spans += [(side.head, side.result, side.share) for side in at.sides]
    spans.append((gettext("Working"), at.applies, at.sides[-1].counted))
    for head, letter, last in spans:
        page.text(top, sheet.column(letter), head, "head", to=sheet.column(last))
    low = dict(zip(at.targets, sheet.paper.table.levels, strict=True)) | {at.applies: gettext("Applies")}
    for side in at.sides:
        several = f"\n{side.head}" if len(at.sides) > 1 else ""
        low |= {
            side.result: gettext("Result"), side.score: gettext("Score obtained"),
            side.share: gettext("Weighted score"), side.counted: gettext("Weight that counts") + several,
        }
    for letter, head in low.items():
        page.text(top + 1, sheet.column(letter), head, "head")


def _write_indicator(sheet: _Sheet, place: int, line: IndicatorLine, said: SummaryRow) -> None:
    page, at, row = sheet.page, sheet.at, sheet.first + place
    page.text(row, 1, f"{said.name} {said.mark}".rstrip(), depth=said.depth)
    if at.unit:
        page.text(row, sheet.column(at.unit), said.unit, "centre")
    page.figure(row, sheet.column(at.weight), said.weight)
    is_figure = not _worded(line)
    for letter, target in zip(at.targets, said.targets, strict=True):
        (page.figure if is_figure else page.text)(row, sheet.column(letter), target)
    applies = pgettext("applies", "yes") if line.applicable else NOT_APPLICABLE
    page.text(row, sheet.column(at.applies), applies, "centre")
    for side in at.sides:
        page.figure(row, sheet.column(side.result), side.table.rows[place].result)
        _write_score(sheet, side, row, line)
        _write_share(sheet, side, row, line)
        _write_counted(sheet, side, row, line)


def _write_score(sheet: _Sheet, side: _Side, row: int, line: IndicatorLine) -> None:
    """The score; of an indicator of parts their average."""
    column, at = sheet.column(side.score), sheet.at
    if not line.children:
        sheet.page.score(row, column, side.part(line).score)
        return
    below = runs(sheet.rows[child.indicator.pk] for child in line.children)
    text = average_where(at.weight, side.score, at.applies, below)
    parts = [side.part(child) for child in line.children]
    sheet.page.worked(row, column, text, engine_average(parts), side.part(line).score)


def _worded(line: IndicatorLine) -> bool:
    """Whether people wrote the levels in words, which may be figures that are none."""
    return any(level.wording for criterion in line.criteria for level in line.levels.get(criterion.pk, {}).values())


def _write_share(sheet: _Sheet, side: _Side, row: int, line: IndicatorLine) -> None:
    part, total = side.part(line), side.source.total
    counts = part.weight and part.score is not None and part.applicable and total > 0
    gives = formula.share(part.weight, part.score, total) if counts else None
    cells = (f"{letter}{row}" for letter in (sheet.at.weight, side.score, sheet.at.applies))
    text = part_of_total(*cells, sheet.total_cell)
    says = None if side.hides(line) else side.line(line).share
    sheet.page.worked(row, sheet.column(side.share), text, gives, says)


def _write_counted(sheet: _Sheet, side: _Side, row: int, line: IndicatorLine) -> None:
    if line.indicator.parent_id:
        sheet.page.text(row, sheet.column(side.counted), "")
        return
    part = side.part(line)
    counts = part.applicable and part.score is not None and part.weight
    text = counted(*(f"{letter}{row}" for letter in (sheet.at.weight, side.score, sheet.at.applies)))
    sheet.page.formula(row, sheet.column(side.counted), text, part.weight if counts else 0, "General")


def _counting(sheet: _Sheet, lines: list[IndicatorLine]) -> list[tuple[int, int]]:
    """The rows of indicators as ranges; groups and parts of indicators between them count nothing."""
    top = {sheet.rows[line.indicator.pk] for line in top_lines(sheet.paper.source)}
    others = set(range(sheet.first, sheet.total_row)) - top
    return runs((sheet.rows[line.indicator.pk] for line in lines), others)


def _write_group(sheet: _Sheet, place: int, line: GroupLine, said: SummaryRow) -> None:
    page, row = sheet.page, sheet.first + place
    page.text(row, 1, said.name, "group", depth=said.depth)
    for column in range(2, len(page.widths) + 1):
        page.text(row, column, "", "group")
    page.figure(row, sheet.column(sheet.at.weight), said.weight, look="group number")
    below = members(sheet.paper.source, line)
    for side in sheet.at.sides:
        average_ = side.source.lines[place].average
        gives = engine_average([side.part(each) for each in below])
        says = None if side.source.hidden or average_ is None else average_.score
        text = average(side.counted, side.score, _counting(sheet, below))
        page.worked(row, sheet.column(side.score), text, gives, says, "group number")


def _write_total(sheet: _Sheet) -> None:
    page, row = sheet.page, sheet.total_row
    for column in range(1, len(page.widths) + 1):
        page.text(row, column, "", "total")
    page.text(row, 1, gettext("Total weight"), "total")
    _write_total_weight(sheet)
    for side in sheet.at.sides:
        page.text(row, sheet.column(side.result), _total_word(sheet.paper.is_excerpt, side.table), "total")
        if sheet.rows:
            _write_sums(sheet, side, top_lines(sheet.paper.source))


def _write_sums(sheet: _Sheet, side: _Side, top: list[IndicatorLine]) -> None:
    """The total score, Σ(W × S) / T, and the weights that count."""
    page, row, source = sheet.page, sheet.total_row, side.source
    counting, parts = _counting(sheet, top), [side.part(line) for line in top if line.weight]
    text = average(side.counted, side.score, counting)
    says = None if source.hidden else source.score
    page.worked(row, sheet.column(side.score), text, engine_average(parts), says, "total number")
    gives = formula.shares_sum(parts, source.total) if source.total > 0 else None
    says = None if source.hidden else number_in(side.table.sum_weighted)
    text = sum_of_total(side.counted, side.score, sheet.total_cell, counting)
    page.worked(row, sheet.column(side.share), text, gives, says, "total number")
    weights = [part.weight for part in parts if part.applicable and part.score is not None]
    text = f"SUM({','.join(ranges(side.counted, counting))})"
    page.formula(row, sheet.column(side.counted), text, formula.total_weight(weights), "General", "total number")


def _total_word(is_excerpt: bool, table: SummaryTable) -> str:
    if is_excerpt:
        return gettext("Excerpt")
    return gettext("Score so far") if table.open_weight else pgettext("short", "Score obtained")


def _write_total_weight(sheet: _Sheet) -> None:
    """T: what was declared less the weights of rows that aren't applicable, where that is what was counted."""
    source, column = sheet.paper.source, sheet.column(sheet.at.weight)
    lost = [line for line in top_lines(source) if not line.applicable and line.weight]
    declared = source.agreement.total_weight
    if not lost or declared - formula.total_weight([line.weight for line in lost]) != source.total:
        sheet.page.number(sheet.total_row, column, source.total.normalize(), look="total number")
        return
    cells = "".join(f"-{sheet.at.weight}{sheet.rows[line.indicator.pk]}" for line in lost)
    sheet.page.formula(
        sheet.total_row, column, f"{declared.normalize():f}{cells}", source.total, "General", "total number"
    )
