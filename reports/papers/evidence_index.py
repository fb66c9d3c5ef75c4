"""What must be shown, what was shown, and where it is: the evidence of a round's reports, item by item."""
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import get_language, gettext, gettext_lazy

from evidence.models import Evidence, FileVersion
from indicators.models import ChecklistItem, Round
from reports.papers.evidence_plan import numbered
from reports.papers.paper import Asked, Head, Paper, head_of
from reports.workbooks.lists import index_workbook
from scoring.engine.text import date_text
from scoring.freezing.shown import ShownReport, load_shown_reports
from scoring.models import EvidenceUse
from scoring.pages import DASH
from scoring.queries.evidence import Document
from scoring.queries.summary import chosen_round

HASH_SHOWN = 16


@dataclass(frozen=True)
class IndexRow:
    """A point that must be shown with one document that shows it; the next of the same point has no `need`. Without a
    document, `title` says so and the rest is empty."""

    need: str
    number: str
    title: str
    verdict: str = ""
    file: str = ""
    sha256: str = ""
    where: str = ""

    @property
    def beginning(self) -> str:
        """The hash as far as a sheet has room for it."""
        return f"{self.sha256[:HASH_SHOWN]}…" if self.sha256 else ""


@dataclass(frozen=True)
class IndexItem:
    """An item with its rows; `note`: why it is complete without a file."""

    name: str
    note: str
    rows: tuple[IndexRow, ...]


@dataclass(frozen=True)
class IndexTable:
    """The index of one report: of which unit where that isn't the agreement's, in which state, and as sealed when."""

    indicator: str
    unit: str
    state: str
    seal: str
    items: tuple[IndexItem, ...]


@dataclass(frozen=True)
class IndexPaper:
    """The evidence index as it prints."""

    head: Head
    tables: tuple[IndexTable, ...]


def build(asked: Asked) -> IndexPaper:
    """The evidence of the reports that the reader may see, certified ones as certified. Raises NoSuchRound."""
    agreement = asked.agreement
    round_ = chosen_round(list(agreement.rounds.all()), asked.months)
    reports = load_shown_reports(agreement, round_, user=asked.user) if round_ else []
    title = gettext("Evidence index: what must be shown, what was shown, and where it is")
    draft = round_ is None or round_.state != Round.State.CLOSED
    return IndexPaper(
        head=head_of(asked, title, months=round_.months if round_ else None, draft=draft),
        tables=tuple(_table(report, asked) for report in reports),
    )


def _table(report: ShownReport, asked: Asked) -> IndexTable:
    result, agreement = report.result, asked.agreement
    return IndexTable(
        indicator=asked.ink(f"{agreement.word('indicator')} {result.indicator}"),
        unit="" if result.unit_id == agreement.unit_id else asked.ink(str(result.unit)),
        state=str(result.get_state_display()),
        seal=_seal(report, asked),
        items=tuple(_items(report, asked)),
    )


def _seal(report: ShownReport, asked: Asked) -> str:
    if report.snapshot is None:
        return ""
    day = date_text(timezone.localdate(report.snapshot.sealed_at), get_language() or "th")
    said = gettext("Certified, no. %(number)s, on %(day)s") % {"number": report.snapshot.number, "day": day}
    return f"{asked.ink(said)} · SHA-256 {report.snapshot.sha256[:HASH_SHOWN]}…"


def _items(report: ShownReport, asked: Asked) -> Iterable[IndexItem]:
    """The items in their order, and last what belongs to none."""
    several = len(report.criteria) > 1
    for criterion in report.criteria:
        word = f"{asked.agreement.word('criterion')} {criterion.number or criterion.order}" if several else ""
        for item in criterion.items.all():
            name = " · ".join(part for part in (word, numbered(item.number, item.name)) if part)
            reason, rows = report.declared.get(item.pk, ""), tuple(_rows(report, item, asked))
            note = gettext("Complete without a file: %(reason)s") % {"reason": reason} if reason else ""
            if rows or note:
                yield IndexItem(asked.ink(name), asked.ink(note), rows)
    loose = [_shown(report, document, use, "", asked) for document, use in _uses(report.documents, None, None)]
    if loose:
        yield IndexItem(gettext("For the whole indicator"), "", tuple(loose))


def _rows(report: ShownReport, item: ChecklistItem, asked: Asked) -> Iterable[IndexRow]:
    """Each required point with what shows it; what was put onto the whole item shows its only point, or stands last."""
    whole, needs = list(_uses(report.documents, item.pk, None)), list(item.requirements.all())
    for need in needs:
        said = asked.ink(numbered(need.number, need.name))
        uses = list(_uses(report.documents, item.pk, need.pk))
        if len(needs) == 1:
            uses, whole = uses + whole, []
        for position, (document, use) in enumerate(uses):
            yield _shown(report, document, use, "" if position else said, asked)
        if not uses:
            yield IndexRow(said, "", gettext("not shown"))
    for document, use in whole:
        yield _shown(report, document, use, "", asked)


def _uses(
    documents: Sequence[Document], item: int | None, need: int | None
) -> Iterable[tuple[Document, EvidenceUse]]:
    for document in documents:
        for use in document.uses:
            if (use.item_id, use.requirement_id) == (item, need):
                yield document, use


def _shown(report: ShownReport, document: Document, use: EvidenceUse, need: str, asked: Asked) -> IndexRow:
    evidence, file = document.evidence, document.file
    return IndexRow(
        need=need,
        number=asked.ink(str(document.number)),
        title=evidence.title if file and file.name == evidence.title else asked.ink(evidence.title),
        verdict=DASH if report.hidden else str(use.get_verdict_display()),
        file=file.name if file else "",
        sha256=file.sha256 if file else "",
        where=_where(evidence, document.versions, asked),
    )


def _where(evidence: Evidence, versions: Sequence[FileVersion], asked: Asked) -> str:
    """Where to find it: in the portal, at its address or place, by the letter's number; or that it is gone."""
    if versions:
        gone = all(version.closed_to_all for version in versions)
        return gettext("taken down, or closed because of a virus") if gone else gettext("in the portal")
    if evidence.kind == Evidence.Kind.LETTER:
        day = date_text(evidence.letter_date, get_language() or "th")
        words = {"number": evidence.letter_number, "date": day, "issuer": evidence.issuer}
        return asked.ink(gettext("No. %(number)s, %(date)s, %(issuer)s") % words)
    places = " · ".join(part for part in (evidence.url, asked.ink(evidence.place)) if part)
    return places or gettext("named, not attached")


PAPER = Paper(
    name="evidence-index",
    title=gettext_lazy("Evidence index"),
    about=gettext_lazy("Each report's evidence: what must be shown, what was, the verdict, the file and where it is."),
    build=build,
    across=True,
    workbook=index_workbook,
)
