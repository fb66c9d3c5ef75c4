"""A paper as readers get it: its page, its PDF, and the text that can be copied from both."""

import html
import re
import subprocess
from collections.abc import Iterable
from urllib.parse import urlencode

import pypdfium2
from django.test import Client
from django.urls import reverse

from indicators.models import Agreement
from tests.cast import browser_of, person

# The number at a sheet's foot; and the watermark, which lies anywhere among the text.
_NUMBER, _WATERMARK = re.compile(r"–[0-9๐-๙]+/[0-9๐-๙]+–$"), re.compile("ร่าง|DRAFT|ยังไม่รับรอง|NOTCERTIFIED")


def client_of(reader: str, language: str = "th") -> Client:
    """A browser that is signed in and reads in a language."""
    client = browser_of(person(reader))
    client.cookies["django_language"] = language
    return client


def page_of(agreement: Agreement, name: str, reader: str = "auditor", language: str = "th", **asked: object) -> str:
    """A paper's page; `asked` are its round and digits."""
    address = reverse("paper", args=[agreement.pk, name])
    response = client_of(reader, language).get(f"{address}?{urlencode(asked)}")
    assert response.status_code == 200
    return response.content.decode()


def pdf_of(agreement: Agreement, name: str, reader: str = "auditor", language: str = "th", **asked: object) -> bytes:
    """A paper's PDF."""
    address = reverse("paper_pdf", args=[agreement.pk, name])
    response = client_of(reader, language).get(f"{address}?{urlencode(asked)}")
    assert response.status_code == 200 and response["Content-Type"] == "application/pdf"
    return response.content


def layout(pdf: bytes) -> str:
    """The text as it lies on the pages."""
    run = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True)
    return run.stdout.decode()


def squeezed(text: str) -> str:
    """Text without spaces and line breaks."""
    return re.sub(r"\s+", "", text)


def printed_on(page: str) -> str:
    """What a paper's page says to who prints it, tags, spaces and line breaks taken out."""
    [paper] = re.findall(r'<article class="paper[^>]*>(.*?)</article>', page, re.DOTALL)
    return _WATERMARK.sub("", squeezed(html.unescape(re.sub(r"<[^>]*>", "", paper))))


def head_rows(page: str) -> list[str]:
    """The heads of the paper's tables, which every sheet repeats."""
    heads = re.findall(r"<thead>.*?</thead>", page, re.DOTALL)
    return [squeezed(html.unescape(re.sub(r"<[^>]*>", "", head))) for head in heads]


def copied(pdf: bytes, heads: list[str]) -> str:
    """All text as a reader copies it, watermark, page numbers, spaces, line breaks and repeated heads left out."""
    said = ""
    for page in pypdfium2.PdfDocument(pdf):
        # PDFium gives a hyphen at the end of a line as U+FFFE.
        text = squeezed(page.get_textpage().get_text_range().replace("\ufffe", "-"))
        text = _NUMBER.sub("", _WATERMARK.sub("", text))
        repeated = next((head for head in heads if said and head in said and text.startswith(head)), "")
        said += text.removeprefix(repeated)
    return said


def assert_rows(text: str, rows: Iterable[Iterable[str]]) -> None:
    """That each row stands in a paper's text, its cells one after the other."""
    assert [row for row in rows if squeezed("".join(row)) not in text] == []


def sheets(pdf: bytes) -> set[tuple[int, int]]:
    """The sizes of the sheets in millimetres."""
    sizes = (page.get_size() for page in pypdfium2.PdfDocument(pdf))
    return {tuple(int(side / 72 * 25.4 + 0.5) for side in size) for size in sizes}


UPRIGHT, ACROSS = {(210, 297)}, {(297, 210)}


def assert_pdf_says_what_the_page_says(agreement: Agreement, name: str, **asked: object) -> str:
    """That the text copied from all sheets is the source's, letter by letter; gives that text."""
    page, pdf = page_of(agreement, name, **asked), pdf_of(agreement, name, **asked)
    text, source = copied(pdf, head_rows(page)), printed_on(page)
    same = next((n for n, pair in enumerate(zip(text, source, strict=False)) if pair[0] != pair[1]), None)
    around = slice(max((same or 0) - 40, 0), (same or 0) + 60)
    assert text == source, f"{text[around]!r} is {source[around]!r} at the source"
    return text
