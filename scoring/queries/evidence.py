"""The evidence of a result: its numbered list, and what each item's documents show."""
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.db.models import OuterRef, QuerySet, Subquery

from evidence.models import Evidence, FileVersion
from indicators.models import ChecklistItem, EvidenceRequirement
from kpiportal.accounts.models import User
from scoring.engine import completeness
from scoring.models import EvidenceUse, Result
from scoring.models.result import HANDED_IN


@dataclass(frozen=True)
class Document:
    """One entry of the numbered list with its newest file that can be had, if it has any, and where it is used."""

    number: int
    evidence: Evidence
    versions: Sequence[FileVersion]
    uses: Sequence[EvidenceUse]

    @property
    def file(self) -> FileVersion | None:
        """The newest file that isn't closed to all."""
        return next((version for version in reversed(self.versions) if not version.closed_to_all), None)

    @property
    def is_had(self) -> bool:
        """Whether it can be looked at: a file, a letter, or a document whose address or place is named. A document
        that is only named shows nothing (seed 002: 'named, not attached')."""
        one = self.evidence
        return self.file is not None or one.kind == Evidence.Kind.LETTER or bool(one.place or one.url)


def _still_open(result: Result) -> bool:
    return result.state not in HANDED_IN


def documents(result: Result) -> list[Document]:
    """A result's evidence in the order of its list, each piece once; two queries. What was handed in keeps the files
    that it was handed in with: newer ones belong to the reports that are still open."""
    return documents_of([result])[result.pk]


def documents_of(results: Collection[Result]) -> dict[int, list[Document]]:
    """The evidence of several results, by their keys (see documents); two queries."""
    found: dict[int, dict[int, list[EvidenceUse]]] = {result.pk: {} for result in results}
    listed = EvidenceUse.objects.listed().filter(result__in=list(found))
    for use in listed.select_related("evidence").prefetch_related("evidence__versions"):
        found[use.result_id].setdefault(use.evidence_id, []).append(use)
    return {result.pk: _numbered(result, found[result.pk].values()) for result in results}


def _numbered(result: Result, uses: Iterable[list[EvidenceUse]]) -> list[Document]:
    return [
        Document(number, own[0].evidence, _of_its_time(result, own[0].evidence.versions.all()), own)
        for number, own in enumerate(uses, 1)
    ]


def as_of_today(documents: Sequence[Document]) -> None:
    """Let the files of a frozen list know what became of them since: taken down, or a virus found. One query."""
    versions = {version.pk: version for document in documents for version in document.versions}
    present = FileVersion.objects.filter(pk__in=versions).only("scan", "scan_note", "taken_down_at") if versions else ()
    for now in present:
        frozen = versions[now.pk]
        frozen.scan, frozen.scan_note, frozen.taken_down_at = now.scan, now.scan_note, now.taken_down_at


def _of_its_time(result: Result, versions: Iterable[FileVersion]) -> list[FileVersion]:
    return [each for each in versions if _still_open(result) or each.uploaded_at <= result.submitted_at]


def files_of(result: Result) -> QuerySet[FileVersion]:
    """The files of evidence that stands, or stood, in a result's list; of one that was handed in, those of then."""
    files = FileVersion.objects.filter(evidence__in=result.evidence_uses.values("evidence"))
    return files if _still_open(result) else files.filter(uploaded_at__lte=result.submitted_at)


def evidence_on_paper(result: Result) -> list[tuple[Evidence, str]]:
    """A result's evidence in the order of its list, each piece once, with the name of the newest file that can be had
    ('' without one); one query."""
    can_be_had = files_of(result).filter(taken_down_at__isnull=True).exclude(scan=FileVersion.Scan.INFECTED)
    newest = can_be_had.filter(evidence=OuterRef("evidence")).order_by("-number").values("name")[:1]
    uses = result.evidence_uses.listed().select_related("evidence").annotate(file_name=Subquery(newest))
    listed: dict[int, tuple[Evidence, str]] = {}
    for use in uses:
        listed.setdefault(use.evidence_id, (use.evidence, use.file_name or ""))
    return list(listed.values())


def usable_evidence(result: Result, user: User) -> QuerySet[Evidence]:
    """The pieces of evidence of the result's unit that stand, or stood, in a result that the person may see."""
    seen = EvidenceUse.objects.filter(result__in=Result.objects.visible_to(user)).values("evidence")
    return Evidence.objects.filter(unit=result.unit_id, pk__in=seen)


def proofs_by_item(documents: Sequence[Document]) -> dict[int, list[completeness.Proof]]:
    """What the documents show, by item."""
    proofs: dict[int, list[completeness.Proof]] = {}
    for document in documents:
        for use in document.uses:
            if use.item_id is not None:
                proof = completeness.Proof(use.requirement_id, use.verdict, document.is_had)
                proofs.setdefault(use.item_id, []).append(proof)
    return proofs


def lacking(item: ChecklistItem, proofs: Sequence[completeness.Proof]) -> list[EvidenceRequirement]:
    """The required points of an item that no document shows yet."""
    points = {need.pk: need for need in item.requirements.all()}
    return [points[point] for point in completeness.lacking(tuple(points), proofs)]


def complete_items(result: Result, items: Collection[ChecklistItem]) -> set[int]:
    """Which of these items have documents for every required point."""
    proofs = proofs_by_item(documents(result))
    return {
        item.pk for item in items
        if completeness.is_complete([need.pk for need in item.requirements.all()], proofs.get(item.pk, []))
    }
