"""A result as it was certified: frozen whole, and thawed into what pages, cards and commands read of a live one."""
import copy
import json
from collections.abc import Mapping
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from evidence.models import Evidence
from indicators.models import Assignment, Criterion
from scoring.beside import Asked
from scoring.engine import formula
from scoring.freezing.codec import Rows, plain_rows, rows_of
from scoring.freezing.reading import read_rows
from scoring.models import (
    FINALITY, TEXTS, CriterionResult, ItemResult, NotApplicableRequest, Result, Snapshot, UnitReport,
)
from scoring.queries.evidence import Document
from scoring.queries.printed import placed_in
from scoring.queries.results import ResultSheet, criterion_sheet, load_sheet
from scoring.queries.units import UnitData, Values

FORMAT = 1


class Figures(NamedTuple):
    """What certification made of the marks: the indicator's weight in the round, its score, its share W x S / T of the
    agreement, and T; None where there is none."""

    weight: Decimal | None
    score: Decimal | None
    share: Decimal | None
    total: Decimal | None

    def plain(self) -> dict[str, str | None]:
        """As plain values."""
        return {name: None if value is None else f"{value:f}" for name, value in self._asdict().items()}


NO_FIGURES = Figures(None, None, None, None)


class SealedReport:
    """A frozen result, in the types that readers of a live one know; nothing of it asks the database."""

    def __init__(self, content: Mapping) -> None:
        self.rows: Rows = rows_of(content["tables"])
        figures = content["figures"]
        self.figures = Figures(*(None if figures[name] is None else Decimal(figures[name]) for name in Figures._fields))
        self.reporters: list[int] = content["reporters"]
        self.makers: list[int] = content["makers"]
        self.number: int = content.get("number", 0)
        self.result: Result = self.rows["results"][0]

    @property
    def people(self) -> list[Assignment]:
        """Supervisor and collectors, as they were."""
        return self.rows["assignments"]

    @property
    def criteria(self) -> list[Criterion]:
        """Those of the indicator in their order; those of no other are frozen."""
        return self.rows["criteria"]

    def sheet(self, stage: str | None = None) -> ResultSheet:
        """The marks up to one stage, None: the final mark of each criterion (see load_sheet)."""
        last = max(FINALITY.values()) if stage is None else FINALITY[stage]
        rows: dict[int, CriterionResult] = {}
        for row in sorted(self.rows["criterion_results"], key=lambda row: FINALITY[row.mark.stage]):
            if FINALITY[row.mark.stage] <= last:
                rows[row.criterion_id] = _with_texts_of(rows.get(row.criterion_id), row)
        said: dict[int, dict[int, ItemResult]] = {}
        for item in self.rows["item_results"]:
            said.setdefault(item.criterion_result_id, {})[item.item_id] = item
        given = self._given()
        agreement = self.result.indicator.agreement
        return ResultSheet(
            self.result, [criterion_sheet(each, rows[each.pk], said, given, agreement) for each in self.criteria]
        )

    def _given(self) -> tuple[dict[int, Values], dict[int, list[UnitData]]]:
        """The base data as load_units gives them."""
        formulas = [criterion for criterion in self.criteria if criterion.formula]
        if self.reporters:
            return {}, {criterion.pk: self._units(criterion) for criterion in formulas}
        return {criterion.pk: self._values(criterion, self.result.unit_id) for criterion in formulas}, {}

    def _values(self, criterion: Criterion, unit: int) -> Values:
        names = {variable.pk: variable.name for variable in criterion.variables.all()}
        return {
            names[datum.variable_id]: datum.value for datum in self.rows["base_data"]
            if datum.variable_id in names and datum.unit_id == unit
        }

    def _units(self, criterion: Criterion) -> list[UnitData]:
        units = {unit.pk: unit for unit in self.rows["units"]}
        reports: dict[int, UnitReport] = {
            report.unit_id: report for report in self.rows["unit_reports"] if report.criterion_id == criterion.pk
        }
        names = [variable.name for variable in criterion.variables.all()]
        found = []
        for pk in self.reporters:
            given = self._values(criterion, pk)
            found.append(UnitData(units[pk], {name: given.get(name) for name in names}, reports.get(pk)))
        return found

    @cached_property
    def documents(self) -> list[Document]:
        """The numbered list of evidence (see queries.evidence.documents)."""
        return [
            Document(
                number, evidence, list(evidence.versions.all()),
                [use for use in self.rows["evidence_uses"] if use.evidence_id == evidence.pk],
            )
            for number, evidence in enumerate(self.rows["evidence"], 1)
        ]

    @property
    def evidence_on_paper(self) -> list[tuple[Evidence, str]]:
        """Each piece of evidence with the name of the file that could be had."""
        return [(one.evidence, one.file.name if one.file else "") for one in self.documents]

    @property
    def asked(self) -> dict[int, Asked]:
        """The last request about each criterion, withdrawn ones left out."""
        withdrawn = NotApplicableRequest.State.WITHDRAWN
        requests = self.rows["not_applicable_requests"]
        return {one.criterion_id: Asked(one) for one in requests if one.state != withdrawn}

    def name_of(self, person: int | None) -> str:
        """What somebody was called."""
        return next((each.name for each in self.rows["people"] if each.pk == person), "")

    def put_into(self, live: Result, stamp: str = "") -> Result:
        """The live result with what was certified in place of what stands now. State, version and the ways to units,
        by which rights are found, stay those of today."""
        sealed, indicator, unit, round_ = self.result, live.indicator, live.unit, live.round
        for name in (*TEXTS, "submitted_at", "decided_at", "certified_at"):
            setattr(live, name, getattr(sealed, name))
        for name in ("indicator", "unit", "round", "decided_by"):
            setattr(live, name, getattr(sealed, name))
        live.unit.path, live.round.state = unit.path, round_.state
        live.indicator.agreement.unit.path = indicator.agreement.unit.path
        live.indicator.agreement.definition_stamp = stamp or live.indicator.agreement.definition_stamp
        return live


def _with_texts_of(own: CriterionResult | None, row: CriterionResult) -> CriterionResult:
    """A reviewer's row with what the collectors wrote, which no reviewer changes."""
    if own is not None:
        row = copy.copy(row)
        row.text, row.reason = own.text, own.reason
    return row


def freeze(result: Result | SealedReport) -> dict:
    """All that a card prints and an engine needs of a result, as plain values: the definition, the marks of all stages
    with their reasons, texts, base data, evidence with hashes and places, verdicts, people and figures."""
    if isinstance(result, SealedReport):
        rows, reporters, makers, figures = result.rows, result.reporters, result.makers, result.figures
    else:
        makers = sorted(result.makers.values_list("pk", flat=True))
        result, rows, reporters = read_rows(result)
        figures = NO_FIGURES
    content = {"format": FORMAT, "reporters": reporters, "makers": makers, "tables": plain_rows(rows)}
    if isinstance(result, Result):
        figures = _figures(result, SealedReport(content | {"figures": figures.plain()}))
    return content | {"figures": figures.plain()}


def _figures(result: Result, frozen: SealedReport) -> Figures:
    """The score is that of the very rows that are frozen."""
    average = frozen.sheet().average
    score = average.score if average else None
    weight, total = placed_in(result)
    share = None if None in (weight, score) else formula.share(weight, score, total)
    return Figures(weight, score, share, total)


def thaw(content: Mapping | str) -> SealedReport:
    """What freeze gave, or its text, as a report that can be read like a live one."""
    return SealedReport(json.loads(content) if isinstance(content, str) else content)


def sealed_report(result: Result) -> SealedReport | None:
    """A certified result as it was certified, one query; None of any other (no query)."""
    if result.state != Result.State.CERTIFIED:
        return None
    snapshot = snapshot_of(result)
    return snapshot and thaw(snapshot.content)


def snapshot_of(result: Result, number: int | None = None) -> Snapshot | None:
    """The snapshot of a result with this number, without one that in force; None where there is none. One query."""
    found = Snapshot.objects.filter(result=result.pk)
    return found.filter(superseded_at__isnull=True).first() if number is None else found.filter(number=number).first()


def sheet_of(result: Result, stage: str | None = None) -> ResultSheet:
    """The sheet of a result: as it was certified, else as it stands."""
    sealed = sealed_report(result)
    return load_sheet(result, stage) if sealed is None else sealed.sheet(stage)

