"""The planner of an agreement: known figures of the seeds, whose results count, what is hidden."""
import re
from decimal import Decimal

import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from indicators.models import Agreement, Indicator, RoundWeight, Variable
from kpiportal.accounts.models import Membership, Unit
from kpiportal.accounts.roles import Role
from kpiportal.accounts.services import grant
from scoring.models import BaseDatum, CriterionResult, Result
from scoring.queries import load_sheet, load_summary
from scoring.queries.planner import AgreementPlan, best_steps, load_plan
from tests.cast import agreement, assign, browser_of, person, result
from tests.definitions import COMPLETE_COUNT, FORMULA, ITEMS, MILESTONES, THRESHOLDS, criterion, indicator, opened
from tests.scoring.test_entry import save

pytestmark = pytest.mark.usefixtures("seeds", "db")
D = Decimal
FOUR_PLACES = re.compile(r"\d\.\d{4}\b")


def sentences(plan: AgreementPlan, number: str = "") -> list[str]:
    return [a.gain.sentence.en for a in plan.advice if number in ("", a.indicator.number, a.criterion.number)]


def page(who: str, of: Agreement, **query) -> str:
    response = browser_of(person(who)).get(reverse("planner", args=[of.pk]), query)
    assert response.status_code == 200
    return response.content.decode()


class TestSeeds:
    def test_004_indicator_2_2_needs_85(self):
        plan = load_plan(agreement("ega-2557"), user=person("collector2"))
        summary = load_summary(agreement("ega-2557"), user=person("collector2"))
        assert plan.standing.score == summary.score == D("4.7740")
        assert sentences(plan, "2.2") == [
            "Reach a result of at least 90 (5.6 more): SM 3.8800 → 5.0000, indicator +1.1200, agreement +0.0560",
            "Reach a result of at least 85 (0.6 more): SM 3.8800 → 4.0000, indicator +0.1200, agreement +0.0060",
        ]
        gained = [advice.gain.agreement.difference for advice in plan.advice]
        assert gained == sorted(gained, reverse=True) == [D(n) for n in ("0.1", "0.056", "0.05", "0.02", "0.006")]

    def test_002_is_an_excerpt_and_shows_the_indicators_gain_only(self):
        plan = load_plan(agreement("moi-2559"), user=person("collector"))
        assert plan.standing.score is None and all(advice.gain.agreement is None for advice in plan.advice)
        assert "Complete item 3: SM 3.0000 → 5.0000, indicator +0.4000" in sentences(plan, "3")
        assert sentences(plan, "6") == [
            "Do 1 more with complete evidence: SM 4.0000 → 5.0000, indicator +0.1000"]
        shown = page("collector", agreement("moi-2559"))
        assert "+0.4000" in shown and "data-head" in shown and f"/results/{result('moi-2559').pk}/#c" in shown

    def test_002_each_gain_comes_about_when_the_step_is_saved(self, collector):
        """Item 3 of issue 3: what is promised is what the summary says afterwards."""
        report = result("moi-2559")
        sheet = next(one for one in load_sheet(report).criteria if one.criterion.number == "3")
        done = frozenset(item.code for item in sheet.criterion.items.all())
        save(report, collector, **{sheet.criterion.name: {"done": done}})
        (line,) = load_summary(agreement("moi-2559"), user=collector).indicators
        assert line.score == D("3.5000")

    def test_the_best_steps_of_a_loaded_sheet_take_no_query(self):
        sheet = load_sheet(result("moi-2559"))
        with CaptureQueriesContext(connection) as queries:
            found = best_steps(sheet)
        assert len(queries) == 0
        assert [(a.criterion.number, a.gain.indicator.text) for a in found] == [
            ("7", "+0.8000"), ("7", "+0.6000"), ("3", "+0.4000")]
        whole = [a.gain.sentence for a in load_plan(agreement("moi-2559"), user=person("collector")).advice]
        assert [a.gain.sentence for a in best_steps(sheet, 99)] == whole
        sheet.result.state = "certified"
        assert best_steps(sheet) == []

    def test_long_names_of_items_without_a_number_are_told_apart(self):
        plan = load_plan(agreement("moi-2559"), user=person("collector"))
        first, second = sentences(plan, "1")
        assert "ระดับที่ 3”, “" in first and "ระดับที่ 4”" in first and "ระดับที่ 4”" not in second

    def test_a_draft_definition_has_nothing_to_plan(self):
        assert load_plan(agreement("imm-2559"), user=person("office")).advice == []
        assert 'class="empty"' in page("office", agreement("imm-2559"))


def trial(**head) -> Agreement:
    kinds = [
        criterion("ticks", "20", MILESTONES, ITEMS), criterion("evidence", "20", COMPLETE_COUNT, ITEMS),
        criterion("figure", "10", THRESHOLDS), criterion("formula", "10", FORMULA),
    ]
    return opened(indicator("60", *kinds, key="a"), indicator("40", key="b"), **head)


def report(of: Agreement, number: str = "a") -> Result:
    return Result.objects.get(indicator__agreement=of, indicator__number=number)


def hand_over(of: Agreement, number: str, unit: str) -> Result:
    """Make another unit the lead of an indicator and its report."""
    other = Unit.objects.get(code=unit)
    Indicator.objects.filter(agreement=of, number=number).update(lead_unit=other)
    Result.objects.filter(indicator__agreement=of, indicator__number=number).update(unit=other)
    return report(of, number)


class TestWhatCounts:
    def test_open_parts_count_at_the_floor_so_that_reporting_is_no_loss(self, collector):
        made = trial()
        save(report(made, "b"), collector, **{"indicator b": {"value": D(4)}})
        assert load_summary(made, user=collector).score == 4
        plan = load_plan(made, user=collector)
        assert plan.standing.score == D("2.2000")
        figure = "Reach a result of at least 75: SM 1.0000 → 2.0000, indicator +0.1667, agreement +0.1000"
        assert figure in sentences(plan)
        assert all(advice.gain.agreement.difference > 0 for advice in plan.advice)

    def test_every_step_of_every_kind_gives_what_it_promises(self, collector):
        made = trial()
        save(report(made), collector, ticks={"done": frozenset("a")}, figure={"value": D(82)},
             evidence={"done": frozenset("ab"), "complete": frozenset("a")},
             formula={"data": {"A": D(42), "B": D(50)}})
        plan = load_plan(made, user=collector)
        promised = {advice.gain.step.do.en: advice.gain for advice in plan.advice}
        save(report(made), collector, evidence={"done": frozenset("ab"), "complete": frozenset("ab")})
        after = load_plan(made, user=collector)
        gain = promised["Complete the evidence of item 2"]
        assert after.standing.score == gain.agreement.after > gain.agreement.before == plan.standing.score
        before = after.standing.score
        save(report(made), collector, formula={"data": {"A": D(85), "B": D(100)}})
        gain = next(a.gain for a in after.advice if a.gain.step.do.en == "Reach A / B * 100 of at least 85")
        assert load_plan(made, user=collector).standing.score == gain.agreement.after > before
        assert gain.step.notes[0].en.startswith("For example A of at least 43")

    def test_another_units_base_data_stay_apart(self, collector):
        made = trial()
        save(report(made), collector, formula={"data": {"A": D(42), "B": D(50)}})
        for variable in Variable.objects.filter(criterion__indicator__agreement=made):
            other = Unit.objects.get(code="ega")
            BaseDatum.objects.create(variable=variable, round=made.rounds.get(), unit=other, value=100)
        plan = load_plan(made, user=collector)
        notes = [a.gain.step.notes[0].en for a in plan.advice if a.criterion.name == "formula"]
        assert notes[-1].startswith("For example A of at least 43")

    def test_drafts_of_others_count_from_their_submission_on(self, office, collector):
        """An office over both units reads the draft, but it isn't its own."""
        made = trial()
        save(report(made, "b"), collector, **{"indicator b": {"value": D(4)}})
        below = Unit.objects.get(code="rtp-finance")
        hand_over(made, "b", "rtp-finance")
        top = Unit.objects.get(code="rtp")
        Agreement.objects.filter(pk=made.pk).update(unit=top)
        Membership.objects.filter(user=office).delete()
        grant(user=office, unit=top, role=Role.OFFICE, by=None)
        made = Agreement.objects.get(pk=made.pk)
        plan = load_plan(made, user=person("office"))
        assert load_summary(made, user=person("office")).indicators[1].score == 4
        assert plan.standing.score == 1 and plan.standing.waiting == 2 and sentences(plan, "b") == []
        assert FOUR_PLACES.findall(page("office", made)) == ["1.0000"]
        Result.objects.filter(indicator__number="b", unit=below).update(
            state="submitted", submitted_at="2026-01-01T00:00Z", submitted_by=collector)
        plan = load_plan(made, user=person("office"))
        assert plan.standing.score == D("2.2000") and plan.standing.waiting == 1
        assert sentences(plan, "b") == ["Reach level 5: SM 4.0000 → 5.0000, indicator +1.0000, agreement +0.4000"]
        Result.objects.filter(indicator__number="b", unit=below).update(
            state="returned", decided_at="2026-01-01T00:00Z", decided_by=collector, return_reason="mend it")
        assert load_plan(made, user=person("office")).standing.score == 1

    def test_an_assigned_draft_is_the_persons_own(self, office, collector):
        made = trial()
        save(report(made, "b"), collector, **{"indicator b": {"value": D(4)}})
        top = Unit.objects.create(code="above", name="above", kind="ministry", path="/above/")
        Unit.objects.filter(code="moi").update(path="/above/moi/", parent=top)
        Membership.objects.filter(user=office).delete()
        grant(user=office, unit=top, role=Role.OFFICE, by=None)
        assert load_plan(made, user=person("office")).standing.score == 1
        assign("office", report(made, "b"))
        assert load_plan(made, user=person("office")).standing.score == D("2.2000")

    def test_certified_results_have_no_steps_any_more(self, office):
        Result.objects.filter(pk=result("ega-2557", number="2.2").pk).update(
            state="certified", certified_at=timezone.now(), certified_by=office
        )
        plan = load_plan(agreement("ega-2557"), user=office)
        assert plan.standing.score == D("4.7740") and sentences(plan, "2.2") == []

    def test_what_is_not_applicable_leaves_both_sums(self, collector):
        made = trial()
        rows = CriterionResult.objects.filter(criterion__indicator=report(made).indicator)
        rows.exclude(criterion__name="figure").update(status="not_applicable")
        plan = load_plan(made, user=collector)
        assert sentences(plan, "a")[0] == (
            "Reach a result of at least 90: SM 1.0000 → 5.0000, indicator +4.0000, agreement +2.4000")
        rows.update(status="not_applicable")
        plan = load_plan(made, user=collector)
        assert sentences(plan) == [
            "Reach level 5: SM 1.0000 → 5.0000, indicator +4.0000, agreement +4.0000",
            "Reach level 2: SM 1.0000 → 2.0000, indicator +1.0000, agreement +1.0000"]

    def test_a_rounds_own_weights_count(self, collector):
        made = trial()
        for number, weight in (("a", 10), ("b", 90)):
            RoundWeight.objects.create(
                indicator=made.indicators.get(number=number), round=made.rounds.get(), weight=weight)
        assert sentences(load_plan(made, user=collector), "b")[0].endswith("indicator +4.0000, agreement +3.6000")

    def test_sub_indicators_climb_two_heights(self, collector):
        parts = [indicator("30", key="a1", parent="a"), indicator("30", key="a2", parent="a")]
        whole = {name: value for name, value in indicator("60", key="a").items() if name != "rubric"}
        made = opened(whole | {"criteria": []}, *parts, indicator("40", key="b"))
        found = sentences(load_plan(made, user=collector), "a1")
        assert found[0] == "Reach level 5: SM 1.0000 → 5.0000, indicator +4.0000, agreement +1.2000"


class TestHidden:
    OWN = "agency-001-collector-1"

    @pytest.mark.parametrize("language", ["th", "en"])
    def test_no_score_and_no_gain_only_what_is_missing(self, language):
        report = result("ict-2550")
        CriterionResult.objects.filter(mark__result=report, criterion__order=1).update(status="open", score=None)
        browser = browser_of(person(self.OWN))
        browser.cookies["django_language"] = language
        plan = load_plan(report.indicator.agreement, user=person(self.OWN))
        assert plan.advice == [] and len(plan.lacks) == 1
        for name, pk in (("planner", report.indicator.agreement_id), ("what_if", report.pk)):
            shown = browser.get(reverse(name, args=[pk])).content.decode()
            assert FOUR_PLACES.findall(shown) == [] and " → " not in shown and "notice" in shown

    def test_those_over_it_see_gains(self):
        report = result("ict-2550")
        CriterionResult.objects.filter(mark__result=report, criterion__order=3).update(value=4, score=4)
        plan = load_plan(report.indicator.agreement, user=person("office"))
        assert not plan.hidden and sentences(plan)[0].startswith("Reach level 5: SM 4.0000 → 5.0000, indicator +0.")
        assert FOUR_PLACES.findall(page("office", report.indicator.agreement))


class TestPage:
    def test_filters_by_indicator_and_refuses_what_is_no_number(self):
        of = agreement("ega-2557")
        pk = result("ega-2557", number="2.2").indicator_id
        shown = page("collector2", of, indicator=pk, round=12)
        assert shown.count('class="step-try"') == 2 and f'value="{pk}" selected' in shown
        browser = browser_of(person("collector2"))
        for query in ({"round": "7"}, {"round": "x"}, {"indicator": "x"}, {"indicator": "٣"}):
            assert browser.get(reverse("planner", args=[of.pk]), query).status_code == 404

    def test_both_other_pages_lead_there(self):
        browser = browser_of(person("collector2"))
        of, report = agreement("ega-2557"), result("ega-2557", number="2.2")
        summary = browser.get(reverse("agreement", args=[of.pk])).content.decode()
        assert f'{reverse("planner", args=[of.pk])}?round=12' in summary
        assert reverse("what_if", args=[report.pk]) in browser.get(reverse("result", args=[report.pk])).content.decode()

    def test_the_fragment_of_the_best_steps(self):
        plan = best_steps(load_sheet(result("moi-2559")))
        shown = render_to_string("scoring/_plan.html", {"plan": plan, "hidden": False})
        assert shown.count("<li>") == 3 and f'href="#c{plan[0].criterion.pk}"' in shown and "+0.8000" in shown
        assert render_to_string("scoring/_plan.html", {"plan": plan, "hidden": True}).strip() == ""
