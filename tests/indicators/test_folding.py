"""Units written short again: what folds is read back as the same units, and seed 003's cells come out as they stand."""

import re

import pytest
import yaml
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from indicators.ranges import Folding, read_units
from kpiportal.accounts.models import Unit

pytestmark = pytest.mark.usefixtures("seeds", "db")
SEED = settings.BASE_DIR / "fixtures" / "immigration_2559.yaml"
CELLS = [
    (cell["as_written"], cell["units"])
    for row in yaml.safe_load(SEED.read_text(encoding="utf-8"))["indicators"]
    for cell in row.get("responsibilities", ())
]


def plainly(text: str) -> str:
    """A cell without what writers do differently: dashes, spaces, brackets and line breaks."""
    return re.sub(r"[\s()]", "", re.sub(r"\s*[-–]\s*", "-", text))


@pytest.fixture
def folding() -> Folding:
    return Folding(Unit.objects.all(), Unit.objects.get(code="immigration"))


def units(*codes: str) -> list[Unit]:
    found = {unit.code: unit for unit in Unit.objects.filter(code__in=codes)}
    return [found[code] for code in codes]


@pytest.mark.parametrize(("text", "codes"), CELLS)
def test_every_cell_of_the_seed_folds_to_what_stands_there(folding, text, codes):
    assert folding.means(text, units(*codes))
    assert plainly(folding.fold(units(*codes))) == plainly(text)


@pytest.mark.parametrize(
    ("codes", "text"),
    [
        ("imm-1 imm-2 imm-3 imm-4 imm-5 imm-6", "บก.ตม.1 – 6"),
        ("imm-6 imm-1 imm-3 imm-5 imm-4", "บก.ตม.1, 3 – 6"),
        ("imm-2", "บก.ตม.2"),
        ("imm-inv imm-2 imm-4", "บก.สส.สตม.\nบก.ตม.2, 4"),
        ("imm-admin-3 imm-admin-4 imm-admin-6", "ฝอ.3 – 4 บก.อก.สตม., ฝอ.6 บก.อก.สตม."),
        ("rtp-ict rtp-finance", "สทส.\nสงป."),
        ("", ""),
    ],
)
def test_what_folds(folding, codes, text):
    assert folding.fold(units(*codes.split())) == text


def test_all_units_below_fold_with_those_of_elsewhere_behind(folding):
    below = list(Unit.objects.filter(parent__code="immigration"))
    assert folding.fold(below) == "ทุกหน่วยในสังกัด สตม."
    assert folding.fold([*units("rtp-ict"), *below]) == "ทุกหน่วยในสังกัด สตม.\nสทส."


def test_numbers_written_with_a_nought_are_no_range(folding):
    home = folding.reader.home
    made = [Unit(pk=9000 + n, code=f"z-0{n}", name=f"กอง ก.0{n}", path=f"/z{n}/") for n in (1, 2, 3)]
    assert Folding(made, home).fold(made) == "กอง ก.01\nกอง ก.02\nกอง ก.03"


def test_a_name_that_two_units_have_is_written_by_another(folding):
    home = folding.reader.home
    twins = [
        Unit(pk=9000 + n, code=f"twin-{n}", name=f"กอง {letter}", short_name="กท.", path=f"/t{n}/")
        for n, letter in enumerate("กข")
    ]
    assert Folding(twins, home).fold(twins) == "กอง ก\nกอง ข"


HEADS = ("บก.ตม.", "กก.", "ฝ่าย ", "ด่าน", "Section ", "3", "ฝอ.1 กก.")
TAILS = ("", " บก.สส.", "ก", " ตม.2")


@st.composite
def trees(draw) -> tuple[list[Unit], Unit, list[Unit]]:
    """A home with units of every shape of name around it, and some of them."""
    home = Unit(pk=1, code="home", name="สำนัก", short_name="สน.", path="/home/")
    shapes = draw(st.lists(
        st.tuples(st.sampled_from(HEADS), st.integers(0, 40), st.sampled_from(TAILS), st.booleans()),
        min_size=1, max_size=25, unique_by=lambda shape: shape[:3],
    ))
    known = [home] + [
        Unit(
            pk=n, code=f"u{n}x", name=f"หน่วย {chr(0x0e01 + n)}{chr(0x0e01 + n)}", short_name=f"{head}{number}{tail}",
            path=f"/home/u{n}/", parent_id=1 if inside else None,
        )
        for n, (head, number, tail, inside) in enumerate(shapes, 2)
    ]
    return known, home, draw(st.lists(st.sampled_from(known), unique=True, min_size=1))


@given(trees())
def test_what_is_folded_is_read_as_the_same_units(tree):
    known, home, some = tree
    found = read_units(Folding(known, home).fold(some), known, home)
    assert (found.problems, set(found.units), found.twice) == ([], set(some), [])
