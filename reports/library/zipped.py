"""Issued cards as one ZIP: the very files, an index for programs and one for people, and their hashes for `sha256sum
-c`."""
import csv
import io
import zipfile
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

from django.utils import timezone, translation
from django.utils.translation import gettext

from kpiportal.accounts.models import User
from reports.bundles.problems import NotMade
from reports.library.cards import NOTHING_LEFT, Chosen, Tell, chosen_cards, copy_card, file_name
from reports.library.names import file_part
from reports.workbooks.listing import list_workbook
from reports.workbooks.plain import Column
from reports.workbooks.writing import SCORE, Value
from scoring.engine.text import score_text

INDEX, WORKBOOK, HASHES = "index.csv", "index.xlsx", "SHA256SUMS.txt"
# What a spreadsheet takes for the beginning of a formula, and signs that it reads as these.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
READABLE = 0o644 << 16


def write_zip(asked: dict, user: User, folder: Path, tell: Tell) -> Path:
    """Write the cards into a ZIP, one after the other, each compared with its hash. Raises NotMade, StorageDown."""
    count = len(asked["snapshots"])
    path = folder / file_name(asked, "zip")
    listed: list[tuple[Chosen, str]] = []
    with zipfile.ZipFile(path, "x", zipfile.ZIP_STORED) as archive, translation.override(asked["language"]):
        for done, chosen in enumerate(chosen_cards(asked), 1):
            name = path_in_zip(chosen) if chosen.card else ""
            if chosen.card:
                with archive.open(_entry(name, chosen), "w") as file:
                    copy_card(chosen.card, file)
            listed.append((chosen, name))
            tell(count + done, 2 * count)
        _close(archive, listed)
    return path


def path_in_zip(chosen: Chosen) -> str:
    """Folder and name of a card in the ZIP: year and unit, then its number, round and indicator."""
    result, line = chosen.snapshot.result, chosen.line
    year = result.indicator.agreement.fiscal_year.year
    name = f"{chosen.card.number} {result.round.months}m {line.indicator.number} {line.indicator.name}"
    return f"{file_part(f'{year} {result.unit.name}', 100)}/{file_part(name)}.pdf"


def _entry(name: str, chosen: Chosen) -> zipfile.ZipInfo:
    """A file in the ZIP; its name is flagged as UTF-8 by itself where it isn't ASCII."""
    entry = zipfile.ZipInfo(name, timezone.localtime(chosen.card.issued_at).timetuple()[:6])
    entry.external_attr, entry.file_size = READABLE, chosen.card.size
    return entry


def _close(archive: zipfile.ZipFile, listed: list[tuple[Chosen, str]]) -> None:
    """Add the index and the hashes."""
    if not any(name for _, name in listed):
        raise NotMade(NOTHING_LEFT)
    now = timezone.localtime().timetuple()[:6]
    hashes = "".join(f"{chosen.card.sha256}  {name}\n" for chosen, name in listed if name)
    lines = [_line(number, *one) for number, one in enumerate(listed, 1)]
    workbook = list_workbook(gettext("Report cards"), _columns(), lines)
    for name, content in ((INDEX, index_of(lines).encode()), (WORKBOOK, workbook), (HASHES, hashes.encode())):
        entry = zipfile.ZipInfo(name, now)
        entry.external_attr, entry.compress_type = READABLE, zipfile.ZIP_DEFLATED
        archive.writestr(entry, content)


def index_of(rows: Iterable[list[Value]]) -> str:
    """The index as CSV with a byte order mark; no cell of it is a formula. A spreadsheet reads 1.10 in it as 1.1: for
    that there is the workbook."""
    text = io.StringIO("\ufeff", newline="")
    text.seek(0, io.SEEK_END)
    lines = csv.writer(text)
    lines.writerow([column.head for column in _columns()])
    lines.writerows([plain(cell) for cell in row] for row in rows)
    return text.getvalue()


def _columns() -> list[Column]:
    return [
        Column(gettext("No."), 8), Column(gettext("Card no."), 16), Column(gettext("Indicator"), 12),
        Column(gettext("Name"), 60), Column(gettext("Unit"), 40), Column(gettext("Fiscal year"), 12),
        Column(gettext("Round (months)"), 12), Column(gettext("Score"), 12, SCORE), Column(gettext("State"), 30),
        Column(gettext("Issued on"), 14), Column("SHA-256", 70), Column(gettext("File"), 100),
    ]


def _line(number: int, chosen: Chosen, name: str) -> list[Value]:
    card, snapshot, line = chosen.card, chosen.snapshot, chosen.line
    result = snapshot.result
    state = gettext("Superseded") if snapshot.superseded_at else gettext("Issued and in force")
    if card is None:
        state = gettext("Not in this file: opened again before it was issued")
    return [
        number, card.number if card else "", line.indicator.number, line.indicator.name, result.unit.name,
        result.indicator.agreement.fiscal_year.year, result.round.months,
        line.score, state,
        timezone.localdate(card.issued_at).isoformat() if card else "", card.sha256 if card else "", name,
    ]


def plain(cell: Value) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = score_text(cell) if isinstance(cell, Decimal) else "" if cell is None else str(cell)
    return f"'{text}" if text.lstrip(" \u00a0").startswith(FORMULA) else text
