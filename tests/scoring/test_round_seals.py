"""Closing a round seals its summary: it prints what was sealed, says what was opened again, and is brought up."""

import json
from dataclasses import replace
from decimal import Decimal

import pytest
from django.urls import reverse

from indicators.models import Agreement, Indicator, Round
from kpiportal.accounts.models import Unit
from kpiportal.audit.models import AuditEvent
from scoring.freezing.codec import sha256_of
from scoring.freezing.rounds import load_shown
from scoring.models import Result, RoundSeal
from scoring.queries import load_summary
from scoring.queries.lines import AgreementSummary
from scoring.services import NotAllowed, approve, certify, close_round, reopen, submit
from scoring.summary_pages import SummaryTable, summary_page
from tests.cast import agreement, browser_of, person
from tests.certified import of, two_indicators
from tests.scoring.test_sealing import shake

pytestmark = pytest.mark.usefixtures("seeds", "db")


def closed(**levels: str) -> Agreement:
    """An agreement of a and b whose round was closed when a was certified, b approved where it has a level."""
    trial = two_indicators(**levels)
    certify(of(trial, "a"), by=person("office"))
    close_round(trial.rounds.get(), reason="end of the year", by=person("office"))
    return Agreement.objects.select_related("unit", "fiscal_year").get(pk=trial.pk)


def again(trial: Agreement, number: str) -> None:
    """A result that was opened again goes the whole way."""
    submit(of(trial, number), by=person("collector"))
    approve(of(trial, number), by=person("supervisor"))
    certify(of(trial, number), by=person("office"))


class TestClosing:
    def test_seals_weights_states_scores_and_snapshots(self):
        trial = closed(a="4", b="2")
        seal = RoundSeal.objects.get(round__agreement=trial)
        content = json.loads(seal.content)
        a, b = content["lines"]
        snapshot = of(trial, "a").snapshots.get()
        assert (a["number"], a["sha256"], a["result"]["state"]) == (1, snapshot.sha256, "certified")
        assert (b["number"], b["sha256"], b["result"]["state"]) == (0, "", "approved")
        assert (a["figures"]["weight"], a["figures"]["share"]) == ("60.0000", "2.4000")
        assert (content["score"], content["total"]) == ("3.2000", "100.0000")
        assert seal.sha256 == sha256_of(seal.content) and seal.sealed_by == person("office")
        actions = AuditEvent.objects.about(seal.round).values_list("action", flat=True)
        assert list(actions)[-2:] == ["round.closed", "round.sealed"]

    def test_needs_a_reason_where_something_is_not_certified_and_an_open_round(self):
        trial = two_indicators(a="4", b="2")
        with pytest.raises(NotAllowed, match="reason"):
            close_round(trial.rounds.get(), by=person("office"))
        Round.objects.update(state="planned")
        with pytest.raises(NotAllowed, match="open"):
            close_round(trial.rounds.get(), reason="x", by=person("office"))
        assert not RoundSeal.objects.exists()

    def test_twice_is_once(self):
        trial = closed(a="4", b="2")
        close_round(trial.rounds.get(), reason="again", by=person("office"))
        assert RoundSeal.objects.count() == 1

    @pytest.mark.parametrize("code", ["ega-2557", "moi-2559", "ict-2550"])
    def test_the_seeds_print_the_same_before_and_after(self, code):
        before = load_summary(agreement(code), user=None)
        close_round(before.round, reason="end", by=person("office"))
        shown = load_shown(agreement(code), user=None)
        assert shown.seal and as_printed(shown) == as_printed(before)


def as_printed(summary: AgreementSummary) -> SummaryTable:
    """The table without the versions, which stand in its forms and rise with the closing."""
    table = summary_page(summary, "th")
    return replace(table, rows=tuple(replace(row, version=0) for row in table.rows))


class TestTheSummaryOfAClosedRound:
    def test_prints_the_seal_whatever_changes(self):
        trial = closed(a="4", b="2")
        before = summary_page(load_shown(trial, user=None), "th")
        shake(of(trial, "b"))
        Indicator.objects.update(cancelled_from=12)
        fresh = Agreement.objects.select_related("unit", "fiscal_year").get(pk=trial.pk)
        assert summary_page(load_shown(fresh, user=None), "th") == before
        page = browser_of(person("office")).get(reverse("agreement", args=[trial.pk])).content.decode()
        assert RoundSeal.objects.get().sha256[:16] in page and "3.2000" in page

    def test_says_what_was_opened_again_and_is_brought_up_when_that_is_certified(self):
        trial = closed(a="4", b="2")
        reopen(of(trial, "b"), reason="late figures", by=person("office"))
        marks = {line.indicator.number: line.opened_again for line in load_shown(trial, user=None).indicators}
        assert marks == {"a": False, "b": True}
        Indicator.objects.filter(agreement=trial, number="a").update(weight=1)
        certify(of(trial, "b"), by=person("office"))
        first, second = RoundSeal.objects.all()
        assert first.superseded_at and (second.number, json.loads(second.content)["replaces"]) == (2, first.sha256)
        shown = load_shown(trial, user=None)
        assert [line.opened_again for line in shown.indicators] == [False, False]
        assert (shown.score, [line.snapshot for line in shown.indicators]) == (Decimal("3.2000"), [1, 1])

    def test_a_certified_one_opened_again_keeps_its_line_until_it_is_certified_again(self):
        trial = closed(a="4", b="2")
        reopen(of(trial, "a"), reason="wrong", by=person("office"))
        line = load_shown(trial, user=None).indicators[0]
        assert (line.score, line.snapshot, line.opened_again) == (4, 1, True)
        page = browser_of(person("office")).get(reverse("agreement", args=[trial.pk])).content.decode()
        assert page.count("เปิดอีกครั้งหลังปิดรอบ") + page.count("opened again since the closing") == 1
        again(trial, "a")
        line = load_shown(trial, user=None).indicators[0]
        assert (line.score, line.snapshot, line.opened_again) == (4, 2, False)

    def test_the_planner_counts_what_stands_now(self):
        trial = closed(a="4", b="2")
        reopen(of(trial, "b"), reason="late", by=person("office"))
        page = browser_of(person("office")).get(reverse("planner", args=[trial.pk]))
        assert page.context["summary"].seal is None

    def test_whoever_may_not_see_a_result_sees_no_score_of_it(self):
        trial = closed(a="4", b="2")
        Result.objects.filter(indicator__agreement=trial, indicator__number="b").update(
            unit=Unit.objects.get(code="rtp-finance")
        )
        seen = load_shown(trial, user=person("colleague"))
        assert [(line.score, line.share) for line in seen.indicators] == [(4, Decimal("2.4000")), (None, None)]
        assert seen.score == 4

    def test_scores_that_the_agreement_hides_stay_hidden(self):
        trial = closed(a="4", b="2")
        trial.hide_scores = True
        assert load_shown(trial, user=person("colleague")).hidden
        assert not load_shown(trial, user=person("auditor")).hidden
