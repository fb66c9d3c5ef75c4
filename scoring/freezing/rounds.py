"""A round of an agreement as it was closed: every indicator's line with its state and snapshot, and the totals."""
import json
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache

from django.db.models import prefetch_related_objects

from indicators.models import Agreement, FiscalYear, Group, Indicator, Round
from kpiportal.accounts.models import Unit, User
from scoring.freezing.codec import canonical, plain_row, row_of
from scoring.freezing.line import CRITERION, LEVEL, ROW, SealedLine, read_line
from scoring.models import Result, RoundSeal, Snapshot
from scoring.queries.lines import AgreementSummary, GroupLine, IndicatorLine, sum_up
from scoring.queries.summary import chosen_round, load_summary, scores_hidden

FORMAT = 1
INDICATOR = (
    "id", "agreement_id", "group_id", "parent_id", "order", "number", "name", "unit_of_measure", "weight",
    "lead_unit_id", "first_round", "cancelled_from",
)
RESULT = ("id", "indicator_id", "round_id", "unit_id", "state", "version", "submitted_at", "decided_at", "certified_at")
# What a snapshot's line has too.
LINE = ("number", "figures", "indicator", "criteria", "levels", "rows")
# What is known of a closed round's results today, by their keys: state, and whether it was opened again.
Now = Mapping[int, tuple[str, bool]]


def freeze_round(summary: AgreementSummary) -> dict:
    """A round's summary as plain values."""
    agreement, average = summary.agreement, summary.average
    results = [line.result.pk for line in summary.indicators if line.result]
    in_force = Snapshot.objects.filter(result__in=results, superseded_at__isnull=True)
    hashes = dict(in_force.values_list("result", "sha256"))
    groups = [line for line in summary.lines if isinstance(line, GroupLine)]
    return {
        "format": FORMAT,
        "agreement": plain_row(agreement),
        "unit": plain_row(agreement.unit),
        "fiscal_year": plain_row(agreement.fiscal_year),
        "round": plain_row(summary.round),
        "own_weights": summary.own_weights,
        "total": f"{summary.total:f}",
        "score": _text(average.score if average else None),
        "open_weight": _text(average.open_weight if average else None),
        "groups": [
            plain_row(line.group) | {"score": _text(line.average.score if line.average else None)} for line in groups
        ],
        "lines": [_plain_line(line, hashes) for line in summary.indicators],
    }


def _text(number: Decimal | None) -> str | None:
    return None if number is None else f"{number:f}"


def _plain_line(line: IndicatorLine, hashes: Mapping[int, str]) -> dict:
    levels = [
        {"criterion_id": criterion.pk, "score": _text(score), "wording": level.wording, "target": _text(level.target),
         "items_needed": level.items_needed}
        for criterion in line.criteria for score, level in sorted(line.levels.get(criterion.pk, {}).items())
    ]
    total = line.sealed.total if line.sealed and line.snapshot else None
    figures = {"weight": line.weight, "score": line.score, "share": line.share, "total": total}
    return {
        "indicator": plain_row(line.indicator, INDICATOR),
        "result": plain_row(line.result, RESULT) if line.result else None,
        "number": line.snapshot,
        "sha256": hashes.get(line.result.pk, "") if line.result and line.snapshot else "",
        "applicable": line.applicable,
        "figures": {name: _text(value) for name, value in figures.items()},
        "criteria": [plain_row(criterion, CRITERION) for criterion in line.criteria],
        "levels": levels,
        "rows": [plain_row(line.rows[criterion.pk], ROW) for criterion in line.criteria if criterion.pk in line.rows],
    }


def thaw_round(content: Mapping, rounds: list[Round], now: Now | None = None, hidden: bool = False) -> AgreementSummary:
    """A sealed round as load_summary gives an open one; of results that aren't in `now` (None: all are seen) a reader
    gets the definition only, and the averages over what is left."""
    agreement = row_of(Agreement, content["agreement"])
    agreement.unit, agreement.fiscal_year = row_of(Unit, content["unit"]), row_of(FiscalYear, content["fiscal_year"])
    round_ = row_of(Round, content["round"])
    round_.agreement = agreement
    summary = AgreementSummary(agreement, rounds, round_, hidden, content["own_weights"])
    lines = {line["indicator"]["id"]: _line(line, now) for line in content["lines"]}
    groups = [(row_of(Group, row), row["score"]) for row in content["groups"]]
    sum_up(summary, lines, {group.pk: group for group, _ in groups})
    both = zip(lines.values(), content["lines"], strict=True)
    if all(bool(line.result) == bool(row["result"]) for line, row in both):
        _take_averages(summary, content, {group.pk: score for group, score in groups})
    return summary


def _line(content: Mapping, now: Now | None) -> IndicatorLine:
    indicator, sealed, result = _parts(canonical(content))
    line = IndicatorLine(indicator, sealed.weight, sealed.criteria, sealed.levels)
    if result and (now is None or result.pk in now):
        line.result, line.rows = result, dict(sealed.rows)
        state, reopened = (now or {}).get(result.pk, (result.state, False))
        line.opened_again = reopened or state != result.state
    line.seal(sealed)
    return line


@lru_cache(maxsize=1000)
def _parts(text: str) -> tuple[Indicator, SealedLine, Result | None]:
    """A line's indicator, what was sealed of it, and its result. Shared between requests: nobody may change them."""
    content = json.loads(text)
    result = content["result"] and row_of(Result, content["result"])
    return row_of(Indicator, content["indicator"]), read_line(canonical({name: content[name] for name in LINE})), result


def _take_averages(summary: AgreementSummary, content: Mapping, scores: Mapping[int, str | None]) -> None:
    """What was sealed is printed, not what an engine makes of it later."""
    if summary.average and content["score"]:
        summary.average = summary.average._replace(score=Decimal(content["score"]))
    for line in summary.lines:
        if isinstance(line, GroupLine) and line.average and scores[line.group.pk]:
            line.average = line.average._replace(score=Decimal(scores[line.group.pk]))
        elif isinstance(line, IndicatorLine) and line.children and line.sealed.share is not None:
            line.share = line.sealed.share
    summary.total = Decimal(content["total"])


def load_shown(agreement: Agreement, months: int | None = None, *, user: User | None) -> AgreementSummary:
    """The summary of a round as it was closed, else as it stands (see load_summary, also for what it raises)."""
    prefetch_related_objects([agreement], "rounds")
    rounds = list(agreement.rounds.all())
    round_ = chosen_round(rounds, months)
    seal = seal_of(round_) if round_ and round_.state == Round.State.CLOSED else None
    if seal is None:
        return load_summary(agreement, months, user=user)
    results = Result.objects.filter(round=round_)
    seen = (results if user is None else results.visible_to(user)).values_list("pk", "state", "reopened")
    hidden = scores_hidden(agreement, user, agreement.unit.path)
    summary = thaw_round(json.loads(seal.content), rounds, {pk: now for pk, *now in seen}, hidden)
    summary.seal = seal
    _learn_totals(summary)
    return summary


def _learn_totals(summary: AgreementSummary) -> None:
    """Seals of before didn't keep with which T a result was certified: read it where that isn't the round's. One query,
    and none where all are the same."""
    lines = [line for line in summary.indicators if line.keeps_share(summary.total) and line.sealed.total is None]
    found = Snapshot.objects.filter(result__in=[line.result.pk for line in lines]) if lines else ()
    sealed = {(snapshot.result_id, snapshot.number): read_line(snapshot.line).total for snapshot in found}
    for line in lines:
        line.sealed = replace(line.sealed, total=sealed.get((line.result.pk, line.snapshot)))


def seal_of(round_: Round) -> RoundSeal | None:
    """The seal in force of a round; one query."""
    return RoundSeal.objects.filter(round=round_, superseded_at__isnull=True).select_related("sealed_by").first()
