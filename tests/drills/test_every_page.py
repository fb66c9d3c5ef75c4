"""Every page of every tour in both languages, on phone and PC: all rules of axe, the colours too."""
from collections.abc import Callable

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from tests.browser import conftest
from tests.browser.checks import WIDTHS, assert_accessible, assert_fits, assert_nothing_inline
from tests.browser.test_accessibility import TOURS

base_url, context, portal, signed_in = conftest.base_url, conftest.context, conftest.portal, conftest.signed_in
complaints, requests_elsewhere = conftest.complaints, conftest.requests_elsewhere
browser_type_launch_args, browser_context_args = conftest.browser_type_launch_args, conftest.browser_context_args
_django_beside_playwright = conftest._django_beside_playwright


@pytest.mark.parametrize("language", ["th", "en"])
@pytest.mark.parametrize("tour", TOURS)
def test_axe_finds_nothing(page: Page, signed_in: Callable[[str], Page], portal: str, language: str, tour: str):
    page.context.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": portal}])
    for _ in TOURS[tour](page, signed_in):
        expect(page.locator("html")).to_have_attribute("lang", language)
        assert_nothing_inline(page)
        for width in WIDTHS:
            assert_fits(page, width)
            assert_accessible(page)
