"""A round's summary as the collectors marked themselves, beside the one that counts (ประเมินตนเอง)."""
from collections.abc import Iterable
from dataclasses import replace

from scoring.engine import formula
from scoring.freezing.report import thaw
from scoring.models import CriterionResult, Mark, Result, Snapshot
from scoring.queries.lines import AgreementSummary, GroupLine, IndicatorLine, sum_up

CERTIFIED = Result.State.CERTIFIED
Rows = dict[int, dict[int, CriterionResult]]  # by result, by criterion


def own_side(summary: AgreementSummary) -> AgreementSummary | None:
    """The same round, T and weights with the collectors' own marks of those results whose rows the summary shows; None
    where both sides print the same. One query, and one of snapshots for what was opened again after its closing."""
    own = _own_rows([line for line in summary.indicators if line.rows and line.result])
    lines = {line.indicator.pk: _own_line(line, own) for line in summary.indicators}
    if not any(_differ(line, lines[line.indicator.pk]) for line in summary.indicators):
        return None
    groups = {line.group.pk: line.group for line in summary.lines if isinstance(line, GroupLine)}
    beside = replace(summary, lines=[], average=None, total=summary.total)
    sum_up(beside, lines, groups)
    beside.total = summary.total
    for line in lines.values():
        counts = line.applicable and line.score is not None and line.weight
        line.share = formula.share(line.weight, line.score, summary.total) if counts else None
    return beside


def _own_line(line: IndicatorLine, own: Rows) -> IndicatorLine:
    rows = own.get(line.result.pk, {}) if line.result and line.rows else {}
    return replace(line, rows=rows, children=[], parts=[], average=None, share=None)


def _own_rows(lines: Iterable[IndicatorLine]) -> Rows:
    """What the collectors say of each criterion: as it was sealed, where something newer stands in its place."""
    lines = list(lines)
    newer = [line for line in lines if line.opened_again or (line.snapshot and line.result.state != CERTIFIED)]
    sealed = {line.result.pk: line.snapshot for line in newer if line.snapshot}
    live = {line.result.pk for line in lines} - {line.result.pk for line in newer}
    rows: Rows = {}
    said = CriterionResult.objects.filter(mark__result__in=live, mark__stage=Mark.Stage.SELF).select_related("mark")
    for row in said.defer("text", "reason"):
        rows.setdefault(row.mark.result_id, {})[row.criterion_id] = row
    for snapshot in Snapshot.objects.filter(result__in=sealed) if sealed else ():
        if snapshot.number == sealed[snapshot.result_id]:
            marks = thaw(snapshot.content).sheet(Mark.Stage.SELF)
            rows[snapshot.result_id] = {sheet.criterion.pk: sheet.row for sheet in marks.criteria}
    return rows


def _differ(line: IndicatorLine, own: IndicatorLine) -> bool:
    def said(row: CriterionResult) -> tuple:
        return row.status, row.value, row.count, row.score

    return any(said(row) != said(own.rows[pk]) for pk, row in line.rows.items() if pk in own.rows)
