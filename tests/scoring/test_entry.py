"""save_draft: what is typed becomes rows and a score; what isn't typed stays as it is."""

from decimal import Decimal

import pytest

from indicators.models import Criterion
from kpiportal.audit.models import AuditEvent
from scoring.engine.text import EngineError, Message
from scoring.models import BaseDatum, CriterionResult, ItemResult, Result
from scoring.queries import ResultSheet
from scoring.services import save_draft
from scoring.values import CriterionEntry, ResultEntry
from tests.definitions import every_kind, sheets

NOTHING_TYPED = {
    "done": frozenset(),
    "complete": frozenset(),
    "item_reasons": {},
    "not_reported": False,
    "nothing": False,
}


@pytest.fixture
def report(seeds, db) -> Result:
    """An empty report with one criterion of every kind."""
    return every_kind()


def save(report: Result, by, **entries: CriterionEntry) -> ResultSheet:
    """Save entries by the criterion's name."""
    pks = dict(Criterion.objects.filter(indicator=report.indicator).values_list("name", "pk"))
    return save_draft(
        report, ResultEntry(criteria={pks[name]: entry for name, entry in entries.items()}), by=by
    ).sheet


def score(report: Result, name: str) -> Decimal | None:
    return sheets(report)[name].row.score


class TestEveryKind:
    @pytest.mark.parametrize(
        ("name", "entry", "expected"),
        [
            ("milestones", {"done": frozenset("ab")}, "3.0000"),
            ("milestones", {"done": frozenset("ac")}, "1.0000"),
            ("count", {"done": frozenset("bc")}, "3.0000"),
            ("complete_count", {"done": frozenset("ab"), "complete": frozenset()}, "2.0000"),
            ("complete_count", {"done": frozenset("ab"), "complete": frozenset("b")}, "3.0000"),
            ("number", {"count": 9}, "4.0000"),
            ("number", {"count": 0}, "1.0000"),
            ("thresholds", {"value": Decimal("84.40")}, "3.8800"),
            ("thresholds", {"value": Decimal("0")}, "1.0000"),
            ("level", {"value": Decimal("4.80")}, "4.8000"),
            ("formula", {"data": {"A": Decimal("211"), "B": Decimal("250")}}, "3.8800"),
        ],
    )
    def test_is_scored_and_stored(self, report, collector, name, entry, expected):
        sheet = save(report, collector, **{name: entry})
        row = sheets(report)[name].row
        assert (str(row.score), row.status) == (expected, "reported")
        assert next(s for s in sheet.criteria if s.criterion.name == name).row.score == row.score

    def test_the_average_is_over_what_is_reported_so_far(self, report, collector):
        sheet = save(report, collector, level={"value": Decimal("2")}, number={"count": 10})
        assert (sheet.average.score, sheet.average.open_weight) == (Decimal("3.5000"), 5)

    def test_a_value_stays_as_it_was_typed(self, report, collector):
        save(report, collector, thresholds={"value": Decimal("84.40")})
        assert (
            str(CriterionResult.objects.get(criterion__name="thresholds", mark__result=report).value)
            == "84.40"
        )

    def test_more_items_than_the_rubric_ever_needs_still_score_the_highest_level(self, report, collector):
        save(report, collector, number={"count": 1_000_000})
        assert score(report, "number") == 5


class TestOpen:
    @pytest.mark.parametrize("name", ["milestones", "count", "complete_count"])
    def test_an_untouched_checklist_is_open_and_has_no_score(self, report, collector, name):
        save(report, collector, **{name: {**NOTHING_TYPED, "text": "still counting"}})
        row = sheets(report)[name].row
        assert (row.status, row.score, row.text) == ("open", None, "still counting")

    @pytest.mark.parametrize("name", ["milestones", "count", "complete_count"])
    def test_nothing_done_yet_is_a_choice_that_scores_the_floor(self, report, collector, name):
        save(report, collector, **{name: {**NOTHING_TYPED, "nothing": True}})
        row = sheets(report)[name].row
        assert (row.status, row.score) == ("reported", 1)

    def test_taking_the_choice_back_opens_it_again(self, report, collector):
        save(report, collector, count={**NOTHING_TYPED, "nothing": True})
        save(report, collector, count=NOTHING_TYPED)
        assert (sheets(report)["count"].row.status, score(report, "count")) == ("open", None)

    @pytest.mark.parametrize(
        ("name", "typed", "emptied"),
        [
            ("thresholds", {"value": Decimal(80)}, {"value": None}),
            ("number", {"count": 7}, {"count": None}),
            ("count", {"done": frozenset("a")}, NOTHING_TYPED),
            ("formula", {"data": {"A": Decimal(1), "B": Decimal(2)}}, {"data": {"A": None, "B": None}}),
        ],
    )
    def test_emptying_a_field_opens_the_criterion_again(self, report, collector, name, typed, emptied):
        save(report, collector, **{name: typed})
        assert score(report, name) is not None
        save(report, collector, **{name: {**emptied, "nothing": False}})
        assert (sheets(report)[name].row.status, score(report, name)) == ("open", None)

    def test_not_reported_scores_the_floor_and_keeps_its_reason(self, report, collector):
        save(report, collector, level={"not_reported": True, "reason": "no survey this year"})
        row = sheets(report)["level"].row
        assert (row.status, row.score, row.reason) == ("not_reported", 1, "no survey this year")

    def test_not_applicable_stays_so_whatever_is_typed(self, report, collector):
        row = sheets(report)["level"].row
        CriterionResult.objects.filter(pk=row.pk).update(status="not_applicable")
        save(report, collector, level={"value": Decimal(5)})
        assert (sheets(report)["level"].row.status, score(report, "level")) == ("not_applicable", None)


class TestOnlyWhatIsTyped:
    def test_other_criteria_keep_every_row(self, moi_result, collector):
        before = {
            s.criterion.pk: list(ItemResult.objects.filter(criterion_result=s.row).values())
            for s in all_of(moi_result)
        }
        rows = {
            row["criterion_id"]: row
            for row in CriterionResult.objects.filter(mark__result=moi_result).values()
        }
        seventh = all_of(moi_result)[6].criterion.pk
        save_draft(
            moi_result,
            ResultEntry(criteria={seventh: {"done": frozenset({"committee", "selected"})}}),
            by=collector,
        )
        after = {
            row["criterion_id"]: row
            for row in CriterionResult.objects.filter(mark__result=moi_result).values()
        }
        assert {pk for pk in rows if rows[pk] != after[pk]} == {seventh}
        assert {"score"} == {key for key in rows[seventh] if rows[seventh][key] != after[seventh][key]}
        for sheet in all_of(moi_result)[:6]:
            assert (
                list(ItemResult.objects.filter(criterion_result=sheet.row).values())
                == before[sheet.criterion.pk]
            )

    def test_the_fields_of_a_criterion_that_are_absent_stay(self, report, collector):
        save(
            report,
            collector,
            complete_count={
                "done": frozenset("ab"),
                "complete": frozenset("a"),
                "item_reasons": {"a": "seen"},
            },
        )
        save(report, collector, complete_count={"text": "two offices"})
        sheet = sheets(report)["complete_count"]
        assert (sheet.row.text, sheet.row.score, sheet.row.status) == ("two offices", 3, "reported")
        assert {code: (i.done, i.complete, i.reason) for code, i in sheet.items.items()} == {
            "a": (True, True, "seen"),
            "b": (True, False, ""),
            "c": (False, False, ""),
        }

    def test_a_text_alone_keeps_an_explicit_nothing(self, report, collector):
        save(report, collector, count={**NOTHING_TYPED, "nothing": True})
        save(report, collector, count={"text": "planned for May"})
        assert (sheets(report)["count"].row.status, score(report, "count")) == ("reported", 1)

    def test_one_base_datum_of_two_waits_for_the_other(self, report, collector):
        save(report, collector, formula={"data": {"A": Decimal("211")}})
        assert (sheets(report)["formula"].row.status, score(report, "formula")) == ("reported", None)
        save(report, collector, formula={"data": {"B": Decimal("250")}})
        assert score(report, "formula") == Decimal("3.8800")

    def test_texts_that_are_absent_stay(self, moi_result, collector):
        before = Result.objects.filter(pk=moi_result.pk).values("measures", "obstacles", "suggestions").get()
        save_draft(moi_result, ResultEntry(texts={"supporting_factors": "rain"}), by=collector)
        stored = Result.objects.get(pk=moi_result.pk)
        assert stored.supporting_factors == "rain"
        assert (
            Result.objects.filter(pk=moi_result.pk).values("measures", "obstacles", "suggestions").get()
            == before
        )

    def test_criteria_of_another_indicator_are_not_touched(self, moi_result, report, collector):
        foreign = all_of(moi_result)[0]
        before = CriterionResult.objects.filter(pk=foreign.row.pk).values().get()
        save_draft(
            report,
            ResultEntry(criteria={foreign.criterion.pk: {"text": "mine now", "done": frozenset()}}),
            by=collector,
        )
        assert CriterionResult.objects.filter(pk=foreign.row.pk).values().get() == before
        assert AuditEvent.objects.about(report).count() == 0


def all_of(report: Result) -> list:
    return list(sheets(report).values())


class TestCleaning:
    def test_pasted_word_is_cleaned_and_line_breaks_stay(self, moi_result, collector):
        typed = "ค\u0e4d\u0e32รับรอง\u200b\u00a0ครบ\r\n\r\n• หนึ่ง  \r\nสอง\x0b"
        first = all_of(moi_result)[0].criterion.pk
        entry = ResultEntry(texts={"measures": typed}, criteria={first: {"text": typed, "reason": typed}})
        save_draft(moi_result, entry, by=collector)
        row = all_of(moi_result)[0].row
        clean = "คำรับรอง ครบ\n\n• หนึ่ง\nสอง"
        assert (Result.objects.get(pk=moi_result.pk).measures, row.text, row.reason) == (clean, clean, clean)

    def test_saving_the_same_again_changes_nothing_and_leaves_no_entry(self, moi_result, collector):
        first = all_of(moi_result)[0].criterion.pk
        entry = ResultEntry(criteria={first: {"text": "the same"}}, texts={"measures": "the same"})
        save_draft(moi_result, entry, by=collector)
        before, version = AuditEvent.objects.count(), Result.objects.get(pk=moi_result.pk).version
        save_draft(moi_result, entry, by=collector)
        assert (AuditEvent.objects.count(), Result.objects.get(pk=moi_result.pk).version) == (before, version)


class TestRefused:
    @pytest.mark.parametrize("level", ["0.9999", "5.0001", "-1", "6"])
    def test_a_level_outside_the_scale_saves_nothing_at_all(self, report, collector, level):
        before = rows_of(report)
        with pytest.raises(EngineError) as refused:
            save(
                report,
                collector,
                milestones={"done": frozenset("a"), "text": "one"},
                level={"value": Decimal(level)},
                formula={"data": {"A": Decimal(1), "B": Decimal(2)}},
            )
        assert "1 to 5" in refused.value.message.en and "1 ถึง 5" in refused.value.message.th
        assert rows_of(report) == before

    @pytest.mark.parametrize(
        ("name", "entry", "field"),
        [
            ("level", {"value": Decimal("7")}, "result.value"),
            ("formula", {"data": {"A": Decimal(10**14), "B": Decimal("0.0000000001")}}, "data-A"),
        ],
    )
    def test_a_number_that_can_not_be_scored_beside_not_reported(self, report, collector, name, entry, field):
        before = rows_of(report)
        with pytest.raises(EngineError) as refused:
            save(report, collector, **{name: {**entry, "not_reported": True, "reason": "r"}})
        assert (rows_of(report), refused.value.field) == (before, field)

    def test_a_text_is_saved_beside_one_that_was_stored_before_this_was_refused(self, report, collector):
        row = sheets(report)["level"].row
        CriterionResult.objects.filter(pk=row.pk).update(status="not_reported", value=Decimal(7), score=1)
        save(report, collector, level={"text": "noted", "not_reported": True})
        assert sheets(report)["level"].row.text == "noted"

    @pytest.mark.parametrize(
        "codes", [{"done": frozenset("ax")}, {"done": frozenset("a"), "complete": frozenset("ax")}]
    )
    def test_an_item_that_the_criterion_does_not_have(self, report, collector, codes):
        before = rows_of(report)
        with pytest.raises(EngineError) as refused:
            save(report, collector, complete_count=codes)
        assert isinstance(refused.value.message, Message) and "no item x" in refused.value.message.en
        assert rows_of(report) == before

    def test_an_item_that_is_not_done_is_never_complete(self, report, collector):
        save(report, collector, complete_count={"done": frozenset("a"), "complete": frozenset("ab")})
        items = sheets(report)["complete_count"].items
        assert [(items[c].done, items[c].complete) for c in "abc"] == [
            (True, True),
            (False, False),
            (False, False),
        ]
        assert score(report, "complete_count") == 3

    def test_unticking_done_takes_complete_along(self, report, collector):
        save(report, collector, complete_count={"done": frozenset("ab"), "complete": frozenset("ab")})
        save(report, collector, complete_count={"done": frozenset("b"), "complete": frozenset("ab")})
        assert sheets(report)["complete_count"].items["a"].complete is False
        assert score(report, "complete_count") == 3


def rows_of(report: Result) -> list:
    """Everything of a report that a save may write, and the length of the audit trail without refusals."""
    return [
        *Result.objects.filter(pk=report.pk).values(),
        *CriterionResult.objects.filter(mark__result=report).values().order_by("pk"),
        *ItemResult.objects.filter(criterion_result__mark__result=report).values().order_by("pk"),
        *BaseDatum.objects.filter(variable__criterion__indicator=report.indicator).values().order_by("pk"),
        list(report.makers.values_list("pk", flat=True)),
        AuditEvent.objects.exclude(action="request.refused").count(),
    ]


class TestBaseData:
    def test_division_by_zero_is_no_result(self, report, collector):
        save(report, collector, formula={"data": {"A": Decimal(5), "B": Decimal(0)}})
        sheet = sheets(report)["formula"]
        assert (sheet.row.score, sheet.row.status) == (None, "reported")
        assert sheet.working()

    def test_it_is_kept_for_the_unit_and_round_exactly_as_typed(self, report, collector):
        save(report, collector, formula={"data": {"A": Decimal("211.00"), "B": Decimal("250.10")}})
        kept = BaseDatum.objects.filter(round=report.round, unit=report.unit).order_by("variable__order")
        assert [(datum.variable.name, str(datum.value)) for datum in kept] == [
            ("A", "211.00"),
            ("B", "250.10"),
        ]
        save(report, collector, formula={"data": {"A": None, "B": Decimal(1)}})
        assert [datum.value for datum in kept.all()] == [None, 1]


class TestTrace:
    def test_one_entry_with_before_and_after_of_what_changed(self, report, collector):
        save(report, collector, level={"value": Decimal("3")})
        save(report, collector, level={"value": Decimal("4.5")})
        entries = AuditEvent.objects.about(report)
        assert [(entry.action, entry.actor_id, entry.unit_id) for entry in entries] == [
            ("result.saved", collector.pk, report.unit_id)
        ] * 2
        (key,) = entries[1].after.keys() - {"version"}
        assert set(entries[1].after[key]) == {"value", "score"}
        assert (entries[1].before[key]["value"], entries[1].after[key]["value"]) == ("3", "4.5")
        assert (entries[1].before[key]["score"], entries[1].after[key]["score"]) == ("3.0000", "4.5000")

    def test_who_saved_becomes_a_maker_and_the_version_rises(self, report, collector):
        save(report, collector, level={"value": Decimal(3)})
        stored = Result.objects.get(pk=report.pk)
        assert (stored.saved_by, stored.version, list(stored.makers.all())) == (collector, 1, [collector])
        assert stored.saved_at is not None and stored.state == "draft"
