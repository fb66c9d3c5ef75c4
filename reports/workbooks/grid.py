"""Tables of weights beside scores: their heads of two rows, and averages that are formulas over the rows above them or
below."""
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, Protocol

from openpyxl.utils import get_column_letter

from reports.workbooks.averages import average_of_numbers, engine_average, runs
from reports.workbooks.writing import SCORE, Page, number_in
from scoring.engine.formula import Part
from scoring.queries.lines import AgreementSummary, GroupLine, IndicatorLine


class Span(NamedTuple):
    """A head over one column, both rows high, or over as many as it has heads `below`; their widths in letters."""

    head: str
    widths: Sequence[float]
    below: Sequence[str] = ()


class Scores(NamedTuple):
    """A column of scores and the column of their weights; `also`: another that a row must have a number in to count."""

    weights: int
    scores: int
    also: int = 0


def widths(spans: Iterable[Span]) -> list[float]:
    """The widths of all columns."""
    return [width for span in spans for width in span.widths]


def write_spans(page: Page, top: int, spans: Iterable[Span]) -> None:
    """Write the head of a table."""
    column = 1
    for span in spans:
        last = column + len(span.widths) - 1
        page.text(top, column, span.head, "head", to=last)
        for number, text in enumerate(span.below or [""] * len(span.widths), column):
            page.text(top + 1, number, text, "head")
        if not span.below:
            page.sheet.merge_cells(start_row=top, end_row=top + 1, start_column=column, end_column=last)
        column = last + 1


def write_average(
    page: Page, row: int, column: int, of: Scores, rows: Iterable[int], says: str, *, between: Iterable[int] = (),
    look: str = "number",
) -> None:
    """Σ(W × S) / ΣW over rows as a formula where that gives what the paper says, else what it says. Rows `between`
    them have no weight."""
    counting = sorted(rows)
    held = [each for each in counting if all(page.held(each, column) is not None for column in of if column)]
    parts = [Part(page.held(each, of.weights), page.held(each, of.scores)) for each in held]
    letters = [get_column_letter(each) for each in (of.weights, of.scores)]
    also = get_column_letter(of.also) if of.also else ""
    if not counting:
        page.figure(row, column, says, SCORE, look)
        return
    text = average_of_numbers(*letters, runs(counting, between), also=also)
    page.worked(row, column, text, engine_average(parts), number_in(says), look)


class _Row(Protocol):
    key: int
    above: int | None


def families(first: int, rows: Sequence[_Row]) -> Iterator[tuple[int, list[int]]]:
    """The rows of the indicators that have parts, with the rows of these."""
    for row, one in enumerate(rows, first):
        parts = [below for below, other in enumerate(rows, first) if other.above == one.key]
        if parts:
            yield row, parts


def top_lines(summary: AgreementSummary) -> list[IndicatorLine]:
    """The indicators that are no part of another."""
    return [line for line in summary.indicators if not line.indicator.parent_id]


def members(summary: AgreementSummary, group: GroupLine) -> list[IndicatorLine]:
    """The indicators below a group, at any depth."""
    above = {line.group.pk: line.group.parent_id for line in summary.lines if isinstance(line, GroupLine)}

    def inside(key: int | None) -> bool:
        while key is not None and key != group.group.pk:
            key = above.get(key)
        return key is not None

    return [line for line in top_lines(summary) if inside(line.indicator.group_id)]
