"""The what-if as a person plays with it: scores follow the typing, work without scripts, and nothing stays."""
import re
from collections.abc import Callable

from playwright.sync_api import Browser, Page, expect

from kpiportal.audit.models import AuditEvent
from scoring.models import Result
from tests import cast
from tests.browser.entry import prefixes

Visit = Callable[[str], Page]


def what_if(page: Page, report: Result) -> str:
    """Open the page from the planner's row of the report; the prefix of its first criterion."""
    page.goto(f"/agreements/{report.indicator.agreement_id}/planner/?indicator={report.indicator_id}")
    page.locator(".step-try").first.click()
    expect(page).to_have_url(re.compile(rf"/results/{report.pk}/what-if/#c\d+$"))
    return prefixes(report)[0]


def test_scores_follow_what_is_typed_and_nothing_stays(signed_in: Visit):
    report = cast.result("ega-2557", number="2.2")
    page, before = signed_in("collector2"), AuditEvent.objects.count()
    field = what_if(page, report)
    worked, value = page.locator("#worked tfoot"), page.locator(f"#{field}-value")
    expect(worked).to_contain_text("4.7740")
    value.press_sequentially("x")
    expect(page.locator(f"#{field}-value-error")).not_to_be_empty()
    value.fill("85")
    expect(worked).to_contain_text("4.7800")
    expect(worked).to_contain_text("+0.0060")
    expect(page.locator(f"#{field}-then")).to_contain_text("4.0000")
    expect(page.locator(f"#{field}-value-error")).to_be_empty()
    value.press("Enter")
    expect(page.locator("h1")).to_be_visible()
    page.locator(".what-if-buttons a").click()
    expect(value).to_have_value("84.40")
    expect(worked).not_to_contain_text("4.7800")
    assert AuditEvent.objects.count() == before
    assert str(cast.result("ega-2557", number="2.2").version) == str(report.version)


def test_it_works_without_scripts_by_its_button(
    browser: Browser, signed_in: Visit, browser_context_args: dict, portal: str
):
    report = cast.result("moi-2559")
    cookies = signed_in("collector").context.cookies()
    context = browser.new_context(**{**browser_context_args, "java_script_enabled": False, "base_url": portal})
    context.add_cookies(cookies)
    page = context.new_page()
    page.goto(f"/results/{report.pk}/what-if/")
    third = prefixes(report)[2]
    page.locator(f"[name={third}-done]").nth(2).check()
    page.locator(".what-if-buttons button").click()
    expect(page.locator("#worked tfoot")).to_contain_text("3.5000")
    expect(page.locator(f"[name={third}-done]").nth(2)).to_be_checked()
    context.close()
