"""Base data from many units: an indicator of the Immigration Bureau whose divisions report A and B."""

from collections.abc import Mapping
from decimal import Decimal

from indicators.models import Criterion
from kpiportal.accounts.models import Unit, User
from kpiportal.accounts.roles import Role
from kpiportal.accounts.services import create_user, grant
from scoring.models import Result
from scoring.queries import CriterionSheet
from scoring.queries.units import UnitData
from scoring.services import save_base_data
from scoring.values import UnitEntry
from tests.cast import person
from tests.definitions import FORMULA, criterion, indicator, opened, sheets

UNITS = ("imm-3", "imm-1", "imm-2")  # the order of the matrix, not of the tree
LEAD = "imm-admin"
A_AND_B = "figure"


def reporting(units: tuple[str, ...] = UNITS, **more) -> dict:
    """An indicator's definition that the divisions report for."""
    operating = {"role": "operating", "as_written": "บก.ตม.1 – 3", "units": units}
    people = {"lead_unit": LEAD, "collectors": [{"person": LEAD}], "responsibilities": [operating]}
    return indicator("100", criterion(A_AND_B, "60", FORMULA), criterion("level", "40"), **(people | more))


def members(*codes: str) -> None:
    """A collector for each unit, named by its code."""
    for code in codes:
        user = create_user(username=code, name=f"collector of {code}", email=f"{code}@example.go.th", by=None)
        grant(user=user, unit=Unit.objects.get(code=code), role=Role.COLLECTOR, by=None)


def operating_result(units: tuple[str, ...] = UNITS, **head) -> Result:
    """The lead unit's empty result; the people of the lead unit and of three divisions are there."""
    members(LEAD, *UNITS)
    agreement = opened(reporting(units), **({"unit": "immigration"} | head))
    found = Result.objects.select_related("indicator__agreement__fiscal_year", "round", "unit")
    return found.get(indicator__agreement=agreement)


def of(report: Result, name: str = A_AND_B) -> Criterion:
    return Criterion.objects.get(indicator=report.indicator, name=name)


def give(
    report: Result, code: str, a: str | None = None, b: str | None = None, *, reason: str = "",
    by: User | None = None, was: Mapping | None = None,
) -> CriterionSheet:
    """Save A and B of a unit, or with a reason that it doesn't report."""
    typed = [None if value is None else Decimal(value) for value in (a, b)]
    entry = UnitEntry(dict(zip("AB", typed, strict=True)), bool(reason), reason)
    seen = UnitEntry(**was) if was else None
    unit = Unit.objects.get(code=code)
    return save_base_data(report, unit, of(report), entry=entry, was=seen, by=by or person(code))


def state(report: Result, code: str) -> UnitData:
    """What stands of a unit in the database."""
    return next(unit for unit in sheets(report)[A_AND_B].units if unit.unit.code == code)


def figure(report: Result) -> tuple[str, str | None, str | None]:
    """Status, figure and SM of the lead unit's criterion as stored."""
    row = sheets(report)[A_AND_B].row
    return row.status, row.value and str(row.value), row.score and str(row.score)


