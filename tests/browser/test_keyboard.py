"""The entry page with the keyboard alone: everything is reached, in order, and one sees where one is."""
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests import cast
from tests.browser.entry import open_entry, wait_until_saved

# Everything that one can operate and see, each marked with its place in the page.
MARK = """() => {
  const operable = "a[href], button, input:not([type=hidden]), textarea, summary, [tabindex='0']";
  const seen = [...document.querySelectorAll(operable)].filter((e) => e.checkVisibility() && !e.disabled);
  seen.forEach((e, place) => (e.dataset.place = place));
  return seen.length;
}"""
# Where the focus is: its place, the width of its outline in px, whether it is on the screen.
HERE = """() => {
  const e = document.activeElement;
  const { outlineStyle, outlineWidth } = getComputedStyle(e);
  const { top } = e.getBoundingClientRect();
  return {
    place: Number(e.dataset.place ?? -1),
    outline: outlineStyle === "none" ? 0 : parseFloat(outlineWidth),
    visible: top >= 0 && top < innerHeight,
    html: e.outerHTML.slice(0, 120),
  };
}"""


def test_tab_reaches_everything_in_order_and_shows_where_it_is(signed_in: Callable[[str], Page]):
    page = signed_in("collector")
    open_entry(page, cast.result("moi-2559"))
    count = page.evaluate(MARK)
    assert count > 80
    stops = []
    for _ in range(count):
        page.keyboard.press("Tab")
        stops.append(page.evaluate(HERE))
    assert [stop["place"] for stop in stops] == list(range(count))
    assert [stop["html"] for stop in stops if stop["outline"] < 2] == []
    assert [stop["html"] for stop in stops if not stop["visible"]] == []


def test_skipping_to_the_content_then_ticking_opening_and_typing(signed_in: Callable[[str], Page]):
    page = signed_in("collector")
    first = open_entry(page, cast.result("moi-2559", months=6))[0]
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    tab_to(page, f"{first}-done-cio")
    page.keyboard.press("Space")
    expect(page.locator(f"#{first}-done-cio")).to_be_checked()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(f"#{first} .items details").first).to_have_attribute("open", "")
    tab_to(page, f"{first}-text")
    page.keyboard.type("บรรทัดแรก")
    page.keyboard.press("Enter")
    page.keyboard.type("บรรทัดสอง")
    tab_to(page, f"{first}-not_reported")
    expect(page.locator(f"#{first}-score .score")).to_have_text(["1.0000", "1.0000"])
    wait_until_saved(page)
    page.reload()
    expect(page.locator(f"#{first}-text")).to_have_value("บรรทัดแรก\nบรรทัดสอง")


def tab_to(page: Page, field: str) -> None:
    """Press Tab until a field has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == field:
            return
    raise AssertionError(f"Tab never reaches {field}")
