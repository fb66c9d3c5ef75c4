"""What a report card is printed from: a live result, or one as it was certified, alike."""
from dataclasses import dataclass
from decimal import Decimal

from evidence.models import Evidence
from indicators.models import Assignment
from scoring.freezing.report import snapshot_of, thaw
from scoring.models import Result, Snapshot
from scoring.queries.evidence import evidence_on_paper
from scoring.queries.printed import load_printed, share_of
from scoring.queries.results import ResultSheet


@dataclass(frozen=True)
class Printed:
    """A result with all that its card prints; `share`: the indicator's weight in the round, and W x S / T."""

    result: Result
    sheet: ResultSheet
    people: list[Assignment]
    evidence: list[tuple[Evidence, str]]
    share: tuple[Decimal | None, Decimal | None]
    snapshot: Snapshot | None = None


def printed(source: Result | Snapshot) -> Printed:
    """A snapshot, or a result: as it was certified while it is, else as it stands."""
    if isinstance(source, Result) and source.state == Result.State.CERTIFIED:
        source = snapshot_of(source) or source
    return _sealed(source) if isinstance(source, Snapshot) else _live(source)


def _sealed(snapshot: Snapshot) -> Printed:
    report = thaw(snapshot.content)
    share = report.figures.weight, report.figures.share
    return Printed(report.result, report.sheet(), report.people, report.evidence_on_paper, share, snapshot)


def _live(result: Result) -> Printed:
    sheet = load_printed(result)
    people = result.indicator.assignments.filter(round=result.round_id, unit=result.unit_id).select_related("person")
    share = share_of(result, sheet.average.score if sheet.average else None)
    return Printed(result, sheet, list(people), evidence_on_paper(result), share)
