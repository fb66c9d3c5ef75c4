"""The one weighted average: Σ(W × SM) / ΣW, exact, rounded once (domain.md, 'Averages')."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from decimal import Decimal, getcontext, setcontext
from typing import NamedTuple

from scoring.engine.fields import fail
from scoring.engine.text import CUT, EXACT, FOUR_PLACES, divide_score, quantize, quoted, quotient4, round4

_multiply, _ZERO = EXACT.multiply, Decimal(0)


class Part(NamedTuple):
    """What an average is taken over. `score` None is open; what isn't applicable leaves everything.

    `open_weight`: how much of the weight of a scored part, itself an average, has no score yet.
    """

    weight: Decimal
    score: Decimal | None
    applicable: bool = True
    open_weight: Decimal = _ZERO


class Average(NamedTuple):
    """A weighted average (four places, None if nothing is scored) with its sums (exact) and columns, in
    order.

    The sums are over the scored parts; `open_weight` is the weight still without a score, also inside scored
    parts that are averages themselves. `weighted` is W × SM and `share` W × SM / ΣW, four places, None for a
    part without a score.
    """

    score: Decimal | None
    sum_weights: Decimal
    sum_weighted: Decimal
    open_weight: Decimal
    weighted: tuple[Decimal | None, ...]
    share: tuple[Decimal | None, ...]


def average_score(pairs: Iterable[tuple[Decimal, Decimal]]) -> Decimal | None:
    """Σ(W × S) / ΣW over (weight, score) of scored parts, four places; None without parts.

    Weights must be above 0: `weighted_average` checks them, bulk callers read them from checked definitions.
    """
    pairs = tuple(pairs)
    return averager([weight for weight, _ in pairs])([score for _, score in pairs]) if pairs else None


def averager(weights: Sequence[Decimal]) -> Callable[[Iterable[Decimal]], Decimal]:
    """The average with fixed `weights` (at least one, above 0) as a function of the scores, for roll-ups."""
    sum_weights = total_weight(weights)

    def average_of(scores: Iterable[Decimal]) -> Decimal:
        return _mean(sum_products(weights, scores), sum_weights)

    return average_of


def _mean(sum_weighted: Decimal, sum_weights: Decimal) -> Decimal:
    """The one weighted average, rounded once."""
    return quantize(divide_score(sum_weighted, sum_weights), FOUR_PLACES)


def sum_products(weights: Iterable[Decimal], scores: Iterable[Decimal]) -> Decimal:
    """Σ(W × S), exact. In the exact context the plain operators are exact too, and twice as fast.

    Give finished numbers: what a generator computes here, it computes in the exact context.
    """
    total = _ZERO
    before = getcontext()
    setcontext(EXACT)
    try:
        for weight, score in zip(weights, scores, strict=True):
            total += weight * score
    finally:
        setcontext(before)
    return total


def weighted_average(parts: Iterable[Part]) -> Average:
    """The average of `parts` with all that the summary table prints; EngineError for a bad number."""
    parts = tuple(parts)
    _check_parts(parts)
    scored = [part for part in parts if part.applicable and part.score is not None]
    weights = [part.weight for part in scored]
    sum_weights = total_weight(weights)
    sum_weighted = sum_products(weights, [part.score for part in scored])
    weighted: list[Decimal | None] = []
    shares: list[Decimal | None] = []
    for weight, score, applicable, _ in parts:
        product = _multiply(weight, score) if applicable and score is not None else None
        weighted.append(None if product is None else round4(product))
        shares.append(None if product is None else quotient4(product, sum_weights))
    open_weights = [w if s is None else o for w, s, a, o in parts if a and (o or s is None)]
    return Average(_mean(sum_weighted, sum_weights) if scored else None, sum_weights, sum_weighted,
                   total_weight(open_weights), tuple(weighted), tuple(shares))


def open_part(weight: Decimal, parts: Iterable[Part]) -> Decimal:
    """How much of `weight` is open when it is divided among these parts: weight × Σ open / Σ applicable, cut after 60
    digits; all of it for none."""
    counted = [part for part in parts if part.applicable]
    opened = total_weight([part.weight if part.score is None else part.open_weight for part in counted])
    if not opened:
        return _ZERO if counted else weight
    return CUT.divide(_multiply(weight, opened), total_weight([part.weight for part in counted]))


def _check_parts(parts: tuple[Part, ...]) -> None:
    for number, (weight, score, _, _) in enumerate(parts, 1):
        if type(weight) is not Decimal or not weight.is_finite() or weight <= _ZERO:
            check_weight(weight, f"parts[{number}].weight")
        if score is not None and not score.is_finite():
            fail(f"คะแนนของส่วนที่ {number} ต้องเป็นตัวเลขจำกัด",
                 f"the score of part {number} must be a finite number", f"parts[{number}].score")


def check_weight(weight: object, field: str = "weight") -> None:
    """Refuse a weight that is not a finite Decimal above 0."""
    if not (isinstance(weight, Decimal) and weight.is_finite() and weight > _ZERO):
        fail(
            f"น้ำหนัก {quoted(weight)} ต้องเป็นตัวเลขที่มากกว่า 0",
            f"the weight {quoted(weight)} must be a number above 0",
            field,
        )


def total_weight(weights: Iterable[Decimal]) -> Decimal:
    """Σ of weights, exact; 0 for none. See sum_products for generators."""
    before = getcontext()
    setcontext(EXACT)
    try:
        return sum(weights, _ZERO)
    finally:
        setcontext(before)


class Placed(NamedTuple):
    """An indicator in one round: its weight there, whether it runs, and whether its own criteria apply (at least one
    is not N/A). `parent` is the key of the indicator whose part it is, None at the top."""

    key: Hashable
    parent: Hashable | None
    weight: Decimal | None
    runs: bool = True
    applies: bool = True


def applying(rows: Sequence[Placed]) -> frozenset[Hashable]:
    """The keys of the indicators that count in the round: they run with whatever they are part of, and their criteria
    or one of their own parts apply."""
    below: dict[Hashable, list[Placed]] = {}
    for row in rows:
        below.setdefault(row.parent, []).append(row)
    found: set[Hashable] = set()

    def counts(row: Placed, above: bool) -> bool:
        runs = above and row.runs and row.applies
        parts = [counts(part, runs) for part in below.get(row.key, ())]
        if runs and (not parts or any(parts)):
            found.add(row.key)
        return row.key in found

    for row in below.get(None, ()):
        counts(row, True)
    return frozenset(found)


def applicable_total(total: Decimal, rows: Sequence[Placed], own_weights: bool = False) -> Decimal:
    """T: the agreement's declared total (100) less the weights that don't apply in the round (domain.md, 'Averages').

    `own_weights`: the round has weights of its own; they reach the total without the indicators that don't run.
    """
    counted = applying(rows)
    lost = [
        row.weight for row in rows
        if row.parent is None and row.weight and row.key not in counted and (row.runs or not own_weights)
    ]
    return EXACT.subtract(total, total_weight(lost))


def shares_sum(parts: Iterable[Part], total: Decimal) -> Decimal | None:
    """Σ(W × S) / T of four places, rounded once (not a sum of rounded shares); None where nothing applicable is
    scored, EngineError unless T > 0. Seed 004: 4.7740."""
    check_weight(total, "total")
    scored = [part for part in parts if part.applicable and part.score is not None]
    if not scored:
        return None
    return quotient4(sum_products([part.weight for part in scored], [part.score for part in scored]), total)


def share(weight: Decimal, score: Decimal, total: Decimal) -> Decimal:
    """The share W × S / T of four places (seed 001: 4 × 5 / 100 = 0.2000); EngineError unless T > 0."""
    check_weight(total, "total")
    return quotient4(_multiply(weight, score), total)
