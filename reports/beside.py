"""The collectors' own marks beside the final ones on the card (ประเมินตนเอง | คณะกรรมการประเมิน), with the reasons."""
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal

from scoring.engine.text import plain, score_text
from scoring.models import Mark, Result
from scoring.pages import DASH
from scoring.queries.marks import Said, marks_by_criterion
from scoring.queries.printed import PrintedMarks

Paper = Callable[[str], str]
DECIDED = (Result.State.APPROVED, Result.State.CERTIFIED)


@dataclass(frozen=True)
class Figures:
    """What one side prints of a line."""

    result: str
    score: str
    weighted: str


@dataclass(frozen=True)
class MarkReason:
    """Why a reviewer marked a criterion otherwise: from which score to which."""

    name: str
    stage: str
    before: str
    after: str
    reason: str


@dataclass(frozen=True)
class Beside:
    """The indicator's line as the self-assessment has it, the averages of both sides, and why they differ."""

    line: Figures
    own_sum: str
    own_score: str
    final_score: str
    reasons: list[MarkReason]


def stands_beside(result: Result, marks: PrintedMarks, hidden: bool) -> bool:
    """Whether the card prints both sides: once they differ or the result is approved, to readers of its scores."""
    return not hidden and (bool(marks.otherwise) or result.state in DECIDED)


def short(score: Decimal | None) -> str:
    """A score as the cards print it: 3, or with four places when it lies between levels."""
    if score is None:
        return DASH
    return plain(score) if score == score.to_integral_value() else score_text(score)


def beside(marks: PrintedMarks, line: Figures, paper: Paper) -> Beside:
    """Both sides' averages and the reasons, in the digits of the paper."""
    own, final = marks.own.average, marks.final.average
    return Beside(
        line=line,
        own_sum=paper(score_text(own.sum_weighted if own and own.sum_weights else None)),
        own_score=paper(score_text(own.score if own else None)),
        final_score=paper(score_text(final.score if final else None)),
        reasons=list(_reasons(marks, paper)),
    )


def _reasons(marks: PrintedMarks, paper: Paper) -> Iterable[MarkReason]:
    rows = [sheet.row for sheet in marks.own.criteria] + marks.otherwise
    said = marks_by_criterion(rows, {})
    for position, sheet in enumerate(marks.own.criteria, 1):
        number = sheet.criterion.number or str(position)
        yield from _of_one(f"{number}. {sheet.criterion.name}", said[sheet.criterion.pk], paper)


def _of_one(name: str, marks: dict[str, Said], paper: Paper) -> Iterable[MarkReason]:
    before = marks[Mark.Stage.SELF]
    for stage in (Mark.Stage.SUPERVISOR, Mark.Stage.OFFICE):
        said = marks.get(stage)
        if said is not None:
            scores = paper(short(before.score)), paper(short(said.score))
            yield MarkReason(paper(name), str(stage.label), *scores, paper(said.reason))
            before = said
