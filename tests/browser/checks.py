"""What is true of every page, checked by the browser tests."""
from importlib.resources import files

from playwright.sync_api import Page

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
WIDTHS = (360, 1366)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OF_WIDTH = ["target-size", "scrollable-region-focusable"]
TOO_WIDE = """() => {
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth <= clientWidth) return [];
  const sticksOut = (e) => e.getBoundingClientRect().right > clientWidth + 1 && !e.closest(".table-wrap");
  const wide = [...document.body.querySelectorAll("*")].filter(sticksOut);
  return wide.slice(-5).map((e) => e.outerHTML.slice(0, 160));
}"""
INLINE = """() => {
  const handled = (e) => e.getAttributeNames().some((name) => /^on/.test(name));
  const inline = (e) => e.matches("style, [style], script:not([src])") || handled(e);
  return [...document.querySelectorAll("*")].filter(inline).map((e) => e.outerHTML.slice(0, 160));
}"""


def assert_accessible(page: Page, *, rules: list[str] | None = None) -> None:
    """axe finds nothing on the page as it stands, by all rules or by these; the message names rules and elements that
    break them."""
    asked = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": RULES}
    options = {"runOnly": asked, "resultTypes": ["violations"], "preload": False}
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE)
    found = []
    for violation in page.evaluate("(options) => axe.run(document, options)", options)["violations"]:
        found.append(f"{violation['id']} ({violation['impact']}): {violation['help']}")
        for node in violation["nodes"]:
            found.append(f"    {' '.join(map(str, node['target']))}  {node['html'][:160]}")
    assert not found, f"axe on {page.url}:\n" + "\n".join(found)


def assert_fits(page: Page, width: int) -> None:
    """At this width the page itself does not scroll sideways (a table may, inside its region)."""
    page.set_viewport_size({"width": width, "height": 768})
    too_wide = page.evaluate(TOO_WIDE)
    assert not too_wide, f"{page.url} is wider than {width} px: {too_wide}"


def assert_nothing_inline(page: Page) -> None:
    """No script, style or handler stands in the page itself: the content security policy would block it."""
    found = page.evaluate(INLINE)
    assert not found, f"inline on {page.url}: {found}"


def assert_readable(page: Page, *, axe: bool = True) -> None:
    """On a phone and on a PC the page fits, and axe finds nothing: on a PC by all rules, on a phone by those that
    depend on the width. Nothing is inline."""
    assert_nothing_inline(page)
    for width in WIDTHS:
        assert_fits(page, width)
        if axe:
            assert_accessible(page, rules=None if width == WIDTHS[-1] else OF_WIDTH)
