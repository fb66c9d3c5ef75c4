"""A round begun with the report of an earlier one."""

from decimal import Decimal

import pytest

from evidence.services import add_evidence
from kpiportal.audit.models import AuditEvent
from scoring.models import Result
from scoring.queries import load_sheet
from scoring.services import NotAllowed, copy_from_earlier, open_round, save_draft, use_evidence
from scoring.values import ResultEntry
from tests.cast import person
from tests.definitions import EVERY_KIND, ITEMS, MILESTONES, criterion, in_force, indicator, sheets
from tests.scoring.test_entry import save

SAID = {
    "milestones": {"done": frozenset("ab"), "text": "done so far"},
    "count": {"nothing": True, "done": frozenset()},
    "complete_count": {"done": frozenset("ab"), "complete": frozenset("a"), "item_reasons": {"a": "seen on site"}},
    "number": {"count": 8},
    "thresholds": {"value": Decimal("80.50")},
    "level": {"not_reported": True, "reason": "flood"},
    "formula": {"data": {"A": Decimal("3.0"), "B": Decimal(4)}},
}


@pytest.fixture
def rounds(seeds, db) -> tuple[Result, Result]:
    """The reports of rounds 6 and 12 on an indicator with one criterion of every kind."""
    criteria = [criterion(name, "1", rubric, items) for name, (rubric, items) in EVERY_KIND.items()]
    trial = in_force(indicator("7", *criteria), excerpt=True, rounds=[{"months": 6}, {"months": 12}])
    for round_ in trial.rounds.all():
        open_round(round_, by=None)
    found = Result.objects.filter(indicator__agreement=trial).select_related(
        "indicator__agreement__unit", "round", "unit"
    )
    return found.get(round__months=6), found.get(round__months=12)


def said(report: Result) -> dict[str, tuple]:
    """What stands in a report, by the criterion's name."""
    return {
        name: (
            s.row.status, s.row.value, s.row.count, s.row.text, s.row.reason, s.row.score,
            {code: (item.done, item.complete, item.reason) for code, item in s.items.items()}, s.data,
        )
        for name, s in sheets(report).items()
    }


def test_everything_that_was_said_is_taken_over(rounds, collector):
    half, whole = rounds
    save(half, collector, **SAID)
    save_draft(half, ResultEntry(texts={"measures": "we met", "obstacles": "none"}), by=collector)
    copied = copy_from_earlier(whole, by=collector)
    assert said(whole) == said(half)
    assert load_sheet(whole).average.score == load_sheet(half).average.score
    assert (copied.measures, copied.obstacles, copied.copied_from_id) == ("we met", "none", half.pk)
    event = AuditEvent.objects.about(whole).last()
    assert (event.action, event.after["round"], len(event.after["criteria"])) == ("result.copied", 6, 7)


def test_what_was_typed_already_stays(rounds, collector):
    half, whole = rounds
    save(half, collector, **SAID)
    save_draft(half, ResultEntry(texts={"measures": "old", "obstacles": "old"}), by=collector)
    save(whole, collector, thresholds={"value": Decimal(90)})
    save_draft(whole, ResultEntry(texts={"measures": "new"}), by=collector)
    copied = copy_from_earlier(whole, by=collector)
    assert sheets(whole)["thresholds"].row.value == 90
    assert sheets(whole)["number"].row.count == 8
    assert (copied.measures, copied.obstacles) == ("new", "old")


def test_texts_typed_beside_a_criterion_that_is_still_open_stay(rounds, collector):
    half, whole = rounds
    reasons = {"a": "old", "b": "old"}
    save(half, collector, level={"value": Decimal(3), "text": "old"}, number={"count": 8, "text": "old"},
         thresholds={"value": Decimal(80)}, complete_count={"done": frozenset("ab"), "item_reasons": reasons})
    save(whole, collector, level={"text": "new", "reason": "new"}, thresholds={"text": "new"},
         complete_count={"done": frozenset(), "item_reasons": {"a": "new"}})
    copy_from_earlier(whole, by=collector)
    now = sheets(whole)
    assert [now[name].row.text for name in ("level", "number", "thresholds")] == ["new", "old", "new"]
    assert (now["level"].row.reason, now["level"].row.value) == ("new", 3)
    assert [now["complete_count"].items[code].reason for code in "ab"] == ["new", "old"]


def test_evidence_comes_along_once_for_the_same_items(rounds, collector):
    half, whole = rounds
    items = list(half.indicator.criteria.get(name="milestones").items.all()[:2])
    save(half, collector, **SAID)
    for title, proves in (("plan", items), ("photo", [])):
        use_evidence(half, add_evidence(unit=half.unit, kind="named", title=title, by=collector), items=proves,
                     by=collector)
    for _ in range(2):
        copy_from_earlier(whole, by=collector)
    kept = [(use.order, use.evidence.title, use.item) for use in whole.evidence_uses.all()]
    assert kept == [(1, "plan", items[0]), (1, "plan", items[1]), (2, "photo", None)]


@pytest.mark.parametrize("who", ["colleague", "supervisor", "office", "auditor", "collector2"])
def test_nobody_but_its_collectors_takes_it_over(rounds, collector, who):
    half, whole = rounds
    save(half, collector, number={"count": 8})
    with pytest.raises(NotAllowed):
        copy_from_earlier(whole, by=person(who))
    assert sheets(whole)["number"].row.count is None


def test_an_untouched_round_is_nothing_to_copy(rounds, collector):
    _, whole = rounds
    with pytest.raises(NotAllowed, match="no report of an earlier round"):
        copy_from_earlier(whole, by=collector)


def test_never_from_a_later_round(rounds, collector):
    half, whole = rounds
    save(whole, collector, **SAID)
    with pytest.raises(NotAllowed):
        copy_from_earlier(half, by=collector)


@pytest.mark.parametrize("who", ["supervisor", "office", "auditor", "collector2"])
def test_only_its_collectors(rounds, collector, who):
    half, whole = rounds
    save(half, collector, **SAID)
    before = said(whole)
    with pytest.raises(NotAllowed):
        copy_from_earlier(whole, by=person(who))
    assert said(whole) == before


def test_what_did_not_apply_then_is_asked_for_anew(seeds, db, collector):
    trial = in_force(
        indicator("2", criterion("x", "1", MILESTONES, ITEMS), criterion("y", "1")), excerpt=True,
        rounds=[{"months": 6}, {"months": 12}],
    )
    for round_ in trial.rounds.all():
        open_round(round_, by=None)
    half, whole = Result.objects.filter(indicator__agreement=trial).order_by("round__months")
    save(half, collector, x={"done": frozenset("a")})
    half.marks.get().criteria.filter(criterion__name="y").update(status="not_applicable")
    copy_from_earlier(whole, by=collector)
    assert (sheets(whole)["x"].row.status, sheets(whole)["y"].row.status) == ("reported", "open")
