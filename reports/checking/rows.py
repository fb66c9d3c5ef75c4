"""From lines of cells to the rows that the engine checks; what can't be read is told by line and column."""
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import product
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports.checking import words
from reports.checking.grid import Cell, Grid, Line
from reports.checking.headings import NAME, NUMBER, WEIGHT, Heading, Side
from scoring.engine.table_rows import GROUP, INDICATOR, TOTAL, Printed, Row
from scoring.engine.text import quoted

WEIGHTED, SCORE = "weighted", "score"
MOST_PROBLEMS = 50
AMID_NUMBERS = gettext_lazy(
    "not applicable stands here beside numbers that count: write the number, or leave them all out"
)


class Problem(NamedTuple):
    """A cell that could not be read: its position in the grid, and what to do."""

    line: int
    column: int
    text: str


@dataclass
class Rows:
    """The rows of one side. `places`: where the cells of each row stand, by 'weight', 'score' and 'weighted';
    `skipped`: lines with numbers that are no row of the table, such as subtotals."""

    rows: list[Row] = field(default_factory=list)
    places: list[dict[str, tuple[int, int]]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    skipped: list[int] = field(default_factory=list)


def read_rows(grid: Grid, heading: Heading, side: Side) -> Rows:
    """Every row below the heading."""
    found = Rows()
    reader = _Reader(grid, heading, side, found)
    last = max((n for n in range(heading.after, len(grid.lines)) if not reader.is_total(n) and reader.has_figures(n)),
               default=-1)
    for position in range(heading.after, len(grid.lines)):
        if reader.is_total(position):
            if position > last:
                reader.total(position)
            elif reader.has_figures(position):
                found.skipped.append(position)
        elif not reader.repeats_heading(position):
            reader.row(position)
    _as_fine_as_the_rest(found, grid)
    return found


def _as_fine_as_the_rest(found: Rows, grid: Grid) -> None:
    """A typed 4 among scores such as 3.8800 means 4.0000: nobody rounds one cell of a column to no place or one."""
    for kind, cell in product((GROUP, INDICATOR), (SCORE, WEIGHTED)):
        typed = [
            number for number, row in enumerate(found.rows) if row.kind == kind and getattr(row, cell)
            and _cell_at(grid, found.places[number][cell]).places is None
        ]
        finest = max((getattr(found.rows[number], cell).places for number in typed), default=0)
        for number in typed if finest > 1 else ():
            shown: Printed = getattr(found.rows[number], cell)
            if shown.places < 2:
                found.rows[number] = found.rows[number]._replace(**{cell: shown._replace(places=finest)})


def _cell_at(grid: Grid, place: tuple[int, int]) -> Cell:
    return grid.lines[place[0]].cell(place[1])


class _Reader:
    """Reads line after line into `found`."""

    def __init__(self, grid: Grid, heading: Heading, side: Side, found: Rows) -> None:
        self.grid, self.heading, self.side, self.found = grid, heading, side, found
        self.columns = {WEIGHT: heading.columns[WEIGHT], SCORE: side.score, WEIGHTED: side.weighted}
        self.plain = not heading.levels and side.result is None

    def name(self, position: int) -> str:
        """Number and name of a line; the first words of it where the name's column is empty or unknown."""
        line = self.grid.lines[position]
        texts = [line.cell(self.heading.columns.get(role)).text for role in (NUMBER, NAME)]
        said = " ".join(text for text in texts if text)
        if said and not all(words.is_number(Cell(text)) for text in texts if text):
            return said
        return next((cell.text for cell in line.cells if cell.text and not words.is_number(cell)), said)

    def is_total(self, position: int) -> bool:
        """Whether a line begins as a total does."""
        return words.is_total(self.name(position))

    def has_figures(self, position: int) -> bool:
        """Whether a line holds any number where numbers belong."""
        line = self.grid.lines[position]
        return any(words.is_number(line.cell(column)) for column in self._numeric())

    def _numeric(self) -> list[int]:
        known = [*self.columns.values(), self.side.result, *self.heading.levels]
        return [column for column in known if column is not None]

    def repeats_heading(self, position: int) -> bool:
        """Whether the heading stands here once more, as at the top of a new page."""
        cells = [cell.text for cell in self.grid.lines[position].cells]
        return any(
            cells == [cell.text for cell in self.grid.lines[line].cells]
            for line in range(self.heading.first, self.heading.after)
        )

    def row(self, position: int) -> None:
        """A group or an indicator; a line without numbers is only words."""
        line, name = self._aligned(position), self.name(position)
        before = len(self.found.problems)
        weight, score, weighted = (self._figure(position, line, column) for column in self.columns.values())
        targets, turned = self._targets(position, line)
        result = self._result(position, line, bool(targets))
        given = [each for each in (weight, score, weighted, result) if each]
        out = words.named_not_applicable(name) or self._is_left_out(position, weight, score, weighted, result)
        if not (targets or out or any(each.printed for each in given)):
            del self.found.problems[before:]
            return
        kind = GROUP if self._is_group(name, line, targets, result, weighted, out) else INDICATOR
        scored = targets and result and result.printed
        unread = turned or weight is None or score is None and not scored or bool(targets) and result is None
        if not unread and not out:
            unread = self._lacks_weight(position, kind, weight)
        self.found.rows.append(Row(
            kind, name, weight and weight.printed, targets, result and result.value, score and score.printed,
            weighted and weighted.printed, not out, words.style(name), unread))
        self.found.places.append(
            {cell: (position, column) for cell, column in self.columns.items() if column is not None})

    def _is_left_out(self, position: int, weight, *figures: words.Figure | None) -> bool:
        """Whether a cell says that the row doesn't apply; beside numbers that say it does, this is a problem."""
        columns = self.side.score, self.side.weighted, self.side.result
        said = [column for column, each in zip(columns, figures, strict=True) if each and each.not_applicable]
        if sum(bool(each and each.value) for each in figures) < 2:
            return bool(said or weight and weight.not_applicable)
        for column in said:
            self._problem(position, column, str(AMID_NUMBERS))
        return False

    def _lacks_weight(self, position: int, kind: str, weight: words.Figure) -> bool:
        """Whether a row has no weight that counts, which is a problem."""
        if kind == INDICATOR and weight.printed is None:
            said = _("there is no weight, so the row can't be checked: fill it in")
        elif weight.printed and weight.printed.value < 0:
            said = _("a weight must be above 0: mend it")
        else:
            return False
        self._problem(position, self.columns[WEIGHT], said)
        return True

    def _is_group(self, name, line: Line, targets, result, weighted, out: bool) -> bool:
        if targets or result and result.printed or any(line.cell(column).text for column in self.heading.levels):
            return False
        if out and not words.is_group(name) and (
            words.is_numbered(name) or any(line.cell(column).text for column in (self.side.result, self.side.weighted))
        ):
            return False
        if self.plain:
            return words.is_group(name)
        return not (weighted and weighted.printed) or words.is_group(name)

    def _aligned(self, position: int) -> Line:
        """A line whose empty cells were lost: weight and scores of a group are put below their headings."""
        line, names = self.grid.lines[position], self.heading.names
        if not self.grid.loose or len(line.cells) == len(names):
            return line
        numbers = [cell for cell in line.cells if words.is_number(cell)]
        columns = [column for column in self.columns.values() if column is not None]
        if numbers and len(numbers) <= len(columns) and len(line.cells) - len(numbers) <= 2:
            cells = [Cell()] * len(names)
            cells[self.heading.columns.get(NAME, 0)] = line.cells[0]
            for column, cell in zip(columns, numbers, strict=False):
                cells[column] = cell
            return line._replace(cells=tuple(cells))
        if numbers:
            self._problem(position, 0, _("this line has %(has)s cells, the heading %(wants)s: paste it with tabs") % {
                "has": len(line.cells), "wants": len(names)})
        return line._replace(cells=line.cells[:1] if numbers else line.cells)

    def _figure(self, position: int, line: Line, column: int | None) -> words.Figure | None:
        """What a cell says; None and a problem for words."""
        try:
            return words.figure(line.cell(column))
        except words.NotANumber as error:
            self._problem(position, column, _not_a_number(str(error)))
            return None

    def _targets(self, position: int, line: Line) -> tuple[tuple[tuple[Decimal, Decimal], ...], bool]:
        """The targets that are given, and whether one can't be read. Targets in words are not for us to judge."""
        pairs, odd = [], []
        for column, level in self.heading.levels.items():
            try:
                number = words.figure(line.cell(column)).value
            except words.NotANumber as error:
                odd.append((column, str(error)))
                continue
            if number is not None:
                pairs.append((level, number))
        if odd and pairs:
            for column, text in odd:
                self._problem(position, column, _not_a_number(text))
        return tuple(sorted(pairs)), bool(odd and pairs)

    def _result(self, position: int, line: Line, needed: bool) -> words.Figure | None:
        if needed:
            return self._figure(position, line, self.side.result)
        try:
            return words.figure(line.cell(self.side.result))
        except words.NotANumber:
            return None

    def total(self, position: int) -> None:
        """A row of totals. Merged cells push its numbers aside: then the first is the weight, the last the score."""
        line, name = self.grid.lines[position], self.name(position)
        cells = {cell: self._number(line, column) for cell, column in self.columns.items()}
        for column, cell in enumerate(line.cells):
            if words.looks_like_a_number(cell.text):
                self._figure(position, line, column)
        places = {cell: (position, column) for cell, column in self.columns.items() if cells[cell]}
        if not (cells[SCORE] or cells[WEIGHTED]):
            numbers = [column for column, cell in enumerate(line.cells) if words.is_number(cell)]
            if len(numbers) > 1 or numbers and (words.is_about_scores(name) and not cells[WEIGHT]):
                cells[SCORE], places[SCORE] = self._number(line, numbers[-1]), (position, numbers[-1])
                numbers.pop()
            if numbers and not words.is_about_scores(name) or cells[SCORE] and numbers:
                cells[WEIGHT], places[WEIGHT] = self._number(line, numbers[0]), (position, numbers[0])
        if any(cells.values()):
            self.found.rows.append(Row(TOTAL, name, cells[WEIGHT], score=cells[SCORE], weighted=cells[WEIGHTED]))
            self.found.places.append(places)

    def _number(self, line: Line, column: int | None) -> Printed | None:
        try:
            return words.figure(line.cell(column)).printed
        except words.NotANumber:
            return None

    def _problem(self, position: int, column: int | None, said: str) -> None:
        if len(self.found.problems) < MOST_PROBLEMS:
            column = column or 0
            place = self.grid.place(self.grid.lines[position].number, column)
            names: Sequence[str] = self.heading.names
            head = f" ({names[column]})" if column < len(names) and names[column] else ""
            self.found.problems.append(Problem(position, column, f"{place}{head}: {said}"))


def _not_a_number(text: str) -> str:
    if text.startswith("="):
        return _("the workbook holds a formula without its result: open it in Excel or LibreOffice and save it again")
    return _("%(text)s is not a number: write one, or – where there is none") % {"text": quoted(text)}
