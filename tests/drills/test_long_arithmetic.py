"""100,000 random ladders and 20,000 random averages against fractions, from a seed that never changes."""

from decimal import Decimal
from fractions import Fraction
from random import Random

from scoring.engine.formula import Part, weighted_average
from scoring.engine.rubric import interpolate, make_targets
from tests.engine.test_rubric import by_hand, half_up

LADDERS, AVERAGES = 100_000, 20_000


def decimals(chance: Random, size: int, whole: int, places: int) -> list[Decimal]:
    """Different decimals in rising order."""
    found = set()
    while len(found) < size:
        found.add(Decimal(chance.randint(-(10**whole), 10**whole)).scaleb(-chance.randint(0, places)))
    return sorted(found)


def test_interpolation_is_exact():
    chance = Random(2559)
    for _ in range(LADDERS):
        size = chance.randint(2, 6)
        scores = sorted({Decimal(n).scaleb(-2) for n in chance.sample(range(100, 500), size)})
        targets = decimals(chance, size, 9, 6)
        rows = list(zip(scores, targets if chance.random() < 0.5 else targets[::-1], strict=True))
        near = chance.choice(targets) + Decimal(chance.randint(-(10**6), 10**6)).scaleb(-4)
        floor = scores[0] - chance.randint(0, 1)
        assert interpolate(make_targets(rows), near, floor) == half_up(by_hand(rows, near, floor)), (rows, near)


def test_averages_are_exact():
    chance = Random(2557)
    for _ in range(AVERAGES):
        parts = [
            Part(Decimal(chance.randint(1, 100_000)).scaleb(-4), Decimal(chance.randint(10_000, 50_000)).scaleb(-4))
            for _ in range(chance.randint(1, 20))
        ]
        exact = sum(Fraction(p.weight) * Fraction(p.score) for p in parts) / sum(Fraction(p.weight) for p in parts)
        assert weighted_average(parts).score == half_up(exact), parts
