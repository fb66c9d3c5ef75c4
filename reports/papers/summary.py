"""The agreement's summary table of one round, after seed 004, with signatures."""
from dataclasses import dataclass, replace
from typing import NamedTuple

from django.utils import timezone
from django.utils.translation import get_language, gettext, gettext_lazy

from indicators.models import Round
from reports.papers.paper import Asked, Head, Paper, head_of
from reports.papers.widths import Figures, Fitted, fit
from reports.workbooks.summary import summary_workbook
from scoring.engine.text import date_text
from scoring.freezing.own import own_side
from scoring.freezing.rounds import load_shown
from scoring.queries.lines import AgreementSummary
from scoring.summary_pages import SummaryRow, SummaryTable, summary_page

# What is left of the sheet's width for figures, in em, beside names that can be read: as a rule, and at most. Without
# units of measure their column is free too.
ROOM, AT_MOST, UNITS = 52, 57, 5


class BothSides(NamedTuple):
    """A row as it counts, and as the collectors marked themselves (None: that isn't printed)."""

    row: SummaryRow
    own: SummaryRow | None


@dataclass(frozen=True)
class SummaryPaper:
    """The table as it prints; `own`: the collectors' own side, where it differs and isn't left out; `has_units`:
    whether any indicator says in which unit it is measured; `sealed`: since when a closed round stands. `source` and
    `own_source` have the lines of both tables."""

    head: Head
    table: SummaryTable
    own: SummaryTable | None
    offers_sides: bool
    is_excerpt: bool
    has_units: bool
    fitted: Fitted
    sealed: str
    source: AgreementSummary
    own_source: AgreementSummary | None

    @property
    def lines(self) -> list[BothSides]:
        """The rows with both their sides."""
        own = self.own.rows if self.own else [None] * len(self.table.rows)
        return [BothSides(*both) for both in zip(self.table.rows, own, strict=True)]

    @property
    def has_words(self) -> bool:
        """Whether targets are given in words."""
        return any(row.target_class == "worded" for row in self.table.rows)


def build(asked: Asked) -> SummaryPaper:
    """The summary as the reader may see it, the sealed one of a closed round. Raises NoSuchRound."""
    loaded = load_shown(asked.agreement, asked.months, user=asked.user)
    beside = None if loaded.hidden else own_side(loaded)
    table = _table(loaded, asked)
    own = _table(beside, asked) if beside and asked.sides != "one" else None
    months = loaded.round.months if loaded.round else None
    draft = not loaded.round or loaded.round.state != Round.State.CLOSED
    title = gettext("Summary of performance under the performance agreement")
    return SummaryPaper(
        head=head_of(asked, title, months=months, note=_note(loaded, table), draft=draft),
        table=table,
        own=own,
        offers_sides=beside is not None,
        is_excerpt=loaded.agreement.is_excerpt,
        has_units=any(row.unit for row in table.rows),
        fitted=_widths([table, own] if own else [table]),
        sealed=_sealed(loaded, asked),
        source=loaded,
        own_source=beside if own else None,
    )


def _table(loaded: AgreementSummary, asked: Asked) -> SummaryTable:
    """The table in the digits of the paper."""
    table = summary_page(loaded, get_language() or "th")
    return replace(
        table,
        levels=tuple(asked.ink(level) for level in table.levels),
        rows=tuple(_inked(row, asked) for row in table.rows),
        total_weight=asked.ink(table.total_weight),
        score=asked.ink(table.score),
        sum_weighted=asked.ink(table.sum_weighted),
        open_weight=asked.ink(table.open_weight),
        notes=tuple(asked.ink(note) for note in table.notes),
    )


def _widths(tables: list[SummaryTable]) -> Fitted:
    """Of the columns weight, target, result and score."""
    rows, sides = [row for table in tables for row in table.rows], len(tables)
    free = 0 if any(row.unit for row in rows) else UNITS
    targets = [target for row in rows if row.target_class == "num" for target in row.targets]
    scores = [score for table in tables for score in (table.score, table.sum_weighted)]
    scores += [score for row in rows for score in (row.score, row.weighted)]
    return fit(
        [
            Figures([*(row.weight for row in rows), tables[0].total_weight], 5),
            Figures(targets, 3, len(tables[0].levels)),
            Figures([row.result for row in rows], 5, sides),
            Figures(scores, 5, 2 * sides),
        ],
        ROOM + free, AT_MOST + free,
    )


def _sealed(loaded: AgreementSummary, asked: Asked) -> str:
    if loaded.seal is None:
        return ""
    day = date_text(timezone.localdate(loaded.seal.sealed_at), get_language() or "th")
    closed = gettext("Closed on %(day)s, no. %(number)s") % {"day": day, "number": loaded.seal.number}
    return f"{asked.ink(closed)} · SHA-256 {loaded.seal.sha256[:16]}…"


def _note(loaded: AgreementSummary, table: SummaryTable) -> str:
    if loaded.agreement.is_excerpt:
        return gettext("Excerpt: only some indicators of the agreement are shown, so there is no total score.")
    if table.open_weight:
        return gettext("Score so far; weight still open: %(open)s") % {"open": table.open_weight}
    return ""


def _inked(row: SummaryRow, asked: Asked) -> SummaryRow:
    said = {name: asked.ink(getattr(row, name)) for name in ("name", "unit", "weight", "result", "score", "weighted")}
    return replace(row, **said, targets=tuple(asked.ink(target) for target in row.targets))


PAPER = Paper(
    name="summary",
    title=gettext_lazy("Summary table"),
    about=gettext_lazy("Every indicator with weight, targets, result, score and weighted score, and the total."),
    build=build,
    across=True,
    workbook=summary_workbook,
)
