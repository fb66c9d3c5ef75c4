"""Weights of a round with their sum, and the rounds in which an indicator is measured."""

from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from indicators.models import Agreement, Assignment, RoundWeight
from indicators.services import NotAllowed, Unfit, set_round_weights, set_running
from kpiportal.audit.models import AuditEvent
from scoring.models import Result
from scoring.queries import load_summary
from scoring.queries.board import load_board
from scoring.queries.queue import queue_of
from scoring.queries.rounds import round_rows
from scoring.queries.tasks import tasks_of
from scoring.services import certify, change_running, change_weights, open_round, reopen
from tests.cast import browser_of, person
from tests.certified import of, two_indicators
from tests.definitions import draft, in_force, indicator

pytestmark = pytest.mark.usefixtures("seeds", "db")


@pytest.fixture
def trial(office) -> Agreement:
    """Indicators a, b, c of 40, 40 and 20 in rounds of 6, 9 and 12 months."""
    rounds = [{"months": months} for months in (6, 9, 12)]
    return in_force(*[indicator(weight, key=key) for key, weight in (("a", "40"), ("b", "40"), ("c", "20"))],
                    rounds=rounds)


def pk(trial: Agreement, number: str) -> int:
    return trial.indicators.get(number=number).pk


def give(trial: Agreement, months: int = 9, /, **weights: str | None):
    typed = {pk(trial, number): weight and Decimal(weight) for number, weight in weights.items()}
    return set_round_weights(trial.rounds.get(months=months), typed, by=person("office"))


def stored(trial: Agreement) -> dict[str, str]:
    rows = RoundWeight.objects.filter(round__agreement=trial).select_related("indicator")
    return {f"{row.indicator.number}{row.round.months}": f"{row.weight.normalize():f}" for row in rows}


def stamp(trial: Agreement) -> str:
    return Agreement.objects.get(pk=trial.pk).definition_stamp


class TestWeights:
    def test_are_set_where_they_differ_with_before_and_after(self, trial, office):
        before = stamp(trial)
        give(trial, a="30", b="50", c="20")
        assert stored(trial) == {"a9": "30", "b9": "50"} and stamp(trial) != before
        [entry] = AuditEvent.objects.filter(action="round.weights_set")
        assert entry.before == {"a indicator a": None, "b indicator b": None}
        assert entry.after == {"a indicator a": "30", "b indicator b": "50"} and entry.actor_id == office.pk

    def test_count_at_once_in_the_rounds_summary(self, trial):
        give(trial, a="30", b="50")
        lines = load_summary(Agreement.objects.get(pk=trial.pk), 9, user=None).indicators
        assert [line.weight for line in lines] == [30, 50, 20]
        lines = load_summary(Agreement.objects.get(pk=trial.pk), 12, user=None).indicators
        assert [line.weight for line in lines] == [40, 40, 20]

    def test_go_back_to_the_base_weights(self, trial):
        give(trial, a="30", b="50")
        give(trial, a=None, b="40.0000")
        assert stored(trial) == {}

    def test_the_same_again_leaves_stamp_and_trail(self, trial):
        give(trial, a="30", b="50")
        before = stamp(trial), AuditEvent.objects.count()
        give(trial, a="30.0", b="50")
        assert (stamp(trial), AuditEvent.objects.count()) == before

    @pytest.mark.parametrize(
        ("weights", "said"),
        [
            ({"a": "30"}, "add up to 90, expected 100: 10 is missing"),
            ({"a": "30", "b": "50.0001"}, "add up to 100.0001, expected 100: 0.0001 is too much"),
        ],
    )
    def test_a_sum_that_does_not_fit_is_refused(self, trial, weights, said):
        with pytest.raises(Unfit, match=said):
            give(trial, **weights)
        assert stored(trial) == {}

    def test_a_draft_may_be_unfinished_and_an_excerpt_smaller(self, trial):
        unfinished = draft(indicator("40", key="a"), indicator("60", key="b"), code="unfinished")
        give(unfinished, 12, a="30")
        assert stored(unfinished) == {"a12": "30"}
        part = in_force(indicator("40", key="a"), code="part", excerpt=True)
        give(part, 12, a="30")
        with pytest.raises(Unfit, match="at most 100"):
            give(part, 12, a="100.5")

    @pytest.mark.parametrize("weight", ["0", "-5", "40.00001", "10000", "NaN", "Infinity"])
    def test_what_is_no_weight_is_said_at_its_field(self, trial, weight):
        with pytest.raises(Unfit) as refusal:
            give(trial, a=weight)
        assert list(refusal.value.problems) == [f"w{pk(trial, 'a')}"]

    def test_another_agreements_indicator_and_a_closed_round_are_refused(self, trial, office, moi_result):
        with pytest.raises(Unfit):
            set_round_weights(trial.rounds.first(), {moi_result.indicator_id: Decimal(5)}, by=office)
        trial.rounds.update(state="closed")
        with pytest.raises(NotAllowed, match="closed"):
            give(trial, a="30", b="50")


class TestCertified:
    """a (60) is certified in the round, b (40) approved."""

    @pytest.fixture
    def report(self) -> Result:
        return certify(of(two_indicators(a="4", b="2"), "a"), by=person("office"))

    def test_weights_stay_until_it_is_opened_again(self, report, office):
        trial = report.indicator.agreement
        keys = {one.number: one.pk for one in trial.indicators.all()}
        weights = {keys["a"]: Decimal(50), keys["b"]: Decimal(50)}
        with pytest.raises(Unfit) as refusal:
            change_weights(report.round, weights, by=office)
        assert list(refusal.value.problems) == [f"w{keys['a']}"]
        assert "open its report again" in refusal.value.problems[f"w{keys['a']}"].en
        address = reverse("round_weights", args=[trial.pk, 12])
        data = {f"w{pk}": weight for pk, weight in weights.items()}
        assert browser_of(office).post(address, data).status_code == 422 and not RoundWeight.objects.filter(
            round=report.round).exists()
        assert change_weights(report.round, {keys["a"]: Decimal(60)}, by=office)  # as it is
        reopen(report, reason="another weight", by=office)
        change_weights(report.round, weights, by=office)
        assert load_summary(trial, 12, user=office).score == Decimal(3)

    def test_it_is_not_cancelled_until_it_is_opened_again(self, report, office):
        asked = {"first_round": None, "cancelled_from": 12, "reason": "r", "by": office}
        with pytest.raises(NotAllowed, match="open its report again"):
            change_running(report.indicator, **asked)
        reopen(report, reason="not measured", by=office)
        assert change_running(report.indicator, **asked).cancelled_from == 12


class TestRunning:
    def run(self, trial, number, first=None, cancelled=None, reason="resolution 3/2569"):
        one = trial.indicators.get(number=number)
        return change_running(one, first_round=first, cancelled_from=cancelled, reason=reason, by=person("office"))

    def test_is_changed_with_its_reason(self, trial):
        before = stamp(trial)
        self.run(trial, "c", cancelled=9)
        assert [trial.indicators.get(number="c").runs_in(months) for months in (6, 9, 12)] == [True, False, False]
        [entry] = AuditEvent.objects.filter(action="indicator.rounds_set")
        assert (entry.reason, entry.before, entry.after) == (
            "resolution 3/2569", {"first_round": None, "cancelled_from": None},
            {"first_round": None, "cancelled_from": 9},
        )
        assert stamp(trial) != before

    @pytest.mark.parametrize(
        ("first", "cancelled", "reason", "field"),
        [(9, 9, "r", "cancelled_from"), (12, 6, "r", "cancelled_from"), (7, None, "r", "first_round"),
         (9, None, "  ", "reason")],
    )
    def test_what_can_not_be_is_refused(self, trial, first, cancelled, reason, field):
        with pytest.raises(Unfit) as refusal:
            self.run(trial, "c", first, cancelled, reason)
        assert list(refusal.value.problems) == [field]

    def test_not_what_ran_in_a_closed_round(self, trial):
        trial.rounds.filter(months=6).update(state="closed")
        with pytest.raises(NotAllowed, match="6-month round is closed"):
            self.run(trial, "c", first=9)
        self.run(trial, "c", cancelled=9)

    def test_an_open_round_that_gets_it_has_an_empty_result(self, trial, office):
        self.run(trial, "c", first=12)
        open_round(trial.rounds.get(months=9), by=office)
        results = Result.objects.filter(indicator__number="c", indicator__agreement=trial)
        assert results.count() == 0
        self.run(trial, "c", first=9)
        assert [(r.round.months, r.state, r.marks.count()) for r in results] == [(9, "draft", 1)]

    def test_sub_indicators_follow(self, office):
        made = draft(indicator("40", key="a"), indicator("40", key="a1", parent="a"))
        set_running(made.indicators.get(number="a"), first_round=9, cancelled_from=None, reason="r", by=office)
        assert set(made.indicators.values_list("first_round", flat=True)) == {9}

    def test_weights_are_set_after_cancelling(self, trial, office):
        """The sum is short between the two; the round can't be opened in that state."""
        give(trial, a="30", b="50")
        self.run(trial, "c", cancelled=9)
        with pytest.raises(NotAllowed, match="80, expected 100"):
            open_round(trial.rounds.get(months=9), by=office)
        give(trial, a="50", b="50")
        assert open_round(trial.rounds.get(months=9), by=office).results.count() == 2

    def test_what_is_cancelled_in_an_open_round_waits_for_nobody(self, trial, office):
        open_round(trial.rounds.get(months=12), by=office)
        report = Result.objects.filter(round__agreement=trial, round__months=12).first()
        lists = {
            "home": lambda: [task.result.pk for task in tasks_of(person("collector"))],
            "queue": lambda: [one.result for one in queue_of(person("supervisor"))],
            "board": lambda: [one.pk for one in load_board(office, trial.pk, 12).reports],
        }
        keys = {"indicator": report.indicator, "round": report.round, "unit": report.unit}
        for who in ("collector", "supervisor"):
            Assignment.objects.get_or_create(**keys, person=person(who), role=who)
        Result.objects.filter(pk=report.pk).update(
            state="submitted", submitted_at=timezone.now(), submitted_by=person("collector")
        )
        assert [name for name, found in lists.items() if report.pk in found()] == list(lists)
        change_running(report.indicator, first_round=None, cancelled_from=12, reason="r", by=office)
        assert [name for name, found in lists.items() if report.pk in found()] == []
        states = round_rows([trial], office)[trial.pk][-1].counts
        assert sum(states.values()) == Result.objects.filter(round=report.round).count() - 1


class TestPages:
    def address(self, trial, name="round_weights", key=9):
        return reverse(name, args=[trial.pk, key])

    def typed(self, trial, **weights):
        return {f"w{pk(trial, number)}": weight for number, weight in weights.items()}

    def test_the_sum_follows_what_is_typed(self, trial, office):
        def asked(**weights):
            data = self.typed(trial, **weights)
            desk.cookies["django_language"] = "en"
            return desk.get(self.address(trial), data, headers={"HX-Request": "true"}).content.decode()

        desk = browser_of(office)
        assert "10 is missing" in asked(a="๓๐", b="", c="20")
        assert "Sum 100 of 100" in asked(a="30", b="50", c="20") and "fits" in asked(a="30", b="50", c="20")
        assert "the base weights count" in asked(a="", b="", c="")
        assert "not a number" in asked(a="abc") and stored(trial) == {}

    def test_saving_twice_is_once(self, trial, office):
        data = self.typed(trial, a="๓๐", b="50", c="")
        desk = browser_of(office)
        assert [desk.post(self.address(trial), data).status_code for _ in range(2)] == [302, 302]
        assert stored(trial) == {"a9": "30", "b9": "50"}
        assert AuditEvent.objects.filter(action="round.weights_set").count() == 1

    @pytest.mark.parametrize("weights", [{"a": "abc"}, {"a": "30"}, {"a": "0"}, {"a": "1,2"}])
    def test_what_is_refused_stays_in_its_field(self, trial, office, weights):
        response = browser_of(office).post(self.address(trial), self.typed(trial, **weights))
        page = response.content.decode()
        assert response.status_code == 422 and f'value="{weights["a"]}"' in page
        assert f'href="#w{pk(trial, "a")}"' in page and stored(trial) == {}

    def test_a_foreign_indicators_field_changes_nothing(self, trial, office, moi_result):
        data = {f"w{moi_result.indicator_id}": "1"} | self.typed(trial, a="30", b="50")
        assert browser_of(office).post(self.address(trial), data).status_code == 302
        assert not RoundWeight.objects.filter(indicator=moi_result.indicator_id).exists()

    def test_cancelling_warns_of_the_sums_that_follow(self, trial, office):
        give(trial, a="30", b="50")
        data = {"first_round": "", "cancelled_from": "9", "reason": "resolution 3/2569"}
        address = self.address(trial, "indicator_rounds", pk(trial, "c"))
        page = browser_of(office).post(address, data, follow=True).content.decode()
        assert "รอบ 9 เดือน" in page and "ขาดอีก 20" in page

    @pytest.mark.parametrize("data", [{"cancelled_from": "9"}, {"cancelled_from": "7", "reason": "r"},
                                      {"first_round": "9", "cancelled_from": "6", "reason": "r"}])
    def test_bad_rounds_are_said(self, trial, office, data):
        address = self.address(trial, "indicator_rounds", pk(trial, "c"))
        response = browser_of(office).post(address, data)
        assert response.status_code == 422 and 'class="error-summary"' in response.content.decode()

    def test_an_indicator_of_another_agreement_is_not_found(self, trial, office, moi_result):
        address = self.address(trial, "indicator_rounds", moi_result.indicator_id)
        assert browser_of(office).get(address).status_code == 404
