"""Seed 002 with three marks: every reader gives the final mark, by hand 3.1000, 2.7000, 2.8000."""

import re
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from indicators.models import ChecklistItem, Criterion
from reports.cards import build
from scoring.models import CriterionResult, ItemResult, Marking, Result
from scoring.queries import load_printed, load_sheet, load_summary
from scoring.queries.differences import load_differences
from scoring.queries.marks import load_marks
from scoring.queries.planner import load_plan
from scoring.queries.standing import load_standing
from scoring.queries.tasks import tasks_of
from scoring.services import approve, mark_criterion, review_item, submit
from scoring.tree import agreement_tree
from scoring.what_if import tried
from tests.cast import agreement, browser_of, person, result

# Σ(W × SM) of seed 002 is 15.5000 over ΣW 5. Issue 4 (W 0.5) from 5 to 2 takes 1.5: 14.0000 / 5 = 2.8000; issue 6
# (W 0.5) from 4 to 3 takes 0.5 more: 13.5000 / 5 = 2.7000; the office gives issue 4 back one level, 2 to 3, which
# adds 0.5: 14.0000 / 5 = 2.8000.
SELF, BY_SUPERVISOR, BY_OFFICE = "3.1000", "2.7000", "2.8000"
FOURTH, SIXTH = 3, 5
NO_EVIDENCE = "the documents of issue 4 are drafts"


def criterion(report: Result, position: int) -> Criterion:
    return list(Criterion.objects.filter(indicator=report.indicator_id).order_by("order"))[position]


@pytest.fixture
def report(moi_result, collector, supervisor) -> Result:
    """Submitted; the supervisor finds nothing of issue 4 complete, and one item of issue 6 not enough."""
    submit(moi_result, by=collector)
    mark_criterion(moi_result, criterion(moi_result, FOURTH), entry={"complete": frozenset()}, reason=NO_EVIDENCE,
                   by=supervisor)
    sixth = ItemResult.objects.filter(
        criterion_result__mark__result=moi_result, criterion_result__mark__stage="self", complete=True,
        item__criterion=criterion(moi_result, SIXTH),
    ).first()
    item = ChecklistItem.objects.select_related("criterion").get(pk=sixth.item_id)
    review_item(moi_result, item, verdict="insufficient", comment="unsigned", by=supervisor)
    return result("moi-2559")


@pytest.fixture
def three(report, supervisor, office) -> Result:
    """Approved, and the office gives issue 4 a score between."""
    approve(report, by=supervisor)
    mark_criterion(report, criterion(report, FOURTH), score=Decimal(3), reason="two were signed since", by=office)
    return result("moi-2559")


def scores_of(report: Result) -> dict[str, str]:
    """The indicator's score as each reader of it gives it."""
    made = agreement("moi-2559")
    summary = load_summary(made, 12, user=None)
    [task] = [task for task in tasks_of(person("collector")) if task.result.pk == report.pk]
    [line] = [line for line in agreement_tree(made, 12, "en")["lines"] if line["kind"] == "indicator"]
    standing = load_standing(made, 12, user=person("office"))
    [average] = [formula for formula in standing.parts.values()]
    weights = sum(part.weight for part in average)
    return {
        "sheet": str(load_sheet(report, None).average.score),
        "printed": str(load_printed(report).average.score),
        "summary": str(summary.indicators[0].score),
        "home": str(task.score),
        "tree": line["score"],
        "standing": f"{sum(part.weight * part.score for part in average) / weights:.4f}",
    }


class TestEveryReader:
    def test_gives_the_supervisors_mark(self, report):
        found = scores_of(report)
        assert found == dict.fromkeys(found, BY_SUPERVISOR)
        assert str(load_sheet(report).average.score) == SELF

    def test_gives_the_offices_mark(self, three):
        found = scores_of(three)
        assert found == dict.fromkeys(found, BY_OFFICE)
        stages = {stage: str(load_sheet(three, stage).average.score) for stage in ("self", "supervisor", "office")}
        assert stages == {"self": SELF, "supervisor": BY_SUPERVISOR, "office": BY_OFFICE}

    def test_the_working_is_that_of_the_final_mark_and_its_items(self, three):
        sheet = load_sheet(three, None).criteria
        assert [step.en for step in sheet[FOURTH].working()][1:] == ["The reviewer gave the score directly: 3.0000"]
        assert {item.complete for item in load_sheet(three, "supervisor").criteria[FOURTH].items.values()} == {False}
        assert sum(item.complete for item in load_sheet(three).criteria[SIXTH].items.values()) == 2
        assert sum(item.complete for item in sheet[SIXTH].items.values()) == 1
        said, *steps = [step.en for step in sheet[SIXTH].working()]
        assert "unsigned" in said and "3.0000" in " ".join(steps)

    def test_the_command_prints_it(self, three, capsys):
        call_command("score", agreement="moi-2559", json=True)
        printed = capsys.readouterr().out
        assert '"score": "2.8000"' in printed and '"score": "3.1000"' not in printed

    def test_the_planner_counts_it(self, three, office):
        gains = [one.gain for one in load_plan(agreement("moi-2559"), 12, user=office).advice]
        assert gains and {str(gain.indicator.before) for gain in gains} == {BY_OFFICE}

    @pytest.mark.parametrize("page", ["agreement", "planner", "what_if", "card", "result", "home"])
    def test_pages_that_show_it_are_drawn(self, three, office, page):
        args = {"agreement": [three.indicator.agreement_id], "planner": [three.indicator.agreement_id], "home": []}
        response = browser_of(office).get(reverse(page, args=args.get(page, [three.pk])))
        assert response.status_code == 200
        if page in ("agreement", "what_if"):
            assert BY_OFFICE in response.content.decode()


    def test_trying_other_ticks_keeps_the_score_that_a_reviewer_gave(self, three):
        sheet = load_sheet(three, None)
        fourth, sixth = sheet.criteria[FOURTH], sheet.criteria[SIXTH]
        every = frozenset(item.code for item in fourth.criterion.items.all())
        all_of_sixth = frozenset(item.code for item in sixth.criterion.items.all())
        entries = {
            fourth.criterion.pk: {"done": every, "complete": every},
            sixth.criterion.pk: {"done": all_of_sixth, "complete": all_of_sixth},
        }
        trial = tried(sheet, entries, None)
        assert (trial.scores[fourth.criterion.pk], trial.scores[sixth.criterion.pk]) == (3, 5)


class TestCard:
    def test_prints_both_sides_and_the_reasons(self, three):
        card = build(three, user=None)
        assert (card.beside.own_score, card.beside.final_score) == ("๓.๑๐๐๐", "๒.๘๐๐๐")
        assert (card.beside.own_sum, card.average.sum_weighted) == ("๑๕.๕๐๐๐", "๑๔.๐๐๐๐")
        fourth = card.issues[FOURTH]
        assert (fourth.own.score, fourth.own.weighted) == ("๕", "๒.๕๐๐๐")
        assert (fourth.line.score, fourth.line.weighted) == ("๓", "๑.๕๐๐๐")
        # W × S / T of an agreement that adds up to 100: 5 × 3.1 / 100 and 5 × 2.8 / 100.
        assert (card.beside.line.weighted, card.line.weighted) == ("๐.๑๕๕๐", "๐.๑๔๐๐")
        assert [(why.before, why.after) for why in card.beside.reasons] == [("๕", "๒"), ("๒", "๓"), ("๔", "๓")]
        assert "unsigned" in card.beside.reasons[2].reason

    def test_the_page_has_both_scores(self, three, office):
        page = browser_of(office).get(reverse("card", args=[three.pk])).content.decode()
        assert "๓.๑๐๐๐" in page and "๒.๘๐๐๐" in page and NO_EVIDENCE.replace("4", "๔") in page

    def test_an_approved_card_prints_both_sides_though_they_agree(self, moi_result, collector, supervisor):
        submit(moi_result, by=collector)
        assert build(result("moi-2559"), user=None).beside is None
        approve(moi_result, by=supervisor)
        card = build(result("moi-2559"), user=None)
        assert (card.beside.own_score, card.beside.final_score, card.beside.reasons) == ("๓.๑๐๐๐", "๓.๑๐๐๐", [])


class TestMarksSideBySide:
    def test_says_who_marked_what_and_why(self, three):
        marks = load_marks(three)
        fourth = marks[FOURTH]
        assert [str(said.score) for said in fourth.marks.values()] == ["5.0000", "2.0000", "3.0000"]
        assert (fourth.supervisor.reason, fourth.supervisor.complete, fourth.supervisor.given) == (
            NO_EVIDENCE, (), False,
        )
        assert (fourth.office.who, fourth.office.given, fourth.office.submission) == (str(person("office")), True, 1)
        assert (fourth.own.who, len(fourth.own.complete), fourth.difference) == ("", 3, 2)
        assert [one.differs for one in marks] == [False, False, False, True, False, True, False]

    def test_takes_as_many_queries_for_one_mark_as_for_many(self, report, office, supervisor):
        load_marks(report)
        with CaptureQueriesContext(connection) as few:
            load_marks(report)
        approve(report, by=supervisor)
        for position in (0, 1, 2):
            mark_criterion(report, criterion(report, position), score=Decimal("1.5"), reason="r", by=office)
        with CaptureQueriesContext(connection) as many:
            load_marks(report)
        assert len(few) == len(many) <= 2


class TestDifferences:
    def test_say_by_how_much_more_is_claimed(self, three, office):
        found = load_differences(office, agreement=agreement("moi-2559"), months=12)
        [row] = found.rows
        assert {stage: str(score) for stage, score in row.scores.items()} == {
            "self": SELF, "supervisor": BY_SUPERVISOR, "office": BY_OFFICE,
        }
        assert (str(row.claimed), row.weight) == ("0.3000", 5)
        [unit] = found.units
        assert (unit.unit, unit.results, str(unit.claimed), unit.weighted) == (
            three.unit, 1, "0.3000", Decimal("1.5"),
        )

    def test_the_greatest_over_claim_comes_first(self, three, supervisor, office):
        other = result("ega-2557", number="2.2")
        mark = other.marks.create(stage="supervisor")
        criterion_ = other.indicator.criteria.get()
        row = CriterionResult.objects.create(mark=mark, criterion=criterion_, status="reported", score=1)
        Marking.objects.create(row=row, reason="r", submission=1, marked_by=supervisor, marked_at=timezone.now())
        found = load_differences(office)
        assert [one.result.pk for one in found.rows] == [other.pk, three.pk]
        assert str(found.rows[0].claimed) == "2.8800"

    def test_of_another_round_or_agreement_stay_out(self, three, office):
        assert load_differences(office, agreement=agreement("moi-2559"), months=6).rows == []
        assert load_differences(office, agreement=agreement("ega-2557"), months=12).rows == []

    def test_of_units_out_of_scope_are_not_seen(self, three, collector2, stranger, admin, collector):
        assert [load_differences(who).rows for who in (collector2, stranger, admin)] == [[], [], []]
        assert len(load_differences(collector).rows) == 1

    def test_the_page_and_its_link(self, three, office):
        browser = browser_of(office)
        path = reverse("differences", args=[three.indicator.agreement_id])
        page = browser.get(path, {"round": 12}).content.decode()
        assert all(text in page for text in (SELF, BY_SUPERVISOR, BY_OFFICE, "+0.3000", "+1.5000", NO_EVIDENCE))
        summary = browser.get(reverse("agreement", args=[three.indicator.agreement_id])).content.decode()
        assert f"{path}?round=12" in summary
        assert [browser.get(path, {"round": asked}).status_code for asked in ("6", "7", "x")] == [200, 404, 404]

    def test_hidden_scores_stay_hidden(self, hidden_result, supervisor):
        first = criterion(hidden_result, 0)
        mark_criterion(hidden_result, first, score=Decimal("1.2345"), reason="below 1.3000", by=supervisor)
        unit = person("agency-001-collector-1")
        assert (load_differences(unit).rows, load_differences(unit).hidden) == ([], 1)
        assert len(load_differences(supervisor).rows) == 1
        browser = browser_of(unit)
        for name, pk in (("differences", hidden_result.indicator.agreement_id), ("card", hidden_result.pk)):
            page = browser.get(reverse(name, args=[pk])).content.decode()
            assert re.findall(r"\d\.\d{4}\b", page) == []
        assert build(result("ict-2550"), user=unit).beside is None
