"""How many queries each page takes, written down: the same for one row and for three."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from evidence.services import add_evidence
from indicators.models import Agreement, Round
from indicators.queries import _criteria, _reporters
from kpiportal.accounts.models import Unit
from kpiportal.accounts.services import create_user, grant
from reports.papers import PAPERS
from scoring.models import CriterionResult, NotApplicableRequest, Result
from scoring.queries.summary import _definition
from scoring.services import (
    ask_question,
    certify,
    close_round,
    mark_criterion,
    open_round,
    return_,
    review_item,
    submit,
    use_evidence,
)
from tests.access.asking import rolled_back
from tests.cast import browser_of, person, result
from tests.certified import decided
from tests.definitions import COMPLETE_COUNT, FORMULA, ITEMS, MILESTONES, criterion, indicator, opened
from tests.operating import LEAD, give, of, operating_result
from tests.scoring.test_entry import save

# Session, person and rights are three of each page's queries. A web worker reads a definition once, with the first
# page that needs it: an indicator's criteria for entry in CRITERIA more, the summary's table in TABLE more.
HOME, SUMMARY, DEFINITION, ENTRY, CARD, SAVE, CRITERIA, TABLE = 8, 7, 10, 10, 10, 12, 6, 3
AT_MOST = {"home": 10, "summary": 10, "definition": 10, "entry": 16, "card": 10, "save": 12}
AT_MOST |= {"planner": 16, "what-if": 20, "decision": 24}
# Requests are read where there are any, and for whoever decides on one also the agreement around it
# (seven more, three of them once a worker): the office alone has such a page, and only while a request waits.
REQUESTS, COPIED, AROUND = 1, 2, 4
DECISION = ENTRY + CRITERIA + REQUESTS + AROUND + TABLE
# The planner is the summary with all that was ticked and typed, the what-if summary and entry together; both cold.
PLANNER, WHAT_IF = 16, 20
# A certified result's card: session, person, rights, the result and its snapshot.
SEALED = 5
# Base data of operating units: the unit's own page and save; home takes one more, the lead unit's page none.
# The trial has no checklist and no evidence, whose ticks and files would be one each of the lead unit's page.
# The review page is the report, its final marks, all marks, and what stands beside them.
REVIEW, QUEUE, ACROSS = 27, 7, 11
AT_MOST |= {"review": 34, "queue": 12, "across": 20}
# The executive's dashboard is a summary, and one more of the round before; the office's is board, differences and
# queue. The charts are the summary, each other round that isn't closed, and the units side by side.
EXECUTIVE, OFFICE_VIEW, CHARTS = 8, 16, 15
UNIT_PAGE, UNIT_SAVE, TICKS, FILES, HOME_MORE = 8, 24, 1, 1, 1

# The office's pages about rounds.
ROUNDS = {
    "rounds": 6, "agreement_rounds": 8, "round_people": 8, "round_people_copy": 5, "round_weights": 5, "round_close": 5,
    "round_assign": 9,
}
WORKBOOKS = {
    "card": 15, "summary": 11, "matrix": 12, "evidence-plan": 12, "evidence-index": 17, "comparison": 15, "years": 14,
    "like-for-like": 27, "charts": 17,
}


def trial(rows: int) -> Agreement:
    """An agreement with as many indicators, each with as many groups of criteria of three kinds."""
    kinds = ((MILESTONES, ITEMS), (COMPLETE_COUNT, ITEMS), (FORMULA, ()))
    made = []
    for number in range(rows):
        criteria = [
            criterion(f"{rubric['kind']}-{n}", "1", rubric, items)
            for n in range(rows)
            for rubric, items in kinds
        ]
        made.append(indicator(str(3 * rows), *criteria, key=f"i{number}"))
    agreement = opened(*made, code=f"trial-{rows}", excerpt=True)
    for report in Result.objects.filter(indicator__agreement=agreement):
        fill(report, rows)
    return agreement


def fill(report: Result, rows: int) -> None:
    """Ticked items, base data and evidence, so that each table that a page reads has rows."""
    by = person("collector")
    for n in range(rows):
        ticked = {"done": frozenset("ab"), "complete": frozenset("a")}
        data = {"A": Decimal(3), "B": Decimal(4)}
        save(report, by, **{f"complete_count-{n}": ticked, f"thresholds-{n}": {"data": data}})
        shown = add_evidence(unit=report.unit, kind="named", title=f"plan {n}", by=by)
        use_evidence(report, shown, items=report.indicator.criteria.first().items.all(), by=by)


@pytest.fixture(scope="class", params=[1, 3])
def agreement(request, one_transaction) -> Iterator[Agreement]:
    with rolled_back():
        yield trial(request.param)


@pytest.fixture(scope="class")
def reviewed(agreement) -> Result:
    """The first report of the trial, all of whose reports were handed in."""
    return handed_in(agreement)


@pytest.fixture
def visitor(agreement) -> Client:
    return browser_of(person("collector"))


def count(visitor: Client, path: str, method: str = "get", **more) -> int:
    with CaptureQueriesContext(connection) as captured:
        response = getattr(visitor, method)(path, **more)
    assert response.status_code == 200
    return len(captured)


def round_pages(agreement: Agreement) -> dict[str, str]:
    """The office's pages of the trial's round, everybody chosen for every indicator."""
    keys = "&".join(f"indicator={one.pk}" for one in agreement.indicators.all())
    chosen = f"?{keys}&role=collector&p{agreement.unit_id}={person('moi-collector-2').pk}"
    pages = {
        name: reverse(name, args=[agreement.pk, 12])
        for name in ("round_people", "round_people_copy", "round_weights", "round_close")
    }
    pages["round_assign"] = reverse("round_assign", args=[agreement.pk, 12]) + chosen
    return pages | {"rounds": reverse("rounds"), "agreement_rounds": reverse("agreement_rounds", args=[agreement.pk])}


def first(agreement: Agreement) -> Result:
    return Result.objects.filter(indicator__agreement=agreement).order_by("indicator__order").first()


def handed_in(agreement: Agreement) -> Result:
    """All of an agreement's reports submitted twice, with a question, an item review and a mark for each group."""
    by, groups = person("supervisor"), range(agreement.indicators.count())
    for report in Result.objects.filter(indicator__agreement=agreement):
        for n in groups:
            whole = {"complete": frozenset("ab"), "item_reasons": dict.fromkeys("ab", "seen")}
            told = {f"milestones-{n}": {}, f"complete_count-{n}": whole}
            save(report, person("collector"), **{name: {"done": frozenset("ab")} | said for name, said in told.items()})
        submit(report, by=person("collector"))
        for n in groups:
            of = report.indicator.criteria.get(name=f"thresholds-{n}")
            ask_question(report, criterion=of, text="why?", by=by)
            mark_criterion(report, of, score=Decimal("2.5"), reason="r", by=by)
            item = report.indicator.criteria.get(name=f"milestones-{n}").items.first()
            review_item(report, item, verdict="insufficient", comment="c", by=by)
        return_(report, reason="mend", by=by)
        save(report, person("collector"), **{"milestones-0": {"text": "mended"}})
        submit(report, by=person("collector"))
    return first(agreement)


def asked(report: Result, criterion: int) -> None:
    NotApplicableRequest.objects.create(
        result=report, criterion_id=criterion, reason="flooded", requested_by=person("collector")
    )


def forget_definitions() -> None:
    """As in a web worker that has just started."""
    _criteria.cache_clear()
    _reporters.cache_clear()
    _definition.cache_clear()


@pytest.mark.usefixtures("savepoint")
class TestPages:
    def test_home(self, visitor):
        assert count(visitor, reverse("home")) == HOME

    def test_summary(self, visitor, agreement):
        path = reverse("agreement", args=[agreement.pk])
        forget_definitions()
        assert count(visitor, path) == SUMMARY + TABLE
        assert count(visitor, path) == SUMMARY

    def test_definition(self, visitor, agreement):
        assert count(visitor, reverse("indicator", args=[agreement.indicators.first().pk])) == DEFINITION

    @pytest.mark.parametrize("name", ROUNDS)
    def test_of_a_round(self, agreement, name):
        assert count(browser_of(person("office")), round_pages(agreement)[name]) == ROUNDS[name]

    def test_entry(self, visitor, agreement):
        path = reverse("result", args=[first(agreement).pk])
        forget_definitions()
        assert count(visitor, path) == ENTRY + CRITERIA
        assert count(visitor, path) == ENTRY

    def test_entry_with_requests_and_a_copy(self, visitor, agreement):
        """What the earlier report says is read in the queries of the present one."""
        report, path = first(agreement), reverse("result", args=[first(agreement).pk])
        for pk in report.indicator.criteria.values_list("pk", flat=True):
            asked(report, pk)
        assert count(visitor, path) == ENTRY + REQUESTS
        half = open_round(Round.objects.create(agreement=agreement, months=6), by=None)
        earlier = Result.objects.get(indicator=report.indicator, round=half)
        Result.objects.filter(pk=report.pk).update(copied_from=earlier)
        forget_definitions()
        assert count(visitor, path) == ENTRY + CRITERIA + REQUESTS + COPIED
        assert count(visitor, path) == ENTRY + REQUESTS + COPIED <= AT_MOST["entry"]

    def test_entry_for_whoever_decides_on_requests(self, agreement):
        report = first(agreement)
        for pk in report.indicator.criteria.values_list("pk", flat=True):
            asked(report, pk)
        office, path = browser_of(person("office")), reverse("result", args=[report.pk])
        forget_definitions()
        assert count(office, path) == DECISION
        assert count(office, path) == ENTRY + REQUESTS + AROUND <= AT_MOST["entry"]

    def test_home_with_requests(self, agreement):
        report, office = first(agreement), browser_of(person("office"))
        for pk in report.indicator.criteria.values_list("pk", flat=True):
            asked(report, pk)
        assert count(office, reverse("home")) <= AT_MOST["home"]

    def test_planner(self, visitor, agreement):
        forget_definitions()
        assert count(visitor, reverse("planner", args=[agreement.pk])) == PLANNER

    def test_what_if(self, visitor, agreement):
        report = first(agreement)
        path, pk = reverse("what_if", args=[report.pk]), report.indicator.criteria.first().pk
        forget_definitions()
        assert count(visitor, path) == WHAT_IF
        forget_definitions()
        assert count(visitor, path, "post", data={"criterion": pk, f"c{pk}-done": ["a"]}) == WHAT_IF

    def test_card(self, visitor, agreement):
        path = reverse("card", args=[first(agreement).pk])
        assert count(visitor, path) == CARD

    def test_what_is_certified_takes_no_more(self, visitor, agreement):
        """Summary and home: nothing more; the page and the card of one read it whole with one query, and the card asks
        whether it was issued."""
        for report in Result.objects.filter(indicator__agreement=agreement):
            decided(report)
            CriterionResult.objects.filter(mark__result=report, score__isnull=True).update(status="reported", score=1)
            certify(report, by=person("office"))
        report = first(agreement)
        path = reverse("agreement", args=[agreement.pk])
        forget_definitions()
        assert count(visitor, path) == SUMMARY + TABLE
        assert count(visitor, reverse("home")) == HOME
        assert count(visitor, reverse("card", args=[report.pk])) == SEALED + 1
        assert count(visitor, reverse("result", args=[report.pk])) <= ENTRY
        close_round(agreement.rounds.get(), by=person("office"))
        assert count(visitor, path) <= SUMMARY

    def test_workbooks(self, agreement):
        """With the entry that they were taken."""
        office, report = browser_of(person("office")), first(agreement)
        taken = {"card": reverse("card_xlsx", args=[report.pk])}
        taken |= {name: reverse("paper_workbook", args=[agreement.pk, name]) for name in PAPERS}
        for path in taken.values():
            office.get(path)
        assert {name: count(office, path) for name, path in taken.items()} == WORKBOOKS


@pytest.mark.usefixtures("savepoint")
class TestPagesOfWhatWasHandedIn:
    def test_review(self, reviewed):
        supervisor, path = browser_of(person("supervisor")), reverse("review", args=[reviewed.pk])
        forget_definitions()
        assert count(supervisor, path) == REVIEW + CRITERIA
        assert count(supervisor, path) == REVIEW

    def test_queue(self, reviewed):
        assert count(browser_of(person("supervisor")), reverse("queue")) == QUEUE
        assert count(browser_of(person("office")), reverse("queue")) <= AT_MOST["queue"]

    @pytest.mark.parametrize(("name", "most"), [
        ("dashboard", EXECUTIVE), ("office_dashboard", OFFICE_VIEW), ("paper", CHARTS)
    ])
    def test_dashboards_and_charts(self, agreement, reviewed, name, most):
        path = reverse(name, args=[agreement.pk, "charts"] if name == "paper" else [])
        asked = f"?agreement={agreement.pk}" if name == "dashboard" else ""
        visitor = browser_of(person("office"))
        count(visitor, path + asked)
        assert count(visitor, path + asked) == most

    def test_across_units(self, reviewed):
        path = reverse("across_units", args=[reviewed.indicator_id])
        count(browser_of(person("supervisor")), path)
        assert count(browser_of(person("supervisor")), path) == ACROSS


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.usefixtures("seeds", "db")
def test_saving_one_criterion_by_htmx(rows):
    visitor = browser_of(person("collector"))
    report = first(trial(rows))
    pk = report.indicator.criteria.first().pk
    data = {"criterion": pk, f"c{pk}-done": ["a"]}
    path = reverse("result", args=[report.pk])
    assert count(visitor, path, "post", data=data, headers={"HX-Request": "true"}) == SAVE


@pytest.mark.usefixtures("savepoint")
class TestBaseDataOfUnits:
    """The same for one operating unit and for three."""

    @pytest.fixture(scope="class", params=[("imm-1",), ("imm-1", "imm-2", "imm-3")])
    def report(self, request, one_transaction) -> Iterator[Result]:
        with rolled_back():
            report = operating_result(request.param)
            give(report, "imm-1", "90", "100")
            yield report

    def test_the_units_own_page(self, report):
        path = reverse("base_data", args=[report.pk, "imm-1"])
        assert count(browser_of(person("imm-1")), path) == UNIT_PAGE
        assert count(browser_of(person(LEAD)), path) == UNIT_PAGE

    def test_saving(self, report):
        visitor, pk = browser_of(person("imm-1")), of(report).pk
        data = {"criterion": pk, f"c{pk}-data-A": "80", f"c{pk}-data-B": "100", f"c{pk}-reason": ""}
        with CaptureQueriesContext(connection) as captured:
            assert visitor.post(reverse("base_data", args=[report.pk, "imm-1"]), data).status_code == 302
        assert len(captured) == UNIT_SAVE

    def test_the_lead_units_page(self, report):
        assert count(browser_of(person(LEAD)), reverse("result", args=[report.pk])) == ENTRY - TICKS - FILES

    def test_saving_the_lead_units_text(self, report):
        visitor, pk = browser_of(person(LEAD)), of(report).pk
        path, data = reverse("result", args=[report.pk]), {"criterion": pk, f"c{pk}-text": "done"}
        assert count(visitor, path, "post", data=data, headers={"HX-Request": "true"}) <= AT_MOST["save"]

    def test_home_of_someone_in_an_operating_unit_who_collects_as_well(self, report):
        assert count(browser_of(person("collector")), reverse("home")) == HOME
        grant(user=person(LEAD), unit=Unit.objects.get(code="imm-1"), role="collector", by=None)
        assert count(browser_of(person(LEAD)), reverse("home")) == HOME + HOME_MORE


@pytest.mark.usefixtures("seeds", "db")
class TestSeeds:
    """The seeds' own pages stay within the same numbers, whoever looks."""

    @pytest.mark.parametrize("who", ["collector", "collector2", "supervisor", "office", "auditor", "admin"])
    def test_home(self, who):
        assert count(browser_of(person(who)), reverse("home")) <= AT_MOST["home"]

    @pytest.mark.parametrize("code", ["moi-2559", "ict-2550", "ega-2557", "imm-2556", "imm-2559"])
    def test_summary_and_definition(self, code):
        agreement = Agreement.objects.get(code=code)
        visitor = browser_of(person("office"))
        assert count(visitor, reverse("agreement", args=[agreement.pk])) <= AT_MOST["summary"]
        assert count(visitor, reverse("planner", args=[agreement.pk])) <= AT_MOST["planner"]
        assert (
            count(visitor, reverse("indicator", args=[agreement.indicators.first().pk]))
            <= AT_MOST["definition"]
        )

    @pytest.mark.parametrize("who", ["collector", "supervisor", "office", "auditor"])
    def test_entry_and_card_of_seed_002(self, who):
        report, visitor = result("moi-2559"), browser_of(person(who))
        assert count(visitor, reverse("result", args=[report.pk])) <= AT_MOST["entry"]
        assert count(visitor, reverse("card", args=[report.pk])) <= AT_MOST["card"]

    def test_the_people_page(self):
        assert count(browser_of(person("admin")), reverse("people")) <= 10

    @pytest.mark.parametrize(("who", "name", "most"), [
        ("admin", "people", 7), ("admin", "grants", 10), ("auditor", "grants", 9), ("admin", "person_add", 4),
        ("collector", "roles", 5),
    ])
    def test_pages_of_people_and_rights_and_not_more_for_more_people(self, who, name, most):
        visitor = browser_of(person(who))
        before = count(visitor, reverse(name))
        for number in range(3):
            newcomer = create_user(username=f"n{number}", name="Newcomer", by=None)
            grant(user=newcomer, unit=Unit.objects.get(code="moi"), role="collector", by=None)
        assert count(visitor, reverse(name)) == before <= most

    def test_a_persons_page(self):
        assert count(browser_of(person("admin")), reverse("person", args=[person("collector").pk])) <= 7


def test_the_numbers_written_down_are_within_the_issues_own():
    written = {"home": HOME + HOME_MORE, "summary": SUMMARY + TABLE, "definition": DEFINITION, "card": CARD}
    written["entry"] = ENTRY + CRITERIA
    written |= {"review": REVIEW + CRITERIA, "queue": QUEUE, "across": ACROSS}
    written |= {"planner": PLANNER, "what-if": WHAT_IF, "save": SAVE, "decision": DECISION}
    assert {name: number for name, number in written.items() if number > AT_MOST[name]} == {}
    assert settings.DATABASES["default"].get("ATOMIC_REQUESTS", False) is False
