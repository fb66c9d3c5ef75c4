"""What is true of every page, checked by the browser tests."""
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def assert_accessible(page: Page) -> None:
    """axe finds nothing on the page as it stands; the message names rules and elements that break them."""
    options = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
    found = []
    for violation in Axe().run(page, options=options).response["violations"]:
        found.append(f"{violation['id']} ({violation['impact']}): {violation['help']}")
        for node in violation["nodes"]:
            found.append(f"    {' '.join(map(str, node['target']))}  {node['html'][:160]}")
    assert not found, f"axe on {page.url}:\n" + "\n".join(found)
