"""What pages print of evidence: the numbered list, and by item what is shown and what is lacking."""
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.conf import settings
from django.utils.translation import gettext

from evidence.inspection.kinds import KINDS
from evidence.models import Evidence, FileVersion
from evidence.streaming import PREVIEWED
from indicators.models import ChecklistItem, EvidenceRequirement
from kpiportal.accounts.models import User
from scoring.engine import completeness
from scoring.engine.text import size_text
from scoring.models import EvidenceUse
from scoring.queries.evidence import Document, lacking, proofs_by_item

# What a file chooser offers; 'image/*' lets a phone offer its camera. Its content decides what is taken.
ACCEPTED = ",".join(["image/*", *(f".{ending}" for ending in KINDS), ".jpeg"])


@dataclass(frozen=True)
class VersionRow:
    """One file of a document, and whether the reader may open it."""

    version: FileVersion
    open: bool

    @property
    def place(self) -> str:
        return f"v{self.version.pk}"

    @property
    def size(self) -> str:
        return size_text(self.version.size)

    @property
    def preview(self) -> str:
        """How the page draws it: 'picture', 'frame' or '' (only ever downloaded)."""
        kind = self.version.content_type
        if not self.open or kind not in PREVIEWED:
            return ""
        return "picture" if kind.startswith("image/") else "frame"

    @property
    def state(self) -> str:
        """What keeps it from being opened, in words; '' where nothing does."""
        scan, version = FileVersion.Scan, self.version
        if version.taken_down_at:
            return gettext("Taken down by the performance office")
        if version.scan in (scan.INFECTED, scan.FAILED) or (settings.CLAMD_URL and version.scan == scan.WAITING):
            return version.get_scan_display()
        return str(scan.WAITING.label) if settings.CLAMD_URL and version.scan == scan.OFF else ""


@dataclass(frozen=True)
class DocumentRow:
    """One entry of the numbered list."""

    document: Document
    user: User

    @property
    def number(self) -> int:
        return self.document.number

    @property
    def evidence(self) -> Evidence:
        return self.document.evidence

    @property
    def place(self) -> str:
        return f"e{self.evidence.pk}"

    @cached_property
    def key(self) -> tuple:
        """All that its line on a page depends on."""
        one = self.evidence
        said = one.kind, one.title, one.place, one.url, one.letter_number, one.letter_date, one.issuer
        files = [(v.version.pk, v.version.name, v.version.uploaded_at, v.open, v.state) for v in self.versions]
        return one.pk, self.number, *said, *files

    @cached_property
    def versions(self) -> list[VersionRow]:
        """Its files, the newest first."""
        return [VersionRow(v, v.may_be_shown_to(self.user)) for v in reversed(self.document.versions)]

    @property
    def newest(self) -> VersionRow | None:
        return self.versions[0] if self.versions else None

    @property
    def older(self) -> list[VersionRow]:
        return self.versions[1:]

    @property
    def lacks_file(self) -> bool:
        """Whether it is a document that is only named: it shows nothing yet."""
        return not self.versions and not self.document.is_had

    @property
    def uses(self) -> Sequence[EvidenceUse]:
        return self.document.uses


@dataclass(frozen=True)
class PointRow:
    """A required point of an item with the documents that were put onto it."""

    need: EvidenceRequirement
    shown: bool
    documents: list[DocumentRow]

    @property
    def place(self) -> str:
        return f"p{self.need.pk}"


@dataclass(frozen=True)
class ItemEvidence:
    """What an item's documents show: those of the whole item, and its required points one by one."""

    item: ChecklistItem
    documents: list[DocumentRow]
    points: list[PointRow]
    complete: bool

    @property
    def place(self) -> str:
        return f"i{self.item.pk}"

    @property
    def key(self) -> tuple:
        """All that its part of a page depends on, beside the definition."""
        points = ((point.shown, *(row.key for row in point.documents)) for point in self.points)
        return self.complete, tuple(row.key for row in self.documents), tuple(points)

    @property
    def count(self) -> int:
        """How many documents were put onto it, each counted once."""
        rows = [*self.documents, *(row for point in self.points for row in point.documents)]
        return len({row.number for row in rows})

    @property
    def lacks(self) -> list[EvidenceRequirement]:
        return [point.need for point in self.points if not point.shown]


def document_rows(documents: Iterable[Document], user: User) -> list[DocumentRow]:
    """The numbered list as `user` may see it."""
    return [DocumentRow(document, user) for document in documents]


def evidence_of_items(rows: Sequence[DocumentRow], items: Iterable[ChecklistItem]) -> dict[int, ItemEvidence]:
    """What the documents show of each item, by its primary key."""
    proofs = proofs_by_item([row.document for row in rows])
    of_item: dict[int, list[DocumentRow]] = {}
    of_point: dict[int, list[DocumentRow]] = {}
    for row in rows:
        for use in row.uses:
            if use.requirement_id:
                of_point.setdefault(use.requirement_id, []).append(row)
            elif use.item_id:
                of_item.setdefault(use.item_id, []).append(row)
    found = {}
    for item in items:
        own, needs = proofs.get(item.pk, []), list(item.requirements.all())
        missing = lacking(item, own)
        points = [PointRow(need, need not in missing, of_point.get(need.pk, [])) for need in needs]
        complete = completeness.is_complete([need.pk for need in needs], own)
        found[item.pk] = ItemEvidence(item, of_item.get(item.pk, []), points, complete)
    return found
