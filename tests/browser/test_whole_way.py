"""Seed 002 goes the whole way: handed in, returned, corrected, approved with a lower mark, certified, told."""
from collections.abc import Callable

from playwright.sync_api import Page, expect

from scoring.models import Result
from tests import cast
from tests.browser.entry import open_entry, write

MISSING, LOWER = "แนบบันทึกการประชุมด้วย", "ระบบ Secure Intranet เปิดใช้เพียงสองหน่วย"


def hand_in(page: Page, report: Result, text: str) -> None:
    """The collector writes what was done and submits."""
    open_entry(page, report)
    write(page, "measures", text)
    page.locator("#submit-form button").click()
    expect(page.locator(".title-row .state-submitted")).to_be_visible()


def decide(page: Page, report: Result, decision: str, state: str) -> None:
    """A reviewer presses the button of a decision on the review page."""
    page.goto(f"/results/{report.pk}/review/")
    page.locator(f".decision [value={decision}]").click()
    expect(page.locator(f".title-row .state-{state}")).to_be_visible()


def mark_issue_four(page: Page, report: Result) -> None:
    """The supervisor gives issue 4 (weight 0.5) two instead of five, with the reason."""
    issue = report.indicator.criteria.get(number="4")
    page.goto(f"/results/{report.pk}/review/")
    page.locator(f"#mark-c{issue.pk} summary").click()
    write(page, f"m{issue.pk}-score", "2")
    write(page, f"m{issue.pk}-reason", LOWER)
    page.locator(f"#mark-c{issue.pk} [value=mark]").click()
    expect(page.locator(f"#c{issue.pk} .marks .counts")).to_contain_text("2.0000")


def test_submitted_returned_corrected_approved_lower_and_certified(signed_in: Callable[[str], Page]):
    report = cast.result("moi-2559")
    hand_in(signed_in("collector"), report, "ประชุมทุกไตรมาส")

    page = signed_in("supervisor")
    page.goto(f"/results/{report.pk}/review/")
    write(page, "reason", MISSING)
    page.locator(".decision [value=return]").click()
    expect(page.locator(".title-row .state-returned")).to_be_visible()

    hand_in(signed_in("collector"), report, "ประชุมทุกไตรมาส มีบันทึกการประชุมสี่ครั้ง")
    page = signed_in("supervisor")
    mark_issue_four(page, report)
    decide(page, report, "approve", "approved")
    decide(signed_in("office"), report, "certify", "certified")

    page = signed_in("auditor")
    page.goto(f"/results/{report.pk}/card/")
    card = page.locator("main")
    # 15.5000 / 5 by the collectors; 0.5 × (5 − 2) less: 14.0000 / 5
    for figure in ("๓.๑๐๐๐", "๒.๘๐๐๐", LOWER):
        expect(card).to_contain_text(figure)
    page.goto(f"/results/{report.pk}/")
    page.locator("a[href*='/trail/?about=']").click()
    story = page.locator("main").inner_text()
    told = [story.index(part) for part in ("ส่งคืน", MISSING, LOWER, "เห็นชอบ", "รับรอง")]
    assert told == sorted(told)
