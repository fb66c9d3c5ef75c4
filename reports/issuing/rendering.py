"""The card of a snapshot as it is issued: PDF/A-3a with its data inside, and the QR code that leads to its page."""
import datetime
import json
from dataclasses import dataclass

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone, translation

from indicators.models import Agreement
from reports.card_data import CardData
from reports.cards import build
from reports.issuing.qr import Qr, qr_of
from reports.parcels import Attached
from reports.printer import print_pdf
from scoring.engine.text import date_text, thai_digits
from scoring.freezing.codec import canonical
from scoring.freezing.report import SealedReport, thaw
from scoring.models import Snapshot

STYLES = [settings.BASE_DIR / "kpiportal" / "static" / "kpiportal" / name for name in ("card.css", "card_pages.css")]
LANGUAGE = "th"  # agreements are made in Thai; what is printed in another language is a copy
VARIANT = "pdf/a-3a"
DATA, EVIDENCE, CARD = "data.json", "evidence.json", "card.json"


@dataclass(frozen=True)
class Issue:
    """What a card says of itself: number, code, when, the number of the card that it replaces ('' for the first), and
    the portal's address."""

    number: str
    code: str
    at: datetime.datetime
    replaces: str
    portal: str

    @property
    def address(self) -> str:
        """Where anybody can see what the card is worth."""
        return f"{self.portal}/verify/{self.code}/"


@dataclass(frozen=True)
class IssuedLine:
    """The same, finished for the paper."""

    number: str
    day: str
    replaces: str
    address: str
    qr: Qr


def number_of(snapshot: Snapshot, year: int) -> str:
    """The number of the card of a snapshot: the agreement's year, and a number that no other card has."""
    return f"{year}-{snapshot.pk:06d}"


def render(snapshot: Snapshot, issue: Issue) -> bytes:
    """The card's PDF; the same snapshot and issue give the same bytes. Raises RenderFailed."""
    with translation.override(LANGUAGE):
        data = build(snapshot, user=None)
        html = render_to_string("reports/card_pdf.html", {"card": data, "issued": _line(issue, data)})
    return print_pdf(
        html, stylesheets=STYLES, title=data.indicator, lang=LANGUAGE, variant=VARIANT,
        attachments=attachments(snapshot, issue),
    )


def _line(issue: Issue, data: CardData) -> IssuedLine:
    paper = thai_digits if data.digits == Agreement.Digits.THAI else str
    day = date_text(timezone.localdate(issue.at), LANGUAGE)
    return IssuedLine(paper(issue.number), paper(day), paper(issue.replaces), issue.address, qr_of(issue.address))


def attachments(snapshot: Snapshot, issue: Issue) -> list[Attached]:
    """The files inside: the very text that was frozen, its evidence with hashes, and what the card says of itself."""
    moment = issue.at.isoformat()
    report = thaw(snapshot.content)
    card = {
        "number": issue.number, "code": issue.code, "issued_at": issue.at.astimezone(datetime.UTC).isoformat(),
        "replaces": issue.replaces, "address": issue.address, "data_sha256": snapshot.sha256,
    }
    return [
        Attached(DATA, "ข้อมูลที่รับรอง / the certified data", snapshot.content, moment),
        Attached(EVIDENCE, "รายการหลักฐาน / the list of evidence", _plain(evidence_list(report)), moment),
        Attached(CARD, "เลขที่และรหัสของรายงาน / number and code of this card", _plain(card), moment),
    ]


def _plain(content: object) -> str:
    """Readable JSON, the same every time."""
    return json.dumps(json.loads(canonical(content)), ensure_ascii=False, indent=1, sort_keys=True)


def evidence_list(report: SealedReport) -> list[dict]:
    """The numbered evidence of a certified result; of each file its name, size and hash."""
    return [
        {
            "number": document.number, "title": document.evidence.title, "kind": document.evidence.kind,
            "url": document.evidence.url, "place": document.evidence.place,
            "files": [
                {"name": file.name, "version": file.number, "size": file.size, "sha256": file.sha256}
                for file in document.versions
            ],
        }
        for document in report.documents
    ]
