"""What every unit has reached on the indicators of an agreement in one round: its own, and those of the same number and
name in the other agreements of the year."""
from decimal import Decimal

from django.db.models import Q

from indicators.models import Agreement, Indicator, Round
from kpiportal.accounts.models import User
from reports.charts.heat import Head, HeatScore, Unit
from reports.charts.scale import HIDDEN, NOT_APPLICABLE, OPEN, SCORED
from scoring.models import CriterionResult, Result
from scoring.queries.across import AcrossRow, load_across

Found = tuple[list[Unit], list[Head], dict[tuple[int, str], HeatScore]]


def load_units(agreement: Agreement, months: int | None, *, user: User | None) -> Found:
    """The units in the order of their tree, the indicators in that of the agreement, and what each has; seven queries,
    eight where indicators are called the same. Agreements on another scale are left out: their levels mean something
    else."""
    indicators = list(
        Indicator.objects.filter(agreement=agreement).exclude(criteria=None).order_by("order").distinct()
    )
    if months is None or not indicators:
        return [], [], {}
    results = _results(agreement, indicators, months, user)
    rows = load_across(results, user=user).rows
    columns = _columns(indicators, [one.indicator for one in results])
    units: dict[int, Unit] = {}
    scores: dict[tuple[int, str], HeatScore] = {}
    for row in rows:
        unit, column = row.result.unit, columns.get(row.result.indicator_id)
        if column is not None:
            units.setdefault(unit.pk, Unit(unit.pk, unit.name, unit.short_name))
            scores.setdefault((unit.pk, str(column)), _score(row))
    return list(units.values()), [Head(str(one.pk), one.number, str(one)) for one in indicators], scores


def _columns(indicators: list[Indicator], found: list[Indicator]) -> dict[int, int | None]:
    """In the column of which indicator of the agreement each one stands, by their keys: that of the same number and
    name, and of several the one at the same place among them (None: there is none). One query where there are several.
    """
    own: dict[tuple[str, str], list[int]] = {}
    for one in indicators:
        own.setdefault((one.number, one.name), []).append(one.pk)
    columns = {one.pk: own[one.number, one.name][0] for one in found}
    several = [name for (_, name), same in own.items() if len(same) > 1]
    agreements = {one.agreement_id for one in found} | {indicators[0].agreement_id}
    same = Indicator.objects.filter(agreement__in=agreements, name__in=several).exclude(criteria=None)
    places: dict[tuple[int, str, str], int] = {}
    for one in same.order_by("order").distinct() if several else ():
        called = one.number, one.name
        place = places[one.agreement_id, *called] = places.get((one.agreement_id, *called), -1) + 1
        if len(own.get(called, ())) > 1:
            columns[one.pk] = own[called][place] if place < len(own[called]) else None
    return columns


def _results(agreement: Agreement, indicators: list[Indicator], months: int, user: User | None) -> list[Result]:
    results = Result.objects.all() if user is None else Result.objects.visible_to(user)
    twins = Q(
        indicator__agreement__fiscal_year=agreement.fiscal_year_id,
        indicator__agreement__scale_min=agreement.scale_min, indicator__agreement__scale_max=agreement.scale_max,
        indicator__name__in=[one.name for one in indicators],
    )
    found = results.filter(twins, round__months=months).exclude(round__state=Round.State.PLANNED)
    found = found.select_related("indicator__agreement", "unit", "round").order_by("unit__path", "indicator__order")
    known = {(one.number, one.name) for one in indicators}
    own = {one.pk for one in indicators}
    # The agreement's own come first, so that a unit's other report on the same indicator doesn't take their place.
    rows = [one for one in found if (one.indicator.number, one.indicator.name) in known]
    return sorted(rows, key=lambda one: (one.unit.path, one.indicator_id not in own))


def _score(row: AcrossRow) -> HeatScore:
    if row.hidden:
        return HeatScore(None, HIDDEN, row.result.pk)
    if row.rows and all(each.status == CriterionResult.Status.NOT_APPLICABLE for each in row.rows):
        return HeatScore(None, NOT_APPLICABLE, row.result.pk)
    score: Decimal | None = row.score
    return HeatScore(score, OPEN if score is None else SCORED, row.result.pk)
