"""Agreements by chance for the recount: their definitions, and what collectors, supervisors and the office do."""

import random
from decimal import Decimal

from indicators.models import Agreement
from indicators.services import create_agreement, put_in_force
from kpiportal.accounts.models import User
from scoring.models import CriterionResult, Result
from scoring.services import (
    approve, certify, change_running, close_round, mark_criterion, open_round, save_draft, submit,
)
from scoring.values import ResultEntry
from tests.cast import person
from tests.definitions import COUNT, FORMULA, ITEMS, LEVEL, MILESTONES
from tests.reports.papers.recount import NA, Answer, Crit, Ind, Year, sm

GROUPS = {"d1": "", "d1a": "d1", "d1b": "d1", "d2": ""}
# On the way to being certified; a draft stays as it is, whatever is open.
STEPS = "draft", "draft", "submitted", "marked", "marked", "certified"


class Making:
    """Years by chance, made in the database through the services."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.people: dict[str, User] = {name: person(name) for name in ("collector", "supervisor", "office")}

    def split(self, total: Decimal, number: int) -> list[Decimal]:
        """Weights of four places that add up."""
        whole = int(total * 10_000)
        cuts = sorted(self.chance.sample(range(1, whole), number - 1))
        ends = zip([0, *cuts], [*cuts, whole], strict=True)
        return [Decimal(end - start) / 10_000 for start, end in ends]

    def ladder(self) -> dict:
        """Targets, rising or falling, of some of the levels."""
        levels = sorted(self.chance.sample(range(1, 6), self.chance.choice((2, 3, 5, 5))))
        targets = sorted(self.chance.sample(range(500, 1000), len(levels)), reverse=self.chance.random() < 0.3)
        rows = [{"score": str(n), "target": str(Decimal(t) / 10)} for n, t in zip(levels, targets, strict=True)]
        return {"levels": rows} | ({"between": "step"} if self.chance.random() < 0.2 else {})

    def rubric(self) -> tuple[dict, tuple]:
        kind = self.chance.choice(("level", "thresholds", "thresholds", "formula", "milestones", "count"))
        if kind in ("thresholds", "formula"):
            return {**(FORMULA if kind == "formula" else {"kind": "thresholds"}), **self.ladder()}, ()
        return {"level": (LEVEL, ()), "milestones": (MILESTONES, ITEMS), "count": (COUNT, ITEMS)}[kind]

    def ind(self, name: str, weight: Decimal, depth: int = 0) -> Ind:
        made = Ind(name, weight)
        number = self.chance.choice((1, 1, 2, 3))
        if depth == 0 and self.chance.random() < 0.3:
            weights = self.split(weight, 3)
            made.parts = [self.ind(f"{name} part {n}", one, 1) for n, one in enumerate(weights, 1)]
        else:
            weights = [weight] if number == 1 else self.split(weight, number)
            made.crits = [Crit(f"issue {n}", one, *self.rubric()) for n, one in enumerate(weights, 1)]
        return made

    def first_year(self, number: int, months: tuple[int, ...]) -> Year:
        weights = self.split(Decimal(100), 6)
        year = Year(number, months, [self.ind(f"thing {n}", one) for n, one in enumerate(weights)], dict(GROUPS))
        return self.placed(year)

    def next_year(self, before: Year, months: tuple[int, ...]) -> Year:
        """As the year before; an indicator goes and another comes, weights and some of the rubrics change."""
        names = [ind.name for ind in before.inds]
        gone = self.chance.choice(names)
        weights = self.split(Decimal(100), len(names))
        inds = [self.ind(f"fresh {before.number}", weights[0])]
        kept = [ind for ind in before.inds if ind.name != gone]
        inds += [self.again(ind, weight) for ind, weight in zip(kept, weights[1:], strict=True)]
        return self.placed(Year(before.number + 1, months, inds, dict(GROUPS)))

    def again(self, old: Ind, weight: Decimal) -> Ind:
        made, below = Ind(old.name, weight), old.parts or old.crits
        weights = [weight] if len(below) == 1 else self.split(weight, len(below))
        made.parts = [self.again(one, each) for one, each in zip(old.parts, weights, strict=False)]
        made.crits = [
            Crit(crit.name, each, self.changed(crit.rubric), crit.items)
            for crit, each in zip(old.crits, weights, strict=False)
        ]
        return made

    def changed(self, rubric: dict) -> dict:
        if rubric["kind"] != "thresholds" or self.chance.random() < 0.3:
            return rubric
        kept = {name: each for name, each in rubric.items() if name not in ("levels", "between")}
        return kept | self.ladder()

    def placed(self, year: Year) -> Year:
        """With groups, rounds in which indicators run, and rounds that have weights of their own."""
        for ind in year.inds:
            ind.group = self.chance.choice(("", "d1a", "d1b", "d1", "d2"))
            if len(year.months) > 1 and self.chance.random() < 0.25:
                ind.first = self.chance.choice(year.months[1:])
            elif len(year.months) > 1 and self.chance.random() < 0.25:
                ind.cancelled = year.months[-1]
        if len(year.months) > 1 and self.chance.random() < 0.6:
            months = self.chance.choice(year.months)
            running = [ind for ind in year.inds if ind.runs(months)]
            if len(running) > 1:
                for ind, weight in zip(running, self.split(Decimal(100), len(running)), strict=True):
                    ind.weights[months] = weight
        return year

    def answer(self, crit: Crit) -> Answer:
        """What is reported, now and then nothing, or that it doesn't apply."""
        what = self.chance.random()
        if what < 0.28:
            return Answer(("open", "open", "not_reported", NA)[int(what / 0.07)])
        kind = crit.rubric["kind"]
        if "formula" in crit.rubric:
            below = Decimal(self.chance.choice((0, 7, 130, 233, 240, 311)))
            return Answer("reported", data=(Decimal(self.chance.randint(90, 260)), below))
        if kind == "thresholds":
            target = Decimal(self.chance.choice(crit.rubric["levels"])["target"])
            return Answer("reported", self.chance.choice((target, target + Decimal(self.chance.randint(-999, 999)) / 77)
                          ).quantize(Decimal("0.0001")))
        if kind == "level":
            return Answer("reported", Decimal(self.chance.randint(10_000, 50_000)) / 10_000)
        return Answer("reported", done=frozenset(key for key in "abc" if self.chance.random() < 0.7))

    def made(self, year: Year) -> Year:
        """In the database, reported, reviewed, and earlier years' rounds closed at times."""
        trial = put_in_force(create_agreement(_definition(year), by=None), by=None)
        year.pk = trial.pk
        for round_ in trial.rounds.all():
            open_round(round_, by=None)
        for months in year.months:
            found = self.results(trial, months)
            steps = [self.report(leaf, found[leaf.name], months) for leaf in _running(year, months)]
            for leaf, step in zip(_running(year, months), steps, strict=True):
                self.review(leaf, found[leaf.name], months, step)
        for round_ in trial.rounds.all()[: len(year.months) - (year.number == 2569)]:
            if self.chance.random() < 0.6:
                close_round(round_, reason="over", by=self.people["office"])
        if self.chance.random() < 0.5:
            self.cancel_late(trial, year)
        return year

    def cancel_late(self, trial: Agreement, year: Year) -> None:
        """An indicator is cancelled from the last round on, after its results are there: where nothing is certified,
        whose weighted score would stand as it was."""
        last = trial.rounds.get(months=year.months[-1])
        states = {last.state, *(result.state for result in self.results(trial, last.months).values())}
        free = [ind for ind in year.inds if ind.first < last.months < ind.cancelled and not ind.weights]
        if free and len(year.months) > 1 and not states & {"closed", "certified"}:
            ind = self.chance.choice(free)
            ind.cancelled = last.months
            change_running(
                trial.indicators.get(name=ind.name), first_round=ind.first or None, cancelled_from=last.months,
                reason="given up", by=self.people["office"],
            )

    def results(self, trial: Agreement, months: int) -> dict[str, Result]:
        whole = ("indicator__agreement__unit", "indicator__agreement__fiscal_year", "round", "unit")
        found = Result.objects.select_related(*whole).filter(indicator__agreement=trial, round__months=months)
        return {result.indicator.name: result for result in found}

    def report(self, leaf: Ind, result: Result, months: int) -> str:
        """Save what is reported; gives how far the report is to come."""
        by_name = {crit.name: crit for crit in result.indicator.criteria.all()}
        entries, answers = {}, []
        for crit in leaf.crits:
            answer = self.answer(crit)
            answers.append(answer)
            crit.answers[months, "own"] = crit.answers[months, "final"] = answer
            if answer.status == NA:
                rows = CriterionResult.objects.filter(mark__result=result, criterion=by_name[crit.name])
                rows.update(status="not_applicable", score=None)
            elif answer.status != "open":
                entries[by_name[crit.name].pk] = _entry(answer)
        if entries:
            save_draft(result, ResultEntry(criteria=entries), by=self.people["collector"])
        whole = all(sm(crit.rubric, one) is not None for crit, one in zip(leaf.crits, answers, strict=True))
        return self.chance.choice(STEPS) if whole else "draft"

    def review(self, leaf: Ind, result: Result, months: int, step: str) -> None:
        if step == "draft":
            return
        submit(Result.objects.get(pk=result.pk), by=self.people["collector"])
        if step == "submitted":
            return
        for crit in leaf.crits:
            answer = crit.answers[months, "own"]
            if answer.status != NA and self.chance.random() < 0.5:
                self.mark(crit, result, answer, months)
        approve(Result.objects.get(pk=result.pk), by=self.people["supervisor"])
        if step == "certified":
            certify(Result.objects.get(pk=result.pk), by=self.people["office"])

    def mark(self, crit: Crit, result: Result, answer: Answer, months: int) -> None:
        """The supervisor marks otherwise: another figure where that is simple, else a score."""
        simple = crit.rubric["kind"] in ("level", "thresholds") and answer.value is not None
        other = self.answer(crit) if simple else Answer()
        if other.status == "reported" and other.value not in (None, answer.value):
            said = {"entry": {"value": other.value}}
        else:
            other = answer._replace(given=Decimal(self.chance.randint(100, 500)) / 100)
            said = {"score": other.given}
            if sm(crit.rubric, other) == sm(crit.rubric, answer):
                return
        crit.answers[months, "final"] = other
        criterion = result.indicator.criteria.get(name=crit.name)
        now = Result.objects.get(pk=result.pk)
        mark_criterion(now, criterion, reason="no proof", by=self.people["supervisor"], **said)


def _running(year: Year, months: int) -> list[Ind]:
    return [leaf for ind in year.inds if ind.runs(months) for leaf in ind.leaves if leaf.runs(months)]


def _entry(answer: Answer) -> dict:
    if answer.status == "not_reported":
        return {"not_reported": True, "reason": "lost"}
    if answer.data:
        return {"data": dict(zip("AB", answer.data, strict=True))}
    return {"done": answer.done, "nothing": not answer.done} if answer.value is None else {"value": answer.value}


def _definition(year: Year) -> dict:
    """As create_agreement takes it."""
    above = {key: {"key": key, "kind": "group", "name": key, "groups": []} for key in year.groups}
    for key, around in year.groups.items():
        if around:
            above[around]["groups"].append(above[key])
    head = {"code": f"y{year.number}", "unit": "moi", "year": year.number, "name": f"year {year.number}"}
    rows = [row for ind in year.inds for row in (_row(ind), *(_row(part, ind) for part in ind.parts))]
    return {
        "agreement": head | {"rounds": [{"months": months} for months in year.months]},
        "groups": [above[key] for key, around in year.groups.items() if not around], "indicators": rows,
    }


def _row(ind: Ind, above: Ind | None = None) -> dict:
    row = {
        "key": ind.name, "number": "", "name": ind.name, "weight": str(ind.weight), "lead_unit": "moi",
        "supervisor": {"person": "supervisor"}, "collectors": [{"person": "collector"}],
        "round_weights": {months: str(weight) for months, weight in ind.weights.items()},
        "first_round": ind.first or None, "cancelled_from": None if ind.cancelled == 99 else ind.cancelled,
        "criteria": [
            {"name": crit.name, "weight": str(crit.weight), "rubric": crit.rubric, "items": crit.items}
            for crit in ind.crits
        ],
    }
    placed = {"group": ind.group} if ind.group else {}
    return row | placed | ({"parent": above.name} if above else {})
