"""Units as documents write them: every cell of seed 003 and what people type beside it."""

import pytest
import yaml
from django.conf import settings

from indicators.ranges import read_units
from kpiportal.accounts.models import Unit

pytestmark = pytest.mark.usefixtures("seeds", "db")
SEED = settings.BASE_DIR / "fixtures" / "immigration_2559.yaml"
CELLS = [
    (cell["as_written"], set(cell["units"]))
    for row in yaml.safe_load(SEED.read_text(encoding="utf-8"))["indicators"]
    for cell in row.get("responsibilities", ())
]


def read(text: str):
    return read_units(text, Unit.objects.all(), Unit.objects.get(code="immigration"))


def codes(text: str) -> str:
    """The codes of what is read without a problem, 'imm-' left out."""
    found = read(text)
    assert found.problems == []
    return " ".join(unit.code.removeprefix("imm-") for unit in found.units)


@pytest.mark.parametrize(("text", "units"), CELLS)
def test_every_cell_of_the_seed_means_what_the_seed_says(text, units):
    found = read(text)
    assert ({unit.code for unit in found.units}, found.problems) == (units, [])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("บก.ตม.๑ – ๓", "1 2 3"),
        ("บก.ตม.1 ถึง บก.ตม.3", "1 2 3"),
        ("IMM-1 to imm-3", "1 2 3"),
        ("บก.ตม. 1 ,3-6", "1 3 4 5 6"),
        ("บก.ตม.1, ๒ และ 4", "1 2 4"),
        ("บก.ตม.1และ2", "1 2"),
        ("ศทส.ตม.; บก.สส.สตม.", "ict inv"),
        ("บก.ตม.1 บก.สส.สตม.", "1 inv"),
        ("กองบังคับการตรวจคนเข้าเมือง 2 - 3", "2 3"),
        ("ฝอ.3-4 บก.อก.สตม.", "admin-3 admin-4"),
        ("บก.ตม.1 – 6 ยกเว้น บก.ตม.2, 4-5", "1 3 6"),
        ("บก.ตม.1 – 6 (ยกเว้น บก.ตม.3)", "1 2 4 5 6"),
        ("บก.ตม.1 – 6 ยกเว้น 3 และ 5-6", "1 2 4"),
        ("ทุกหน่วยในสังกัด ยกเว้น บก.ตม.1-6\nกก.3\nบก.สส.สตม.", "admin ict inv inv-3"),
        ("all units below บก.สส.สตม.", "inv-3 inv-inquiry"),
        ("สำนักงานงบประมาณและการเงิน", "rtp-finance"),
    ],
)
def test_what_people_type(text, expected):
    assert codes(text) == expected


def test_overlapping_ranges_give_each_unit_once_and_say_so():
    found = read("บก.ตม.1-4, 3-6")
    assert [unit.code for unit in found.units] == [f"imm-{n}" for n in range(1, 7)]
    assert [unit.code for unit in found.twice] == ["imm-3", "imm-4"]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("บก.ตม.5 – 8", ["'บก.ตม.7'", "'บก.ตม.8'"]),
        ("บก.ตม.1 – 99", ["'บก.ตม.7'"]),
        ("บก.ตม.6-1", ["'บก.ตม.6-1'"]),
        ("บก.ตม.1-9999", ["'บก.ตม.1-9999'"]),
        ("บก.ตม.1 - บก.สส.2", ["'บก.ตม.1-บก.สส.2'"]),
        ("บก.ตม.1, กก.9, nowhere", ["'กก.9'", "'nowhere'"]),
        ("3-6", ["'3-6'"]),
        ("ทุกหน่วยในสังกัด บก.ตม.1", ["บก.ตม.1"]),
        ("ทุกหน่วยในสังกัด nowhere", ["'nowhere'"]),
        ("บก.ตม.1 ยกเว้น บก.ตม.2", ["บก.ตม.2"]),
        ("บก.ตม.1 ยกเว้น บก.ตม.1", ["บก.ตม.1 – 6"]),
        (" \n, ", ["บก.ตม.1 – 6"]),
    ],
)
def test_what_can_not_be_read_is_told_all_at_once(text, named):
    problems = read(text).problems
    assert len(problems) == len(named)
    for problem, name in zip(problems, named, strict=True):
        assert name in problem.th and name in problem.en


def test_a_range_that_goes_far_beyond_the_agency_says_how_many_it_lacks():
    [problem] = read("บก.ตม.1 – 99").problems
    assert problem.th.startswith("ไม่พบ 93 หน่วย") and problem.en.startswith("93 units of the range 'บก.ตม.1-99'")


def test_a_name_that_two_units_have_is_asked_for_again():
    above = Unit.objects.get(code="imm-1")
    Unit.objects.create(code="x", name="x", short_name="บก.ตม.2", kind="section", parent=above, path="/x/")
    [problem] = read("บก.ตม.2").problems
    assert "'บก.ตม.2'" in problem.en and "code" in problem.en


def test_only_known_units_are_found():
    outside = Unit.objects.filter(path__startswith="/ega/")
    [problem] = read_units("บก.ตม.1", outside, Unit.objects.get(code="ega")).problems
    assert "บก.ตม.1" in problem.en
