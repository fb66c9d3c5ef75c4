"""Evidence on the entry page: files go onto items, completeness and scores follow, nothing is missing at the end."""
import io
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from evidence.services import receive
from scoring.models import ItemResult, Result
from scoring.services import attach_file, save_draft
from scoring.values import ResultEntry
from tests import cast
from tests.browser.checks import assert_accessible, assert_fits
from tests.browser.entry import expect_scores, open_entry, tick, total, wait_until_saved, write
from tests.evidence import files

DROP = """([zone, name, text]) => {
  const data = new DataTransfer();
  data.items.add(new File([text], name));
  const event = (kind) => new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true });
  const place = document.querySelector(zone);
  place.dispatchEvent(event("dragover"));
  const marked = place.classList.contains("dropping");
  place.dispatchEvent(event("drop"));
  return marked;
}"""
PDF = {"name": "หลักฐาน.pdf", "mimeType": "application/pdf", "buffer": files.pdf()}
PNG = {"name": "ภาพถ่าย.png", "mimeType": "image/png", "buffer": files.png()}
PROGRAM = {"name": "report.pdf", "mimeType": "application/pdf", "buffer": b"MZ" + bytes(200)}


@pytest.fixture
def report() -> Result:
    """Seed 002's report with the declarations 'complete without a file' of issues 4 and 6 taken back."""
    report = cast.result("moi-2559")
    done = {
        c.pk: frozenset(ItemResult.objects.filter(item__criterion=c, done=True).values_list("item__code", flat=True))
        for c in report.indicator.criteria.filter(number__in=("4", "6"))
    }
    entries = {pk: {"done": codes, "complete": frozenset()} for pk, codes in done.items()}
    save_draft(report, ResultEntry(criteria=entries), by=cast.person("collector"))
    return report


def item(report: Result, place: str) -> int:
    """The primary key of an item, named as in the seed: '4/sla'."""
    number, code = place.split("/")
    return report.indicator.criteria.get(number=number).items.get(code=code).pk


def state_of(page: Page, pk: int) -> Locator:
    return page.locator(f"#documents-{pk} .proof")


def attach_to_document(page: Page, number: int, file: dict) -> None:
    """Choose the file of the list's entry of this number."""
    entry = page.locator("#evidence-list > li").nth(number - 1)
    entry.locator("details[id^=change] > summary").first.click()
    entry.locator("input[type=file]").set_input_files(file)
    expect(entry.locator(".doc-meta").first).to_contain_text("v1")


def put(page: Page, pk: int, document: int) -> None:
    """Put an entry of the list onto an item by the form at the end."""
    page.locator(f"#evidence-list > li >> nth={document - 1}").locator("a[href='#put']").click()
    page.locator("#put-place").select_option(f"i{pk}")
    page.locator("#put button").click()


def test_files_of_the_14_entries_complete_items_and_it_is_submitted(signed_in: Callable[[str], Page], report):
    page = signed_in("collector")
    keys = open_entry(page, report)
    fourth, sixth = keys[3], keys[5]
    expect_scores(page, fourth, "2.0000", "1.0000", "2.6000")
    expect_scores(page, sixth, "2.0000", "1.0000", "2.6000")
    page.evaluate("() => { window.stillHere = true; }")
    for number in range(1, 13):
        attach_to_document(page, number, PNG if number % 3 == 0 else PDF)
    expect_scores(page, fourth, "5.0000", "2.5000", "2.9000")
    expect(state_of(page, item(report, "4/sla"))).to_have_class(re.compile("proof-complete"))
    write(page, f"{sixth}-text", "พิมพ์ค้างไว้")
    attach_to_document(page, 13, PDF)
    expect_scores(page, sixth, "3.0000", "1.5000", "3.0000")
    attach_to_document(page, 14, PDF)
    expect_scores(page, sixth, "4.0000", "2.0000", "3.1000")
    plan = item(report, "5/integration-plan")
    put(page, plan, 10)
    expect(state_of(page, plan)).to_have_class(re.compile("proof-complete"))
    assert page.evaluate("window.stillHere")
    expect(page.locator(f"#{sixth}-text")).to_have_value("พิมพ์ค้างไว้")
    submit_with_three_gaps(page, keys)


def submit_with_three_gaps(page: Page, keys: list[str]) -> None:
    """Three planted gaps are listed at once; mended, the report goes out."""
    first, second, *_, last = keys
    policy = f"{keys[5]}-done-policy"
    tick(page, f"{first}-not_reported", by_keyboard=True)
    tick(page, policy, by_keyboard=True)
    tick(page, policy.replace("done", "complete"), by_keyboard=True)
    tick(page, f"{last}-nothing", by_keyboard=True)
    wait_until_saved(page)
    page.locator("#submit-form button").click()
    links = page.locator(".error-summary li a")
    expect(links).to_have_count(3)
    write(page, f"{first}-reason", "รอข้อมูล")
    write(page, policy.replace("done", "why"), "ประกาศติดไว้ที่หน่วยงาน")
    tick(page, f"{last}-nothing", by_keyboard=True)
    wait_until_saved(page)
    page.locator("#submit-form button").click()
    expect(page.locator(".title-row .state-submitted")).to_be_visible()
    assert cast.result("moi-2559").state == "submitted"
    expect(page.locator("#evidence-list > li")).to_have_count(14)
    expect(page.locator("#evidence-list input[type=file]")).to_have_count(0)


def test_a_dropped_file_goes_onto_the_item_and_typing_goes_on(signed_in: Callable[[str], Page], report):
    page = signed_in("collector")
    sixth = open_entry(page, report)[5]
    pk = item(report, "6/accounts")
    page.locator(f"#{sixth}-text").focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("กำลังพิมพ์", delay=5)
    assert page.evaluate(DROP, [f"#item-{pk}", "บัญชี.txt", "รายชื่อ\n"])
    page.keyboard.type("ต่อ", delay=60)
    expect(state_of(page, pk)).to_have_class(re.compile("proof-complete"))
    expect(page.locator(f"#uploads-i{pk} .upload-name")).to_contain_text("บัญชี.txt")
    expect_scores(page, sixth, "3.0000", "1.5000", "2.7000")
    expect(page.locator(f"#{sixth}-text")).to_have_value("กำลังพิมพ์ต่อ")
    expect(page.locator(f"#{sixth}-text")).to_be_focused()
    assert page.locator(".dropping").count() == 0
    wait_until_saved(page)


def test_a_refused_file_says_why_and_the_others_are_attached(signed_in: Callable[[str], Page], report):
    page = signed_in("collector")
    sixth = open_entry(page, report)[5]
    pk = item(report, "6/antivirus")
    place = page.locator(f"#item-{pk}")
    place.locator(".attach > summary").click()
    more = [{**PDF, "name": f"{number}.pdf"} for number in (4, 5)]
    place.locator("input[type=file]").set_input_files([PDF, PROGRAM, PNG, *more])
    expect(place.locator(".upload.problem")).to_contain_text("report.pdf")
    expect(place.locator(".upload")).to_have_count(5)
    expect(place.locator(".docs > li")).to_have_count(5)  # the one that is named, and the four
    expect_scores(page, sixth, "3.0000", "1.5000", "2.7000")
    assert_accessible(page)
    place.locator(".upload.problem .upload-close").click()
    expect(place.locator(".upload")).to_have_count(4)
    place.locator(".doc-off").last.click()
    expect(place.locator(".docs > li")).to_have_count(4)


def test_an_older_answer_never_paints_over_a_newer_one(signed_in: Callable[[str], Page], report):
    page, held = signed_in("collector"), []
    sixth = open_entry(page, report)[5]
    accounts, antivirus = item(report, "6/accounts"), item(report, "6/antivirus")

    def hold_first(route: Route) -> None:
        if route.request.method == "POST" and not held:
            held.append((route, route.fetch()))
        else:
            route.continue_()

    page.route("**/evidence/", hold_first)
    page.locator(f"#files-i{accounts}").set_input_files(PDF)
    for _ in range(100):
        if held:
            break
        page.wait_for_timeout(50)
    page.locator(f"#files-i{antivirus}").set_input_files(PDF)
    expect_scores(page, sixth, "4.0000", "2.0000", "2.8000")
    route, answer = held[0]
    route.fulfill(response=answer)
    expect(page.locator(f"#uploads-i{accounts} .upload-close")).to_be_visible()
    wait_until_saved(page)
    expect_scores(page, sixth, "4.0000", "2.0000", "2.8000")
    expect(state_of(page, accounts)).to_have_class(re.compile("proof-complete"))


def test_previews_open_in_the_page(signed_in: Callable[[str], Page], report):
    pk, by = item(report, "4/sla"), cast.person("collector")
    target = report.indicator.criteria.get(number="4").items.get(pk=pk)
    for name, data in (("a.png", files.png()), ("b.txt", files.TEXT.encode())):
        attach_file(report, receive(io.BytesIO(data), name=name), items=[target], by=by)
    page = signed_in("auditor")
    open_entry(page, report)
    previews = page.locator(f"#documents-{pk} .preview")
    previews.first.locator("summary").click()
    picture = previews.first.locator("img").element_handle()
    page.wait_for_function("(picture) => picture.naturalWidth === 40", arg=picture)
    previews.last.locator("summary").click()
    expect(previews.last.frame_locator("iframe").locator("body")).to_contain_text("รอบ 12 เดือน")
    assert_accessible(page)
    assert_fits(page, 360)


@pytest.mark.browser_context_args(java_script_enabled=False)
def test_without_scripts_files_are_attached_by_a_button(signed_in: Callable[[str], Page], report):
    page = signed_in("collector")
    open_entry(page, report)
    pk = item(report, "6/accounts")
    place = page.locator(f"#item-{pk}")
    place.locator(".attach > summary").click()
    place.locator("input[type=file]").set_input_files([PDF, PROGRAM])
    place.locator(".attach button").click()
    expect(page.locator(".error-summary li")).to_have_count(1)
    expect(place.locator(".refusals li")).to_contain_text("report.pdf")
    expect(total(page)).to_have_text("2.7000")
    page.locator("#evidence-list > li >> nth=0").locator("details[id^=change] > summary").first.click()
    page.locator("#evidence-list > li >> nth=0").locator("details[id^=drop] summary").click()
    page.locator("#evidence-list > li >> nth=0").locator("details[id^=drop] button").click()
    expect(page.locator(".notice-done")).to_be_visible()
    expect(page.locator("#evidence-list > li")).to_have_count(14)
