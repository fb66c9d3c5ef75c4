"""The certified cards of a book: taken as they were issued, or copied; and what can't be taken is said."""

from io import BytesIO

import pikepdf
import pytest
from django.utils import translation
from django.utils.translation import gettext

from indicators.models import Agreement
from reports.issuing.services import storage
from reports.models import IssuedCard
from scoring.services import certify
from tests.cast import person
from tests.certified import of, two_indicators
from tests.reports.book.making import asked, book_of, contents, round_of, texts
from tests.reports.papers.reading import squeezed

pytestmark = pytest.mark.usefixtures("seeds", "db", "own_storage")


def both_certified() -> Agreement:
    trial = two_indicators(a="5", b="3")
    for number in "ab":
        certify(of(trial, number), by=person("office"))
    return trial


def stored(card: IssuedCard) -> bytes:
    with storage().read(card.key) as stream:
        return stream.read()


def test_issued_cards_stand_in_it_as_they_are_and_a_damaged_one_is_told():
    trial = both_certified()
    wanted = asked(round_of(trial), "auditor")
    assert len(wanted["snapshots"]) == 2
    damaged: list[IssuedCard] = []

    def damage(done: int, total: int) -> None:
        """Once both are issued, and before the book is written."""
        if IssuedCard.objects.count() == 2 and not damaged:
            damaged.append(IssuedCard.objects.get(snapshot__result__indicator__number="b"))
            (storage().root / damaged[0].key[:2] / damaged[0].key).write_bytes(b"%PDF-1.7 another")

    pdf = book_of(wanted, "auditor", damage)
    card = IssuedCard.objects.get(snapshot__result__indicator__number="a")
    assert card.issued_by == person("auditor")
    sheets, lines = texts(pdf), contents(pdf)
    first, second = (line.leads_to for line in lines[3:5])
    issued = texts(stored(card))
    assert [sheet[: len(own)] for sheet, own in zip(sheets[first - 1 :], issued, strict=False)] == issued
    with translation.override("th"):
        missing = squeezed(gettext("This part is missing in this book."))
        assert missing in sheets[second - 1] and squeezed(gettext("not printed")) in sheets[1]
    assert damaged[0].number in sheets[second - 1] and card.number in sheets[1]
    assert second == first + len(issued)
    document = pikepdf.open(BytesIO(pdf))
    assert "/AcroForm" not in document.Root and not list(document.attachments) and document.check_pdf_syntax() == []


def test_in_another_language_they_are_copies_that_say_so_and_nothing_is_issued():
    trial = two_indicators(a="5", b="3")
    certify(of(trial, "a"), by=person("office"))
    wanted = asked(round_of(trial), "auditor", "en", "thai")
    assert wanted["snapshots"] == []
    pdf = book_of(wanted, "auditor")
    sheets, lines = texts(pdf), contents(pdf)
    copy, draft = (sheets[line.leads_to - 1] for line in lines[3:5])
    assert "Copy:onlytheissuedcard,inThai,isthecertifieddocument." in copy and "Copy:" not in draft
    assert "๕" in copy and not set("0123456789") & set(copy.partition("SHA")[0])
    assert "Certified๑of๒" in sheets[0] and "Issued๐of๒" in sheets[0]
    assert IssuedCard.objects.count() == 0 and pikepdf.open(BytesIO(pdf)).Root.Lang == "en"
