"""Joining files: what belongs to a part alone is left behind, and what can't be joined is told."""

from io import BytesIO
from pathlib import Path

import pikepdf
import pytest

from reports.book.joining import Heading, join, sheets
from reports.bundles.problems import BROKEN, NOT_STORED, NotMade
from tests.reports.issuing.cards import signed_moi

pytestmark = pytest.mark.usefixtures("seeds", "db")


def joined(files: list[Path], target: Path, **more) -> pikepdf.Pdf:
    join(files, [Heading("ตัวชี้วัด", 0, 0)], more.pop("numbers", []), target, title="เล่ม", lang="th", **more)
    return pikepdf.open(BytesIO(target.read_bytes()))


def blank(path: Path, count: int) -> Path:
    with pikepdf.new() as document:
        for _ in range(count):
            document.add_blank_page(page_size=(595, 842))
        document.save(path)
    return path


def test_the_signature_of_an_issued_card_stays_behind(tmp_path):
    card = tmp_path / "card.pdf"
    card.write_bytes(signed_moi())
    count = len(sheets(card))
    numbers = blank(tmp_path / "numbers.pdf", count - 1)
    book = joined([card], tmp_path / "book.pdf", numbers=[numbers])
    assert len(book.pages) == count and "/AcroForm" not in book.Root and book.check_pdf_syntax() == []
    kinds = {str(note.Subtype) for page in book.pages for note in page.obj.get("/Annots", [])}
    assert "/Widget" not in kinds and not any("/StructParents" in page.obj for page in book.pages)


def test_the_same_files_give_the_same_bytes(tmp_path):
    part, numbers = blank(tmp_path / "part.pdf", 3), blank(tmp_path / "numbers.pdf", 2)
    once, again = tmp_path / "once.pdf", tmp_path / "again.pdf"
    for target in (once, again):
        joined([part], target, numbers=[numbers], labels=["๑", "๒", "๓"])
    assert once.read_bytes() == again.read_bytes()


def test_what_can_not_be_joined_is_told(tmp_path, caplog):
    with pytest.raises(NotMade) as refused:
        joined([tmp_path / "not there.pdf"], tmp_path / "book.pdf")
    assert refused.value.message == BROKEN and "could not be joined" in caplog.text


def test_a_full_disk_is_told(tmp_path):
    with pytest.raises(NotMade) as refused:
        joined([blank(tmp_path / "part.pdf", 1)], Path("/dev/full"))
    assert refused.value.message == NOT_STORED
