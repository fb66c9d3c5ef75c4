"""Writing a book: its parts are printed beside each other, counted, given their place in the contents, and joined."""
import logging
import tempfile
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from pathlib import Path
from typing import NamedTuple

from django.utils import translation
from django.utils.translation import get_language, gettext

from evidence.problems import NotStored
from kpiportal.accounts.models import User
from reports.book.asking import Wanted, read
from reports.book.front import (
    Line, Number, book_title, cover_of, front_page, number_text, numbers_page, problem_page,
)
from reports.book.joining import Heading, join, sheets
from reports.book.press import PROCESSES, Press
from reports.book.sources import Source, count, sources
from reports.bundles.problems import NotMade
from reports.library.cards import Tell, copy_card, issue_missing
from reports.models import IssuedCard
from reports.printer import RenderFailed

logger = logging.getLogger(__name__)

# Parts that are put together before their turn at the printer.
AHEAD = 2 * PROCESSES
# Front, numbers and joining, beside the parts.
LAST_STEPS = 3
LINES_A_SHEET = 20
NUMBERS_AT_ONCE = 200


class Part(NamedTuple):
    """A printed part: its file, and of each of its sheets whether it lies across."""

    source: Source
    state: str
    file: Path
    across: list[bool]


def issue_cards(asked: dict, user: User, tell: Tell) -> None:
    """Issue the cards that the book takes as they are issued; where that fails, a copy stands in the book. `tell` may
    stop everything by raising."""
    total = _steps(read(asked, user))
    issued = set(IssuedCard.objects.filter(snapshot__in=asked["snapshots"]).values_list("snapshot", flat=True))
    missing = [pk for pk in asked["snapshots"] if pk not in issued]
    before = len(issued)
    for done, snapshot in enumerate(missing, before):
        # Only after a card that was issued: what fails is tried again after a pause, and must not bring the next one.
        if done == before or len(issued) > before:
            tell(done, total)
        try:
            issue_missing({"snapshots": [snapshot], "portal": asked["portal"]}, user, lambda *_: None)
            issued.add(snapshot)
        except (NotMade, NotStored, RenderFailed) as refusal:
            logger.warning("A card was not issued for a book: %s", refusal)


def _steps(wanted: Wanted) -> int:
    return wanted.issued + count(wanted) + LAST_STEPS


def write_book(asked: dict, user: User, folder: Path, tell: Tell) -> Path:
    """Write the book into a folder and give its path; `tell` is told of every step and may stop everything by raising.
    A part that can't be printed is a sheet that says so. Raises NotMade, and RenderFailed when there is no cover."""
    wanted = read(asked, user)
    target = folder / f"{wanted.agreement.code}-{wanted.round.months}-book.pdf"
    total = _steps(wanted)
    most = total - LAST_STEPS
    with (
        translation.override(wanted.language), tempfile.TemporaryDirectory(dir=folder) as parts_folder,
        Press() as press,
    ):
        parts = _parts(wanted, press, Path(parts_folder), lambda done: tell(min(wanted.issued + done, most), total))
        _bind(wanted, parts, press, target, Path(parts_folder), lambda left: tell(total - left, total))
    return target


def _parts(wanted: Wanted, press: Press, folder: Path, told: Callable[[int], None]) -> list[Part]:
    """The parts in their order; while some are printed the next are put together. `told` is told how many are done."""
    told(0)
    begun: list[tuple[Source, Path, Future]] = []
    for number, source in enumerate(sources(wanted)):
        file = folder / f"{number}.pdf"
        begun.append((source._replace(page=None), file, _begin(source, file, press)))
        _let_finish([future for _, _, future in begun], AHEAD, told)
    _let_finish([future for _, _, future in begun], 0, told)
    return [_part(*each, wanted, press) for each in begun]


def _begin(source: Source, file: Path, press: Press) -> Future:
    if source.issued:
        return press.run(lambda: _fetch(source.issued, file))
    return press.print(source.page, file)


def _let_finish(futures: list[Future], at_most: int, told: Callable[[int], None]) -> None:
    """Wait until no more than so many are under way, whichever end first."""
    open_ = {future for future in futures if not future.done()}
    while len(open_) > at_most:
        _, open_ = wait(open_, return_when=FIRST_COMPLETED)
        told(len(futures) - len(open_))


def _part(source: Source, file: Path, future: Future, wanted: Wanted, press: Press) -> Part:
    """A part once it is printed, or the sheet that says why it isn't."""
    state = source.state
    try:
        future.result()
    except (NotMade, NotStored, RenderFailed) as refusal:
        logger.warning("A part of a book was left out: %s", refusal)
        sentence = refusal.message.th if get_language() == "th" else refusal.message.en
        press.print(problem_page(source.title, sentence, wanted), file).result()
        state = gettext("not printed")
    return Part(source, state, file, sheets(file))


def _fetch(card: IssuedCard, file: Path) -> None:
    with file.open("xb") as to:
        copy_card(card, to)


def _bind(
    wanted: Wanted, parts: list[Part], press: Press, target: Path, folder: Path, left: Callable[[int], None]
) -> None:
    """Cover, contents, numbers, and all of it in one file; `left` is told how many steps there are still to do."""
    front, cover = folder / "front.pdf", cover_of(wanted)
    guessed = 2 + len(parts) // LINES_A_SHEET
    press.print(front_page(cover, _lines(wanted, parts, guessed), wanted), front).result()
    first, lines = sheets(front), _lines(wanted, parts, len(sheets(front)))
    left(2)
    again = [] if len(first) == guessed else [press.print(front_page(cover, lines, wanted), front)]
    across = first + [each for part in parts for each in part.across]
    numbers = _numbers(wanted, across, press, folder)
    for future in again:
        future.result()
    left(1)
    labels = [number_text(n, wanted) for n in range(1, len(across) + 1)] if wanted.asked.digits == "thai" else []
    outline = [Heading(line.title, line.depth, line.file) for line in lines]
    join(
        [front, *(part.file for part in parts)], [Heading(cover.head.title, 0, 0), *outline], numbers, target,
        title=_whole_title(wanted), lang=wanted.language, labels=labels,
    )
    left(0)


def _whole_title(wanted: Wanted) -> str:
    name, months = wanted.asked.ink(wanted.agreement.name), wanted.round.months
    return " · ".join((book_title(), name, wanted.asked.ink(gettext("%(months)s months") % {"months": months})))


def _lines(wanted: Wanted, parts: list[Part], before: int) -> list[Line]:
    """The contents, when so many sheets stand before the first part; all cards below a line of their own."""
    lines, page, above = [], before + 1, False
    for number, part in enumerate(parts, 1):
        text, is_card = number_text(page, wanted), part.source.is_card
        if is_card and not above:
            lines.append(Line(gettext("Report cards"), "", text, number, depth=0))
        if part.source.listed:
            lines.append(Line(part.source.title, part.state, text, number, depth=int(is_card)))
        page, above = page + len(part.across), is_card
    return lines


def _numbers(wanted: Wanted, across: list[bool], press: Press, folder: Path) -> list[Path]:
    """The files of sheets that number all but the cover, some hundred sheets each."""
    last = number_text(len(across), wanted)
    words = [
        Number(gettext("Book page %(page)s of %(last)s") % {"page": number_text(n, wanted), "last": last}, each)
        for n, each in enumerate(across[1:], 2)
    ]
    files, futures = [], []
    for start in range(0, len(words), NUMBERS_AT_ONCE):
        files.append(folder / f"numbers-{start}.pdf")
        futures.append(press.print(numbers_page(words[start : start + NUMBERS_AT_ONCE], wanted), files[-1]))
    for future in futures:
        future.result()
    return files
