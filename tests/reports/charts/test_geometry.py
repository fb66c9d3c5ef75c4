"""Pictures worked out by hand: where bars end, where points lie, what is joined and what is left out."""
from decimal import Decimal

import pytest
from django.utils import translation

from reports.charts.bars import bar_chart
from reports.charts.heat import MOST_COLUMNS, MOST_ROWS, MOST_SCORES, Head, HeatScore, Unit, heat_map
from reports.charts.levels import level_chart, shade
from reports.charts.radar import radar
from reports.charts.rows import Issue, ScoreRow
from reports.charts.scale import HIDDEN, NOT_APPLICABLE, OPEN, SCORED, Scale, at
from reports.charts.trend import ABOVE, BELOW, LEFT, RIGHT, Moment, trend
from scoring.engine.text import thai_digits

LEVELS = tuple(map(Decimal, (1, 2, 3, 4, 5)))
SCALE = Scale(Decimal(1), Decimal(5), LEVELS)


def row(score: str | None, status: str = "", target: str | None = "5", kind: str = "indicator") -> ScoreRow:
    number = None if score is None else Decimal(score)
    return ScoreRow(
        kind, 0, "1", "1 ตัวชี้วัด", Decimal(10), number, status or (OPEN if score is None else SCORED),
        None if target is None else Decimal(target),
    )


def issues(*scores: str | None) -> list[Issue]:
    return [
        Issue(str(n), f"issue {n}", None if one is None else Decimal(one), OPEN if one is None else SCORED)
        for n, one in enumerate(scores, 1)
    ]


class TestLine:
    @pytest.mark.parametrize(("value", "place"), [
        ("0", "0"), ("3.1", "198.4"), ("5", "320"), ("9", "320"), ("-1", "0")
    ])
    def test_is_cut_in_proportion_and_never_left(self, value, place):
        assert at(Decimal(value), Decimal(0), Decimal(5), 320) == Decimal(place)

    def test_is_rounded_half_up_to_a_tenth(self):
        assert at(Decimal("3.8805"), Decimal(0), Decimal(5), 100) == Decimal("77.6")
        assert at(Decimal("0.0025"), Decimal(0), Decimal(5), 100) == Decimal("0.1")

    @pytest.mark.parametrize(("score", "level"), [
        ("1", 1), ("1.9999", 1), ("2", 2), ("4.9999", 4), ("5", 5), ("0.5", 1)
    ])
    def test_a_level_is_reached_when_the_score_is_not_below_it(self, score, level):
        assert SCALE.level_of(Decimal(score)) == level


class TestBars:
    def test_begin_at_0_and_end_at_the_score(self):
        chart = bar_chart([row("3.1000", target="4.5"), row("5.0000")], SCALE)
        assert [(bar.length, bar.target_at, bar.score) for bar in chart.rows] == [
            (Decimal("198.4"), Decimal(288), "3.1000"), (Decimal(320), Decimal(320), "5.0000")
        ]
        assert chart.marks == tuple(zip("12345", map(Decimal, (64, 128, 192, 256, 320)), strict=True))

    @pytest.mark.parametrize(("status", "words"), [
        (OPEN, "no score yet"), (NOT_APPLICABLE, "Not applicable"), (HIDDEN, "after certification")
    ])
    def test_without_a_score_there_is_none_and_it_is_said(self, status, words):
        with translation.override("en"):
            [bar] = bar_chart([row(None, status)], SCALE).rows
        assert (bar.length, bar.is_scored, bar.score) == (None, False, words)

    def test_of_a_scale_that_ends_at_100(self):
        scale = Scale(Decimal(50), Decimal(100), (Decimal(50), Decimal(100)))
        [bar] = bar_chart([row("75", target=None)], scale).rows
        assert (bar.length, bar.target_at) == (Decimal(240), None)

    def test_thai_digits_are_in_the_words_only(self):
        [bar] = bar_chart([row("3.1000")], SCALE, thai_digits).rows
        assert (bar.name, bar.score, bar.weight, bar.target) == ("๑ ตัวชี้วัด", "๓.๑๐๐๐", "๑๐", "๕")
        assert bar.length == Decimal("198.4")


class TestRadar:
    def test_points_lie_on_their_axes(self):
        drawn = radar("x", issues("5", "2.5", "3", "1"), SCALE)
        assert [axis.point for axis in drawn.axes] == [(216, 30), (266, 130), (216, 190), (196, 130)]
        assert drawn.outline == "216.0,30.0 266.0,130.0 216.0,190.0 196.0,130.0" and drawn.lines == ()
        assert [axis.anchor for axis in drawn.axes] == ["middle", "start", "middle", "end"]
        assert drawn.rings[-1][0] == "216.0,30.0 316.0,130.0 216.0,230.0 116.0,130.0"

    def test_an_issue_without_a_score_has_no_point_and_no_line(self):
        drawn = radar("x", issues("5", "2.5", None, "1"), SCALE)
        assert drawn.axes[2].point is None and drawn.outline == ""
        assert [(line.start, line.end) for line in drawn.lines] == [((216, 30), (266, 130)), ((196, 130), (216, 30))]

    def test_needs_three_issues(self):
        assert radar("x", issues("5", "2"), SCALE) is None

    def test_of_twenty_issues_says_their_numbers_and_leaves_the_scores_to_the_table(self):
        drawn = radar("x", issues(*["3"] * 20), SCALE)
        assert [axis.said for axis in drawn.axes] == [str(n) for n in range(1, 21)]
        assert {axis.score for axis in drawn.axes} == {"3.0000"}


class TestTrend:
    MOMENTS = [Moment("6", "2568", Decimal(1)), Moment("9", "2568", Decimal(3)), Moment("12", "2568", None),
               Moment("6", "2569", Decimal(5))]

    def test_points_rise_with_the_score(self):
        line = trend("x", self.MOMENTS, SCALE)
        assert [(dot.x, dot.y) for dot in line.dots] == [(64, 144), (148, 84), (232, None), (316, 24)]

    def test_joins_neighbours_only(self):
        line = trend("x", self.MOMENTS, SCALE)
        assert [(start.x, end.x) for start, end in line.lines] == [(64, 148)]

    @pytest.mark.parametrize(
        ("scores", "places"),
        [
            ("1 3 1", [BELOW, ABOVE, BELOW]),
            ("3 1 3", [ABOVE, BELOW, ABOVE]),
            ("1 3 5", [BELOW, LEFT, ABOVE]),
            ("5 3 1", [ABOVE, RIGHT, BELOW]),
            ("3 3.5 4", [ABOVE, ABOVE, ABOVE]),
        ],
    )
    def test_scores_stand_where_no_line_runs_through_them(self, scores, places):
        line = trend("x", [Moment("6", "2568", Decimal(score)) for score in scores.split()], SCALE)
        assert [dot.place for dot in line.dots] == places

    def test_of_no_round_is_empty(self):
        line = trend("x", [], SCALE)
        assert line.dots == line.lines == () and not line.lines_drawn and line.width > 0


class TestLevels:
    def test_the_most_is_the_whole_height(self):
        rows = [row("1"), row("1.9"), row("3"), row("5"), row(None), row(None, NOT_APPLICABLE)]
        chart = level_chart(rows, SCALE)
        assert [column.count for column in chart.columns] == ["2", "0", "1", "0", "1", "1", "1"]
        assert [column.height for column in chart.columns] == [120, 0, 60, 0, 60, 60, 60]
        assert [column.is_level for column in chart.columns] == [True] * 5 + [False] * 2
        assert all(column.y + column.height == chart.base for column in chart.columns)

    def test_of_nothing_is_flat(self):
        chart = level_chart([], SCALE)
        assert [column.height for column in chart.columns] == [0] * 5 and chart.total == "0"

    def test_shades_get_darker_with_the_level_and_stay_apart_in_grey(self):
        def grey(level: Decimal) -> float:
            red, green, blue = (int(shade(level, SCALE).fill[n:n + 2], 16) for n in (1, 3, 5))
            return 0.299 * red + 0.587 * green + 0.114 * blue

        greys = [grey(level) for level in LEVELS]
        assert all(lighter - darker > 20 for lighter, darker in zip(greys, greys[1:], strict=False))


class TestHeat:
    UNITS = [Unit(1, "หน่วยงานหนึ่ง", "น.1"), Unit(2, "หน่วยงานที่มีชื่อยาวกว่าที่วางได้", "")]
    HEADS = [Head("a", "1", "1 a"), Head("b", "", "b")]
    SCORES = {
        (1, "a"): HeatScore(Decimal("4.9999"), SCORED, 7), (1, "b"): HeatScore(None, OPEN, 8),
        (2, "b"): HeatScore(None, NOT_APPLICABLE, 9),
    }

    def test_cells_stand_where_unit_and_indicator_meet(self):
        [picture] = heat_map(self.UNITS, self.HEADS, self.SCORES, SCALE).pictures
        assert [(cell.x, cell.y, cell.said, cell.dashed) for cell in picture.cells] == [
            (132, 22, "4", False), (156, 22, "–", True), (156, 40, "N/A", True)
        ]
        assert [label for label, _ in picture.rows] == ["1. น.1", "2."]
        assert [label for label, _ in picture.columns] == ["1", "(2)"]

    def test_the_table_has_every_score_and_every_name(self):
        [table] = heat_map(self.UNITS, self.HEADS, self.SCORES, SCALE).tables
        assert [(name, [one.said for one in scores]) for name, scores in table.rows] == [
            ("1. หน่วยงานหนึ่ง", ["4.9999", "–"]), ("2. หน่วยงานที่มีชื่อยาวกว่าที่วางได้", ["", "N/A"])
        ]
        assert [scores[1].result for _, scores in table.rows] == [8, 9]

    def test_forty_units_and_sixty_indicators_are_parted_so_that_each_part_fits_on_a_page(self):
        units = [Unit(n, f"unit {n}", "") for n in range(40)]
        heads = [Head(str(n), str(n), str(n)) for n in range(60)]
        scores = {(unit.key, head.key): HeatScore(Decimal(3), SCORED) for unit in units for head in heads}
        chart = heat_map(units, heads, scores, SCALE)
        assert [(len(one.rows), len(one.columns)) for one in chart.pictures] == [
            (MOST_ROWS, MOST_COLUMNS), (MOST_ROWS, 60 - MOST_COLUMNS),
            (40 - MOST_ROWS, MOST_COLUMNS), (40 - MOST_ROWS, 60 - MOST_COLUMNS),
        ]
        # A4 across within its margins, at 96 units to the inch: text is printed in its own size, never shrunk.
        assert all(one.width <= 1009 and one.height <= 600 for one in chart.pictures)
        assert sum(len(one.cells) for one in chart.pictures) == 2400
        assert [len(one.columns) for one in chart.tables] == [MOST_SCORES] * 4 + [60 - 4 * MOST_SCORES]

    def test_of_nobody_is_empty(self):
        assert heat_map([], [], {}, SCALE).pictures == ()
