"""A supervisor reviews with the keyboard alone; the pages of the review in both languages."""
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from kpiportal.audit.models import AuditEvent
from scoring.models import Mark, Marking, Result
from scoring.services import approve, ask_question, mark_criterion, object_to, review_item, submit
from tests.browser.checks import assert_readable
from tests.cast import person
from tests.definitions import every_kind
from tests.scoring.test_entry import save
from tests.scoring.test_marking import TYPED, item, named



def handed_in() -> Result:
    report = every_kind()
    save(report, person("collector"), **TYPED)
    return submit(report, by=person("collector"))


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def mark_lower(page: Page, report: Result) -> None:
    """From the first criterion to the fifth, a figure instead of the collectors' own, and why."""
    press(page, "j", "j", "j", "j")  # the fifth: thresholds
    expect(page.locator(f"#c{named(report, 'thresholds').pk}")).to_be_focused()
    press(page, "e")
    value = page.locator(f"#m{named(report, 'thresholds').pk}-value")
    expect(value).to_be_focused()
    press(page, "Control+a")
    page.keyboard.insert_text("75")
    press(page, "Tab", "Tab", "Tab")
    page.keyboard.insert_text("ตัวเลขในรายงานคือ 75")
    press(page, "Control+Enter")
    expect(page.locator(f"#c{named(report, 'thresholds').pk} .marks .counts")).to_contain_text("2.0000")
    expect(page.locator(f"#c{named(report, 'thresholds').pk}")).to_be_focused()


def test_a_supervisor_reviews_marks_and_returns_by_keyboard_alone(signed_in: Callable[[str], Page]):
    report = handed_in()
    first, second = item(report, "milestones", "a"), item(report, "milestones", "b")
    page = signed_in("supervisor")
    page.goto(f"/results/{report.pk}/review/", wait_until="networkidle")
    press(page, "j", "a")  # the first criterion, its first item that waits
    expect(page.locator(f"#i{first.pk}")).to_be_focused()
    expect(page.locator(f"#i{first.pk} .verdict-accepted")).to_be_visible()
    press(page, "x")  # the next one
    expect(page.locator(f"#i{second.pk}-comment")).to_be_focused()
    page.keyboard.insert_text("แนบคำสั่งแต่งตั้งด้วย")
    press(page, "Control+Enter")
    expect(page.locator(f"#i{second.pk} .verdict-insufficient")).to_contain_text("แนบคำสั่งแต่งตั้งด้วย")
    expect(page.locator(f"#i{second.pk}")).to_be_focused()
    row = named(report, "milestones")
    assert str(Marking.objects.get(row__criterion=row).row.score) == "1.0000"

    mark_lower(page, report)
    press(page, "Control+Enter")  # to the decision bar; nothing is decided yet
    expect(page.locator("[value=approve]")).to_be_focused()
    press(page, "Tab")
    expect(page.locator("#reason")).to_be_focused()
    expect(page.locator("#reason")).to_have_value("- milestones · 2: แนบคำสั่งแต่งตั้งด้วย")
    press(page, "Control+Enter")
    expect(page.locator(".title-row .state-returned")).to_be_visible()
    report.refresh_from_db()
    assert (report.state, report.return_reason) == ("returned", "- milestones · 2: แนบคำสั่งแต่งตั้งด้วย")
    said = [one.action for one in AuditEvent.objects.about(report)][-4:]
    assert said == ["result.item_reviewed", "result.item_reviewed", "result.marked", "result.return"]
    assert not Mark.objects.filter(result=report, stage="office").exists()


def test_the_list_of_keys_opens_and_letters_typed_in_a_field_do_nothing(signed_in: Callable[[str], Page]):
    report = handed_in()
    page = signed_in("supervisor")
    page.goto(f"/results/{report.pk}/review/", wait_until="networkidle")
    press(page, "?")
    expect(page.locator("#keys")).to_have_attribute("open", "")
    press(page, "?")
    expect(page.locator("#keys")).not_to_have_attribute("open", "")
    page.locator("#reason").focus()
    page.keyboard.type("aej?")
    expect(page.locator("#reason")).to_have_value("aej?")
    assert not report.item_reviews.exists()


@pytest.mark.parametrize("language", ["th", "en"])
def test_the_pages_can_be_read_by_everyone(page: Page, signed_in: Callable[[str], Page], portal: str, language: str):
    page.context.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": portal}])
    report, supervisor = handed_in(), person("supervisor")
    ask_question(report, criterion=named(report, "level"), text="Why was there no survey?", by=supervisor)
    review_item(report, item(report, "count", "a"), verdict="insufficient", comment="no signature", by=supervisor)
    mark_criterion(report, named(report, "level"), score=Decimal(2), reason="seen on site", by=supervisor)
    address = f"/results/{report.pk}"
    visits = [("supervisor", f"{address}/review/"), ("supervisor", "/queue/"), ("collector", "/"),
              ("supervisor", f"/indicators/{report.indicator_id}/units/"), ("collector", f"{address}/")]
    for who, path in visits:
        read(signed_in(who), path, language)
    approve(report, by=supervisor)
    object_to(report, criterion=named(report, "level"), text="see annex 3", by=person("collector"))
    for who, path in (("office", f"{address}/review/"), ("office", "/queue/"), ("collector", f"{address}/")):
        read(signed_in(who), path, language)


def read(page: Page, path: str, language: str) -> None:
    """Open a page, with all that can be opened on it, and look at it at both widths."""
    page.goto(path)
    page.evaluate("() => document.querySelectorAll('details').forEach((details) => details.open = true)")
    assert_readable(page, axe=language == "th")
