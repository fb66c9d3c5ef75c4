"""What the office sees before it certifies: the marks and the score that are frozen, and what is still open."""
from dataclasses import dataclass

from scoring.engine.text import Message, plain, score_text
from scoring.models import CriterionResult, Mark, Result
from scoring.pages import DASH
from scoring.queries.results import load_sheet
from scoring.services import not_certifiable


@dataclass(frozen=True)
class MarkRow:
    """A criterion with the collectors' own score and the final one."""

    name: str
    weight: str
    own: str
    final: str

    @property
    def differs(self) -> bool:
        return self.own != self.final


@dataclass(frozen=True)
class Certifying:
    """What would be certified."""

    rows: list[MarkRow]
    score: str
    problems: list[Message]


def certifying(result: Result) -> Certifying:
    """The final marks of an approved result, and what keeps it from being certified."""
    sheet = load_sheet(result, stage=None)
    scores = CriterionResult.objects.of(result, Mark.Stage.SELF).values_list("criterion", "score")
    own = {criterion: score_text(score) for criterion, score in scores}
    rows = [
        MarkRow(
            str(one.criterion), DASH if one.criterion.weight is None else plain(one.criterion.weight),
            own.get(one.criterion.pk, DASH), score_text(one.row.score),
        )
        for one in sheet.criteria
    ]
    score = score_text(sheet.average.score if sheet.average else None)
    return Certifying(rows, score, [problem.message for problem in not_certifiable(result)])
