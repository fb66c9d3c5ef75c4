"""Two colleagues on one result: both are kept, and where both changed one field, the later one decides."""
from collections.abc import Callable

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Locator, Page, expect

from scoring.models import CriterionResult
from tests import cast
from tests.browser.checks import assert_accessible, assert_fits, assert_nothing_inline
from tests.browser.entry import open_entry, tick, total, wait_until_saved, write

COLLEAGUE = "moi-collector-2"
MINE, THEIRS = "ฉบับของผู้จัดเก็บคนแรก", "ฉบับของเพื่อนร่วมงาน"


@pytest.fixture
def pages(
    signed_in: Callable[[str], Page], browser: Browser, browser_context_args: dict, portal: str
) -> tuple[Page, Page, str]:
    """One report open to two colleagues, both pages drawn from the same version; a criterion's prefix."""
    report = cast.result("moi-2559")
    theirs = browser.new_context(**browser_context_args).new_page()
    session = cast.browser_of(cast.person(COLLEAGUE)).cookies[settings.SESSION_COOKIE_NAME].value
    theirs.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": portal}])
    mine = signed_in("collector")
    open_entry(theirs, report)
    prefix = open_entry(mine, report)[0]
    yield mine, theirs, prefix
    theirs.context.close()


def stored(prefix: str) -> CriterionResult:
    return CriterionResult.objects.get(criterion=prefix[1:], mark__result=cast.result("moi-2559"))


def conflict(pages: tuple[Page, Page, str]) -> Locator:
    """Both write the same text: the second one's field says so."""
    mine, theirs, prefix = pages
    write(theirs, f"{prefix}-text", THEIRS)
    wait_until_saved(theirs)
    write(mine, f"{prefix}-text", MINE)
    place = mine.locator(f"#{prefix}-text-error")
    expect(place).to_contain_text(THEIRS)
    expect(place).to_contain_text(cast.person(COLLEAGUE).name)
    expect(mine.locator(f"#{prefix}-text")).to_have_value(MINE)
    assert stored(prefix).text == THEIRS
    return place


def test_what_each_changed_is_kept_and_told(pages):
    mine, theirs, prefix = pages
    write(theirs, f"{prefix}-text", THEIRS)
    wait_until_saved(theirs)
    tick(mine, f"{prefix}-done-egov3", by_keyboard=True)
    expect(total(mine)).to_have_text("3.3000")
    expect(mine.locator(f"#{prefix}-text")).to_have_value(THEIRS)
    expect(mine.locator(f"#{prefix}-taken a[href='#{prefix}-text']")).to_be_visible()
    wait_until_saved(mine)
    write(mine, f"{prefix}-text", MINE)  # over what is shown now: no conflict
    wait_until_saved(mine)
    expect(mine.locator(f"#{prefix}-text-error")).to_be_empty()
    assert stored(prefix).text == MINE


def test_a_conflict_overwrites_nothing_until_mine_is_kept(pages):
    mine, theirs, prefix = pages
    place = conflict(pages)
    assert_accessible(mine)
    assert_nothing_inline(mine)
    for width in (1366, 360):
        assert_fits(mine, width)
    tick(theirs, f"{prefix}-done-egov3", by_keyboard=True)
    wait_until_saved(theirs)
    write(mine, f"{prefix}-text", f"{MINE}!")
    expect(mine.locator(f"#{prefix}-done-egov3")).to_be_checked()
    wait_until_saved(mine)
    tick(mine, f"{prefix}-done-egov3", by_keyboard=True)  # the rest of the form can be mended meanwhile
    expect(total(mine)).to_have_text("3.1000")
    wait_until_saved(mine)
    expect(mine.locator(f"#{prefix}-done-egov3")).not_to_be_checked()
    expect(place).to_contain_text(THEIRS)
    assert stored(prefix).text == THEIRS
    place.locator("[name=keep]").click()
    expect(place).to_be_empty()
    expect(mine.locator(f"#{prefix}-text")).to_be_focused()
    wait_until_saved(mine)
    assert stored(prefix).text == f"{MINE}!"


def test_theirs_can_be_taken(pages):
    mine, _, prefix = pages
    conflict(pages).locator("[name=take]").click()
    expect(mine.locator(f"#{prefix}-text")).to_have_value(THEIRS)
    expect(mine.locator(f"#{prefix}-text-error")).to_be_empty()
    wait_until_saved(mine)
    assert stored(prefix).text == THEIRS
    mine.goto("/")  # nothing is left to mend: no question on leaving
    expect(mine.locator("h1")).to_be_visible()
