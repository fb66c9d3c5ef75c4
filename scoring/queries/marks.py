"""The three marks of a result side by side, what they speak of, and where reviewers differ from the collectors."""
import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.db.models import Max

from indicators.models import Criterion
from indicators.queries import criteria_of
from kpiportal.audit.models import AuditEvent
from scoring.engine.text import number_text, score_text
from scoring.models import FINALITY, CriterionResult, ItemResult, Mark, Result
from scoring.queries.results import CriterionSheet, load_sheet, marking_of

# Up to which stage the marks reach that a reviewer looks at.
BEFORE = {Mark.Stage.SUPERVISOR: Mark.Stage.SELF, Mark.Stage.OFFICE: Mark.Stage.SUPERVISOR}
# The entries of the trail that say of which report a mark speaks, under "of".
MARKED = ("result.marked", "result.mark_kept", "result.item_reviewed")


@dataclass(frozen=True)
class Said:
    """What one mark says of a criterion. `reason`: the reviewer's, or the collectors' for not reporting; `submission`:
    the one that a reviewer spoke of; `who` and `at` are empty for the collectors."""

    stage: str
    status: str
    value: Decimal | None
    count: int | None
    score: Decimal | None
    reason: str
    done: tuple[str, ...] = ()
    complete: tuple[str, ...] = ()
    given: bool = False
    who: str = ""
    at: datetime | None = None
    submission: int | None = None


@dataclass(frozen=True)
class CriterionMarks:
    """What the marks say of one criterion, by stage; a stage that marked nothing otherwise is absent."""

    criterion: Criterion
    marks: Mapping[str, Said] = field(default_factory=dict)

    @property
    def own(self) -> Said | None:
        """What the collectors say."""
        return self.marks.get(Mark.Stage.SELF)

    @property
    def supervisor(self) -> Said | None:
        """What the supervisor marked otherwise."""
        return self.marks.get(Mark.Stage.SUPERVISOR)

    @property
    def office(self) -> Said | None:
        """What the performance office marked otherwise."""
        return self.marks.get(Mark.Stage.OFFICE)

    @property
    def final(self) -> Said | None:
        """The mark that counts."""
        return self.office or self.supervisor or self.own

    @property
    def differs(self) -> bool:
        """Whether a reviewer marked it otherwise."""
        return self.final is not self.own

    @property
    def difference(self) -> Decimal | None:
        """By how much the collectors claim more (less: below 0) than counts."""
        if self.own is None or None in (self.own.score, self.final.score):
            return None
        return self.own.score - self.final.score


def load_marks(result: Result) -> list[CriterionMarks]:
    """A result's criteria with all their marks, in the order of the definition; two queries beside the definition."""
    criteria = criteria_of(result.indicator)
    rows = list(CriterionResult.objects.of(result, None))
    codes = {item.pk: item.code for criterion in criteria for item in criterion.items.all()}
    said = marks_by_criterion(rows, _ticked(rows, codes))
    return [CriterionMarks(criterion, said.get(criterion.pk, {})) for criterion in criteria]


Ticked = Mapping[int, tuple[list[str], list[str]]]  # by the criterion's row: the codes of what is done, complete


def _ticked(rows: Iterable[CriterionResult], codes: Mapping[int, str]) -> Ticked:
    found: dict[int, tuple[list[str], list[str]]] = {}
    items = ItemResult.objects.filter(criterion_result__in=[row.pk for row in rows], done=True)
    for row, item, complete in items.order_by("item__order").values_list("criterion_result", "item", "complete"):
        done, whole = found.setdefault(row, ([], []))
        done.append(codes[item])
        if complete:
            whole.append(codes[item])
    return found


def marks_by_criterion(rows: Iterable[CriterionResult], ticked: Ticked) -> dict[int, dict[str, Said]]:
    """What rows, read with their marks and markings, say: by criterion, by stage."""
    found: dict[int, dict[str, Said]] = {}
    for row in rows:
        done, complete = map(tuple, ticked.get(row.pk, ((), ())))
        values = (row.mark.stage, row.status, row.value, row.count, row.score)
        marking = marking_of(row)
        if marking is None:
            said = Said(*values, row.reason, done, complete)
        else:
            said = Said(
                *values, marking.reason, done, complete, marking.given, str(marking.marked_by), marking.marked_at,
                marking.submission,
            )
        found.setdefault(row.criterion_id, {})[row.mark.stage] = said
    return found


def counts_up_to(marks: Mapping[str, Said], stage: str) -> Said | None:
    """Of the marks of a criterion the one that counts when those after `stage` are left out."""
    known = [said for name, said in marks.items() if FINALITY[name] <= FINALITY[stage]]
    return max(known, key=lambda said: FINALITY[said.stage], default=None)


def mark_state(sheet: CriterionSheet) -> dict:
    """A mark of a criterion, of types that JSON keeps; `complete` as it counts."""
    row, items = sheet.row, (sheet.items or {}).items()
    return {
        "status": str(row.status),
        "value": None if row.value is None else number_text(row.value),
        "count": row.count,
        "done": sorted(code for code, item in items if item.done),
        "complete": sorted(code for code, item in items if item.complete),
        "score": None if row.score is None else score_text(row.score),
    }


def fingerprints(result: Result, sheets: Collection[CriterionSheet]) -> dict[int, str]:
    """By criterion a hash of all that a reviewer of it looks at: the mark before, its text, items and their evidence.
    One query."""
    uses: dict[int, list] = {}
    listed = result.evidence_uses.listed().filter(item__criterion__in=[one.criterion.pk for one in sheets])
    proofs = listed.annotate(file=Max("evidence__versions__number")).order_by("evidence", "item", "requirement")
    for criterion, *proof in proofs.values_list("item__criterion", "evidence", "item", "requirement", "file"):
        uses.setdefault(criterion, []).append(proof)
    return {one.criterion.pk: _fingerprint(one, uses.get(one.criterion.pk, [])) for one in sheets}


def _fingerprint(sheet: CriterionSheet, proofs: list) -> str:
    why = {code: item.reason for code, item in sheet.items.items() if item.reason}
    data = {name: None if value is None else number_text(value) for name, value in sheet.data.items()}
    looked_at = [mark_state(sheet), sheet.row.text, sheet.row.reason, why, data, proofs]
    return hashlib.sha256(json.dumps(looked_at, sort_keys=True).encode()).hexdigest()[:16]


def stale_marks(result: Result, stage: str) -> list[CriterionSheet]:
    """The criteria of which the stage's mark speaks of an earlier submission though they changed since."""
    old = CriterionResult.objects.filter(
        mark__result=result, mark__stage=stage, marking__submission__lt=result.submission
    )
    pks = set(old.values_list("criterion", flat=True))
    if not pks:
        return []
    sheets = [one for one in load_sheet(result, BEFORE[stage], pks).criteria if one.criterion.pk in pks]
    spoken_of: dict[str, str] = {}
    for entry in AuditEvent.objects.about(result).filter(action__in=MARKED):
        if entry.after["stage"] == stage:
            spoken_of |= entry.after["of"]
    now = fingerprints(result, sheets)
    return [one for one in sheets if spoken_of.get(str(one.criterion.pk)) != now[one.criterion.pk]]
