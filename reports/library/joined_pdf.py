"""Issued cards joined into one plain PDF with bookmarks. It is for reading: what is signed and verified are the cards
themselves, whose numbers stand in the bookmarks."""
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from tempfile import TemporaryFile

import pikepdf
from django.utils import timezone, translation
from django.utils.translation import gettext

from kpiportal.accounts.models import User
from reports.bundles.problems import NotMade
from reports.library.cards import NOTHING_LEFT, Chosen, Tell, chosen_cards, copy_card, file_name
from reports.library.names import shortened
from reports.saving import describe, loosen, save_pdf
from scoring.engine.text import date_text

LANGUAGE = "th-TH"  # of the cards, whatever the reader's is
TITLE_BYTES = 300
BATCH = 20


def write_pdf(asked: dict, user: User, folder: Path, tell: Tell) -> Path:
    """Join the cards in their order. Raises NotMade, StorageDown."""
    path, marks = folder / file_name(asked, "pdf"), _Bookmarks()
    parts = list(_parts(asked, folder, marks, tell))
    if not parts:
        raise NotMade(NOTHING_LEFT)
    with pikepdf.new() as joined, ExitStack() as sources, translation.override(asked["language"]):
        for part in parts:
            joined.pages.extend(sources.enter_context(pikepdf.open(part)).pages)
        marks.write(joined)
        _describe(joined, asked)
        save_pdf(joined, path)
    return path


def _parts(asked: dict, folder: Path, marks: "_Bookmarks", tell: Tell) -> Iterator[Path]:
    """A file of the bare pages of every few cards: joined at once, all that is in the cards beside their pages would
    lie in memory until the end."""
    cards = enumerate(chosen_cards(asked), 1)
    count = len(asked["snapshots"])
    while batch := list(islice(cards, BATCH)):
        issued = [chosen for _, chosen in batch if chosen.card]
        part = folder / f"{batch[0][0]}.part"
        with pikepdf.new() as bare, ExitStack() as sources, translation.override(asked["language"]):
            for chosen in issued:
                pages = _pages_of(chosen, sources, folder)
                marks.add(chosen, len(pages))
                bare.pages.extend(pages)
            save_pdf(bare, part)
        tell(count + batch[-1][0], 2 * count)
        if issued:
            yield part


def _pages_of(chosen: Chosen, sources: ExitStack, folder: Path) -> list[pikepdf.Page]:
    """The bare pages of a card, whose file stays open until they are saved: its streams are copied only then."""
    file = sources.enter_context(TemporaryFile(dir=folder))
    copy_card(chosen.card, file)
    source = sources.enter_context(pikepdf.open(file))
    loosen(source)
    return list(source.pages)


class _Bookmarks:
    """The outline: year and unit, below them their cards."""

    def __init__(self) -> None:
        self.groups: list[tuple[str, int, list[tuple[str, int]]]] = []
        self.pages = 0

    def add(self, chosen: Chosen, pages: int) -> None:
        """The next card, of so many pages."""
        page, self.pages = self.pages, self.pages + pages
        result, line = chosen.snapshot.result, chosen.line
        group = f"{result.indicator.agreement.fiscal_year.year} {result.unit.name}"
        if not self.groups or self.groups[-1][0] != group:
            self.groups.append((group, page, []))
        months = gettext("%(months)s months") % {"months": result.round.months}
        title = f"{chosen.card.number} · {months} · {line.indicator}"
        if chosen.snapshot.superseded_at:
            title = f"{title} ({gettext('Superseded')})"
        self.groups[-1][2].append((shortened(title, TITLE_BYTES), page))

    def write(self, joined: pikepdf.Pdf) -> None:
        """Put the outline into the file, closed where there are many units."""
        with joined.open_outline() as outline:
            for group, first, cards in self.groups:
                item = pikepdf.OutlineItem(group, first, "Fit")
                item.children = [pikepdf.OutlineItem(title, page, "Fit") for title, page in cards]
                item.is_closed = len(self.groups) > 1
                outline.root.append(item)


def _describe(joined: pikepdf.Pdf, asked: dict) -> None:
    day = date_text(timezone.localdate(), asked["language"])
    title = gettext("Report cards, put together on %(day)s") % {"day": day}
    describe(joined, title, LANGUAGE)
    with joined.open_metadata(set_pikepdf_as_editor=False) as meta:
        meta["dc:title"] = title
        meta["dc:language"] = [LANGUAGE]
