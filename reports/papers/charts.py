"""Pictures of an agreement's round: bars, levels, trend, radars of issues, units against indicators."""
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import get_language, gettext, gettext_lazy

from indicators.models import Round
from reports.charts.bars import BarChart, bar_chart
from reports.charts.heat import HeatMap, heat_map
from reports.charts.history import Told, load_history
from reports.charts.levels import LevelChart, level_chart
from reports.charts.radar import Radar, radar
from reports.charts.rows import ScoreRow, is_hidden, issues_of, scale_of, score_rows, tops
from reports.charts.scale import Scale
from reports.charts.trend import SPARK, Moment, Trend, trend
from reports.charts.units import load_units
from reports.papers.paper import Asked, Head, Paper, head_of
from reports.workbooks.pictures import charts_workbook
from scoring.engine.text import fiscal_year_text, plain, round4, score_text
from scoring.freezing.rounds import load_shown
from scoring.queries.lines import AgreementSummary


@dataclass(frozen=True)
class TrendRow:
    """An indicator over time: its scores as printed, and the line."""

    name: str
    scores: tuple[str, ...]
    line: Trend


@dataclass(frozen=True)
class ChartsPaper:
    """All pictures of a round. `total`: the agreement's score, '' where it has none; `is_hidden`: scores are kept from
    this reader until they are certified."""

    head: Head
    bars: BarChart
    levels: LevelChart
    score: str
    trend: Trend
    trends: tuple[TrendRow, ...]
    radars: tuple[Radar, ...]
    heat: HeatMap
    is_excerpt: bool
    is_hidden: bool
    months: int | None


def build(asked: Asked) -> ChartsPaper:
    """The pictures as the reader may see them, of a closed round as it was sealed. Raises NoSuchRound."""
    loaded = load_shown(asked.agreement, asked.months, user=asked.user)
    months = loaded.round.months if loaded.round else None
    rows, scale = score_rows(loaded), scale_of(asked.agreement)
    line, lines = _over_time(asked, loaded, rows, scale)
    units = load_units(asked.agreement, months, user=asked.user)
    draft = not loaded.round or loaded.round.state != Round.State.CLOSED
    return ChartsPaper(
        head=head_of(asked, gettext("Scores in pictures"), months=months, note=_note(loaded), draft=draft),
        bars=bar_chart(rows, scale, asked.ink), levels=level_chart(tops(rows), scale, asked.ink),
        score="" if loaded.hidden or loaded.score is None else asked.ink(score_text(loaded.score)),
        trend=line, trends=lines, radars=_radars(loaded, scale, asked), heat=heat_map(*units, scale, asked.ink),
        is_excerpt=loaded.agreement.is_excerpt, is_hidden=loaded.hidden, months=months,
    )


def _note(loaded: AgreementSummary) -> str:
    if loaded.hidden:
        return gettext("Scores are shown after certification.")
    if loaded.agreement.is_excerpt:
        return gettext("Excerpt: only some indicators of the agreement are shown, so there is no total score.")
    opened = loaded.average.open_weight if loaded.average else None
    return gettext("Score so far; weight still open: %(open)s") % {"open": plain(round4(opened))} if opened else ""


def _over_time(
    asked: Asked, loaded: AgreementSummary, rows: list[ScoreRow], scale: Scale
) -> tuple[Trend, tuple[TrendRow, ...]]:
    """The agreement's line, and that of each of its indicators in the order of the document."""
    history = load_history(asked.agreement, loaded, user=asked.user)
    title = gettext("Score of the agreement over rounds and years")
    whole = trend(title, [_moment(one, one.score) for one in history], scale, asked.ink)
    scores = [one.scores_of(line.indicator for line in loaded.indicators) for one in history]
    lines = []
    for row in (each for each in rows if each.kind == "indicator"):
        moments = [_moment(one, had.get(row.indicator)) for one, had in zip(history, scores, strict=True)]
        line = trend(row.name, moments, scale, asked.ink, SPARK)
        lines.append(TrendRow(asked.ink(row.name), tuple(dot.score for dot in line.dots), line))
    return whole, tuple(lines)


def _moment(one: Told, score: Decimal | None) -> Moment:
    """A round of the history with a score of it: the agreement's, or an indicator's."""
    year = fiscal_year_text(one.agreement.fiscal_year.year, get_language() or "th")
    return Moment(gettext("%(months)s months") % {"months": one.round.months}, year, score)


def _radars(loaded: AgreementSummary, scale: Scale, asked: Asked) -> tuple[Radar, ...]:
    made = [
        radar(str(line.indicator), issues_of(line, is_hidden(line, loaded)), scale, asked.ink)
        for line in loaded.indicators if line.applicable
    ]
    return tuple(each for each in made if each)


PAPER = Paper(
    name="charts",
    title=gettext_lazy("Charts"),
    about=gettext_lazy("Scores as bars with target levels, levels reached, trend, issues, and units side by side."),
    build=build,
    across=True,
    workbook=charts_workbook,
)
