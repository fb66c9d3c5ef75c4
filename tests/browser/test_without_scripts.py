"""Where scripts are blocked, each part has a button of its own, and the same sentences come."""
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from scoring.services import save_draft
from scoring.values import ResultEntry
from tests import cast
from tests.browser.entry import open_entry, score_of, total

pytestmark = pytest.mark.browser_context_args(java_script_enabled=False)


def save(page: Page, prefix: str) -> None:
    page.locator(f"#{prefix}-form button.btn-primary").click()


def test_each_criterion_is_saved_by_its_button(signed_in: Callable[[str], Page]):
    page = signed_in("collector")
    first, *_, last = open_entry(page, cast.result("moi-2559", months=6))
    for item in ("cio", "egov1"):
        page.locator(f"#{first}-done-{item}").check()
    page.locator(f"#{first}-text").fill("มีคำสั่งแต่งตั้ง CIO")
    save(page, first)
    expect(page.locator(".notice-done")).to_be_visible()
    expect(score_of(page, first)).to_have_text(["2.0000", "2.0000"])
    page.locator(f"#{last}-nothing").check()
    save(page, last)
    expect(score_of(page, last)).to_have_text(["1.0000", "1.0000"])
    expect(total(page)).to_have_text("1.5000")
    page.locator("#measures").fill("ศึกษาแนวทาง")
    page.locator("form:has(#measures) button").click()
    expect(page.locator("#measures")).to_have_value("ศึกษาแนวทาง")
    expect(page.locator(f"#{first}-text")).to_have_value("มีคำสั่งแต่งตั้ง CIO")

    page.locator("#submit-form button").click()
    expect(page.locator(".error-summary li a")).to_have_count(5)
    page.locator(".language button").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("#measures")).to_have_value("ศึกษาแนวทาง")


def test_a_bad_number_keeps_all_that_was_typed_and_a_good_one_is_submitted(signed_in: Callable[[str], Page]):
    page = signed_in("collector2")
    result = cast.result("ega-2557", number="4.2")
    (prefix,) = open_entry(page, result)
    for wrong in ("abc", "7"):  # not a number, and a level outside the scale
        page.locator(f"#{prefix}-value").fill(wrong)
        page.locator(f"#{prefix}-text").fill(f"พร้อมกับ {wrong}")
        save(page, prefix)
        expect(page.locator(f"#{prefix}-value-error")).to_contain_text(wrong)
        expect(page.locator(f"#{prefix}-value")).to_have_value(wrong)
        expect(page.locator(f"#{prefix}-text")).to_have_value(f"พร้อมกับ {wrong}")
        expect(page.locator(f".error-summary a[href='#{prefix}-value']")).to_be_visible()
    page.locator(f"#{prefix}-value").fill("๔.๕")
    save(page, prefix)
    expect(score_of(page, prefix).first).to_have_text("4.5000")
    page.locator("#submit-form button").click()
    expect(page.locator(".title-row .state-submitted")).to_be_visible()


def test_a_text_that_is_too_long_and_a_reason_stay_as_typed(signed_in: Callable[[str], Page]):
    page = signed_in("collector")
    first, *_ = open_entry(page, cast.result("moi-2559"))
    long, reason = "ก" * 20_001, "ข" * 2_001
    page.locator(f"#{first}-text").fill(long)
    page.locator(f"#{first}-not_reported").check()
    page.locator(f"#{first}-reason").fill(reason)
    save(page, first)
    expect(page.locator(".error-summary li")).to_have_count(2)
    expect(page.locator(f"#{first}-text")).to_have_value(long)
    expect(page.locator(f"#{first}-reason")).to_have_value(reason)
    page.locator("#measures").fill("ค" * 20_001)
    page.locator("form:has(#measures) button").click()
    expect(page.locator("#measures")).to_have_value("ค" * 20_001)


@pytest.mark.parametrize("answer", ["keep", "take"])
def test_a_conflict_is_answered_by_a_button(signed_in: Callable[[str], Page], answer: str):
    report, typed = cast.result("moi-2559"), {"keep": "ของฉัน", "take": "ของเพื่อน"}
    page = signed_in("collector")
    first, *_ = open_entry(page, report)
    theirs = ResultEntry(criteria={int(first[1:]): {"text": typed["take"]}})
    save_draft(report, theirs, by=cast.person("moi-collector-2"))
    page.locator(f"#{first}-text").fill(typed["keep"])
    page.locator(f"#{first}-done-egov3").check()
    save(page, first)
    expect(page.locator(f"#{first}-text-error")).to_contain_text(typed["take"])
    expect(page.locator(f"#{first}-text")).to_have_value(typed["keep"])
    expect(total(page)).to_have_text("3.3000")
    page.locator(f"#{first}-text").press("End")
    page.keyboard.type("!")
    page.locator(f"#{first}-text-error [name={answer}]").click()
    expect(page.locator(".notice-done").first).to_be_visible()
    expect(page.locator(f"#{first}-text")).to_have_value(typed["take"] if answer == "take" else "ของฉัน!")
