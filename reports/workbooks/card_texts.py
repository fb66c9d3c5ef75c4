"""What a card says in words, and its evidence, on the sheets of its workbook."""
from collections.abc import Iterable, Sequence

from django.utils.translation import gettext

from evidence.models import FileVersion
from reports.card_data import CardData, IssueCard
from reports.workbooks.writing import Book, Page, pieces


def write_texts(book: Book, card: CardData) -> None:
    """A sheet of what people wrote, each text below its heading."""
    page, row = Page(book, "texts", [96]), 1
    page.text(1, 1, card.indicator, "head")
    for heading, text in _texts(card):
        page.text(row + 1, 1, heading, "section")
        row += 1
        for piece in pieces(text):
            page.text(row + 1, 1, piece)
            row = page.spread(row + 1)
    page.closed(head=(1, 1), last_row=row, names=0)


def _texts(card: CardData) -> Iterable[tuple[str, str]]:
    if card.description:
        yield gettext("Description:"), card.description
    for issue in card.issues:
        if said := _of_issue(issue):
            yield f"{card.words['results']}: {issue.number}. {issue.name}", said
    headings = {
        "measures": gettext("Explanation of the work and measures taken:"),
        "supporting_factors": gettext("Supporting factors:"),
        "obstacles": gettext("Obstacles:"),
        "suggestions": gettext("Suggestions for next year:"),
    }
    yield from ((heading, card.texts[name]) for name, heading in headings.items() if card.texts[name])
    for why in card.beside.reasons if card.beside else ():
        yield gettext("Reasons for scores that differ from the self-assessment:"), (
            f"{why.name}: {why.before} → {why.after} ({why.stage}) {why.reason}"
        )


def _of_issue(issue: IssueCard) -> str:
    if issue.not_applicable:
        return "\n".join(part for part in (gettext("Not applicable in this round."), issue.text) if part)
    return f"{gettext('Not reported:')} {issue.reason}" if issue.reason else issue.text


def write_criteria(book: Book, card: CardData) -> None:
    """A sheet of the scoring criteria: what reaches each level of each criterion, and what there was to be done."""
    page = Page(book, "criteria", [10, 40, 10, 60])
    heads = (gettext("No."), gettext("Criterion measured"), gettext("Score"), gettext("Scoring criteria"))
    for column, head in enumerate(heads, 1):
        page.text(1, column, head, "head")
    row = 1
    for issue in card.issues:
        told = [*((score, wording) for _, wording, score in issue.levels)]
        told += [("", said) for said in (issue.intro, *issue.items, issue.note) if said]
        for score, wording in told or [("", "")]:
            row += 1
            page.text(row, 1, issue.number, "centre")
            page.text(row, 2, issue.name)
            page.figure(row, 3, score)
            page.text(row, 4, wording)
    page.closed(head=(1, 1), last_row=row, names=2)


def write_evidence(book: Book, card: CardData, files: Sequence[FileVersion | None]) -> None:
    """A sheet of the numbered evidence list with the hash of each file."""
    page = Page(book, "evidence", [6, 40, 28, 30, 24, 26, 66], across=True)
    heads = (
        gettext("No."), gettext("Evidence"), gettext("Official letter"), gettext("Web address"),
        gettext("Where it is kept"), gettext("File"), "SHA-256",
    )
    for column, head in enumerate(heads, 1):
        page.text(1, column, head, "head")
    for row, (entry, file) in enumerate(zip(card.evidence, files, strict=True), 2):
        page.number(row, 1, row - 1)
        named = (file.name, file.sha256) if file else ("", "")
        for column, text in enumerate((entry.title, entry.letter, entry.url, entry.place, *named), 2):
            page.text(row, column, text)
    page.closed(head=(1, 1), last_row=1 + len(card.evidence), names=2)
