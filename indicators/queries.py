"""Definitions read from the database, as the engine's plain values."""
from decimal import Decimal
from functools import lru_cache

from django.db.models import Prefetch, Q, QuerySet

from indicators.models import Agreement, ChecklistItem, Criterion, Indicator, Responsibility, Round, RoundWeight
from kpiportal.accounts.models import Unit, User
from scoring.engine.definition import Rubric, parse_rubric
from scoring.engine.readiness import CriterionView, DefinitionView, IndicatorView


def run_rounds(user: User) -> QuerySet[Round]:
    """The rounds that a person runs, each with its agreement, unit and fiscal year."""
    return Round.objects.filter(agreement__in=Agreement.objects.run_by(user)).select_related(
        "agreement__unit", "agreement__fiscal_year"
    )


def units_of(agreement: Agreement) -> QuerySet[Unit]:
    """The units that can be named in an agreement: its own, all below, and those that lead one of its indicators."""
    leads = Indicator.objects.filter(agreement=agreement, lead_unit__isnull=False).values("lead_unit")
    return Unit.objects.filter(Q(path__startswith=agreement.unit.path) | Q(pk__in=leads)).order_by("path")


def measured(agreement: Agreement) -> QuerySet[Indicator]:
    """The indicators that are reported on, in the order of the document: those without sub-indicators."""
    found = Indicator.objects.filter(agreement=agreement, sub_indicators__isnull=True)
    return found.defer("description").select_related("lead_unit")


def whole_criteria() -> QuerySet[Criterion]:
    """Criteria with everything that their rubric needs, in a constant number of queries."""
    items = ChecklistItem.objects.prefetch_related("requirements")
    return Criterion.objects.prefetch_related("levels", Prefetch("items", items), "variables").order_by(
        "indicator__order", "order"
    )


def criteria_of(indicator: Indicator) -> tuple[Criterion, ...]:
    """An indicator's criteria with everything that their rubrics need, kept from request to request as long as the
    definition stays the same. They are shared: nobody may change them."""
    return _criteria(indicator.pk, indicator.agreement.definition_stamp)


@lru_cache(maxsize=300)
def _criteria(indicator_id: int, _stamp: str) -> tuple[Criterion, ...]:
    return tuple(whole_criteria().select_related("indicator").filter(indicator=indicator_id))


def reporters_of(indicator: Indicator) -> tuple[Unit, ...]:
    """The operating units that report an indicator's base data, in the order of the responsibility matrix; none: the
    lead unit alone does. Kept and shared as criteria_of's are."""
    return _reporters(indicator.pk, indicator.agreement.definition_stamp)


@lru_cache(maxsize=300)
def _reporters(indicator_id: int, _stamp: str) -> tuple[Unit, ...]:
    cells = Responsibility.units.through.objects.filter(
        responsibility__indicator=indicator_id, responsibility__role=Responsibility.Role.OPERATING
    )
    return tuple(cell.unit for cell in cells.select_related("unit").order_by("pk"))


def rubric_of(criterion: Criterion, agreement: Agreement) -> Rubric | None:
    """The engine's rubric of a criterion, read once; None while the definition has none. Raises EngineError for a
    rubric that can't score."""
    if "read_rubric" not in criterion.__dict__:
        criterion.read_rubric = parse_rubric(rubric_data(criterion, agreement)) if criterion.kind else None
    return criterion.read_rubric


def rubric_data(criterion: Criterion, agreement: Agreement) -> dict:
    """The criterion's rubric as the engine reads it (see scoring/engine): numbers as strings, items by their codes."""
    levels = sorted(criterion.levels.all(), key=lambda level: level.score)
    items = list(criterion.items.all())
    data = {"kind": criterion.kind, "scale": {"min": str(agreement.scale_min), "max": str(agreement.scale_max)}}
    if criterion.kind == "milestones":
        data["levels"] = [
            {"score": str(level.score), "items": [item.code for item in items if item.level_id == level.pk]}
            for level in levels
        ]
    elif criterion.kind in ("count", "complete_count"):
        data["map"] = [
            {"items": level.items_needed, "score": str(level.score)} for level in levels if level.items_needed
        ]
        if criterion.kind == "complete_count":
            when = {level.when: str(level.score) for level in levels if level.when}
            data |= {"none": when.get("none"), "incomplete": when.get("incomplete")}
        if items:
            data["items"] = [item.code for item in items]
    elif criterion.kind == "thresholds":
        data["targets"] = [
            {"score": str(level.score), "target": f"{level.target:f}"} for level in levels if level.target is not None
        ]
        data["between"] = criterion.between
        if criterion.formula:
            data["formula"] = criterion.formula
    return data


def definition_view(agreement: Agreement) -> DefinitionView:
    """The whole definition as plain values, for the engine's checks."""
    criteria: dict[int, list[CriterionView]] = {}
    for criterion in whole_criteria().filter(indicator__agreement=agreement):
        view = CriterionView(
            label=str(criterion), weight=criterion.weight, rubric=rubric_data(criterion, agreement),
            variables=tuple(variable.name for variable in criterion.variables.all()),
        )
        criteria.setdefault(criterion.indicator_id, []).append(view)
    below: dict[int | None, list[Indicator]] = {}
    for indicator in Indicator.objects.filter(agreement=agreement):
        below.setdefault(indicator.parent_id, []).append(indicator)
    top = below.get(None, [])
    return DefinitionView(
        total_weight=agreement.total_weight,
        is_excerpt=agreement.is_excerpt,
        indicators=tuple(_indicator_view(indicator, below, criteria) for indicator in top),
        round_weights=_round_weights(agreement, top),
    )


def _indicator_view(
    indicator: Indicator, below: dict[int | None, list[Indicator]], criteria: dict[int, list[CriterionView]]
) -> IndicatorView:
    return IndicatorView(
        label=str(indicator),
        weight=indicator.weight,
        criteria=tuple(criteria.get(indicator.pk, ())),
        parts=tuple(_indicator_view(part, below, criteria) for part in below.get(indicator.pk, ())),
    )


def _round_weights(agreement: Agreement, indicators: list[Indicator]) -> dict[str, tuple]:
    """For each round that has weights of its own: the weights of the indicators that run in it."""
    own: dict[int, dict[int, Decimal]] = {}
    for row in RoundWeight.objects.filter(round__agreement=agreement):
        own.setdefault(row.round_id, {})[row.indicator_id] = row.weight
    return {
        f"รอบ {round_.months} เดือน": tuple(
            own[round_.pk].get(i.pk, i.weight) for i in indicators if i.runs_in(round_.months)
        )
        for round_ in Round.objects.filter(agreement=agreement, pk__in=own)
    }
