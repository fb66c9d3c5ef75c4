"""Base data from many units in a browser: reported by keyboard, stated by the lead unit, handed in; on a phone too."""
from collections.abc import Callable

from django.conf import settings
from playwright.sync_api import Page, expect

from scoring.models import Result
from tests.browser.checks import assert_accessible, assert_readable
from tests.cast import person
from tests.operating import LEAD, give, of, operating_result


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def fill(page: Page, field: str, text: str) -> None:
    """Reach a field by Tab alone and type."""
    for _ in range(40):
        if page.evaluate("document.activeElement.id") == field:
            break
        press(page, "Tab")
    expect(page.locator(f"#{field}")).to_be_focused()
    press(page, "Control+a")
    page.keyboard.insert_text(text)


def test_units_report_by_keyboard_and_the_lead_unit_hands_in(signed_in: Callable[[str], Page]):
    report = operating_result()
    prefix, level = f"c{of(report).pk}", f"c{of(report, 'level').pk}"
    give(report, "imm-2", "700", "1000")
    page = signed_in("imm-1")
    page.goto("/")
    page.locator("a[href$='/data/imm-1/']").press("Enter")
    fill(page, f"{prefix}-data-A", "๙๐")
    fill(page, f"{prefix}-data-B", "๑๐๐")
    press(page, "Enter")
    expect(page.locator(".calculation")).to_contain_text("90 / 100 * 100 = 90.0000")

    signed_in(LEAD).goto(f"/results/{report.pk}/")
    page.fill(f"#{level}-value", "3")
    page.locator("#submit-form button").click()
    problem = page.locator(f".error-summary a[href='#{prefix}-units']")
    expect(problem).to_contain_text("บก.ตม.3")
    expect(problem).to_be_focused()
    press(page, "Enter")
    expect(page.locator(f"#{prefix}-units")).to_be_focused()
    page.locator(f"#{prefix}-units .unit-missing .row-action").press("Enter")
    page.locator(f"#{prefix}-not_reported").press("Space")
    fill(page, f"{prefix}-reason", "ไม่มีคำตอบใน 3 สัปดาห์")
    press(page, "Enter")
    expect(page.locator(".unit-not_reported")).to_contain_text("ไม่มีคำตอบใน 3 สัปดาห์")
    expect(page.locator(".units tfoot strong")).to_have_text("71.8182")
    page.locator("#submit-form button").click()
    expect(page.locator(".notice-done")).to_be_visible()
    assert Result.objects.get(pk=report.pk).state == "submitted"


def test_both_pages_can_be_read_by_everyone(page: Page, signed_in: Callable[[str], Page], portal: str):
    report = operating_result(name="คำรับรองการปฏิบัติราชการของสำนักงานตรวจคนเข้าเมือง")
    give(report, "imm-1", "90", "0")
    give(report, "imm-2", reason="ไม่มีผู้รับบริการในรอบนี้", by=person(LEAD))
    for language in ("th", "en"):
        page.context.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": portal}])
        for who, address in (
            ("imm-1", "/"), ("imm-1", f"/results/{report.pk}/data/imm-1/"), (LEAD, f"/results/{report.pk}/"),
            (LEAD, f"/results/{report.pk}/data/imm-3/"),
        ):
            signed_in(who).goto(address)
            assert_readable(page, axe=language == "th")


def test_a_clash_is_shown_beside_what_was_typed(signed_in: Callable[[str], Page]):
    report = operating_result()
    name = f"c{of(report).pk}-data-A"
    page = signed_in("imm-1")
    page.goto(f"/results/{report.pk}/data/imm-1/")
    page.fill(f"#{name}", "80")
    give(report, "imm-1", "90", "100")
    page.locator("form.criterion-form button").click()
    expect(page.locator(f"#{name}")).to_have_value("80")
    expect(page.locator(f"#{name}-now")).to_contain_text("90")
    assert_accessible(page)
    page.locator("form.criterion-form button").click()
    expect(page.locator(".calculation")).to_contain_text("80 / 100 * 100 = 80.0000")


def test_numbers_typed_over_an_ended_session_are_there_again(signed_in: Callable[[str], Page]):
    report = operating_result()
    field = f"c{of(report).pk}-data-A"
    page = signed_in("imm-1")
    address = f"/results/{report.pk}/data/imm-1/"
    page.goto(address)
    page.fill(f"#{field}", "90")
    page.context.clear_cookies()
    page.locator(".criterion-form button").click()
    give(report, "imm-1", "70", "100")  # a colleague, meanwhile
    signed_in("imm-1").goto(address)
    expect(page.locator(f"#{field}")).to_have_value("90")
    expect(page.locator("#unsent")).to_be_visible()
    page.locator(".criterion-form button").click()
    expect(page.locator(f"#{field}-now")).to_contain_text("70")
    page.locator(".criterion-form button").click()
    expect(page.locator(".is-saved")).to_be_visible()
    page.goto(address)
    expect(page.locator(f"#{field}")).to_have_value("90")
    expect(page.locator("#unsent")).to_be_hidden()
