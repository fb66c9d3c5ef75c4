"""Results, the marks given to them, and the base data and evidence behind them."""
from scoring.models.data import BaseDatum, UnitReport
from scoring.models.evidence import EvidenceUse
from scoring.models.marks import FINALITY, CriterionResult, ItemResult, Mark
from scoring.models.reminders import ReminderSent, ReminderSetting
from scoring.models.requests import NotApplicableRequest
from scoring.models.result import TEXTS, Result, visible_results
from scoring.models.review import ItemReview, Marking, Objection, Question
from scoring.models.sealed import RoundSeal, Snapshot

__all__ = [
    "FINALITY", "TEXTS", "BaseDatum", "CriterionResult", "EvidenceUse", "ItemResult", "ItemReview", "Mark", "Marking",
    "NotApplicableRequest", "Objection", "Question", "ReminderSent", "ReminderSetting", "Result", "RoundSeal",
    "Snapshot", "UnitReport", "visible_results",
]
