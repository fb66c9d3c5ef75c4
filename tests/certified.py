"""Results on their way to being certified."""

from decimal import Decimal

from django.utils import timezone

from indicators.models import Agreement
from scoring.models import Result
from scoring.services import approve, certify, save_draft, submit
from scoring.values import ResultEntry
from tests.cast import person
from tests.definitions import every_kind, indicator, opened
from tests.scoring.test_decisions import TYPED
from tests.scoring.test_entry import save


def approved() -> Result:
    """A report with one criterion of every kind, filled in, submitted and approved."""
    report = every_kind()
    save(report, person("collector"), **TYPED)
    submit(report, by=person("collector"))
    return approve(report, by=person("supervisor"))


def certified() -> Result:
    """The same, certified by the office."""
    return certify(approved(), by=person("office"))


def of(trial: Agreement, number: str) -> Result:
    """An agreement's result of the indicator with this number."""
    whole = ("indicator__agreement__unit", "indicator__agreement__fiscal_year", "round", "unit")
    found = Result.objects.select_related(*whole)
    return found.get(indicator__agreement=trial, indicator__number=number)


def two_indicators(**levels: str) -> Agreement:
    """An agreement of a (60) and b (40), scored by levels and approved where one is given."""
    trial = opened(indicator("60", key="a"), indicator("40", key="b"))
    for number, level in levels.items():
        report = of(trial, number)
        entry = {report.indicator.criteria.get().pk: {"value": Decimal(level)}}
        save_draft(report, ResultEntry(criteria=entry), by=person("collector"))
        submit(report, by=person("collector"))
        approve(report, by=person("supervisor"))
    return trial


def decided(report: Result) -> None:
    """Approve a result past the services, whatever it lacks."""
    now, who = timezone.now(), person("supervisor")
    Result.objects.filter(pk=report.pk).update(
        state="approved", submitted_at=now, submitted_by=person("collector"), decided_at=now, decided_by=who,
    )
