"""The board: where every report stands, how late, what is missing, whose turn it is, within everyone's scope."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from indicators.models import Agreement, Assignment, Round
from kpiportal.accounts.models import Unit
from scoring.board_pages import Cell, Table
from scoring.models import ItemResult, Question, Result
from tests.cast import agreement, browser_of, person, result
from tests.definitions import COMPLETE_COUNT, ITEMS, criterion, indicator, opened
from tests.operating import LEAD, UNITS, give, members, operating_result
from tests.scoring.clock import Clock
from tests.scoring.test_entry import save

pytestmark = pytest.mark.usefixtures("seeds", "db")
READERS = ("collector", "collector2", "supervisor", "office", "auditor")


def page(who: str, **asked: object):
    """The board as somebody asks for it."""
    return browser_of(person(who)).get(reverse("board"), asked)


def tables(who: str, **asked: object) -> list[Table]:
    return page(who, **asked).context["tables"]


def cells(who: str, **asked: object) -> list[Cell]:
    return [cell for table in tables(who, **asked) for cell in table.cells]


def cell_of(report: Result, who: str = "office") -> Cell:
    [cell] = [each for each in cells(who) if each.path == reverse("result", args=[report.pk]) and not each.is_data]
    return cell


def words(cell: Cell) -> list[str]:
    """The English lines of a cell."""
    said = [cell.when, *cell.missing, cell.turn]
    return [message.en for message in said if message]


def due(report: Result, day: str | None, **values) -> Result:
    Round.objects.filter(pk=report.round_id).update(due_on=day and datetime.date.fromisoformat(day))
    Result.objects.filter(pk=report.pk).update(**values)
    return report


@pytest.fixture
def clock(monkeypatch) -> Clock:
    return Clock(monkeypatch)


class TestCells:
    @pytest.mark.parametrize(
        ("moment", "said", "heat", "late"),
        [
            ("2026-11-22 12:00", "Due in 8 days (30 Nov 2026)", "far", False),
            ("2026-11-23 00:00", "Due in 7 days (30 Nov 2026)", "soon", False),
            ("2026-11-30 23:59:59", "Due today, until 23:59", "soon", False),
            ("2026-12-01 00:00:00", "Late since 30 Nov 2026 (1 day)", "late", True),
        ],
    )
    def test_days_end_at_midnight_in_bangkok(self, clock, moment, said, heat, late):
        report = due(result("moi-2559"), "2026-11-30")
        clock(moment)
        cell = cell_of(report)
        assert (cell.when.en, cell.heat, cell.late) == (said, heat, late)

    def test_what_was_handed_in_late_says_so(self, clock):
        late = timezone.make_aware(datetime.datetime(2026, 12, 1, 0, 0))
        report = due(
            result("moi-2559"), "2026-11-30", state="submitted", submitted_at=late, submitted_by=person("collector")
        )
        assert words(cell_of(report))[0] == "handed in 1 day late"
        assert not cell_of(report).late and cell_of(report).heat == "submitted"
        Result.objects.filter(pk=report.pk).update(submitted_at=late - datetime.timedelta(seconds=1))
        assert cell_of(report).when is None

    def test_what_is_missing(self):
        report = result("moi-2559", months=6)
        n = report.indicator.criteria.count()
        assert f"{n} of {n} criteria have no result" in words(cell_of(report))

    def test_evidence_that_is_not_complete(self):
        trial = opened(indicator("100", criterion("a", "100", COMPLETE_COUNT, ITEMS)), code="trial")
        report = Result.objects.select_related("indicator__agreement").get(indicator__agreement=trial)
        ticked = {"done": frozenset("ab"), "complete": frozenset("a")}
        save(report, person("collector"), a=ticked)
        assert ItemResult.objects.filter(criterion_result__mark__result=report, done=True, complete=False).count() == 1
        assert "evidence incomplete for 1" in words(cell_of(report))

    def test_a_question_waits(self):
        report = result("ega-2557", number="3.2")
        Question.objects.create(
            result=report, text="Which?", asked_by=person("supervisor"), asked_at=timezone.now()
        )
        assert "1 question waits" in words(cell_of(report))

    @pytest.mark.parametrize(
        ("state", "turn"),
        [
            ("draft", "waits for: data collector"), ("submitted", "waits for: KPI supervisor"),
            ("returned", "waits for: data collector"), ("approved", "waits for: performance office"),
            ("certified", None),
        ],
    )
    def test_whose_turn_it_is(self, state, turn):
        now, by = timezone.now(), person("supervisor")
        values = {"submitted_at": now, "submitted_by": by, "decided_at": now, "decided_by": by, "return_reason": "x"}
        if state == "certified":
            values |= {"certified_at": now, "certified_by": by}
        report = due(result("moi-2559"), None, state=state, **values)
        said = cell_of(report).turn
        assert (said is None) == (turn is None) and (turn is None or said.en.startswith(turn))
        if state in ("draft", "submitted"):
            role = {"draft": "collector", "submitted": "supervisor"}[state]
            assert report.indicator.assignments.filter(round=report.round, role=role).first().person.name in said.en

    def test_a_closed_round_waits_for_the_office_only(self):
        report = result("moi-2559")
        Round.objects.filter(agreement__code="moi-2559").update(state="closed")
        [cell] = cells("office", agreement=agreement("moi-2559").pk)
        assert cell.turn.en == "round closed: only the office reopens it"
        Result.objects.filter(pk=report.pk).update(reopened=True)
        [cell] = cells("office", agreement=agreement("moi-2559").pk)
        assert cell.turn.en.startswith("waits for: data collector")


class TestTables:
    def test_totals_of_rows_columns_and_all(self):
        [table] = tables("office", agreement=agreement("ega-2557").pk)
        assert len(table.rows) == 14 and not table.by_unit
        done = sum(cell.done for cell in table.cells)
        late = sum(cell.late for cell in table.cells)
        assert table.total.en == f"{done} of 14 in, {late} late" == table.columns[0].total.en
        assert {row.total.en for row in table.rows} == {"1 of 1 in", "0 of 1 in, 1 late"}

    def test_units_that_report_base_data_stand_beside_the_lead_unit(self):
        report = operating_result()
        give(report, "imm-2", "1", "2")
        [table] = [table for table in tables("office") if table.by_unit]
        states = {Unit.objects.get(pk=row.place.key).code: row.cells[0].state for row in table.rows}
        assert states == {LEAD: "draft", "imm-1": "missing", "imm-2": "reported", "imm-3": "missing"}
        assert table.rows[0].cells[0].indicator.name == str(report.indicator)

    def test_a_lead_unit_that_reports_base_data_too_has_one_cell(self):
        report = operating_result((LEAD, "imm-1"))
        [table] = [table for table in tables("office") if table.by_unit]
        assert [cell.is_data for cell in table.cells] == [False, True]
        assert table.cells[0].path == reverse("result", args=[report.pk])

    def test_what_the_lead_unit_handed_in_waits_for_no_unit(self):
        report = operating_result()
        due(report, None, state="submitted", submitted_at=timezone.now(), submitted_by=person(LEAD))
        assert [cell.turn for cell in cells("office") if cell.is_data] == [None] * len(UNITS)

    def test_an_operating_unit_that_may_read_the_agreement_sees_its_own_row_and_its_own_page(self):
        report = operating_result()
        assert cells("imm-1") == []
        Assignment.objects.create(
            indicator=report.indicator, round=report.round, unit=Unit.objects.get(code="imm-1"), role="collector",
            person=person("imm-1"),
        )
        [cell] = cells("imm-1")
        assert cell.path == reverse("base_data", args=[report.pk, "imm-1"])
        assert len(cells(LEAD)) == 1 + len(UNITS)

    def test_the_filters(self):
        everything = cells("office")
        for state in ("draft", "submitted", "returned", "approved"):
            wanted = [cell for cell in everything if cell.state == state]
            assert cells("office", state=state) == wanted != []
        assert cells("office", state="late") == [cell for cell in everything if cell.late] != []
        unit = Unit.objects.get(code="moi").pk
        assert {cell.unit.key for cell in cells("office", unit=unit)} == {unit}
        assert {table.round.months for table in tables("office", round=6)} == {6}

    @pytest.mark.parametrize(
        "asked", [{"agreement": "x"}, {"agreement": 999_999}, {"round": 7}, {"state": "lost"}, {"unit": "-1"}]
    )
    def test_what_there_is_not_is_not_found(self, asked):
        assert page("office", **asked).status_code == 404

    def test_empty_boards_say_what_to_do(self):
        assert "เลือกคำรับรอง" in page("stranger").content.decode() or page("stranger").context["tables"] == []
        assert page("office", state="certified").context["tables"] == []


class TestScope:
    @pytest.mark.parametrize("who", READERS)
    def test_everyone_sees_the_reports_of_their_scope(self, who):
        seen = {cell.path for cell in cells(who) if not cell.is_data}
        mine = Result.objects.visible_to(person(who)).filter(round__state="open")
        assert seen == {reverse("result", args=[pk]) for pk in mine.values_list("pk", flat=True)} != set()

    def test_a_collector_of_the_unit_above_sees_no_draft_of_a_unit_below(self):
        report = operating_result()
        members("immigration")
        assert page("immigration", agreement=report.indicator.agreement_id).context["tables"] == []
        Result.objects.filter(pk=report.pk).update(
            state="submitted", submitted_at=timezone.now(), submitted_by=person(LEAD)
        )
        assert cell_of(report, "immigration").state == "submitted"

    def test_another_units_agreement_is_not_found(self):
        assert page("collector", agreement=agreement("ega-2557").pk).status_code == 404
        assert page("collector", agreement=agreement("moi-2559").pk).status_code == 200

    def test_no_word_of_another_unit(self):
        Unit.objects.filter(code="ega").update(name="CANARY-7", short_name="CANARY-7")
        for one in Agreement.objects.get(code="ega-2557").indicators.all():
            one.name = "CANARY-7"
            one.save(update_fields=["name"])
        assert "CANARY-7" in page("office").content.decode()
        for who in ("collector", "stranger", "colleague"):
            assert "CANARY-7" not in page(who).content.decode()

    def test_who_reads_no_results_finds_nothing(self):
        assert page("admin").status_code == page("former").status_code == 404

    def test_hidden_scores_stay_hidden(self):
        """The board prints no score at all, whoever looks."""
        Agreement.objects.update(hide_scores=True)
        assert "3.1000" not in page("collector").content.decode() + page("office").content.decode()


class TestQueries:
    @pytest.mark.parametrize("who", READERS)
    def test_are_as_many_for_one_agreement_as_for_four(self, who):
        for code in ("a", "b", "c"):
            opened(indicator("100", criterion("1", "50"), criterion("2", "50")), code=f"trial-{code}")
        one = self.count(who, agreement=agreement("moi-2559" if who != "collector2" else "ega-2557").pk)
        assert self.count(who) <= one + 1 <= 14

    def count(self, who: str, **asked: object) -> int:
        browser = browser_of(person(who))
        with CaptureQueriesContext(connection) as captured:
            assert browser.get(reverse("board"), asked).status_code == 200
        return len(captured)
