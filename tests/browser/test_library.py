"""What is let go is asked for first, with the keyboard too; a paste that is too large stays in its field."""
from collections.abc import Callable

from playwright.sync_api import Page, expect

from reports.models import Bundle
from tests.reports.library.shelf import stand_in_the_library


def test_a_file_is_removed_after_a_second_word_while_the_page_renews_itself(signed_in: Callable[[str], Page]):
    stand_in_the_library()
    page, ready = signed_in("auditor"), Bundle.objects.get(state="ready")
    page.goto("/library/files/")
    ask = page.locator(f"#remove-{ready.pk}")
    ask.locator("summary").press("Enter")
    with page.expect_response(lambda answer: answer.request.headers.get("hx-request") == "true"):
        pass
    page.wait_for_timeout(100)
    expect(ask.locator("button")).to_be_visible()
    assert Bundle.objects.filter(pk=ready.pk).exists()
    ask.locator("button").click()
    expect(page.locator(".notice-done")).to_be_visible()
    assert not Bundle.objects.filter(pk=ready.pk).exists() and Bundle.objects.count() == len(Bundle.State.values) - 1


def test_what_was_pasted_and_is_too_large_stays_in_the_field(signed_in: Callable[[str], Page]):
    page = signed_in("auditor")
    page.goto("/check/")
    table = page.locator("#table")
    table.evaluate("""(area) => {
      area.value = `${'ก'.repeat(999)}\\n`.repeat(900);
      area.dispatchEvent(new Event('input'));
    }""")
    page.locator(".check-form button").click()
    assert table.evaluate("(area) => area.validationMessage") and page.url.endswith("/check/")
    assert len(table.input_value()) == 900_000
    table.fill("x")
    page.locator(".check-form button").click()
    expect(page.locator("#error-summary")).to_be_visible()
