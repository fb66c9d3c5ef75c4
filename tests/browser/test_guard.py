"""The browser tests' own guards must bite: else they prove nothing about the pages."""
import pytest
from playwright.sync_api import Page

from tests.browser.checks import assert_accessible

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
