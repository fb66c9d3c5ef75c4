"""Certifying: who may, what keeps it back, what is frozen, and that nothing changes it afterwards."""

import io
import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from evidence.models import Evidence, FileVersion
from indicators.models import Agreement, ChecklistItem, Criterion, Indicator, Level, RoundWeight, Variable
from kpiportal.accounts.models import Unit, User
from kpiportal.audit.models import AuditEvent
from reports.cards import build
from scoring.freezing.codec import TABLES, canonical, sha256_of
from scoring.freezing.report import freeze, thaw
from scoring.freezing.rounds import load_shown
from scoring.models import (
    BaseDatum, CriterionResult, ItemResult, Mark, Marking, NotApplicableRequest, Objection, Question, Result, RoundSeal,
    Snapshot,
)
from scoring.queries import load_sheet
from scoring.queries.tasks import tasks_of
from scoring.services import (
    NotAllowed, NotReady, Overtaken, approve, certify, close_round, reopen, submit, use_evidence,
)
from scoring.summary_pages import summary_page
from scoring.tree import agreement_tree
from tests.append_only import without_triggers
from tests.cast import browser_of, person, result
from tests.certified import approved, certified, of, two_indicators
from tests.definitions import every_kind
from tests.operating import UNITS, give, operating_result
from tests.scoring.test_decisions import TYPED
from tests.scoring.test_entry import save

pytestmark = pytest.mark.usefixtures("seeds", "db")


def problems(report: Result) -> set[str]:
    before = Result.objects.filter(pk=report.pk).values().get(), AuditEvent.objects.count()
    with pytest.raises(NotReady) as refused:
        certify(report, by=person("office"))
    assert (Result.objects.filter(pk=report.pk).values().get(), AuditEvent.objects.count()) == before
    assert not Snapshot.objects.exists()
    return {problem.code for problem in refused.value.problems}


class TestCertifying:
    def test_leaves_a_snapshot_with_its_hash_and_an_entry_that_names_it(self):
        report = certified()
        snapshot = report.snapshots.get()
        assert (report.state, report.certified_by) == ("certified", person("office"))
        assert report.certified_at == snapshot.sealed_at
        assert snapshot.sha256 == sha256_of(snapshot.content) and snapshot.number == 1
        event = AuditEvent.objects.about(report).last()
        assert (event.action, event.actor_name) == ("result.certify", person("office").name)
        assert (event.after["snapshot"], event.after["sha256"]) == (1, snapshot.sha256)

    @pytest.mark.parametrize("who", ["collector", "supervisor", "auditor", "admin", "stranger"])
    def test_only_the_office_may(self, who):
        with pytest.raises(NotAllowed):
            certify(approved(), by=person(who))
        assert not Snapshot.objects.exists()

    def test_only_what_is_approved_and_once(self):
        with pytest.raises(NotAllowed):
            certify(result("moi-2559"), by=person("office"))
        report = certified()
        with pytest.raises(NotAllowed):
            certify(report, by=person("office"))
        assert Snapshot.objects.count() == 1

    def test_only_the_version_that_was_seen(self):
        report = approved()
        with pytest.raises(Overtaken):
            certify(report, by=person("office"), version=report.version - 1)
        assert certify(report, by=person("office"), version=report.version).state == "certified"

    def test_not_while_something_waits_for_an_answer_or_lacks_a_score(self):
        report, now = approved(), timezone.now()
        Objection.objects.create(result=report, text="too low", made_by=person("collector"), made_at=now)
        Question.objects.create(result=report, text="why", asked_by=person("office"), asked_at=now)
        NotApplicableRequest.objects.create(
            result=report, criterion=report.indicator.criteria.first(), reason="flood", requested_by=person("collector")
        )
        CriterionResult.objects.filter(mark__result=report, criterion__name="level").update(status="open", score=None)
        assert problems(report) == {"objection", "question", "request", "no_score"}

    def test_what_does_not_apply_needs_no_score(self):
        report = approved()
        CriterionResult.objects.filter(mark__result=report, criterion__name="level").update(
            status="not_applicable", score=None
        )
        assert certify(report, by=person("office")).state == "certified"

    def test_after_reopening_the_next_snapshot_replaces_the_first(self):
        report = certified()
        reopen(report, reason="wrong year", by=person("office"))
        submit(report, by=person("collector"))
        approve(report, by=person("supervisor"))
        certify(report, by=person("office"))
        first, second = report.snapshots.all()
        assert first.superseded_at and second.superseded_at is None
        assert (second.number, json.loads(second.content)["replaces"]) == (2, first.sha256)


class TestFreezing:
    """freeze → thaw → freeze is the same, and what is thawed scores as the live one."""

    def same(self, report: Result) -> None:
        content = freeze(report)
        thawed = thaw(canonical(content))
        for stage in ("self", None):
            live, sealed = load_sheet(report, stage), thawed.sheet(stage)
            assert sealed.average == live.average
            for one, other in zip(sealed.criteria, live.criteria, strict=True):
                assert one.working() == other.working()
                if one.rubric and other.row.status in ("reported", "not_reported"):
                    assert one.outcome == other.outcome
        assert canonical(freeze(thawed)) == canonical(content)
        assert set(content["tables"]) == set(TABLES)

    @pytest.mark.parametrize("code", ["moi-2559", "ict-2550", "ega-2557"])
    def test_every_result_of_the_seeds(self, code):
        found = Result.objects.filter(indicator__agreement__code=code).select_related("indicator__agreement", "round")
        assert found
        for report in found:
            self.same(report)

    def test_every_kind_of_rubric(self):
        report = every_kind()
        self.same(report)
        save(report, person("collector"), **TYPED)
        self.same(report)

    def test_base_data_of_many_units(self):
        report = operating_result()
        give(report, "imm-1", "90", "100")
        give(report, "imm-2", reason="flooded", by=person("imm-2"))
        self.same(report)
        thawed = thaw(freeze(report))
        assert [unit.unit.code for unit in thawed.sheet().criteria[0].units] == list(UNITS)

    def test_the_marks_of_all_stages_with_their_reasons(self):
        report = approved()
        own = CriterionResult.objects.get(mark__result=report, criterion__name="level")
        CriterionResult.objects.filter(pk=own.pk).update(text="what was done")
        mark = Mark.objects.create(result=report, stage="supervisor")
        row = CriterionResult.objects.create(
            mark=mark, criterion=own.criterion, status="reported", value=Decimal(2), score=Decimal(2)
        )
        Marking.objects.create(
            row=row, reason="not enough shown", submission=1, marked_by=person("supervisor"), marked_at=timezone.now()
        )
        content = freeze(certify(report, by=person("office")))
        assert canonical(freeze(thaw(content))) == canonical(content)
        thawed = thaw(content)
        final, self_ = (
            next(one.row for one in thawed.sheet(stage).criteria if one.criterion.name == "level")
            for stage in (None, "self")
        )
        assert (final.score, final.text, self_.score) == (2, "what was done", 4)
        said = thawed.rows["markings"][0]
        assert (said.reason, said.marked_by.name, said.row.score) == ("not enough shown", person("supervisor").name, 2)
        assert report.snapshots.get().line.count('"score":"2.0000"') >= 1

    def test_of_a_person_only_what_the_paper_names(self):
        content = canonical(freeze(result("moi-2559")))
        assert "@" not in json.dumps(json.loads(content)["tables"]["people"])
        assert set(json.loads(content)["tables"]["people"][0]) == {"id", "name", "position", "phone"}


def shake(report: Result) -> None:
    """Change everything behind a result past the services."""
    Agreement.objects.update(name="other", wording={"criterion": "other"}, digits="thai", definition_stamp="0" * 32)
    Agreement.objects.update(total_weight=50, scale_max=9)
    Unit.objects.update(name="other", short_name="other")
    User.objects.update(name="other", position="other", phone="other")
    Indicator.objects.update(name="other", number="9", weight=1, description="other", unit_of_measure="other")
    Indicator.objects.update(first_round=12)
    RoundWeight.objects.create(indicator=report.indicator, round=report.round, weight=3)
    Criterion.objects.update(name="other", weight=7, kind="level", formula="", intro="other", note="other")
    Level.objects.update(wording="other", target="1", items_needed=1)
    Level.objects.filter(score=5).delete() if not ChecklistItem.objects.filter(level__score=5).exists() else None
    ChecklistItem.objects.update(name="other")
    Variable.objects.update(label="other")
    BaseDatum.objects.update(value="1")
    CriterionResult.objects.filter(status="reported").update(score=1, value="1", text="other")
    ItemResult.objects.update(done=False, complete=False)
    Result.objects.update(measures="other", obstacles="other")
    Evidence.objects.update(title="other")
    FileVersion.objects.update(
        name="other", taken_down_at=timezone.now(), taken_down_by=person("office"), taken_down_reason="x"
    )


class TestNothingChangesASealedResult:
    @pytest.fixture
    def report(self) -> Result:
        report = every_kind()
        save(report, person("collector"), **TYPED)
        shown = Evidence.objects.create(unit=report.unit, kind="file", title="plan", created_by=person("collector"))
        FileVersion.objects.create(
            evidence=shown, number=1, name="plan.pdf", key="k" * 32, size=1, sha256="0" * 64,
            content_type="application/pdf",
        )
        use_evidence(report, shown, by=person("collector"))
        submit(report, by=person("collector"))
        approve(report, by=person("supervisor"))
        return certify(report, by=person("office"))

    def read(self, report: Result) -> dict[str, object]:
        """What a person reads of a result, everywhere."""
        report = Result.objects.select_related(
            "indicator__agreement__unit", "indicator__agreement__fiscal_year", "round", "unit"
        ).get(pk=report.pk)
        agreement = report.indicator.agreement
        office = browser_of(person("office"))
        page = office.get(reverse("result", args=[report.pk]))
        task = next(task for task in tasks_of(person("collector")) if task.result.pk == report.pk)
        return {
            "card": render_to_string("reports/card_pdf.html", {"card": build(report, user=None)}),
            # Its mark says that the round's total weight has become another one: that is no part of what was sealed.
            "line": replace(summary_page(load_shown(agreement, user=None), "th").rows[-1], mark=""),
            "tree": [line["criteria"] for line in agreement_tree(agreement, None, "th")["lines"]],
            "task": (task.result.indicator, task.score),
            "panel": page.context["panel"],
            "texts": [
                (c.criterion.name, c.row.text, c.weight, c.score, c.value, c.levels, [i.item.name for i in c.items],
                 [d.label for d in c.data])
                for c in page.context["criteria"]
            ],
            "people": [each.person.name for each in page.context["people"]],
            "what_if": office.get(reverse("what_if", args=[report.pk])).context["trial"],
        }

    def test_whatever_changes_behind_it(self, report):
        before = self.read(report)
        shake(report)
        after = self.read(report)
        for name, was in before.items():
            assert after[name] == was, name
        assert "plan.pdf" in before["card"]

    def test_the_pdf_keeps_its_bytes(self, report):
        visitor, path = browser_of(person("office")), reverse("card_pdf", args=[report.pk])
        before = visitor.get(path).getvalue()
        shake(report)
        assert visitor.get(path).getvalue() == before and before.startswith(b"%PDF")

    def test_a_file_that_is_gone_is_not_offered(self, report):
        shake(report)
        page = browser_of(person("office")).get(reverse("result", args=[report.pk]))
        newest = page.context["evidence"][0].newest
        assert (newest.version.name, newest.open) == ("plan.pdf", False)

    def test_a_result_that_is_not_certified_does_change(self, report):
        reopen(report, reason="again", by=person("office"))
        shake(report)
        card = build(of(Agreement.objects.get(code="trial"), "9"), user=None)
        assert card.line.name == "๙ other"


def wrong() -> list[str]:
    """What verify_snapshots says."""
    out = io.StringIO()
    with pytest.raises(CommandError):
        call_command("verify_snapshots", stdout=out)
    return out.getvalue().splitlines()


class TestTheDatabaseItself:
    def refuses(self, change) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            change()

    @pytest.mark.parametrize("column", ["content", "sha256", "line", "number", "sealed_by"])
    def test_refuses_every_change_of_a_snapshot(self, column):
        certified()
        new = {"number": 7, "sealed_by": person("auditor")}.get(column, "x")
        self.refuses(lambda: Snapshot.objects.update(**{column: new}))

    def test_refuses_to_delete_and_to_supersede_twice(self):
        report = certified()
        self.refuses(lambda: Snapshot.objects.all().delete())
        reopen(report, reason="again", by=person("office"))
        self.refuses(lambda: Snapshot.objects.update(superseded_at=None))
        self.refuses(lambda: Snapshot.objects.update(superseded_at=timezone.now()))

    def test_the_same_of_the_seal_of_a_round(self):
        trial = two_indicators(a="4")
        close_round(trial.rounds.get(), reason="end of the year", by=person("office"))
        self.refuses(lambda: RoundSeal.objects.update(content="{}"))
        self.refuses(lambda: RoundSeal.objects.all().delete())


def past_the_triggers(change: Callable[[], object]) -> None:
    """As whoever owns the database could; nothing of it is left for the end of the transaction."""
    with without_triggers():
        change()
        connection.check_constraints()


class TestVerifying:
    def test_all_is_well(self):
        certified()
        out = io.StringIO()
        call_command("verify_snapshots", stdout=out)
        assert "1 snapshots" in out.getvalue()

    @pytest.mark.parametrize(("change", "said"), [
        ({"content": "{}"}, "another SHA-256"),
        ({"line": "{}"}, "its line is not"),
        ({"number": 3}, "the number 1 is missing"),
        ({"superseded_at": timezone.now()}, "no snapshot is in force"),
    ])
    def test_finds_what_somebody_changed_past_the_triggers(self, change, said):
        certified()
        past_the_triggers(lambda: Snapshot.objects.update(**change))
        assert any(said in line for line in wrong())

    def test_finds_a_content_with_a_hash_made_to_fit(self):
        report = certified()
        text = report.snapshots.get().content.replace('"5.0000"', '"4.0000"')
        past_the_triggers(lambda: Snapshot.objects.update(content=text, sha256=sha256_of(text)))
        assert any("its line is not" in line for line in wrong())

    def test_finds_one_that_was_taken_out_of_the_row(self):
        report = certified()
        reopen(report, reason="again", by=person("office"))
        submit(report, by=person("collector"))
        approve(report, by=person("supervisor"))
        certify(report, by=person("office"))
        past_the_triggers(lambda: Snapshot.objects.filter(number=1).delete())
        assert any("the number 1 is missing" in line for line in wrong())


class TestManyAtOnce:
    def post(self, trial: Agreement, who: str = "office", **changes: int):
        ticked = [f"{of(trial, n).pk}:{of(trial, n).version + changes.get(n, 0)}" for n in "ab"]
        path = reverse("certify_many", args=[trial.pk])
        return browser_of(person(who)).post(path, {"result": ticked, "round": "12"}, follow=True)

    def test_each_is_its_own_decision_and_what_can_not_be_is_told(self):
        trial = two_indicators(a="4", b="3")
        report = of(trial, "b")
        Objection.objects.create(result=report, text="too low", made_by=person("collector"), made_at=timezone.now())
        page = self.post(trial).content.decode()
        assert (of(trial, "a").state, of(trial, "b").state) == ("certified", "approved")
        assert "indicator b" in page and "ตอบข้อโต้แย้งก่อนรับรองผล" in page
        assert AuditEvent.objects.filter(action="result.certify").count() == 1

    def test_both(self):
        trial = two_indicators(a="4", b="3")
        self.post(trial)
        events = AuditEvent.objects.filter(action="result.certify")
        assert {event.target_id for event in events} == {str(of(trial, n).pk) for n in "ab"}
        assert load_shown(trial, user=None).score == Decimal("3.6000")

    def test_not_the_version_that_was_seen(self):
        trial = two_indicators(a="4", b="3")
        self.post(trial, a=-1)
        assert (of(trial, "a").state, of(trial, "b").state) == ("approved", "certified")

    def test_nobody_else(self):
        trial = two_indicators(a="4", b="3")
        self.post(trial, "supervisor")
        assert not Snapshot.objects.exists()

    def test_the_boxes_are_the_offices_alone(self):
        trial = two_indicators(a="4", b="3")
        pages = {who: browser_of(person(who)).get(reverse("agreement", args=[trial.pk])).content.decode()
                 for who in ("office", "supervisor")}
        assert [page.count('form="certify-form"') for page in pages.values()] == [2, 0]
