"""How services refuse: with sentences that say what to do."""
from collections.abc import Mapping

from kpiportal.accounts.refusals import NotAllowed
from scoring.engine.text import Message

__all__ = ["NotAllowed", "Unfit"]


class Unfit(ValueError):
    """What was typed doesn't fit; `problems` has a sentence for each field, all at once ('' for the whole)."""

    def __init__(self, problems: Mapping[str, Message]) -> None:
        super().__init__("; ".join(message.en for message in problems.values()))
        self.problems = problems
