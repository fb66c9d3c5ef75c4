"""A criterion left out on request, a round begun with the earlier one, and the keys of the entry page."""
from collections.abc import Callable
from decimal import Decimal

from playwright.sync_api import Page, expect

from indicators.models import Round
from scoring.models import Result
from scoring.services import open_round, save_draft
from scoring.values import ResultEntry
from tests import cast
from tests.browser.checks import assert_readable
from tests.browser.entry import open_entry, tick, total, wait_until_saved, write
from tests.definitions import every_kind, in_force, indicator
from tests.definitions import criterion as defined

Visit = Callable[[str], Page]


def assert_readable_opened(page: Page) -> None:
    page.evaluate("() => document.querySelectorAll('main details').forEach((details) => (details.open = true))")
    assert_readable(page)


def test_a_collector_asks_and_the_office_grants(signed_in: Visit):
    result = cast.result("moi-2559")
    last = open_entry(signed_in("collector"), result)[-1]
    page = signed_in("collector")
    expect(total(page)).to_have_text("3.1000")
    place = page.locator(f"#{last}-not_applicable")
    place.locator("summary").click()
    write(page, f"{last}-ask_reason", "ไม่มีข้อมูลที่เปิดเผยได้ตามกฎหมาย")
    write(page, f"{last}-text", "พิมพ์ก่อนส่งคำขอ")  # is saved before the page goes
    place.locator("form button").click()
    expect(place.locator(".asked")).to_contain_text("ไม่มีข้อมูลที่เปิดเผยได้ตามกฎหมาย")
    expect(page.locator(f"#{last}-text")).to_have_value("พิมพ์ก่อนส่งคำขอ")
    assert_readable_opened(page)

    page.locator("#submit-form button").click()  # nothing but the request keeps it from being submitted
    expect(page.locator(".error-summary li")).to_have_count(1)
    page.locator(".error-summary a").click()
    expect(place.locator("button").first).to_be_focused()

    signed_in("office").goto("/")
    assert_readable_opened(page)
    page.locator(f"a[href='/results/{result.pk}/#{last}-not_applicable']").click()
    # (1·3 + 0.5·3 + 1·3 + 0.5·5 + 0.5·5 + 0.5·4) / 4
    expect(page.locator(".effect td").nth(0)).to_have_text("3.1000")
    expect(page.locator(".effect td").nth(1)).to_have_text("3.6250")
    assert_readable_opened(page)
    page.locator("button[value=refuse]").click()
    expect(page.locator(f"#{last}-answer-error")).not_to_be_empty()
    page.locator("button[value=grant]").click()
    expect(total(page)).to_have_text("3.6250")

    open_entry(signed_in("collector"), result)
    expect(page.locator(f"[name={last}-done]")).to_have_count(0)
    write(page, f"{last}-text", "ข้อความยังแก้ได้")
    wait_until_saved(page)
    page.reload()
    expect(page.locator(f"#{last}-text")).to_have_value("ข้อความยังแก้ได้")
    expect(total(page)).to_have_text("3.6250")
    assert_readable_opened(page)


def test_a_round_is_begun_with_the_earlier_one(signed_in: Visit):
    trial = in_force(
        indicator("2", defined("first", "1"), defined("second", "1")), excerpt=True,
        rounds=[{"months": 6}, {"months": 12}],
    )
    for round_ in Round.objects.filter(agreement=trial):
        open_round(round_, by=None)
    half, whole = Result.objects.filter(indicator__agreement=trial).order_by("round__months")
    said = {criterion.pk: {"value": Decimal(3)} for criterion in trial.indicators.get().criteria.all()}
    texts = {"measures": "ประชุมแล้ว"}
    save_draft(half, ResultEntry(texts=texts, criteria=said), by=cast.person("collector"))

    page = signed_in("collector")
    first, second = open_entry(page, whole)
    assert_readable_opened(page)
    page.locator("form.copy button").click()
    expect(total(page)).to_have_text("3.0000")
    expect(page.locator("#measures")).to_have_value("ประชุมแล้ว")
    expect(page.locator("form.copy")).to_have_count(0)
    expect(page.locator("[data-changed]")).to_have_count(3)
    same = page.locator(f"#{first} .since").inner_text()
    write(page, f"{first}-value", "4")
    expect(page.locator(f"#{first} .since")).not_to_have_text(same)
    expect(page.locator(f"#{second} .since")).to_have_text(same)
    wait_until_saved(page)
    page.reload()
    expect(page.locator("details.since")).to_have_count(1)
    page.locator(f"#{first} details.since summary").click()
    expect(page.locator(f"#{first} .since dd")).to_contain_text("3")
    assert_readable_opened(page)


def test_the_keys_save_and_go_from_criterion_to_criterion(signed_in: Visit):
    page = signed_in("collector")
    prefixes = open_entry(page, every_kind())
    page.keyboard.press("Alt+ArrowDown")
    expect(page.locator(f"#{prefixes[0]} input[type=checkbox]").first).to_be_focused()
    for prefix in prefixes[1:]:
        page.keyboard.press("Alt+ArrowDown")
        assert page.evaluate("document.activeElement.closest('section').id") == prefix
        top = page.locator(f"#{prefix}").bounding_box()["y"]
        assert -2 < top < 768
    page.keyboard.press("Alt+ArrowDown")
    expect(page.locator("#measures")).to_be_focused()
    page.keyboard.press("Alt+ArrowUp")
    assert page.evaluate("document.activeElement.closest('section').id") == prefixes[-1]

    tick(page, f"{prefixes[0]}-not_reported", by_keyboard=True)
    wait_until_saved(page)
    page.keyboard.press("Alt+l")  # the first is no longer open: on to the second
    assert page.evaluate("document.activeElement.closest('section').id") == prefixes[1]

    page.clock.install()
    page.clock.pause_at(page.evaluate("Date.now()") + 1)  # no delay ends by itself from here on
    write(page, "measures", "บันทึกด้วยปุ่ม")
    page.keyboard.press("Control+s")
    page.clock.run_for(25)
    page.wait_for_function("() => !document.querySelector('.htmx-request')")
    expect(page.locator("#saved")).not_to_be_empty()
    assert Result.objects.get(measures="บันทึกด้วยปุ่ม")
