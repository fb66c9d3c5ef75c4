"""The rounds of a unit's agreements over the years, as they were closed or as they stand."""
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import prefetch_related_objects

from indicators.earlier import paired
from indicators.models import Agreement, Indicator, Round
from kpiportal.accounts.models import User
from reports.charts.rows import ScoreRow, score_rows
from reports.charts.scale import HIDDEN, SCORED
from scoring.freezing.rounds import thaw_round
from scoring.models import Result, RoundSeal
from scoring.queries.lines import AgreementSummary
from scoring.queries.summary import load_summary, scores_hidden

MOST_YEARS = 4


@dataclass(frozen=True)
class Told:
    """A round that has begun, with the scores that the reader may see: the agreement's, and each indicator's row by the
    indicator's key."""

    agreement: Agreement
    round: Round
    score: Decimal | None
    indicators: tuple[Indicator, ...]
    rows: Mapping[int, ScoreRow]

    def scores_of(self, indicators: Iterable[Indicator]) -> dict[int, Decimal]:
        """By the keys of indicators of one agreement what they had in this round, of another year's the same ones by
        number and name (see paired); nothing of those that had no score."""
        asked = list(indicators)
        if asked and asked[0].agreement_id == self.agreement.pk:
            same = {one.pk: one.pk for one in asked}
        else:
            same = {pk: then.pk for pk, then in paired(asked, self.indicators).items()}
        rows = {pk: self.rows[then] for pk, then in same.items() if then in self.rows}
        return {pk: row.score for pk, row in rows.items() if row.status == SCORED}


def told(summary: AgreementSummary) -> Told:
    """A round's summary as it is compared with others."""
    rows = {row.indicator: row for row in score_rows(summary) if row.kind == "indicator"}
    score = None if summary.hidden else summary.score
    return Told(summary.agreement, summary.round, score, tuple(line.indicator for line in summary.indicators), rows)


def load_history(agreement: Agreement, shown: AgreementSummary, *, user: User | None) -> list[Told]:
    """The rounds that have begun of this agreement, one of them as it is `shown`, and of the unit's agreements of
    earlier years on the same scale, the oldest first. Five queries, and what load_summary takes for each other round
    that isn't closed."""
    agreements = _agreements(agreement, user)
    seals = _seals(agreements)
    seen = _seen(seals, user)
    found = []
    for one in agreements:
        rounds = list(one.rounds.all())
        for round_ in rounds:
            if shown.round and round_.pk == shown.round.pk and round_.state != Round.State.PLANNED:
                found.append(told(shown))
            elif round_.state != Round.State.PLANNED:
                found.append(_told(one, round_, rounds, seals, seen, user))
    return found


def _agreements(agreement: Agreement, user: User | None) -> list[Agreement]:
    found = Agreement.objects.all() if user is None else Agreement.objects.visible_to(user)
    year = agreement.fiscal_year.year
    found = found.filter(
        unit=agreement.unit_id, fiscal_year__year__gt=year - MOST_YEARS, fiscal_year__year__lt=year,
        scale_min=agreement.scale_min, scale_max=agreement.scale_max, is_excerpt=agreement.is_excerpt,
    )
    earlier = list(found.select_related("unit", "fiscal_year").order_by("fiscal_year__year", "pk"))
    all_of_them = [*earlier, agreement]
    prefetch_related_objects(all_of_them, "rounds")
    return all_of_them


def _seals(agreements: Iterable[Agreement]) -> dict[int, RoundSeal]:
    closed = [
        round_.pk for one in agreements for round_ in one.rounds.all() if round_.state == Round.State.CLOSED
    ]
    found = RoundSeal.objects.filter(round__in=closed, superseded_at__isnull=True) if closed else ()
    return {seal.round_id: seal for seal in found}


def _seen(seals: Mapping[int, RoundSeal], user: User | None) -> dict[int, dict[int, tuple[str, bool]]]:
    """What the reader sees of the closed rounds' results, by round."""
    if not seals:
        return {}
    results = Result.objects.filter(round__in=list(seals))
    results = results if user is None else results.visible_to(user)
    seen: dict[int, dict[int, tuple[str, bool]]] = {}
    for round_, pk, state, reopened in results.values_list("round", "pk", "state", "reopened"):
        seen.setdefault(round_, {})[pk] = (state, reopened)
    return seen


def _told(agreement, round_, rounds, seals, seen, user) -> Told:
    seal = seals.get(round_.pk)
    if seal is None:
        return told(load_summary(agreement, round_.months, user=user))
    hidden = scores_hidden(agreement, user, agreement.unit.path)
    summary = thaw_round(json.loads(seal.content), rounds, seen.get(round_.pk, {}), hidden)
    return told(summary)


def is_kept_back(history: Iterable[Told]) -> bool:
    """Whether some of these rounds' scores are hidden from the reader."""
    return any(row.status == HIDDEN for one in history for row in one.rows.values())
