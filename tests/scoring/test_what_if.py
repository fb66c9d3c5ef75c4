"""What-if: the scores of what was typed, of every kind, and not a row written."""
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from indicators.models import Agreement, Criterion
from kpiportal.accounts.models import Unit
from kpiportal.accounts.roles import Role
from kpiportal.accounts.services import grant
from kpiportal.audit.models import AuditEvent
from scoring.models import CriterionResult, Mark, Result
from scoring.queries import load_summary
from tests.cast import agreement, browser_of, person, result
from tests.definitions import every_kind, indicator, opened
from tests.scoring.test_entry import save

pytestmark = pytest.mark.usefixtures("seeds", "db")
D = Decimal
HTMX = {"HX-Request": "true"}


def ask(who: str, report: Result, typed: dict | None = None, **more):
    """The answer to a what-if: the page, or what was worked out of `typed` (by the field's name)."""
    browser, path = browser_of(person(who)), reverse("what_if", args=[report.pk])
    return browser.get(path) if typed is None else browser.post(path, typed, **more)


def fields(report: Result, **by_name: dict) -> dict:
    """Typed fields by the criterion's name, as the form posts them."""
    pks = dict(Criterion.objects.filter(indicator=report.indicator).values_list("name", "pk"))
    typed = {"criterion": [pks[name] for name in by_name]}
    return typed | {f"c{pks[name]}-{key}": value for name, entry in by_name.items() for key, value in entry.items()}


def only(report: Result) -> str:
    return f"c{report.indicator.criteria.get().pk}"


class TestSeeds:
    def test_004_2_2_with_85_brings_the_agreement_to_4_7800(self):
        report = result("ega-2557", number="2.2")
        trial = ask("collector2", report).context["trial"]
        assert trial.indicator == (D("3.8800"), D("3.8800")) and trial.agreement == (D("4.7740"), D("4.7740"))
        field = only(report)
        response = ask("collector2", report, {"criterion": field[1:], f"{field}-value": "๘๕"}, headers=HTMX)
        trial, shown = response.context["trial"], response.content.decode()
        assert trial.indicator == (D("3.8800"), D("4.0000")) and trial.agreement == (D("4.7740"), D("4.7800"))
        assert "<html" not in shown and "4.7800" in shown and "+0.0060" in shown
        assert f'id="{field}-then" hx-swap-oob' in shown

    def test_002_with_item_3_of_issue_3_has_3_5000_and_no_agreement_score(self):
        report = result("moi-2559")
        issue = report.indicator.criteria.get(number="3")
        done = list(issue.items.values_list("code", flat=True))
        trial = ask("collector", report, {"criterion": issue.pk, f"c{issue.pk}-done": done}).context["trial"]
        assert (trial.indicator, trial.agreement) == ((D("3.1000"), D("3.5000")), None)
        fewer = ask("collector", report, {"criterion": issue.pk, f"c{issue.pk}-done": done[:1]}).context["trial"]
        assert fewer.indicator.text == "−0.4000"

    def test_what_is_promised_is_what_a_save_gives(self):
        report = result("ega-2557", number="4.2")
        field = only(report)
        trial = ask("collector2", report, {"criterion": field[1:], f"{field}-value": "4.5"}).context["trial"]
        name = report.indicator.criteria.get().name
        save(report, person("collector2"), **{name: {"value": D("4.5")}})
        assert load_summary(agreement("ega-2557"), user=None).score == trial.agreement.after != D("4.7740")


TRIED = [
    ("milestones", {"done": ["a", "b"]}, "3.0000"),
    ("count", {"done": ["b", "c"]}, "3.0000"),
    ("complete_count", {"done": ["a", "b"], "complete": ["b"]}, "3.0000"),
    ("complete_count", {"done": ["a"], "complete": ["b"]}, "2.0000"),
    ("number", {"count": "9"}, "4.0000"),
    ("thresholds", {"value": "84.40"}, "3.8800"),
    ("level", {"value": "4.80"}, "4.8000"),
    ("formula", {"data-A": "211", "data-B": "250"}, "3.8800"),
    ("milestones", {"nothing": "on"}, "1.0000"),
    ("level", {"not_reported": "on", "value": "4"}, "1.0000"),
    ("level", {"value": ""}, None),
    ("milestones", {}, None),
    ("formula", {"data-A": "211", "data-B": ""}, None),
    ("formula", {"data-A": "211", "data-B": "0"}, None),
]


class TestEveryKind:
    @pytest.mark.parametrize(("name", "entry", "expected"), TRIED)
    def test_is_scored_as_a_save_would_and_shown_as_typed(self, name, entry, expected):
        report = every_kind()
        response = ask("collector", report, fields(report, **{name: entry}))
        pk = Criterion.objects.get(indicator=report.indicator, name=name).pk
        assert response.status_code == 200
        assert response.context["trial"].scores[pk] == (None if expected is None else D(expected))
        (row,) = (row for row in response.context["rows"] if row.prefix == f"c{pk}")
        assert (row.now, row.then, row.difference) == ("–", expected or "–", "–")
        assert {field.name: field.value for field in row.fields}.items() >= {
            f"c{pk}-{key}": value for key, value in entry.items() if isinstance(value, str) and value != "on"}.items()
        assert [tick.code for tick in row.ticks if tick.done] == entry.get("done", [])
        assert (row.nothing, row.not_reported) == ("nothing" in entry, "not_reported" in entry)

    @pytest.mark.parametrize(("name", "entry", "field"), [
        ("level", {"value": "5.1"}, "value"),
        ("level", {"value": "abc"}, "value"),
        ("number", {"count": "1.5"}, "count"),
        ("formula", {"data-A": "x", "data-B": "2"}, "data-A"),
        ("milestones", {"done": ["z"]}, "done"),
    ])
    def test_what_cannot_be_read_says_so_at_its_field_and_changes_nothing(self, name, entry, field):
        report = every_kind()
        typed = fields(report, **{name: entry})
        pk = typed["criterion"][0]
        for more in ({}, {"headers": HTMX}):
            response = ask("collector", report, typed, **more)
            assert response.status_code == 422 and list(response.context["errors"]) == [f"c{pk}-{field}"]
            assert response.context["trial"].scores[pk] is None
            assert f'id="c{pk}-{field}-error"' in response.content.decode()

    def test_an_unknown_criterion_is_ignored(self):
        report = every_kind()
        trial = ask("collector", report, {"criterion": ["x", "999999"], "c999999-value": "5"}).context["trial"]
        assert set(trial.scores.values()) == {None} and trial.indicator.text == "0.0000"


def everything() -> list:
    """What a save could have touched."""
    rows = CriterionResult.objects.order_by("pk").values_list()
    return [list(Result.objects.order_by("pk").values_list()), list(rows), AuditEvent.objects.count()]


class TestNothingIsSaved:
    @pytest.mark.parametrize("more", [{}, {"headers": HTMX}])
    def test_not_a_row_and_no_audit_entry(self, more):
        report = every_kind()
        typed = fields(report, **{name: entry for name, entry, _ in TRIED[:8]})
        before = everything()
        client = browser_of(person("collector"))
        with CaptureQueriesContext(connection) as queries:
            assert client.post(reverse("what_if", args=[report.pk]), typed, **more).status_code == 200
        assert everything() == before
        written = ("INSERT", "UPDATE", "DELETE", "SAVEPOINT")
        assert [q["sql"] for q in queries if q["sql"].upper().startswith(written)] == []

    def test_also_where_the_reader_may_not_edit(self):
        """An auditor may ask what if, of a result that is long approved."""
        report = result("ega-2557", number="2.2")
        field, before = only(report), everything()
        assert ask("auditor", report, {"criterion": field[1:], f"{field}-value": "90"}).status_code == 200
        assert everything() == before


def two_indicators() -> tuple[Result, dict]:
    """The open report of a (60 of 100), and the level 3 typed for it."""
    made = opened(indicator("60", key="a"), indicator("40", key="b"))
    report = Result.objects.get(indicator__agreement=made, indicator__number="a")
    field = only(report)
    return report, {"criterion": field[1:], f"{field}-value": "3"}


class TestWhatCounts:
    def test_an_operating_units_own_report_has_no_agreement_score(self, collector, admin):
        """Beside the lead unit's report, which stands in the agreement."""
        report, typed = two_indicators()
        other = Unit.objects.get(code="rtp-finance")
        grant(user=collector, unit=other, role=Role.COLLECTOR, by=admin)
        own = Result.objects.create(indicator=report.indicator, round=report.round, unit=other)
        mark = Mark.objects.create(result=own, stage="self")
        CriterionResult.objects.create(mark=mark, criterion=report.indicator.criteria.get())
        assert ask("collector", report, typed).context["trial"].agreement == (D(1), D("2.2"))
        trial = ask("collector", own, typed).context["trial"]
        assert (trial.indicator, trial.agreement) == ((D(1), D(3)), None)

    def test_who_may_not_see_the_agreement_sees_the_indicator_only(self):
        report, typed = two_indicators()
        Agreement.objects.update(unit=Unit.objects.get(code="rtp"))
        below = Unit.objects.get(code="rtp-finance")
        type(report.indicator).objects.filter(pk=report.indicator_id).update(lead_unit=below)
        Result.objects.filter(pk=report.pk).update(unit=below)
        trial = ask("stranger", report, typed).context["trial"]
        assert (trial.indicator, trial.agreement) == ((D(1), D(3)), None)

    def test_a_certified_indicator_shows_its_own_score_but_not_the_hidden_agreements(self, collector):
        report, typed = two_indicators()
        Agreement.objects.filter(pk=report.indicator.agreement_id).update(hide_scores=True)
        assert "trial" not in ask("collector", report, typed).context
        now = timezone.now()
        Result.objects.filter(pk=report.pk).update(
            state="certified", submitted_at=now, submitted_by=collector, decided_at=now, decided_by=collector,
            certified_at=now, certified_by=collector)
        trial = ask("collector", report, typed).context["trial"]
        assert (trial.indicator, trial.agreement) == ((D(1), D(3)), None)
        assert ask("office", report, typed).context["trial"].agreement == (D(1), D("2.2"))

    def test_what_is_not_applicable_cannot_be_tried(self):
        report = every_kind()
        typed = fields(report, level={"value": "5"})
        CriterionResult.objects.filter(criterion=typed["criterion"][0]).update(status="not_applicable")
        response = ask("collector", report, typed)
        assert response.context["trial"].indicator.text == "0.0000"
        assert f'name="c{typed["criterion"][0]}-value"' not in response.content.decode()

    def test_hidden_scores_stay_hidden_whatever_is_typed(self):
        report = result("ict-2550")
        third = report.indicator.criteria.get(order=3)
        typed = {"criterion": third.pk, f"c{third.pk}-value": "3"}
        for more in ({}, {"headers": HTMX}):
            response = ask("agency-001-collector-1", report, typed, **more)
            assert response.status_code == 200 and "trial" not in response.context
            assert "3.0000" not in response.content.decode()
        assert ask("office", report, typed).context["trial"].indicator.difference < 0
