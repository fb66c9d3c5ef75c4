"""Requests, the copy of an earlier round, help and steps on the entry page, through Django's client."""

from decimal import Decimal

import pytest
from django.urls import reverse

from indicators.services import create_agreement, put_in_force
from scoring.help import HELP
from scoring.models import NotApplicableRequest, Result
from scoring.queries.summary import load_summary
from scoring.services import (
    copy_from_earlier,
    decide_not_applicable,
    mark_criterion,
    open_round,
    request_not_applicable,
    return_,
    save_draft,
    submit,
)
from scoring.values import ResultEntry
from tests.cast import browser_of, person, result
from tests.definitions import (
    COMPLETE_COUNT,
    FORMULA,
    ITEMS,
    criterion,
    definition,
    indicator,
    opened,
    sheets,
    trial_result,
)
from tests.scoring.test_carry import SAID, rounds
from tests.scoring.test_entry import save

__all__ = ["rounds"]


@pytest.fixture
def report(seeds, db) -> Result:
    """x weighs 70 and y 30 of an indicator that is the whole agreement."""
    return trial_result(criterion("x", "70"), criterion("y", "30"))


def pk_of(report: Result, name: str) -> int:
    return report.indicator.criteria.get(name=name).pk


def visit(who: str, report: Result, language: str = "en"):
    browser = browser_of(person(who))
    browser.cookies["django_language"] = language
    return browser.get(reverse("result", args=[report.pk]))


def page_of(who: str, report: Result, language: str = "en") -> str:
    return visit(who, report, language).content.decode()


def post(who: str, name: str, *args: int, **data):
    browser = browser_of(person(who))
    browser.cookies["django_language"] = "en"
    return browser.post(reverse(name, args=args), data)


def asked(report: Result, name: str = "y", who: str = "collector") -> NotApplicableRequest:
    return request_not_applicable(report, report.indicator.criteria.get(name=name), reason="flooded", by=person(who))


@pytest.mark.usefixtures("report")
class TestAsking:
    def test_leads_back_to_its_place_where_it_is_shown_with_its_reason(self, report):
        pk = pk_of(report, "y")
        response = post("collector", "not_applicable", report.pk, criterion=pk, reason="no river <here>")
        assert response.status_code == 302 and response.url.endswith(f"#c{pk}-not_applicable")
        page = page_of("collector", report)
        assert f'id="c{pk}-not_applicable"' in page and "no river &lt;here&gt;" in page
        assert page.count("Withdraw the request") == 1
        assert page.count("Ask to leave this criterion out") == 1  # x can still be asked for

    def test_without_a_reason_says_so_at_the_field(self, report):
        pk = pk_of(report, "y")
        response = post("collector", "not_applicable", report.pk, criterion=pk, reason=" ")
        page = response.content.decode()
        assert response.status_code == 422 and f'href="#c{pk}-ask_reason"' in page
        assert f'id="c{pk}-ask_reason-error">Give the reason' in page
        assert not report.not_applicable_requests.exists()

    def test_twice_is_refused_with_what_was_typed(self, report):
        asked(report)
        response = post("collector", "not_applicable", report.pk, criterion=pk_of(report, "y"), reason="second one")
        assert response.status_code == 409 and "second one" in response.content.decode()
        assert report.not_applicable_requests.count() == 1

    @pytest.mark.parametrize(("criterion_", "status"), [("", 400), ("x", 400), ("๑", 400), ("9" * 30, 400), ("0", 404)])
    def test_a_criterion_that_there_is_not(self, report, criterion_, status):
        response = post("collector", "not_applicable", report.pk, criterion=criterion_, reason="r")
        assert response.status_code == status

    def test_a_criterion_of_another_indicator_is_not_found(self, report):
        other = result("moi-2559").indicator.criteria.first().pk
        assert post("collector", "not_applicable", report.pk, criterion=other, reason="r").status_code == 404

    def test_is_withdrawn_and_asked_again(self, report):
        waiting = asked(report)
        assert post("collector", "not_applicable_withdraw", report.pk, waiting.pk).status_code == 302
        page = page_of("collector", report)
        assert "flooded" not in page and page.count("Ask to leave this criterion out") == 2
        assert post("collector", "not_applicable_withdraw", report.pk, waiting.pk).status_code == 409

    def test_readers_see_it_and_can_not_touch_it(self, report):
        waiting = asked(report)
        page = page_of("auditor", report)
        assert "flooded" in page and "Withdraw the request" not in page and "Grant the request" not in page
        assert post("auditor", "not_applicable_decide", report.pk, waiting.pk, decision="grant").status_code == 409

    def test_a_request_of_another_result_is_not_found(self, report):
        waiting, other = asked(report), result("moi-2559")
        for name in ("not_applicable_withdraw", "not_applicable_decide"):
            assert post("office", name, other.pk, waiting.pk, decision="grant").status_code == 404


class TestDeciding:
    def test_the_office_sees_both_scores_before_and_after(self, report, collector):
        save(report, collector, x={"value": Decimal(2)}, y={"value": Decimal(5)})
        asked(report)
        shown = visit("office", report).context["criteria"][1].asked
        assert (shown.indicator, shown.agreement) == (("2.9000", "2.0000"), ("2.9000", "2.0000"))
        assert visit("collector", report).context["criteria"][1].asked.indicator is None

    def test_what_is_shown_is_what_comes(self, seeds, db, collector, office):
        """Beside another indicator, with an open criterion that counts at the minimum."""
        parts = [criterion("x", "20"), criterion("y", "15"), criterion("z", "5")]
        whole = opened(indicator("40", *parts, key="i1"), indicator("60", key="i2"))
        one, two = (Result.objects.get(indicator__agreement=whole, indicator__number=key) for key in ("i1", "i2"))
        save(one, collector, x={"value": Decimal(2)}, y={"value": Decimal(5)})
        save(two, collector, **{"indicator i2": {"value": Decimal(4)}})
        Result.objects.filter(pk=two.pk).update(
            state="submitted", submitted_at="2026-01-01T00:00Z", submitted_by=collector
        )
        waiting = asked(one, "y")
        shown = visit("office", one).context["criteria"][1].asked
        # (20·2 + 15·5 + 5·1) / 40 = 3; (20·2 + 5·1) / 25 = 1.8; and 60 of 100 stand at 4
        assert (shown.indicator, shown.agreement) == (("3.0000", "1.8000"), ("3.6000", "3.1200"))
        post("office", "not_applicable_decide", one.pk, waiting.pk, decision="grant")
        save(one, collector, z={"value": Decimal(1)})
        assert visit("office", one).context["panel"].score == "1.8000"

    def test_what_a_reviewer_marked_otherwise_counts_in_what_is_shown(self, report, collector, office):
        save(report, collector, x={"value": Decimal(4)}, y={"value": Decimal(5)})
        handed_in, who = submit(report, by=collector), person("supervisor")
        x = report.indicator.criteria.get(name="x")
        marked = mark_criterion(handed_in, x, score=Decimal(2), reason="counted twice", by=who)
        report = return_(marked, reason="mend", by=who)
        waiting = asked(report)
        shown = visit("office", report).context["criteria"][1].asked
        # (70·2 + 30·5) / 100, not the collectors' own (70·4 + 30·5) / 100
        assert (shown.indicator, shown.agreement) == (("2.9000", "2.0000"), ("2.9000", "2.0000"))
        decide_not_applicable(waiting, granted=True, by=office)
        agreement = report.indicator.agreement
        assert load_summary(agreement, 12, user=office).score == Decimal(2)

    def test_dimension_and_perspective_are_shown_too(self, seeds, db, collector):
        """i1 (40) and i2 (20) in one dimension, i1 alone in its perspective; i3 (40) outside."""
        parts = [criterion("x", "20"), criterion("y", "20")]
        data = definition(
            indicator("40", *parts, key="i1", group="p"), indicator("20", key="i2", group="d"),
            indicator("40", key="i3"),
        )
        inner = {"key": "p", "kind": "perspective", "name": "ภายใน"}
        data["groups"] = [{"key": "d", "kind": "dimension", "label": "มิติที่ 1", "name": "ผล", "groups": [inner]}]
        whole = put_in_force(create_agreement(data, by=None), by=None)
        open_round(whole.rounds.get(), by=None)
        one = Result.objects.get(indicator__agreement=whole, indicator__number="i1")
        save(one, collector, x={"value": Decimal(2)}, y={"value": Decimal(5)})
        asked(one, "y")
        shown = visit("office", one).context["criteria"][1].asked
        # i1: 3.5 -> 2; the dimension (40·3.5 + 20·1) / 60 = 2.6667 -> (40·2 + 20·1) / 60; the whole: (160 + 40) / 100
        assert shown.indicator == ("3.5000", "2.0000")
        assert shown.groups == (("มิติที่ 1 ผล", "2.6667", "1.6667"), ("ภายใน", "3.5000", "2.0000"))
        assert shown.agreement == ("2.0000", "1.4000")
        assert "มิติที่ 1 ผล" in visit("office", one).content.decode().split("effect")[1]

    def test_the_only_criterion_takes_its_indicator_out(self, seeds, db, collector):
        whole = opened(indicator("40", key="i1"), indicator("60", key="i2"))
        one = Result.objects.get(indicator__agreement=whole, indicator__number="i1")
        save(one, collector, **{"indicator i1": {"value": Decimal(3)}})
        asked(one, "indicator i1")
        shown = visit("office", one).context["criteria"][0].asked
        assert (shown.indicator, shown.agreement) == (("3.0000", "–"), ("1.8000", "1.0000"))

    def test_granted_there_are_no_inputs_but_the_text(self, report, collector):
        save(report, collector, y={"value": Decimal(5)})
        waiting, pk = asked(report), pk_of(report, "y")
        assert post("office", "not_applicable_decide", report.pk, waiting.pk, decision="grant").status_code == 302
        page = page_of("collector", report)
        assert f'name="c{pk}-value"' not in page and f'name="c{pk}-not_reported"' not in page
        assert f'name="c{pk}-text"' in page and "Not applicable in this round" in page
        assert "Granted" in page and "does not count" in page

    def test_the_office_takes_a_grant_back_on_the_page(self, report, collector):
        save(report, collector, x={"value": Decimal(2)}, y={"value": Decimal(5)})
        waiting = asked(report)
        post("office", "not_applicable_decide", report.pk, waiting.pk, decision="grant")
        assert "Take the decision back" in page_of("office", report)
        assert "Take the decision back" not in page_of("collector", report)
        refused = post("office", "not_applicable_decide", report.pk, waiting.pk, decision="take_back", answer=" ")
        assert refused.status_code == 409
        data = {"decision": "take_back", "answer": "a slip"}
        assert post("collector", "not_applicable_decide", report.pk, waiting.pk, **data).status_code == 409
        assert post("office", "not_applicable_decide", report.pk, waiting.pk, **data).status_code == 302
        page = page_of("collector", report)
        assert "a slip" in page and f'name="c{pk_of(report, "y")}-value"' in page

    def test_the_text_of_a_granted_one_is_saved_and_its_ticks_stay(self, seeds, db, collector):
        report = trial_result(criterion("x", "70", COMPLETE_COUNT, ITEMS), criterion("y", "30"))
        save(report, collector, x={"done": frozenset("ab"), "complete": frozenset("a"), "item_reasons": {"a": "seen"}})
        waiting, pk = asked(report, "x"), pk_of(report, "x")
        post("office", "not_applicable_decide", report.pk, waiting.pk, decision="grant")
        browser = browser_of(person("collector"))
        data = {"criterion": pk, f"c{pk}-left_out": "", f"c{pk}-text": "why it is out"}
        response = browser.post(reverse("result", args=[report.pk]), data, headers={"HX-Request": "true"})
        assert response.status_code == 200 and f"c{pk}-done-error" not in response.content.decode()
        row = sheets(report)["x"]
        assert (row.row.text, row.row.status) == ("why it is out", "not_applicable")
        assert {code for code, item in row.items.items() if item.done} == {"a", "b"}

    def test_refusing_needs_an_answer_at_its_field_and_the_collectors_read_it(self, report):
        waiting, pk = asked(report), pk_of(report, "y")
        response = post("office", "not_applicable_decide", report.pk, waiting.pk, decision="refuse", answer=" ")
        assert response.status_code == 422 and f'id="c{pk}-answer-error">Give the reason' in response.content.decode()
        post("office", "not_applicable_decide", report.pk, waiting.pk, decision="refuse", answer="the data exist")
        page = page_of("collector", report)
        assert "the data exist" in page and "Refused" in page and page.count("Ask to leave this criterion out") == 2

    def test_a_post_without_a_decision_decides_nothing(self, report):
        waiting = asked(report)
        assert post("office", "not_applicable_decide", report.pk, waiting.pk, answer="x").status_code == 400
        assert report.not_applicable_requests.get().state == "pending"

    def test_home_lists_it_for_the_office_only_until_it_is_decided(self, report):
        waiting = asked(report)
        lists = {
            who: [row.result for row in browser_of(person(who)).get("/").context["waiting"]]
            for who in ("collector", "supervisor", "office", "auditor", "admin", "collector2")
        }
        assert {who for who, rows in lists.items() if rows} == {"office"} and lists["office"] == [report.pk]
        page = browser_of(person("office")).get("/").content.decode()
        assert f"{reverse('result', args=[report.pk])}#c{pk_of(report, 'y')}-not_applicable" in page
        post("office", "not_applicable_decide", report.pk, waiting.pk, decision="grant")
        assert browser_of(person("office")).get("/").context["waiting"] == []


class TestCopying:
    def test_is_offered_while_something_is_open_and_an_earlier_report_was_saved(self, rounds, collector):
        half, whole = rounds
        assert visit("collector", whole).context["copy_months"] is None
        save(half, collector, **SAID)
        assert visit("collector", whole).context["copy_months"] == 6
        assert "Copy from the 6-month round" in page_of("collector", whole)
        assert visit("supervisor", whole).context["copy_months"] is None
        assert visit("collector", half).context["copy_months"] is None

    def test_brings_everything_over_and_is_not_offered_again(self, rounds, collector):
        half, whole = rounds
        save(half, collector, **SAID)
        response = post("collector", "result_copy", whole.pk)
        assert (response.status_code, response.url) == (302, reverse("result", args=[whole.pk]))
        assert sheets(whole)["number"].row.count == 8
        assert visit("collector", whole).context["copy_months"] is None
        assert page_of("collector", whole).count("as in the 6-month round") == 7

    def test_changes_are_marked_with_what_stood_there(self, rounds, collector):
        half, whole = rounds
        save(half, collector, **SAID)
        save_draft(half, ResultEntry(texts={"measures": "we met", "obstacles": "none"}), by=collector)
        whole = copy_from_earlier(whole, by=collector)
        save(whole, collector, thresholds={"value": Decimal(90)}, milestones={"done": frozenset("a")})
        save(whole, collector, formula={"data": {"A": Decimal(5)}}, level={"text": "new"})
        save_draft(whole, ResultEntry(texts={"measures": "we met twice"}), by=collector)
        context = visit("collector", whole).context
        rows = {c.criterion.name: [(was.label, was.value) for was in c.since.rows] for c in context["criteria"]}
        assert rows == {
            "milestones": [("item b", "ticked")], "count": [], "complete_count": [], "number": [],
            "thresholds": [("Result (number)", "80.50")], "level": [("ผลการดำเนินงาน", "empty")],
            "formula": [("served", "3.0")],
        }
        assert [was.value for was in context["since"]["measures"].rows] == ["we met"]
        assert (context["since"]["obstacles"].rows, "suggestions" in context["since"]) == ((), False)
        assert page_of("supervisor", whole).count(">changed since the 6-month round<") == 5

    def test_without_an_earlier_report_is_refused(self, rounds):
        assert post("collector", "result_copy", rounds[1].pk).status_code == 409

    def test_nothing_is_marked_where_nothing_was_copied(self, rounds, collector):
        half, whole = rounds
        save(half, collector, **SAID)
        assert visit("collector", whole).context["since"] == {}


class TestBeside:
    def test_the_three_best_steps_stand_beside_the_form(self, moi_result):
        page = visit("collector", moi_result)
        gains = [advice.gain.indicator.difference for advice in page.context["plan"]]
        assert len(gains) == 3 and gains == sorted(gains, reverse=True)
        assert "What raises the score most" in page.content.decode()

    def test_not_once_certified(self, moi_result, collector):
        Result.objects.filter(pk=moi_result.pk).update(
            state="certified", submitted_at="2026-01-01T00:00Z", submitted_by=collector,
            certified_at="2026-01-01T00:00Z", certified_by=collector,
            decided_at="2026-01-01T00:00Z", decided_by=collector,
        )
        assert visit("collector", moi_result).context["plan"] == []

    def test_not_where_scores_are_hidden(self, seeds, db, collector):
        report = trial_result(criterion("x", "70"), criterion("y", "30"), hide_scores=True)
        assert {who: len(visit(who, report).context["plan"]) for who in ("collector", "office")} == {
            "collector": 0, "office": 3,
        }

    @pytest.mark.parametrize("language", ["th", "en"])
    def test_every_field_has_its_help_in_the_words_of_the_form(self, seeds, db, language):
        kinds = {"items": (COMPLETE_COUNT, ITEMS), "data": (FORMULA, ()), "level": ({"kind": "level"}, ())}
        report = opened(
            indicator("3", *[criterion(name, "1", *kind) for name, kind in kinds.items()]), excerpt=True
        ).indicators.get().results.get()
        page = page_of("collector", report, language)
        for field in HELP.keys() - {"value", "count"}:
            assert HELP[field].official.th in page and f"“{HELP[field].example.text(language)}”" in page
        assert page.count('class="help"') == 3 * 2 + 2 + 4

    def test_the_official_words_are_those_of_the_forms(self):
        assert {help.official.th for help in HELP.values()} == {
            "ผลการดำเนินงาน", "คำชี้แจงการปฏิบัติงาน/มาตรการที่ได้ดำเนินการ", "ปัจจัยสนับสนุนต่อการดำเนินงาน",
            "อุปสรรคต่อการดำเนินงาน", "ข้อเสนอแนะสำหรับการดำเนินงานในปีต่อไป", "เกณฑ์การให้คะแนน",
            "ตัวชี้วัด/ข้อมูลพื้นฐานประกอบตัวชี้วัด",
        }

    def test_the_definition_and_the_keys_stand_there(self, moi_result):
        page = page_of("collector", moi_result)
        assert reverse("indicator", args=[moi_result.indicator_id]) in page.split("entry-side")[1]
        assert page.count("<kbd>") == 8
        assert "<kbd>" not in page_of("auditor", moi_result)


def test_every_problem_of_a_submit_leads_to_its_place(seeds, db, collector):
    """A number, base data, items, a reason, a reason for no file, and a request that waits, each once."""
    rubrics = {
        "open items": (COMPLETE_COUNT, ITEMS), "no file": (COMPLETE_COUNT, ITEMS), "formula": (FORMULA, ()),
        "number": ({"kind": "level"}, ()), "reason": ({"kind": "level"}, ()), "waiting": ({"kind": "level"}, ()),
    }
    whole = opened(indicator("6", *[criterion(name, "1", *kind) for name, kind in rubrics.items()]), excerpt=True)
    report = Result.objects.select_related("indicator__agreement", "round", "unit").get(indicator__agreement=whole)
    save(report, collector, formula={"data": {"A": Decimal(1), "B": Decimal(0)}}, reason={"not_reported": True})
    save(report, collector, **{"no file": {"done": frozenset("a"), "complete": frozenset("a")}})
    asked(report, "waiting")
    page = post("collector", "result_submit", report.pk).content.decode()
    targets = [part.split('"')[0] for part in page.split('href="#c')[1:] if '">' in part]
    pks = {name: pk_of(report, name) for name in rubrics}
    expected = {
        "open items": "result", "no file": "why-a", "formula": "result", "number": "result", "reason": "reason",
        "waiting": "not_applicable",
    }
    assert targets[:6] == [f"{pks[name]}-{field}" for name, field in expected.items()]
    for target in targets[:6]:
        assert page.count(f'id="c{target}"') == 1
    assert page.count('class="problem"') == 6
