"""The responsibility matrix, against every row of seed 003, on the page and in the text of the PDF."""

import re

import pytest
import yaml
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from indicators.models import Indicator, Responsibility
from kpiportal.accounts.models import Unit
from reports.papers import PAPERS, Asked
from tests.cast import agreement, person
from tests.reports.papers.reading import (
    ACROSS,
    assert_pdf_says_what_the_page_says,
    page_of,
    pdf_of,
    printed_on,
    sheets,
    squeezed,
)

pytestmark = pytest.mark.usefixtures("seeds", "db")
FIXTURE = yaml.safe_load((settings.BASE_DIR / "fixtures" / "immigration_2559.yaml").read_text(encoding="utf-8"))
ROLES = ("lead_hq", "co_hq", "lead_bureau", "co_bureau", "operating")


def built(**asked):
    return PAPERS["matrix"].build(Asked(agreement("imm-2559"), person("auditor"), **asked))


def test_every_indicator_of_the_seed_with_its_five_cells():
    rows = [row for row in built().rows if not row.is_group]
    assert len(rows) == len(FIXTURE["indicators"]) == 12
    for row, source in zip(rows, FIXTURE["indicators"], strict=True):
        cells = {cell["role"]: cell["as_written"] for cell in source["responsibilities"]}
        assert row.name == f"{source['number']} {source['name']}"
        assert row.cells == tuple(cells.get(role, "") for role in ROLES)


def test_groups_stand_in_the_order_of_the_document_with_the_weights_that_it_gives():
    assert [(row.name, row.depth, row.weight) for row in built().rows if row.is_group] == [
        ("มิติภายนอก", 0, "60"),
        ("ด้านประสิทธิผล", 1, ""),
        ("ตัวชี้วัดเพื่อประเมินผลการปฏิบัติราชการตามแผนปฏิบัติราชการ สตม.", 2, ""),
        ("ตัวชี้วัดตามคำรับรองการปฏิบัติราชการของหน่วย (Joint KPIs)", 2, ""),
        ("ด้านการประเมินคุณภาพ (ก.พ.ร. เจ้าภาพหลัก)", 1, ""),
        ("มิติภายใน", 0, "40"),
        ("ด้านการประเมินประสิทธิภาพ", 1, ""),
        ("ด้านการประเมินประสิทธิภาพ", 1, ""),
    ]


def test_units_that_changed_since_are_folded_not_left_as_they_were_written():
    cell = Responsibility.objects.get(indicator__number="3.1", role="operating")
    cell.units.remove(Unit.objects.get(code="imm-2"))
    [row] = [row for row in built().rows if row.name.startswith("3.1")]
    assert cell.as_written == "บก.ตม.1-6" and row.cells[4] == "บก.ตม.1, 3 – 6"
    cell.units.set(Unit.objects.filter(parent__code="immigration"))
    [row] = [row for row in built().rows if row.name.startswith("3.1")]
    assert row.cells[4] == "ทุกหน่วยในสังกัด สตม."


@pytest.mark.parametrize(
    ("language", "digits", "said"),
    [
        ("th", "arabic", ["บก.ตม.1 – 6", "บก.ตม.1 ,3-6", "ทุกหน่วยในสังกัด", "1.4.3", "2559"]),
        ("th", "thai", ["บก.ตม.๑ – ๖", "บก.ตม.๑ ,๓-๖", "ทุกหน่วยในสังกัด", "๑.๔.๓", "๒๕๕๙"]),
        ("en", "arabic", ["Responsibility matrix", "Lead unit of สตม.", "weight 60 per cent", "Operating units"]),
    ],
)
def test_the_page_in_both_languages_and_digits(language, digits, said):
    page = page_of(agreement("imm-2559"), "matrix", language=language, digits=digits)
    for piece in said:
        assert piece in page
    if digits == "thai":
        assert not re.search("[0-9]", printed_on(page))


@pytest.mark.parametrize("digits", ["arabic", "thai"])
def test_the_text_of_all_sheets_is_the_source(digits):
    text = assert_pdf_says_what_the_page_says(agreement("imm-2559"), "matrix", digits=digits)
    for row in built(digits=digits).rows:
        for piece in (row.name, *row.cells):
            assert squeezed(piece) in text


def test_it_lies_across_as_the_original_does():
    assert sheets(pdf_of(agreement("imm-2559"), "matrix")) == ACROSS


def test_queries_do_not_grow_with_the_indicators():
    before = queries()
    first = Indicator.objects.filter(agreement__code="imm-2559").first()
    for n in range(3):
        more = Indicator.objects.create(agreement=first.agreement, order=900 + n, name=f"more {n}", group=first.group)
        cell = more.responsibilities.create(role="operating", as_written="บก.ตม.1")
        cell.units.set(Unit.objects.filter(code="imm-1"))
    assert queries() == before <= 9


def queries() -> int:
    built()
    with CaptureQueriesContext(connection) as captured:
        built()
    return len(captured)
