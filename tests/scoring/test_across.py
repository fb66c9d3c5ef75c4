"""One indicator across units: the table, its outliers, and one form that decides on many, each by itself."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from indicators.models import Agreement, Criterion, Indicator
from kpiportal.accounts.roles import Role
from kpiportal.accounts.services import grant
from kpiportal.audit.models import AuditEvent
from scoring.models import CriterionResult, Marking, Result
from scoring.services import mark_criterion, return_, submit
from tests.cast import browser_of, person
from tests.definitions import THRESHOLDS, criterion, indicator, opened
from tests.operating import UNITS, give, operating_result
from tests.scoring.test_entry import save

VALUES = ("80", "81", "82", "79", "80", "98")


def agreement(code: str, value: str, unit: str = "moi", who: str = "collector") -> Result:
    """The report of an agreement with one indicator, scored by thresholds; handed in."""
    one = indicator("100", criterion("share", "100", THRESHOLDS), lead_unit=unit, collectors=[{"person": who}])
    made = opened(one, code=code, unit=unit)
    report = Result.objects.get(indicator__agreement=made)
    save(report, person(who), share={"value": Decimal(value)})
    return submit(report, by=person(who))


@pytest.fixture
def reports(seeds, db) -> list[Result]:
    """Six agreements with the same indicator; the last one's figure is far from the others'."""
    return [agreement(f"t{n}", value) for n, value in enumerate(VALUES)]


def visit(who: str, report: Result, **data):
    browser = browser_of(person(who))
    browser.cookies["django_language"] = "en"
    return browser.get(reverse("across_units", args=[report.indicator_id]), data)


def post(who: str, report: Result, ticked: list[Result], **data):
    browser = browser_of(person(who))
    browser.cookies["django_language"] = "en"
    versions = {f"v{one.pk}": one.version for one in ticked}
    keys = {"result": [one.pk for one in ticked], "round": 12}
    return browser.post(reverse("across_decide", args=[report.indicator_id]), keys | versions | data, follow=True)


def states(reports: list[Result]) -> list[str]:
    return [Result.objects.get(pk=one.pk).state for one in reports]


def approvals(report: Result) -> int:
    return AuditEvent.objects.about(report).filter(action="result.approve").count()


class TestTable:
    def test_has_each_unit_with_its_figures_and_says_who_is_far(self, reports):
        response = visit("supervisor", reports[0])
        lines = response.context["lines"]
        assert [(line.value, line.level) for line in lines] == [
            ("80", "3"), ("81", "3"), ("82", "3"), ("79", "2"), ("80", "3"), ("98", "5"),
        ]
        assert [line.row.is_outlier for line in lines] == [False] * 5 + [True]
        assert response.context["apart"] == {"median": "80.5", "limit": "4.4478", "by_value": True}
        assert response.content.decode().count("⚑") == 1

    def test_of_fewer_than_five_none_is_far(self, seeds, db):
        report = agreement("t0", "10")
        page = visit("supervisor", report)
        assert page.context["apart"] is None and "Of fewer than five" in page.content.decode()

    def test_others_units_are_in_nobodys_table(self, reports):
        foreign = agreement("t9", "77", unit="ega", who="collector2")
        seen = {line.result.pk for line in visit("collector", reports[0]).context["lines"]}
        assert seen == {one.pk for one in reports}
        assert foreign.pk in {line.result.pk for line in visit("supervisor", reports[0]).context["lines"]}
        assert visit("collector", foreign).status_code == 404

    def test_hidden_scores_stay_hidden(self, reports):
        Agreement.objects.filter(pk=reports[0].indicator.agreement_id).update(hide_scores=True)
        line = visit("collector", reports[0]).context["lines"][0]
        assert (line.row.hidden, line.score, line.level) == (True, "–", "–")

    @pytest.mark.parametrize(("who", "may"), [("supervisor", True), ("auditor", False), ("collector", False)])
    def test_only_who_reviews_decides_and_is_led_to_the_review(self, reports, who, may):
        context = visit(who, reports[0]).context
        assert {line.reviews for line in context["lines"]} == {context["decides"]} == {may}

    def test_another_indicator_of_the_year_is_not_in_it(self, reports):
        other = agreement("t8", "50")
        Indicator.objects.filter(pk=other.indicator_id).update(name="another")
        assert other.pk not in {line.result.pk for line in visit("office", reports[0]).context["lines"]}

    @pytest.mark.parametrize(("months", "status"), [("12", 200), ("6", 404), ("x", 404), ("012", 404), ("99999", 404)])
    def test_of_a_round_that_there_is(self, reports, months, status):
        assert visit("supervisor", reports[0], round=months).status_code == status

    def test_takes_the_same_queries_for_one_unit_and_for_six(self, seeds, db):
        counts = []
        for n, value in enumerate(VALUES):
            report = agreement(f"t{n}", value)
            visit("supervisor", report)
            with CaptureQueriesContext(connection) as captured:
                assert len(visit("supervisor", report).context["lines"]) == n + 1
            counts.append(len(captured) - len([one for one in captured if "django_session" in one["sql"]]))
        assert len(set(counts)) == 1

    def test_base_data_of_the_units_below(self, seeds, db):
        report = operating_result()
        for unit, served in zip(UNITS, ("90", "91", "92"), strict=True):
            give(report, unit, served, "100")
        behind = visit("supervisor", report).context["behind"][0]
        assert (behind.apart, behind.far, len(behind.table.rows)) == (None, [], 3)
        Agreement.objects.filter(pk=report.indicator.agreement_id).update(hide_scores=True)
        grant(user=person("stranger"), unit=report.unit, role=Role.COLLECTOR, by=None)
        assert visit("supervisor", report).context["behind"] and not visit("stranger", report).context["behind"]


class TestManyAtOnce:
    def test_one_decision_and_one_entry_each(self, reports):
        response = post("supervisor", reports[0], reports[:3], decision="approve")
        assert response.redirect_chain[-1][0].endswith("?round=12")
        assert states(reports) == ["approved"] * 3 + ["submitted"] * 3
        assert [approvals(one) for one in reports] == [1, 1, 1, 0, 0, 0]

    def test_refusals_are_said_row_by_row_and_the_others_stand(self, reports):
        reports[1].makers.add(person("supervisor"))
        stale = reports[2]
        stale.version -= 1
        page = post("supervisor", reports[0], reports[:3], decision="approve").content.decode()
        assert states(reports[:3]) == ["approved", "submitted", "submitted"]
        assert "1 of 3 results decided" in page and page.count("notice-error") == 2

    def test_a_mark_that_is_not_settled_is_said_in_its_row(self, reports):
        marked = mark_criterion(
            reports[0], reports[0].indicator.criteria.get(), score=Decimal(2), reason="twice", by=person("supervisor")
        )
        returned = return_(marked, reason="mend", by=person("supervisor"))
        save(returned, person("collector"), share={"value": Decimal(88)})
        ticked = [submit(returned, by=person("collector")), reports[1]]
        page = post("supervisor", reports[0], ticked, decision="approve").content.decode()
        assert states(ticked) == ["submitted", "approved"]
        assert "1 of 2 results decided" in page and "the collectors changed this after you marked it" in page

    def test_a_criterion_that_one_of_them_lacks_is_said_in_its_row(self, reports):
        first, other = (one.indicator.criteria.get() for one in reports[:2])
        more = Criterion.objects.create(indicator=reports[0].indicator, order=8, name="one more", weight=1)
        CriterionResult.objects.create(mark=reports[0].marks.get(), criterion=more)
        Criterion.objects.filter(pk=other.pk).update(name="another")
        for one in (first, other):
            Agreement.objects.filter(indicators__criteria=one).update(definition_stamp=f"new{one.pk}")
        data = {"decision": "mark", "score": "2.5", "reason": "r"}
        assert post("supervisor", reports[0], reports[:2], criterion=other.pk, **data).status_code == 404
        page = post("supervisor", reports[0], reports[:2], criterion=first.pk, **data).content.decode()
        assert [one.row.mark.result_id for one in Marking.objects.all()] == [reports[0].pk]
        assert "1 of 2 results decided" in page and "isn&#x27;t one of the indicator&#x27;s" in page

    def test_marks_with_a_reason(self, reports):
        data = {"decision": "mark", "score": "2.5", "reason": "counted twice"}
        chosen = reports[0].indicator.criteria.get().pk
        post("supervisor", reports[0], reports[4:], criterion=chosen, **data)
        found = Marking.objects.values_list("row__mark__result", "row__score", "reason")
        assert sorted(found) == [(one.pk, Decimal("2.5"), "counted twice") for one in reports[4:]]

    @pytest.mark.parametrize(
        "data", [{"score": "x", "reason": "r"}, {"score": "2", "reason": ""}, {"score": "9", "reason": "r"}]
    )
    def test_what_is_refused_of_all_is_shown_again(self, reports, data):
        response = post("supervisor", reports[0], reports[:2], decision="mark", **data)
        page = response.content.decode()
        assert response.status_code == 422 and not Marking.objects.exists()
        assert f'name="score" value="{data["score"]}"' in page and page.count("checked") == 2

    def test_refused_leads_to_the_other_language_of_the_table(self, reports):
        page = browser_of(person("supervisor")).post(
            reverse("across_decide", args=[reports[0].indicator_id]), {"round": "12"}
        )
        table = f"{reverse('across_units', args=[reports[0].indicator_id])}?round=12"
        assert page.status_code == 422 and f'name="next" value="{table}"' in page.content.decode()

    def test_nothing_ticked(self, reports):
        assert post("supervisor", reports[0], [], decision="approve").status_code == 422

    @pytest.mark.parametrize("who", ["collector", "colleague", "office", "auditor"])
    def test_nobody_else_decides(self, reports, who):
        before = AuditEvent.objects.count()
        assert post(who, reports[0], reports, decision="approve").status_code == 422
        assert set(states(reports)) == {"submitted"} and AuditEvent.objects.count() == before

    def test_results_of_another_indicator_stay_as_they_are(self, reports, hidden_result):
        assert post("supervisor", reports[0], [hidden_result], decision="approve").status_code == 422
        assert states([hidden_result]) == ["submitted"]

    def test_a_doubled_form_decides_once(self, reports):
        for _ in range(2):
            post("supervisor", reports[0], reports[:2], decision="approve", once="t" * 22)
        assert [approvals(one) for one in reports[:3]] == [1, 1, 0]
