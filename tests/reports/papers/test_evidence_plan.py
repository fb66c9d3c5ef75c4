"""The evidence plan, against seed 000: ten items, what must be shown for each, and why."""

import re

import pytest
import yaml
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from reports.papers import PAPERS, Asked
from scoring.engine.text import thai_digits
from tests.cast import agreement, person
from tests.definitions import ITEMS, MILESTONES, criterion, draft, indicator
from tests.reports.papers.reading import (
    UPRIGHT,
    assert_pdf_says_what_the_page_says,
    layout,
    page_of,
    pdf_of,
    printed_on,
    sheets,
    squeezed,
)

pytestmark = pytest.mark.usefixtures("seeds", "db")
FIXTURE = yaml.safe_load((settings.BASE_DIR / "fixtures" / "immigration_2556.yaml").read_text(encoding="utf-8"))
ITEMS_OF_000 = FIXTURE["indicators"][0]["criteria"][0]["items"]


def built(code: str = "imm-2556", **asked):
    return PAPERS["evidence-plan"].build(Asked(agreement(code), person("auditor"), **asked))


def test_every_item_of_the_seed_with_all_that_must_be_shown():
    [table] = built().tables
    assert table.indicator.startswith("ตัวชี้วัดที่ 9 ระดับความสำเร็จ")
    assert len(table.rows) == len(ITEMS_OF_000) == 10
    assert [len(row.needs) for row in table.rows] == [10, 4, 3, 2, 1, 2, 2, 2, 4, 4]
    for row, item in zip(table.rows, ITEMS_OF_000, strict=True):
        assert row.item == f"{item['number']}. {item['name']}"
        assert row.why == item["explanation"].strip()
        assert [squeezed(need) for need in row.needs] == [
            squeezed(f"{need.get('number') or '•'}{'.' if need.get('number', '.').isdigit() else ''}{need['name']}")
            for need in item["requirements"]
        ]


def test_the_ten_points_of_the_first_item_are_numbered_as_there():
    [table] = built().tables
    assert [need.split()[0] for need in table.rows[0].needs] == [f"1.{n}" for n in range(1, 11)]


@pytest.mark.parametrize("digits", ["arabic", "thai"])
def test_the_text_of_all_sheets_is_the_source(digits):
    text = assert_pdf_says_what_the_page_says(agreement("imm-2556"), "evidence-plan", digits=digits)
    for item in ITEMS_OF_000:
        for said in (item["name"], item["explanation"], *(need["name"] for need in item["requirements"])):
            assert squeezed(thai_digits(said) if digits == "thai" else said) in text


def test_in_thai_digits_addresses_stay_and_nothing_else():
    left = re.findall("[^ก-๙]*[0-9][^ก-๙]*", printed_on(page_of(agreement("imm-2556"), "evidence-plan", digits="thai")))
    assert left == []


def test_it_lies_upright_starts_on_the_first_sheet_and_reads_english():
    pdf = pdf_of(agreement("imm-2556"), "evidence-plan", language="en")
    text = layout(pdf)
    assert sheets(pdf) == UPRIGHT and squeezed("Explanation") in text and "Fiscal year 2013" in text
    assert "1.10" in text.split("\f")[0]


def test_without_checklists_it_says_so():
    page = page_of(agreement("imm-2559"), "evidence-plan", language="en")
    assert "No indicator of this agreement has a checklist" in page


def test_queries_do_not_grow_with_the_items():
    def queries(rows: int) -> int:
        parts = [criterion(f"c{n}", str(100 / rows), MILESTONES, ITEMS) for n in range(rows)]
        draft(indicator("100", *parts), code=f"plan-{rows}")
        asked = Asked(agreement(f"plan-{rows}"), person("office"))
        with CaptureQueriesContext(connection) as captured:
            assert len(PAPERS["evidence-plan"].build(asked).tables) == rows
        return len(captured)

    assert queries(1) == queries(4) <= 5
