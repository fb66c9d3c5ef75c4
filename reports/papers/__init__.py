"""The papers of an agreement: each a page that prints, a PDF from the same template, and a workbook.

A new one is a module here that fills a dataclass with finished strings, a template of its name in
templates/reports/papers/, and its line in PAPERS. The card of one indicator is another thing: reports/cards.py.
"""
from reports.papers import charts, comparison, evidence_index, evidence_plan, like_for_like, matrix, summary, years
from reports.papers.paper import STYLES, Asked, Head, Paper, head_of

__all__ = ["PAPERS", "STYLES", "Asked", "Head", "Paper", "head_of"]

# In the order of the list of papers.
PAPERS: dict[str, Paper] = {
    paper.name: paper for paper in (
        summary.PAPER, matrix.PAPER, evidence_plan.PAPER, evidence_index.PAPER, comparison.PAPER, years.PAPER,
        like_for_like.PAPER, charts.PAPER,
    )
}
