"""A whole book, sheet by sheet: its text is that of the single papers, and the contents name the right sheets."""

from io import BytesIO

import pikepdf
import psutil
import pytest
from django.utils import translation
from django.utils.translation import gettext

from reports.bundles.problems import Cancelled
from tests.cast import agreement
from tests.certified import two_indicators
from tests.reports.book.making import arabic, asked, book_of, contents, moi, round_of, texts
from tests.reports.papers.reading import squeezed

pytestmark = pytest.mark.usefixtures("seeds", "db", "own_storage")
FRONT = 2  # cover and contents


def number_of(sheet: str, last: str) -> str:
    """What stands at a sheet's foot."""
    with translation.override("th"):
        return squeezed(gettext("Book page %(page)s of %(last)s") % {"page": sheet, "last": last})


def thai(number: int) -> str:
    return str(number).translate(str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙"))


class TestText:
    def test_every_sheet_is_the_single_papers_with_the_books_number_below(self):
        """Letter by letter: what was copied from the papers is copied from the book."""
        made = moi()
        sheets, singles = texts(made.pdf), [sheet for single in made.singles for sheet in texts(single)]
        assert len(sheets) == FRONT + len(singles) > 10
        last = thai(len(sheets))
        for number, (sheet, single) in enumerate(zip(sheets[FRONT:], singles, strict=True), FRONT + 1):
            assert sheet == single + number_of(thai(number), last)
        assert sheets[1].endswith(number_of(thai(2), last))
        assert number_of(thai(1), last) not in sheets[0]

    def test_the_cover_says_whose_book_it_is_and_how_far_its_cards_are(self):
        cover, trial = texts(moi().pdf)[0], agreement("moi-2559")
        for said in (trial.name, trial.unit.name):
            assert squeezed(said.translate(str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙"))) in cover
        with translation.override("th"):
            for said in (gettext("%(count)s of %(total)s") % {"count": "๑", "total": "๑"}, gettext("Draft")):
                assert squeezed(said) in cover

    def test_sheets_keep_their_size(self):
        sizes = [page.mediabox for page in pikepdf.open(BytesIO(moi().pdf)).pages]
        lie = ["across" if box[2] > box[3] else "upright" for box in sizes]
        assert lie[:FRONT] == ["upright"] * 2 and set(lie) == {"across", "upright"}


class TestContents:
    def test_name_and_lead_to_the_sheets_on_which_the_parts_begin(self):
        sheets, lines = texts(moi().pdf), contents(moi().pdf)
        assert len(lines) == 5  # summary, charts, 'report cards' and the one card, evidence index
        for line in lines:
            assert arabic(line.named) == line.leads_to and line.named == thai(line.leads_to)
        for line in (*lines[:2], *lines[3:]):
            first = next(n for n, sheet in enumerate(sheets, 1) if n > FRONT and line.title in sheet)
            assert first == line.leads_to, line.title

    def test_stand_as_an_outline_too_with_the_cards_below_their_own_line(self):
        document = pikepdf.open(BytesIO(moi().pdf))
        starts = {page.obj.objgen: number for number, page in enumerate(document.pages, 1)}
        with document.open_outline() as outline:
            top = [(squeezed(item.title), starts[item.destination[0].objgen]) for item in outline.root]
            [card] = outline.root[3].children
        lines = contents(moi().pdf)
        assert top[1:] == [(line.title, line.leads_to) for n, line in enumerate(lines) if n != 3]
        assert (squeezed(card.title), starts[card.destination[0].objgen]) == (lines[3].title, lines[3].leads_to)


class TestFile:
    def test_is_plain_and_whole_and_says_what_it_is(self):
        document = pikepdf.open(BytesIO(moi().pdf))
        root = document.Root
        assert document.check_pdf_syntax() == []
        assert {"/AcroForm", "/StructTreeRoot", "/AF", "/OutputIntents"}.isdisjoint(root.keys())
        assert not list(document.attachments)
        assert root.Lang == "th" and root.ViewerPreferences.DisplayDocTitle and root.PageMode == "/UseOutlines"
        with translation.override("th"):
            assert str(document.docinfo["/Title"]).startswith(
                gettext("Book of report cards under the performance agreement")
            )

    def test_readers_call_the_sheets_by_the_numbers_printed_on_them(self):
        assert [page.label for page in pikepdf.open(BytesIO(moi().pdf)).pages][:12] == [thai(n) for n in range(1, 13)]

    def test_progress_is_told_as_parts_are_done(self):
        told, total = [done for done, _ in moi().told], moi().told[-1][1]
        assert {step[1] for step in moi().told} == {total}
        assert told == sorted(told) and told[0] == 0 and told[-1] == total
        assert len(set(told)) > total // 2  # two parts may end at once


def printing() -> set[int]:
    """The printing processes below this one."""
    return {one.pid for one in psutil.Process().children() if "reports.printer_process" in one.cmdline()}


def test_a_cancelled_book_leaves_neither_files_nor_processes(tmp_path):
    before, trial = printing(), two_indicators()

    def cancel_after_the_first(done: int, total: int) -> None:
        if done:
            raise Cancelled()

    with pytest.raises(Cancelled):
        book_of(asked(round_of(trial), "office"), "office", cancel_after_the_first)
    assert printing() == before
