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
    """The units in the order of their tree, the indicators in that of the agreement, and what each has; seven queries.
    Agreements on another scale are left out: their levels mean something else."""
    indicators = list(
        Indicator.objects.filter(agreement=agreement).exclude(criteria=None).order_by("order").distinct()
    )
    if months is None or not indicators:
        return [], [], {}
    heads = {(one.number, one.name): Head(str(one.pk), one.number, str(one)) for one in reversed(indicators)}
    rows = load_across(_results(agreement, indicators, months, user), user=user).rows
    units: dict[int, Unit] = {}
    scores: dict[tuple[int, str], HeatScore] = {}
    for row in rows:
        head = heads[row.result.indicator.number, row.result.indicator.name]
        unit = row.result.unit
        units.setdefault(unit.pk, Unit(unit.pk, unit.name, unit.short_name))
        scores.setdefault((unit.pk, head.key), _score(row))
    return list(units.values()), list(reversed(heads.values())), scores


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
