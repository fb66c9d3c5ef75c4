"""Whatever a reviewer marks, and in whatever order: the collectors' own rows stay byte for byte."""

from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indicators.models import ChecklistItem, Criterion
from scoring.engine.text import EngineError, round4
from scoring.models import CriterionResult, ItemResult, Mark, Result
from scoring.queries import load_sheet
from scoring.services import NotAllowed, approve, clear_mark, mark_criterion, review_items, submit
from tests.cast import person
from tests.definitions import every_kind
from tests.scoring.test_entry import save
from tests.scoring.test_marking import TYPED, own_rows

CODES = st.frozensets(st.sampled_from("abc"))
NUMBERS = st.decimals(min_value=-10, max_value=110, places=2)
ENTRIES = st.fixed_dictionaries(
    {},
    optional={
        "value": NUMBERS | st.none(), "count": st.integers(0, 12), "done": CODES, "complete": CODES,
        "not_reported": st.booleans(),
    },
)
NAMES = st.sampled_from(sorted(TYPED))
STEPS = st.one_of(
    st.tuples(st.just("entry"), NAMES, ENTRIES),
    st.tuples(st.just("score"), NAMES, st.decimals(min_value=0, max_value=6, places=4)),
    st.tuples(st.just("clear"), NAMES, st.none()),
    st.tuples(st.sampled_from(["accepted", "insufficient"]),
              st.sampled_from(["milestones", "count", "complete_count"]), CODES),
    st.tuples(st.just("approve"), NAMES, st.none()),
)


class _Undone(Exception):
    """Takes an example's changes back."""


@pytest.fixture
def submitted(seeds, collector) -> Result:
    report = every_kind()
    save(report, collector, **TYPED)
    return submit(report, by=collector)


@given(st.lists(STEPS, min_size=1, max_size=8))
@settings(
    max_examples=25, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_a_reviewers_mark_never_changes_the_collectors_own(submitted, steps):
    before = own_rows(submitted)
    criteria = {one.name: one for one in Criterion.objects.filter(indicator=submitted.indicator_id)}
    try:
        with transaction.atomic():
            for step in steps:
                _taken(submitted, criteria, step)
            assert own_rows(submitted) == before
            _assert_sound(submitted)
            raise _Undone
    except _Undone:
        pass


def _taken(report: Result, criteria: dict[str, Criterion], step: tuple) -> None:
    what, name, value = step
    stage = "supervisor" if Result.objects.get(pk=report.pk).state == "submitted" else "office"
    by, one = person(stage), criteria[name]
    try:
        if what == "approve":
            approve(report, by=by)
        elif what == "clear":
            clear_mark(report, one, by=by)
        elif what in ("entry", "score"):
            mark_criterion(report, one, **{what: value}, reason="r", by=by)
        else:
            items = ChecklistItem.objects.filter(criterion=one, code__in=value).select_related("criterion")
            review_items(report, list(items), verdict=what, comment="c", by=by)
    except (NotAllowed, EngineError):
        pass


def _assert_sound(report: Result) -> None:
    """Every reviewer's row has its reason and a score within the scale that the engine gives again."""
    for stage in ("supervisor", "office"):
        sheets = {one.criterion.pk: one for one in load_sheet(report, stage).criteria}
        for row in CriterionResult.objects.filter(mark__result=report, mark__stage=stage).select_related("marking"):
            assert row.marking.reason and Decimal(1) <= row.score <= Decimal(5)
            if not row.marking.given and sheets[row.criterion_id].row.pk == row.pk:
                assert round4(sheets[row.criterion_id].outcome.value) == row.score
    items = ItemResult.objects.filter(criterion_result__mark__result=report)
    assert not items.filter(done=False, complete=True).exists()
    assert Mark.objects.filter(result=report, stage="self").count() == 1
