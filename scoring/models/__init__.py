"""Results, the marks given to them, and the base data and evidence behind them."""
from scoring.models.data import BaseDatum, UnitReport
from scoring.models.evidence import EvidenceUse
from scoring.models.marks import FINALITY, CriterionResult, ItemResult, Mark, counting
from scoring.models.reminders import ReminderSent, ReminderSetting
from scoring.models.requests import NotApplicableRequest
from scoring.models.result import TEXTS, Result, visible_results
from scoring.models.review import ItemReview, Marking, Objection, Question
from scoring.models.sealed import LineInForce, RoundSeal, Snapshot, SnapshotsMade

__all__ = [
    "FINALITY", "TEXTS", "BaseDatum", "CriterionResult", "EvidenceUse", "ItemResult", "ItemReview", "LineInForce",
    "Mark", "Marking", "NotApplicableRequest", "Objection", "Question", "ReminderSent", "ReminderSetting", "Result",
    "RoundSeal", "Snapshot", "SnapshotsMade", "UnitReport", "counting", "visible_results",
]
