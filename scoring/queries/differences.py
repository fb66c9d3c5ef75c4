"""Who claims more than counts, and by how much: results that reviewers marked otherwise than their collectors."""
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Exists, F, FilteredRelation, OuterRef, Q, QuerySet

from indicators.models import Agreement
from kpiportal.accounts.models import Unit, User
from scoring.engine import formula
from scoring.models import FINALITY, CriterionResult, Mark, Marking, Result
from scoring.queries.marks import CriterionMarks, Said, counts_up_to, marks_by_criterion
from scoring.queries.summary import scores_hidden


@dataclass(frozen=True)
class Difference:
    """A result that was marked otherwise: its indicator's weight in the round, its score as each stage leaves it (None
    where that stage marked nothing, or the definition is unfinished) and the criteria concerned."""

    result: Result
    weight: Decimal | None
    scores: dict[str, Decimal | None]
    criteria: list[CriterionMarks]

    @property
    def own(self) -> Decimal | None:
        """The collectors' score."""
        return self.scores[Mark.Stage.SELF]

    @property
    def final(self) -> Decimal | None:
        """The score that counts."""
        given = [score for score in self.scores.values() if score is not None]
        return given[-1] if given else None

    @property
    def claimed(self) -> Decimal | None:
        """By how much the collectors claim more than counts; below 0 where they claim less."""
        return None if self.own is None or self.final is None else self.own - self.final


@dataclass(frozen=True)
class UnitSum:
    """A unit's results that were marked otherwise: how many, and the sums of their differences, plain and by weight."""

    unit: Unit
    results: int
    claimed: Decimal
    weighted: Decimal


@dataclass(frozen=True)
class Differences:
    """Everything that a reader may see of it, the greatest over-claim first; `hidden`: how many results are left out
    because their scores are hidden from this reader."""

    rows: list[Difference]
    hidden: int

    @property
    def units(self) -> list[UnitSum]:
        """The sums of each unit, the greatest first."""
        by_unit: dict[Unit, list[Difference]] = {}
        for row in self.rows:
            by_unit.setdefault(row.result.unit, []).append(row)
        sums = [_sum(unit, rows) for unit, rows in by_unit.items()]
        return sorted(sums, key=lambda one: (-one.claimed, one.unit.name))


def _sum(unit: Unit, rows: Iterable[Difference]) -> UnitSum:
    rows = list(rows)
    known = [(row.claimed, row.weight or Decimal(0)) for row in rows if row.claimed is not None]
    return UnitSum(
        unit, len(rows), sum((claimed for claimed, _ in known), Decimal(0)),
        sum((claimed * weight for claimed, weight in known), Decimal(0)),
    )


def load_differences(user: User, *, agreement: Agreement | None = None, months: int | None = None) -> Differences:
    """The results that `user` may see and that were marked otherwise: of an agreement and a round, or of all. Two
    queries, and what the reader's scope takes."""
    results, hidden = [], 0
    for result in _marked(user, agreement, months):
        if scores_hidden(result.indicator.agreement, user, result.unit.path, result.state):
            hidden += 1
        else:
            results.append(result)
    rows: dict[int, list[CriterionResult]] = {}
    found = CriterionResult.objects.filter(mark__result__in=results).order_by("criterion__order")
    for row in found.select_related("mark", "criterion", "marking__marked_by"):
        rows.setdefault(row.mark.result_id, []).append(row)
    differences = [_difference(result, rows[result.pk]) for result in results]
    return Differences(sorted(differences, key=_greatest_first), hidden)


def _marked(user: User, agreement: Agreement | None, months: int | None) -> QuerySet[Result]:
    marked = Marking.objects.filter(row__mark__result=OuterRef("pk"))
    found = Result.objects.visible_to(user).filter(Exists(marked))
    if agreement is not None:
        found = found.filter(indicator__agreement=agreement)
    if months is not None:
        found = found.filter(round__months=months)
    own = FilteredRelation("indicator__round_weights", condition=Q(indicator__round_weights__round=F("round")))
    return found.annotate(own=own, weight_now=F("own__weight")).select_related(
        "indicator__agreement__fiscal_year", "round", "unit"
    )


def _difference(result: Result, rows: list[CriterionResult]) -> Difference:
    said = marks_by_criterion(rows, {})
    criteria = {row.criterion_id: row.criterion for row in rows}
    marks = [CriterionMarks(criterion, said[pk]) for pk, criterion in criteria.items()]
    stages = {stage for each in marks for stage in each.marks}
    weight = result.indicator.weight if result.weight_now is None else result.weight_now
    scores = {stage: _score(marks, stage) if stage in stages else None for stage in FINALITY}
    return Difference(result, weight, scores, [each for each in marks if each.differs])


def _score(marks: list[CriterionMarks], stage: str) -> Decimal | None:
    """The indicator's score as the marks up to a stage leave it."""
    parts = [_part(each, counts_up_to(each.marks, stage)) for each in marks]
    return formula.weighted_average(parts).score if all(part.weight for part in parts) else None


def _part(each: CriterionMarks, said: Said | None) -> formula.Part:
    applicable = said is None or said.status != CriterionResult.Status.NOT_APPLICABLE
    return formula.Part(each.criterion.weight, said.score if said else None, applicable)


def _greatest_first(row: Difference) -> tuple:
    claimed = row.claimed
    return (claimed is None, -(claimed or Decimal(0)), row.result.indicator.order, row.result.unit.name)
