"""Saving while typing: what is typed is never lost, whatever happens on the way."""
import re
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from playwright.sync_api import APIResponse, BrowserContext, Page, Route, expect

from scoring.management.commands.load_seeds import DEFAULT_PASSWORD
from scoring.models import CriterionResult, Result
from scoring.services import submit
from tests import cast
from tests.browser.entry import expect_scores, open_entry, tick, total, wait_until_saved, write


@pytest.fixture
def entry(signed_in: Callable[[str], Page]) -> tuple[Page, list[str]]:
    """Seed 002's report (3.1000), open to its collector, with the prefixes of its criteria."""
    page = signed_in("collector")
    return page, open_entry(page, cast.result("moi-2559"))


@pytest.fixture
def refused_saves(context: BrowserContext, complaints: list[str]) -> Iterator[None]:
    """Saves fail on purpose, and the console reports nothing but that."""
    yield
    assert [text for text in complaints if "HTMLFormElement" not in text] == []
    assert complaints
    complaints.clear()


def stored_text(prefix: str) -> str:
    return CriterionResult.objects.get(criterion=prefix[1:], mark__result=cast.result("moi-2559")).text


def hold_first_answer(page: Page) -> list[tuple[Route, APIResponse]]:
    """The server takes the first save, but its answer stays on the way until it is fulfilled."""
    held: list[tuple[Route, APIResponse]] = []

    def handle(route: Route) -> None:
        if route.request.method == "POST" and not held:
            held.append((route, route.fetch()))
        else:
            route.continue_()

    page.route("**/results/*/", handle)
    return held


def wait_until_held(page: Page, held: list) -> None:
    for _ in range(100):
        if held:
            return
        page.wait_for_timeout(50)
    raise AssertionError("no save was sent")


def test_an_older_answer_never_paints_over_a_newer_total(entry):
    page, (first, second, *_) = entry
    held = hold_first_answer(page)
    tick(page, f"{first}-done-egov3", by_keyboard=False)
    wait_until_held(page, held)
    tick(page, f"{second}-done-reviewed", by_keyboard=False)
    page.wait_for_timeout(500)
    route, answer = held[0]
    route.fulfill(response=answer)
    wait_until_saved(page)
    expect_scores(page, first, "4.0000", "4.0000", "3.4000")
    expect_scores(page, second, "4.0000", "2.0000", "3.4000")


def test_typing_goes_on_while_a_save_is_under_way(entry):
    page, (first, *_) = entry
    held = hold_first_answer(page)
    page.locator(f"#{first}-text").focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("เริ่ม", delay=5)
    wait_until_held(page, held)
    page.keyboard.type("แล้วพิมพ์ต่อ", delay=5)
    page.wait_for_timeout(500)
    route, answer = held[0]
    route.fulfill(response=answer)
    page.keyboard.type(" จนจบ", delay=5)
    wait_until_saved(page)
    expect(page.locator(f"#{first}-text")).to_have_value("เริ่มแล้วพิมพ์ต่อ จนจบ")
    assert stored_text(first) == "เริ่มแล้วพิมพ์ต่อ จนจบ"


def test_two_criteria_in_quick_succession_are_both_kept(entry):
    page, (first, second, third, *_) = entry
    for prefix in (first, second, third):
        write(page, f"{prefix}-text", f"ข้อความของ {prefix}")
    page.locator("main a[href$='/card/']").click()  # at once: leaving waits until everything is saved
    for prefix in (first, second, third):
        expect(page.locator(".card-sheet")).to_contain_text("ข้อความของ c")
        assert stored_text(prefix) == f"ข้อความของ {prefix}"


def test_whoever_leaves_all_the_same_loses_nothing(entry):
    page, (first, *_) = entry
    write(page, f"{first}-text", "ปิดหน้าทันที")
    page.goto("about:blank")
    for _ in range(300):
        if stored_text(first) == "ปิดหน้าทันที":
            break
        page.wait_for_timeout(50)
    else:
        raise AssertionError("what was typed last did not arrive")
    page.goto("/")
    expect(page.locator(".notice-done")).to_have_count(0)


@pytest.mark.usefixtures("refused_saves")
def test_without_a_connection_a_banner_says_so_and_all_is_sent_later(entry, context: BrowserContext):
    page, (first, second, *_) = entry
    banner, asked = page.locator("#not-saved"), []
    page.locator(f"#{second}-text").scroll_into_view_if_needed()
    context.set_offline(True)
    write(page, f"{first}-text", "พิมพ์ตอนไม่มีสัญญาณ")
    write(page, f"{second}-text", "พิมพ์ต่ออีกข้อ")
    expect(banner).to_be_in_viewport()
    expect(banner.locator("span")).to_have_text(banner.get_attribute("data-offline"))
    page.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.evaluate("() => { location.href = '/'; }")
    page.wait_for_timeout(300)
    assert asked == ["beforeunload"]
    expect(page.locator(f"#{first}-text")).to_have_value("พิมพ์ตอนไม่มีสัญญาณ")

    context.set_offline(False)
    expect(banner).to_be_hidden()
    assert (stored_text(first), stored_text(second)) == ("พิมพ์ตอนไม่มีสัญญาณ", "พิมพ์ต่ออีกข้อ")
    tick(page, f"{first}-done-egov3", by_keyboard=True)
    expect(total(page)).to_have_text("3.3000")


@pytest.mark.usefixtures("refused_saves")
def test_what_no_connection_took_comes_back_with_the_page_and_is_sent(entry, context: BrowserContext):
    page, (first, second, *_) = entry
    stored = stored_text(second)
    context.set_offline(True)
    write(page, f"{first}-text", "พิมพ์ก่อนเครื่องดับ")
    expect(page.locator("#not-saved")).to_be_visible()
    page.evaluate("() => { navigator.sendBeacon = () => false; }")  # as when the browser dies
    page.close()
    context.set_offline(False)
    assert stored_text(first) != "พิมพ์ก่อนเครื่องดับ"

    page = context.new_page()
    open_entry(page, cast.result("moi-2559"))
    expect(page.locator("#restored")).to_have_text(re.compile(r"\b\d\d:\d\d\b"))
    expect(page.locator(f"#{first}-text")).to_have_value("พิมพ์ก่อนเครื่องดับ")
    expect(page.locator(f"#{second}-text")).to_have_value(stored)
    wait_until_saved(page)
    assert stored_text(first) == "พิมพ์ก่อนเครื่องดับ"
    page.reload()
    expect(page.locator("#restored")).to_be_hidden()


@pytest.mark.usefixtures("refused_saves")
def test_drafts_are_shown_to_nobody_else_and_go_on_signing_out(entry, context: BrowserContext):
    page, (first, *_) = entry
    context.set_offline(True)
    write(page, f"{first}-text", "ของผู้จัดเก็บคนแรก")
    expect(page.locator("#not-saved")).to_be_visible()
    page.evaluate("() => { navigator.sendBeacon = () => false; }")  # as when the browser dies
    page.close()
    context.set_offline(False)

    other = context.new_page()
    client_session(context, "moi-collector-2")
    open_entry(other, cast.result("moi-2559"))
    expect(other.locator(f"#{first}-text")).not_to_have_value("ของผู้จัดเก็บคนแรก")
    expect(other.locator("#restored")).to_be_hidden()
    wait_until_saved(other)
    client_session(context, "collector")
    other.evaluate("""() => {
        localStorage.setItem("kpi-draft:1:1:old", JSON.stringify({ at: Date.now() - 15 * 86_400_000, fields: {} }));
        localStorage.setItem("kpi-draft:1:1:broken", "{");
    }""")
    other.goto("/")
    (draft,) = drafts(other)
    assert draft.endswith(f":{first}")
    other.locator("form[data-sign-out] button").click()
    other.wait_for_url("**/login/**")
    assert drafts(other) == []
    assert stored_text(first) != "ของผู้จัดเก็บคนแรก"


def client_session(context: BrowserContext, username: str) -> None:
    """Another person signs in in the same browser."""
    session = cast.browser_of(cast.person(username)).cookies[settings.SESSION_COOKIE_NAME].value
    (old,) = [c for c in context.cookies() if c["name"] == settings.SESSION_COOKIE_NAME]
    context.add_cookies([{**old, "value": session}])


def drafts(page: Page) -> list[str]:
    """What the browser keeps of anybody's typing."""
    return page.evaluate("() => Object.keys(localStorage).filter((key) => key.startsWith('kpi-draft:'))")


@pytest.mark.usefixtures("refused_saves")
def test_after_signing_in_again_elsewhere_typing_goes_on(entry, context: BrowserContext):
    page, (first, *_) = entry
    banner = page.locator("#not-saved")
    context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    write(page, f"{first}-text", "พิมพ์หลังหมดเวลา")
    expect(banner.locator("span")).to_have_text(banner.get_attribute("data-session"))
    with context.expect_page() as opened:
        banner.locator("a").click()
    other = opened.value
    other.fill("[name=login]", "collector")
    other.fill("[name=password]", DEFAULT_PASSWORD)
    other.locator("main button").click()
    other.wait_for_url("/")
    assert drafts(page) != []
    page.bring_to_front()
    tick(page, f"{first}-done-egov3", by_keyboard=True)
    expect(total(page)).to_have_text("3.3000")
    expect(banner).to_be_hidden()
    assert stored_text(first) == "พิมพ์หลังหมดเวลา"
    assert drafts(page) == []


@pytest.mark.usefixtures("refused_saves")
def test_a_page_of_one_person_never_saves_as_another(entry, context: BrowserContext):
    page, (first, *_) = entry
    before = stored_text(first)
    client_session(context, "moi-collector-2")
    write(page, f"{first}-text", "พิมพ์โดยคนก่อน")
    banner = page.locator("#not-saved")
    expect(banner.locator("span")).to_have_text(banner.get_attribute("data-session"))
    assert stored_text(first) == before


def test_a_refused_field_counts_as_unsaved_until_it_is_mended(signed_in: Callable[[str], Page]):
    page, asked = signed_in("collector2"), []
    (prefix,) = open_entry(page, cast.result("ega-2557", number="4.2"))
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    write(page, f"{prefix}-value", "7")
    page.locator(".crumbs a").first.click()  # at once: the save is refused on the way, and the page stays
    expect(page.locator(f"#{prefix}-value-error")).to_contain_text("7")
    expect(page.locator(f"#{prefix}-value")).to_be_focused()
    assert asked == []
    page.evaluate("() => { location.href = '/'; }")
    page.wait_for_timeout(300)
    assert asked == ["beforeunload"]
    write(page, f"{prefix}-value", "4.5")
    page.locator(".crumbs a").first.click()
    page.wait_for_url(re.compile(r"/$"))
    assert asked == ["beforeunload"]
    expect(page.locator(".notice-done")).to_have_count(0)


@pytest.mark.usefixtures("refused_saves")
def test_a_result_that_was_submitted_meanwhile_refuses_and_says_so(entry):
    page, (first, *_) = entry
    submit(cast.result("moi-2559"), by=cast.person("moi-collector-2"))
    before = stored_text(first)
    write(page, f"{first}-text", "สายไปแล้ว")
    banner = page.locator("#not-saved")
    expect(banner.locator("span")).to_have_text(banner.get_attribute("data-refused"))
    expect(page.locator(f"#{first}-text")).to_have_value("สายไปแล้ว")
    assert stored_text(first) == before
    assert Result.objects.get(pk=cast.result("moi-2559").pk).state == "submitted"
