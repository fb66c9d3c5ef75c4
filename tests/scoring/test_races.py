"""Two people at once: real races on PostgreSQL, where the row lock decides; else the conditional update."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from io import BytesIO
from threading import Barrier, Event
from time import sleep

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from evidence.models import Evidence, FileVersion
from evidence.services import add_evidence, receive
from indicators.models import Round
from indicators.services import set_round_dates
from indicators.services.rounds import locked_round
from kpiportal.audit.models import AuditEvent
from scoring.models import BaseDatum, ItemResult, Result, Snapshot
from scoring.queries.evidence import documents
from scoring.queries.results import load_sheet
from scoring.services import (
    NotAllowed,
    approve,
    attach_version,
    certify,
    close_round,
    open_round,
    reopen,
    return_,
    submit,
    take_out,
    use_evidence,
)
from scoring.services.rules import move
from tests.cast import person, result
from tests.definitions import EVERY_KIND, every_kind, in_force, indicator, sheets
from tests.evidence import files
from tests.operating import A_AND_B, LEAD, UNITS, figure, give, operating_result
from tests.scoring.test_decisions import TYPED
from tests.scoring.test_entry import save

ROUNDS = 5


def test_a_state_changed_since_it_was_read_is_not_overwritten(seeds, db, collector):
    report = every_kind()
    stale = Result.objects.get(pk=report.pk)
    Result.objects.filter(pk=report.pk).update(version=7)
    with pytest.raises(NotAllowed):
        move(stale, Result.State.DRAFT)
    assert Result.objects.get(pk=report.pk).version == 7


def at_once(*actions) -> list[str]:
    """Run each action in a thread of its own, all starting together; gives 'done' or 'refused' for each."""
    barrier = Barrier(len(actions))

    def run(action) -> str:
        try:
            barrier.wait(timeout=10)
            action()
            return "done"
        except NotAllowed:
            return "refused"
        finally:
            connection.close()

    with ThreadPoolExecutor(len(actions)) as pool:
        return [future.result(timeout=30) for future in [pool.submit(run, action) for action in actions]]


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    @pytest.fixture
    def report(self) -> Result:
        call_command("load_seeds", definitions_only=True, verbosity=0)
        report = every_kind()
        save(report, person("collector"), **TYPED)
        return report

    def test_approving_and_returning_have_one_winner(self, report):
        for _ in range(ROUNDS):
            submit(report, by=person("collector"))
            before = AuditEvent.objects.count()
            outcome = at_once(
                lambda: approve(report, by=person("supervisor")),
                lambda: return_(report, reason="x", by=person("supervisor")),
            )
            assert sorted(outcome) == ["done", "refused"]
            assert AuditEvent.objects.count() == before + 1
            Result.objects.filter(pk=report.pk).update(state="returned", return_reason="again")

    def test_certifying_and_returning_have_one_winner_and_one_snapshot_at_most(self, report):
        for turn in range(1, ROUNDS + 1):
            submit(report, by=person("collector"))
            approve(report, by=person("supervisor"))
            outcome = at_once(
                lambda: certify(report, by=person("office")),
                lambda: certify(report, by=person("office")),
                lambda: return_(report, reason="x", by=person("office")),
            )
            assert sorted(outcome) == ["done", "refused", "refused"]
            certified = Result.objects.get(pk=report.pk).state == "certified"
            assert Snapshot.objects.filter(superseded_at__isnull=True).count() == certified
            if certified:
                reopen(report, reason=f"turn {turn}", by=person("office"))
        numbers = list(Snapshot.objects.values_list("number", flat=True))
        assert numbers == list(range(1, len(numbers) + 1))

    def test_a_double_clicked_submit_submits_once(self, report):
        outcome = at_once(*[lambda: submit(report, by=person("collector"))] * 4)
        assert sorted(outcome) == ["done"] + ["refused"] * 3
        assert AuditEvent.objects.about(report).filter(action="result.submit").count() == 1

    def test_two_savers_lose_nothing(self, report):
        by = person("collector")
        outcome = at_once(
            lambda: save(report, by, level={"text": "from one tab"}),
            lambda: save(report, by, count={"text": "from another"}),
        )
        assert outcome == ["done", "done"]
        stored = {
            row.criterion.name: row.text for row in report.marks.get().criteria.select_related("criterion")
        }
        assert (stored["level"], stored["count"]) == ("from one tab", "from another")
        assert Result.objects.get(pk=report.pk).version == 3

    def test_of_many_who_type_on_without_a_pause_nobody_is_refused(self, report):
        by, turns = person("collector"), 12

        def typing(name: str) -> None:
            for turn in range(turns):
                save(report, by, **{name: {"text": f"turn {turn}"}})

        outcome = at_once(*[lambda name=name: typing(name) for name in EVERY_KIND])
        assert outcome == ["done"] * len(EVERY_KIND)
        assert {sheet.row.text for sheet in sheets(report).values()} == {f"turn {turns - 1}"}
        assert Result.objects.get(pk=report.pk).version == 1 + turns * len(EVERY_KIND)

    def test_a_document_taken_out_while_another_report_takes_it_over_is_in_it_or_gone(self, report):
        collector, other = person("collector"), result("moi-2559")
        for number in range(ROUNDS * 4):
            shared = add_evidence(unit=report.unit, kind="named", title=f"plan {number}", by=collector)
            use_evidence(report, shared, by=collector)
            outcome = at_once(
                lambda one=shared: take_out(report, one, by=collector),
                lambda one=shared: use_evidence(other, one, by=collector),
            )
            assert outcome[0] == "done"
            assert Evidence.objects.filter(pk=shared.pk).exists() == (outcome[1] == "done")

    def test_a_newer_file_while_the_report_is_handed_in_is_in_it_or_younger(self, report, tmp_path, settings):
        settings.EVIDENCE_STORAGE = f"file:{tmp_path}"
        collector, other = person("collector"), result("moi-2559")
        named = add_evidence(unit=report.unit, kind="named", title="plan", by=collector)
        sheet = load_sheet(report)
        wanted = next(one for one in sheet.criteria if one.criterion.kind == "complete_count").criterion.items.first()
        for one, items in ((report, [wanted]), (other, [])):
            use_evidence(one, named, items=items, by=collector)
        for _ in range(ROUNDS):
            received = receive(BytesIO(files.pdf()), name="plan.pdf")
            outcome = at_once(
                lambda: submit(report, by=collector), lambda: attach_version(other, named, received, by=collector)
            )
            report.refresh_from_db()
            shown = ItemResult.objects.get(item=wanted, criterion_result__mark__result=report).shown
            assert outcome == ["done", "done"] and shown == documents(report)[0].is_had
            FileVersion.objects.all().delete()
            return_(report, reason="x", by=person("supervisor"))

    def test_a_round_opened_twice_at_once_has_each_result_once(self, report):
        round_ = Round.objects.get(agreement=in_force(indicator(), code="second"))
        assert at_once(*[lambda: open_round(round_, by=None)] * 3) == ["done"] * 3
        assert Result.objects.filter(round=round_).count() == 1
        assert AuditEvent.objects.filter(action="round.opened", target_id=str(round_.pk)).count() == 1

    def test_units_that_save_at_once_are_all_in_the_sums(self, report):
        asked = operating_result(code="units")
        for turn in range(1, ROUNDS + 1):
            outcome = at_once(*[lambda code=code, turn=turn: give(asked, code, str(turn), "100") for code in UNITS])
            assert outcome == ["done"] * 3
            assert sheets(asked)[A_AND_B].data == {"A": 3 * turn, "B": 300}
            assert figure(asked)[1] == f"{turn}.0000"
        assert Result.objects.get(pk=asked.pk).version == 3 * ROUNDS

    def test_the_lead_units_text_and_a_units_numbers_both_stand(self, report):
        asked = operating_result(code="units")
        for turn in range(1, ROUNDS + 1):
            outcome = at_once(
                lambda turn=turn: save(asked, person(LEAD), **{A_AND_B: {"text": f"turn {turn}", "nothing": False}}),
                lambda turn=turn: give(asked, "imm-1", str(turn), "100"),
                lambda turn=turn: give(asked, "imm-2", str(turn), "100"),
            )
            assert outcome == ["done"] * 3
            assert (figure(asked)[1], sheets(asked)[A_AND_B].row.text) == (f"{turn}.0000", f"turn {turn}")

    def test_a_unit_that_reports_while_it_is_stated_as_silent_is_one_of_both(self, report):
        asked = operating_result(code="units")
        outcome = at_once(
            lambda: give(asked, "imm-1", "90", "100"),
            lambda: give(asked, "imm-1", reason="no answer", by=person(LEAD)),
        )
        assert outcome[0] == "done"
        assert figure(asked) == ("reported", "90.0000", "5.0000")

    def test_a_unit_that_saves_while_the_result_is_handed_in_is_in_it_or_refused(self, report):
        asked = operating_result(code="units")
        save(asked, person(LEAD), level={"value": 3})
        for code in UNITS:
            give(asked, code, "90", "100")
        outcome = at_once(lambda: submit(asked, by=person(LEAD)), lambda: give(asked, "imm-1", "0", "100"))
        assert outcome[0] == "done"
        assert figure(asked)[1] == {"done": "60.0000", "refused": "90.0000"}[outcome[1]]


def sealed_state(report: Result) -> str:
    """What the seal of a report's round says of it."""
    lines = json.loads(report.round.seals.get().content)["lines"]
    return next(line["result"]["state"] for line in lines if line["result"]["id"] == report.pk)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
class TestClosing:
    """Whatever is done while a round is closed is in its seal, or is refused."""

    @pytest.fixture
    def report(self) -> Result:
        call_command("load_seeds", definitions_only=True, verbosity=0)
        report = every_kind()
        save(report, person("collector"), **TYPED)
        return submit(report, by=person("collector"))

    def slowly(self, first, then) -> list[str]:
        """`first` has done its work but waits half a second before it commits; `then` begins meanwhile."""
        begun = Event()

        def slow() -> None:
            with transaction.atomic():
                first()
                begun.set()
                sleep(0.5)

        def after() -> None:
            begun.wait(timeout=10)
            then()

        return at_once(slow, after)

    def close(self, report: Result) -> None:
        close_round(report.round, reason="the year is over", by=person("office"))

    def test_waits_for_a_decision_that_is_on_its_way(self, report):
        approve(report, by=person("supervisor"))
        outcome = self.slowly(lambda: certify(report, by=person("office")), lambda: self.close(report))
        assert outcome == ["done", "done"] and sealed_state(report) == "certified"

    def test_waits_for_a_save_that_is_on_its_way(self, report):
        return_(report, reason="mend", by=person("supervisor"))
        outcome = self.slowly(
            lambda: save(report, person("collector"), level={"value": 1}), lambda: self.close(report)
        )
        lines = json.loads(report.round.seals.get().content)["lines"][0]
        level = next(one["id"] for one in lines["criteria"] if one["name"] == "level")
        assert outcome == ["done", "done"]
        assert [row["score"] for row in lines["rows"] if row["criterion_id"] == level] == ["1.0000"]

    @pytest.mark.parametrize("act", ["approve", "save", "give"])
    def test_is_waited_for_and_nothing_is_done_after_it(self, report, act):
        if act != "approve":
            report = return_(report, reason="mend", by=person("supervisor"))
        asked = operating_result(code="units") if act == "give" else report
        acts = {
            "approve": lambda: approve(report, by=person("supervisor")),
            "save": lambda: save(report, person("collector"), level={"value": 1}),
            "give": lambda: give(asked, "imm-1", "90", "100"),
        }
        state = Result.objects.get(pk=asked.pk).state
        assert self.slowly(lambda: self.close(asked), acts[act]) == ["done", "refused"]
        assert Result.objects.get(pk=asked.pk).state == state == sealed_state(asked)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
class TestWhileTheOfficeChangesTheRound:
    def test_a_save_of_base_data_and_the_office_do_not_wait_for_each_other(self):
        call_command("load_seeds", definitions_only=True, verbosity=0)
        report, begun = every_kind(), Event()
        by, office = person("collector"), person("office")

        def change() -> None:
            with transaction.atomic():
                round_ = locked_round(report.round)
                begun.set()
                sleep(0.5)
                set_round_dates(round_, opens_on=None, due_on=date(2026, 10, 31), by=office)

        def type_in() -> None:
            begun.wait(timeout=10)
            save(report, by, formula={"data": {"A": Decimal(8), "B": Decimal(10)}})

        assert at_once(change, type_in) == ["done", "done"]
        assert BaseDatum.objects.filter(round=report.round).count() == 2
