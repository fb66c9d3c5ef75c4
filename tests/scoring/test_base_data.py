"""Base data from many units: the formula over the sums, who may report, and what a result waits for."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from indicators.models import Round
from indicators.queries import _reporters, reporters_of
from kpiportal.accounts.models import Unit
from kpiportal.accounts.roles import Role
from kpiportal.accounts.services import grant
from kpiportal.audit.models import AuditEvent
from scoring.engine.text import EngineError
from scoring.models import BaseDatum, Result, UnitReport
from scoring.queries import load_sheet
from scoring.queries.planner import load_plan
from scoring.services import NotAllowed, NotReady, copy_from_earlier, save_base_data, save_draft, submit
from scoring.services.base_data import ChangedMeanwhile
from scoring.services.decisions import missing
from scoring.values import CriterionEntry, ResultEntry, UnitEntry
from tests.cast import browser_of, person
from tests.definitions import FORMULA, criterion, indicator, opened, sheets, trial_result
from tests.operating import A_AND_B, LEAD, UNITS, figure, give, of, operating_result, state
from tests.scoring.test_entry import save


@pytest.fixture
def report(seeds, db) -> Result:
    return operating_result()


def codes(report: Result) -> list[str]:
    return [problem.code for problem in missing(load_sheet(report))]


class TestWhoReports:
    def test_the_operating_units_in_the_order_of_the_matrix(self, report):
        assert [unit.code for unit in reporters_of(report.indicator)] == list(UNITS)
        assert [unit.unit.code for unit in sheets(report)[A_AND_B].units] == list(UNITS)

    def test_is_read_once_for_a_definition(self, report):
        _reporters.cache_clear()
        with CaptureQueriesContext(connection) as cold:
            reporters_of(report.indicator)
        with CaptureQueriesContext(connection) as warm:
            reporters_of(report.indicator)
        assert (len(cold), len(warm)) == (1, 0)

    def test_nobody_named_leaves_it_to_the_lead_unit(self, seeds, collector):
        alone = trial_result(criterion(A_AND_B, "100", FORMULA))
        save(alone, collector, **{A_AND_B: {"data": {"A": Decimal(211), "B": Decimal(250)}}})
        assert sheets(alone)[A_AND_B].units is None
        assert figure(alone) == ("reported", "84.4000", "3.8800")

    def test_is_not_asked_of_an_indicator_without_a_formula(self, seeds, moi_result):
        _reporters.cache_clear()
        load_sheet(moi_result)
        assert _reporters.cache_info().currsize == 0


class TestSums:
    def test_the_figure_is_the_formula_over_the_sums_not_the_mean_of_percentages(self, report):
        give(report, "imm-1", "90", "100")
        give(report, "imm-2", "700", "1000")
        assert figure(report) == ("reported", "71.8182", "1.3636")
        give(report, "imm-3", "10", "10")
        assert figure(report) == ("reported", "72.0721", "1.4144")  # 800 / 1110; the mean of 90, 70, 100 is 86.67

    def test_the_stored_score_is_what_the_sheet_computes(self, report):
        give(report, "imm-1", "84.40", "100.0")
        sheet = sheets(report)[A_AND_B]
        assert (sheet.row.score, sheet.data) == (sheet.outcome.value, {"A": Decimal("84.40"), "B": Decimal(100)})

    def test_half_a_report_stands_outside_the_sums(self, report):
        give(report, "imm-1", "90", "100")
        give(report, "imm-2", "5")
        assert (state(report, "imm-2").state, state(report, "imm-2").values) == ("begun", {"A": 5, "B": None})
        assert figure(report) == ("reported", "90.0000", "5.0000")

    def test_taking_the_only_report_back_opens_the_criterion_again(self, report):
        give(report, "imm-1", "90", "100")
        give(report, "imm-1")
        assert figure(report) == ("open", None, None)

    def test_not_reported_takes_a_units_numbers_out_and_keeps_them(self, report):
        give(report, "imm-1", "90", "100")
        give(report, "imm-2", "10", "100")
        give(report, "imm-2", "10", "100", reason="flood")
        assert figure(report) == ("reported", "90.0000", "5.0000")
        assert state(report, "imm-2").values == {"A": 10, "B": 100}

    def test_a_criterion_that_does_not_apply_stays_without_a_score(self, report):
        report.marks.get().criteria.filter(criterion=of(report)).update(status="not_applicable", score=None)
        give(report, "imm-1", "90", "100")
        assert figure(report) == ("not_applicable", None, None)

    def test_the_lead_unit_says_the_whole_criterion_is_not_reported(self, report):
        save(report, person(LEAD), **{A_AND_B: {"not_reported": True, "reason": "no survey"}})
        give(report, "imm-1", "90", "100")
        assert figure(report) == ("not_reported", None, "1.0000")
        save(report, person(LEAD), **{A_AND_B: {"not_reported": False, "nothing": False}})
        assert figure(report) == ("reported", "90.0000", "5.0000")


class TestOtherPages:
    """What reads base data besides the entry page, and two at once on the lead unit's own page."""

    def test_the_planner_and_the_what_if_start_from_the_sums(self, report):
        give(report, "imm-1", "42", "50")
        give(report, "imm-2", "42", "50")
        give(report, "imm-3", "9", reason="moved")
        plan = load_plan(report.indicator.agreement, user=person(LEAD))
        notes = [a.gain.step.notes[0].en for a in plan.advice if a.criterion.name == A_AND_B]
        assert notes[0].startswith("For example A of at least 90, the other values")
        page = browser_of(person(LEAD)).get(reverse("what_if", args=[report.pk])).content.decode()
        assert "Σ A = served" in page and 'value="84"' in page and 'value="100"' in page

    def test_a_unit_that_saved_meanwhile_is_no_conflict_for_the_lead_unit(self, report):
        give(report, "imm-1", "90", "100")
        seen = Result.objects.get(pk=report.pk).version
        give(report, "imm-2", "10", "100")
        entry = ResultEntry(criteria={of(report).pk: CriterionEntry(text="done", nothing=False, data={})})
        saved = save_draft(report, entry, by=person(LEAD), version=seen)
        assert (saved.conflicts, saved.taken) == ({}, {})
        assert figure(report)[1] == "50.0000" and sheets(report)[A_AND_B].row.text == "done"

    def test_a_figure_too_large_is_refused_also_while_the_criterion_is_not_reported(self, report):
        save(report, person(LEAD), **{A_AND_B: {"not_reported": True, "reason": "no survey"}})
        with pytest.raises(EngineError):
            give(report, "imm-1", "999999999999999", "0.0000000001")


class TestOneUnitsOwnFigure:
    def test_is_the_formula_of_its_own_numbers(self, report):
        give(report, "imm-1", "1", "3")
        sheet = sheets(report)[A_AND_B]
        assert sheet.own_figure(state(report, "imm-1")).value_used.quantize(Decimal("0.0001")) == Decimal("33.3333")

    def test_a_division_by_zero_of_one_unit_is_no_figure_and_spoils_no_sum(self, report):
        give(report, "imm-1", "0", "0")
        assert figure(report) == ("reported", None, None)
        give(report, "imm-2", "80", "100")
        sheet = sheets(report)[A_AND_B]
        own = sheet.own_figure(state(report, "imm-1"))
        assert own.value_used is None and "divides by zero" in own.reason.en
        assert figure(report) == ("reported", "80.0000", "3.0000")


class TestHostile:
    def test_sums_of_more_than_fifteen_digits_are_refused_and_nothing_is_kept(self, report):
        give(report, "imm-1", "999999999999999", "1000000000000")
        before = figure(report), AuditEvent.objects.count()
        with pytest.raises(EngineError) as refusal:
            give(report, "imm-2", "1", "1")
        assert refusal.value.field == "data-A" and "999" not in refusal.value.message.en
        assert (figure(report), AuditEvent.objects.count()) == before
        assert state(report, "imm-2").state == "missing"

    def test_sums_of_fifteen_digits_are_exact(self, report):
        give(report, "imm-1", "499999999999999.0000000001", "500000000000000")
        give(report, "imm-2", "499999999999999.0000000001", "499999999999999")
        assert sheets(report)[A_AND_B].data["A"] == Decimal("999999999999998.0000000002")

    def test_a_figure_of_more_than_fifteen_digits_is_refused(self, report):
        with pytest.raises(EngineError):
            give(report, "imm-1", "999999999999999", "0.0000000001")
        assert not UnitReport.objects.exists()

    @pytest.mark.parametrize("code", ["imm-4", "immigration", LEAD])
    def test_a_unit_outside_the_matrix(self, report, code):
        with pytest.raises(NotAllowed):
            give(report, code, "1", "2", by=person(LEAD))

    def test_a_criterion_without_formula_or_of_another_indicator(self, report):
        other = opened(indicator("100", criterion("x", "100", FORMULA)), code="second")
        for one in (of(report, "level"), other.indicators.get().criteria.get()):
            with pytest.raises(NotAllowed):
                save_base_data(
                    report, Unit.objects.get(code="imm-1"), one, entry=UnitEntry({"A": Decimal(1)}), by=person("imm-1")
                )
        assert not BaseDatum.objects.filter(round=report.round).exists()

    def test_names_that_the_formula_does_not_ask_for_are_left_out(self, report):
        entry = UnitEntry({"A": Decimal(1), "B": Decimal(2), "Z": Decimal(3)})
        save_base_data(report, Unit.objects.get(code="imm-1"), of(report), entry=entry, by=person("imm-1"))
        assert state(report, "imm-1").values == {"A": 1, "B": 2}

    def test_the_lead_units_form_can_not_smuggle_base_data_in(self, report):
        give(report, "imm-1", "90", "100")
        entry = CriterionEntry(data={"A": Decimal(1), "B": Decimal(1)}, text="done")
        save_draft(report, ResultEntry(criteria={of(report).pk: entry}), by=person(LEAD))
        assert figure(report) == ("reported", "90.0000", "5.0000")
        assert not BaseDatum.objects.filter(unit__code=LEAD).exists()


class TestWhoMay:
    @pytest.mark.parametrize("username", ["imm-2", "collector", "supervisor", "office", "auditor", "admin", "stranger"])
    def test_nobody_else(self, report, username):
        before = AuditEvent.objects.count()
        with pytest.raises(NotAllowed):
            give(report, "imm-1", "1", "2", by=person(username))
        assert AuditEvent.objects.count() == before and not UnitReport.objects.exists()

    def test_a_collector_of_the_bureau_above_may(self, report):
        grant(user=person("colleague"), unit=Unit.objects.get(code="immigration"), role=Role.COLLECTOR, by=None)
        give(report, "imm-1", "90", "100", by=person("colleague"))
        assert state(report, "imm-1").state == "reported"

    @pytest.mark.parametrize("kept", ["submitted", "approved", "certified"])
    def test_not_once_it_is_handed_in(self, report, kept):
        by, now = person("supervisor"), timezone.now()
        decided = {} if kept == "submitted" else {"decided_by": by, "decided_at": now}
        decided |= {"certified_by": by, "certified_at": now} if kept == "certified" else {}
        Result.objects.filter(pk=report.pk).update(state=kept, submitted_by=by, submitted_at=now, **decided)
        with pytest.raises(NotAllowed) as refusal:
            give(report, "imm-1", "1", "2")
        assert "lead unit" in refusal.value.message.en

    def test_not_after_the_round_is_closed(self, report):
        Round.objects.update(state="closed")
        with pytest.raises(NotAllowed):
            give(report, "imm-1", "1", "2")

    def test_the_lead_unit_states_what_is_missing_and_types_nothing(self, report):
        give(report, "imm-1", "7", "8", reason="no answer in three weeks", by=person(LEAD))
        unit = state(report, "imm-1")
        assert (unit.state, unit.report.saved_by.username) == ("not_reported", LEAD)
        assert unit.values == {"A": None, "B": None}

    def test_the_lead_unit_can_ask_again_and_the_unit_can_report_after_all(self, report):
        give(report, "imm-1", reason="no answer", by=person(LEAD))
        give(report, "imm-1", by=person(LEAD))
        assert state(report, "imm-1").is_missing
        give(report, "imm-1", reason="no answer", by=person(LEAD))
        give(report, "imm-1", "90", "100")
        assert (state(report, "imm-1").state, state(report, "imm-1").report.reason) == ("reported", "")

    def test_the_lead_unit_can_not_take_out_what_a_unit_reported(self, report):
        give(report, "imm-1", "90", "100")
        with pytest.raises(NotAllowed):
            give(report, "imm-1", reason="we don't like it", by=person(LEAD))
        assert figure(report)[1] == "90.0000"

    @pytest.mark.parametrize("reason", [" ", "\u200b"])
    def test_not_reported_needs_a_reason(self, report, reason):
        for username in (LEAD, "imm-1"):
            with pytest.raises(EngineError) as refusal:
                give(report, "imm-1", reason=reason, by=person(username))
            assert refusal.value.field == "reason"


class TestHandingIn:
    def test_waits_for_every_unit_and_names_them(self, report):
        save(report, person(LEAD), level={"value": Decimal(3)})
        give(report, "imm-1", "90", "100")
        give(report, "imm-2", "90")
        with pytest.raises(NotReady) as refusal:
            submit(report, by=person(LEAD))
        [problem] = refusal.value.problems
        assert problem.path == (str(of(report).pk), "units")
        assert problem.message.th == (
            "figure: ยังขาดข้อมูลพื้นฐานจาก บก.ตม.3, บก.ตม.2 ให้หน่วยรายงาน หรือระบุว่าไม่รายงานพร้อมเหตุผล"
        )

    def test_goes_on_once_the_missing_are_stated(self, report):
        save(report, person(LEAD), level={"value": Decimal(3)})
        give(report, "imm-1", "90", "100")
        give(report, "imm-2", reason="moved", by=person(LEAD))
        give(report, "imm-3", reason="no such cases")
        assert submit(report, by=person(LEAD)).state == "submitted"

    def test_nobody_reporting_is_said_for_the_whole_criterion(self, report):
        save(report, person(LEAD), level={"value": Decimal(3)})
        for code in UNITS:
            give(report, code, reason="none")
        [problem] = missing(load_sheet(report))
        assert problem.code == "open" and "no unit reports base data" in problem.message.en
        save(report, person(LEAD), **{A_AND_B: {"not_reported": True, "reason": "nobody has it"}})
        assert missing(load_sheet(report)) == []

    def test_does_not_wait_when_the_whole_criterion_is_not_reported(self, report):
        save(
            report, person(LEAD), level={"value": Decimal(3)}, **{A_AND_B: {"not_reported": True, "reason": "flood"}}
        )
        assert codes(report) == []

    def test_says_that_the_sums_divide_by_zero(self, report):
        save(report, person(LEAD), level={"value": Decimal(3)})
        for code in UNITS:
            give(report, code, "1", "0")
        [problem] = missing(load_sheet(report))
        assert "divides by zero" in problem.message.en

    def test_who_reported_for_a_unit_is_a_maker_of_the_result(self, report):
        give(report, "imm-1", "90", "100")
        assert set(report.makers.all()) == {person("imm-1")}


class TestTrail:
    def test_holds_what_changed_and_whose_it_is(self, report):
        give(report, "imm-1", "90", "100")
        give(report, "imm-1", "80", "100")
        first, second = AuditEvent.objects.about(report).filter(action="base_data.saved")
        unit, about = Unit.objects.get(code="imm-1"), {"criterion": of(report).pk, "unit": "imm-1"}
        assert (first.unit_id, second.actor_name) == (unit.pk, "collector of imm-1")
        assert first.after == about | {
            "data-A": "90", "data-B": "100", "state": "reported", "figure": "90.0000", "score": "5.0000"
        }
        assert second.before == about | {"data-A": "90", "figure": "90.0000", "score": "5.0000"}
        assert second.after == about | {"data-A": "80", "figure": "80.0000", "score": "3.0000"}

    def test_saving_the_same_again_changes_nothing(self, report):
        give(report, "imm-1", "90", "100")
        before = AuditEvent.objects.count(), Result.objects.get(pk=report.pk).version
        give(report, "imm-1", "90", "100")
        assert (AuditEvent.objects.count(), Result.objects.get(pk=report.pk).version) == before

    def test_every_change_is_a_new_version_of_the_result(self, report):
        give(report, "imm-1", "90", "100")
        give(report, "imm-2", "9", "10")
        assert Result.objects.get(pk=report.pk).version == 2


class TestTwoPeopleOfOneUnit:
    EMPTY = {"values": {"A": None, "B": None}}

    def test_the_later_one_is_told_and_nothing_is_overwritten(self, report):
        give(report, "imm-1", "90", "100", was=self.EMPTY)
        with pytest.raises(ChangedMeanwhile) as clash:
            give(report, "imm-1", "80", "100", was=self.EMPTY)
        assert clash.value.fields == ["data-A"] and clash.value.stored.values["A"] == 90
        assert state(report, "imm-1").values == {"A": 90, "B": 100}

    def test_what_the_later_one_left_alone_stays_as_the_other_saved_it(self, report):
        give(report, "imm-1", "90", was=self.EMPTY)
        give(report, "imm-1", None, "100", was=self.EMPTY)
        assert state(report, "imm-1").values == {"A": 90, "B": 100}

    def test_numbers_typed_while_the_lead_unit_states_silence_are_told_that_they_would_not_count(self, report):
        give(report, "imm-1", reason="no answer", by=person(LEAD), was=self.EMPTY)
        with pytest.raises(ChangedMeanwhile) as clash:
            give(report, "imm-1", "90", "100", was=self.EMPTY)
        assert clash.value.fields == ["not_reported"] and state(report, "imm-1").values["A"] is None
        give(report, "imm-1", "90", "100", was=self.EMPTY | {"not_reported": True, "reason": "no answer"})
        assert state(report, "imm-1").counts

    def test_silence_stated_while_a_colleague_types_numbers_is_told_of_them(self, report):
        give(report, "imm-1", "90", "100", was=self.EMPTY)
        with pytest.raises(ChangedMeanwhile) as clash:
            give(report, "imm-1", reason="no data", was=self.EMPTY)
        assert clash.value.fields == ["data-A", "data-B"] and state(report, "imm-1").counts


def test_a_rounds_data_are_not_copied_into_the_next(seeds, db):
    """Each round's base data cover the year so far: the units report anew."""
    from tests.operating import members, reporting

    members(LEAD, *UNITS)
    agreement = opened(reporting(), unit="immigration", rounds=[{"months": 6}, {"months": 12}])
    half, whole = (
        Result.objects.select_related("indicator__agreement", "round", "unit").get(
            indicator__agreement=agreement, round__months=months
        )
        for months in (6, 12)
    )
    save(half, person(LEAD), level={"value": Decimal(3)})
    give(half, "imm-1", "90", "100")
    copy_from_earlier(whole, by=person(LEAD))
    assert (figure(whole), sheets(whole)["level"].row.score) == (("open", None, None), 3)
    give(whole, "imm-1", "10", "100")
    assert (figure(half)[1], figure(whole)[1]) == ("90.0000", "10.0000")
