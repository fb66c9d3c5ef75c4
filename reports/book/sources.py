"""What a book is printed from: papers and cards in their order, each as a page for the printer or as stored bytes."""
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from django.template.loader import render_to_string
from django.utils.translation import gettext

from reports.book.asking import Wanted
from reports.card_data import CardData
from reports.cards import build
from reports.issuing.queries import issued_card
from reports.issuing.rendering import LANGUAGE
from reports.issuing.rendering import STYLES as CARD_STYLES
from reports.models import IssuedCard
from reports.papers import PAPERS, Paper
from reports.papers import STYLES as PAPER_STYLES
from reports.papers.evidence_index import IndexPaper, IndexTable
from reports.printer import page_of
from scoring.freezing.report import snapshot_of
from scoring.models import Result

BEFORE, AFTER = ("summary", "charts"), "evidence-index"
# Rows of evidence on one job of the printer: some twenty sheets.
MOST_ROWS = 300


class Source(NamedTuple):
    """A part before it is printed: its line in the contents, and the page that the printer is given, or the issued card
    whose bytes are taken. `listed`: whether it has a line of its own, or goes on with the part before."""

    title: str
    state: str
    page: dict | None = None
    issued: IssuedCard | None = None
    is_card: bool = False
    listed: bool = True


def count(wanted: Wanted) -> int:
    """About how many parts there are, for the progress: the evidence index may take several."""
    return len(BEFORE) + len(wanted.reports) + 1


def sources(wanted: Wanted) -> Iterator[Source]:
    """The parts in their order, each put together when it is its turn."""
    for name in BEFORE:
        yield from _paper(PAPERS[name], wanted)
    for result in wanted.reports:
        yield _card(result, wanted)
    yield from _paper(PAPERS[AFTER], wanted)


def _paper(kind: Paper, wanted: Wanted) -> Iterator[Source]:
    data = kind.build(wanted.asked)
    for number, portion in enumerate(_portions(data)):
        context = {
            "kind": kind, "data": portion, "asked": wanted.asked, "agreement": wanted.agreement,
            "body": f"reports/papers/{kind.name}.html",
        }
        html = render_to_string("reports/paper_pdf.html", context)
        page = page_of(html, stylesheets=PAPER_STYLES, title=data.head.title, lang=wanted.language)
        yield Source(data.head.title, "", page, listed=number == 0)


def _portions(data: object) -> Iterator[object]:
    """A paper as it is; an evidence index too long for one job of the printer as several, each of whole reports."""
    if not isinstance(data, IndexPaper):
        yield data
        return
    portion: list[IndexTable] = []
    for table in data.tables:
        if portion and _rows([*portion, table]) > MOST_ROWS:
            yield replace(data, tables=tuple(portion))
            portion = []
        portion.append(table)
    yield replace(data, tables=tuple(portion))


def _rows(tables: Sequence[IndexTable]) -> int:
    return sum(len(item.rows) for table in tables for item in table.items)


def _card(result: Result, wanted: Wanted) -> Source:
    """The stored bytes of an issued card in the book's language and digits; else the card, made anew."""
    result.refresh_from_db(fields=["state", "version"])  # it may have been opened again since the book was begun
    snapshot = snapshot_of(result) if result.state == Result.State.CERTIFIED else None
    issued = issued_card(result.pk, snapshot.number, user=wanted.asked.user) if snapshot else None
    data = build(snapshot or result, user=wanted.asked.user)
    as_issued = wanted.language == LANGUAGE and data.digits == wanted.asked.digits
    if data.digits != wanted.asked.digits:
        data = build(snapshot or result, user=wanted.asked.user, digits=wanted.asked.digits)
    line = {"title": _title(data, result), "state": _state(data, issued, wanted), "is_card": True}
    if issued and as_issued:
        return Source(issued=issued, **line)
    context = {"card": data, "copy": snapshot is not None, "copy_of": issued}
    html = render_to_string("reports/card_pdf.html", context)
    return Source(page=page_of(html, stylesheets=CARD_STYLES, title=data.indicator, lang=wanted.language), **line)


def _title(data: CardData, result: Result) -> str:
    """The indicator, and the unit where it isn't the agreement's own."""
    own = result.unit_id == result.indicator.agreement.unit_id
    return data.indicator if own else f"{data.indicator} · {data.agency}"


def _state(data: CardData, issued: IssuedCard | None, wanted: Wanted) -> str:
    if issued is None:
        return data.state
    return wanted.asked.ink(gettext("Issued card no. %(number)s") % {"number": issued.number})
