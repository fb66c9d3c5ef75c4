"""The agreement's summary: what applies in a round, whose mark is final, and what is still open."""

from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from indicators.models import Agreement, Indicator, RoundWeight
from indicators.services import DefinitionUnfinished
from reports.cards import build
from scoring.engine.text import EngineError, score_text
from scoring.models import CriterionResult, Mark, Result
from scoring.queries import load_summary, share_of
from scoring.queries.tasks import tasks_of
from scoring.services import open_round, save_draft
from scoring.summary_pages import summary_page
from scoring.tree import agreement_tree
from scoring.values import ResultEntry
from tests.cast import agreement, browser_of, person, result
from tests.definitions import COMPLETE_COUNT, FORMULA, ITEMS, MILESTONES, criterion, draft, in_force, indicator, opened

pytestmark = pytest.mark.usefixtures("seeds", "db")


def fill(trial: Agreement, months: int = 12, **levels: str) -> None:
    """Give each indicator, named by its number, the same level in all its criteria."""
    for number, level in levels.items():
        report = Result.objects.get(
            indicator__agreement=trial, indicator__number=number, round__months=months
        )
        entries = {c.pk: {"value": Decimal(level)} for c in report.indicator.criteria.all()}
        save_draft(report, ResultEntry(criteria=entries), by=person("collector"))


def lines(trial: Agreement, months: int = 12) -> dict[str, tuple]:
    """Weight, score, share and whether it applies, by the indicator's number; the cards' way to it agrees."""
    found = load_summary(trial, months, user=None).indicators
    for line in found:
        if line.result:
            assert share_of(line.result, line.score) == (line.weight, line.share)
    return {line.indicator.number: (line.weight, line.score, line.share, line.applicable) for line in found}


@pytest.mark.parametrize("code", ["ega-2557", "moi-2559", "ict-2550"])
def test_cards_and_summary_agree_on_every_share_of_the_seeds(code):
    assert lines(agreement(code))


def two(**head) -> Agreement:
    return opened(indicator("60", key="a"), indicator("40", key="b"), **head)


class TestOpen:
    def test_the_score_so_far_is_over_the_reported_weights(self):
        trial = two()
        fill(trial, a="4")
        loaded = load_summary(trial, user=None)
        assert (loaded.score, loaded.average.open_weight, loaded.total) == (Decimal("4.0000"), 40, 100)
        assert lines(trial)["a"][2] == Decimal("2.4000")
        assert summary_page(loaded, "th").open_weight == "40"

    def test_nothing_reported_has_no_score(self):
        loaded = load_summary(two(), user=None)
        assert (loaded.score, loaded.average.open_weight) == (None, 100)
        assert summary_page(loaded, "th").sum_weighted == "–"


class TestNotApplicable:
    def test_a_criterion_leaves_both_sums(self):
        trial = opened(indicator("100", criterion("x", "70"), criterion("y", "30"), key="a"))
        fill(trial, a="2")
        CriterionResult.objects.filter(criterion__name="x", mark__result__round__agreement=trial).update(
            status="not_applicable", score=None
        )
        assert lines(trial)["a"][1] == 2
        assert load_summary(trial, user=None).average.open_weight == 0

    def test_an_indicator_leaves_the_average_and_t(self):
        trial = two()
        fill(trial, a="4", b="2")
        CriterionResult.objects.filter(
            criterion__indicator__number="b", mark__result__round__agreement=trial
        ).update(status="not_applicable", score=None)
        loaded = load_summary(trial, user=None)
        assert (loaded.score, loaded.total) == (4, 60)
        assert lines(trial) == {"a": (60, 4, 4, True), "b": (40, None, None, False)}
        row = summary_page(loaded, "th").rows[-1]
        assert (row.applicable, row.result) == (False, "N/A")

    def test_an_indicator_that_starts_later_or_is_cancelled_leaves_them_too(self):
        trial = opened(
            indicator("60", key="a"),
            indicator("30", key="late", first_round=12),
            indicator("10", key="gone", cancelled_from=12),
            rounds=[{"months": 6}, {"months": 12}],
        )
        fill(trial, months=6, a="3", gone="5")
        fill(trial, months=12, a="4", late="1")
        half, whole = load_summary(trial, 6, user=None), load_summary(trial, 12, user=None)
        assert (half.total, score_text(half.score)) == (70, "3.2857")
        assert (whole.total, score_text(whole.score)) == (90, "3.0000")


class TestReportedInPart:
    def test_the_rest_stays_open_up_to_the_total(self):
        trial = opened(indicator("40", criterion("x", "10"), criterion("y", "30"), key="a"), indicator("60", key="b"))
        fill(trial, b="2")
        report = Result.objects.get(indicator__agreement=trial, indicator__number="a")
        entry = {report.indicator.criteria.get(name="x").pk: {"value": Decimal(4)}}
        save_draft(report, ResultEntry(criteria=entry), by=person("collector"))
        loaded = load_summary(trial, user=None)
        table = summary_page(loaded, "en")
        assert (loaded.score, loaded.average.open_weight) == (Decimal("2.8000"), 30)
        assert [row.open_weight for row in table.rows] == ["30", ""]
        assert table.open_weight == "30"
        assert [line["open_weight"] for line in agreement_tree(trial, None, "th")["lines"]] == ["30", "0"]
        page = browser_of(person("office")).get(reverse("agreement", args=[trial.pk])).content.decode()
        assert "คะแนนถึงขณะนี้" in page

    def test_through_sub_indicators(self):
        whole = indicator("100", key="whole", criteria=())
        del whole["rubric"]
        parts = [
            indicator("70", criterion("x", "35"), criterion("y", "35"), key="p", parent="whole"),
            indicator("30", key="q", parent="whole"),
        ]
        trial = opened(whole, *parts)
        fill(trial, q="3")
        report = Result.objects.get(indicator__agreement=trial, indicator__number="p")
        entry = {report.indicator.criteria.get(name="x").pk: {"value": Decimal(3)}}
        save_draft(report, ResultEntry(criteria=entry), by=person("collector"))
        assert load_summary(trial, user=None).average.open_weight == 35


class TestRoundWeights:
    def test_an_indicator_that_does_not_run_is_not_taken_off_twice(self):
        trial = in_force(
            indicator("60", key="a", round_weights={6: "65"}),
            indicator("30", key="b", round_weights={6: "35"}),
            indicator("10", key="late", first_round=12),
            rounds=[{"months": 6}, {"months": 12}],
        )
        for round_ in trial.rounds.all():
            open_round(round_, by=None)
        fill(trial, 6, a="5", b="5")
        fill(trial, 12, a="5", b="5", late="5")
        half = load_summary(trial, 6, user=None)
        assert (half.total, half.score, summary_page(half, "th").sum_weighted) == (100, 5, "5.0000")
        assert lines(trial, 6)["a"][2] == Decimal("3.2500")
        assert lines(trial, 12)["late"][2] == Decimal("0.5000")

    def test_that_miss_the_total_are_refused(self):
        with pytest.raises(DefinitionUnfinished, match="95, expected 100: 5 is missing"):
            in_force(indicator("60", key="a", round_weights={12: "55"}), indicator("40", key="b"))

    def test_act_above_the_indicator_only(self):
        trial = in_force(
            indicator("60", criterion("x", "30"), criterion("y", "30"), key="a"),
            indicator("40", key="b"),
            rounds=[{"months": 6}, {"months": 12}],
        )
        for round_ in trial.rounds.all():
            open_round(round_, by=None)
        for number, weight in (("a", 20), ("b", 80)):
            RoundWeight.objects.create(
                indicator=Indicator.objects.get(agreement=trial, number=number),
                round=trial.rounds.get(months=6),
                weight=weight,
            )
        for months in (6, 12):
            fill(trial, months, a="5", b="1")
        assert lines(trial, 6) == {"a": (20, 5, 1, True), "b": (80, 1, Decimal("0.8000"), True)}
        assert lines(trial, 12) == {"a": (60, 5, 3, True), "b": (40, 1, Decimal("0.4000"), True)}
        assert load_summary(trial, 6, user=None).score == Decimal("1.8000")


class TestFinalMark:
    @pytest.mark.parametrize(
        ("stages", "final"), [((), 4), (("supervisor",), 3), (("office",), 2), (("office", "supervisor"), 2)]
    )
    def test_is_the_offices_else_the_supervisors_else_the_collectors(self, stages, final):
        trial = two()
        fill(trial, a="4")
        report = Result.objects.get(indicator__agreement=trial, indicator__number="a")
        for stage in stages:
            mark = Mark.objects.create(result=report, stage=stage)
            score = {"supervisor": 3, "office": 2}[stage]
            CriterionResult.objects.create(
                mark=mark,
                criterion=report.indicator.criteria.get(),
                status="reported",
                value=score,
                score=score,
            )
        assert lines(trial)["a"][1] == final
        assert build(report, user=None).line.score == str(final)
        [line, _] = agreement_tree(trial, None, "en")["lines"]
        assert (line["score"], line["criteria"][0]["score"]) == (f"{final}.0000", f"{final}.0000")
        assert str(final) in line["criteria"][0]["working"][-1]
        [task] = [task for task in tasks_of(person("collector")) if task.result.pk == report.pk]
        assert task.score == final


class TestWhoseResults:
    def test_only_the_lead_units_result_feeds_the_agreement(self):
        trial = two()
        fill(trial, a="4")
        own = Result.objects.get(indicator__agreement=trial, indicator__number="a")
        other = Result.objects.create(
            indicator=own.indicator, round=own.round, unit=agreement("imm-2559").unit
        )
        mark = Mark.objects.create(result=other, stage="self")
        CriterionResult.objects.create(
            mark=mark, criterion=own.indicator.criteria.get(), status="reported", value=1, score=1
        )
        assert lines(trial)["a"][1] == 4

    def test_t_is_the_same_for_everyone(self, collector):
        trial = opened(indicator("60", key="a"), indicator("40", key="b", lead_unit="ega"))
        fill(trial, a="4")
        CriterionResult.objects.filter(criterion__indicator__number="b", mark__result__round__agreement=trial).update(
            status="not_applicable", score=None
        )
        seen = load_summary(trial, user=collector)
        assert (seen.total, seen.indicators[0].share, seen.indicators[1].result) == (60, 4, None)

    def test_a_reader_sees_no_result_of_a_unit_out_of_scope(self, collector):
        trial = opened(indicator("60", key="a"), indicator("40", key="b", lead_unit="ega"))
        fill(trial, a="4")
        Result.objects.get(indicator__agreement=trial, indicator__number="b")
        seen = {line.indicator.number: line.result for line in load_summary(trial, user=collector).indicators}
        assert seen["a"] is not None and seen["b"] is None


class TestSubIndicators:
    def test_an_indicator_is_the_average_of_its_parts(self):
        whole = indicator("100", key="whole", criteria=())
        del whole["rubric"]
        trial = opened(whole, *(indicator(w, key=k, parent="whole") for k, w in (("p", "70"), ("q", "30"))))
        fill(trial, p="5", q="1")
        loaded = load_summary(trial, user=None)
        assert [(line.indicator.number, line.score) for line in loaded.indicators] == [
            ("whole", Decimal("3.8000")),
            ("p", 5),
            ("q", 1),
        ]
        assert loaded.score == Decimal("3.8000")
        assert summary_page(loaded, "th").sum_weighted == "3.8000"

    def test_nobody_reports_on_the_whole(self):
        whole = indicator("100", key="whole", criteria=())
        del whole["rubric"]
        trial = opened(whole, indicator("100", key="p", parent="whole"))
        assert [r.indicator.number for r in Result.objects.filter(round__agreement=trial)] == ["p"]


def test_rounding_happens_once_per_floor():
    """An agreement's score is taken over the indicators' four-place scores, never over rounded groups."""
    thirds = [criterion(str(n), w) for n, w in enumerate(("10", "10", "10"))]
    trial = opened(indicator("30", *thirds, key="a"), indicator("70", key="b"))
    fill(trial, b="1")
    report = Result.objects.get(indicator__agreement=trial, indicator__number="a")
    values = zip(report.indicator.criteria.all(), ("1", "1", "2"), strict=True)
    save_draft(
        report, ResultEntry(criteria={c.pk: {"value": Decimal(v)} for c, v in values}), by=person("collector")
    )
    assert lines(trial)["a"][1] == Decimal("1.3333")
    assert load_summary(trial, user=None).score == Decimal("1.1000")  # (30 × 1.3333 + 70) / 100 = 1.09999


class TestPage:
    def test_ega_shows_the_table_of_the_document(self, collector2):
        page = (
            browser_of(collector2).get(reverse("agreement", args=[agreement("ega-2557").pk])).content.decode()
        )
        for number in (
            "4.7740",
            "4.8333",
            "4.4400",
            "5.0000",
            "4.5333",
            "4.7500",
            "0.1940",
            "84.40",
            "773.00",
        ):
            assert number in page
        assert "0.5000</td>" in page

    def test_an_excerpt_says_so_and_has_no_total(self, collector):
        response = browser_of(collector).get(reverse("agreement", args=[agreement("moi-2559").pk]))
        assert "notice-excerpt" in response.content.decode()
        assert response.context["table"].score == "–"

    @pytest.mark.parametrize(("asked", "shown"), [("", 12), ("?round=", 12), ("?round=6", 6), ("?round=12", 12)])
    def test_the_round_is_chosen_by_its_months(self, collector, asked, shown):
        path = reverse("agreement", args=[agreement("moi-2559").pk])
        assert browser_of(collector).get(path + asked).context["summary"].round.months == shown

    @pytest.mark.parametrize("asked", ["7", "x", "9", "-6", "12.0", "9" * 5000])
    def test_a_round_that_is_not_reported_is_not_found(self, collector, asked):
        path = reverse("agreement", args=[agreement("moi-2559").pk])
        assert browser_of(collector).get(path, {"round": asked}).status_code == 404

    def test_nor_by_the_command(self):
        with pytest.raises(CommandError, match="moi-2559 has no 9-month round. Its rounds: 6, 12."):
            call_command("score", agreement="moi-2559", round=9)

    def test_a_draft_without_rounds_has_a_page(self, office):
        response = browser_of(office).get(reverse("agreement", args=[agreement("imm-2559").pk]))
        assert response.status_code == 200
        assert response.context["table"].score == "–"
        assert response.content.decode().count("ด้านการประเมินประสิทธิภาพ") == 2


class TestResultColumn:
    def reported(self, **data) -> str:
        trial = opened(indicator("100", criterion("x", "100", FORMULA)), total_weight="100")
        report = Result.objects.get(indicator__agreement=trial)
        entry = {report.indicator.criteria.get().pk: data}
        save_draft(report, ResultEntry(criteria=entry), by=person("collector"))
        [row] = [r for r in summary_page(load_summary(trial, user=None), "th").rows if r.kind == "indicator"]
        return row.result

    def test_a_formula_shows_its_figure(self):
        assert self.reported(data={"A": Decimal(3), "B": Decimal(4)}) == "75.0000"

    def test_cleared_base_data_is_no_result(self):
        assert self.reported(data={"A": None, "B": None}) == "–"

    def test_not_reported_is_a_dash(self):
        assert self.reported(not_reported=True, reason="flood", data={"A": Decimal(3), "B": Decimal(4)}) == "–"

    def test_a_figure_that_no_paper_holds_is_refused_with_a_sentence(self):
        with pytest.raises(EngineError, match="more than 15 digits"):
            self.reported(data={"A": Decimal(10) ** 14, "B": Decimal("0.001")})


class TestTasks:
    def test_what_waits_for_the_collector_and_what_is_missing(self, collector):
        tasks = {task.result.round.months: task for task in tasks_of(collector)}
        assert {
            months: (t.open, t.criteria, t.score, t.waits_for_me, t.late) for months, t in tasks.items()
        } == {12: (0, 7, Decimal("3.1000"), True, False), 6: (7, 7, None, True, True)}

    def test_what_waits_for_the_supervisor(self, supervisor):
        waiting = [task.result.indicator.number for task in tasks_of(supervisor) if task.waits_for_me]
        assert sorted(waiting) == ["14", "3.2", "3.3", "4.1"]
        assert {task.role for task in tasks_of(supervisor)} == {"supervisor"}

    def test_only_open_rounds_and_only_ones_own(self, collector2, auditor, office, former):
        assert len(tasks_of(collector2)) == 14
        assert tasks_of(auditor) == tasks_of(office) == tasks_of(former) == []
        report = result("ega-2557", number="1.1")
        report.round.state = "closed"
        report.round.save()
        assert tasks_of(person("collector2")) == []


def test_the_tree_and_the_table_say_the_same():
    ega = agreement("ega-2557")
    tree, table = agreement_tree(ega, None, "th"), summary_page(load_summary(ega, user=None), "th")
    assert [(line["score"], line["weight"]) for line in tree["lines"]] == [
        (row.score, row.weight) for row in table.rows
    ]


def test_a_draft_definition_with_weights_but_no_rounds_shows_them():
    table = summary_page(load_summary(draft(indicator("100"), rounds=[]), user=None), "th")
    assert [(row.weight, row.score) for row in table.rows] == [("100", "–")]


def test_the_total_row_is_rounded_once():
    trial = opened(*[indicator("10", key=key) for key in "abc"], total_weight="30")
    fill(trial, a="3.3333", b="3.3333", c="3.3335")
    table = summary_page(load_summary(trial, user=None), "th")
    assert (table.score, table.sum_weighted) == ("3.3334", "3.3334")


def test_a_single_criterions_card_prints_its_result():
    line = build(result("ega-2557", number="2.2"), user=None).line
    assert (line.result, line.score, line.weighted) == ("84.40", "3.8800", "0.1940")


@pytest.mark.parametrize("ticked", [{"done": frozenset("ab")}, {"done": frozenset("ab"), "complete": frozenset("a")}])
def test_a_level_reached_stays_hidden_where_scores_are(ticked, collector):
    kind = COMPLETE_COUNT if "complete" in ticked else MILESTONES
    trial = opened(indicator("100", criterion("x", "100", kind, ITEMS)), hide_scores=True)
    report = Result.objects.get(indicator__agreement=trial)
    save_draft(report, ResultEntry(criteria={report.indicator.criteria.get().pk: ticked}), by=collector)
    [row] = [r for r in summary_page(load_summary(trial, user=collector), "th").rows if r.kind == "indicator"]
    assert (row.result, row.score, row.weighted) == ("–", "–", "–")
