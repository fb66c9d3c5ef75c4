"""What a reviewer sees beside a report: item reviews, questions and objections, and what was reported before."""
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q

from indicators.models import Criterion
from kpiportal.accounts.models import User
from scoring.engine import formula
from scoring.models import CriterionResult, ItemReview, Objection, Question, Result, counting
from scoring.models.marks import FINALITY
from scoring.models.result import HANDED_IN
from scoring.queries.summary import scores_hidden


@dataclass(frozen=True)
class EarlierReport:
    """What the same unit handed in before on the same indicator: in an earlier round, or in the year before."""

    result: Result
    rows: Mapping[int, CriterionResult]  # the mark that counts, by criterion
    hidden: bool

    @property
    def score(self) -> Decimal | None:
        """The indicator's score."""
        applies = CriterionResult.Status.NOT_APPLICABLE
        parts = [
            formula.Part(row.criterion.weight, row.score, row.status != applies)
            for row in self.rows.values() if row.criterion.weight
        ]
        return formula.weighted_average(parts).score if parts and not self.hidden else None

    def row_of(self, criterion: Criterion) -> CriterionResult | None:
        """What it says of a criterion: the same one, or in another year the one with its name, else its number."""
        if criterion.pk in self.rows:
            return self.rows[criterion.pk]
        for name in ("name", "number"):
            wanted = getattr(criterion, name)
            found = [row for row in self.rows.values() if wanted and getattr(row.criterion, name) == wanted]
            if len(found) == 1:
                return found[0]
        return None


def earlier_reports(result: Result, user: User) -> tuple[EarlierReport | None, EarlierReport | None]:
    """The latest earlier round and the year before, of what was handed in and this person may see; three queries."""
    indicator, agreement = result.indicator, result.indicator.agreement
    same = Q(indicator__name=indicator.name)
    if indicator.number:
        same |= Q(indicator__number=indicator.number)
    year_before = same & Q(
        indicator__agreement__unit=agreement.unit_id,
        indicator__agreement__fiscal_year__year=agreement.fiscal_year.year - 1,
    )
    in_year = Q(indicator=indicator, round__months__lt=result.round.months)
    found = list(
        Result.objects.visible_to(user).filter(in_year | year_before, unit=result.unit_id, state__in=HANDED_IN)
        .select_related("indicator__agreement__fiscal_year", "round", "unit")
        .order_by("-round__months", "indicator__order")
    )
    earlier = next((one for one in found if one.indicator_id == indicator.pk), None)
    others = [one for one in found if one.indicator_id != indicator.pk]
    by_name = [one for one in others if one.indicator.name == indicator.name] or others
    chosen = [earlier, by_name[0] if by_name else None]
    rows = _rows([one for one in chosen if one])
    return tuple(one and _report(one, rows[one.pk], user) for one in chosen)


def _report(result: Result, rows: Iterable[CriterionResult], user: User) -> EarlierReport:
    hidden = scores_hidden(result.indicator.agreement, user, result.unit.path, result.state)
    return EarlierReport(result, counting(rows), hidden)


def _rows(results: list[Result]) -> dict[int, list[CriterionResult]]:
    found: dict[int, list[CriterionResult]] = defaultdict(list)
    if results:
        rows = CriterionResult.objects.filter(mark__result__in=results).select_related("mark", "criterion")
        rows = sorted(rows.prefetch_related("criterion__levels"), key=lambda row: FINALITY[row.mark.stage])
        for row in rows:
            found[row.mark.result_id].append(row)
    return found


def item_reviews(result: Result) -> dict[int, dict[str, ItemReview]]:
    """What reviewers think of the items, by item and stage; one query."""
    found: dict[int, dict[str, ItemReview]] = defaultdict(dict)
    for review in result.item_reviews.select_related("reviewed_by"):
        found[review.item_id][review.stage] = review
    return found


def questions_of(result: Result) -> list[Question]:
    """The questions about a result, oldest first; one query."""
    return list(result.questions.select_related("criterion", "asked_by", "answered_by"))


def objections_of(result: Result) -> list[Objection]:
    """The objections to a result's marks, oldest first; one query."""
    return list(result.objections.select_related("criterion", "made_by", "answered_by"))
