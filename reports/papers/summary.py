"""The agreement's summary table of one round, after seed 004: targets, result, score, weighted score, group rows, total."""
from dataclasses import dataclass, replace

from django.utils.translation import get_language, gettext, gettext_lazy

from indicators.models import Round
from reports.papers.paper import Asked, Head, Paper, head_of
from reports.workbooks.summary import summary_workbook
from scoring.freezing.rounds import load_shown
from scoring.queries.lines import AgreementSummary
from scoring.summary_pages import SummaryRow, SummaryTable, summary_page


@dataclass(frozen=True)
class SummaryPaper:
    """The table as it prints; `has_units`: whether any indicator says in which unit it is measured."""

    head: Head
    table: SummaryTable
    is_excerpt: bool
    has_units: bool
    source: AgreementSummary


def build(asked: Asked) -> SummaryPaper:
    """The summary as the reader may see it, the sealed one of a closed round. Raises NoSuchRound."""
    loaded = load_shown(asked.agreement, asked.months, user=asked.user)
    table = summary_page(loaded, get_language() or "th")
    months = loaded.round.months if loaded.round else None
    draft = not loaded.round or loaded.round.state != Round.State.CLOSED
    title = gettext("Summary of performance under the performance agreement")
    return SummaryPaper(
        head=head_of(asked, title, months=months, note=_note(loaded, table), draft=draft),
        table=replace(
            table,
            levels=tuple(asked.ink(level) for level in table.levels),
            rows=tuple(_inked(row, asked) for row in table.rows),
            total_weight=asked.ink(table.total_weight),
            score=asked.ink(table.score),
            sum_weighted=asked.ink(table.sum_weighted),
            open_weight=asked.ink(table.open_weight),
        ),
        is_excerpt=loaded.agreement.is_excerpt,
        has_units=any(row.unit for row in table.rows),
        source=loaded,
    )


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
