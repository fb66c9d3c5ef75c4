"""What the reports of a round show: their criteria and documents, as they were certified where they are."""
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from indicators.models import Agreement, Criterion, Round
from indicators.queries import whole_criteria
from kpiportal.accounts.models import User
from scoring.freezing.report import SealedReport, thaw
from scoring.models import ItemResult, Mark, Result, Snapshot
from scoring.queries.evidence import Document, as_of_today, documents_of
from scoring.queries.summary import scores_hidden


@dataclass(frozen=True)
class ShownReport:
    """A report with its numbered evidence; `declared`: by item, why it is complete without a file. `hidden`: from this
    reader, what reviewers think of it."""

    result: Result
    criteria: Sequence[Criterion]
    documents: Sequence[Document]
    declared: Mapping[int, str]
    hidden: bool
    snapshot: Snapshot | None = None


def load_shown_reports(agreement: Agreement, round_: Round, *, user: User | None) -> list[ShownReport]:
    """The reports of a round that a person may see (None: a command, which sees all), in the order of the document,
    in a constant number of queries."""
    seen = Result.objects.all() if user is None else Result.objects.visible_to(user)
    found = seen.filter(round=round_)
    results = list(found.select_related("indicator", "unit").order_by("indicator__order", "unit__path"))
    certified = [one.pk for one in results if one.state == Result.State.CERTIFIED]
    in_force = Snapshot.objects.filter(result__in=certified, superseded_at__isnull=True)
    snapshots = {one.result_id: one for one in in_force} if certified else {}
    live = [one for one in results if one.pk not in snapshots]
    criteria, documents, declared = _criteria(live), documents_of(live), _declared(live)
    reports = []
    for one in results:
        hidden = scores_hidden(agreement, user, one.unit.path, one.state)
        if snapshot := snapshots.get(one.pk):
            reports.append(_sealed(snapshot, hidden))
        else:
            own = criteria.get(one.indicator_id, [])
            reports.append(ShownReport(one, own, documents[one.pk], declared.get(one.pk, {}), hidden))
    as_of_today([document for report in reports if report.snapshot for document in report.documents])
    return reports


def _sealed(snapshot: Snapshot, hidden: bool) -> ShownReport:
    report: SealedReport = thaw(snapshot.content)
    ticked = [item for sheet in report.sheet(Mark.Stage.SELF).criteria for item in sheet.items.values()]
    declared = {item.item_id: item.reason for item in ticked if item.declared}
    return ShownReport(report.result, report.criteria, report.documents, declared, hidden, snapshot)


def _criteria(results: Iterable[Result]) -> dict[int, list[Criterion]]:
    found: dict[int, list[Criterion]] = {}
    for criterion in whole_criteria().filter(indicator__in={one.indicator_id for one in results}):
        found.setdefault(criterion.indicator_id, []).append(criterion)
    return found


def _declared(results: Collection[Result]) -> dict[int, dict[int, str]]:
    """By result, by item: why the collectors say that it is complete without a file."""
    name = "criterion_result__mark__result"
    said = ItemResult.objects.filter(
        criterion_result__mark__stage=Mark.Stage.SELF, declared=True, **{f"{name}__in": [one.pk for one in results]}
    )
    found: dict[int, dict[int, str]] = {}
    for result, item, reason in said.values_list(name, "item", "reason"):
        found.setdefault(result, {})[item] = reason
    return found
