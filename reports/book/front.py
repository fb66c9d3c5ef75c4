"""A book's cover and contents, and the pages that lay its numbers over all sheets."""
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import get_language, gettext

from reports.book.asking import Wanted
from reports.book.joining import PREFIX
from reports.models import IssuedCard
from reports.papers import Head, head_of
from reports.printer import page_of
from scoring.engine.text import date_text, thai_digits
from scoring.models import Result

STYLES = [settings.BASE_DIR / "kpiportal" / "static" / "kpiportal" / "book_pages.css"]
DASH = "–"


@dataclass(frozen=True)
class Line:
    """A line of the contents and the outline: on which sheet its part begins, the file of which (0: the front), and
    how deep it stands."""

    title: str
    state: str
    page: str
    file: int
    depth: int

    @property
    def address(self) -> str:
        """What leads to the part until the book is joined."""
        return f"{PREFIX}{self.file}"


@dataclass(frozen=True)
class Cover:
    """What stands on the cover, finished; `facts` are pairs, `notes` sentences."""

    head: Head
    agreement: str
    facts: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Number:
    """The number of a sheet of the book."""

    text: str
    across: bool


def book_title() -> str:
    """What the book is called."""
    return gettext("Book of report cards under the performance agreement")


def cover_of(wanted: Wanted) -> Cover:
    """The cover, as the reports stand now."""
    asked, round_ = wanted.asked, wanted.round
    draft = round_.state != round_.State.CLOSED
    head = head_of(asked, book_title(), months=round_.months, draft=draft)
    facts = [(label, asked.ink(value)) for label, value in _facts(wanted)]
    return Cover(head, asked.ink(wanted.agreement.name), tuple(facts), tuple(_notes(wanted)))


def _facts(wanted: Wanted) -> list[tuple[str, str]]:
    round_, reports, language = wanted.round, wanted.reports, get_language() or "th"
    certified = [each for each in reports if each.state == Result.State.CERTIFIED]
    issued = IssuedCard.objects.filter(snapshot__result__in=certified, snapshot__superseded_at=None).count()
    words = {"count": len(reports), "total": wanted.total}
    facts = [
        (gettext("Round"), str(round_.get_state_display())),
        (gettext("Reporting opens on"), date_text(round_.opens_on, language) if round_.opens_on else DASH),
        (gettext("Reports are due on"), date_text(round_.due_on, language) if round_.due_on else DASH),
        (gettext("Report cards in this book"), gettext("%(count)s of %(total)s") % words),
    ]
    for label, count in ((gettext("Certified"), len(certified)), (gettext("Issued"), issued)):
        facts.append((label, gettext("%(count)s of %(total)s") % {"count": count, "total": len(reports)}))
    return [*facts, (gettext("States"), _states(reports) or DASH),
            (gettext("This book was made on"), date_text(timezone.localdate(), language))]


def _states(reports: Sequence[Result]) -> str:
    """How many reports are in which state, in the order of the states."""
    counted = Counter(each.state for each in reports)
    return " · ".join(f"{label} {counted[state]}" for state, label in Result.State.choices if counted[state])


def _notes(wanted: Wanted) -> list[str]:
    notes = [gettext("This book is for reading: only the single issued card, as its own file, can be verified.")]
    if len(wanted.reports) < wanted.total:
        notes.append(gettext("Report cards that are not open to the person who had this book made are left out."))
    return notes


def front_page(cover: Cover, lines: Sequence[Line], wanted: Wanted) -> dict:
    """Cover and contents for the printer."""
    context = {"cover": cover, "lines": lines, "digits": wanted.asked.digits}
    html = render_to_string("reports/book/front.html", context)
    return page_of(html, stylesheets=STYLES, title=cover.head.title, lang=wanted.language)


def numbers_page(numbers: Sequence[Number], wanted: Wanted) -> dict:
    """Sheets with nothing but their numbers."""
    html = render_to_string("reports/book/numbers.html", {"numbers": numbers})
    return page_of(html, stylesheets=STYLES, lang=wanted.language)


def problem_page(title: str, sentence: str, wanted: Wanted) -> dict:
    """A sheet in the place of a part that can't be printed."""
    context = {"title": title, "sentence": wanted.asked.ink(sentence)}
    html = render_to_string("reports/book/problem.html", context)
    return page_of(html, stylesheets=STYLES, title=title, lang=wanted.language)


def number_text(number: int, wanted: Wanted) -> str:
    """The number of a sheet in the digits of the book."""
    return thai_digits(str(number)) if wanted.asked.digits == "thai" else str(number)
