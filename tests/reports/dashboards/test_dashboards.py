"""The dashboards: numbers that stand behind the links, and nothing that a reader may not see."""
import datetime
import re
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from indicators.models import Agreement, Indicator, Round
from reports.dashboards.executive import load_executive
from reports.dashboards.office import load_office
from reports.papers import PAPERS, Asked
from scoring.models import Result
from scoring.queries.queue import queue_of
from scoring.queries.standing import load_standing
from scoring.services import close_round, mark_criterion, submit
from tests.cast import PEOPLE, agreement, browser_of, person, result
from tests.certified import of, two_indicators
from tests.definitions import indicator, opened
from tests.operating import operating_result
from tests.reports.charts.making import agreement_of, led_below, put

pytestmark = pytest.mark.usefixtures("seeds", "db")
LINK = re.compile(r'<main.*</main>', re.DOTALL)


def get(who: str, path: str):
    return browser_of(person(who)).get(path)


def links(page) -> set[str]:
    main = LINK.search(page.content.decode())[0]
    return {each.replace("&amp;", "&") for each in re.findall(r'href="(/[^"]*)"', main)}


def executive(trial: Agreement, months: int | None = None, who: str = "office"):
    whole = Agreement.objects.select_related("unit", "fiscal_year").get(pk=trial.pk)
    with translation.override("en"):
        return load_executive(whole, months, user=person(who))


@pytest.fixture
def two_rounds() -> Agreement:
    """Two rounds: over 6 months all but d scored, over 12 months b and d open, a risen and c fallen."""
    trial = agreement_of({"a": "40", "b": "30", "c": "20", "d": "10"}, months=(6, 12))
    put(trial, {"a": "2", "b": "4", "c": "5"}, 6)
    put(trial, {"a": "3", "c": "4.5"}, 12)
    return trial


class TestExecutive:
    def test_score_so_far_and_expected(self, two_rounds):
        found = executive(two_rounds).outlook
        # so far (40 × 3 + 20 × 4.5) / 60; expected (120 + 90 + 30 × 4 + 10 × 1) / 100
        assert (found.so_far, found.open_weight, found.expected) == ("3.5000", "40", "3.4000")
        assert (found.least, found.most, found.from_before, found.at_lowest) == ("2.5000", "4.1000", 1, 1)

    def test_the_least_is_what_the_planner_counts(self, two_rounds):
        planned = load_standing(two_rounds, user=None).score
        assert executive(two_rounds).outlook.least == str(planned)

    def test_risks_are_in_the_order_of_the_points_at_stake(self, two_rounds):
        found = executive(two_rounds).risks
        # b 30 × 4, a 40 × 2, d 10 × 4, c 20 × 0.5, each / 100
        assert [(risk.name[0], risk.stake, risk.is_open) for risk in found] == [
            ("b", "1.2000", True), ("a", "0.8000", False), ("d", "0.4000", True), ("c", "0.1000", False)
        ]
        assert not any(risk.is_late for risk in found)

    def test_what_is_late_is_said_even_where_no_point_is_at_stake(self, two_rounds):
        put(two_rounds, {"a": "5", "b": "5", "c": "5", "d": "5"}, 12)
        assert executive(two_rounds).risks == ()
        Round.objects.filter(agreement=two_rounds).update(due_on=timezone.localdate() - datetime.timedelta(days=1))
        assert [(risk.stake, risk.is_late) for risk in executive(two_rounds).risks] == [("0.0000", True)] * 4

    def test_what_moved_is_told_by_weight(self, two_rounds):
        found = executive(two_rounds)
        assert [(move.name[0], move.before, move.now, move.difference, move.rises) for move in found.moved] == [
            ("a", "2.0000", "3.0000", "+1.0000", True), ("c", "5.0000", "4.5000", "−0.5000", False)
        ]
        assert (found.same, found.before) == (0, "6 months of 2026")

    def test_the_first_round_is_compared_with_the_last_of_the_year_before(self):
        old = agreement_of({"a": "100"}, months=(6, 12), year=2568, code="trial-2568")
        put(old, {"a": "1"}, 6)
        put(old, {"a": "2"}, 12)
        new = agreement_of({"a": "100"}, months=(6,))
        put(new, {"a": "2"}, 6)
        found = executive(new)
        assert (found.before, found.moved, found.same) == ("12 months of 2025", (), 1)

    def test_what_was_renumbered_is_still_the_same_indicator(self):
        """As it is on the papers: by number and name, else by a name that nobody else has."""
        old = agreement_of({"1": "60", "2": "40"}, year=2568, code="trial-2568")
        put(old, {"1": "2", "2": "3"})
        new = agreement_of({"๑": "60", "7": "40"})
        for trial in (old, new):
            for order, one in enumerate(trial.indicators.order_by("order")):
                Indicator.objects.filter(pk=one.pk).update(name=f"name {order}")
        put(new, {"๑": "4"})
        found = executive(new)
        assert [(move.before, move.now) for move in found.moved] == [("2.0000", "4.0000")]
        assert (found.outlook.expected, found.outlook.from_before) == ("3.6000", 1)  # (60 × 4 + 40 × 3) / 100
        with translation.override("en"):
            paper = PAPERS["charts"].build(Asked(new, person("office")))
        assert [row.scores for row in paper.trends] == [("2.0000", "4.0000"), ("3.0000", "no score")]

    def test_of_a_closed_round_is_what_was_sealed(self, two_rounds):
        close_round(two_rounds.rounds.get(months=6), reason="over", by=person("office"))
        put(two_rounds, {"a": "5"}, 6)
        assert executive(two_rounds, 6).outlook.so_far == "3.3333"  # (80 + 120 + 100) / 90
        assert executive(two_rounds).moved[0].before == "2.0000"

    def test_an_excerpt_has_no_score_of_its_own(self):
        found = executive(agreement("moi-2559"))
        assert found.outlook is None and found.risks[0].name

    def test_dimensions_are_the_summarys(self):
        rows = executive(agreement("ega-2557")).groups.rows
        assert [(row.name[:9], row.score) for row in rows if row.depth == 0] == [
            ("มิติที่ 1", "4.8333"), ("มิติที่ 2", "4.4400"), ("มิติที่ 3", "5.0000"), ("มิติที่ 4", "4.5333")
        ]

    def test_tiles_lead_to_what_stands_behind_them(self, two_rounds):
        page = get("office", f"{reverse('dashboard')}?agreement={two_rounds.pk}")
        pk, a = two_rounds.pk, of_months(two_rounds, "a", 12)
        wanted = {
            f"/agreements/{pk}/?round=12", f"/agreements/{pk}/planner/?round=12",
            f"/agreements/{pk}/planner/?round=12&indicator={a.indicator_id}", f"/results/{a.pk}/",
            f"/agreements/{pk}/papers/charts/?round=12",
        }
        found = links(page)
        assert wanted <= found
        visitor = browser_of(person("office"))
        assert {visitor.get(path).status_code for path in found} == {200}

    @pytest.mark.parametrize("query", ["agreement=999999", "agreement=x", "round=9", "agreement=12345678901"])
    def test_what_there_is_not_is_not_found(self, query):
        assert get("collector2", f"{reverse('dashboard')}?{query}").status_code == 404

    def test_another_agencys_agreement_is_not_found(self):
        path = f"{reverse('dashboard')}?agreement={agreement('moi-2559').pk}"
        assert (get("collector2", path).status_code, get("collector", path).status_code) == (404, 200)

    def test_says_what_comes_next_where_no_round_has_begun(self):
        page = get("stranger", reverse("dashboard"))
        assert page.status_code == 200 and 'class="empty"' in page.content.decode()

    def test_an_administrator_reads_no_results(self):
        for name in ("dashboard", "office_dashboard"):
            assert get("admin", reverse(name)).status_code == 404
            assert Client().get(reverse(name)).status_code == 302


def of_months(trial: Agreement, number: str, months: int) -> Result:
    return Result.objects.get(indicator__agreement=trial, indicator__number=number, round__months=months)


class TestHidden:
    def test_nothing_of_a_hidden_score_is_told(self, hidden_result):
        trial = hidden_result.indicator.agreement
        found = executive(trial, who="agency-001-collector-1")
        assert found.outlook is None and found.moved == ()
        assert {risk.stake for risk in found.risks} <= {""}
        assert {bar.length for bar in found.groups.rows} <= {None}
        page = get("agency-001-collector-1", f"{reverse('dashboard')}?agreement={trial.pk}").content.decode()
        main = LINK.search(page)[0]
        assert re.findall(r">\s*\d\.\d{4}\s*<", main) == []

    def test_a_whole_agreement_that_hides_them_has_no_total_and_no_order_by_score(self, two_rounds):
        Agreement.objects.filter(pk=two_rounds.pk).update(hide_scores=True)
        Round.objects.filter(agreement=two_rounds).update(due_on=timezone.localdate() - datetime.timedelta(days=1))
        found = executive(two_rounds, who="collector")
        assert (found.outlook, found.moved, found.same) == (None, (), 0)
        # All are late; by weight, not by what is at stake, which would tell scores.
        assert [(risk.name[0], risk.stake, risk.is_open) for risk in found.risks] == [
            (name, "", False) for name in "abcd"
        ]
        assert executive(two_rounds, who="office").outlook.so_far == "3.5000"

    def test_a_unit_that_leads_one_indicator_sees_that_one_alone(self):
        trial = led_below({"a": "5", "b": "2"})
        found = executive(trial, who="stranger")
        assert (found.outlook.so_far, found.outlook.open_weight) == ("2.0000", "60")
        assert [row.count for row in found.levels.columns] == ["0", "1", "0", "0", "0", "1"]
        assert load_office(person("stranger")).reports == 1
        # Whether a is late, what it may cost and what is to be expected of the whole, the unit can't know.
        Round.objects.filter(agreement=trial).update(due_on=timezone.localdate() - datetime.timedelta(days=1))
        found = executive(trial, who="stranger")
        assert [(risk.name[0], risk.stake) for risk in found.risks] == [("b", "1.2000")]
        assert (found.unseen, found.outlook.expected, found.outlook.most) == (1, "", "")
        visitor = browser_of(person("stranger"))
        visitor.cookies["django_language"] = "en"
        page = visitor.get(f"{reverse('dashboard')}?agreement={trial.pk}").content.decode()
        assert "on 1 indicator: it is left out" in page
        assert executive(trial).unseen == 0

    def test_nor_is_it_compared_with_a_year_of_which_it_may_read_nothing(self):
        old = agreement_of({"b": "100"}, year=2568, code="trial-2568")
        put(old, {"b": "4"})
        trial = led_below({"a": "5", "b": "2"})
        assert executive(trial, who="office").before == "12 months of 2025"
        assert executive(trial, who="stranger").before == ""


class TestOffice:
    def test_counts_what_the_board_shows(self):
        with translation.override("en"):
            found = load_office(person("office"))
            page = get("office", reverse("board") + "?state=late")
        shown = [cell for table in page.context["tables"] for cell in table.cells]
        assert found.late == len(shown)
        reports = Result.objects.visible_to(person("office")).filter(round__state="open")
        assert found.reports == reports.count() == sum(state.count for state in found.states)
        assert {state.state: state.count for state in found.states} == {
            state: reports.filter(state=state).count() for state in Result.State.values
        }
        assert found.handed_in == reports.filter(state__in=("submitted", "approved", "certified")).count()

    def test_base_data_that_are_late_count_as_they_do_on_the_board(self):
        report = operating_result()
        Round.objects.filter(pk=report.round_id).update(due_on=timezone.localdate() - datetime.timedelta(days=1))
        shown = get("office", reverse("board") + "?state=late").context["tables"]
        late = [cell for table in shown for cell in table.cells]
        assert sum(cell.is_data for cell in late) == 3 and load_office(person("office")).late == len(late)

    def test_bars_are_parts_of_all(self):
        found = load_office(person("office"))
        for state in found.states:
            exact = Decimal(240) * state.count / found.reports
            assert abs(state.length - exact) <= Decimal("0.05")

    def test_tells_how_far_own_and_final_marks_lie_apart(self):
        trial = agreement_of({"a": "60", "b": "40"})
        for number, level, final in (("a", "4", "3"), ("b", "2", "4.5")):
            put(trial, {number: level})
            report = of(trial, number)
            submit(report, by=person("collector"))
            mark_criterion(
                report, report.indicator.criteria.get(), score=Decimal(final), reason="r", by=person("supervisor")
            )
        [row] = [row for row in load_office(person("office")).rounds if row.round.agreement == trial.pk]
        # 4 − 3 = 1 and 2 − 4.5 = −2.5
        assert (row.differ, row.mean, row.most) == (2, "−0.7500", "+1.0000")
        assert row.handed_in == row.reports == 2 and row.length == 240

    def test_counts_what_waits_in_the_queue(self):
        waiting = load_office(person("office")).waiting
        assert waiting == len(queue_of(person("office"))) == 9

    def test_tiles_lead_to_what_stands_behind_them(self):
        two_indicators(a="4")
        found = links(get("office", reverse("office_dashboard")))
        assert {"/board/", "/board/?state=late", "/queue/", "/board/?state=certified"} <= found
        visitor = browser_of(person("office"))
        assert {visitor.get(path).status_code for path in found} == {200}

    def test_says_what_comes_next_where_no_round_is_open(self):
        Round.objects.update(state="planned")
        page = get("office", reverse("office_dashboard"))
        assert page.status_code == 200 and 'class="empty"' in page.content.decode()


@pytest.mark.parametrize("who", [*PEOPLE, "stranger"])
def test_the_navigation_has_it_for_whoever_reads_results(who):
    page = get(who, "/").content.decode()
    assert ('href="/dashboard/"' in page) == (who != "admin")


class TestWhichAgreementComesFirst:
    def test_is_the_newest_whole_one_and_an_excerpt_stays_to_be_chosen(self):
        page = get("office", reverse("dashboard"))
        newest = result("moi-2559").indicator.agreement
        assert page.context["agreement"].code == "ega-2557" and page.context["agreements"][0] == newest
        assert f'value="{newest.pk}"' in page.content.decode()
        assert get("office", f"{reverse('dashboard')}?agreement={newest.pk}").context["agreement"] == newest
        whole = agreement_of({"a": "100"})
        assert get("office", reverse("dashboard")).context["agreement"] == whole

    def test_is_the_newest_excerpt_where_there_is_no_whole_one(self):
        page = get("collector", reverse("dashboard"))
        assert page.context["agreement"].code == "moi-2559" and page.context["agreement"].is_excerpt
