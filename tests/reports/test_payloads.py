"""Forty texts that reach out of a page, in every field that people can write: they stay texts, on page and paper."""
import io
import itertools
import zipfile
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from reports.papers import PAPERS
from tests.cast import browser_of, person
from tests.reports.everywhere import Trial, certified, fill, json_fields, papers_of, trial, workbooks_of
from tests.reports.papers.reading import squeezed
from tests.reports.payloads import PAYLOADS, Probe, attached, bait_in, holds_bait, text_of
from tests.reports.workbooks.reading import formulas, read_back

pytestmark = pytest.mark.usefixtures("seeds", "db")
INSIDE = {"data.json", "evidence.json", "card.json"}


@pytest.fixture
def probe() -> Iterator[Probe]:
    probe = Probe()
    yield probe
    probe.close()


@pytest.fixture
def payloads(probe: Probe, tmp_path: Path) -> dict[str, str]:
    """Each with an address: of the probe in one of its ways, or of a local file."""
    addresses = itertools.cycle([*probe.addresses(), bait_in(tmp_path).as_uri(), str(tmp_path / "bait")])
    return {name: payload.format(url=next(addresses)) for name, payload in PAYLOADS.items()}


class Skeleton(HTMLParser):
    """A page's elements with the names of their attributes but `class`, which says how long a text is; and the
    addresses among them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple] = []
        self.addresses: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, *sorted({name for name, _ in attributes} - {"class"})))
        self.addresses |= {value or "" for name, value in attributes if name in ("src", "data", "style", "href")}

    def handle_comment(self, data: str) -> None:
        self.elements.append(("comment",))

    handle_pi = handle_decl = unknown_decl = handle_comment


def skeletons(made: Trial, client: Client) -> dict[str, Skeleton]:
    """The pages of the card and of all papers, which PDFs are printed from by the same templates."""
    pages = {name: reverse("paper", args=[made.agreement.pk, name]) for name in PAPERS}
    pages["card"] = reverse("card", args=[made.report.pk])
    return {name: Skeleton(client.get(address).content.decode()) for name, address in pages.items()}


def documents(addresses: dict[str, str], client: Client) -> dict[str, bytes]:
    """What lies at each address."""
    answers = {name: client.get(address) for name, address in addresses.items()}
    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(answers, 200)
    return {name: answer.getvalue() for name, answer in answers.items()}


def assert_pdfs_hold_texts_only(
    made: Trial, probe: Probe, *, only: Iterable[str] | None = None
) -> dict[str, bytes]:
    """All papers, the draft's card, the issued one and its copy, or those named: no connection, no local byte; gives
    them."""
    client = browser_of(person("office"))
    pdfs = documents(_named(papers_of(made), only), client)
    pdfs |= documents(_named(certified(made), only), client)
    assert probe.connections == 0
    assert {name for name, pdf in pdfs.items() if holds_bait(pdf)} == set()
    assert {name: attached(pdf) for name, pdf in pdfs.items() if attached(pdf)} == {"issued card": INSIDE}
    return pdfs


def _named(addresses: dict[str, str], only: Iterable[str] | None) -> dict[str, str]:
    return {name: address for name, address in addresses.items() if only is None or name in only}


def assert_workbooks_hold_texts_only(made: Trial) -> None:
    """Nothing in a workbook is a formula of somebody's text, or points out of it."""
    for name, content in documents(workbooks_of(made), browser_of(person("office"))).items():
        parts = zipfile.ZipFile(io.BytesIO(content))
        links = [part for part in parts.namelist() if part.endswith(".rels") and b"External" in parts.read(part)]
        assert links == [] and not any("externalLink" in part for part in parts.namelist()), name
        assert [cell.value for cell in formulas(read_back(content)) if "bait" in str(cell.value)] == [], name


def test_there_are_forty():
    assert len(PAYLOADS) == 40
    known = {"Agreement.wording", "Bundle.asked", "ReminderSent.keys"}
    assert json_fields() == known, "a new one: does it reach a PDF?"


def test_each_in_every_field_adds_nothing_to_a_page(payloads):
    made, client = trial(), browser_of(person("office"))
    fill(made, lambda: "x")
    plain = skeletons(made, client)
    assert fill(made, lambda: " ".join(payloads.values())) >= 59
    for name, page in skeletons(made, client).items():
        assert page.elements == plain[name].elements, name
        assert not [one for one in page.addresses - plain[name].addresses if not one.startswith("https://www.example")]


def test_all_in_all_pdfs_are_text(payloads, probe, settings):
    """Each field holds four of the forty, so that every document holds all or most."""
    settings.RENDER_SECONDS = 120  # on machines that do much else
    made, turns = trial(), itertools.cycle(payloads.values())
    fill(made, lambda: " ".join(itertools.islice(turns, 4)))
    assert_workbooks_hold_texts_only(made)
    pdfs = assert_pdfs_hold_texts_only(made, probe)
    said = squeezed("".join(text_of(pdf).replace("\ufffe", "-") for pdf in pdfs.values()))
    assert [name for name, payload in payloads.items() if squeezed(payload) not in said] == []
