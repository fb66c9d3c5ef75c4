"""A ministry and its departments: whoever works on an agreement can read it, and no unit sees another's drafts."""

from collections.abc import Iterable
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from evidence.services import add_evidence
from indicators.models import Agreement, Assignment
from kpiportal.accounts.models import Unit, User
from kpiportal.accounts.roles import Role
from kpiportal.accounts.services import create_unit, create_user, grant, revoke
from scoring.models import Result
from scoring.queries import load_summary
from scoring.queries.agreements import state_counts
from scoring.queries.earlier import shows_source
from scoring.queries.standing import standing_around
from scoring.queries.tasks import tasks_of
from scoring.services import copy_from_earlier, save_draft, use_evidence
from scoring.values import ResultEntry
from tests.cast import assign, browser_of, person
from tests.definitions import indicator, opened

PAGES = ("result", "card", "card_pdf")
EVERY_STATE = ("draft", "submitted", "returned", "approved", "certified")
HANDED_IN = {"submitted", "approved", "certified"}


def someone(username: str, unit: str, *roles: Role) -> User:
    """A new person with roles in a unit."""
    user = create_user(username=username, name=username, by=None)
    for role in roles:
        grant(user=user, unit=Unit.objects.get(code=unit), role=role, by=None)
    return person(username)


@pytest.fixture
def trial(seeds, db) -> Agreement:
    """An agreement of the ministry over two rounds: it leads 'own', its department 'a' and 'b', none the other one."""
    for code in ("dept", "other"):
        create_unit(code=code, name=code, kind="department", parent=Unit.objects.get(code="moi"), by=None)
        someone(code, code, Role.COLLECTOR)
    people = {"collectors": [{"person": "dept"}], "lead_unit": "dept"}
    return opened(
        indicator("40", key="own"),
        indicator("30", key="a", **people),
        indicator("30", key="b", **people),
        rounds=[{"months": 6}, {"months": 12}],
    )


def report(trial: Agreement, number: str, months: int = 12) -> Result:
    found = Result.objects.select_related("indicator", "round", "unit")
    return found.get(indicator__agreement=trial, indicator__number=number, round__months=months)


def put(result: Result, state: str) -> None:
    """Let a result stand in a state, past its services."""
    by, now = person("supervisor"), timezone.now()
    fields = {} if state == "draft" else {"submitted_by": by, "submitted_at": now}
    fields |= {} if state in ("draft", "submitted") else {"decided_by": by, "decided_at": now}
    fields |= {"certified_by": by, "certified_at": now} if state == "certified" else {}
    Result.objects.filter(pk=result.pk).update(state=state, return_reason="once more", **fields)


def reached(user: User, result: Result, pages: Iterable[str] = PAGES) -> set[int]:
    browser = browser_of(user)
    return {browser.get(reverse(page, args=[result.pk])).status_code for page in pages}


def definition_pages(user: User, result: Result) -> set[int]:
    """What the links of an entry page to the agreement and to the indicator lead to."""
    browser = browser_of(user)
    links = (("agreement", result.indicator.agreement_id), ("indicator", result.indicator_id))
    return {browser.get(reverse(name, args=[pk])).status_code for name, pk in links}


class TestTheAgreementOfTheUnitAbove:
    def test_is_read_by_whose_unit_leads_an_indicator(self, trial):
        own = report(trial, "a")
        page = browser_of(person("dept")).get(reverse("result", args=[own.pk])).content.decode()
        assert reverse("agreement", args=[trial.pk]) in page
        assert reverse("indicator", args=[own.indicator_id]) in page
        assert definition_pages(person("dept"), own) == {200}

    def test_stands_once_on_the_home_page(self, trial):
        assert [found.pk for found in browser_of(person("dept")).get("/").context["agreements"]] == [trial.pk]
        assert Agreement.objects.visible_to(person("dept")).count() == 1
        assert Agreement.objects.visible_to(person("office")).filter(pk=trial.pk).count() == 1

    def test_is_drawn_around_a_result_for_its_own_readers_only(self, trial):
        own = report(trial, "a")
        assert standing_around(own, someone("keeper", "dept", Role.ADMIN)) is None
        assert standing_around(own, person("office")) is not None
        assert standing_around(own, person("dept")) is None

    def test_takes_no_query_more(self, trial):
        counts = set()
        for username in ("collector", "dept"):
            browser = browser_of(person(username))
            browser.get(reverse("agreement", args=[trial.pk]))
            with CaptureQueriesContext(connection) as captured:
                browser.get(reverse("agreement", args=[trial.pk]))
            counts.add(len(captured))
        assert counts == {7}

    def test_is_read_by_whose_unit_is_assigned_to_an_indicator_in_any_round(self, trial):
        other, own = person("other"), report(trial, "own", 6)
        assert definition_pages(other, own) == {404}
        unit = Unit.objects.get(code="other")
        Assignment.objects.create(
            indicator=own.indicator, round=own.round, unit=unit, person=other, role="collector"
        )
        assert definition_pages(other, own) == {200}

    def test_is_read_by_whoever_stands_over_such_a_unit_alone(self, trial):
        create_unit(code="bureau", name="bureau", kind="bureau", parent=Unit.objects.get(code="dept"), by=None)
        below = someone("below", "bureau", Role.COLLECTOR)
        assert definition_pages(below, report(trial, "a")) == {404}
        trial.indicators.filter(number="a").update(lead_unit=Unit.objects.get(code="bureau"))
        assert definition_pages(person("below"), report(trial, "a")) == {200}
        assert definition_pages(person("dept"), report(trial, "a")) == {200}

    def test_stays_out_of_reach_without_a_right_in_force_that_views_agreements(self, trial):
        own = report(trial, "a")
        assert definition_pages(someone("keeper", "dept", Role.ADMIN), own) == {404}
        revoke(person("dept").memberships.get(), by=person("admin"))
        assert definition_pages(person("dept"), own) == {404}

    def test_shows_the_unit_its_own_results_and_no_others(self, trial):
        for number, username in (("own", "collector"), ("a", "dept")):
            result = report(trial, number)
            entries = {result.indicator.criteria.get().pk: {"value": Decimal("4.25")}}
            save_draft(result, ResultEntry(criteria=entries), by=person(username))
        put(report(trial, "own"), "submitted")
        seen = {line.indicator.number: line.score for line in load_summary(trial, user=person("dept")).indicators}
        assert seen == {"own": None, "a": Decimal("4.2500"), "b": None}
        assert reached(person("dept"), report(trial, "own")) == {404}


class TestDraftsOfUnitsBelow:
    @pytest.mark.parametrize("state", EVERY_STATE)
    def test_reach_the_collectors_above_once_they_are_handed_in(self, trial, collector, state):
        below = report(trial, "a")
        put(below, state)
        assert reached(collector, below) == ({200} if state in HANDED_IN else {404})
        assert reached(person("dept"), below) == {200}

    @pytest.mark.parametrize("state", EVERY_STATE)
    def test_score_in_the_summary_from_then_on(self, trial, collector, state):
        below = report(trial, "a")
        entries = {below.indicator.criteria.get().pk: {"value": Decimal("4.25")}}
        save_draft(below, ResultEntry(criteria=entries), by=person("dept"))
        put(below, state)
        line = load_summary(trial, user=collector).indicators[1]
        page = browser_of(collector).get(reverse("agreement", args=[trial.pk])).content.decode()
        if state in HANDED_IN:
            assert (line.result.pk, line.score) == (below.pk, Decimal("4.2500")) and "4.2500" in page
        else:
            assert (line.result, line.score) == (None, None) and "4.2500" not in page

    def test_are_not_counted_on_the_home_page_of_the_collectors_above(self, trial, collector):
        put(report(trial, "a"), "submitted")
        assert state_counts([trial.pk], collector) == {trial.pk: {"draft": 2, "submitted": 1}}
        assert state_counts([trial.pk], person("office")) == {trial.pk: {"draft": 5, "submitted": 1}}

    def test_offer_their_documents_above_once_they_are_handed_in(self, trial, collector):
        below, draft = report(trial, "a"), report(trial, "b")
        put(below, "submitted")
        dept = person("dept")
        use_evidence(draft, add_evidence(unit=draft.unit, kind="named", title="the plan", by=dept), by=dept)
        path = reverse("evidence_add", args=[below.pk])
        assert "the plan" not in browser_of(collector).get(path).content.decode()
        assert "the plan" in browser_of(person("dept")).get(path).content.decode()
        put(draft, "submitted")
        assert "the plan" in browser_of(collector).get(path).content.decode()

    def test_are_no_source_to_be_seen_from_above_until_they_are_handed_in(self, trial, collector, stranger):
        """What a report was begun with stands beside it for whoever edits it or could open that report."""
        mate = someone("mate", "dept", Role.COLLECTOR)
        save_draft(report(trial, "a", 6), ResultEntry(texts={"measures": "typed"}), by=person("dept"))
        copied = copy_from_earlier(report(trial, "a"), by=person("dept"))
        assert all(shows_source(copied, who, False) for who in (mate, person("auditor")))
        assert (shows_source(copied, collector, False), shows_source(copied, collector, True)) == (False, True)
        copied.copied_from.state = "submitted"
        assert (shows_source(copied, collector, False), shows_source(copied, stranger, False)) == (True, False)

    @pytest.mark.parametrize("state", EVERY_STATE)
    @pytest.mark.parametrize("who", ["supervisor", "office", "auditor"])
    def test_are_read_by_those_who_review_as_before(self, trial, who, state):
        put(report(trial, "a"), state)
        assert reached(person(who), report(trial, "a"), ["result"]) == {200}

    def test_are_read_and_written_by_whoever_is_assigned_to_them(self, trial):
        below = report(trial, "a")
        assign("collector", below)
        assert reached(person("collector"), below) == {200}
        assert below.pk in {task.result.pk for task in tasks_of(person("collector"))}
        assert "draft" in {line.result.state for line in load_summary(trial, user=person("collector")).indicators[1:2]}
        save_draft(below, ResultEntry(texts={"measures": "typed"}), by=person("collector"))

    @pytest.mark.parametrize("different", ["round", "indicator", "unit", "person"])
    def test_an_assignment_counts_for_its_own_result_only(self, trial, different):
        below = report(trial, "a")
        keys = {"indicator": below.indicator, "round": below.round, "unit": below.unit, "person": person("collector")}
        keys[different] = {
            "round": report(trial, "a", 6).round,
            "indicator": report(trial, "b").indicator,
            "unit": Unit.objects.get(code="moi"),
            "person": person("colleague"),
        }[different]
        Assignment.objects.create(role="collector", order=9, **keys)
        assert reached(person("collector"), below) == {404}

    def test_an_assignment_outside_the_own_branch_opens_nothing(self, trial, stranger):
        below = report(trial, "a")
        assign("stranger", below)
        assert reached(person("stranger"), below) == {404} and tasks_of(person("stranger")) == []

    def test_a_second_role_that_reviews_opens_its_own_branch_only(self, trial):
        both = someone("both", "moi", Role.COLLECTOR)
        grant(user=both, unit=Unit.objects.get(code="other"), role=Role.AUDITOR, by=None)
        assert reached(person("both"), report(trial, "a")) == {404}
        grant(user=both, unit=Unit.objects.get(code="dept"), role=Role.AUDITOR, by=None)
        assert reached(person("both"), report(trial, "a")) == {200}
