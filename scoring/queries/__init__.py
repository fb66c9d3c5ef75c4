"""Questions to the database: rows -> engine values, a constant number of queries."""
from scoring.queries.printed import load_printed, load_printed_marks, share_of
from scoring.queries.results import CriterionSheet, ResultSheet, load_sheet, result_data
from scoring.queries.summary import AgreementSummary, load_summary

__all__ = [
    "AgreementSummary", "CriterionSheet", "ResultSheet", "load_printed", "load_printed_marks",
    "load_sheet", "load_summary", "result_data", "share_of",
]
