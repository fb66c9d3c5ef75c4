"""The page of the library: its search, the rows of one page, and what of it can be taken along."""
from dataclasses import dataclass
from decimal import Decimal

from django.http import QueryDict

from kpiportal.accounts.models import User
from kpiportal.accounts.paging import Pages, page_of
from reports.library.forms import LibraryFilter
from reports.library.queries import (
    CERTIFIED, IN_WORK, ISSUED, SUPERSEDED, TAKEN, Wanted, cards_found, choices_for, keys_to_take, reports_found,
)
from reports.models import Bundle, IssuedCard
from scoring.engine.text import Message
from scoring.freezing.line import read_line
from scoring.models import Result, Snapshot
from scoring.queries.queue import scores_of
from scoring.queries.summary import scores_hidden

MOST_CARDS = {Bundle.Kind.ZIP: 2_000, Bundle.Kind.PDF: 500}


@dataclass(frozen=True)
class Row:
    """A line of the list. `snapshot`: the number by which the card's page shows this very card, where it isn't the one
    in force; `key`: by which it is taken along, where it can be."""

    result: Result
    indicator: str
    score: Decimal | None
    state: str
    card: IssuedCard | None = None
    sealed: int | None = None
    key: int | None = None
    day: object = None


@dataclass(frozen=True)
class LibraryPage:
    """The search as it was set, its rows on this page, and how many of all that was found can be taken along."""

    form: LibraryFilter
    valid: bool
    rows: list[Row]
    pages: Pages | None
    takeable: int

    @property
    def keys(self) -> list[int]:
        """The keys of the page's rows that can be taken along."""
        return [row.key for row in self.rows if row.key]


def search_of(user: User, query: QueryDict) -> LibraryFilter:
    """The search of a query, with the choices of this person."""
    return LibraryFilter(query, choices=choices_for(user))


def library_page(user: User, query: QueryDict) -> LibraryPage:
    """One page of what a person finds; nothing for a search that can't be read."""
    form = search_of(user, query)
    if not form.is_valid():
        return LibraryPage(form, False, [], None, 0)
    wanted = form.wanted()
    if wanted.state == IN_WORK:
        pages = page_of(reports_found(user, wanted), query)
        return LibraryPage(form, True, _reports(user, list(pages.page)), pages, 0)
    found = cards_found(user, wanted)
    pages = page_of(found, query)
    return LibraryPage(form, True, [_card(one) for one in pages.page], pages, found.filter(TAKEN).count())


def all_keys(user: User, wanted: Wanted) -> list[int]:
    """The keys of all cards that were found and can be taken along."""
    return [] if wanted.state == IN_WORK else keys_to_take(cards_found(user, wanted))


def _card(snapshot: Snapshot) -> Row:
    line, card = read_line(snapshot.line), getattr(snapshot, "issued_card", None)
    over = snapshot.superseded_at is not None
    return Row(
        snapshot.result, str(line.indicator), line.score, SUPERSEDED if over else ISSUED if card else CERTIFIED, card,
        snapshot.number if over else None, None if over and card is None else snapshot.pk,
        card.issued_at if card else snapshot.sealed_at,
    )


def _reports(user: User, results: list[Result]) -> list[Row]:
    scores = scores_of([one.pk for one in results])
    return [
        Row(
            one, str(one.indicator),
            None if scores_hidden(one.indicator.agreement, user, one.unit.path, one.state) else scores.get(one.pk),
            one.state, day=one.saved_at,
        )
        for one in results
    ]


def too_many(count: int, kind: str) -> Message:
    """The refusal of more cards than a file of this kind holds."""
    most = MOST_CARDS[kind]
    return Message(
        f"เลือกไว้ {count:,} รายงาน แต่ไฟล์ชนิดนี้บรรจุได้ไม่เกิน {most:,} รายงาน "
        "โปรดจำกัดการค้นหาด้วยปี รอบ หรือหน่วยงาน",
        f"You chose {count:,} cards, but a file of this kind holds {most:,} at most: narrow the search by year, round "
        "or unit.",
    )
