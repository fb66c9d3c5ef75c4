"""Changes of results: each function takes `by=`, is atomic, locks the row and writes its audit entry."""
from scoring.services.decisions import approve, return_, submit
from scoring.services.entry import save_draft
from scoring.services.evidence import use_evidence
from scoring.services.rounds import open_round
from scoring.services.rules import NotAllowed, NotReady, may

__all__ = [
    "NotAllowed", "NotReady", "approve", "may", "open_round", "return_", "save_draft", "submit", "use_evidence",
]
