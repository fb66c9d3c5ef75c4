"""The report card of one result as a workbook: the criteria with their weights and scores, the averages as formulas,
the texts, and the evidence with the hashes of its files."""
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import get_language, gettext, pgettext

from reports.beside import Figures
from reports.card_data import CardData, IssueCard
from reports.workbooks.averages import NOT_APPLICABLE, engine_average
from reports.workbooks.card_texts import write_criteria, write_evidence, write_texts
from reports.workbooks.writing import DASH, SCORE, Book, Page, number_in
from scoring.engine import formula
from scoring.engine.text import arabic_digits, fiscal_year_text, thai_digits
from scoring.freezing.printed import Printed
from scoring.freezing.report import thaw
from scoring.queries.evidence import documents


@dataclass
class _Side:
    """The columns of one side's result, score and weighted score, and the average that the card prints."""

    head: str
    figures: list[Figures]
    result: int
    average: str
    line: Figures

    @property
    def letter(self) -> str:
        return chr(64 + self.result + 1)

    @property
    def scores(self) -> list[Decimal | None]:
        return [number_in(figure.score) for figure in self.figures]


def card_workbook(card: CardData, paged: Printed) -> Book:
    """The card that reports.cards.build made of the same, with T and the files' hashes."""
    book = Book(card.indicator)
    sides = _sides(card)
    page = Page(book, "card", [34, 9, *[9, 10, 12] * len(sides)])
    top = _write_head(page, card)
    last = _write_table(page, card, sides, top)
    last = _write_line(page, card, sides, last + 2, paged.total)
    page.closed(head=(top, top + len(sides) - 1), last_row=last)
    write_texts(book, card)
    write_criteria(book, card)
    listed = thaw(paged.snapshot.content).documents if paged.snapshot else documents(paged.result)
    write_evidence(book, card, [document.file for document in listed])
    return book


def _sides(card: CardData) -> list[_Side]:
    """The final marks, with the self-assessment before them where the card prints both."""
    final = card.beside.final_score if card.beside else card.average.score if card.average else ""
    lines = [Figures(each.result, each.score, each.weighted) for each in (*(i.line for i in card.issues), card.line)]
    if card.beside is None:
        return [_Side(gettext("Results"), lines[:-1], 3, final, lines[-1])]
    own = [issue.own for issue in card.issues]
    return [
        _Side(gettext("Self-assessment"), own, 3, card.beside.own_score, card.beside.line),
        _Side(gettext("Evaluation committee"), lines[:-1], 6, final, lines[-1]),
    ]


def _write_head(page: Page, card: CardData) -> int:
    last, row = len(page.widths), 2
    page.text(1, 1, card.title, "title", to=last)
    word = gettext("%(months)s-month round")
    rounds = "   ".join(f"{'☑' if here else '☐'} {word % {'months': months}}" for months, here in card.rounds)
    year = fiscal_year_text(int(arabic_digits(card.year)), get_language() or "th")
    year = thai_digits(year) if card.digits == "thai" else year
    for said in (rounds, f"{card.agency} · {gettext('Fiscal year')} {year}"):
        page.text(row, 1, said, "subtitle", to=last)
        row += 1
    for said, look in _said_first(card):
        page.text(row, 1, said, look, to=last)
        row += 1
    return row + 1


def _said_first(card: CardData) -> Iterable[tuple[str, str]]:
    """What stands above the table: the indicator, its state, notes, and the people."""
    yield card.indicator, "note"
    yield f"{gettext('State')}: {card.state}", "plain"
    if card.is_draft:
        yield gettext("Draft: the figures may still change."), "note"
    elif not card.seal:
        yield gettext("Not certified: the score may still change."), "note"
    if card.seal:
        words = {"number": card.seal.number, "day": card.seal.day, "hash": card.seal.hash}
        yield gettext("Certified as number %(number)s on %(day)s; SHA-256 begins with %(hash)s") % words, "plain"
    if card.seal and card.seal.superseded:
        said = gettext("This card was superseded on %(day)s: it no longer counts.")
        yield said % {"day": card.seal.superseded}, "note"
    if card.hidden:
        yield gettext("Scores are shown after certification."), "note"
    people = [(gettext("KPI supervisor:"), card.supervisor)] if card.supervisor else []
    people += [(gettext("Data collectors:"), person) for person in card.collectors]
    for role, person in people:
        phone = f" {gettext('Telephone:')} {person.phone}" if person.phone else ""
        yield f"{role} {person.name}{phone}", "plain"


def _write_table(page: Page, card: CardData, sides: list[_Side], top: int) -> int:
    """The criteria with W, SM and W × SM, their sums and the average; gives the row of the average."""
    head = top + len(sides) - 1
    if len(sides) > 1:
        for column in (1, 2):
            page.text(top, column, "", "head")
        for side in sides:
            page.text(top, side.result, side.head, "head", to=side.result + 2)
    page.text(head, 1, gettext("Criterion measured"), "head")
    page.text(head, 2, f"{gettext('Weight')} (W)", "head")
    first = head + 1
    for row, issue in enumerate(card.issues, first):
        page.text(row, 1, f"{card.words['criterion']} {issue.number} {issue.name}")
        page.figure(row, 2, issue.weight)
    for side in sides:
        for column, name in enumerate(_heads("SM", "W × SM"), side.result):
            page.text(head, column, name, "head")
        for row, (issue, figures) in enumerate(zip(card.issues, side.figures, strict=True), first):
            _write_figures(page, row, side, issue, figures)
        _write_sums(page, card, side, first, first + len(card.issues) - 1)
    return first + len(card.issues) + 1


def _heads(score: str, weighted: str) -> tuple[str, str, str]:
    score, weighted = f"{pgettext('short', 'Score obtained')} ({score})", f"{gettext('Weighted score')} ({weighted})"
    return gettext("Result"), score, weighted


def _write_figures(page: Page, row: int, side: _Side, issue: IssueCard, figures: Figures) -> None:
    page.figure(row, side.result, figures.result)
    score, weight = number_in(figures.score), number_in(issue.weight)
    said = NOT_APPLICABLE if score is None and issue.not_applicable else figures.score
    page.figure(row, side.result + 1, said, SCORE)
    cells = f"B{row}", f"{side.letter}{row}"
    gives = None if None in (score, weight) else weight * score
    text = f'IF(COUNT({cells[0]},{cells[1]})<2,"–",ROUND({cells[0]}*{cells[1]},4))'
    page.worked(row, side.result + 2, text, gives, number_in(figures.weighted))


def _write_sums(page: Page, card: CardData, side: _Side, first: int, last: int) -> None:
    """ΣW and Σ(W × SM) of the scored criteria, and the average of both, rounded once."""
    row, average = last + 1, last + 2
    weights, scores = f"B{first}:B{last}", f"{side.letter}{first}:{side.letter}{last}"
    parts = [
        formula.Part(weight, score) for weight, score in zip(
            (number_in(issue.weight) for issue in card.issues), side.scores, strict=True
        ) if weight is not None and score is not None
    ]
    for line, words in ((row, "ΣW, Σ(W × SM)"), (average, gettext("Score: Σ(W × SM) / ΣW"))):
        page.text(line, 1, words, "total", to=2)
        page.text(line, side.result, "", "total")
    summed = formula.total_weight([part.weight for part in parts])
    text = f"SUMPRODUCT(ISNUMBER({scores})*1,{weights})"
    page.formula(row, side.result + 1, text, summed, "General", "total number")
    over = formula.sum_products([part.weight for part in parts], [part.score for part in parts])
    page.formula(row, side.result + 2, f"SUMPRODUCT({weights},{scores})", over, SCORE, "total number")
    page.text(average, side.result + 1, "", "total")
    under, sum_ = f"{side.letter}{row}", f"{chr(ord(side.letter) + 1)}{row}"
    text = f'IF({under}=0,"–",ROUND({sum_}/{under},4))'
    page.worked(average, side.result + 2, text, engine_average(parts), number_in(side.average), "total number")


def _write_line(page: Page, card: CardData, sides: list[_Side], row: int, total: Decimal | None) -> int:
    """The indicator's own line: its weight in the agreement, its score, and the share W × S / T."""
    page.text(row, 1, gettext("Indicator"), "head")
    page.text(row, 2, f"{gettext('Weight')} (W)", "head")
    page.text(row + 1, 1, card.line.name)
    page.figure(row + 1, 2, card.line.weight)
    page.text(row + 2, 1, gettext("Total weight that applies (T)"))
    page.figure(row + 2, 2, DASH if total is None else f"{total.normalize():f}")
    for side in sides:
        for column, name in enumerate(_heads("S", "W × S / T"), side.result):
            page.text(row, column, f"{side.head}: {name}" if len(sides) > 1 else name, "head")
        page.figure(row + 1, side.result, side.line.result)
        _write_share(page, card, side, row, total)
    return row + 2


def _write_share(page: Page, card: CardData, side: _Side, row: int, total: Decimal | None) -> None:
    score, weight = number_in(side.line.score), number_in(card.line.weight)
    page.worked(row + 1, side.result + 1, f"{chr(ord(side.letter) + 1)}{row - 2}", number_in(side.average), score)
    known = weight and score is not None and total is not None and total > 0
    gives = formula.share(weight, score, total) if known else None
    cells = f"B{row + 1}", f"{side.letter}{row + 1}", f"B{row + 2}"
    text = f'IF(COUNT({",".join(cells)})<3,"–",ROUND({cells[0]}*{cells[1]}/{cells[2]},4))'
    page.worked(row + 1, side.result + 2, text, gives, number_in(side.line.weighted))
