"""The page of an operating unit, the lead unit's table, and the home page: who sees what, and what comes back."""

import datetime
import re

import pytest
from django.urls import reverse

from indicators.models import Agreement, Criterion, Indicator, Responsibility, Round
from scoring.models import BaseDatum, Result, UnitReport
from scoring.services import approve, certify, reopen, submit
from tests.cast import browser_of, person
from tests.definitions import sheets
from tests.operating import A_AND_B, LEAD, UNITS, figure, give, of, operating_result, state
from tests.refused import assert_only_refused, last_entry
from tests.scoring.test_entry import save

OUTSIDE = ("collector", "collector2", "colleague", "supervisor", "office", "auditor", "admin", "stranger", "former")


@pytest.fixture
def report(seeds, db) -> Result:
    report = operating_result(rounds=[{"months": 12, "due_on": datetime.date(2026, 10, 31)}])
    save(report, person(LEAD), **{A_AND_B: {"text": "the lead unit's draft"}, "level": {"value": 4}})
    return report


def address(report: Result, code: str = "imm-1") -> str:
    return reverse("base_data", args=[report.pk, code])


def page(report: Result, username: str = "imm-1", code: str = "imm-1", language: str = "en"):
    browser = browser_of(person(username))
    browser.cookies["django_language"] = language
    return browser.get(address(report, code))


def post(report: Result, username: str = "imm-1", code: str = "imm-1", language: str = "en", **fields: str):
    """Post a unit's form; `was_A` is what the page showed of A."""
    browser, prefix = browser_of(person(username)), f"c{of(report).pk}-"
    browser.cookies["django_language"] = language
    names = {"A": "data-A", "B": "data-B", "was_A": "was-data-A", "was_B": "was-data-B"}
    data = {"criterion": of(report).pk, f"{prefix}reason": "", f"{prefix}was-reason": ""}
    return browser.post(
        address(report, code), data | {prefix + names.get(name, name): value for name, value in fields.items()}
    )


class TestScope:
    @pytest.mark.parametrize("username", [*OUTSIDE, "imm-2"])
    def test_everyone_else_finds_nothing(self, report, username):
        before = last_entry()
        assert page(report, username).status_code == 404
        assert post(report, username, A="1", B="2").status_code == 404
        assert_only_refused(before, times=2)

    @pytest.mark.parametrize("code", ["imm-4", "immigration", LEAD, "nowhere"])
    def test_a_unit_outside_the_matrix_is_not_found(self, report, code):
        assert page(report, LEAD, code).status_code == 404
        assert page(report, "imm-1", code).status_code == 404

    def test_a_report_that_is_not_there_looks_the_same(self, report):
        stranger = browser_of(person("stranger"))
        found = [stranger.get(reverse("base_data", args=[pk, "imm-1"])) for pk in (report.pk, 999_999)]
        assert [answer.status_code for answer in found] == [404, 404]
        foreign, missing = (answer.content.split(b"csrfmiddlewaretoken")[0] for answer in found)
        assert foreign == missing

    def test_an_indicator_without_base_data_has_no_such_page(self, report, moi_result, collector):
        assert browser_of(collector).get(address(moi_result)).status_code == 404
        assert browser_of(collector).get(reverse("base_data", args=[moi_result.pk, "moi"])).status_code == 404

    def test_is_no_way_to_the_lead_units_draft(self, report):
        give(report, "imm-2", "123456", "234567")
        answer = page(report)
        text = answer.content.decode()
        for secret in ("the lead unit's draft", "the lead unit&#x27;s draft", "123456", "234567", "imm-2", "4.0000"):
            assert secret not in text
        assert "result" not in answer.context
        assert browser_of(person("imm-1")).get(reverse("result", args=[report.pk])).status_code == 404
        assert reverse("result", args=[report.pk]) + '"' not in text

    @pytest.mark.parametrize("method", ["put", "patch", "delete"])
    def test_other_methods(self, report, method):
        assert getattr(browser_of(person("imm-1")), method)(address(report)).status_code == 405

    def test_nobody_signed_in(self, report, client):
        assert client.get(address(report)).url == f"{reverse('account_login')}?next={address(report)}"


class TestReporting:
    def test_shows_what_is_asked(self, report):
        text = page(report).content.decode()
        for wanted in ("A / B * 100", "A = served", "B = asked", "คน", "31 Oct 2026", "Nothing is saved yet."):
            assert wanted in text

    def test_thai_digits_are_saved_and_the_own_figure_comes_back(self, report):
        answer = post(report, A="๙๐", B="๑,๐๐๐")
        assert (answer.status_code, answer.url) == (302, address(report))
        text = page(report).content.decode()
        assert "A / B * 100 = 90 / 1000 * 100 = 9.0000" in text and 'value="90"' in text and "Saved" in text
        assert figure(report)[1] == "9.0000"

    def test_a_division_by_zero_is_a_sentence(self, report):
        post(report, A="1", B="0")
        assert "divides by zero" in page(report).content.decode()

    def test_what_can_not_be_read_is_told_at_its_field_and_all_typed_stays(self, report):
        answer = post(report, A="abc", B="5")
        text = answer.content.decode()
        name = f"c{of(report).pk}-data-A"
        assert answer.status_code == 422 and f'id="{name}-error">' in text and f'href="#{name}"' in text
        assert 'value="abc"' in text and 'value="5"' in text
        assert not UnitReport.objects.exists()

    def test_sums_of_more_than_fifteen_digits(self, report):
        give(report, "imm-2", "999999999999999", "1000000000000")
        answer = post(report, A="1", B="1")
        assert answer.status_code == 422 and "more than 15 digits" in answer.content.decode()

    def test_not_reported_without_a_reason(self, report):
        answer = post(report, A="1", B="1", not_reported="on")
        assert answer.status_code == 422 and "Give the reason" in answer.content.decode()
        assert "checked" in answer.content.decode()

    def test_not_reported_with_a_reason(self, report):
        assert post(report, not_reported="on", reason="no such cases").status_code == 302
        assert state(report, "imm-1").state == "not_reported"

    def test_a_reason_longer_than_any(self, report):
        assert post(report, not_reported="on", reason="ก" * 20_001).status_code == 422

    @pytest.mark.parametrize("criterion", ["", "x", "0", "99999999999999999999", "level"])
    def test_a_foreign_criterion_is_not_found(self, report, criterion):
        pk = of(report, "level").pk if criterion == "level" else criterion
        browser = browser_of(person("imm-1"))
        assert browser.post(address(report), {"criterion": pk}).status_code == 404

    def test_a_colleagues_save_is_not_overwritten_and_both_are_shown(self, report):
        give(report, "imm-1", "90", "100")
        answer = post(report, A="80", B="100", was_A="", was_B="")
        text = answer.content.decode()
        assert answer.status_code == 409 and 'value="80"' in text
        assert "Stands there now:</span>" not in text and re.search(r"Stands there now: 90<", text)
        assert "collector of imm-1" in text and state(report, "imm-1").values["A"] == 90
        name = re.search(r'name="(c\d+-was-data-A)" value="90"', text)
        assert name and post(report, A="80", B="100", was_A="90", was_B="100").status_code == 302
        assert state(report, "imm-1").values["A"] == 80

    @pytest.mark.parametrize("language", ["th", "en"])
    def test_after_handing_in_it_can_be_read_and_a_late_save_keeps_what_was_typed(self, report, language):
        give(report, "imm-1", "90", "100")
        Round.objects.update(state="closed")
        text = page(report, language=language).content.decode()
        assert "<fieldset disabled>" in text and 'value="90"' in text
        answer = post(report, A="77", B="100", language=language)
        assert answer.status_code == 409 and 'value="77"' in answer.content.decode()


class TestLeadUnit:
    def lead(self, report, username=LEAD) -> str:
        browser = browser_of(person(username))
        browser.cookies["django_language"] = "en"
        return browser.get(reverse("result", args=[report.pk])).content.decode()

    def test_sees_each_unit_the_sums_and_the_formula_with_them(self, report):
        give(report, "imm-1", "90", "100")
        give(report, "imm-2", "700", "1000")
        text = self.lead(report)
        assert "2 of 3 units reported" in text
        assert "A / B * 100 = 790 / 1100 * 100 ≈ 71.8182" in text
        rows = re.findall(r'<tr class="unit-(\w+)">', text)
        assert rows == ["missing", "reported", "reported"]
        assert all(number in text for number in ("90.0000", "70.0000", "71.8182"))
        assert f'name="c{of(report).pk}-data-A"' not in text

    def test_links_to_what_is_missing_and_reviewers_have_no_links(self, report):
        assert self.lead(report).count(address(report, "imm-1")) == 2
        assert address(report, "imm-1") not in self.lead(report, "office")
        assert "units reported" in self.lead(report, "office")

    def test_states_that_a_unit_does_not_report(self, report):
        answer = post(report, LEAD, not_reported="on", reason="no answer")
        assert answer.url == f"{reverse('result', args=[report.pk])}#c{of(report).pk}-units"
        assert re.search(r"no answer · collector of imm-admin", self.lead(report))

    def test_can_not_type_a_units_numbers(self, report):
        assert f'id="c{of(report).pk}-data-A"' in page(report).content.decode()
        assert f'id="c{of(report).pk}-data-A"' not in page(report, LEAD).content.decode()
        post(report, LEAD, A="1", B="2", not_reported="on", reason="x")
        assert state(report, "imm-1").values == {"A": None, "B": None}

    def test_has_nothing_to_state_of_a_unit_that_reported(self, report):
        assert "<fieldset disabled>" not in page(report, LEAD).content.decode()
        give(report, "imm-1", "90", "100")
        assert "<fieldset disabled>" in page(report, LEAD).content.decode()
        answer = post(report, LEAD, not_reported="on", reason="late click")
        assert answer.status_code == 409 and "late click" in answer.content.decode()
        assert state(report, "imm-1").state == "reported"

    def test_handing_in_names_the_missing_at_the_table(self, report):
        browser = browser_of(person(LEAD))
        answer = browser.post(reverse("result_submit", args=[report.pk]))
        text = answer.content.decode()
        assert answer.status_code == 422 and f'href="#c{of(report).pk}-units"' in text
        assert text.count("ยังขาดข้อมูลพื้นฐานจาก บก.ตม.3, บก.ตม.1, บก.ตม.2") == 2

    def test_saving_its_own_text_leaves_the_units_numbers(self, report):
        for code in UNITS:
            give(report, code, "90", "100")
        pk = of(report).pk
        data = {"criterion": pk, f"c{pk}-text": "new", f"c{pk}-data-A": "1", f"c{pk}-data-B": "1"}
        browser_of(person(LEAD)).post(reverse("result", args=[report.pk]), data)
        assert figure(report) == ("reported", "90.0000", "5.0000")
        assert sheets(report)[A_AND_B].row.text == "new"


class TestHome:
    def home(self, username: str) -> str:
        browser = browser_of(person(username))
        browser.cookies["django_language"] = "en"
        return browser.get("/").content.decode()

    def test_asks_the_unit_until_it_has_said_everything(self, report):
        before = self.home("imm-1")
        assert "Base data to report" in before and "0 of 1 reported" in before and "31 Oct 2026" in before
        assert address(report) in before and address(report, "imm-2") not in before
        give(report, "imm-1", "1")
        assert "0 of 1 reported" in self.home("imm-1")
        give(report, "imm-1", reason="flood")
        assert "0 of 1 reported" not in self.home("imm-1")

    @pytest.mark.parametrize("username", [LEAD, "collector", "office", "stranger", "immigration-collector"])
    def test_asks_nobody_else(self, report, username):
        assert "Base data to report" not in self.home(username)

    def test_asks_nothing_of_a_closed_round(self, report):
        Round.objects.update(state="closed")
        assert "Base data to report" not in self.home("imm-1")

    def test_is_overdue_after_the_due_date(self, report):
        assert "Overdue" in self.home("imm-1")
        give(report, "imm-1", "1", "2")
        assert "Overdue" not in self.home("imm-1")


class TestCertified:
    def test_is_shown_as_it_was_certified(self, report):
        for code in UNITS:
            give(report, code, "90", "100")
        submit(report, by=person(LEAD))
        approve(report, by=person("supervisor"))
        certify(report, by=person("office"))
        assert post(report, A="1").status_code == 409
        before = page(report).content.decode()
        assert '"90"' in before or ">90<" in before
        Criterion.objects.filter(pk=of(report).pk).update(name="another figure")
        Indicator.objects.filter(pk=report.indicator_id).update(name="another indicator")
        Responsibility.objects.get(indicator=report.indicator_id).units.clear()
        BaseDatum.objects.filter(round=report.round).update(value=7)
        Agreement.objects.filter(pk=report.indicator.agreement_id).update(definition_stamp="new")
        assert without_tokens(page(report).content.decode()) == without_tokens(before)
        assert page(report, "imm-2").status_code == 404
        reopen(report, reason="a slip", by=person("office"))
        assert page(report).status_code == 404  # asked for no more


def without_tokens(text: str) -> str:
    return re.sub(r'name="(csrfmiddlewaretoken|once)" value="[^"]*"', "", text)
