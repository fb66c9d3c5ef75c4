"""Seed 001 ('ส่วนราชการไม่ต้องใส่ผลคะแนนมา'): scores hidden from the reporting unit until certified."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from indicators.models import Agreement
from kpiportal.accounts.models import User
from reports.cards import build
from scoring.models import Result
from scoring.queries import load_sheet, load_summary
from scoring.queries.summary import scores_hidden
from scoring.queries.tasks import tasks_of
from scoring.services import return_
from tests.cast import browser_of, person, result

OWN = ("agency-001-collector-1", "agency-001-collector-2", "agency-001-collector-3")
OVER_IT = ("supervisor", "office", "auditor")
# What would give a score away: four places, the weighted sums, the share.
FOUR_PLACES = re.compile(r"\d\.\d{4}\b")


@pytest.fixture
def report(hidden_result) -> Result:
    return hidden_result


def pages(who: str, report: Result) -> dict[str, str]:
    """Every page on which a score can stand, as a person sees it."""
    browser = browser_of(person(who))
    paths = {
        "home": reverse("home"),
        "entry": reverse("result", args=[report.pk]),
        "card": reverse("card", args=[report.pk]),
        "summary": reverse("agreement", args=[report.indicator.agreement_id]),
        "definition": reverse("indicator", args=[report.indicator_id]),
    }
    responses = {name: browser.get(path) for name, path in paths.items()}
    assert {response.status_code for response in responses.values()} == {200}
    return {name: response.content.decode() for name, response in responses.items()}


@pytest.mark.parametrize("language", ["th", "en"])
@pytest.mark.parametrize("who", OWN)
def test_no_page_shows_one_to_its_own_collectors(report, who, language):
    found = {name: FOUR_PLACES.findall(page) for name, page in pages(who, report).items()}
    assert found == dict.fromkeys(found, [])


def test_the_panel_working_and_reached_level_are_hidden_with_it(report):
    page = pages(OWN[0], report)["entry"]
    assert 'class="reached' not in page and "reached-mark" not in page
    assert "ที่มาของคะแนน" not in page and 'class="working"' not in page


@pytest.mark.parametrize("who", OVER_IT)
def test_those_who_review_see_0_2000(report, who):
    seen = pages(who, report)
    assert "0.2000" in seen["summary"] and "0.2000" in seen["card"]
    assert "5.0000" in seen["entry"] and "20.0000" in seen["entry"]


def test_a_saving_fragment_shows_none_either(report):
    return_(report, reason="once more", by=person("supervisor"))
    third = load_sheet(report).criteria[2].criterion
    response = browser_of(person(OWN[0])).post(
        reverse("result", args=[report.pk]),
        {"criterion": third.pk, f"c{third.pk}-value": "4"},
        headers={"HX-Request": "true"},
    )
    page = response.content.decode()
    assert response.status_code == 200
    assert load_sheet(report).criteria[2].row.score == 4
    assert FOUR_PLACES.findall(page) == [] and 'class="reached' not in page


def test_the_card_holds_none(report):
    card = build(report, user=person(OWN[0]))
    assert (card.hidden, card.average) == (True, None)
    assert {(issue.line.score, issue.line.weighted) for issue in card.issues} == {("–", "–")}
    assert (card.line.score, card.line.weighted, card.line.result) == ("–", "–", "–")
    assert FOUR_PLACES.findall(str(card)) == []


def test_the_summary_and_the_differences_hold_none(report):
    agreement = report.indicator.agreement
    assert [load_summary(agreement, user=person(who)).hidden for who in (OWN[0], "auditor")] == [True, False]
    assert [build(report, user=person(who)).hidden for who in (OWN[0], "auditor")] == [True, False]


def test_what_was_typed_stays_visible(report):
    """The levels that the collectors typed themselves are results, not scores."""
    assert [issue.line.result for issue in build(report, user=person(OWN[0])).issues][2:] == ["5", "5"]


def test_my_indicators_say_that_they_are_hidden(report):
    (task,) = tasks_of(person(OWN[0]))
    assert task.hidden
    assert not any(task.hidden for task in tasks_of(person("supervisor")))


def test_other_agreements_are_not_hidden_from_their_collectors(moi_result, collector):
    assert not scores_hidden(moi_result.indicator.agreement, collector, moi_result.unit.path)
    assert not load_summary(moi_result.indicator.agreement, user=collector).hidden


def test_certified_scores_are_shown(report):
    now, office = timezone.now(), User.objects.get(username="office")
    Result.objects.filter(pk=report.pk).update(
        state="certified", decided_at=now, decided_by=office, certified_at=now, certified_by=office
    )
    certified = result("ict-2550")
    assert not scores_hidden(
        certified.indicator.agreement, person(OWN[0]), certified.unit.path, certified.state
    )
    seen = pages(OWN[0], certified)
    assert "0.2000" in seen["summary"] and "0.2000" in seen["card"]


def test_hiding_is_the_agreements_choice(report):
    Agreement.objects.filter(code="ict-2550").update(hide_scores=False)
    assert "20.0000" in pages(OWN[0], report)["entry"]


def test_a_command_of_the_machines_owner_sees_all(report):
    assert not build(report, user=None).hidden
