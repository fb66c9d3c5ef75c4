"""What is measured, by whom, when."""
from indicators.models.agreement import Agreement, FiscalYear, Group, Round
from indicators.models.indicator import Criterion, Indicator, RoundWeight, runs_in
from indicators.models.people import Assignment, Responsibility
from indicators.models.rubric import ChecklistItem, EvidenceRequirement, Level, Variable

__all__ = [
    "Agreement", "Assignment", "ChecklistItem", "Criterion", "EvidenceRequirement", "FiscalYear", "Group",
    "Indicator", "Level", "Responsibility", "Round", "RoundWeight", "Variable",
    "runs_in",
]
