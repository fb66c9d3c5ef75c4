"""Agreements with many scores, made quickly: levels are put into the rows as entry would leave them."""
from collections.abc import Iterable, Mapping
from decimal import Decimal

from indicators.models import Agreement
from kpiportal.accounts.models import Unit, User
from scoring.models import CriterionResult, Result
from tests.definitions import criterion, definition, in_force, indicator, opened

Levels = Mapping[str, str | None]
# Tone marks above vowels, a vowel before its consonant, sara am: what SVG text gets wrong where it isn't helped.
NAMES = ("ร้อยละความพึงพอใจของผู้รับบริการ", "ระดับความสำเร็จของการใช้น้ำ", "การป้องกันและปราบปรามที่เข้มแข็ง")
ISSUES = ("การจัดทำแผนฯ", "การเชื่อมโยงข้อมูล", "ผู้ใช้งานพึ่งพาได้", "น้ำท่วมซ้ำซาก", "ความคุ้มค่า")

__all__ = [
    "ISSUES", "NAMES", "Levels", "agreement_of", "definition", "led_below", "many", "put", "units_below", "with_issues",
]


def agreement_of(weights: Mapping[str, str], *, months: Iterable[int] = (12,), start: bool = True, **head) -> Agreement:
    """An agreement of indicators with these numbers and weights, each scored by a level; its rounds open."""
    rounds = [{"months": each} for each in months]
    made = [indicator(weight, key=number) for number, weight in weights.items()]
    agreement = (opened if start else in_force)(*made, rounds=rounds, **head)
    return Agreement.objects.select_related("unit", "fiscal_year").get(pk=agreement.pk)


def put(agreement: Agreement, levels: Levels, months: int = 12) -> None:
    """Give indicators, by their numbers, a level; None takes it away, 'N/A' leaves them out of the round."""
    status = CriterionResult.Status
    for number, level in levels.items():
        rows = CriterionResult.objects.filter(
            mark__result__indicator__agreement=agreement, mark__result__round__months=months,
            mark__result__indicator__number=number,
        )
        if level in (None, "N/A"):
            rows.update(status=status.OPEN if level is None else status.NOT_APPLICABLE, value=None, score=None)
        else:
            rows.update(status=status.REPORTED, value=Decimal(level), score=Decimal(level))


def with_issues(scores: Iterable[str | None], **head) -> Result:
    """The result of an agreement whose one indicator has an issue for each of these scores."""
    scores = list(scores)
    criteria = [criterion(ISSUES[n % len(ISSUES)], "1") | {"number": str(n + 1)} for n in range(len(scores))]
    agreement = opened(indicator(str(len(scores)), *criteria), **({"excerpt": True} | head))
    for order, score in enumerate(scores, 1):
        if score is not None:
            rows = CriterionResult.objects.filter(
                mark__result__indicator__agreement=agreement, criterion__number=str(order)
            )
            rows.update(status="reported", value=Decimal(score), score=Decimal(score))
    return Result.objects.select_related("indicator__agreement__unit", "indicator__agreement__fiscal_year").get(
        indicator__agreement=agreement
    )


def units_below(parent: str, number: int) -> list[Unit]:
    """So many units below another, with names of different length."""
    above = Unit.objects.get(code=parent)
    return [
        Unit.objects.create(
            code=f"{parent}-u{n}", name=f"สำนักงานจังหวัดที่ {n} กลุ่มงานน้ำและสิ่งแวดล้อม", kind="division",
            short_name=f"สนง. {n}" if n % 3 else f"สำนักงานจังหวัดที่ {n} (ที่ตั้งใหม่)", parent=above,
            path=f"{above.path}{parent}-u{n}/",
        )
        for n in range(1, number + 1)
    ]


def led_below(levels: Levels, *, months: Iterable[int] = (12,)) -> Agreement:
    """An agreement of the ministry whose indicator b a unit below leads, in which `stranger` collects; its first round
    scored."""
    [below] = units_below("moi", 1)
    made = (indicator("60", key="a"), indicator("40", key="b", lead_unit=below.code))
    agreement = opened(*made, rounds=[{"months": each} for each in months])
    put(agreement, levels, min(months))
    User.objects.get(username="stranger").memberships.update(unit=below)
    return Agreement.objects.select_related("unit", "fiscal_year").get(pk=agreement.pk)


def many(parent: str, units: int, indicators: int, months: Iterable[int] = (12,), year: int = 2569) -> list[Agreement]:
    """An agreement of the same indicators for each of so many units, scored from 1 to 5 in turn, some not at all."""
    weight = str(100 // indicators)
    rows = [
        {"key": f"i{n}", "number": str(n), "name": f"{NAMES[n % 3]} {n}", "weight": weight,
         "rubric": {"kind": "level"}}
        for n in range(1, indicators + 1)
    ]
    made = []
    for m, unit in enumerate(units_below(parent, units)):
        head = {"code": f"{unit.code}-{year}", "unit": unit.code, "year": year, "name": f"คำรับรองของ {unit.name}"}
        rounds = [{"months": each} for each in months]
        agreement = opened(*[row | {"lead_unit": unit.code} for row in rows], rounds=rounds, excerpt=True, **head)
        put(agreement, {str(n): str(1 + (n + m) % 5) for n in range(1, indicators + 1) if (n + m) % 7})
        made.append(Agreement.objects.select_related("unit", "fiscal_year").get(pk=agreement.pk))
    return made
