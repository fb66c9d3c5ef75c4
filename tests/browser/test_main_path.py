"""The main path in a browser: seed 002 is typed in from an empty report and ends as a card with 3.1000."""
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from scoring.engine.text import thai_digits
from scoring.management.commands.load_seeds import DEFAULT_PASSWORD
from tests import cast
from tests.browser.entry import (
    expect_scores,
    open_entry,
    prefixes,
    score_of,
    seed,
    tick,
    total,
    wait_until_saved,
    write,
)

# Document 002's summary table (W, SM, W × SM), and the score so far, worked out by hand.
SUMMARY = [
    ("1", "3.0000", "3.0000", "3.0000"),
    ("0.5", "3.0000", "1.5000", "3.0000"),
    ("1", "3.0000", "3.0000", "3.0000"),
    ("0.5", "5.0000", "2.5000", "3.3333"),
    ("0.5", "5.0000", "2.5000", "3.5714"),
    ("0.5", "4.0000", "2.0000", "3.6250"),
    ("1", "1.0000", "1.0000", "3.1000"),
]
FORMULA = (
    "(1 × 3) + (0.5 × 3) + (1 × 3) + (0.5 × 5) + (0.5 × 5) + (0.5 × 4) + (1 × 1)",
    "(1 + 0.5 + 1 + 0.5 + 0.5 + 0.5 + 1)",
)


def test_seed_002_is_typed_in_and_ends_at_the_card_and_its_pdf(page: Page, tmp_path: Path):
    result, document = cast.result("moi-2559", months=6), seed("moi_2559")["results"][0]
    sign_in_by_keyboard(page, "collector")
    page.locator(f"main table a[href='/results/{result.pk}/']").click()
    expect(total(page)).to_have_text("–")
    loads: list[str] = []
    page.on("framenavigated", lambda frame: loads.append(frame.url))
    rows = zip(prefixes(result), document["criteria"], SUMMARY, strict=True)
    for number, (prefix, report, row) in enumerate(rows):
        type_criterion(page, prefix, report, by_keyboard=number % 2 == 1)
        expect_scores(page, prefix, *row[1:])
    for name, text in document["texts"].items():
        write(page, name, text)
    assert loads == []

    page.locator(f"main a[href='/results/{result.pk}/card/']").click()
    expect(page.locator(".card-score")).to_have_text("๓.๑๐๐๐")
    shown = page.inner_text(".card-sheet")
    for text in [*document["texts"].values(), *(report["text"] for report in document["criteria"])]:
        assert [line for line in thai_digits(text).splitlines() if line.strip() not in shown] == []
    pdf = page.request.get(page.locator("main a[href$='card.pdf']").get_attribute("href"))
    assert pdf.headers["content-type"] == "application/pdf"
    assert_card(pdf_text(pdf.body(), tmp_path))


def sign_in_by_keyboard(page: Page, username: str) -> None:
    page.goto("/")
    page.locator("[name=login]").focus()
    page.keyboard.type(username)
    page.keyboard.press("Tab")
    page.keyboard.type(DEFAULT_PASSWORD)
    page.keyboard.press("Enter")


def type_criterion(page: Page, prefix: str, report: dict, *, by_keyboard: bool) -> None:
    """Enter one criterion of a fixture: items, complete evidence with its reason, or 'nothing done yet'."""
    for item in report["done"]:
        tick(page, f"{prefix}-done-{item}", by_keyboard=by_keyboard)
        if item in report.get("complete", ()):
            tick(page, f"{prefix}-complete-{item}", by_keyboard=by_keyboard)
            write(page, f"{prefix}-why-{item}", report["complete_reason"])
    if not report["done"]:
        tick(page, f"{prefix}-nothing", by_keyboard=by_keyboard)
    write(page, f"{prefix}-text", report["text"])


def pdf_text(pdf: bytes, folder: Path) -> str:
    """What `pdftotext -layout` reads."""
    file = folder / "card.pdf"
    file.write_bytes(pdf)
    read = ["pdftotext", "-layout", file, "-"]
    return subprocess.run(read, check=True, capture_output=True, text=True).stdout


def assert_card(text: str) -> None:
    """Round 6 is ticked; all numbers of summary table, formula and score stand there in Thai digits."""
    assert re.search(r"☑[^☐☑]*๖[^☐☑]*☐[^☐☑]*๑๒", text)
    for number, (weight, score, weighted, _) in enumerate(SUMMARY, start=1):
        numbers = thai_digits(f"ประเด็นที่ {number} {weight} 1 2 3 4 5 {score[0]} {weighted}")
        assert re.search(r"\s+".join(map(re.escape, numbers.split())), text), numbers
    assert re.search(r"๕\s+๑๕\.๕๐๐๐", text)
    flat = " ".join(text.split())
    for line in FORMULA:
        assert thai_digits(line) in flat
    assert re.search(r"=\s+๓\.๑๐๐๐", text)


def test_one_checkbox_changes_score_weighted_score_and_total_and_back(signed_in: Callable[[str], Page]):
    page = signed_in("collector")
    first = open_entry(page, cast.result("moi-2559"))[0]
    page.evaluate("() => { window.stillHere = true; }")
    expect_scores(page, first, "3.0000", "3.0000", "3.1000")
    tick(page, f"{first}-done-egov2", by_keyboard=False)
    expect_scores(page, first, "2.0000", "2.0000", "2.9000")
    expect(page.locator(f"#{first}-levels tr.reached td.num")).to_have_text("2")
    tick(page, f"{first}-done-cio", by_keyboard=True)
    expect_scores(page, first, "1.0000", "1.0000", "2.7000")
    assert page.evaluate("window.stillHere")
    page.reload()
    expect_scores(page, first, "1.0000", "1.0000", "2.7000")
    expect(page.locator(f"#{first}-done-cio")).not_to_be_checked()
    expect(page.locator(f"#{first}-done-egov1")).to_be_checked()
    for item in ("cio", "egov2"):
        tick(page, f"{first}-done-{item}", by_keyboard=False)
    expect_scores(page, first, "3.0000", "3.0000", "3.1000")


def test_nothing_jumps_while_scores_change(signed_in: Callable[[str], Page]):
    """An open working stays open, and whoever has tabbed on keeps the focus."""
    page = signed_in("collector")
    first = open_entry(page, cast.result("moi-2559"))[0]
    working = page.locator(f"#{first}-score details")
    working.locator("summary").click()
    tick(page, f"{first}-done-egov3", by_keyboard=True)
    working.locator("summary").focus()
    expect_scores(page, first, "4.0000", "4.0000", "3.3000")
    expect(working).to_have_attribute("open", "")
    expect(working.locator("summary")).to_be_focused()


def test_thai_digits_count_and_a_bad_number_says_so_at_its_field(signed_in: Callable[[str], Page]):
    page = signed_in("collector2")
    (prefix,) = open_entry(page, cast.result("ega-2557", number="3.1"))
    field, sentence = f"{prefix}-value", page.locator(f"#{prefix}-value-error")
    write(page, field, "๘๗.๕")
    expect_scores(page, prefix, "2.5000", "7.5000", "2.5000")
    write(page, field, "abc")
    expect(sentence).to_contain_text("abc")
    expect(page.locator(f"#{field}")).to_have_value("abc")
    expect(page.locator(f"#{field}")).to_have_attribute("aria-invalid", "true")
    page.locator("#submit-form button").click()
    expect(page.locator(f"#{field}")).to_be_focused()
    write(page, field, "90")
    expect_scores(page, prefix, "3.0000", "9.0000", "3.0000")
    expect(sentence).to_be_empty()
    expect(page.locator(f"#{field}")).to_have_attribute("aria-invalid", "false")
    page.reload()
    expect(page.locator(f"#{field}")).to_have_value("90")


def test_enter_in_a_number_saves_and_stays(signed_in: Callable[[str], Page]):
    page = signed_in("collector2")
    (prefix,) = open_entry(page, cast.result("ega-2557", number="3.1"))
    address = page.url
    write(page, f"{prefix}-text", "เบิกจ่ายแล้ว")
    write(page, f"{prefix}-value", "85")
    page.keyboard.press("Enter")
    expect_scores(page, prefix, "2.0000", "6.0000", "2.0000")
    wait_until_saved(page)
    assert page.url == address
    page.reload()
    expect(page.locator(f"#{prefix}-text")).to_have_value("เบิกจ่ายแล้ว")
    expect(score_of(page, prefix)).to_have_text(["2.0000", "6.0000"])


def test_submitting_too_early_lists_all_that_is_missing_and_leads_there(signed_in: Callable[[str], Page]):
    page = signed_in("collector")
    first, *rest = keys = open_entry(page, cast.result("moi-2559", months=6))
    page.locator(f"#{rest[0]}-not_reported").check()
    tick(page, f"{rest[2]}-done-sla", by_keyboard=False)
    tick(page, f"{rest[2]}-complete-sla", by_keyboard=False)
    page.locator("#submit-form button").click()
    links = page.locator(".error-summary li a")
    expect(links).to_have_count(7)
    expect(links.first).to_be_focused()
    fields = [f"{first}-done-cio", f"{rest[0]}-reason", None, f"{rest[2]}-why-sla", None, None, None]
    for number, (key, field) in enumerate(zip(keys, fields, strict=True)):
        links.nth(number).click()
        place = page.locator(f"#{field}") if field else page.locator(f"#{key} .items input").first
        expect(place).to_be_focused()
        expect(place).to_be_in_viewport()
    tick(page, f"{first}-done-cio", by_keyboard=True)
    expect(page.locator(f"#{first} .problem")).to_have_count(0)
    expect(page.locator(f"#{rest[0]} .problem")).to_have_count(1)
