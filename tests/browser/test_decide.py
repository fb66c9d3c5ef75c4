"""From the collector's submit to the supervisor's decision and back, as two people see it."""
from collections.abc import Callable

from playwright.sync_api import Page, expect

from kpiportal.audit.models import AuditEvent
from scoring.models import Result
from tests import cast
from tests.browser.entry import open_entry, tick, write

REASON = "แนบรายงานการเบิกจ่ายไตรมาสที่ 4\nแล้วส่งใหม่"


def happened(result: Result, action: str) -> int:
    """How often the trail says that this was done to the result."""
    return AuditEvent.objects.filter(action=f"result.{action}", target_id=str(result.pk)).count()


def test_a_result_goes_to_the_supervisor_and_is_approved_once(signed_in: Callable[[str], Page]):
    result = cast.result("ega-2557", number="3.1")
    page = signed_in("collector2")
    open_entry(page, result)
    page.locator("#submit-form button").dblclick()
    expect(page.locator(".title-row .state-submitted")).to_be_visible()
    expect(page.locator("fieldset:not([disabled])")).to_have_count(0)
    assert happened(result, "submit") == 1

    signed_in("supervisor").goto("/")
    row = page.locator("tr", has=page.locator(f"a[href='/results/{result.pk}/']"))
    expect(row).to_have_class("mine")
    row.locator("a").click()
    page.locator("button[value=approve]").dblclick()
    expect(page.locator(".title-row .state-approved")).to_be_visible()
    expect(page.locator("button[value=approve]")).to_have_count(0)
    assert happened(result, "approve") == 1
    result.refresh_from_db()
    assert (result.state, result.submitted_by.username, result.decided_by.username) == (
        "approved", "collector2", "supervisor"
    )


def test_a_returned_result_comes_back_with_its_reason(signed_in: Callable[[str], Page]):
    result = cast.result("ega-2557", number="3.2")
    page = signed_in("supervisor")
    open_entry(page, result)
    page.locator("button[value=return]").click()
    expect(page.locator("#reason")).to_be_focused()  # without a reason nothing is sent
    assert happened(result, "return") == 0
    write(page, "reason", REASON)
    page.locator("button[value=return]").click()
    expect(page.locator(".title-row .state-returned")).to_be_visible()

    signed_in("collector2").goto("/")
    row = page.locator("tr", has=page.locator(f"a[href='/results/{result.pk}/']"))
    expect(row).to_contain_text("แนบรายงานการเบิกจ่ายไตรมาสที่ 4")
    row.locator("a").click()
    expect(page.locator(".notice-returned")).to_contain_text("แล้วส่งใหม่")
    expect(page.locator("#submit-form button")).to_be_visible()
    expect(page.locator("fieldset:not([disabled])")).not_to_have_count(0)


def test_what_was_decided_meanwhile_is_said_and_what_was_typed_is_shown(signed_in: Callable[[str], Page]):
    """Two windows of one supervisor: the second comes too late, and its reason isn't lost."""
    result = cast.result("ega-2557", number="3.3")
    page = signed_in("supervisor")
    open_entry(page, result)
    late = page.context.new_page()
    open_entry(late, result)
    page.locator("button[value=approve]").click()
    expect(page.locator(".title-row .state-approved")).to_be_visible()
    write(late, "reason", REASON)
    late.locator("button[value=return]").click()
    expect(late.locator(".notice-error")).to_be_visible()
    expect(late.locator("blockquote")).to_contain_text("แล้วส่งใหม่")
    assert (happened(result, "approve"), happened(result, "return")) == (1, 0)


def test_submit_takes_the_last_keystroke_with_it(signed_in: Callable[[str], Page]):
    page = signed_in("collector")
    result = cast.result("moi-2559")
    first, *_, last = open_entry(page, result)
    write(page, f"{last}-text", "พิมพ์ก่อนกดส่งทันที")
    tick(page, f"{first}-done-egov3", by_keyboard=True)
    page.locator("#submit-form button").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".title-row .state-submitted")).to_be_visible()
    expect(page.locator(f"#{last}-text")).to_have_value("พิมพ์ก่อนกดส่งทันที")
    expect(page.locator("#panel .panel-total strong")).to_have_text("3.3000")
