"""What tables over rounds and years print of an indicator's line: nothing of it that is hidden from the reader."""
from collections.abc import Iterable
from decimal import Decimal

from django.utils.translation import get_language, gettext

from scoring.engine.text import fiscal_year_text, plain, score_text
from scoring.models import Result
from scoring.pages import DASH, level_text
from scoring.queries.lines import AgreementSummary, IndicatorLine
from scoring.summary_pages import result_text


def is_hidden(summary: AgreementSummary, line: IndicatorLine) -> bool:
    """Whether the scores of a line are hidden from this reader."""
    return summary.hidden and not (line.result and line.result.state == Result.State.CERTIFIED)


def weight_cell(line: IndicatorLine | None) -> str:
    """The weight in the round; '–' without one, and of what doesn't apply."""
    return DASH if line is None or line.weight is None or not line.applicable else plain(line.weight)


def result_cell(summary: AgreementSummary, line: IndicatorLine | None) -> str:
    """The result as the summary prints it."""
    return DASH if line is None else result_text(line, is_hidden(summary, line))


def score_cell(summary: AgreementSummary, line: IndicatorLine | None) -> str:
    """The score with its four places."""
    return DASH if line is None or is_hidden(summary, line) else score_text(line.score)


def total_cell(summary: AgreementSummary) -> str:
    """The agreement's score."""
    return DASH if summary.hidden else score_text(summary.score)


def average_cell(summary: AgreementSummary, score: Decimal | None) -> str:
    """A group's average; empty where nothing of it is scored."""
    return "" if score is None else DASH if summary.hidden else score_text(score)


def target_cell(summary: AgreementSummary, line: IndicatorLine) -> str:
    """What reaches the highest level of a single criterion; of several criteria, and of a level given directly, the
    highest level itself."""
    if not line.criteria:
        return DASH
    levels = line.levels.get(line.criteria[0].pk, {}) if len(line.criteria) == 1 else {}
    if levels:
        return level_text(levels[max(levels)])
    direct = len(line.criteria) > 1 or line.criteria[0].kind == "level"
    return plain(summary.agreement.scale_max) if direct else DASH


def scales_note(summaries: Iterable[AgreementSummary]) -> str:
    """Of agreements whose scores are on different scales, which year has which; '' where all have the same."""
    agreements = [one.agreement for one in summaries]
    if len({(one.scale_min, one.scale_max) for one in agreements}) < 2:
        return ""
    language = get_language() or "th"
    said = ", ".join(
        f"{fiscal_year_text(one.fiscal_year.year, language)}: {plain(one.scale_min)}–{plain(one.scale_max)}"
        for one in agreements
    )
    note = gettext("The scores are on different scales, so don't compare them as numbers: %(scales)s")
    return note % {"scales": said}
