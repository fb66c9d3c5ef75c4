"""Evidence decides: when the evidence of a checklist item is complete (issue 3, point 2; seed 000's evidence plan)."""

from collections.abc import Hashable, Iterable, Sequence
from typing import NamedTuple

PENDING, ACCEPTED, INSUFFICIENT = VERDICTS = "pending", "accepted", "insufficient"


class Proof(NamedTuple):
    """A document put onto an item: the required point that it shows (None: the item as a whole), the reviewer's
    verdict, and whether it can be had (not infected, not taken down)."""

    point: Hashable | None = None
    verdict: str = PENDING
    available: bool = True

    @property
    def counts(self) -> bool:
        """Whether it shows anything: nobody found it insufficient, and it can be had."""
        return self.available and self.verdict != INSUFFICIENT


def lacking(points: Sequence[Hashable], proofs: Iterable[Proof]) -> tuple[Hashable, ...]:
    """The required points that no document shows yet, in their order; documents for the whole item show the only
    point of an item that has one."""
    shown = {proof.point for proof in proofs if proof.counts}
    if None in shown and len(points) == 1:
        return ()
    return tuple(point for point in points if point not in shown)


def is_complete(points: Sequence[Hashable], proofs: Sequence[Proof]) -> bool:
    """Whether every required point has accepted or pending evidence; an item without required points takes one
    document of any kind (seed 002, issues 4 to 6: 'and complete information')."""
    if points:
        return not lacking(points, proofs)
    return any(proof.counts for proof in proofs)
