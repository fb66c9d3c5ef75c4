"""Making an agreement and putting it in force: sums, rubrics, and what a draft may leave out."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from indicators.models import (
    Agreement,
    Assignment,
    Criterion,
    Group,
    Indicator,
    Level,
    RoundWeight,
)
from indicators.queries import definition_view
from indicators.services import create_agreement, put_in_force
from indicators.services.agreements import DefinitionUnfinished
from kpiportal.audit.models import AuditEvent
from scoring.engine.readiness import Problem
from tests.definitions import (
    COMPLETE_COUNT,
    COUNT,
    FORMULA,
    ITEMS,
    LEVEL,
    MILESTONES,
    THRESHOLDS,
    criterion,
    definition,
    draft,
    in_force,
    indicator,
)

pytestmark = pytest.mark.usefixtures("seeds", "db")


def refused(agreement: Agreement) -> list[Problem]:
    """The problems with which an agreement is kept a draft; the refusal leaves no trace."""
    before = AuditEvent.objects.count()
    with pytest.raises(DefinitionUnfinished) as error:
        put_in_force(agreement, by=None)
    assert Agreement.objects.get(pk=agreement.pk).state == Agreement.State.DRAFT
    assert AuditEvent.objects.count() == before
    return error.value.problems


class TestSums:
    """Each wrong sum is refused with sum, expected and difference, in both languages."""

    @pytest.mark.parametrize(
        ("weights", "english", "thai"),
        [
            (
                ("60", "39.5"),
                "add up to 99.5, expected 100: 0.5 is missing",
                "น้ำหนักรวม 99.5 ต้องเป็น 100 ขาดอีก 0.5",
            ),
            (("60", "40.0001"), "add up to 100.0001, expected 100: 0.0001 is too much", "เกินมา 0.0001"),
        ],
    )
    def test_indicators_against_the_total(self, weights, english, thai):
        (problem,) = refused(draft(*(indicator(w, key=f"i{n}") for n, w in enumerate(weights))))
        assert problem.code == "indicator_sum"
        assert english in problem.message.en and thai in problem.message.th

    def test_criteria_against_their_indicators_own_weight(self):
        """Seed 001's indicator weighs 4, and its document leaves the fourth criterion out."""
        parts = [criterion(f"c{n}", weight) for n, weight in enumerate(("1.0", "0.5", "1"))]
        (problem,) = refused(draft(indicator("4", *parts), indicator("96", key="rest")))
        assert problem.code == "criteria_sum"
        assert problem.message.en == "i1 indicator i1: the weights add up to 2.5, expected 4: 1.5 is missing"
        assert problem.message.th == "i1 indicator i1: น้ำหนักรวม 2.5 ต้องเป็น 4 ขาดอีก 1.5"

    def test_another_total_than_100(self):
        assert in_force(indicator("60"), indicator("20", key="i2"), total_weight="80").state == "in_force"
        (problem,) = refused(draft(indicator("100"), total_weight="80", code="second"))
        assert "add up to 100, expected 80: 20 is too much" in problem.message.en

    def test_an_excerpt_may_stay_below_its_total_but_not_above(self):
        assert in_force(indicator("4"), excerpt=True).state == "in_force"
        (problem,) = refused(draft(indicator("101"), excerpt=True, code="second"))
        assert problem.message.en == "Indicators: the weights add up to 101, at most 100: 1 is too much"

    def test_the_weights_of_a_round(self):
        agreement = draft(indicator("60"), indicator("40", key="i2"), rounds=[{"months": 6}, {"months": 12}])
        first = Indicator.objects.get(agreement=agreement, order=1)
        weight = RoundWeight.objects.create(indicator=first, round=agreement.rounds.get(months=6), weight=50)
        (problem,) = refused(agreement)
        assert (problem.code, problem.path) == ("round_sum", ("round_weights", "รอบ 6 เดือน"))
        assert "90" in problem.message.en and "10" in problem.message.en
        RoundWeight.objects.filter(pk=weight.pk).update(weight=60)
        assert put_in_force(agreement, by=None).state == "in_force"

    def test_a_round_counts_only_the_indicators_that_run_in_it(self):
        agreement = draft(
            indicator("60"),
            indicator("40", key="late", first_round=12),
            rounds=[{"months": 6}, {"months": 12}],
        )
        first = Indicator.objects.get(agreement=agreement, order=1)
        RoundWeight.objects.create(indicator=first, round=agreement.rounds.get(months=6), weight=100)
        assert put_in_force(agreement, by=None).state == "in_force"

    def test_whichever_road_a_weight_came_by(self):
        """The check reads the database, so that an import or a repair by hand can't get around it."""
        agreement = draft(indicator("100", criterion("a", "50"), criterion("b", "50")))
        Criterion.objects.filter(indicator__agreement=agreement, name="b").update(weight=49)
        (problem,) = refused(agreement)
        assert "add up to 99, expected 100: 1 is missing" in problem.message.en
        Criterion.objects.filter(indicator__agreement=agreement, name="b").update(weight=50)
        Indicator.objects.filter(agreement=agreement).update(weight=99)
        assert [problem.code for problem in refused(agreement)] == ["criteria_sum", "indicator_sum"]

    def test_weights_are_added_exactly(self):
        thirds = [criterion(f"c{n}", weight) for n, weight in enumerate(("0.1", "0.2", "0.0001", "99.6999"))]
        assert in_force(indicator("100", *thirds)).state == "in_force"


class TestUnfinished:
    def test_a_draft_may_lack_weights_criteria_and_rubrics(self):
        agreement = draft(
            indicator(
                None, criterion("no rubric yet", None, {}), lead_unit=None, supervisor=None, collectors=()
            ),
            indicator(None, key="no criteria", rubric=None, criteria=()) | {"rubric": {}},
        )
        assert agreement.state == Agreement.State.DRAFT
        codes = [problem.code for problem in refused(agreement)]
        assert (
            codes.count("weight_missing") == 4
            and codes.count("rubric") == 2
            and codes.count("indicator_sum") == 1
        )

    def test_an_agreement_without_indicators(self):
        assert [problem.code for problem in refused(draft())] == ["no_indicators"]

    @pytest.mark.parametrize(
        ("rubric", "items"),
        [
            ({"kind": "thresholds", "levels": [{"score": "1", "target": "5"}]}, ()),
            (
                {
                    "kind": "thresholds",
                    "levels": [{"score": s, "target": t} for s, t in zip("123", "575", strict=True)],
                },
                (),
            ),
            (
                {
                    "kind": "thresholds",
                    "levels": [{"score": "1", "target": "1"}, {"score": "6", "target": "2"}],
                },
                (),
            ),
            ({**FORMULA, "formula": "A ** B"}, ()),
            ({**COUNT, "levels": [{"score": "1", "items_needed": 4}]}, ITEMS),
            ({**COMPLETE_COUNT, "levels": COMPLETE_COUNT["levels"][1:]}, ITEMS),
            ({**MILESTONES, "levels": [{"score": "1"}]}, ITEMS),
        ],
        ids=[
            "one target",
            "turns back",
            "outside the scale",
            "power",
            "too few items",
            "no floor",
            "level without items",
        ],
    )
    def test_a_bad_rubric_is_refused_with_the_criterions_name(self, rubric, items):
        (problem,) = refused(draft(indicator("100", criterion("the bad one", "100", rubric, items))))
        assert problem.code == "rubric"
        assert problem.message.en.startswith("i1 indicator i1 › the bad one: ")
        assert problem.message.th.startswith("i1 indicator i1 › the bad one: ")

    def test_a_formula_must_name_the_base_data_that_are_asked_for(self):
        """Else the entry page would ask for A only, and no result could ever be scored."""
        rubric = {**FORMULA, "variables": FORMULA["variables"][:1]}
        assert [p.code for p in refused(draft(indicator("100", criterion("c", "100", rubric))))] == ["rubric"]


class TestPutInForce:
    def test_writes_one_entry_and_twice_is_once(self):
        agreement = in_force(indicator())
        assert agreement.state == Agreement.State.IN_FORCE
        put_in_force(agreement, by=None)
        trail = [(entry.action, entry.after) for entry in AuditEvent.objects.about(agreement)]
        assert [action for action, _ in trail] == ["agreement.created", "agreement.put_in_force"]
        assert trail[1][1] == {"state": "in_force"}

    def test_every_kind_of_rubric_passes(self):
        kinds = ((MILESTONES, ITEMS), (COUNT, ITEMS), (COMPLETE_COUNT, ITEMS), (THRESHOLDS, ()), (LEVEL, ()))
        parts = [criterion(rubric["kind"], "20", rubric, items) for rubric, items in kinds]
        view = definition_view(in_force(indicator("100", *parts)))
        assert [c.rubric["kind"] for c in view.indicators[0].criteria] == [
            rubric["kind"] for rubric, _ in kinds
        ]


class TestCreate:
    def test_makes_everything_in_the_order_of_the_document(self):
        groups = [
            {
                "key": "d",
                "kind": "dimension",
                "name": "same",
                "groups": [{"key": "g", "kind": "group", "name": "inner"}],
            },
            {"key": "d2", "kind": "dimension", "name": "same"},
        ]
        rows = indicator("50", key="x", group="g"), indicator("50", key="x2", number="x", group="d2")
        agreement = create_agreement({**definition(*rows), "groups": groups}, by=None)
        assert [(g.order, g.name, g.parent and g.parent.order) for g in agreement.groups.all()] == [
            (1, "same", None),
            (2, "inner", 1),
            (3, "same", None),
        ]
        indicators = agreement.indicators.all()
        assert [(i.order, i.number, i.group.order) for i in indicators] == [(1, "x", 2), (2, "x", 3)]
        assert [c.weight for i in indicators for c in i.criteria.all()] == [50, 50]

    def test_people_are_assigned_to_every_round_or_to_the_one_that_is_named(self):
        row = indicator(supervisor={"person": "supervisor", "round": 12})
        agreement = draft(row, rounds=[{"months": 6}, {"months": 12}])
        found = Assignment.objects.filter(indicator__agreement=agreement).values_list(
            "role", "round__months", "person__username"
        )
        assert sorted(found) == [
            ("collector", 6, "collector"),
            ("collector", 12, "collector"),
            ("supervisor", 12, "supervisor"),
        ]

    @pytest.mark.parametrize(
        ("rows", "head"),
        [
            ((indicator("-1"),), {}),
            ((indicator("0"),), {}),
            ((indicator("100", criterion("c", "0")),), {}),
            ((indicator("100", criterion("c", "100", {"kind": "guess"})),), {}),
            ((indicator("100", criterion("c", "100", {**THRESHOLDS, "between": "leap"})),), {}),
            ((indicator("100", criterion("c", "100", COUNT, [ITEMS[0], ITEMS[0]])),), {}),
            ((indicator(first_round=7),), {}),
            ((), {"total_weight": "0"}),
            ((), {"scale": {"min": "5", "max": "1"}}),
            ((), {"code": "not a slug"}),
            ((), {"code": "moi-2559"}),
            ((), {"digits": "roman"}),
        ],
    )
    def test_nonsense_is_refused_and_nothing_is_kept(self, rows, head):
        before = Agreement.objects.count(), Indicator.objects.count(), AuditEvent.objects.count()
        with pytest.raises(ValidationError):
            draft(*rows, **head)
        assert (Agreement.objects.count(), Indicator.objects.count(), AuditEvent.objects.count()) == before

    @pytest.mark.parametrize(
        "row",
        [
            {"group": "?"},
            {"parent": "?"},
            {"responsibilities": [{"role": "lead_hq", "as_written": "x", "units": ["?"]}]},
        ],
    )
    def test_an_unknown_reference_is_refused_and_nothing_is_kept(self, row):
        before = Agreement.objects.count()
        with pytest.raises(KeyError):
            draft(indicator(**row))
        assert Agreement.objects.count() == before

    def test_a_target_stays_as_it_is_written(self):
        rubric = {
            "kind": "thresholds",
            "levels": [{"score": "1", "target": "461.30"}, {"score": "2", "target": "๕๑๑.๓๐"}],
        }
        agreement = draft(indicator("100", criterion("c", "100", rubric)))
        targets = Level.objects.filter(criterion__indicator__agreement=agreement).values_list(
            "target", flat=True
        )
        assert [str(target) for target in targets] == ["461.30", "511.30"]


class TestSubIndicators:
    """Indicator > sub-indicator > criterion (domain.md): only the indicators make up the total."""

    def of_parts(self, *weights: str, **head) -> Agreement:
        whole = indicator("100", key="whole", criteria=())
        del whole["rubric"]
        return draft(
            whole, *(indicator(w, key=f"part{n}", parent="whole") for n, w in enumerate(weights)), **head
        )

    def test_they_are_weighed_against_their_indicator(self):
        assert put_in_force(self.of_parts("70", "30"), by=None).state == "in_force"
        (problem,) = refused(self.of_parts("70", "20", code="second"))
        assert (problem.code, problem.path) == ("parts_sum", ("indicators", "0", "parts"))
        assert (
            problem.message.en
            == "whole indicator whole: the weights add up to 90, expected 100: 10 is missing"
        )

    def test_their_own_criteria_are_checked_too(self):
        agreement = self.of_parts("70", "30")
        Criterion.objects.filter(indicator__agreement=agreement, indicator__number="part1").update(weight=29)
        (problem,) = refused(agreement)
        assert (
            problem.message.en == "part1 indicator part1: the weights add up to 29, expected 30: 1 is missing"
        )


class TestRounds:
    def test_an_indicator_runs_from_its_first_round_until_it_is_cancelled(self):
        assert [Indicator(first_round=9).runs_in(months) for months in (6, 9, 12)] == [False, True, True]
        assert [Indicator(cancelled_from=9).runs_in(months) for months in (6, 9, 12)] == [True, False, False]


def test_words_of_the_agency_stand_before_the_usual_ones():
    agreement = draft(wording={"criterion": "ข้อที่"})
    assert (agreement.word("criterion"), agreement.word("indicator")) == ("ข้อที่", "ตัวชี้วัดที่")
    assert agreement.words["results"] == "ผลการดำเนินงาน"


def test_a_group_says_its_label_before_its_name():
    assert str(Group(label="มิติที่ 1", name="ประสิทธิผล")) == "มิติที่ 1 ประสิทธิผล"
    assert str(Group(name="ประสิทธิผล")) == "ประสิทธิผล"


def test_decimals_of_an_agreement_read_back_as_numbers():
    agreement = draft(total_weight="100", scale={"min": "0", "max": "10"})
    assert (agreement.total_weight, agreement.scale_max) == (Decimal(100), Decimal(10))


class TestRefusedRows:
    """What only the database knows is found by storing all rows, then said in the words of the rule that one breaks."""

    @pytest.mark.parametrize(("wrong", "sentence"), [
        (criterion("c", "100", LEVEL | {"levels": [{"score": score} for score in "121"]}), "Score already exists"),
        (criterion("c", "100", MILESTONES, [*ITEMS, ITEMS[0]]), "Code already exists"),
        (criterion("c", "-1"), "criterion_weight"),
    ])
    def test_end_in_a_sentence_and_nothing_of_them_stays(self, wrong, sentence):
        with translation.override("en"), pytest.raises(ValidationError, match=sentence):
            draft(indicator("100", wrong))
        assert not Agreement.objects.filter(code="trial").exists()
