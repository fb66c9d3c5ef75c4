"""How services refuse: with sentences that say what to do."""
from collections.abc import Mapping

from scoring.engine.text import Message


class NotAllowed(Exception):
    """The person may not do this now; `message` says why and what to do."""

    def __init__(self, message: Message) -> None:
        super().__init__(message.en)
        self.message = message


class Unfit(ValueError):
    """What was typed doesn't fit; `problems` has a sentence for each field, all at once ('' for the whole)."""

    def __init__(self, problems: Mapping[str, Message]) -> None:
        super().__init__("; ".join(message.en for message in problems.values()))
        self.problems = problems
