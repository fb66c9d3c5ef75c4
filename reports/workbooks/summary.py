"""The summary table as a workbook: the averages of groups, the shares and the total are formulas over the rows."""
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from django.utils.translation import gettext, pgettext
from openpyxl.styles import Alignment
from openpyxl.utils import get_column_letter

from reports.workbooks.averages import (
    NOT_APPLICABLE, average, average_where, counted, engine_average, part_of_total, ranges, runs, sum_of_total,
)
from reports.workbooks.plain import write_head
from reports.workbooks.writing import Book, Page, number_in
from scoring.engine import formula
from scoring.models import Result
from scoring.queries.lines import GroupLine, IndicatorLine
from scoring.summary_pages import SummaryRow

if TYPE_CHECKING:
    from reports.papers.summary import SummaryPaper


class Columns(NamedTuple):
    """The columns' letters."""

    unit: str  # '' where no indicator says in which unit it is measured
    weight: str
    targets: tuple[str, ...]
    result: str
    score: str
    share: str
    applies: str
    counted: str


def _columns(paper: "SummaryPaper") -> Columns:
    letters = iter("BCDEFGHIJKLMNOPQRSTUVWXYZ")
    unit = next(letters) if paper.has_units else ""
    weight, targets = next(letters), tuple(next(letters) for _ in paper.table.levels)
    return Columns(unit, weight, targets, *(next(letters) for _ in range(5)))


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
        return ord(letter) - ord("A") + 1

    def hides(self, line: IndicatorLine) -> bool:
        """Whether the row's scores are hidden from the reader; what was certified never is."""
        return self.paper.source.hidden and not (line.result and line.result.state == Result.State.CERTIFIED)

    def part(self, line: IndicatorLine) -> formula.Part:
        """What stands in the row of an indicator, as averages take it."""
        return formula.Part(line.weight, None if self.hides(line) else line.score, line.applicable)


def summary_workbook(paper: "SummaryPaper") -> Book:
    """The table of the paper, over the same lines, with what an auditor needs to follow it."""
    book, at = Book(paper.head.title), _columns(paper)
    widths = [44, *([12] if at.unit else []), 9, *[_target_width(paper)] * len(at.targets), 10, 10, 11, 10, 11]
    page = Page(book, "summary", widths, across=True)
    sheet = _Sheet(paper, page, at, write_head(page, paper.head))
    lines = paper.source.lines
    for row, line in enumerate(lines, sheet.first):
        if isinstance(line, IndicatorLine):
            sheet.rows[line.indicator.pk] = row
    _write_heads(sheet)
    for row, (line, said) in enumerate(zip(lines, paper.table.rows, strict=True), sheet.first):
        (_write_group if isinstance(line, GroupLine) else _write_indicator)(sheet, row, line, said)
    _write_total(sheet)
    for last, said in enumerate(filter(None, (_legend(), paper.sealed)), sheet.total_row + 1):
        page.text(last, 1, said, "plain", to=len(widths))
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
    page.text(top, sheet.column(at.targets[0]), gettext("Scoring criteria"), "head", to=sheet.column(at.targets[-1]))
    page.text(top, sheet.column(at.result), gettext("Results"), "head", to=sheet.column(at.share))
    page.text(top, sheet.column(at.applies), gettext("Working"), "head", to=sheet.column(at.counted))
    for letter, level in zip(at.targets, sheet.paper.table.levels, strict=True):
        page.text(top + 1, sheet.column(letter), level, "head")
    low = {
        at.result: gettext("Result"), at.score: gettext("Score obtained"), at.share: gettext("Weighted score"),
        at.applies: gettext("Applies"), at.counted: gettext("Weight that counts"),
    }
    for letter, head in low.items():
        page.text(top + 1, sheet.column(letter), head, "head")


def _indent(sheet: _Sheet, row: int, said: SummaryRow, look: str) -> None:
    cell = sheet.page.text(row, 1, said.name, look)
    cell.alignment += Alignment(indent=said.depth)


def _write_indicator(sheet: _Sheet, row: int, line: IndicatorLine, said: SummaryRow) -> None:
    page, at = sheet.page, sheet.at
    _indent(sheet, row, said, "cell")
    if at.unit:
        page.text(row, sheet.column(at.unit), said.unit, "centre")
    page.figure(row, sheet.column(at.weight), said.weight)
    is_figure = not _worded(line)
    for letter, target in zip(at.targets, said.targets, strict=True):
        (page.figure if is_figure else page.text)(row, sheet.column(letter), target)
    page.figure(row, sheet.column(at.result), said.result)
    applies = pgettext("applies", "yes") if line.applicable else NOT_APPLICABLE
    page.text(row, sheet.column(at.applies), applies, "centre")
    if line.children:
        parts = [sheet.part(child) for child in line.children]
        below = runs(sheet.rows[child.indicator.pk] for child in line.children)
        text = average_where(at.weight, at.score, at.applies, below)
        page.worked(row, sheet.column(at.score), text, engine_average(parts), sheet.part(line).score)
    else:
        page.score(row, sheet.column(at.score), sheet.part(line).score)
    _write_share(sheet, row, line)
    if not line.indicator.parent_id:
        _write_counted(sheet, row, line)
    else:
        page.text(row, sheet.column(at.counted), "")


def _worded(line: IndicatorLine) -> bool:
    """Whether people wrote the levels in words, which may be figures that are none."""
    return any(level.wording for criterion in line.criteria for level in line.levels.get(criterion.pk, {}).values())


def _write_share(sheet: _Sheet, row: int, line: IndicatorLine) -> None:
    at, part, total = sheet.at, sheet.part(line), sheet.paper.source.total
    counts = part.weight and part.score is not None and part.applicable and total > 0
    gives = formula.share(part.weight, part.score, total) if counts else None
    text = part_of_total(f"{at.weight}{row}", f"{at.score}{row}", f"{at.applies}{row}", sheet.total_cell)
    sheet.page.worked(row, sheet.column(at.share), text, gives, None if sheet.hides(line) else line.share)


def _write_counted(sheet: _Sheet, row: int, line: IndicatorLine) -> None:
    at, part = sheet.at, sheet.part(line)
    counts = part.applicable and part.score is not None and part.weight
    text = counted(f"{at.weight}{row}", f"{at.score}{row}", f"{at.applies}{row}")
    sheet.page.formula(row, sheet.column(at.counted), text, part.weight if counts else 0, "General")


def _top(sheet: _Sheet) -> Iterator[IndicatorLine]:
    return (line for line in sheet.paper.source.indicators if not line.indicator.parent_id)


def _members(sheet: _Sheet, group: GroupLine) -> list[IndicatorLine]:
    """The indicators below a group, at any depth."""
    above = {line.group.pk: line.group.parent_id for line in sheet.paper.source.lines if isinstance(line, GroupLine)}

    def inside(key: int | None) -> bool:
        while key is not None and key != group.group.pk:
            key = above.get(key)
        return key is not None

    return [line for line in _top(sheet) if inside(line.indicator.group_id)]


def _counting(sheet: _Sheet, lines: list[IndicatorLine]) -> list[tuple[int, int]]:
    """The rows of indicators as ranges; groups and parts of indicators between them count nothing."""
    top = {sheet.rows[line.indicator.pk] for line in _top(sheet)}
    others = set(range(sheet.first, sheet.total_row)) - top
    return runs((sheet.rows[line.indicator.pk] for line in lines), others)


def _write_group(sheet: _Sheet, row: int, line: GroupLine, said: SummaryRow) -> None:
    page, at = sheet.page, sheet.at
    _indent(sheet, row, said, "group")
    for column in range(2, len(page.widths) + 1):
        page.text(row, column, "", "group")
    page.figure(row, sheet.column(at.weight), said.weight, look="group number")
    members = _members(sheet, line)
    gives = engine_average([sheet.part(each) for each in members])
    says = None if sheet.paper.source.hidden or line.average is None else line.average.score
    text = average(at.counted, at.score, _counting(sheet, members))
    page.worked(row, sheet.column(at.score), text, gives, says, "group number")


def _write_total(sheet: _Sheet) -> None:
    page, at, row, source = sheet.page, sheet.at, sheet.total_row, sheet.paper.source
    for column in range(1, len(page.widths) + 1):
        page.text(row, column, "", "total")
    page.text(row, 1, gettext("Total weight"), "total")
    _write_total_weight(sheet)
    page.text(row, sheet.column(at.result), _total_word(sheet.paper), "total")
    if sheet.rows:
        _write_sums(sheet, list(_top(sheet)))


def _write_sums(sheet: _Sheet, top: list[IndicatorLine]) -> None:
    """The total score, Σ(W × S) / T, and the weights that count."""
    page, at, row, source = sheet.page, sheet.at, sheet.total_row, sheet.paper.source
    counting, parts = _counting(sheet, top), [sheet.part(line) for line in top if line.weight]
    text = average(at.counted, at.score, counting)
    says = None if source.hidden else source.score
    page.worked(row, sheet.column(at.score), text, engine_average(parts), says, "total number")
    gives = formula.shares_sum(parts, source.total) if source.total > 0 else None
    says = None if source.hidden else number_in(sheet.paper.table.sum_weighted)
    text = sum_of_total(at.counted, at.score, sheet.total_cell, counting)
    page.worked(row, sheet.column(at.share), text, gives, says, "total number")
    weights = [part.weight for part in parts if part.applicable and part.score is not None]
    text = f"SUM({','.join(ranges(at.counted, counting))})"
    page.formula(row, sheet.column(at.counted), text, formula.total_weight(weights), "General", "total number")


def _total_word(paper: "SummaryPaper") -> str:
    if paper.is_excerpt:
        return gettext("Excerpt")
    return gettext("Score so far") if paper.table.open_weight else pgettext("short", "Score obtained")


def _write_total_weight(sheet: _Sheet) -> None:
    """T: what was declared less the weights of rows that aren't applicable, where that is what was counted."""
    source, column = sheet.paper.source, sheet.column(sheet.at.weight)
    lost = [line for line in _top(sheet) if not line.applicable and line.weight]
    declared = source.agreement.total_weight
    if not lost or declared - formula.total_weight([line.weight for line in lost]) != source.total:
        sheet.page.number(sheet.total_row, column, source.total.normalize(), look="total number")
        return
    cells = "".join(f"-{get_column_letter(column)}{sheet.rows[line.indicator.pk]}" for line in lost)
    sheet.page.formula(
        sheet.total_row, column, f"{declared.normalize():f}{cells}", source.total, "General", "total number"
    )
