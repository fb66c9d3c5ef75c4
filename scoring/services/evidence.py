"""Putting evidence into a result's numbered list and onto its items, and taking it out: the score follows."""
from collections.abc import Iterable, Sequence

from django.conf import settings
from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone

from evidence.models import Evidence, FileVersion
from evidence.queries import bytes_held
from evidence.services import take_down
from indicators.models import ChecklistItem, EvidenceRequirement
from kpiportal.accounts.models import User
from kpiportal.accounts.queries import holds
from kpiportal.accounts.roles import CERTIFY_RESULTS
from kpiportal.audit.services import record
from scoring.engine.text import Message, score_text
from scoring.models import CriterionResult, EvidenceUse, ItemResult, Result
from scoring.models.result import HANDED_IN
from scoring.queries.evidence import complete_items
from scoring.queries.results import CriterionSheet, load_sheet
from scoring.services.rules import NotAllowed, all_locked, locked, require, touch
from scoring.services.trail import CRITERION

_NOT_HERE = Message(
    "หลักฐานนี้ไม่อยู่ในรายการของรายงานนี้แล้ว: โหลดหน้านี้ใหม่",
    "This evidence isn't in the list any more: reload the page.",
)
OF_ANOTHER = Message(
    "ข้อนี้ไม่ใช่ของตัวชี้วัดนี้: โหลดหน้านี้ใหม่แล้วเลือกอีกครั้ง",
    "This item isn't one of the indicator's: reload the page and choose again.",
)
_OTHER_UNIT = Message(
    "หลักฐานนี้เป็นของหน่วยงานอื่น: แนบไฟล์ของหน่วยงานท่านเอง",
    "This evidence belongs to another unit: attach your own unit's file.",
)
_OFFICE_ONLY = Message(
    "เฉพาะกลุ่มพัฒนาระบบบริหารที่นำไฟล์ลงได้: แจ้งกลุ่มพัฒนาระบบบริหารพร้อมเหตุผล",
    "Only the performance office takes a file down: tell the office, with the reason.",
)


class NoRoom(NotAllowed):
    """The report has no room for more evidence: take something out, or make files smaller."""


@transaction.atomic
def use_evidence(
    result: Result, evidence: Evidence, *, items: Sequence[ChecklistItem] = (),
    requirements: Sequence[EvidenceRequirement] = (), by: User,
) -> list[EvidenceUse]:
    """Put a piece of evidence into a result's list (at its end, unless it stands there), as the proof of `items` or of
    single required points (none: of the whole result). The same again changes nothing. Raises NotAllowed unless the
    result is open to its collectors, the items are its own and the evidence is its unit's; NoRoom beyond its limits."""
    result = locked(result)
    require(result, "save", by)
    _require_own(result, evidence, [*items, *(need.item for need in requirements)])
    if not Evidence.objects.select_for_update(of=("self",), no_key=True).filter(pk=evidence.pk):
        raise NotAllowed(_NOT_HERE)  # taken out of the last report at this moment
    listed = result.evidence_uses.listed()
    order = listed.filter(evidence=evidence).values_list("order", flat=True).first()
    if order is None:
        _require_room(result, evidence)
        order = (result.evidence_uses.aggregate(last=Max("order"))["last"] or 0) + 1
    wanted = [(item, None) for item in items] + [(need.item, need) for need in requirements]
    if not wanted and listed.filter(evidence=evidence).exists():
        return []
    uses = []
    for item, need in wanted or [(None, None)]:
        made = {"result": result, "evidence": evidence, "item": item, "requirement": need, "dropped_at": None}
        use, new = EvidenceUse.objects.get_or_create(**made, defaults={"order": order})
        uses += [use] if new else []
    if uses:
        before, after = _follow(result, {use.item for use in uses if use.item}, maker=by)
        record(
            "evidence.used", by=by, target=result, unit_id=result.unit_id, before=before or None,
            after=after | {
                "evidence": evidence.pk, "title": evidence.title, "items": [item.code for item in items],
                "points": [str(need) for need in requirements],
            },
        )
    return uses


@transaction.atomic
def drop_evidence(result: Result, evidence: Evidence, *, item: ChecklistItem | None = None, by: User) -> None:
    """Take evidence out of a result's list, or off one item only (it stays in the list then). What was submitted once
    keeps its trace and its file, and so does what the office took a file of down. Raises NotAllowed unless the
    result is open to its collectors and the evidence is listed."""
    result = locked(result)
    require(result, "save", by)
    listed = result.evidence_uses.listed().filter(evidence=evidence)
    dropped = list(listed.filter(item=item) if item else listed)
    if not dropped:
        raise NotAllowed(_NOT_HERE)
    stays = item is not None and listed.count() == len(dropped)
    if stays:  # its last item: the document stays in the list as one of the whole result
        EvidenceUse.objects.create(result=result, evidence=evidence, order=dropped[0].order)
    gone = EvidenceUse.objects.filter(pk__in=[use.pk for use in dropped])
    if _keeps_trace(result, evidence):
        gone.update(dropped_at=timezone.now())
    else:
        gone.delete()
    before, after = _follow(result, {use.item for use in dropped if use.item}, maker=by)
    record(
        "evidence.dropped", by=by, target=result, unit_id=result.unit_id, after=after or None,
        before=before | {"evidence": evidence.pk, "title": evidence.title,
                "items": sorted(use.item.code for use in dropped if use.item)},
    )


def _keeps_trace(result: Result, evidence: Evidence) -> bool:
    """Whether somebody may have reviewed it here, or decided on it."""
    seen = result.submitted_at is not None and evidence.created_at <= result.submitted_at
    return seen or evidence.versions.filter(taken_down_at__isnull=False).exists()


@transaction.atomic
def evidence_changed(result: Result, evidence: Evidence, *, by: User) -> None:
    """Let the scores follow a new file of evidence that is listed, those of the unit's other open reports too. Raises
    NotAllowed unless the result is open to its collectors, the evidence is listed and its files fit into the report."""
    held = locked_with_listing(result, evidence)
    result = held[result.pk]
    require(result, "save", by)
    if not result.evidence_uses.listed().filter(evidence=evidence).exists():
        raise NotAllowed(_NOT_HERE)
    _require_bytes(list(result.evidence_uses.listed().values_list("evidence", flat=True).distinct()))
    # A verdict was of the file before: what was not enough waits for its review again.
    uses = EvidenceUse.objects.listed().filter(result__in=list(held), evidence=evidence)
    uses.update(verdict=EvidenceUse.Verdict.PENDING)
    for one in held.values():
        _follow_listed(one, evidence, maker=by if one == result else None, by=by)


@transaction.atomic
def take_file_down(result: Result, version: FileVersion, *, reason: str, by: User) -> None:
    """Remove a file with personal data that should not be there; hash, reason and decision stay, and the reports that
    are still open lose what it showed. Raises NotAllowed for anyone but the office, ValidationError without a
    reason."""
    held = locked_with_listing(result, version.evidence)
    result = held[result.pk]
    if not holds(by, CERTIFY_RESULTS, result.unit.path):
        raise NotAllowed(_OFFICE_ONLY)
    if not result.evidence_uses.filter(evidence=version.evidence_id).exists():
        raise NotAllowed(_NOT_HERE)
    take_down(version, reason=reason, by=by)
    for one in held.values():
        if one.state not in HANDED_IN:
            _follow_listed(one, version.evidence, reason=reason, by=by)


def hold_files(result: Result) -> None:
    """Let newer files of what a locked result lists wait for the end of the transaction: each is either counted in it,
    or younger than it."""
    listed = result.evidence_uses.listed().values("evidence")
    list(Evidence.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=listed).order_by("pk"))


def locked_with_listing(result: Result, evidence: Evidence) -> dict[int, Result]:
    """A result together with the open ones that list the same evidence, by primary key; locked in this order, so that
    two changes at once wait for each other only one way."""
    listing = EvidenceUse.objects.listed().filter(evidence=evidence).values("result")
    together = Q(pk=result.pk) | (Q(pk__in=listing) & ~Q(state__in=HANDED_IN))
    return {one.pk: one for one in all_locked(Result.objects.filter(together))}


def _follow_listed(
    result: Result, evidence: Evidence, *, reason: str = "", maker: User | None = None, by: User
) -> None:
    """Let the scores of a locked result follow one piece of its evidence."""
    uses = result.evidence_uses.listed().filter(evidence=evidence, item__isnull=False).select_related("item")
    follow_evidence(result, {use.item for use in uses}, reason=reason, maker=maker, by=by)


def _require_own(result: Result, evidence: Evidence, items: Iterable[ChecklistItem]) -> None:
    if evidence.unit_id != result.unit_id:
        raise NotAllowed(_OTHER_UNIT)
    if any(item.criterion.indicator_id != result.indicator_id for item in items):
        raise NotAllowed(OF_ANOTHER)


def _require_room(result: Result, evidence: Evidence) -> None:
    most = settings.EVIDENCE_RESULT_COUNT
    listed = set(result.evidence_uses.listed().values_list("evidence", flat=True))
    if len(listed) >= most:
        raise NoRoom(
            Message(
                f"รายงานนี้มีหลักฐานครบ {most} รายการแล้ว: รวมเอกสารเป็นไฟล์เดียวกัน หรือนำรายการที่ไม่ใช้ออก",
                f"This report lists {most} pieces of evidence already: join documents, or take out what isn't needed.",
            )
        )
    _require_bytes([*listed, evidence.pk])


def _require_bytes(listed: Sequence[int]) -> None:
    megabytes = settings.EVIDENCE_RESULT_MB
    if bytes_held(listed) > megabytes * 2**20:
        raise NoRoom(
            Message(
                f"ไฟล์หลักฐานของรายงานนี้รวมกันเกิน {megabytes} MB: ย่อไฟล์ หรือนำไฟล์ที่ไม่ใช้ออก",
                f"The files of this report are more than {megabytes} MB together: make them smaller, or take out what"
                " isn't needed.",
            )
        )


@transaction.atomic
def follow_evidence(
    result: Result, items: set[ChecklistItem], *, reason: str = "", maker: User | None = None, by: User
) -> None:
    """Write down which items have complete evidence now, and score their criteria anew, with an entry where a score
    changes; part of the caller's change, which holds the result locked."""
    before, after = _follow(result, items, maker=maker)
    if after:
        record(
            "result.scored", by=by, target=result, unit_id=result.unit_id, reason=reason.strip(),
            before=before, after=after,
        )


def _follow(result: Result, items: set[ChecklistItem], *, maker: User | None) -> tuple[dict, dict]:
    """Gives the scores that changed, before and after, by criterion as a save's entry has them."""
    before, after = {}, {}
    if items:
        sheet = load_sheet(result, touched={item.criterion_id for item in items})
        touched = [one for one in sheet.criteria if one.items is not None]
        own = [item for one in touched for item in one.criterion.items.all() if item in items]
        shown = complete_items(result, own)
        for one in touched:
            key, was = f"{CRITERION}{one.criterion.pk}", _score_of(one)
            _mark_shown(one, {item.pk for item in own}, shown)
            if _score_of(one) != was:
                before[key], after[key] = {"score": was}, {"score": _score_of(one)}
    touch(result, maker=maker)
    return before, after


def _score_of(sheet: CriterionSheet) -> str | None:
    return None if sheet.row.score is None else score_text(sheet.row.score)


def _mark_shown(sheet: CriterionSheet, looked_at: set[int], shown: set[int]) -> None:
    for item in sheet.criterion.items.all():
        if item.pk in looked_at:
            said = sheet.items.setdefault(item.code, ItemResult(criterion_result=sheet.row, item=item))
            said.shown = item.pk in shown
            said.complete = said.done and (said.declared or said.shown)
            said.save()
    if sheet.rubric and sheet.row.status != CriterionResult.Status.NOT_APPLICABLE:
        sheet.row.score = sheet.outcome.value
        sheet.row.save(update_fields=["score"])
