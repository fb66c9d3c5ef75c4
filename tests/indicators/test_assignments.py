"""Assigning in bulk by units as documents write them, copying, taking off: services and the office's pages."""

import pytest
from django.test import Client
from django.urls import reverse

from indicators.assigning import Choice, plan_assignment, plan_copy
from indicators.models import Assignment, Round
from indicators.services import NotAllowed, Unfit, add_round, assign, copy_assignments, remove_assignment
from kpiportal.accounts.models import Unit, User
from kpiportal.accounts.roles import Role
from kpiportal.accounts.services import create_user, grant, revoke
from kpiportal.audit.models import AuditEvent
from reports.cards import build
from scoring.services import open_round
from tests.cast import browser_of, person
from tests.definitions import in_force, indicator
from tests.operating import members

pytestmark = pytest.mark.usefixtures("seeds", "db")
DIVISIONS = ("imm-1", "imm-2", "imm-3")


@pytest.fixture
def round_(office) -> Round:
    """The 12-month round of two indicators of the Immigration Bureau: three divisions operate for the first; nobody is
    assigned. A collector works in each division and in the leading one, each named by its code."""
    members("imm-admin", *DIVISIONS)
    operating = [{"role": "operating", "as_written": "บก.ตม.1 – 3", "units": DIVISIONS}]
    bare = {"lead_unit": "imm-admin", "supervisor": None, "collectors": ()}
    made = in_force(
        indicator("40", key="a", responsibilities=operating, **bare), indicator("60", key="b", **bare),
        unit="immigration", rounds=[{"months": 6}, {"months": 12}],
    )
    return made.rounds.select_related("agreement__unit").get(months=12)


def unit(code: str) -> Unit:
    return Unit.objects.get(code=code)


def choose(round_: Round, role: str = "collector", numbers: str = "ab", **more) -> Choice:
    """A choice of indicators by their numbers; `people` by the codes of units, else for the lead unit."""
    found = tuple(round_.agreement.indicators.filter(number__in=numbers).select_related("lead_unit"))
    people = {unit(code).pk: tuple(map(person, names)) for code, names in more.pop("people").items()}
    named = tuple(unit(code) for code in more.pop("units", ()))
    return Choice(found, role, named, people, **more)


def give(round_: Round, role: str = "collector", numbers: str = "ab", **more):
    """Assign as the preview shows it."""
    choice = choose(round_, role, numbers, **more)
    return assign(round_, choice, seen=plan_assignment(round_, choice).stamp, by=person("office"))


def kinds(plan) -> list[str]:
    return [line.kind for line in plan.lines]


def standing(round_: Round) -> set[tuple]:
    """Who is assigned: indicator, unit, person, role with * for a substitute."""
    return {
        (a.indicator.number, a.unit.code, a.person.username, a.role[:3] + "*" * a.is_substitute)
        for a in round_.assignments.select_related("indicator", "unit", "person")
    }


LEAD = {"imm-admin": ["imm-admin"]}
SUPERVISOR = {"imm-admin": ["supervisor"]}


class TestAssigning:
    def test_each_indicators_lead_unit_is_meant_where_none_is_named(self, round_, office):
        assert kinds(give(round_, people=LEAD)) == ["add", "add"]
        assert standing(round_) == {(n, "imm-admin", "imm-admin", "col") for n in "ab"}
        entries = AuditEvent.objects.filter(action="assignment.added")
        assert [(e.actor_id, e.unit_id, e.after["indicator"]) for e in entries] == [
            (office.pk, unit("imm-admin").pk, f"{n} indicator {n}") for n in "ab"
        ]

    def test_units_without_a_part_and_without_a_person_are_skipped_with_their_reason(self, round_):
        people = {"imm-1": ["imm-1"], "imm-2": ["imm-2"]}
        plan = give(round_, units=DIVISIONS, people=people)
        assert [(line.indicator.number, line.unit.code, line.kind) for line in plan.lines] == [
            ("a", "imm-1", "add"), ("b", "imm-1", "skip"), ("a", "imm-2", "add"), ("b", "imm-2", "skip"),
            ("a", "imm-3", "skip"), ("b", "imm-3", "skip"),
        ]
        assert [line.why.en for line in plan.lines if line.why][-2:] == [
            "nobody is chosen", "the unit neither leads this indicator nor operates for it",
        ]
        assert standing(round_) == {("a", code, code, "col") for code in ("imm-1", "imm-2")}

    def test_not_for_what_is_not_measured_in_the_round(self, round_):
        round_.agreement.indicators.filter(number="b").update(cancelled_from=12)
        assert kinds(give(round_, people=LEAD)) == ["add", "skip"]

    def test_a_supervisor_takes_the_place_of_the_one_before(self, round_, office):
        give(round_, "supervisor", people=SUPERVISOR)
        grant(user=person("immigration-collector"), unit=unit("immigration"), role=Role.SUPERVISOR, by=None)
        plan = give(round_, "supervisor", people={"imm-admin": ["immigration-collector"]})
        assert kinds(plan) == ["replace", "replace"]
        assert standing(round_) == {(n, "imm-admin", "immigration-collector", "sup") for n in "ab"}
        entry = AuditEvent.objects.filter(action="assignment.replaced").first()
        assert (entry.before["person"], entry.after["person"]) == ("supervisor", "immigration-collector")

    def test_a_substitute_stands_beside_and_may_take_the_place(self, round_, office):
        grant(user=person("immigration-collector"), unit=unit("immigration"), role=Role.SUPERVISOR, by=None)
        give(round_, "supervisor", "a", people=SUPERVISOR)
        other = {"imm-admin": ["immigration-collector"]}
        give(round_, "supervisor", "a", people=other, is_substitute=True)
        assert {row[2:] for row in standing(round_)} == {("supervisor", "sup"), ("immigration-collector", "sup*")}
        give(round_, "supervisor", "a", people=other)
        assert {row[2:] for row in standing(round_)} == {("immigration-collector", "sup")}

    def test_whoever_is_there_is_skipped_or_changed_to_a_substitute(self, round_):
        give(round_, people=LEAD)
        assert kinds(give(round_, people=LEAD)) == ["skip", "skip"]
        assert kinds(give(round_, people=LEAD, is_substitute=True)) == ["change", "change"]
        entry = AuditEvent.objects.filter(action="assignment.changed").last()
        assert (entry.before["substitute"], entry.after["substitute"]) == (False, True)

    def test_instead_takes_off_the_others_of_the_same_kind_only(self, round_, office):
        grant(user=person("imm-1"), unit=unit("imm-admin"), role=Role.COLLECTOR, by=None)
        grant(user=person("imm-2"), unit=unit("imm-admin"), role=Role.COLLECTOR, by=None)
        give(round_, numbers="a", people={"imm-admin": ["imm-1"]})
        give(round_, numbers="a", people={"imm-admin": ["imm-2"]}, is_substitute=True)
        plan = give(round_, numbers="a", people=LEAD, instead=True)
        assert kinds(plan) == ["add", "remove"]
        assert {row[2:] for row in standing(round_)} == {("imm-admin", "col"), ("imm-2", "col*")}

    @pytest.mark.parametrize("what", ["another role", "another unit", "ended", "deactivated"])
    def test_without_the_right_in_the_unit_nothing_is_saved(self, round_, office, what):
        who, role = person("imm-admin"), "collector"
        if what == "another role":
            role = "supervisor"
        elif what == "another unit":
            who = person("imm-1")
        elif what == "ended":
            revoke(who.memberships.get(), by=person("admin"))
        else:
            User.objects.filter(pk=who.pk).update(is_active=False)
        with pytest.raises(Unfit) as refusal:
            give(round_, role, people={"imm-admin": [who.username]})
        [problem] = refusal.value.problems.values()
        assert who.name in problem.en and "ask the administrator to grant it" in problem.en
        assert standing(round_) == set()

    def test_two_supervisors_of_one_unit_are_refused(self, round_, office):
        grant(user=person("imm-admin"), unit=unit("imm-admin"), role=Role.SUPERVISOR, by=None)
        with pytest.raises(Unfit, match="one supervisor"):
            give(round_, "supervisor", people={"imm-admin": ["supervisor", "imm-admin"]})

    def test_what_changed_since_it_was_shown_is_not_saved(self, round_, office):
        choice = choose(round_, people=LEAD)
        seen = plan_assignment(round_, choice).stamp
        assign(round_, choice, seen=seen, by=office)
        with pytest.raises(NotAllowed, match="changed since"):
            assign(round_, choice, seen=seen, by=office)
        assert round_.assignments.count() == 2

    def test_not_in_a_closed_round(self, round_, office):
        give(round_, people=LEAD)
        Round.objects.filter(pk=round_.pk).update(state="closed")
        for attempt in (
            lambda: give(round_, people=LEAD), lambda: copy_assignments(round_, seen="", by=office),
            lambda: remove_assignment(round_.assignments.first(), by=office),
        ):
            with pytest.raises(NotAllowed, match="closed"):
                attempt()


class TestCopying:
    def test_takes_over_who_still_may_and_skips_the_rest(self, round_, office):
        half = round_.agreement.rounds.select_related("agreement__unit").get(months=6)
        give(half, people=LEAD)
        give(half, "supervisor", people=SUPERVISOR)
        give(half, numbers="a", units=["imm-1"], people={"imm-1": ["imm-1"]}, is_substitute=True)
        give(half, numbers="a", units=["imm-2"], people={"imm-2": ["imm-2"]})
        give(round_, "supervisor", "a", people=SUPERVISOR)
        User.objects.filter(username="imm-2").update(is_active=False)
        plan = plan_copy(round_)
        assert sorted(line.why.en for line in plan.lines if line.why) == [
            "assigned already", "has no longer the right in this unit, or the account is closed"
        ]
        copy_assignments(round_, seen=plan.stamp, by=office)
        assert standing(half) - standing(round_) == {("a", "imm-2", "imm-2", "col")}
        assert plan_copy(round_).changes == []

    def test_takes_the_latest_round_that_has_anybody(self, round_, office):
        half = round_.agreement.rounds.select_related("agreement__unit").get(months=6)
        add_round(round_.agreement, months=9, by=office)
        give(half, people=LEAD)
        assert len(plan_copy(round_).changes) == 2
        assert plan_copy(half).lines == []

    def test_plans_take_as_many_queries_for_many_rows_as_for_one(self, round_, django_assert_num_queries):
        half = round_.agreement.rounds.select_related("agreement__unit").get(months=6)
        for numbers in ("a", "b"):
            give(half, numbers=numbers, people=LEAD)
            with django_assert_num_queries(4):
                assert len(plan_copy(round_).changes) == (1 if numbers == "a" else 2)
        for choice in (choose(round_, numbers="a", people=LEAD), choose(round_, people=LEAD)):
            with django_assert_num_queries(3):
                plan_assignment(round_, choice)

    def test_leaves_a_supervisor_where_there_is_one(self, round_, office):
        half = round_.agreement.rounds.select_related("agreement__unit").get(months=6)
        grant(user=person("imm-admin"), unit=unit("imm-admin"), role=Role.SUPERVISOR, by=None)
        give(half, "supervisor", people=SUPERVISOR)
        give(round_, "supervisor", people={"imm-admin": ["imm-admin"]})
        assert {line.why.en for line in plan_copy(round_).lines} == {"there is a supervisor already"}


class TestWhatFollows:
    """A substitute has all rights of the assigned one; whoever is taken off has none with the next request."""

    def test_a_substitute_works_and_is_not_printed(self, round_, office):
        grant(user=person("imm-1"), unit=unit("imm-admin"), role=Role.COLLECTOR, by=None)
        give(round_, people=LEAD)
        give(round_, people={"imm-admin": ["imm-1"]}, is_substitute=True)
        report = open_round(round_, by=office).results.select_related(
            "indicator__agreement__unit", "indicator__agreement__fiscal_year", "round", "unit"
        ).get(indicator__number="a")
        browser, address = browser_of(person("imm-1")), reverse("result", args=[report.pk])
        assert browser.post(address, {"measures": "by the substitute"}).status_code == 302
        report.refresh_from_db()
        assert report.measures == "by the substitute"
        assert [line.name for line in build(report, user=None).collectors] == [person("imm-admin").name]
        browser.cookies["django_language"] = "en"
        assert "Substitute" in browser.get(address).content.decode()

    def test_taken_off_the_next_request_is_refused(self, round_, office):
        give(round_, people=LEAD)
        report = open_round(round_, by=office).results.get(indicator__number="a")
        browser, address = browser_of(person("imm-admin")), reverse("result", args=[report.pk])
        assert browser.post(address, {"measures": "x"}).status_code == 302
        row = round_.assignments.get(indicator__number="a")
        for _ in range(2):
            remove_assignment(row, by=office)
        assert browser.post(address, {"measures": "y"}).status_code == 409
        [entry] = AuditEvent.objects.filter(action="assignment.removed")
        assert entry.before["name"] == "collector of imm-admin"


def page(name: str, round_: Round) -> str:
    return reverse(name, args=[round_.agreement_id, round_.months])


def fields(round_: Round, numbers: str = "ab", **more) -> dict:
    """What the two steps of the form send."""
    keys = list(round_.agreement.indicators.filter(number__in=numbers).values_list("pk", flat=True))
    return {"indicator": keys, "role": "collector", "units": ""} | more


class TestPages:
    @pytest.fixture
    def desk(self, office) -> Client:
        return browser_of(office)

    def test_the_table_shows_everybody_where_they_are(self, round_, desk):
        give(round_, people=LEAD)
        give(round_, "supervisor", people=SUPERVISOR)
        give(round_, numbers="a", units=["imm-1"], people={"imm-1": ["imm-1"]}, is_substitute=True)
        User.objects.filter(username="imm-1").update(is_active=False)
        rows = desk.get(page("round_people", round_)).context["rows"]
        first, second = rows[0].places
        assert [a.person.username for a in first.supervisors + first.collectors] == ["supervisor", "imm-admin"]
        assert [(a.person.username, a.without_right) for a in second.substitutes] == [("imm-1", True)]
        assert len(rows[1].places) == 1

    def test_choose_look_and_save_once(self, round_, desk):
        data = fields(round_, "a", units="บก.ตม.๑ – ๓ ยกเว้น บก.ตม.2")
        shown = desk.get(page("round_assign", round_), data)
        assert [row.unit.code for row in shown.context["rows"]] == ["imm-1", "imm-3"]
        assert shown.context["plan"] is None
        data |= {f"p{unit(code).pk}": person(code).pk for code in ("imm-1", "imm-3")}
        shown = desk.get(page("round_assign", round_), data)
        assert kinds(shown.context["plan"]) == ["add", "add"] and standing(round_) == set()
        data["seen"] = shown.context["plan"].stamp
        answers = [desk.post(page("round_assign", round_), data) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [302, 409]
        assert standing(round_) == {("a", code, code, "col") for code in ("imm-1", "imm-3")}
        assert kinds(answers[1].context["plan"]) == ["skip", "skip"]

    @pytest.mark.parametrize(
        ("typed", "said"),
        [("บก.ตม.5-8", "บก.ตม.7"), ("nowhere", "nowhere"), ("บก.ตม.1 ยกเว้น บก.ตม.2", "บก.ตม.2"), ("สรอ.", "สรอ."),
         ("x" * 3000, "700")],
        ids=["unknown", "no unit", "not among them", "elsewhere", "too long"],
    )
    def test_units_that_can_not_be_read_are_said_and_stay(self, round_, desk, typed, said):
        response = desk.get(page("round_assign", round_), fields(round_, units=typed))
        text = response.content.decode()
        assert response.status_code == 422 and f">\n{typed}</textarea>" in text
        assert said in text.split('id="error-summary"')[1].split("</ul>")[0]

    def test_overlapping_ranges_are_said_and_taken_once(self, round_, desk):
        response = desk.get(page("round_assign", round_), fields(round_, units="บก.ตม.1-2, 2-3"))
        assert [row.unit.code for row in response.context["rows"]] == list(DIVISIONS)
        assert "บก.ตม.2" in response.content.decode().split('class="notice"')[1].split("</p>")[0]

    @pytest.mark.parametrize("what", [{"indicator": []}, {"indicator": ["x"]}, {"indicator": [0]}, {"role": "office"}])
    def test_nothing_ticked_or_nothing_that_is_there(self, round_, desk, what):
        assert desk.get(page("round_assign", round_), fields(round_) | what).status_code == 422

    def test_an_indicator_of_another_agency_is_refused(self, round_, desk):
        foreign = Assignment.objects.filter(indicator__agreement__code="moi-2559").first()
        response = desk.post(page("round_assign", round_), fields(round_) | {"indicator": [foreign.indicator_id]})
        assert response.status_code == 422

    def test_a_person_of_another_agency_is_neither_assigned_nor_named(self, round_, desk):
        stranger = person("stranger")
        data = fields(round_) | {f"p{unit('imm-admin').pk}": stranger.pk}
        response = desk.get(page("round_assign", round_), data)
        assert "The stranger" not in response.content.decode()
        desk.post(page("round_assign", round_), data | {"seen": response.context["plan"].stamp})
        assert standing(round_) == set()

    def test_someone_without_the_right_is_refused_with_what_to_do(self, round_, desk):
        data = fields(round_) | {f"p{unit('imm-admin').pk}": person("imm-1").pk}
        data["seen"] = desk.get(page("round_assign", round_), data).context["plan"].stamp
        response = desk.post(page("round_assign", round_), data)
        assert response.status_code == 422 and "ขอให้ผู้ดูแลระบบให้สิทธิ์ก่อน" in response.content.decode()
        assert standing(round_) == set()

    def test_taking_off_twice_is_once_and_another_rounds_is_left(self, round_, desk):
        give(round_, people=LEAD)
        half = round_.agreement.rounds.select_related("agreement__unit").get(months=6)
        give(half, people=LEAD)
        mine, others = round_.assignments.first(), half.assignments.first()
        for key in (mine.pk, mine.pk, others.pk):
            assert desk.post(page("round_people_remove", round_), {"assignment": key}).status_code == 302
        assert (round_.assignments.count(), half.assignments.count()) == (1, 2)
        for key in ("", "x", "๑", "9" * 30):
            assert desk.post(page("round_people_remove", round_), {"assignment": key}).status_code == 400

    def test_copying_shows_then_saves(self, round_, desk):
        half = round_.agreement.rounds.select_related("agreement__unit").get(months=6)
        give(half, people=LEAD)
        seen = desk.get(page("round_people_copy", round_)).context["plan"].stamp
        answers = [desk.post(page("round_people_copy", round_), {"seen": seen}).status_code for _ in range(2)]
        assert answers == [302, 409] and standing(round_) == standing(half)

    def test_a_closed_round_shows_no_buttons(self, round_, desk):
        give(round_, people=LEAD)
        Round.objects.filter(pk=round_.pk).update(state="closed")
        text = desk.get(page("round_people", round_)).content.decode()
        assert 'name="assignment"' not in text and 'name="indicator"' not in text
        key = round_.assignments.first().pk
        assert desk.post(page("round_people_remove", round_), {"assignment": key}).status_code == 409


def test_only_holders_are_listed_to_choose_from(round_, office):
    create_user(username="unassigned", name="nobody", by=None)
    rows = browser_of(office).get(page("round_assign", round_), fields(round_, units="บก.ตม.1")).context["rows"]
    assert {one.username for one in rows[0].people} == {"imm-1", "immigration-collector"}
