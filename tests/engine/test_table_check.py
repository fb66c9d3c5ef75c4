"""The checker's rule: a right table has no finding, a wrong cell is found once, with right value and working."""
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import NamedTuple

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from scoring.engine.table_check import SHARE, SUM, check
from scoring.engine.table_rows import GROUP, INDICATOR, TOTAL, Printed, Row

D = Decimal
LEVELS = tuple(map(D, "12345"))


def four(number: str | int) -> Printed:
    return Printed(D(number).quantize(D("0.0001")), 4)


def line(name, weight, targets, result, score, weighted, **more) -> Row:
    """An indicator's row; `targets` written as on paper, '-' for a level that isn't given."""
    pairs = tuple((level, D(each)) for level, each in zip(LEVELS, targets.split(), strict=True) if each != "-")
    shown = [None if each is None else Printed(D(each), len(each.partition(".")[2])) for each in (score, weighted)]
    return Row(INDICATOR, name, Printed(D(weight), 0), pairs, None if result is None else D(result), *shown, **more)


def wrong(rows, **how) -> list[tuple]:
    """(row's name, cell, printed, right, follows) of each finding."""
    found = check(rows, **how).findings
    return [(rows[f.row].name, f.cell, f.printed.text, f.right and str(f.right), f.follows) for f in found]


def total(weight, score) -> Row:
    return Row(TOTAL, "total", Printed(D(weight), 0), score=four(score))


class TestRow:
    def test_seed_004_prints_twice_the_share_of_1_7_and_the_right_total(self):
        rows = [line("1.6", 5, "4 - 5 - 6", "5.00", "3.0000", "0.1500"),
                line("1.7", 5, "1 2 3 4 5", "5.00", "5.0000", "0.5000"),
                line("2.2", 90, "70 75 80 85 90", "84.40", "3.8800", "3.4920"), total(100, "3.8920")]
        checked = check(rows)
        [finding] = checked.findings
        assert (finding.row, finding.cell, finding.printed.text) == (1, "weighted", "0.5000")
        assert (str(finding.right), finding.follows, checked.weighted, checked.total) == ("0.2500", False, SHARE, 100)
        assert [step.en for step in finding.working] == ["5 × 5.0000 / 100 = 0.2500"]

    def test_total_that_adds_up_the_wrong_row_follows_from_it(self):
        rows = [line("1.6", 5, "4 - 5 - 6", "5.00", "3.0000", "0.1500"),
                line("1.7", 5, "1 2 3 4 5", "5.00", "5.0000", "0.5000"),
                line("2.2", 90, "70 75 80 85 90", "84.40", "3.8800", "3.4920"), total(100, "4.1420")]
        assert wrong(rows) == [
            ("1.7", "weighted", "0.5000", "0.2500", False), ("total", "score", "4.1420", "3.8920", True)]

    def test_score_comes_with_the_interpolation_written_out(self):
        [finding] = check([line("2.2", 5, "70 75 80 85 90", "84.40", "3.9000", None)]).findings
        assert finding.working[0].en == (
            "84.40 lies between 80 (3) and 85 (4): 3 + (84.40 − 80) / (85 − 80) × (4 − 3) = 3.8800")

    def test_targets_that_fall_and_levels_that_are_levels(self):
        level = line("b", 50, "1 2 3 4 5", "4.8", "4.8000", "2.4")
        assert wrong([line("a", 50, "30 25 20 15 10", "12", "4.6000", "2.3000"), level]) == []
        [finding] = check([level._replace(score=four(4), weighted=None)]).findings
        assert finding.working[0].en.startswith("The level 4.8 is the score")

    def test_what_is_weighted_follows_from_a_wrong_score(self):
        rows = [line("a", 40, "1 2 3 4 5", "3", "4.0000", "1.6000"),
                line("b", 60, "1 2 3 4 5", "5", "5.0000", "3.0000")]
        assert wrong(rows) == [("a", "score", "4.0000", "3.0000", False), ("a", "weighted", "1.6000", "1.2000", True)]

    def test_steps_are_taken_where_they_fit_more_rows(self):
        steps = [line(str(n), 25, "70 75 80 85 90", "84.40", "3.0000", "0.75") for n in range(3)]
        assert check(steps).stepped and wrong(steps) == []
        mixed = [*steps, line("x", 25, "70 75 80 85 90", "84.40", "3.8800", "0.97")]
        found = check(mixed).findings
        assert [(f.row, f.cell, str(f.right)) for f in found] == [(3, "score", "3.0000"), (3, "weighted", "0.7500")]
        assert found[0].working[-1].en == "Interpolated, it would be 3.8800."

    def test_another_scale(self):
        rows = [line("a", 100, "1 2 3 4 5", "60", "75.00", None)]
        pairs = tuple(zip(map(D, (50, 75, 100)), map(D, (40, 60, 80)), strict=True))
        assert wrong([rows[0]._replace(targets=pairs)], scale=(D(50), D(100))) == []

    def test_words_for_targets_leave_the_score_as_printed(self):
        row = line("a", 50, "- - - - -", None, "4.0000", "2.0000")
        rows = [row, line("b", 50, "1 2 3 4 5", "3", "3.0000", "1.5000"), total(100, "3.5000")]
        assert wrong(rows) == [] and [number for number, _ in check(rows).taken] == [0]

    def test_targets_that_turn_back_are_told_and_the_score_taken(self):
        [(number, reason)] = check([line("a", 50, "1 2 2 4 5", "3", "4.0000", None)]).taken
        assert number == 0 and "strictly rise" in reason.en


class TestPlaces:
    def test_fewer_places_are_rounded_half_up(self):
        row = line("a", 3, "70 75 80 85 90", "84.40", "3.88", "0.12")  # 0.1164
        assert wrong([row, line("b", 97, "1 2 3 4 5", "5", "5.0", "4.85")]) == []
        assert wrong([row._replace(weighted=Printed(D("0.11"), 2)), line("b", 97, "1 2 3 4 5", "5", "5", "4.85")]) == [
            ("a", "weighted", "0.11", "0.1164", False)]

    def test_a_workbook_may_hold_more_than_it_shows(self):
        row = line("a", 60, "1 2 3 4 5", "2.5", None, None)
        assert wrong([row._replace(score=Printed(D("2.5000000000"), 10))]) == []
        third = line("b", 30, "1 4 7 10 13", "2", "1.3333", None)
        assert wrong([third._replace(score=Printed(D("1.3333333333"), 10))]) == []
        assert wrong([row._replace(score=Printed(D("2.4996"), 2))]) == []
        assert wrong([row._replace(score=Printed(D("2.4996"), 4))]) == [("a", "score", "2.4996", "2.5000", False)]

    def test_rounding_at_once_is_right_too(self):
        """3 × 4.1650 / 100 = 0.124950: 0.1250 of four places, but 0.12 of two."""
        rows = [line("a", 3, "1 2 3 4 5", "4.165", "4.1650", "0.12"), line("b", 97, "1 2 3 4 5", "5", "5", "4.85")]
        assert wrong(rows) == []
        assert wrong([rows[0]._replace(weighted=Printed(D("0.13"), 2)), rows[1]]) == []


class TestWholeTable:
    def test_what_is_not_applicable_leaves_both_sums(self):
        rows = [line("a", 40, "1 2 3 4 5", "3", "3.0000", "1.5000"),
                line("b", 40, "1 2 3 4 5", "5", "5.0000", "2.5000"),
                line("c", 20, "1 2 3 4 5", None, None, None, applicable=False), total(100, "4.0000")]
        checked = check(rows)
        assert (checked.findings, checked.total) == ((), 80)
        rows[2] = rows[2]._replace(weighted=four("0.2"))
        assert wrong(rows) == [("c", "weighted", "0.2000", None, False)]

    def test_open_rows_leave_the_score_so_far(self):
        rows = [line("a", 40, "1 2 3 4 5", "3", "3.0000", "1.2000"), line("b", 60, "1 2 3 4 5", None, None, None)]
        for printed in ("3.0000", "1.2000"):
            assert wrong([*rows, total(100, printed)]) == []

    def test_products_and_shares_are_told_apart(self):
        products = [line("1", 1, "1 2 3 4 5", "3", "3", "3.0000"), line("2", "0.5", "1 2 3 4 5", "3", "3", "1.5000"),
                    line("3", 1, "1 2 3 4 5", "5", "5", "5.0000")]
        end = Row(TOTAL, "total", Printed(D("2.5"), 1), score=four("3.8"), weighted=four("9.5"))
        assert check([*products, end]).weighted == SUM and wrong([*products, end]) == []
        shares = [line("1", 4, "1 2 3 4 5", "5", "5.0000", "0.2000")]
        excerpt = Row(TOTAL, "total", Printed(D(100), 0))
        assert check([*shares, excerpt])[1:3] == (SHARE, D(100)) and wrong([*shares, excerpt]) == []

    def test_weights_that_do_not_add_up(self):
        rows = [Row(GROUP, "g", Printed(D(90), 0), style="g"), line("a", 40, "1 2 3 4 5", "3", "3.0000", None),
                line("b", 60, "1 2 3 4 5", "3", "3.0000", None), total(90, 3)]
        assert wrong(rows) == [("g", "weight", "90", "100", False), ("total", "weight", "90", "100", False)]

    def test_a_wrong_weight_of_a_heading_does_not_swallow_the_next_one(self):
        """7 would be right if the second heading, of 2, were part of the first, of 5."""
        leaf = line("x", 1, "1 2 3 4 5", "5", "5.0000", None)
        heads = [Row(GROUP, name, Printed(D(w), 0), style="d") for name, w in (("A", 7), ("B", 2))]
        assert wrong([heads[0], *[leaf] * 5, heads[1], *[leaf] * 2]) == [("A", "weight", "7", "5", False)]

    def test_headings_without_a_common_word_nest_by_their_weights(self):
        leaf = line("x", 10, "1 2 3 4 5", "5", "5.0000", None)
        low = line("y", 10, "1 2 3 4 5", "2", "2.0000", None)
        rows = [Row(GROUP, "p", Printed(D(40), 0), score=four("3.5")),
                Row(GROUP, "q", Printed(D(20), 0), score=four(5)), leaf, leaf,
                Row(GROUP, "r", Printed(D(20), 0), score=four(2)),
                low, low, total(40, "3.5")]
        assert wrong(rows) == []

    def test_what_could_not_be_read_is_not_judged_and_no_average_over_it(self):
        rows = [Row(GROUP, "g", Printed(D(100), 0), score=four(1)),
                line("a", 40, "1 2 3 4 5", None, None, "9", unread=True),
                line("b", 60, "1 2 3 4 5", "3", "4.0000", None), total(100, 1)]
        assert wrong(rows) == [("b", "score", "4.0000", "3.0000", False)]
        rows[0] = rows[0]._replace(weight=Printed(D(90), 0))
        assert wrong(rows)[0] == ("g", "weight", "90", "100", False)

    def test_nothing_and_oddities_raise_nothing(self):
        bare = Row(INDICATOR, "x")
        for rows in ([], [bare], [Row(GROUP)], [Row(TOTAL, score=four(1))], [bare._replace(weight=Printed(D(0), 0))],
                     [bare._replace(weight=Printed(D(-1), 0), score=four(3), weighted=four(1))]):
            assert check(rows).findings == ()


class Table(NamedTuple):
    """A table by its inputs; the cells that follow are worked out here with fractions."""

    dimensions: tuple  # of groups of (weight, targets, result, applicable)
    kind: str
    places: int


LADDERS = st.sampled_from(
    ["1 2 3 4 5", "70 75 80 85 90", "90 85 80 75 70", "4 - 5 - 6", "99.3 99.4 99.5 99.6 99.7", "0 - - - 10"])
RESULTS = st.decimals(0, 110, places=2)
LEAF = st.tuples(st.integers(1, 20), LADDERS, RESULTS, st.integers(1, 8).map(lambda n: n > 1))
TABLES = st.builds(
    Table, st.lists(st.lists(st.lists(LEAF, min_size=2, max_size=3), min_size=1, max_size=2), min_size=1, max_size=3),
    st.sampled_from([SUM, SHARE]), st.sampled_from([4, 4, 2]))


def sm(targets: str, result: Decimal) -> Fraction:
    """The score of four places, by the plainest reading of the rule."""
    pairs = [(n, Fraction(each)) for n, each in enumerate(targets.split(), 1) if each != "-"]
    sign = 1 if pairs[0][1] < pairs[-1][1] else -1
    value, last = Fraction(result), None
    for level, target in pairs:
        if sign * value < sign * target:
            break
        last = level, target
    if last is None:
        return Fraction(1)
    if last == pairs[-1]:
        return Fraction(last[0])
    level, target = pairs[pairs.index(last) + 1]
    return Fraction(half_up(last[0] + (value - last[1]) / (target - last[1]) * (level - last[0]), 4))


def half_up(number: Fraction, places: int) -> Decimal:
    scaled = number * 10**places
    return D((2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)).scaleb(-places)


def mean(leaves) -> Fraction | None:
    counted = [(weight, sm(targets, result)) for weight, targets, result, applies in leaves if applies]
    return Fraction(sum(w * s for w, s in counted), sum(w for w, _ in counted)) if counted else None


def printed(table: Table) -> list[Row]:
    leaves = [leaf for dimension in table.dimensions for group in dimension for leaf in group]
    divided = sum(leaf[0] for leaf in leaves if leaf[3]) if table.kind == SHARE else 1

    def cell(number: Fraction | None) -> Printed | None:
        return None if number is None else Printed(half_up(Fraction(half_up(number, 4)), table.places), table.places)

    def head(kind: str, style: str, inside) -> Row:
        return Row(kind, style, Printed(D(sum(leaf[0] for leaf in inside)), 0), score=cell(mean(inside)), style=style)

    rows = []
    for dimension in table.dimensions:
        rows.append(head(GROUP, "dimension", [leaf for group in dimension for leaf in group]))
        for group in dimension:
            rows.append(head(GROUP, "group", group))
            for weight, targets, result, applies in group:
                found = sm(targets, result) if applies else None
                weighted = None if found is None else weight * found / divided
                rows.append(line("x", weight, targets, result if applies else None, None, None, applicable=applies)
                            ._replace(score=cell(found), weighted=cell(weighted)))
    return [*rows, head(TOTAL, "total", leaves)]


class TestProperties:
    @given(TABLES)
    @settings(max_examples=100, deadline=None)
    def test_a_right_table_has_no_finding(self, table):
        assume(sum(leaf[3] for d in table.dimensions for g in d for leaf in g) > 1)
        assert wrong(printed(table)) == []

    @given(TABLES, st.data())
    @settings(max_examples=100, deadline=None)
    def test_one_changed_cell_is_that_finding(self, table, data):
        rows = printed(table)
        assume(sum(leaf[3] for d in table.dimensions for g in d for leaf in g) > 4)
        cells = [(n, cell) for n, row in enumerate(rows) for cell in ("weight", "score", "weighted")
                 if getattr(row, cell) and not (row.kind == INDICATOR and cell == "weight")]
        number, cell = data.draw(st.sampled_from(cells))
        right = getattr(rows[number], cell)
        by = data.draw(st.integers(2, 9_999).filter(lambda n: n * 10 > 10**right.places // 100))
        changed = Printed(right.value + D(by).scaleb(-right.places), right.places)
        rows[number] = rows[number]._replace(**{cell: changed})
        found = check(rows).findings
        assert [(f.row, f.cell, f.printed) for f in found] == [(number, cell, changed)]
        assert found[0].right.quantize(right.value, ROUND_HALF_UP) == right.value

    @given(TABLES, st.data())
    @settings(max_examples=60, deadline=None)
    def test_a_changed_result_is_found_in_all_cells_that_it_gives(self, table, data):
        before = printed(table)
        assume(sum(leaf[3] for d in table.dimensions for g in d for leaf in g) > 4)
        leaves = [n for n, row in enumerate(before) if row.kind == INDICATOR and row.applicable]
        number = data.draw(st.sampled_from(leaves))
        result = data.draw(RESULTS)
        flat = iter(range(len(before)))
        numbers = [next(n for n in flat if before[n].kind == INDICATOR) for d in table.dimensions for g in d for _ in g]
        after = iter(n == number for n in numbers)
        new = printed(table._replace(dimensions=[
            [[(w, t, result if next(after) else r, a) for w, t, r, a in g] for g in d] for d in table.dimensions]))
        differs = [(n, cell) for n, (old, mended) in enumerate(zip(before, new, strict=True))
                   for cell in ("score", "weighted") if getattr(old, cell) != getattr(mended, cell)]
        before[number] = before[number]._replace(result=result)
        assert [(f.row, f.cell) for f in check(before).findings] == differs
