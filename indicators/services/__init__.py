"""Changes of definitions, rounds and assignments: each function takes `by=`, is atomic and writes its audit entry."""
from indicators.services.agreements import DefinitionUnfinished, create_agreement, put_in_force
from indicators.services.assignments import assign, copy_assignments, remove_assignment
from indicators.services.refusal import NotAllowed, Unfit
from indicators.services.rounds import add_round, set_round_dates
from indicators.services.weights import set_round_weights, set_running

__all__ = [
    "DefinitionUnfinished", "NotAllowed", "Unfit", "add_round", "assign", "copy_assignments", "create_agreement",
    "put_in_force", "remove_assignment", "set_round_dates", "set_round_weights", "set_running",
]
