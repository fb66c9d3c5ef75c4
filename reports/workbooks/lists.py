"""Workbooks of the papers that are lists of texts: responsibility matrix, evidence plan and evidence index."""
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from django.utils.translation import gettext

from reports.workbooks.plain import Column, Line, plain_workbook
from reports.workbooks.writing import Book, Value, figured

if TYPE_CHECKING:
    from reports.papers.evidence_index import IndexPaper
    from reports.papers.evidence_plan import PlanPaper
    from reports.papers.matrix import MatrixPaper

Rows = Iterable[Sequence[Value] | Line]


def matrix_workbook(paper: "MatrixPaper") -> Book:
    """Groups as headings, and below them the indicators with their five cells."""
    bureau = {"bureau": paper.bureau}
    heads = (
        gettext("Lead unit"), gettext("Co-responsible unit"), gettext("Lead unit of %(bureau)s") % bureau,
        gettext("Co-responsible unit of %(bureau)s") % bureau, gettext("Operating units"),
    )
    columns = [Column(gettext("Indicator"), 44), *(Column(head, 22) for head in heads)]
    return plain_workbook(paper.head, columns, _matrix_rows(paper), name="matrix", across=True)


def _matrix_rows(paper: "MatrixPaper") -> Rows:
    for row in paper.rows:
        if row.is_group:
            weight = gettext("weight %(weight)s per cent") % {"weight": row.weight} if row.weight else ""
            yield Line([f"{row.name} ({weight})" if weight else row.name], depth=row.depth)
        else:
            yield Line([row.name, *row.cells], depth=row.depth)


def plan_workbook(paper: "PlanPaper") -> Book:
    """Indicators and criteria as headings, and below them the items, one line for each point that must be shown."""
    columns = [
        Column(gettext("Item"), 32), Column(gettext("Evidence to be shown at the assessment"), 46),
        Column(gettext("Explanation"), 62),
    ]
    return plain_workbook(paper.head, columns, _plan_rows(paper), name="evidence plan", across=True)


def _plan_rows(paper: "PlanPaper") -> Rows:
    for table in paper.tables:
        yield [table.indicator]
        if table.criterion:
            yield Line([table.criterion], depth=1)
        for row in table.rows:
            yield [row.item, "\n".join(row.needs), row.why]


def index_workbook(paper: "IndexPaper") -> Book:
    """Reports and items as headings, and below them each point with a document that shows it; hashes are whole."""
    columns = [
        Column(gettext("What must be shown"), 40), Column(gettext("No."), 6), Column(gettext("What was shown"), 40),
        Column(gettext("Verdict"), 14), Column(gettext("File"), 28), Column("SHA-256", 34),
        Column(gettext("Where it is"), 28),
    ]
    return plain_workbook(paper.head, columns, _index_rows(paper), name="evidence index", across=True)


def _index_rows(paper: "IndexPaper") -> Rows:
    for table in paper.tables:
        yield [" · ".join(part for part in (table.indicator, table.unit) if part)]
        yield Line([" · ".join(part for part in (table.state, table.seal) if part)], depth=1)
        for item in table.items:
            yield Line(["\n".join(part for part in (item.name, item.note) if part)], depth=1)
            for row in item.rows:
                yield [row.need, figured(row.number), row.title, row.verdict, row.file, row.sha256, row.where]
