"""The figures of an agreement counted anew with plain fractions, from its definition and what was reported: nothing of
the engine is used (domain.md, 'Rubrics' and 'Averages')."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

NA = "not applicable"
LOW, HIGH = Fraction(1), Fraction(5)
Sm = Fraction | str | None  # None: open


class Answer(NamedTuple):
    """What was reported of a criterion in a round; `given`: a score that a reviewer gave as it is."""

    status: str = "open"
    value: Decimal | None = None
    done: frozenset[str] = frozenset()
    data: tuple[Decimal, Decimal] | None = None
    given: Decimal | None = None


@dataclass
class Crit:
    """A criterion; its answers by months and side ('own', 'final')."""

    name: str
    weight: Decimal
    rubric: dict
    items: tuple = ()
    answers: dict[tuple[int, str], Answer] = field(default_factory=dict)


@dataclass
class Ind:
    """An indicator of criteria or of parts; its own weights by months; 99: never cancelled."""

    name: str
    weight: Decimal
    group: str = ""
    crits: list[Crit] = field(default_factory=list)
    parts: list["Ind"] = field(default_factory=list)
    weights: dict[int, Decimal] = field(default_factory=dict)
    first: int = 0
    cancelled: int = 99

    def weighs(self, months: int) -> Decimal:
        return self.weights.get(months, self.weight)

    def runs(self, months: int) -> bool:
        return self.first <= months < self.cancelled

    @property
    def leaves(self) -> list["Ind"]:
        return self.parts or [self]


@dataclass
class Year:
    """An agreement of a year; `groups`: its keys with those of the groups around them."""

    number: int
    months: tuple[int, ...]
    inds: list[Ind]
    groups: dict[str, str] = field(default_factory=dict)
    pk: int = 0

    @property
    def all(self) -> list[Ind]:
        return [each for ind in self.inds for each in (ind, *ind.parts)]

    def members(self, key: str) -> list[Ind]:
        return [ind for ind in self.inds if ind.group and key in (ind.group, self.groups[ind.group])]


class Figure(NamedTuple):
    """An indicator's score, whether it counts, and which part of its weight is open."""

    score: Fraction | None
    applies: bool
    open: Fraction


def half_up(number: Fraction) -> Fraction:
    """To four places."""
    return Fraction(math.floor(number * 10_000 + Fraction(1, 2)), 10_000)


def mean(pairs: Iterable[tuple[Decimal, Fraction]]) -> Fraction | None:
    """Σ(W × S) / ΣW, rounded once."""
    pairs = [(Fraction(weight), score) for weight, score in pairs]
    return half_up(sum(w * s for w, s in pairs) / sum(w for w, _ in pairs)) if pairs else None


def text(score: Fraction | None) -> str:
    """As it is printed."""
    return "–" if score is None else f"{score.numerator * 10_000 // score.denominator / 10_000:.4f}"


def signed(change: Fraction | None) -> str:
    """A difference as it is printed."""
    if not change:
        return text(change)
    return f"{'+' if change > 0 else '−'}{text(abs(change))}"


def short(number: Fraction | Decimal) -> str:
    """A number of at most four places without zeros at its end."""
    shown = text(half_up(Fraction(number)))
    return shown.rstrip("0").rstrip(".")


def on_ladder(rubric: dict, value: Fraction) -> Fraction:
    """Between targets, rising or falling; what a level gives where the rubric steps."""
    steps = [(Fraction(level["target"]), Fraction(level["score"])) for level in rubric["levels"]]
    sign = 1 if steps[0] < steps[-1] else -1
    reached = [step for step in steps if sign * value >= sign * step[0]]
    if not reached:
        return LOW
    start, low = reached[-1]
    if len(reached) == len(steps) or rubric.get("between") == "step":
        return low
    end, high = steps[len(reached)]
    return half_up(low + (high - low) * (value - start) / (end - start))


def quotient(answer: Answer) -> Fraction | None:
    """A / B × 100."""
    above, below = answer.data
    return Fraction(above) / Fraction(below) * 100 if below else None


def sm(rubric: dict, answer: Answer) -> Sm:
    """The score of an answer."""
    if answer.given is not None:
        return Fraction(answer.given)
    if answer.status != "reported":
        return {"open": None, "not_reported": LOW, NA: NA}[answer.status]
    kind = rubric["kind"]
    if kind == "level":
        return half_up(Fraction(answer.value))
    if kind == "thresholds":
        value = quotient(answer) if answer.data else Fraction(answer.value)
        return None if value is None else on_ladder(rubric, value)
    reached = LOW
    for level in rubric["levels"]:
        if kind == "count" and len(answer.done) >= level["items_needed"]:
            reached = Fraction(level["score"])
        if kind == "milestones":
            if not set(level["items"]) <= answer.done:
                break
            reached = Fraction(level["score"])
    return reached


Say = Callable[[Crit], Sm]


def said(months: int, side: str = "final") -> Say:
    """What the criteria score in a round."""
    return lambda crit: sm(crit.rubric, crit.answers.get((months, side), Answer()))


def figure(ind: Ind, say: Say, months: int, fill: Fraction | None = None, above: bool = True) -> Figure:
    """An indicator in a round; `fill`: what is open scores that."""
    above = above and ind.runs(months)
    below = [(part.weight, figure(part, say, months, fill, above)) for part in ind.parts]
    for crit in ind.crits:
        one = say(crit)
        score = None if one == NA else fill if one is None else one
        below.append((crit.weight, Figure(score, one != NA, Fraction(one is None))))
    counted = [(Fraction(weight), one) for weight, one in below if one.applies]
    score = mean((weight, one.score) for weight, one in counted if one.score is not None)
    all_of_it = sum(weight for weight, _ in counted)
    opened = sum(weight * one.open for weight, one in counted) / all_of_it if counted else Fraction(1)
    return Figure(score, above and bool(counted), Fraction(1) if score is None else opened)


@dataclass
class Counted:
    """A year's round on one side."""

    year: Year
    months: int
    side: str = "final"

    def __post_init__(self) -> None:
        self.say = said(self.months, self.side)

    def of(self, ind: Ind) -> Figure:
        above = next((other for other in self.year.inds if ind in other.parts), None)
        return figure(ind, self.say, self.months, above=above is None or above.runs(self.months))

    def weight(self, ind: Ind) -> Fraction:
        return Fraction(ind.weighs(self.months))

    @property
    def total(self) -> Fraction:
        """T: 100 less what doesn't apply; own weights of a round leave out what doesn't run."""
        own = any(self.months in ind.weights for ind in self.year.inds)
        out = [ind for ind in self.year.inds if not self.of(ind).applies and (ind.runs(self.months) or not own)]
        return 100 - sum((self.weight(ind) for ind in out), Fraction(0))

    def scored(self, inds: Iterable[Ind]) -> list[tuple[Fraction, Fraction]]:
        both = [(self.weight(ind), self.of(ind)) for ind in inds]
        return [(weight, one.score) for weight, one in both if one.applies and one.score is not None]

    def share(self, ind: Ind) -> Fraction | None:
        one = self.of(ind)
        counts = one.applies and one.score is not None
        return half_up(self.weight(ind) * one.score / self.total) if counts else None

    @property
    def score(self) -> Fraction | None:
        return mean(self.scored(self.year.inds))

    @property
    def shares(self) -> Fraction | None:
        scored = self.scored(self.year.inds)
        return half_up(sum(w * s for w, s in scored) / self.total) if scored else None

    @property
    def open(self) -> Fraction:
        found = [(self.weight(ind), self.of(ind)) for ind in self.year.inds]
        return sum((weight * one.open for weight, one in found if one.applies), Fraction(0))

    def filled(self, fill: Callable[[Ind], Fraction]) -> Fraction:
        """The agreement's score when what is open of an indicator scores `fill`."""
        inds = [ind for ind in self.year.inds if self.of(ind).applies]
        return mean((self.weight(ind), figure(ind, self.say, self.months, fill(ind)).score) for ind in inds)

    def had(self) -> dict[str, Fraction]:
        """The scores that count, by name."""
        found = {ind.name: self.of(ind) for ind in self.year.all}
        return {name: one.score for name, one in found.items() if one.applies and one.score is not None}


def highest(ind: Ind, months: int, say: Say) -> Fraction:
    """The highest level that what applies can give."""
    parts = [part for part in ind.parts if figure(part, say, months).applies] or ind.parts
    if parts:
        return mean((part.weight, highest(part, months, say)) for part in parts)
    crits = [crit for crit in ind.crits if say(crit) != NA] or ind.crits
    tops = [max((Fraction(one["score"]) for one in crit.rubric.get("levels", ())), default=HIGH) for crit in crits]
    return mean(zip((crit.weight for crit in crits), tops, strict=True))


class Anew:
    """Last year's final results under this year's definition."""

    def __init__(self, now: Year, then: Year, months_then: int) -> None:
        self.then = {ind.name: ind for ind in then.all}
        self.months = months_then
        self.found: dict[int, Sm] = {}
        for ind in now.all:
            self.take(ind)

    def take(self, ind: Ind) -> None:
        old = self.then.get(ind.name)
        pairs = [(crit, self.same(crit, ind, old)) for crit in ind.crits]
        scores = [self.anew(crit, one) if one else None for crit, one in pairs]
        if None not in scores:
            self.found |= {id(crit): score for crit, score in zip(ind.crits, scores, strict=True)}

    def same(self, crit: Crit, ind: Ind, old: Ind | None) -> Crit | None:
        if old is None:
            return None
        if len(ind.crits) == len(old.crits) == 1:
            return old.crits[0]
        return next((one for one in old.crits if one.name == crit.name), None)

    def anew(self, crit: Crit, old: Crit) -> Sm:
        answer = old.answers.get((self.months, "final"), Answer())
        score = sm(old.rubric, answer)
        if score in (None, NA):
            return score
        if crit.rubric["kind"] != old.rubric["kind"]:
            return None
        if crit.rubric == old.rubric or answer.given is not None:
            return score
        if answer.data:  # the figure as it was stored
            answer = answer._replace(value=Decimal(text(half_up(quotient(answer)))), data=None)
        return sm(crit.rubric, answer)

    def say(self, crit: Crit) -> Sm:
        return self.found.get(id(crit))
