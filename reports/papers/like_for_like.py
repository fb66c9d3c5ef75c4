"""Last year's results with this year's targets beside what was published, and what changed in the definition."""
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import get_language, gettext, gettext_lazy

from indicators.models import Round
from reports.papers.cells import is_hidden, result_cell, scales_note, score_cell, total_cell, weight_cell
from reports.papers.changes import changes
from reports.papers.paper import Asked, Head, Paper, head_of
from reports.papers.widths import Figures, Fitted, fit
from reports.workbooks.like_for_like import like_workbook
from scoring.engine.text import EXACT, fiscal_year_text, score_text, signed_text
from scoring.like_for_like import OPEN, LikeForLike, LikeLine, load_like_for_like
from scoring.pages import DASH
from scoring.queries.lines import AgreementSummary, IndicatorLine

# What the sheet has for figures, in em, beside names and changes.
ROOM = 36


@dataclass(frozen=True)
class LikeRow:
    """An indicator in both years: last year's weight, result and published score, that result with this year's rubric,
    the difference, and this year's weight and score; `changes` in words, '' between what isn't in both years. `above`:
    the key of the indicator that it is part of."""

    name: str
    depth: int
    weight_then: str
    result_then: str
    published: str
    anew: str
    difference: str
    weight_now: str
    score_now: str
    changes: tuple[str, ...]
    key: int
    above: int | None
    reason: str = ""  # why it can't be scored anew


@dataclass(frozen=True)
class LikePaper:
    """The table as it prints. The averages are over the `compared` of all indicators; '' without an earlier agreement
    `year_then`, of which then nothing is printed."""

    head: Head
    year_now: str
    year_then: str
    round_then: str
    rows: tuple[LikeRow, ...]
    compared: str
    published: str
    anew: str
    difference: str
    total_then: str
    total_now: str
    fitted: Fitted


def build(asked: Asked) -> LikePaper:
    """Both years as the reader may see them. Raises NoSuchRound."""
    like = load_like_for_like(asked.agreement, asked.months, user=asked.user)
    language = get_language() or "th"
    title = gettext("Like for like: last year's results with this year's targets")
    year_now = fiscal_year_text(asked.agreement.fiscal_year.year, language)
    if like is None:
        note = gettext("There is no agreement of an earlier year that you may see, so there is nothing to compare.")
        return LikePaper(head_of(asked, title, note=note), asked.ink(year_now), *[""] * 2, (), *[""] * 6, fit([], ROOM))
    round_, scales = like.now.round, scales_note([like.then, like.now])
    head = head_of(
        asked, title, months=round_.months if round_ else None, note=scales,
        draft=not round_ or round_.state != Round.State.CLOSED,
    )
    rows = tuple(_row(line, like, asked) for line in like.lines)
    hidden = like.then.hidden
    published, anew = (None, None) if hidden else (like.published, like.scored_anew)
    return LikePaper(
        head=head,
        year_now=asked.ink(year_now),
        year_then=asked.ink(fiscal_year_text(like.then.agreement.fiscal_year.year, language)),
        round_then=_round(like.then, asked),
        rows=rows,
        compared=asked.ink(str(len(like.compared))),
        published=asked.ink(score_text(published)),
        anew=asked.ink(score_text(anew)),
        difference=asked.ink(DASH if scales else _difference(published, anew)),
        total_then=asked.ink(total_cell(like.then)),
        total_now=asked.ink(total_cell(like.now)),
        fitted=_widths(rows),
    )


def _widths(rows: Iterable[LikeRow]) -> Fitted:
    """Of the columns weight, result, score and difference."""
    scores = [text for row in rows for text in (row.published, row.anew, row.score_now)]
    weights = [text for row in rows for text in (row.weight_then, row.weight_now)]
    results, differences = [row.result_then for row in rows], [row.difference for row in rows]
    return fit([Figures(weights, 4, 2), Figures(results, 5), Figures(scores, 5, 3), Figures(differences, 5)], ROOM)


def _round(summary: AgreementSummary, asked: Asked) -> str:
    if summary.round is None:
        return ""
    said = gettext("%(months)s-month round") % {"months": summary.round.months}
    not_closed = gettext("not closed yet")
    open_ = "" if summary.round.state == Round.State.CLOSED else f" ({not_closed})"
    return asked.ink(f"{said}{open_}")


def _row(line: LikeLine, like: LikeForLike, asked: Asked) -> LikeRow:
    now, then = line.now, line.then
    shown = now or then
    hidden = then is not None and is_hidden(like.then, then)
    anew = line.like.score if line.is_comparable and not hidden else None
    published = then.score if then and not hidden else None
    said = {
        "name": str(shown.indicator),
        "weight_then": weight_cell(then),
        "result_then": result_cell(like.then, then),
        "published": score_text(published),
        "anew": score_text(anew),
        "difference": DASH if scales_note([like.then, like.now]) else _difference(published, anew),
        "weight_now": weight_cell(now),
        "score_now": score_cell(like.now, now),
        "reason": _reason(line, hidden=hidden),
    }
    return LikeRow(
        **{name: asked.ink(text) for name, text in said.items()},
        depth=1 if shown.indicator.parent_id else 0,
        changes=tuple(asked.ink(change) for change in changes(line)),
        key=shown.indicator.pk,
        above=shown.indicator.parent_id,
    )


def _reason(line: LikeLine, *, hidden: bool) -> str:
    """Why last year's result isn't scored anew; '' where it is, or where the indicator isn't in both years."""
    if line.now is None or line.then is None:
        return ""
    if hidden:
        return gettext("Scores are shown after certification.")
    if line.is_comparable:
        return ""
    if not line.then.applicable:
        return gettext("not applicable last year")
    if line.hindrance == OPEN:
        return _open_reason(line.then)
    return gettext("can't be scored with this year's definition")


def _open_reason(then: IndicatorLine) -> str:
    """What is missing of last year's result, as far as the reader may see it."""
    if not any(part.result for part in then.children or [then]):
        return gettext("there is no report of last year that you may see")
    if then.score is None:
        return gettext("last year's result has no score yet")
    return gettext("last year's result is incomplete: a part of it has no score yet")


def _difference(published: Decimal | None, anew: Decimal | None) -> str:
    return DASH if None in (published, anew) else signed_text(EXACT.subtract(anew, published))


PAPER = Paper(
    name="like-for-like",
    title=gettext_lazy("Like for like"),
    about=gettext_lazy(
        "Last year's results scored with this year's targets beside the published scores, and what changed in the"
        " definition: a fall that comes from stricter targets shows."
    ),
    build=build,
    across=True,
    workbook=like_workbook,
)
