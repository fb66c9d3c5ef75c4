"""Every page in Thai: nothing sticks out on phone or PC, nothing is inline, axe finds nothing. tests/drills/
test_every_page.py does it whole, all colours at both widths, and in English too."""
import re
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Page, expect

from indicators.models import Agreement
from reports.papers import PAPERS
from scoring.models import ReminderSent, Result
from tests import cast
from tests.browser.checks import assert_readable
from tests.browser.entry import open_entry, prefixes, tick, write
from tests.definitions import every_kind
from tests.operating import operating_result
from tests.reports.checking.tables import SEED
from tests.reports.library.shelf import stand_in_the_library

# Whether an element is what one sees where it stands, once it was scrolled to.
SHOWS = """(selector) => {
  const element = document.querySelector(selector);
  element.scrollIntoView({ block: "center", inline: "center" });
  const { left, top, width, height } = element.getBoundingClientRect();
  return document.elementFromPoint(left + width / 2, top + height / 2) === element;
}"""
Visit = Callable[[str], Page]


@pytest.mark.parametrize(
    "tour",
    ["entrance", "homes", "people", "trails", "entries", "summaries", "papers", "checker", "pictures", "plans",
     "boards", "refusals", "rounds", "library"],
)
def test_every_page_can_be_read_by_everyone(page: Page, signed_in: Visit, tour: str):
    for _ in TOURS[tour](page, signed_in):
        expect(page.locator("html")).to_have_attribute("lang", "th")
        assert_readable(page)


def entrance(page: Page, signed_in: Visit) -> Iterator[None]:
    """Before the sign-in: with a refusal too, the password reset, and what a card is worth."""
    for address in ("login/", "password/reset/", "password/reset/done/"):
        page.goto(f"/accounts/{address}")
        yield
    for address in ("", "nosuchcode/"):
        page.goto(f"/verify/{address}")
        yield
    page.goto("/accounts/login/")
    page.fill("[name=login]", "collector")
    page.fill("[name=password]", "wrong")
    page.locator("main button").click()
    page.wait_for_load_state()
    yield
    signed_in("collector").goto("/accounts/password/change/")
    yield


def homes(page: Page, signed_in: Visit) -> Iterator[None]:
    """What each of the six sees first; the administrator's people and the first sign-in by a link."""
    for person in cast.PEOPLE:
        signed_in(person).goto("/")
        yield
    page.goto("/people/")
    yield
    page.locator("form[action$='/first-sign-in/'] button").first.click()
    page.wait_for_url("**/first-sign-in/")
    yield
    link = page.inner_text(".one-line")
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    page.goto(link)
    yield


def people(page: Page, signed_in: Visit) -> Iterator[None]:
    """A person to add, with errors too; an account with its rights, refused and one's own; the review; the roles."""
    signed_in("admin").goto("/people/add/")
    yield
    page.fill("[name=since]", "xx")
    page.locator("main form button").click()
    expect(page.locator(".error-summary a").first).to_be_focused()
    yield
    page.goto(f"/people/{cast.person('collector').pk}/")
    page.evaluate("() => document.querySelectorAll('details').forEach((details) => details.open = true)")
    yield
    page.goto(f"/people/{cast.person('admin').pk}/")
    page.locator("[value=end]").first.click()
    expect(page.locator(".error-summary")).to_be_visible()
    yield
    signed_in("office").goto("/people/grants/")
    yield
    signed_in("collector").goto("/roles/")
    yield


def trails(page: Page, signed_in: Visit) -> Iterator[None]:
    """The audit trail with entries, by a filter that can't be read, one entry, a story read by both kinds of readers;
    what personal data is kept."""
    report = cast.result("moi-2559")
    signed_in("auditor").goto("/trail/?unit=moi")
    yield
    page.fill("[name=since]", "xx")
    page.locator("main form button").click()
    expect(page.locator(".error-summary a").first).to_be_focused()
    yield
    page.goto("/trail/?kind=result&unit=moi")
    page.locator(".trail-table a").first.click()
    page.wait_for_url(re.compile(r"/trail/\d+/$"))
    page.evaluate("() => document.querySelectorAll('details').forEach((details) => details.open = true)")
    yield
    for person in ("auditor", "collector"):
        signed_in(person).goto(f"/trail/?about=scoring.result:{report.pk}")
        page.evaluate("() => document.querySelectorAll('details').forEach((details) => details.open = true)")
        yield
    page.goto("/privacy/")
    yield


def entries(page: Page, signed_in: Visit) -> Iterator[None]:
    """An entry with inputs of every kind and an error; one to read, one to decide on, one that came back."""
    signed_in("collector")
    formula = open_entry(page, every_kind())[-1]
    write(page, f"{formula}-data-A", "abc")
    expect(page.locator(f"#{formula}-data-A-error")).not_to_be_empty()
    yield
    moi = cast.result("moi-2559")
    open_entry(page, moi)
    page.evaluate("() => document.querySelectorAll('details').forEach((details) => details.open = true)")
    yield
    page.goto(f"/results/{moi.indicator.results.get(round__months=6).pk}/evidence/")
    yield
    for person, number in (("auditor", "2.2"), ("supervisor", "3.2"), ("collector2", "4.2")):
        open_entry(signed_in(person), cast.result("ega-2557", number=number))
        page.evaluate("() => document.querySelectorAll('details').forEach((details) => details.open = true)")
        yield


def summaries(page: Page, signed_in: Visit) -> Iterator[None]:
    """The summary of all five agreements; the definition of an indicator."""
    signed_in("office")
    for agreement in Agreement.objects.all():
        page.goto(f"/agreements/{agreement.pk}/")
        yield
    page.goto(f"/indicators/{cast.result('moi-2559').indicator_id}/")
    yield


def papers(page: Page, signed_in: Visit) -> Iterator[None]:
    """The report cards of seeds 002 and 001 as pages; every paper of an agreement, and their list."""
    signed_in("auditor")
    for code in ("moi-2559", "ict-2550"):
        page.goto(f"/results/{cast.result(code).pk}/card/")
        yield
    page.goto(f"/agreements/{cast.agreement('moi-2559').pk}/papers/")
    yield
    fullest = {"summary": "ega-2557", "matrix": "imm-2559", "evidence-plan": "imm-2556"}
    for name in PAPERS:
        page.goto(f"/agreements/{cast.agreement(fullest.get(name, 'moi-2559')).pk}/papers/{name}/")
        yield


def checker(page: Page, signed_in: Visit) -> Iterator[None]:
    """The checker: empty, with seed 004's misprint, with all that can be wrong, with what is no table, and right."""
    signed_in("admin").goto("/check/")
    yield
    head = "ตัวชี้วัด\tน้ำหนัก\t1\t2\t3\t4\t5\tผลงาน\tคะแนน\tคะแนนถ่วงน้ำหนัก\n"
    odd = f"{head}มิติที่ 1\t90\t\t\t\t\t\t\t4\t\na\t40\t7\t8\tx\t9\t10\t9\t3\t1.2\nb\t60\t1\t2\t3\t4\t5\t4\t3\t1.8"
    for text in (SEED, odd, "nothing", f"{head}a\t100\t1\t2\t3\t4\t5\t4\t4.0000\t4.0000"):
        page.fill("#table", text)
        page.locator(".check-form button").click()
        page.wait_for_load_state()
        yield


def pictures(page: Page, signed_in: Visit) -> Iterator[None]:
    """The charts of a whole agreement, of issues, of hidden scores and of nothing yet; both dashboards."""
    signed_in("office")
    for code in ("ega-2557", "moi-2559", "imm-2559"):
        page.goto(f"/agreements/{cast.agreement(code).pk}/papers/charts/")
        yield
    for address in (f"/dashboard/?agreement={cast.agreement('ega-2557').pk}", "/dashboard/", "/dashboard/office/"):
        page.goto(address)
        yield
    hidden = cast.agreement("ict-2550").pk
    signed_in("agency-001-collector-1").goto(f"/agreements/{hidden}/papers/charts/")
    yield
    page.goto("/dashboard/")
    yield


def plans(page: Page, signed_in: Visit) -> Iterator[None]:
    """What raises the score, with gains and without; a what-if of every kind with an error."""
    for person, code in (("collector2", "ega-2557"), ("agency-001-collector-1", "ict-2550"), ("office", "imm-2559")):
        signed_in(person).goto(f"/agreements/{cast.agreement(code).pk}/planner/")
        yield
    result = every_kind()
    signed_in("collector").goto(f"/agreements/{result.indicator.agreement_id}/planner/")
    yield
    page.goto(f"/results/{result.pk}/what-if/")
    formula = prefixes(result)[-1]
    write(page, f"{formula}-data-A", "abc")
    expect(page.locator(f"#{formula}-data-A-error")).not_to_be_empty()
    yield


def refusals(page: Page, signed_in: Visit) -> Iterator[None]:
    """What isn't there, what is missing before a submit, and what can't be done any more."""
    signed_in("collector2").goto(f"/results/{cast.result('moi-2559').pk}/")
    expect(page.locator("main h1")).to_be_visible()
    yield
    result = cast.result("moi-2559", months=6)
    open_entry(signed_in("collector"), result)
    tick(page, f"{prefixes(result)[0]}-not_reported", by_keyboard=True)
    page.locator("#submit-form button").click()
    expect(page.locator(".error-summary")).to_be_visible()
    yield
    result = cast.result("ega-2557", number="3.3")
    open_entry(signed_in("supervisor"), result)
    Result.objects.filter(pk=result.pk).update(state="draft")
    page.locator("button[value=approve]").click()
    expect(page.locator(".notice-error")).to_be_visible()
    yield


def boards(page: Page, signed_in: Visit) -> Iterator[None]:
    """Who is late, as its readers see it: all of it, filtered, empty, units downwards; one's own reminders."""
    ReminderSent.objects.create(
        user=cast.person("collector2"), day=timezone.localdate(), state="undeliverable", sent_at=timezone.now()
    )
    operating_result()
    for person in ("office", "collector2"):
        signed_in(person).goto("/board/")
        yield
    page.goto("/board/?state=certified")
    yield
    for person in ("collector2", "admin"):
        signed_in(person).goto("/reminders/")
        yield


def rounds(page: Page, signed_in: Visit) -> Iterator[None]:
    """The office's pages of a round, with a choice that can't be read and a preview; a date that is none."""
    agreement = cast.agreement("ega-2557")
    signed_in("office").goto("/rounds/")
    yield
    page.goto(f"/rounds/{agreement.pk}/")
    page.locator("details").first.click()
    page.fill("[name=r12-due_on]", "tomorrow")
    page.locator("details button").first.click()
    expect(page.locator(".error-summary")).to_be_visible()
    yield
    one, collector = agreement.indicators.first(), cast.person("collector2")
    at = f"/rounds/{agreement.pk}/12"
    chosen = f"{at}/people/assign/?indicator={one.pk}&role=collector"
    for address in ("people/", "weights/", "close/", "people/copy/"):
        page.goto(f"{at}/{address}")
        yield
    for address in (f"{chosen}&units=nowhere", f"{chosen}&is_substitute=on&p{agreement.unit_id}={collector.pk}"):
        page.goto(address)
        yield
    page.goto(f"/rounds/{agreement.pk}/indicators/{one.pk}/")
    yield


def library(page: Page, signed_in: Visit) -> Iterator[None]:
    """The library with a card that isn't issued, one that is and a superseded one, after nothing was ticked; nothing
    found; files in every state."""
    stand_in_the_library()
    signed_in("auditor").goto("/library/")
    page.locator("button[value=zip]").click()
    page.wait_for_load_state()
    yield
    for address in ("/library/?q=nothing", "/library/files/"):
        page.goto(address)
        yield


TOURS = {
    tour.__name__: tour
    for tour in (
        entrance, homes, people, trails, entries, summaries, papers, checker, pictures, plans, boards, refusals, rounds,
        library,
    )
}
