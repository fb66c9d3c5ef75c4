"""Checks a summary table that was pasted or dropped, and says which cells are wrong, with the right value and why."""
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports.checking import texts, workbooks
from reports.checking.grid import Grid, Unreadable
from reports.checking.headings import Heading, find_heading
from reports.checking.rows import Problem, Rows, read_rows
from scoring.engine.definition import DEFAULT_SCALE
from scoring.engine.table_check import SHARE, Checked, Finding, check
from scoring.engine.table_rows import INDICATOR
from scoring.engine.text import Message, arabic_digits, plain, score_text, thai_digits

MOST_BYTES, MOST_ROWS = 5_000_000, 500
NO_TABLE = gettext_lazy(
    "No table was found: there must be a line of headings that names the weight and the score or the weighted score."
)
NO_ROWS = gettext_lazy("There is a heading, but no row with numbers below it: add the rows of the table.")
TOO_LARGE = gettext_lazy("The file is larger than 5 MB: copy the table into a new workbook, or paste it here.")
TOO_MANY = gettext_lazy("The table has more than 500 rows: check one agreement at a time.")
NO_TEXT = gettext_lazy("This text can't be read: save it as CSV UTF-8, or paste the table here.")


class Wrong(NamedTuple):
    """A wrong cell in words. `line` and `column` are its position in the grid; `follows`: from other wrong numbers."""

    line: int
    column: int
    place: str
    row: str
    cell: str
    heading: str
    printed: str
    right: str
    working: tuple[str, ...]
    follows: bool


class Report(NamedTuple):
    """What was read and found; `notes` say how the table was understood, `problems` what could not be read."""

    grid: Grid
    heading: Heading
    wrong: tuple[Wrong, ...]
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]
    rows: int
    cells: int

    @property
    def is_right(self) -> bool:
        """Whether everything could be read, something was checked, and nothing is wrong."""
        return bool(self.cells) and not (self.wrong or self.problems)

    @property
    def first(self) -> int:
        """How many cells are wrong by themselves, not because of others."""
        return sum(not each.follows for each in self.wrong)


def check_text(text: str) -> Report:
    """The report on pasted text. Unreadable when there is no table in it."""
    return _report(texts.grids(text))


def check_file(content: bytes) -> Report:
    """The report on an .xlsx workbook, or on a text or CSV file. Unreadable says why there is none."""
    if len(content) > MOST_BYTES:
        raise Unreadable(TOO_LARGE)
    if content.startswith((b"PK", b"\xd0\xcf\x11\xe0")):
        return _report(workbooks.grids(content))
    return check_text(decoded(content))


def decoded(content: bytes) -> str:
    """A text file's text: UTF-8, UTF-16 with its mark, or Windows-874. Unreadable for anything else."""
    marked = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for coding in ("utf-16",) if marked else ("utf-8-sig", "cp874"):
        try:
            text = content.decode(coding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise Unreadable(NO_TEXT)


def _report(grids: Iterable[Grid]) -> Report:
    """The report on the table that is understood best."""
    best: tuple[Grid, Heading] | None = None
    for grid in grids:
        heading = find_heading(grid)
        if heading and (best is None or heading.known > best[1].known):
            best = grid, heading
    if best is None:
        raise Unreadable(NO_TABLE)
    grid, heading = best
    read = [read_rows(grid, heading, side) for side in heading.sides]
    if not any(row.kind == INDICATOR for side in read for row in side.rows):
        problems = [problem.text for side in read for problem in side.problems]
        raise Unreadable(problems[0] if problems else NO_ROWS)
    if any(len(side.rows) > MOST_ROWS for side in read):
        raise Unreadable(TOO_MANY)
    checked = [check(side.rows, _scale(heading)) for side in read]
    both = list(zip(read, checked, strict=True))
    wrong = dict.fromkeys(wrong for each in both for wrong in _wrong(grid, heading, *each))
    problems = dict.fromkeys(problem for side in read for problem in side.problems)
    notes = dict.fromkeys(note for each in both for note in _notes(grid, *each))
    return Report(grid, heading, tuple(wrong), tuple(problems), tuple(notes), len(read[0].rows),
                  sum(each.cells for each in checked))


def _scale(heading: Heading) -> tuple[Decimal, Decimal]:
    """1 to 5, unless the levels in the heading are others."""
    levels = heading.levels.values()
    if not levels or all(DEFAULT_SCALE[0] <= level <= DEFAULT_SCALE[1] for level in levels):
        return DEFAULT_SCALE
    return min(levels), max(levels)


def _wrong(grid: Grid, heading: Heading, side: Rows, checked: Checked) -> Iterator[Wrong]:
    lang = get_language() or "th"
    for finding in checked.findings:
        line, column = side.places[finding.row][finding.cell]
        printed = grid.lines[line].cell(column).shown
        yield Wrong(
            line, column, grid.place(grid.lines[line].number, column), side.rows[finding.row].name, finding.cell,
            heading.names[column] if column < len(heading.names) else "", printed, _right(finding, printed),
            tuple(step.text(lang) for step in finding.working), finding.follows,
        )


def _right(finding: Finding, printed: str) -> str:
    """The right value in the digits of the cell."""
    is_score = finding.right is None or finding.cell != "weight"
    right = score_text(finding.right) if is_score else plain(finding.right)
    return right if arabic_digits(printed) == printed else thai_digits(right)


def _notes(grid: Grid, side: Rows, checked: Checked) -> Iterator[str]:
    """How the table was understood, and what in it was not judged."""
    if grid.hidden:
        yield _("Hidden lines and columns of the sheet were left out: show them to have them checked.")
    if checked.weighted == SHARE:
        yield _("The weighted column is the share W × S / %(total)s.") % {"total": plain(checked.total)}
    elif checked.weighted:
        yield _("The weighted column is the product W × SM.")
    if checked.stepped:
        yield _("Scores are taken in steps: so fewer cells are wrong than by interpolation.")
    lang = get_language() or "th"
    reasons: dict[Message, list[str]] = {}
    for number, reason in checked.taken:
        reasons.setdefault(reason, []).append(_short(side.rows[number].name))
    for reason, names in reasons.items():
        yield f"{reason.text(lang)} ({', '.join(names[:20])}{' …' * (len(names) > 20)})"
    if side.skipped:
        numbers = ", ".join(str(grid.lines[position].number) for position in side.skipped[:20])
        yield _("Lines that were not checked, because they are subtotals: %(numbers)s") % {"numbers": numbers}
    out = [_short(row.name) for row in side.rows if not row.applicable]
    if out:
        yield _("Not applicable, so left out of numerator and denominator: %(names)s") % {"names": ", ".join(out[:20])}


def _short(name: str) -> str:
    return name if len(name) <= 40 else f"{name[:40]}…"
