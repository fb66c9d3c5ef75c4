"""Every figure of the papers, dashboards, pictures and workbooks, counted anew for agreements made by chance."""

from decimal import Decimal
from fractions import Fraction

import pytest
from django.utils import translation

from indicators.models import Agreement
from reports.dashboards.executive import load_executive
from reports.papers import PAPERS, Asked
from reports.workbooks.writing import book_bytes
from tests.cast import person
from tests.reports.papers.recount import (
    HIGH, LOW, NA, Anew, Answer, Counted, Ind, Year, figure, half_up, highest, mean, quotient, short, signed, text,
)
from tests.reports.papers.recount_making import Making
from tests.reports.workbooks.formulas import Evaluator
from tests.reports.workbooks.reading import check_formulas, read_back

pytestmark = pytest.mark.usefixtures("seeds", "db")
SEEDS = 1, 2
DASH = "–"


def built(name: str, year: Year, months: int | None = None):
    """A paper as the office reads it."""
    found = Agreement.objects.select_related("unit", "fiscal_year").get(pk=year.pk)
    with translation.override("en"):
        return PAPERS[name].build(Asked(found, person("office"), months))


def book_of(name: str, paper) -> bytes:
    with translation.override("en"):
        return book_bytes(PAPERS[name].workbook(paper))


def three_years(seed: int) -> list[Year]:
    """The earliest first, each indicator known by its name."""
    making = Making(seed)
    rounds = making.chance.choice(((6, 9, 12), (6, 12)))
    first = making.made(making.first_year(2567, (12,)))
    second = making.made(making.next_year(first, making.chance.choice(((6, 12), (12,)))))
    return [first, second, making.made(making.next_year(second, rounds))]


def weight_said(side: Counted, ind: Ind) -> str:
    return short(side.weight(ind)) if side.of(ind).applies else DASH


def result_said(side: Counted, ind: Ind) -> str:
    """The result of a single criterion, else the level reached."""
    answer = ind.crits[0].answers.get((side.months, side.side), Answer()) if len(ind.crits) == 1 else Answer()
    if answer.status in (NA, "not_reported") and answer.given is None:
        return {NA: "N/A"}.get(answer.status, DASH)
    value = half_up(quotient(answer) or 0) if answer.data else answer.value
    if answer.data and answer.data[1] == 0:
        value = None
    if value is not None:
        return short(value)
    score = side.of(ind).score
    return DASH if score is None else short(score)


def alike(shown: str) -> str:
    """A printed figure at its shortest."""
    return shown if shown in (DASH, "N/A", "") else short(Fraction(shown))


def agree(found: dict, expected: dict) -> None:
    """Both say the same, and if not, where they don't."""
    assert {key: (found.get(key), one) for key, one in expected.items() if found.get(key) != one} == {}
    assert found.keys() == expected.keys()


def check_summary(year: Year, months: int) -> None:
    paper = built("summary", year, months)
    final, own = Counted(year, months), Counted(year, months, "own")
    check_table(paper.table, final)
    check_table(paper.own or paper.table, own)
    check_book(book_of("summary", paper), [own, final] if paper.own else [final])


def check_table(table, side: Counted) -> None:
    rows = {row.name: row for row in table.rows if row.kind == "indicator"}
    found, expected = {}, {}
    for ind in side.year.all:
        row, one = rows[ind.name], side.of(ind)
        found[ind.name] = row.weight, alike(row.result), row.score, row.weighted, row.open_weight, row.applicable
        opened = short(side.weight(ind) * one.open) if one.open and one.score is not None and one.applies else ""
        # Of a part's share the paper says W × S / T as of any row.
        said = short(side.weight(ind)), result_said(side, ind), text(one.score), text(side.share(ind)), opened
        expected[ind.name] = *said, one.applies
    agree(found, expected)
    groups = {row.name: row.score for row in table.rows if row.kind != "indicator"}
    scored = {key: mean(side.scored(side.year.members(key))) for key in side.year.groups if side.year.members(key)}
    agree(groups, {key: "" if score is None else text(score) for key, score in scored.items()})
    assert (table.total_weight, table.score, table.sum_weighted, table.open_weight) == (
        short(side.total), text(side.score), text(side.shares), short(side.open) if side.open else "",
    )


def check_book(content: bytes, sides: list[Counted]) -> None:
    """Formulas give what stands beside them, and that is what was counted here."""
    check_formulas(content)
    sheet = read_back(content)["summary"]
    cells = Evaluator(sheet)
    rows = {str(cell.value).strip(): cell.row for cell in sheet["A"] if cell.value}
    behind = -1 - len(sides)  # the working: whether it applies, and a weight that counts for each side
    for place, side in enumerate(reversed(sides)):
        last = sheet.max_column + behind - 3 * place

        def told(name: str, column: int) -> str:
            value = cells.value(sheet.cell(rows[name], column).coordinate)  # noqa: B023
            return text(Fraction(value)) if isinstance(value, Fraction) else value

        for ind in side.year.all:
            one = side.of(ind)
            shown = tuple(told(ind.name, column) for column in (last - 1, last))
            assert shown == (text(one.score), text(side.share(ind))), (ind.name, side.side)
        for key in side.year.groups:
            if side.year.members(key):
                assert told(key, last - 1) == text(mean(side.scored(side.year.members(key))))
        assert (told("Total weight", last - 1), told("Total weight", last)) == (text(side.score), text(side.shares))


def check_comparison(years: list[Year]) -> None:
    this, paper = years[-1], built("comparison", years[-1])
    before = [Counted(year, year.months[-1]) for year in years[:-1]]
    found = {
        row.name: ([alike(cell) for cell in row.baselines[1:]], [(c.weight, alike(c.result), c.own, c.score)
                                                                 for c in row.rounds])
        for row in paper.rows if not row.is_group
    }
    expected = {}
    for ind in this.all:
        baselines = [result_said(side, old) if (old := named(side.year, ind.name)) else DASH for side in before]
        cells = []
        for months in this.months:
            side, own = Counted(this, months), Counted(this, months, "own")
            said = text(own.of(ind).score), text(side.of(ind).score)
            cells.append((weight_said(side, ind), result_said(side, ind), *said))
        expected[ind.name] = baselines, cells
    agree(found, expected)
    sides = [(Counted(this, months, "own"), Counted(this, months)) for months in this.months]
    assert [(one.weight, one.own, one.score) for one in paper.totals] == [
        (short(final.total), text(own.score), text(final.score)) for own, final in sides
    ]
    groups = {row.name: [(cell.own, cell.score) for cell in row.rounds] for row in paper.rows if row.is_group}
    agree(groups, {
        key: [tuple(empty(mean(side.scored(this.members(key)))) for side in both) for both in sides]
        for key in this.groups if this.members(key)
    })
    check_formulas(book_of("comparison", paper))


def empty(score: Fraction | None) -> str:
    return "" if score is None else text(score)


def named(year: Year, name: str) -> Ind | None:
    return next((ind for ind in year.all if ind.name == name), None)


def check_years(years: list[Year], months: int) -> None:
    paper = built("years", years[-1], months)
    sides = [*(Counted(year, year.months[-1]) for year in years[:-1]), Counted(years[-1], months)]
    found = {row.name: [(c.weight, alike(c.result), c.score) for c in row.cells[-3:]] for row in paper.rows}
    expected = {}
    for name in {ind.name for year in years for ind in year.all}:
        both = [(side, named(side.year, name)) for side in sides]
        expected[name] = [
            (weight_said(side, ind), result_said(side, ind), text(side.of(ind).score)) if ind else (DASH,) * 3
            for side, ind in both
        ]
    agree({name: found[name] for name in found.keys() & expected}, expected)
    assert list(paper.totals[-3:]) == [text(side.score) for side in sides]
    check_formulas(book_of("years", paper))


def check_like_for_like(years: list[Year], months: int) -> None:
    before, this = years[-2:]
    paper, anew = built("like-for-like", this, months), Anew(this, before, before.months[-1])
    now, then = Counted(this, months), Counted(before, before.months[-1])
    found = {
        row.name: (row.weight_then, alike(row.result_then), row.published, row.anew, row.difference, row.weight_now,
                   row.score_now)
        for row in paper.rows
    }
    expected, tops = {}, []
    for name in {ind.name for year in (before, this) for ind in year.all}:
        ind, old = named(this, name), named(before, name)
        above = next((other for other in this.inds if ind in other.parts), None)
        like = figure(ind, anew.say, months, above=above is None or above.runs(months)) if ind and old else None
        score = like.score if like and not like.open else None
        had = then.of(old) if old else None
        published = had.score if had else None
        change = score - published if score is not None and published is not None else None
        expected[name] = (
            weight_said(then, old) if old else DASH, result_said(then, old) if old else DASH, text(published),
            text(score), signed(change), weight_said(now, ind) if ind else DASH,
            text(now.of(ind).score) if ind else DASH,
        )
        if ind in this.inds and change is not None and had.applies and like.applies:
            tops.append(((then.weight(old), published), (now.weight(ind), score)))
    agree(found, expected)
    published, scored = (mean(one[n] for one in tops) for n in (0, 1))
    change = scored - published if tops else None
    assert (paper.compared, paper.published, paper.anew, paper.difference, paper.total_then, paper.total_now) == (
        str(len(tops)), text(published), text(scored), signed(change), text(then.score), text(now.score),
    )
    check_formulas(book_of("like-for-like", paper))


def check_dashboard(years: list[Year], months: int) -> None:
    this, side = years[-1], Counted(years[-1], months)
    trial = Agreement.objects.select_related("unit", "fiscal_year").get(pk=this.pk)
    with translation.override("en"):
        found = load_executive(trial, months, user=person("office"))
    place = this.months.index(months)
    before = Counted(this, this.months[place - 1]) if place else Counted(years[-2], years[-2].months[-1])
    had, now = before.had(), side.had()
    opened = [ind for ind in this.inds if side.of(ind).applies and side.of(ind).open]
    known = sum(ind.name in had for ind in opened)
    assert found.outlook == (
        text(side.score), text(side.filled(lambda ind: had.get(ind.name, LOW))), text(side.filled(lambda _: LOW)),
        text(side.filled(lambda _: HIGH)), short(side.open), known, len(opened) - known,
    )
    both = {ind.name: (had[ind.name], now[ind.name]) for ind in this.inds if ind.name in had and ind.name in now}
    moved = {name: signed(b - a) for name, (a, b) in both.items() if a != b}
    order = sorted(moved, key=lambda name: -abs(both[name][1] - both[name][0]) * side.weight(named(this, name)))
    assert [(move.name, move.before, move.now, move.difference) for move in found.moved] == [
        (name, *map(text, both[name]), moved[name]) for name in order[:5]
    ]
    assert found.same == len(both) - len(moved)
    stakes = {
        ind.name: half_up(side.weight(ind) * (HIGH - figure(ind, side.say, months, LOW).score) / side.total)
        for ind in this.inds if side.of(ind).applies
    }
    at_risk = sorted((stake for name, stake in stakes.items() if stake or named(this, name) in opened), reverse=True)
    assert [risk.stake for risk in found.risks] == [text(stake) for stake in at_risk[:5]]
    assert all(risk.stake == text(stakes[risk.name]) for risk in found.risks)


def check_pictures(years: list[Year], months: int) -> None:
    side, paper = Counted(years[-1], months), built("charts", years[-1], months)
    scores = {ind.name: side.had().get(ind.name) for ind in side.year.all}
    targets = {ind.name: highest(ind, months, side.say) for ind in side.year.all}
    for key in filter(side.year.members, side.year.groups):
        members = side.year.members(key)
        scores[key] = mean(side.scored(members))
        counted = [ind for ind in members if side.of(ind).applies] or members
        targets[key] = mean((side.weight(ind), targets[ind.name]) for ind in counted)
    agree(
        {row.name: (row.score if row.is_scored else DASH, row.target, row.length) for row in paper.bars.rows},
        {name: (text(score), short(targets[name]), score if score is None else Decimal(text(
            Fraction((score * 640 + Fraction(1, 2)) // 1, 10)))) for name, score in scores.items()},
    )
    tops = [side.of(ind) for ind in side.year.inds]
    counts = {f"Level {n}": sum(one.applies and one.score is not None and one.score // 1 == n for one in tops)
              for n in range(1, 6)}
    counts |= {"No score": sum(one.applies and one.score is None for one in tops),
               "N/A": sum(not one.applies for one in tops)}
    shown = {column.name: int(column.count) for column in paper.levels.columns}
    assert shown == {name: number for name, number in counts.items() if number or name.startswith("Level")}
    assert int(paper.levels.total) == len(tops) and paper.score == empty(side.score)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_figure_is_what_it_is_by_hand(seed):
    years = three_years(seed)
    for months in years[-1].months:
        check_summary(years[-1], months)
        check_dashboard(years, months)
        check_pictures(years, months)
    for year in years[:-1]:
        check_summary(year, year.months[-1])
    check_comparison(years)
    check_years(years, years[-1].months[-1])
    check_like_for_like(years, years[-1].months[-1])
