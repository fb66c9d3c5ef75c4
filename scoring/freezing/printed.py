"""What a report card is printed from: a live result, or one as it was certified, alike."""
from dataclasses import dataclass
from decimal import Decimal

from evidence.models import Evidence
from indicators.models import Assignment
from scoring.engine import formula
from scoring.freezing.report import SealedReport, snapshot_of, thaw
from scoring.models import FINALITY, Mark, Result, Snapshot
from scoring.queries.evidence import evidence_on_paper
from scoring.queries.printed import PrintedMarks, load_printed_marks, placed_in


@dataclass(frozen=True)
class Printed:
    """A result with all that its card prints: its marks, the people assigned to it (no substitutes), its evidence, the
    indicator's weight in the round, T, and the share W x S / T of the final score."""

    result: Result
    marks: PrintedMarks
    people: list[Assignment]
    evidence: list[tuple[Evidence, str]]
    weight: Decimal | None
    total: Decimal | None
    share: Decimal | None
    snapshot: Snapshot | None = None

    def share_of(self, score: Decimal | None) -> Decimal | None:
        """What a score would be worth in the agreement."""
        return None if None in (self.weight, self.total, score) else formula.share(self.weight, score, self.total)


def printed(source: Result | Snapshot) -> Printed:
    """A snapshot, or a result: as it was certified while it is, else as it stands."""
    if isinstance(source, Result) and source.state == Result.State.CERTIFIED:
        source = snapshot_of(source) or source
    return _sealed(source) if isinstance(source, Snapshot) else _live(source)


def _sealed(snapshot: Snapshot) -> Printed:
    report = thaw(snapshot.content)
    people = [one for one in report.people if not one.is_substitute]
    figures = report.figures
    return Printed(
        report.result, _marks(report), people, report.evidence_on_paper, figures.weight, figures.total, figures.share,
        snapshot,
    )


def _marks(report: SealedReport) -> PrintedMarks:
    otherwise = [row for row in report.rows["criterion_results"] if row.mark.stage != Mark.Stage.SELF]
    in_order = sorted(otherwise, key=lambda row: (row.criterion.order, FINALITY[row.mark.stage]))
    return PrintedMarks(report.sheet(Mark.Stage.SELF), report.sheet(), in_order)


def _live(result: Result) -> Printed:
    marks = load_printed_marks(result)
    people = result.indicator.assignments.filter(round=result.round_id, unit=result.unit_id, is_substitute=False)
    weight, total = placed_in(result)
    average = marks.final.average
    share = formula.share(weight, average.score, total) if weight and average and average.score is not None else None
    return Printed(
        result, marks, list(people.select_related("person")), evidence_on_paper(result), weight, total, share
    )
