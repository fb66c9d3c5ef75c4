"""What changed in the definition of an indicator from one year to the next, in words."""
from collections.abc import Iterable
from decimal import Decimal

from django.utils.translation import gettext, gettext_lazy

from indicators.models import Criterion
from scoring.engine.text import plain
from scoring.like_for_like import CriterionPair, LikeLine, unit_of
from scoring.pages import DASH, level_text
from scoring.queries.lines import IndicatorLine

KINDS = {
    "": gettext_lazy("none yet"),
    "milestones": gettext_lazy("milestones"),
    "count": gettext_lazy("number of items"),
    "complete_count": gettext_lazy("number of items with complete evidence"),
    "thresholds": gettext_lazy("targets"),
    "level": gettext_lazy("level given directly"),
}
BETWEEN = {"interpolate": gettext_lazy("interpolated"), "step": gettext_lazy("in steps")}


def changes(line: LikeLine) -> list[str]:
    """Each change in a sentence: what was before, and what is now."""
    if line.then is None:
        return [gettext("Added this year")]
    if line.now is None:
        return [gettext("Removed this year")]
    said = list(_of_indicator(line.now, line.then))
    several = len(line.criteria) > 1
    for pair in line.criteria:
        name = f"{(pair.now or pair.then).number or (pair.now or pair.then).order}: " if several else ""
        said += [f"{name}{change}" for change in _of_criterion(pair, several)]
    return said


def _of_indicator(now: IndicatorLine, then: IndicatorLine) -> Iterable[str]:
    if now.indicator.number != then.indicator.number:
        yield _from_to(gettext("Number"), then.indicator.number, now.indicator.number)
    if now.weight != then.weight:
        yield _from_to(gettext("Weight"), _weight(then.weight), _weight(now.weight))
    if now.indicator.unit_of_measure != then.indicator.unit_of_measure:
        yield _from_to(gettext("Unit of measure"), then.indicator.unit_of_measure, now.indicator.unit_of_measure)


def _of_criterion(pair: CriterionPair, several: bool) -> Iterable[str]:
    now, then = pair
    if now is None or then is None:
        yield gettext("criterion removed") if now is None else gettext("criterion added")
        return
    if several and now.weight != then.weight:
        yield _from_to(gettext("Weight"), _weight(then.weight), _weight(now.weight))
    if unit_of(now) != unit_of(then) and now.unit_of_measure != then.unit_of_measure:
        yield _from_to(gettext("Unit of measure"), unit_of(then), unit_of(now))
    if now.kind != then.kind:
        yield _from_to(gettext("Kind of rubric"), str(KINDS[then.kind]), str(KINDS[now.kind]))
        return
    yield from _of_rubric(now, then)


def _of_rubric(now: Criterion, then: Criterion) -> Iterable[str]:
    before, after = _levels(then), _levels(now)
    if before != after:
        same = [score for score, _ in before] == [score for score, _ in after]
        yield _from_to(gettext("Targets"), _targets(before, same), _targets(after, same))
    if now.kind == "thresholds" and now.between != then.between:
        yield _from_to(gettext("Between targets"), str(BETWEEN[then.between]), str(BETWEEN[now.between]))
    if now.formula != then.formula:
        yield _from_to(gettext("Formula"), then.formula, now.formula)
    before, after = ({item.name for item in one.items.all()} for one in (then, now))
    if before != after:
        values = {"added": len(after - before), "removed": len(before - after)}
        yield gettext("Items: %(added)s added, %(removed)s removed") % values
    elif _at_levels(now) != _at_levels(then):
        yield gettext("Items stand at other levels")


def _levels(criterion: Criterion) -> list[tuple[str, str]]:
    """What reaches each level, by its score; of milestones the wording alone tells."""
    rows = sorted(criterion.levels.all(), key=lambda level: level.score)
    return [(plain(level.score), text) for level in rows if (text := level_text(level)) != "-"]


def _targets(levels: list[tuple[str, str]], same_scores: bool) -> str:
    return " / ".join(text if same_scores else f"{score}: {text}" for score, text in levels)


def _at_levels(criterion: Criterion) -> dict[str, Decimal | None]:
    scores = {level.pk: level.score for level in criterion.levels.all()}
    return {item.name: scores.get(item.level_id) for item in criterion.items.all()}


def _weight(weight: Decimal | None) -> str:
    return DASH if weight is None else plain(weight)


def _from_to(what: str, before: str, after: str) -> str:
    return f"{what}: {before or DASH} → {after or DASH}"
