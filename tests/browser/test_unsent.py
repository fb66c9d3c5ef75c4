"""Forms that are sent whole: what was typed outlives a session that ended on the way, and leaving warns."""
from collections.abc import Callable

from django.conf import settings
from playwright.sync_api import BrowserContext, Page, expect

from scoring.management.commands.load_seeds import DEFAULT_PASSWORD
from scoring.services import review_item, submit
from tests import cast
from tests.browser.checks import assert_accessible
from tests.browser.entry import open_entry, tick, wait_until_saved, write
from tests.definitions import every_kind
from tests.operating import of, operating_result
from tests.scoring.test_entry import save
from tests.scoring.test_marking import TYPED, named

Visit = Callable[[str], Page]
REASON = "ไม่มีข้อมูลที่เปิดเผยได้ตามกฎหมาย"


def sign_in_again(page: Page, username: str) -> None:
    page.wait_for_url("**/login/**")
    expect(page.locator(".notice")).to_be_visible()  # what was sent last is not there
    page.fill("[name=login]", username)
    page.fill("[name=password]", DEFAULT_PASSWORD)
    page.locator("main button").click()


def test_a_reason_that_a_lost_session_refused_is_there_again(signed_in: Visit, context: BrowserContext):
    page = signed_in("collector")
    result = cast.result("moi-2559")
    *_, last = open_entry(page, result)
    place = page.locator(f"#{last}-not_applicable")
    place.locator("summary").click()
    write(page, f"{last}-ask_reason", REASON)
    context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    place.locator("form button").click()
    sign_in_again(page, "collector")
    page.wait_for_url(f"**/results/{result.pk}/")
    expect(page.locator(f"#{last}-ask_reason")).to_have_value(REASON)
    expect(page.locator("#unsent")).to_be_visible()
    expect(page.locator("#restored")).to_be_hidden()
    assert_accessible(page)
    place.locator("form button").click()
    expect(place.locator(".asked")).to_contain_text(REASON)
    place.locator("form button").click()  # withdrawn: the form is back, and empty
    place.locator("summary").click()
    expect(page.locator(f"#{last}-ask_reason")).to_have_value("")
    expect(page.locator("#unsent")).to_be_hidden()


def test_what_a_reviewer_typed_outlives_the_session_until_it_is_sent(signed_in: Visit, context: BrowserContext):
    report = every_kind()
    save(report, cast.person("collector"), **TYPED)
    report = submit(report, by=cast.person("collector"))
    field = f"m{named(report, 'thresholds').pk}"
    page = signed_in("supervisor")
    page.goto(f"/results/{report.pk}/review/")
    write(page, "reason", "แนบแผนด้วย")
    page.locator(f"#mark-c{field[1:]} > summary").click()
    write(page, f"{field}-value", "75.00")
    write(page, f"{field}-reason", "ตัวเลขในรายงานคือ 75")
    context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    page.locator(f"#{field}-form [value=mark]").click()
    sign_in_again(page, "supervisor")
    page.wait_for_url(f"**/results/{report.pk}/review/")
    expect(page.locator("#unsent")).to_be_visible()
    expect(page.locator(f"#{field}-value")).to_have_value("75.00")
    expect(page.locator(f"#{field}-reason")).to_have_value("ตัวเลขในรายงานคือ 75")
    assert_accessible(page)
    page.locator(f"#{field}-form [value=mark]").click()
    expect(page.locator(".is-saved")).to_be_visible()
    # What is saved is drawn as it stands; what was typed elsewhere on the page waits on.
    expect(page.locator(f"#mark-c{field[1:]}")).not_to_have_attribute("open", "")
    expect(page.locator("#reason")).to_have_value("แนบแผนด้วย")
    page.locator("#return-form button").click()
    expect(page.locator(".is-saved")).to_be_visible()
    page.goto(f"/results/{report.pk}/")
    submit(report, by=cast.person("collector"))
    page.goto(f"/results/{report.pk}/review/")
    expect(page.locator("#reason")).to_have_value("")
    expect(page.locator("#unsent")).to_be_hidden()


def test_what_came_too_late_is_there_again_on_the_page_as_it_stands(signed_in: Visit):
    report = every_kind()
    save(report, cast.person("collector"), **TYPED)
    report = submit(report, by=cast.person("collector"))
    page = signed_in("supervisor")
    page.goto(f"/results/{report.pk}/review/")
    item = named(report, "milestones").items.first()
    review_item(report, item, verdict="accepted", by=cast.person("supervisor"))  # by somebody else
    write(page, "reason", "แนบแผนด้วย")
    page.locator("#return-form button").click()
    expect(page.locator("main")).to_contain_text("แนบแผนด้วย")
    page.goto(f"/results/{report.pk}/review/")
    expect(page.locator("#reason")).to_have_value("แนบแผนด้วย")


def test_submitting_after_the_session_ended_leads_back_to_the_report(signed_in: Visit, context: BrowserContext):
    page = signed_in("collector")
    result = cast.result("moi-2559", months=6)
    open_entry(page, result)
    for _ in range(2):  # the second time from the list of what is missing
        context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
        page.locator("#submit-form button").click()
        sign_in_again(page, "collector")
        page.wait_for_url(f"**/results/{result.pk}/")
        page.locator("#submit-form button").click()
        expect(page.locator(".error-summary")).to_be_visible()
    page.reload()
    expect(page.locator("#submit-form")).to_be_visible()


def test_that_all_is_saved_can_be_seen_wherever_one_types(signed_in: Visit):
    page = signed_in("collector")
    *_, middle, _, _ = open_entry(page, cast.result("moi-2559", months=6))
    for width in (1366, 360):
        page.set_viewport_size({"width": width, "height": 740})
        write(page, f"{middle}-text", f"พิมพ์กลางหน้า {width}")
        wait_until_saved(page)
        expect(page.locator("#saved")).to_be_in_viewport()
        expect(page.locator("#saved")).to_contain_text(":")


def test_leaving_unsaved_base_data_warns(signed_in: Visit):
    report = operating_result()
    prefix = f"c{of(report).pk}"
    page, asked = signed_in("imm-1"), []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.goto(f"/results/{report.pk}/data/imm-1/")
    write(page, f"{prefix}-data-A", "80 หลัง")
    page.locator(".crumbs a").first.click()
    expect(page.locator(f"#{prefix}-data-A")).to_have_value("80 หลัง")
    assert asked == ["beforeunload"]
    page.locator("form.criterion-form button").click()  # sending it asks nothing
    expect(page.locator(f"#{prefix}-data-A-error")).not_to_be_empty()
    assert asked == ["beforeunload"]
    page.locator(".crumbs a").first.click()  # what was refused isn't saved either
    page.wait_for_timeout(300)
    assert asked == ["beforeunload"] * 2
    tick(page, f"{prefix}-not_reported", by_keyboard=True)
    write(page, f"{prefix}-data-A", "")
    write(page, f"{prefix}-reason", "ไม่มีผู้รับบริการ")
    page.locator("form.criterion-form button").click()
    expect(page.locator(".notice-done")).to_be_visible()
    page.locator(".crumbs a").first.click()
    page.wait_for_url("**/")
    assert asked == ["beforeunload"] * 2


def test_leaving_a_document_that_is_described_but_not_added_warns(signed_in: Visit):
    page, asked = signed_in("collector"), []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    open_entry(page, cast.result("moi-2559"))
    form = page.locator(".named-form")
    page.locator("details:has(> .named-form) > summary").click()
    form.locator("select[name=kind]").select_option("named")
    form.locator("[name=title]").fill("แผนแม่บท")
    page.locator(".crumbs a").first.click()
    page.wait_for_timeout(300)
    expect(form.locator("[name=title]")).to_have_value("แผนแม่บท")
    assert asked == ["beforeunload"]
    form.locator(".for-named input").first.fill("ห้อง 4")
    form.locator("button.btn").first.click()
    expect(form.locator("[name=title]")).to_have_value("")
    page.locator(".crumbs a").first.click()
    page.wait_for_url("**/")
    assert asked == ["beforeunload"]
