"""What the planner prints: finished strings, made once before the template."""
from collections.abc import Iterable
from dataclasses import dataclass

from scoring.engine.text import Message, score_text
from scoring.models import Result
from scoring.queries.planner import Advice, AgreementPlan, Lack


@dataclass(frozen=True)
class PlanRow:
    """One step, or what a criterion lacks (without figures). `criterion` is '' where the indicator is a single one."""

    indicator: str
    criterion: str
    result: Result
    anchor: str
    say: tuple[Message, ...]
    sm: str = ""
    indicator_gain: str = ""
    agreement_gain: str = ""


def plan_rows(plan: AgreementPlan, indicator: int | None = None) -> list[PlanRow]:
    """The rows of the plan, or of one indicator of it (its primary key)."""
    several = {
        line.indicator.pk for line in plan.standing.summary.indicators if len(line.criteria) > 1
    }
    found: Iterable[Advice | Lack] = plan.lacks if plan.hidden else plan.advice
    return [_row(row, row.indicator.pk in several) for row in found if indicator in (None, row.indicator.pk)]


def planned_indicators(plan: AgreementPlan) -> dict[int, str]:
    """The indicators that the plan has something to say of, in the order of the document."""
    found = {row.indicator.pk for row in (*plan.advice, *plan.lacks)}
    lines = plan.standing.summary.indicators
    return {line.indicator.pk: str(line.indicator) for line in lines if line.indicator.pk in found}


def _row(row: Advice | Lack, several: bool) -> PlanRow:
    head = (str(row.indicator), str(row.criterion) if several else "", row.result, f"c{row.criterion.pk}")
    if isinstance(row, Lack):
        return PlanRow(*head, tuple(row.messages))
    gain = row.gain
    return PlanRow(
        *head,
        (gain.step.do, *gain.step.notes),
        f"{score_text(gain.sm.before)} → {score_text(gain.sm.after)}",
        gain.indicator.text,
        gain.agreement.text if gain.agreement else "",
    )
