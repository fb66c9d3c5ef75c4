"""Rounds: adding, dates, opening and closing, through the services and on the office's pages."""

import datetime

import pytest
from django.core.management import call_command
from django.urls import reverse

from indicators.models import Agreement, Round, RoundWeight
from indicators.models.agreement import is_past
from indicators.services import NotAllowed, Unfit, add_round, set_round_dates
from kpiportal.accounts.models import Membership
from kpiportal.audit.models import AuditEvent
from scoring.models import Result
from scoring.queries.rounds import uncertified
from scoring.services import close_round, open_round
from scoring.services.rounds import open_due_rounds
from tests.cast import agreement, browser_of, person, result
from tests.definitions import draft, in_force, indicator
from tests.scoring.clock import Clock

pytestmark = pytest.mark.usefixtures("seeds", "db")
TWO_ROUNDS = {"rounds": [{"months": 6}, {"months": 12}]}


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


@pytest.fixture
def trial(office) -> Agreement:
    """An agreement of 2569 in force with planned rounds of 6 and 12 months; 6 is due on 30 April 2026."""
    made = in_force(indicator(), **TWO_ROUNDS)
    set_round_dates(made.rounds.get(months=6), opens_on=day("2026-03-01"), due_on=day("2026-04-30"), by=office)
    return made


def post(trial: Agreement, name: str, months: int | None = 12, /, **data):
    """The office's POST to a page of the round."""
    address = reverse(name, args=[trial.pk] + ([months] if months else []))
    return browser_of(person("office")).post(address, data)


def entries(action: str) -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(action=action).order_by("pk"))


class TestDates:
    def test_refused_ones_lead_to_the_other_language_of_the_page_of_rounds(self, trial):
        page = post(trial, "round_dates", 12, **{"r12-opens_on": "31/2/2569", "r12-due_on": ""})
        rounds = reverse("agreement_rounds", args=[trial.pk])
        assert page.status_code == 422 and f'name="next" value="{rounds}"' in page.content.decode()

    def test_are_set_with_before_and_after(self, trial, office):
        round_ = set_round_dates(trial.rounds.get(months=6), opens_on=None, due_on=day("2026-05-15"), by=office)
        assert (round_.opens_on, round_.due_on) == (None, day("2026-05-15"))
        last = entries("round.dates_set")[-1]
        assert (last.before["due_on"], last.after["due_on"], last.actor_id) == ("2026-04-30", "2026-05-15", office.pk)

    def test_the_same_again_leaves_no_entry(self, trial, office):
        again = {"opens_on": day("2026-03-01"), "due_on": day("2026-04-30")}
        set_round_dates(trial.rounds.get(months=6), by=office, **again)
        assert len(entries("round.dates_set")) == 1

    @pytest.mark.parametrize(
        ("opens_on", "due_on", "field", "said"),
        [
            ("2026-10-02", "2026-10-01", "due_on", "before the opening date"),
            (None, "2026-04-30", "due_on", "after the 6-month round's date, 30 Apr 2026"),
            (None, "2026-04-29", "due_on", "after the 6-month round's date, 30 Apr 2026"),
            ("2026-02-28", "2026-10-31", "opens_on", "after the 6-month round's date, 1 Mar 2026"),
            ("1483-11-21", None, "opens_on", "before the fiscal year"),
        ],
    )
    def test_that_do_not_fit_are_refused_at_their_field(self, trial, office, opens_on, due_on, field, said):
        days = {"opens_on": opens_on and day(opens_on), "due_on": due_on and day(due_on)}
        with pytest.raises(Unfit) as refusal:
            set_round_dates(trial.rounds.get(months=12), by=office, **days)
        assert said in refusal.value.problems[field].en
        assert trial.rounds.get(months=12).due_on is None

    def test_an_earlier_round_stays_before_the_later_one(self, trial, office):
        set_round_dates(trial.rounds.get(months=12), opens_on=None, due_on=day("2026-10-31"), by=office)
        with pytest.raises(Unfit) as refusal:
            set_round_dates(trial.rounds.get(months=6), opens_on=None, due_on=day("2026-10-31"), by=office)
        assert "before the 12-month round's date" in refusal.value.problems["due_on"].en

    def test_a_closed_rounds_stay(self, trial, office):
        trial.rounds.filter(months=12).update(state="closed")
        with pytest.raises(NotAllowed, match="reopen"):
            set_round_dates(trial.rounds.get(months=12), opens_on=None, due_on=None, by=office)

    @pytest.mark.parametrize(
        ("moment", "over"), [("2026-04-30T16:59:59", False), ("2026-04-30T17:00:00", True), ("2026-04-29T17:00", False)]
    )
    def test_a_day_ends_with_its_last_second_in_bangkok(self, monkeypatch, moment, over):
        now = datetime.datetime.fromisoformat(moment).replace(tzinfo=datetime.UTC)
        monkeypatch.setattr("django.utils.timezone.now", lambda: now)
        assert is_past(day("2026-04-30")) is over


class TestAdding:
    def test_a_round_is_planned_until_it_is_opened(self, trial, office):
        round_ = add_round(trial, months=9, due_on=day("2026-07-31"), by=office)
        assert (round_.state, round_.due_on) == ("planned", day("2026-07-31"))
        assert [e.after["months"] for e in entries("round.added")] == [9]

    @pytest.mark.parametrize("months", [6, 7, 0])
    def test_months_that_are_there_or_that_there_are_not(self, trial, office, months):
        with pytest.raises(Unfit) as refusal:
            add_round(trial, months=months, by=office)
        assert list(refusal.value.problems) == ["months"]

    def test_not_to_a_closed_agreement(self, trial, office):
        Agreement.objects.filter(pk=trial.pk).update(state="closed")
        with pytest.raises(NotAllowed):
            add_round(trial, months=9, by=office)


class TestOpening:
    def test_makes_the_empty_results_once(self, trial, office):
        round_ = trial.rounds.get(months=12)
        for _ in range(2):
            assert open_round(round_, by=office).state == "open"
        assert Result.objects.filter(round=round_).count() == 1
        assert len([e for e in entries("round.opened") if e.target_id == str(round_.pk)]) == 1

    def test_not_of_a_draft_and_not_again_once_closed(self, office):
        with pytest.raises(NotAllowed, match="draft"):
            open_round(draft(indicator()).rounds.get(), by=office)
        closed = Round.objects.filter(agreement__code="moi-2559", months=6)
        closed.update(state="closed")
        with pytest.raises(NotAllowed, match="reopened"):
            open_round(closed.get(), by=office)

    def test_not_while_its_own_weights_do_not_add_up(self, office):
        made = in_force(indicator("40", key="a", round_weights={12: "30"}), indicator("60", key="b",
                        round_weights={12: "70"}))
        made.indicators.filter(number="b").update(cancelled_from=12)
        with pytest.raises(NotAllowed, match="30, expected 100: 70 is missing"):
            open_round(made.rounds.get(), by=office)


class TestOpeningByItself:
    """The 6-month round of the trial is to open on 1 March 2026."""

    @pytest.fixture
    def clock(self, monkeypatch, trial) -> Clock:
        Membership.objects.update(since=day("2026-01-01"))
        return Clock(monkeypatch)

    def state(self, trial: Agreement) -> str:
        return trial.rounds.get(months=6).state

    def test_with_the_first_second_of_its_day_in_bangkok(self, clock, trial, capsys):
        clock("2026-02-28 23:59:59")
        call_command("tick")
        assert self.state(trial) == "planned"
        clock("2026-03-01 00:00:00")
        for _ in range(2):
            call_command("tick")
        assert (self.state(trial), trial.rounds.get(months=12).state) == ("open", "planned")
        assert Result.objects.filter(round__agreement=trial, round__months=6).count() == 1
        [entry] = [one for one in entries("round.opened") if one.target_id == str(trial.rounds.get(months=6).pk)]
        assert (entry.actor_id, entry.before["state"], entry.after["state"]) == (None, "planned", "open")
        assert capsys.readouterr().out.count("1 rounds opened") == 1

    def test_what_keeps_one_from_it_is_told_and_keeps_no_other(self, clock, trial, office, capsys):
        other = in_force(indicator(), code="other", **TWO_ROUNDS)
        set_round_dates(other.rounds.get(months=6), opens_on=day("2026-03-01"), due_on=None, by=office)
        RoundWeight.objects.create(indicator=trial.indicators.get(), round=trial.rounds.get(months=6), weight=30)
        clock("2026-03-02 09:00")
        call_command("tick")
        assert (self.state(trial), self.state(other)) == ("planned", "open")
        assert "30, expected 100" in capsys.readouterr().err
        browser = browser_of(person("office"))
        browser.cookies["django_language"] = "en"
        pages = [browser.get(reverse("agreement_rounds", args=[one.pk])).content.decode() for one in (trial, other)]
        assert ["did not open" in page for page in pages] == [True, False]

    @pytest.mark.parametrize("state", ["draft", "closed"])
    def test_none_of_an_agreement_that_is_not_in_force(self, clock, trial, state):
        Agreement.objects.filter(pk=trial.pk).update(state=state)
        clock("2026-03-02 09:00")
        assert open_due_rounds() == ([], [])


class TestClosing:
    def test_needs_a_reason_while_something_is_not_certified(self, trial, office):
        round_ = open_round(trial.rounds.get(months=12), by=office)
        with pytest.raises(NotAllowed, match="reason"):
            close_round(round_, reason="  ", by=office)
        assert close_round(round_, reason="the year is over", by=office).state == "closed"
        [entry] = entries("round.closed")
        assert (entry.reason, entry.after["not_certified"]) == ("the year is over", {"draft": 1})

    def test_needs_none_when_all_is_certified(self, trial, office, collector):
        round_ = open_round(trial.rounds.get(months=12), by=office)
        said = {"submitted_at": "2026-01-01T00:00Z", "submitted_by": collector}
        said |= {"decided_at": "2026-01-01T00:00Z", "decided_by": office}
        said |= {"certified_at": "2026-01-01T00:00Z", "certified_by": office}
        Result.objects.filter(round=round_).update(state="certified", **said)
        assert close_round(round_, by=office).state == "closed"

    def test_what_no_longer_runs_is_not_missing(self, trial, office):
        round_ = open_round(trial.rounds.get(months=12), by=office)
        trial.indicators.update(cancelled_from=12)
        assert uncertified(round_).rows == []

    def test_twice_is_one_closing_and_a_planned_one_is_refused(self, trial, office):
        round_ = trial.rounds.get(months=12)
        with pytest.raises(NotAllowed, match="open it first"):
            close_round(round_, by=office)
        open_round(round_, by=office)
        for _ in range(2):
            close_round(round_, reason="over", by=office)
        assert len(entries("round.closed")) == 1

    def test_what_was_confirmed_must_still_be_so(self, trial, office, collector):
        round_ = open_round(trial.rounds.get(months=12), by=office)
        seen = uncertified(round_).stamp
        Result.objects.filter(round=round_).update(
            state="submitted", submitted_at="2026-01-01T00:00Z", submitted_by=collector
        )
        with pytest.raises(NotAllowed, match="changed since"):
            close_round(round_, reason="over", seen=seen, by=office)

    def test_nobody_saves_any_more(self, moi_result, office, collector):
        close_round(moi_result.round, reason="over", by=office)
        response = browser_of(collector).post(reverse("result", args=[moi_result.pk]), {"measures": "late"})
        assert response.status_code == 409


class TestPages:
    def test_the_list_has_every_round_with_its_counts(self, office):
        page = browser_of(office).get(reverse("rounds"))
        rows = {a.code: [(r.round.months, r.counts, r.late) for r in rows] for a, rows in page.context["agreements"]}
        assert set(rows) == {"moi-2559", "ict-2550", "ega-2557", "imm-2556", "imm-2559"}
        assert rows["moi-2559"] == [(6, {"draft": 1}, True), (12, {"draft": 1}, False)]
        assert rows["imm-2559"] == []

    def test_dates_as_people_here_write_them(self, trial):
        data = {"r12-opens_on": "๑ ก.ย. ๒๕๖๙", "r12-due_on": "31/10/2569"}
        assert post(trial, "round_dates", **data).status_code == 302
        round_ = trial.rounds.get(months=12)
        assert (round_.opens_on, round_.due_on) == (day("2026-09-01"), day("2026-10-31"))
        page = browser_of(person("office")).get(reverse("agreement_rounds", args=[trial.pk])).content.decode()
        assert 'value="31 ต.ค. 2569"' in page

    @pytest.mark.parametrize("typed", ["31/10/69", "31/13/2569", "30/2/2569", "tomorrow", "31/10/2369", "9" * 70])
    def test_what_is_no_date_is_said_and_stays(self, trial, typed):
        response = post(trial, "round_dates", **{"r12-due_on": typed})
        page = response.content.decode()
        assert response.status_code == 422 and f'value="{typed}"' in page and 'href="#id_r12-due_on"' in page
        assert trial.rounds.get(months=12).due_on is None

    def test_dates_before_the_earlier_rounds_are_said_at_the_field(self, trial):
        response = post(trial, "round_dates", **{"r12-due_on": "1/4/2569"})
        assert response.status_code == 422 and "30 เม.ย. 2569" in response.content.decode()

    def test_a_round_is_added_once(self, trial):
        data = {"months": "9", "due_on": "31/7/2569"}
        assert [post(trial, "agreement_rounds", None, **data).status_code for _ in range(2)] == [302, 422]
        assert trial.rounds.filter(months=9).count() == 1

    def test_opened_and_closed_with_a_confirmation(self, trial):
        assert [post(trial, "round_open").status_code for _ in range(2)] == [302, 302]
        page = browser_of(person("office")).get(reverse("round_close", args=[trial.pk, 12]))
        data = {"seen": page.context["left"].stamp, "reason": "the year is over"}
        assert [row.state for row in page.context["left"].rows] == ["draft"]
        assert post(trial, "round_close", **data).status_code == 422
        assert post(trial, "round_close", **data | {"confirm": "on", "reason": ""}).status_code == 409
        refused = post(trial, "round_close", **data | {"confirm": "on", "seen": "x"})
        assert refused.status_code == 409 and "the year is over" in refused.content.decode()
        assert [post(trial, "round_close", **data, confirm="on").status_code for _ in range(2)] == [302, 302]
        assert trial.rounds.get(months=12).state == "closed"
        assert post(trial, "round_open").status_code == 409

    def test_more_fields_than_the_form_has_change_nothing_else(self, trial):
        post(trial, "round_dates", **{"r12-due_on": "31/10/2569", "state": "open", "r12-state": "open", "months": "6"})
        round_ = trial.rounds.get(months=12)
        assert (round_.state, round_.months) == ("planned", 12)

    def test_the_agreement_page_says_who_is_missing(self, office):
        page = browser_of(office).get(reverse("agreement_rounds", args=[agreement("moi-2559").pk]))
        assert [(row.without_supervisor, row.without_collector) for row in page.context["rows"]] == [(0, 0), (0, 0)]
        result("moi-2559").indicator.assignments.filter(role="supervisor").delete()
        page = browser_of(office).get(reverse("agreement_rounds", args=[agreement("moi-2559").pk]))
        assert [row.without_supervisor for row in page.context["rows"]] == [1, 1]
