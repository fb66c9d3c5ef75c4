"""Books to look at, and what is read from them."""

import re
import tempfile
from collections.abc import Callable
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import pikepdf
import pypdfium2
from django.urls import reverse

from indicators.models import Agreement, Round
from reports.book.asking import asked_for
from reports.book.writing import issue_cards, write_book
from tests.cast import agreement, person, result
from tests.reports.papers.reading import client_of, pdf_of, squeezed

PORTAL = "https://kpi.example.go.th"
LINK = pikepdf.Name.Link


def round_of(trial: Agreement, months: int = 12) -> Round:
    return trial.rounds.select_related("agreement").get(months=months)


def asked(round_: Round, reader: str, language: str = "th", digits: str = "arabic") -> dict:
    return asked_for(round_, language=language, digits=digits, portal=PORTAL, user=person(reader))


def book_of(wanted: dict, reader: str, tell: Callable[[int, int], None] = lambda *_: None) -> bytes:
    """The book, made as the task worker does."""
    issue_cards(wanted, person(reader), tell)
    with tempfile.TemporaryDirectory() as folder:
        path = write_book(wanted, person(reader), Path(folder), tell)
        assert list(Path(folder).iterdir()) == [path], "nothing else is left in the folder"
        return path.read_bytes()


def texts(pdf: bytes) -> list[str]:
    """The text of each sheet as a reader copies it, spaces and line breaks left out."""
    document = pypdfium2.PdfDocument(pdf)
    return [squeezed(page.get_textpage().get_text_range().replace("\ufffe", "-")) for page in document]


class Line(NamedTuple):
    """A line of the contents: what it says, the sheet that it names, and the sheet (from 1) that it leads to."""

    title: str
    named: str
    leads_to: int


def contents(pdf: bytes, sheets: int = 1) -> list[Line]:
    """The lines of the contents, read where their links lie; so many sheets of contents stand behind the cover."""
    lines = []
    document, drawn = pikepdf.open(BytesIO(pdf)), pypdfium2.PdfDocument(pdf)
    numbers = {page.obj.objgen: number for number, page in enumerate(document.pages, 1)}
    for number in range(1, 1 + sheets):
        reader, found = drawn[number].get_textpage(), []
        for link in document.pages[number].obj.Annots:
            left, bottom, right, top = map(float, link.Rect)
            said = squeezed(reader.get_text_bounded(left - 1, bottom - 1, right + 1, top + 1))
            found.append((said, numbers[link.Dest[0].objgen], left))
        lines += _whole_lines(found)
    return lines


def _whole_lines(found: list[tuple[str, int, float]]) -> list[Line]:
    """A title of several rows has a link for each; the number's link stands at the right and ends the line."""
    lines, title = [], ""
    for said, leads_to, left in found:
        if left > 450:
            lines.append(Line(title, said, leads_to))
            title = ""
        else:
            title += said
    return lines


def arabic(text: str) -> int:
    """A number in either digits."""
    return int(re.sub(r"\D", "", text))


class Made(NamedTuple):
    """A book, what was told while it was made, and its parts as single papers."""

    pdf: bytes
    told: list[tuple[int, int]]
    singles: list[bytes]


@cache
def moi() -> Made:
    """Seed 002's book of 12 months in Thai and Thai digits."""
    trial, told = agreement("moi-2559"), []
    pdf = book_of(asked(round_of(trial), "auditor", digits="thai"), "auditor", lambda *step: told.append(step))
    how = {"round": 12, "digits": "thai"}
    card = client_of("auditor").get(reverse("card_pdf", args=[result("moi-2559").pk])).content
    singles = [pdf_of(trial, "summary", **how), pdf_of(trial, "charts", **how), card]
    return Made(pdf, told, [*singles, pdf_of(trial, "evidence-index", **how)])
