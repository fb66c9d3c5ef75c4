"""The entry page as a person handles it: by the names that the form posts, never by words of one language."""
from pathlib import Path

import yaml
from django.conf import settings
from playwright.sync_api import Locator, Page, expect

from indicators.models import Criterion
from scoring.models import Result

SECOND = 1_000


def seed(name: str) -> dict:
    """A seed document as it stands in fixtures/."""
    return yaml.safe_load((Path(settings.BASE_DIR) / "fixtures" / f"{name}.yaml").read_text(encoding="utf-8"))


def prefixes(result: Result) -> list[str]:
    """What the names of each criterion's fields start with, in the order of the definition."""
    criteria = Criterion.objects.filter(indicator=result.indicator_id).order_by("order")
    return [f"c{criterion.pk}" for criterion in criteria]


def open_entry(page: Page, result: Result) -> list[str]:
    """Go to a result's page; the prefixes of its criteria."""
    page.goto(f"/results/{result.pk}/")
    return prefixes(result)


def tick(page: Page, field: str, *, by_keyboard: bool) -> None:
    """Turn a checkbox by its label, or with the space bar."""
    box = page.locator(f"#{field}")
    if by_keyboard:
        box.focus()
        page.keyboard.press("Space")
    else:
        page.locator(f"label:has(#{field})").click(position={"x": 60, "y": 16})


def write(page: Page, field: str, text: str) -> None:
    """Put text into a field in place of what is there, as pasting or an input method does."""
    page.locator(f"#{field}").focus()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(text)


def score_of(page: Page, prefix: str) -> Locator:
    """SM and W × SM beside a criterion: two elements."""
    return page.locator(f"#{prefix}-score .score")


def total(page: Page) -> Locator:
    """The indicator's score in the panel."""
    return page.locator("#panel .panel-total strong")


def expect_scores(page: Page, prefix: str, score: str, weighted: str, whole: str) -> None:
    """SM and W × SM of a criterion, in its place and in the panel, and the indicator's score."""
    expect(score_of(page, prefix)).to_have_text([score, weighted])
    row = page.locator(f"#panel tr:has(a[href='#{prefix}']) td")
    expect(row.nth(1)).to_have_text(score)
    expect(row.nth(2)).to_have_text(weighted)
    expect(total(page)).to_have_text(whole)


def wait_until_saved(page: Page) -> None:
    """Nothing is waiting and nothing under way: two looks half a second apart, as saving starts with a delay."""
    for _ in range(2):
        page.wait_for_timeout(SECOND / 2)
        page.wait_for_function("() => !document.querySelector('.htmx-request')")
