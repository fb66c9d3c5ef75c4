"""What stands beside a criterion's fields on the entry page: a request to leave it out, what an earlier round said."""
from dataclasses import dataclass
from typing import NamedTuple

from scoring.models import NotApplicableRequest


@dataclass(frozen=True)
class Asked:
    """The last request about a criterion; with what granting it does to the scores for whoever decides on it."""

    request: NotApplicableRequest
    may_decide: bool = False
    indicator: tuple[str, str] | None = None  # before and after, as printed
    groups: tuple[tuple[str, str, str], ...] = ()  # name, before and after; the outermost first
    agreement: tuple[str, str] | None = None
    may_take_back: bool = False

    @property
    def waiting(self) -> bool:
        return self.request.state == NotApplicableRequest.State.PENDING

    @property
    def granted(self) -> bool:
        return self.request.state == NotApplicableRequest.State.GRANTED


class Was(NamedTuple):
    """A field that says something else than in the earlier round: what it is called, and what stood there."""

    label: str
    value: str


class Since(NamedTuple):
    """How a part of the report stands to the one that it was begun with; without rows it is the same."""

    months: int
    rows: tuple[Was, ...]
