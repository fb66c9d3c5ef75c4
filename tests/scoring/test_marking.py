"""Three marks side by side: what reviewers mark, why, and that none overwrites another."""

from decimal import Decimal

import pytest
from django.forms.models import model_to_dict

from indicators.models import ChecklistItem, Criterion
from kpiportal.accounts.models import User
from kpiportal.accounts.roles import Role
from kpiportal.accounts.services import grant
from kpiportal.audit.models import AuditEvent
from scoring.engine.text import EngineError
from scoring.models import CriterionResult, EvidenceUse, ItemResult, ItemReview, Mark, Marking, Result
from scoring.queries import load_sheet
from scoring.services import (
    NotAllowed,
    NotReady,
    Overtaken,
    approve,
    clear_mark,
    decide_not_applicable,
    keep_mark,
    mark_criterion,
    request_not_applicable,
    return_,
    review_item,
    review_items,
    submit,
)
from tests.cast import assign, person
from tests.definitions import every_kind
from tests.scoring.test_entry import save

TYPED = {
    "milestones": {"done": frozenset("ab")},
    "count": {"done": frozenset("abc")},
    "complete_count": {"done": frozenset("ab"), "complete": frozenset("ab"),
                       "item_reasons": {"a": "seen", "b": "seen"}},
    "number": {"count": 8},
    "thresholds": {"value": Decimal(80)},
    "level": {"not_reported": True, "reason": "no survey this year"},
    "formula": {"data": {"A": Decimal("211"), "B": Decimal("250")}},
}


@pytest.fixture
def submitted(seeds, collector) -> Result:
    """A report with one criterion of every kind, filled in and submitted."""
    report = every_kind()
    save(report, collector, **TYPED)
    return submit(report, by=collector)


def named(report: Result, name: str) -> Criterion:
    return Criterion.objects.get(indicator=report.indicator_id, name=name)


def item(report: Result, name: str, code: str) -> ChecklistItem:
    return ChecklistItem.objects.select_related("criterion").get(criterion=named(report, name), code=code)


def final(report: Result, stage: str | None = None) -> dict:
    """The criteria as the marks up to a stage leave them, by name."""
    return {one.criterion.name: one for one in load_sheet(report, stage).criteria}


def score(report: Result, name: str, stage: str | None = None) -> str:
    return str(final(report, stage)[name].row.score)


def own_rows(report: Result) -> list:
    """Everything of the collectors' own mark."""
    rows = CriterionResult.objects.filter(mark__result=report, mark__stage="self")
    return [
        *rows.values().order_by("pk"),
        *ItemResult.objects.filter(criterion_result__in=rows).values().order_by("pk"),
    ]


def marks_of(report: Result, stage: str) -> dict[str, tuple]:
    found = Marking.objects.filter(row__mark__result=report, row__mark__stage=stage).select_related("row__criterion")
    return {one.row.criterion.name: (str(one.row.score), one.reason, one.given, one.submission) for one in found}


class TestByEntry:
    @pytest.mark.parametrize(
        ("name", "entry", "self_score", "expected"),
        [
            ("milestones", {"done": frozenset("a")}, "3.0000", "1.0000"),
            ("count", {"done": frozenset("ab")}, "5.0000", "3.0000"),
            ("complete_count", {"complete": frozenset("a")}, "4.0000", "3.0000"),
            ("complete_count", {"complete": frozenset()}, "4.0000", "2.0000"),
            ("complete_count", {"done": frozenset("abc"), "complete": frozenset("abc")}, "4.0000", "5.0000"),
            ("number", {"count": 7}, "3.0000", "2.0000"),
            ("thresholds", {"value": Decimal("84.40")}, "3.0000", "3.8800"),
            ("formula", {"value": Decimal("75")}, "3.8800", "2.0000"),
            ("level", {"value": Decimal("2.5")}, "1.0000", "2.5000"),
            ("thresholds", {"not_reported": True}, "3.0000", "1.0000"),
        ],
    )
    def test_is_scored_by_the_engine(self, submitted, supervisor, name, entry, self_score, expected):
        before = own_rows(submitted)
        after = mark_criterion(
            submitted, named(submitted, name), entry=entry, reason=" seen \r\n", by=supervisor
        )
        assert (score(submitted, name, "self"), score(submitted, name)) == (self_score, expected)
        assert marks_of(submitted, "supervisor") == {name: (expected, "seen", False, 1)}
        assert own_rows(submitted) == before
        assert after.version == submitted.version + 1
        steps = final(submitted)[name].working()
        assert "seen" in steps[0].en and len(steps) > 1 and expected in " ".join(step.en for step in steps[1:])

    def test_what_the_entry_leaves_out_is_as_in_the_mark_before(self, submitted, supervisor):
        mark_criterion(submitted, named(submitted, "complete_count"), entry={"complete": frozenset("b")},
                       reason="r", by=supervisor)
        items = final(submitted)["complete_count"].items
        assert {code: (one.done, one.complete) for code, one in items.items()} == {
            "a": (True, False), "b": (True, True), "c": (False, False),
        }
        assert {code: one.complete for code, one in final(submitted, "self")["complete_count"].items.items()} == {
            "a": True, "b": True, "c": False,
        }

    @pytest.mark.parametrize(
        ("name", "entry"),
        [
            ("level", {"value": Decimal("5.1")}),
            ("thresholds", {"value": None}),
            ("count", {"done": frozenset("ax")}),
        ],
    )
    def test_what_can_not_be_scored_is_refused(self, submitted, supervisor, name, entry):
        before = everything(submitted)
        with pytest.raises(EngineError):
            mark_criterion(submitted, named(submitted, name), entry=entry, reason="r", by=supervisor)
        assert everything(submitted) == before


def everything(report: Result) -> list:
    return [
        *own_rows(report),
        *CriterionResult.objects.filter(mark__result=report).values().order_by("pk"),
        *Marking.objects.filter(row__mark__result=report).values().order_by("pk"),
        *ItemReview.objects.filter(result=report).values().order_by("pk"),
        *Result.objects.filter(pk=report.pk).values(),
        AuditEvent.objects.count(),
    ]


class TestByScore:
    def test_stands_without_the_rubric(self, submitted, supervisor):
        level = named(submitted, "level")
        mark_criterion(submitted, level, score=Decimal("2.25"), reason="shown on site", by=supervisor)
        sheet = final(submitted)["level"]
        assert (str(sheet.row.score), sheet.row.status, sheet.outcome.value) == ("2.2500", "reported", Decimal("2.25"))
        assert [step.en for step in sheet.working()] == [
            f"{supervisor} marked this otherwise, because: shown on site",
            "The reviewer gave the score directly: 2.2500",
        ]
        assert sheet.row.reason == "no survey this year"

    @pytest.mark.parametrize("given", ["0.9999", "5.0001", "2.00001", "NaN", "Infinity", "-1"])
    def test_lies_within_the_scale(self, submitted, supervisor, given):
        before = everything(submitted)
        with pytest.raises(EngineError, match="between 1 and 5"):
            mark_criterion(submitted, named(submitted, "count"), score=Decimal(given), reason="r", by=supervisor)
        assert everything(submitted) == before


class TestRefused:
    @pytest.mark.parametrize(
        ("given", "reason", "sentence"),
        [
            ({"score": Decimal(2)}, " \u200b", "Give the reason"),
            ({"score": Decimal(5)}, "r", "the same as the mark before"),
            ({"entry": {"done": frozenset("abc")}}, "r", "the same as the mark before"),
            ({}, "r", "either a result or a score"),
            ({"score": Decimal(2), "entry": {}}, "r", "either a result or a score"),
        ],
    )
    def test_what_says_nothing_new(self, submitted, supervisor, given, reason, sentence):
        before = everything(submitted)
        with pytest.raises(NotAllowed, match=sentence):
            mark_criterion(submitted, named(submitted, "count"), **given, reason=reason, by=supervisor)
        assert everything(submitted) == before

    def test_a_criterion_that_is_not_applicable(self, submitted, supervisor):
        CriterionResult.objects.filter(criterion=named(submitted, "level")).update(
            status="not_applicable", score=None
        )
        with pytest.raises(NotAllowed, match="not applicable"):
            mark_criterion(submitted, named(submitted, "level"), score=Decimal(2), reason="r", by=supervisor)
        assert not Mark.objects.filter(result=submitted, stage="supervisor").exists()

    def test_a_criterion_of_another_indicator(self, submitted, supervisor, moi_result):
        foreign = moi_result.indicator.criteria.first()
        with pytest.raises(NotAllowed, match="isn't one of the indicator's"):
            mark_criterion(submitted, foreign, score=Decimal(2), reason="r", by=supervisor)

    def test_a_version_that_is_not_the_present_one(self, submitted, supervisor):
        seen = Result.objects.get(pk=submitted.pk).version
        mark_criterion(submitted, named(submitted, "count"), score=Decimal(2), reason="r", by=supervisor, version=seen)
        with pytest.raises(Overtaken):
            clear_mark(submitted, named(submitted, "count"), by=supervisor, version=seen)
        assert score(submitted, "count") == "2.0000"

    @pytest.mark.parametrize("who", ["collector", "collector2", "colleague", "office", "auditor", "admin", "stranger"])
    def test_anyone_but_the_supervisor_while_it_is_submitted(self, submitted, who):
        before = everything(submitted)
        with pytest.raises(NotAllowed):
            mark_criterion(submitted, named(submitted, "count"), score=Decimal(2), reason="r", by=person(who))
        with pytest.raises(NotAllowed):
            review_item(submitted, item(submitted, "count", "a"), verdict="accepted", by=person(who))
        assert everything(submitted) == before

    def test_the_maker_never_marks(self, seeds, collector, supervisor):
        report = every_kind()
        grant(user=supervisor, unit=report.unit, role=Role.COLLECTOR, by=None)
        both: User = assign("supervisor", report)
        save(report, both, **TYPED)
        submit(report, by=collector)
        with pytest.raises(NotAllowed):
            mark_criterion(report, named(report, "count"), score=Decimal(2), reason="r", by=both)


class TestStages:
    def test_each_marks_only_its_own(self, submitted, supervisor, office):
        own = own_rows(submitted)
        count = named(submitted, "count")
        mark_criterion(submitted, count, score=Decimal(4), reason="one office less", by=supervisor)
        approve(submitted, by=supervisor)
        with pytest.raises(NotAllowed):
            mark_criterion(submitted, count, score=Decimal(2), reason="r", by=supervisor)
        with pytest.raises(NotAllowed, match="the same"):
            mark_criterion(submitted, count, score=Decimal(4), reason="r", by=office)
        mark_criterion(submitted, count, entry={"done": frozenset("a")}, reason="one item", by=office)
        assert [score(submitted, "count", stage) for stage in ("self", "supervisor", "office", None)] == [
            "5.0000", "4.0000", "1.0000", "1.0000",
        ]
        assert own_rows(submitted) == own
        assert marks_of(submitted, "supervisor") == {"count": ("4.0000", "one office less", True, 1)}
        clear_mark(submitted, count, by=office)
        assert score(submitted, "count") == "4.0000"
        with pytest.raises(NotAllowed, match="no mark of your own"):
            clear_mark(submitted, count, by=office)

    def test_the_office_starts_from_the_supervisors_values(self, submitted, supervisor, office):
        name = "complete_count"
        mark_criterion(submitted, named(submitted, name), entry={"complete": frozenset("b")}, reason="r", by=supervisor)
        approve(submitted, by=supervisor)
        mark_criterion(submitted, named(submitted, name), entry={"complete": frozenset()}, reason="r", by=office)
        assert [score(submitted, name, stage) for stage in ("self", "supervisor", "office")] == [
            "4.0000", "3.0000", "2.0000",
        ]

    def test_each_leaves_an_entry_with_what_differs(self, submitted, supervisor):
        count = named(submitted, "count")
        mark_criterion(submitted, count, entry={"done": frozenset("a")}, reason="two are planned", by=supervisor)
        clear_mark(submitted, count, by=supervisor)
        marked, cleared = AuditEvent.objects.about(submitted).filter(action__startswith="result.mark")
        key = f"criterion {count.pk}"
        assert (marked.action, marked.reason, marked.actor_id) == ("result.marked", "two are planned", supervisor.pk)
        assert marked.before == {key: {"done": ["a", "b", "c"], "score": "5.0000"}}
        assert marked.after[key] == {"done": ["a"], "score": "1.0000"}
        assert (marked.after["stage"], marked.after["criteria"]) == ("supervisor", ["count"])
        assert cleared.action == "result.mark_cleared"
        assert cleared.before[key] == {"done": ["a"], "score": "1.0000"}
        assert cleared.after["version"] == Result.objects.get(pk=submitted.pk).version

    def test_what_does_not_apply_any_more_loses_its_marks(self, submitted, supervisor, collector, office):
        return_(submitted, reason="r", by=supervisor)
        asked = request_not_applicable(submitted, named(submitted, "count"), reason="flood", by=collector)
        save(submitted, collector, level={"value": Decimal(2), "not_reported": False})
        mark = Mark.objects.create(result=submitted, stage="supervisor")
        CriterionResult.objects.create(mark=mark, criterion=named(submitted, "count"), status="reported", score=2)
        decide_not_applicable(asked, granted=True, by=office)
        assert final(submitted)["count"].row.status == "not_applicable"
        assert AuditEvent.objects.about(submitted).filter(action="result.mark_cleared").count() == 1


class TestItems:
    def test_not_enough_is_not_done_in_this_mark(self, submitted, supervisor):
        own = own_rows(submitted)
        review_item(submitted, item(submitted, "milestones", "b"), verdict="insufficient", comment="no minutes",
                    by=supervisor)
        assert (score(submitted, "milestones", "self"), score(submitted, "milestones")) == ("3.0000", "1.0000")
        assert marks_of(submitted, "supervisor") == {"milestones": ("1.0000", "2: no minutes", False, 1)}
        assert own_rows(submitted) == own

    def test_not_enough_is_not_complete_where_that_counts(self, submitted, supervisor):
        review_item(submitted, item(submitted, "complete_count", "b"), verdict="insufficient", comment="old",
                    by=supervisor)
        items = final(submitted)["complete_count"].items
        assert [(items[code].done, items[code].complete) for code in "abc"] == [
            (True, True), (True, False), (False, False),
        ]
        assert score(submitted, "complete_count") == "3.0000"

    def test_accepted_again_it_counts_again(self, submitted, supervisor):
        for code in "ab":
            review_item(submitted, item(submitted, "count", code), verdict="insufficient", comment=f"x{code}",
                        by=supervisor)
        assert marks_of(submitted, "supervisor") == {"count": ("1.0000", "1: xa\n2: xb", False, 1)}
        review_item(submitted, item(submitted, "count", "a"), verdict="accepted", by=supervisor)
        assert marks_of(submitted, "supervisor") == {"count": ("3.0000", "2: xb", False, 1)}
        every = ChecklistItem.objects.filter(criterion__indicator=submitted.indicator_id).select_related("criterion")
        review_items(submitted, list(every), verdict="accepted", by=supervisor)
        assert marks_of(submitted, "supervisor") == {}
        assert ItemReview.objects.filter(result=submitted, verdict="accepted").count() == len(every)

    def test_words_and_scores_of_the_mark_itself_stay(self, submitted, supervisor):
        count = named(submitted, "count")
        mark_criterion(submitted, count, entry={"done": frozenset("ab")}, reason="own", by=supervisor)
        review_item(submitted, item(submitted, "count", "a"), verdict="insufficient", comment="x", by=supervisor)
        assert marks_of(submitted, "supervisor") == {"count": ("1.0000", "own\n1: x", False, 1)}
        review_item(submitted, item(submitted, "count", "a"), verdict="accepted", by=supervisor)
        assert marks_of(submitted, "supervisor") == {"count": ("3.0000", "own", False, 1)}
        mark_criterion(submitted, named(submitted, "count"), score=Decimal("4.5"), reason="given", by=supervisor)
        review_item(submitted, item(submitted, "count", "a"), verdict="insufficient", comment="x", by=supervisor)
        assert marks_of(submitted, "supervisor") == {"count": ("4.5000", "given", True, 1)}

    def test_taking_the_mark_back_takes_back_what_was_not_enough(self, submitted, supervisor):
        review_item(submitted, item(submitted, "count", "a"), verdict="insufficient", comment="x", by=supervisor)
        clear_mark(submitted, named(submitted, "count"), by=supervisor)
        assert score(submitted, "count") == "5.0000"
        assert not ItemReview.objects.filter(result=submitted).exists()

    @pytest.mark.parametrize(("verdict", "comment"), [("insufficient", " \n"), ("maybe", "x"), ("", "x")])
    def test_without_a_comment_or_a_verdict_it_is_refused(self, submitted, supervisor, verdict, comment):
        before = everything(submitted)
        with pytest.raises(NotAllowed):
            review_item(submitted, item(submitted, "count", "a"), verdict=verdict, comment=comment, by=supervisor)
        assert everything(submitted) == before

    def test_the_verdict_stands_at_its_evidence(self, moi_result, collector, supervisor):
        submit(moi_result, by=collector)
        own = own_rows(moi_result)
        use = EvidenceUse.objects.filter(result=moi_result, item__criterion__kind="complete_count").first()
        review_item(moi_result, use.item, verdict="insufficient", comment="only a plan", by=supervisor)
        verdicts = EvidenceUse.objects.filter(result=moi_result, item=use.item).values_list("verdict", flat=True)
        assert set(verdicts) == {"insufficient"}
        assert own_rows(moi_result) == own

    def test_one_entry_for_all_that_was_accepted_at_once(self, submitted, supervisor):
        every = ChecklistItem.objects.filter(criterion__indicator=submitted.indicator_id).select_related("criterion")
        review_items(submitted, list(every), verdict="accepted", by=supervisor)
        (entry,) = AuditEvent.objects.about(submitted).filter(action="result.item_reviewed")
        assert entry.after["criteria"] == ["milestones", "count", "complete_count"]


class TestLaterSubmission:
    @pytest.fixture
    def again(self, submitted, supervisor, collector) -> Result:
        """Marked in two criteria, returned, corrected in one of them, and submitted again."""
        mark_criterion(submitted, named(submitted, "count"), entry={"done": frozenset("a")}, reason="r", by=supervisor)
        mark_criterion(submitted, named(submitted, "number"), score=Decimal(2), reason="n", by=supervisor)
        return_(submitted, reason="mend", by=supervisor)
        save(submitted, collector, count={"text": "the second one was finished in May"})
        return submit(submitted, by=collector)

    def test_marks_of_what_changed_are_settled_before_the_approval(self, again, supervisor):
        with pytest.raises(NotReady) as refused:
            approve(again, by=supervisor)
        (problem,) = refused.value.problems
        assert (problem.code, problem.path) == ("mark_stale", (str(named(again, "count").pk), "mark"))
        keep_mark(again, named(again, "count"), by=supervisor)
        assert marks_of(again, "supervisor")["count"] == ("1.0000", "r", False, 2)
        assert approve(again, by=supervisor).state == "approved"
        assert (score(again, "count"), score(again, "number")) == ("1.0000", "2.0000")

    def test_or_taken_back(self, again, supervisor):
        clear_mark(again, named(again, "count"), by=supervisor)
        assert approve(again, by=supervisor).state == "approved"
        assert score(again, "count") == "5.0000"

    def test_a_mark_of_this_submission_needs_no_confirmation(self, again, supervisor):
        keep_mark(again, named(again, "count"), by=supervisor)
        with pytest.raises(NotAllowed, match="nothing to confirm"):
            keep_mark(again, named(again, "count"), by=supervisor)

    def test_what_was_changed_after_it_was_kept_is_asked_for_again(self, again, supervisor, collector):
        keep_mark(again, named(again, "count"), by=supervisor)
        return_(again, reason="more", by=supervisor)
        save(again, collector, count={"done": frozenset("ab")})
        submit(again, by=collector)
        with pytest.raises(NotReady):
            approve(again, by=supervisor)

    def test_reviewing_one_item_does_not_confirm_another(self, submitted, supervisor, collector):
        for code in "bc":
            review_item(submitted, item(submitted, "count", code), verdict="insufficient", comment="x", by=supervisor)
        return_(submitted, reason="mend", by=supervisor)
        save(submitted, collector, count={"text": "mended"})
        submit(submitted, by=collector)
        review_item(submitted, item(submitted, "count", "b"), verdict="accepted", by=supervisor)
        assert marks_of(submitted, "supervisor")["count"] == ("3.0000", "3: x", False, 1)
        with pytest.raises(NotReady):
            approve(submitted, by=supervisor)
        review_item(submitted, item(submitted, "count", "c"), verdict="accepted", by=supervisor)
        assert approve(submitted, by=supervisor).state == "approved"

    def test_a_text_that_was_mended_since_is_the_one_that_is_read(self, again):
        assert final(again)["count"].row.text == "the second one was finished in May"
        assert model_to_dict(final(again)["count"].row)["score"] == 1
