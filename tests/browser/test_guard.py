"""The browser tests' own guards must bite: else they prove nothing about the pages."""
import pytest
from playwright.sync_api import Page

from tests.browser.checks import assert_accessible, assert_fits, assert_nothing_inline

PIXEL = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="


ELSEWHERE = ["https://example.org/a.css", "http://192.0.2.1/b.js", "http://127.0.0.1.example.org/"]


@pytest.mark.parametrize("address", ELSEWHERE)
def test_a_request_to_another_machine_is_aborted_and_noted(
    page: Page, requests_elsewhere: list[str], address: str
):
    with page.expect_event("requestfailed") as failed:
        page.set_content(f'<img src="{address}" alt="">')
    assert failed.value.url == address
    assert requests_elsewhere == [address]
    requests_elsewhere.clear()


def test_the_portal_itself_and_data_addresses_pass(page: Page, requests_elsewhere: list[str]):
    page.goto("/health/")
    assert page.text_content("body") == '{"status": "ok"}'
    page.set_content(f'<img src="{PIXEL}" alt="">')
    assert requests_elsewhere == []


def test_axe_names_what_it_finds(page: Page):
    page.set_content(f'<html lang="th"><title>t</title><main><h1>ก</h1><img src="{PIXEL}"></main>')
    with pytest.raises(AssertionError, match="image-alt"):
        assert_accessible(page)


def test_what_the_security_policy_blocks_is_a_complaint(page: Page, complaints: list[str]):
    page.goto("/accounts/login/")
    page.evaluate("""() => document.body.insertAdjacentHTML("beforeend", "<p style='color: red'>")""")
    with pytest.raises(AssertionError, match="color: red"):
        assert_nothing_inline(page)
    page.wait_for_timeout(100)
    assert complaints and all("Content Security Policy" in text for text in complaints)
    complaints.clear()


def test_a_page_wider_than_a_phone_is_found_but_a_table_may_scroll(page: Page):
    wide = '<p id="wide" style="width: 500px">ก</p>'
    page.set_content(f'<div class="table-wrap" style="overflow: auto">{wide}</div>')
    assert_fits(page, 360)
    page.set_content(wide)
    with pytest.raises(AssertionError, match="wide"):
        assert_fits(page, 360)
