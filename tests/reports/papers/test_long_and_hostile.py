"""Texts that are long, or mean something elsewhere, are text on every paper and come out whole."""

import pytest

from evidence.services import add_evidence
from indicators.models import Agreement, ChecklistItem, EvidenceRequirement, Responsibility
from kpiportal.accounts.models import Unit
from reports.papers import PAPERS
from scoring.services import use_evidence
from tests.cast import person
from tests.certified import of
from tests.definitions import ITEMS, MILESTONES, criterion, indicator, opened
from tests.reports.papers.reading import copied, head_rows, layout, page_of, pdf_of, squeezed

pytestmark = pytest.mark.usefixtures("seeds", "db")
MARKUP = "<b>หนา</b> & <img src=file:///etc/passwd> {{ 7|add:7 }} {% now 'Y' %} =1+1 'x' \"y\""


def trial(name: str, text: str) -> Agreement:
    """An agreement with a text in everything that papers print of it."""
    one = indicator("100", criterion(f"c {name}", "100", MILESTONES, ITEMS), key="i", unit_of_measure=name[:60])
    made = opened(one | {"name": name}, name=name[:300])
    report = of(made, "i")
    ChecklistItem.objects.filter(criterion__indicator=report.indicator).update(name=text, explanation=text)
    item = report.indicator.criteria.get().items.first()
    EvidenceRequirement.objects.create(item=item, order=1, name=text, explanation=text)
    cell = Responsibility.objects.create(indicator=report.indicator, role="operating", as_written=text)
    cell.units.set(Unit.objects.filter(code="moi"))
    shown = add_evidence(unit=report.unit, kind="named", title=name[:500], place=name[:300], by=person("collector"))
    use_evidence(report, shown, items=[item], by=person("collector"))
    return made


@pytest.mark.parametrize("name", PAPERS)
def test_markup_is_text(name):
    made = trial(MARKUP, MARKUP)
    page = page_of(made, name, "office")
    pdf = pdf_of(made, name, "office")
    text = copied(pdf, head_rows(page))
    assert "<b>หนา" not in page and "&lt;b&gt;หนา" in page
    said = squeezed(MARKUP if name != "evidence-plan" else f"1. {MARKUP}")
    assert said in text and "root:" not in text


@pytest.mark.parametrize("name", PAPERS)
def test_a_word_without_end_breaks_and_loses_nothing(name):
    long = "กำลัง" * 60
    pdf = pdf_of(trial(long, "กำลัง" * 1500), name, "office")
    found = squeezed(layout(pdf)).count("กำลัง")
    expected = {"evidence-plan": 3 + 1 + 1 + 3, "evidence-index": 1 + 1}
    assert found >= 1500 * expected.get(name, 0) + 60


def test_units_that_nothing_written_means_any_more_are_folded_whatever_stood_there():
    made = trial("a", MARKUP)
    assert MARKUP not in page_of(made, "matrix", "office")
