"""A save over an older version: field by field, nothing that others saved is overwritten and nothing typed is lost."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from indicators.models import Criterion
from kpiportal.audit.models import AuditEvent
from scoring.models import Result
from scoring.services import save_draft
from scoring.services.entry import Saved
from scoring.services.trail import difference, fields_of, state_of, undone
from scoring.values import CriterionEntry, ResultEntry
from tests.cast import assign, person
from tests.definitions import every_kind, sheets

TICKS = {"done": frozenset(), "complete": frozenset(), "nothing": False, "not_reported": False}


@pytest.fixture
def report(seeds, db) -> Result:
    """An empty report with one criterion of every kind."""
    return every_kind()


@pytest.fixture
def colleague(report):
    """A second collector of the report."""
    return assign("colleague", report)


def save(report: Result, by, version: int | None = None, *, texts=None, answers=None, **entries) -> Saved:
    """Save entries by the criterion's name, as a page drawn from `version` does."""
    pks = names(report)
    criteria = {pks[name]: CriterionEntry(**entry) for name, entry in entries.items()}
    data = ResultEntry(texts=texts or {}, criteria=criteria, **answers or {})
    return save_draft(report, data, by=by, version=version)


def names(report: Result) -> dict[str, int]:
    return dict(Criterion.objects.filter(indicator=report.indicator).values_list("name", "pk"))


def now(report: Result) -> dict:
    """Every filled field of the report as the database has it, by the criterion's name instead of its number."""
    fresh = Result.objects.get(pk=report.pk)
    fields = fields_of(state_of(fresh, sheets(fresh).values()))
    by_prefix = {f"c{pk}": name for name, pk in names(report).items()}
    parts = {field: field.partition("-") for field in fields}
    return {f"{by_prefix.get(p[0], p[0])}{p[1]}{p[2]}": fields[field] for field, p in parts.items()}


def version(report: Result) -> int:
    return Result.objects.get(pk=report.pk).version


D = Decimal
# field, its criterion, its base, what the colleague made of it, what I typed over the base; each as one entry.
FIELDS = [
    ("text", "level", {"text": "base"}, {"text": "theirs"}, {"text": "mine"}),
    ("reason", "level", {"reason": "base"}, {"reason": "theirs"}, {"reason": "mine"}),
    ("value", "level", {"value": D(2)}, {"value": D(3)}, {"value": D(4)}),
    ("value", "thresholds", {"value": D("80")}, {"value": D("84.4")}, {"value": None}),
    ("count", "number", {"count": 7}, {"count": 8}, {"count": 0}),
    ("data-A", "formula", {"data": {"A": D(1)}}, {"data": {"A": D(2)}}, {"data": {"A": D(0)}}),
    (
        "why-a", "complete_count",
        {"done": frozenset("a"), "item_reasons": {"a": "base"}},
        {"done": frozenset("a"), "item_reasons": {"a": "theirs"}},
        {"done": frozenset("a"), "item_reasons": {"a": "mine"}},
    ),
]


@pytest.mark.parametrize(("field", "name", "base", "theirs", "mine"), FIELDS)
class TestOneField:
    def start(self, report, collector, colleague, name, base, theirs):
        """My page is drawn from the base, then the colleague saves."""
        drawn = save(report, collector, **{name: base}).sheet.result.version
        save(report, colleague, drawn, **{name: theirs})
        return drawn

    def test_left_as_it_was_stays_as_they_made_it(self, report, collector, colleague, field, name, base, theirs, mine):
        drawn = self.start(report, collector, colleague, name, base, theirs)
        before = now(report)
        saved = save(report, collector, drawn, **{name: base})
        assert (now(report), saved.conflicts, version(report)) == (before, {}, drawn + 1)
        (taken,) = saved.taken.values()
        assert (taken.who, taken.own, taken.now) == ("The colleague", False, before[f"{name}-{field}"])

    def test_changed_to_the_same_is_no_conflict(self, report, collector, colleague, field, name, base, theirs, mine):
        drawn = self.start(report, collector, colleague, name, base, theirs)
        saved = save(report, collector, drawn, **{name: theirs})
        assert (saved.conflicts, saved.taken, version(report)) == ({}, {}, drawn + 1)

    def test_changed_by_me_alone_is_saved(self, report, collector, colleague, field, name, base, theirs, mine):
        drawn = save(report, collector, **{name: base}).sheet.result.version
        save(report, colleague, drawn, texts={"measures": "elsewhere"})
        saved = save(report, collector, drawn, **{name: mine})
        assert (saved.conflicts, saved.taken) == ({}, {})
        assert now(report)["measures"] == "elsewhere"
        assert now(report).get(f"{name}-{field}") == value_of(mine)

    def test_changed_and_changed_back_is_no_conflict(
        self, report, collector, colleague, field, name, base, theirs, mine
    ):
        drawn = self.start(report, collector, colleague, name, base, theirs)
        save(report, colleague, **{name: base})
        assert save(report, collector, drawn, **{name: mine}).conflicts == {}

    def test_changed_by_both_is_a_conflict_and_the_rest_is_saved(
        self, report, collector, colleague, field, name, base, theirs, mine
    ):
        drawn = self.start(report, collector, colleague, name, base, theirs)
        before = now(report)
        saved = save(report, collector, drawn, **{name: mine}, texts={"obstacles": "mine too"})
        (conflict,) = saved.conflicts.values()
        assert conflict.field == f"c{names(report)[name]}-{field}"
        assert conflict.now == before[f"{name}-{field}"] and conflict.version == drawn + 2
        assert "The colleague" in conflict.text("th") and "The colleague" in conflict.text("en")
        assert now(report) == before | {"obstacles": "mine too"}

    def test_mine_can_be_kept_and_theirs_taken(self, report, collector, colleague, field, name, base, theirs, mine):
        drawn = self.start(report, collector, colleague, name, base, theirs)
        (conflict,) = save(report, collector, drawn, **{name: mine}).conflicts.values()
        take = {"take": frozenset({conflict.field})}
        before = now(report)
        saved = save(report, collector, drawn, **{name: mine}, answers=take)
        assert (now(report), saved.conflicts, saved.taken.keys()) == (before, {}, {conflict.field})
        saved = save(report, collector, drawn, **{name: mine}, answers={"keep": {conflict.field: conflict.version}})
        assert saved.conflicts == {}
        assert now(report).get(f"{name}-{field}") == value_of(mine)
        assert conflict.shown in str(AuditEvent.objects.about(report).last().before)


def value_of(entry: dict) -> object:
    """The one value that an entry types."""
    (value,) = [v for key, v in entry.items() if key != "done"]
    return next(iter(value.values())) if isinstance(value, dict) else value


class TestTicks:
    @pytest.mark.parametrize("name", ["milestones", "count", "complete_count"])
    def test_are_merged_item_by_item(self, report, collector, colleague, name):
        drawn = save(report, collector, **{name: TICKS | {"done": frozenset("ab")}}).sheet.result.version
        save(report, colleague, drawn, **{name: TICKS | {"done": frozenset("b")}})
        saved = save(report, collector, drawn, **{name: TICKS | {"done": frozenset("abc")}})
        done = {code for code, item in sheets(report)[name].items.items() if item.done}
        assert (done, saved.conflicts) == (set("bc"), {})
        assert [(c.field.rpartition("-")[2], c.now) for c in saved.taken.values()] == [("a", None)]

    def test_complete_goes_with_a_done_that_a_colleague_took_back(self, report, collector, colleague):
        base = TICKS | {"done": frozenset("ab")}
        drawn = save(report, collector, complete_count=base).sheet.result.version
        save(report, colleague, drawn, complete_count=TICKS | {"done": frozenset("b")})
        saved = save(report, collector, drawn, complete_count=base | {"complete": frozenset("ab")})
        items = sheets(report)["complete_count"].items
        assert {c: (i.done, i.complete) for c, i in items.items() if i.done} == {"b": (True, True)}
        assert {field.partition("-")[2] for field in saved.taken} == {"done-a", "complete-a"}

    def test_nothing_done_yet_yields_to_a_colleagues_tick(self, report, collector, colleague):
        drawn = version(report)
        save(report, colleague, drawn, count=TICKS | {"done": frozenset("a")})
        saved = save(report, collector, drawn, count=TICKS | {"nothing": True})
        assert (sheets(report)["count"].row.score, saved.conflicts) == (1, {})
        assert {f.partition("-")[2]: c.now for f, c in saved.taken.items()} == {"done-a": True, "nothing": None}

    def test_not_reported_of_one_and_the_value_of_another_are_both_kept(self, report, collector, colleague):
        drawn = version(report)
        save(report, colleague, drawn, level={"value": D(4), "not_reported": False})
        save(report, collector, drawn, level={"value": None, "not_reported": True, "reason": "why"})
        row = sheets(report)["level"].row
        assert (row.status, row.value, row.reason, row.score) == ("not_reported", 4, "why", 1)


class TestPages:
    def test_another_tab_of_the_same_person_counts_as_another(self, report, collector):
        drawn = version(report)
        save(report, collector, drawn, texts={"measures": "one tab"}, answers={"page": "p1"})
        saved = save(report, collector, drawn, texts={"measures": "other tab"}, answers={"page": "p2"})
        assert saved.conflicts["measures"].own
        assert "You, in another window" in saved.conflicts["measures"].text("en")

    def test_the_page_itself_never_conflicts_with_what_it_saved_before(self, report, collector):
        """The answer to its first save was lost on the way, so it still names the older version."""
        drawn, page = version(report), {"page": "p1"}
        for typed in ("a", "ab", "abc"):
            assert save(report, collector, drawn, texts={"measures": typed}, answers=page).conflicts == {}
        assert now(report)["measures"] == "abc"

    def test_but_with_what_others_saved_over_that(self, report, collector, colleague):
        drawn, page = version(report), {"page": "p1"}
        save(report, collector, drawn, texts={"measures": "a", "obstacles": "o"}, answers=page)
        save(report, colleague, texts={"measures": "theirs"}, answers={"page": "p2"})
        saved = save(report, collector, drawn, texts={"measures": "ab", "obstacles": "oo"}, answers=page)
        assert saved.conflicts.keys() == {"measures"}
        assert (now(report)["measures"], now(report)["obstacles"]) == ("theirs", "oo")
        saved = save(report, collector, drawn, texts={"measures": "a"}, answers=page)
        assert (saved.conflicts, now(report)["measures"]) == ({}, "theirs")

    def test_mine_that_is_kept_holds_against_what_was_seen_only(self, report, collector, colleague):
        drawn = version(report)
        seen = save(report, colleague, drawn, texts={"measures": "theirs"}).sheet.result.version
        save(report, colleague, texts={"measures": "theirs again"})
        answer = {"keep": {"measures": seen}}
        saved = save(report, collector, drawn, texts={"measures": "mine"}, answers=answer)
        assert saved.conflicts["measures"].now == "theirs again"

    @pytest.mark.parametrize("drawn", [None, 999])
    def test_a_save_without_a_version_or_with_the_present_one_stands_whole(self, report, collector, colleague, drawn):
        save(report, colleague, texts={"measures": "theirs"})
        assert save(report, collector, drawn, texts={"measures": "mine"}).conflicts == {}
        assert now(report)["measures"] == "mine"

    def test_a_stale_version_costs_one_query_more(self, report, collector, colleague):
        save(report, colleague, texts={"measures": "theirs"})
        save(report, collector, texts={"measures": "mine"})
        counts = []
        for name, drawn in (("suggestions", version(report)), ("obstacles", 0)):
            with CaptureQueriesContext(connection) as captured:
                save(report, person("collector"), drawn, texts={name: f"over {drawn}"})
            counts.append(len(captured))
        assert counts[1] == counts[0] + 1


class TestTrail:
    @pytest.mark.parametrize(
        ("name", "entry"),
        [
            ("milestones", TICKS | {"done": frozenset("ab")}),
            ("count", TICKS | {"nothing": True}),
            ("complete_count", TICKS | {"done": frozenset("ab"), "complete": frozenset("a")}),
            ("complete_count", TICKS | {"done": frozenset("ab"), "item_reasons": {"a": "x"}}),
            ("number", {"count": 9}),
            ("thresholds", {"value": D("84.40")}),
            ("level", {"value": D("4.8"), "not_reported": True, "reason": "r", "text": "t"}),
            ("formula", {"data": {"A": D("211.00"), "B": D("250")}}),
        ],
    )
    def test_the_same_save_twice_leaves_one_entry(self, report, collector, name, entry):
        for _ in range(2):
            save(report, collector, 0, **{name: entry})
        assert (AuditEvent.objects.about(report).count(), version(report)) == (1, 1)

    def test_an_entry_holds_what_differs_and_the_version(self, report, collector):
        save(report, collector, complete_count=TICKS | {"done": frozenset("a"), "item_reasons": {"a": "x", "b": "y"}})
        save(report, collector, complete_count=TICKS | {"done": frozenset("a"), "item_reasons": {"a": "x", "b": "z"}})
        entry = AuditEvent.objects.about(report).last()
        key = f"criterion {names(report)['complete_count']}"
        assert entry.before == {key: {"why": {"b": "y"}}}
        assert entry.after == {key: {"why": {"b": "z"}}, "version": 2}

    def test_a_state_can_be_read_back_from_the_later_one_and_the_difference(self):
        before = {"a": "1", "c": {"done": ["x"], "why": {"x": "p"}, "data": {"A": "1"}, "value": None}}
        after = {"a": "2", "c": {"done": [], "why": {"y": "q"}, "data": {"A": "1"}, "value": "3"}}
        old, new = difference(before, after)
        assert new == {"a": "2", "c": {"done": [], "why": {"x": None, "y": "q"}, "value": "3"}}
        assert difference(before, before) == ({}, {})
        assert undone(after, old) == before | {"c": before["c"] | {"why": {"x": "p", "y": None}}}


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_two_saves_over_one_version_lose_nothing(self):
        call_command("load_seeds", definitions_only=True, verbosity=0)
        report = every_kind()
        drawn = save(report, person("collector"), level={"value": D(2), "text": "base"}).sheet.result.version
        barrier = Barrier(2)

        def at_once(entry: CriterionEntry) -> Saved:
            try:
                barrier.wait(timeout=10)
                return save(report, person("collector"), drawn, level=entry)
            finally:
                connection.close()

        typed = [{"value": D(3), "text": "base"}, {"value": D(2), "text": "mine"}]
        with ThreadPoolExecutor(2) as pool:
            saved = list(pool.map(at_once, typed))
        row = sheets(report)["level"].row
        assert (row.value, row.text, row.score) == (3, "mine", 3)
        assert [s.conflicts for s in saved] == [{}, {}]
