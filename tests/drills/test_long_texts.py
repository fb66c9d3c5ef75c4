"""5,000 letters in every text that people can write, or as many as its field takes: card and charts print in time."""
import subprocess
from collections.abc import Iterable

import pytest
from django.conf import settings
from django.db.models import CharField, QuerySet
from django.db.models.functions import Substr
from django.template.loader import render_to_string

from evidence.models import Evidence
from indicators.models import Agreement
from indicators.models.agreement import DEFAULT_WORDING, new_stamp
from reports.cards import build
from reports.issuing.rendering import STYLES
from reports.papers import PAPERS, Asked
from reports.papers import STYLES as PAPER_STYLES
from reports.printer import print_pdf
from scoring.models import Result
from tests.cast import person
from tests.reports.everywhere import Trial, fill, of_kinds, text_fields, trial

pytestmark = pytest.mark.usefixtures("seeds", "db")
WORDS = "รายงานผลการปฏิบัติราชการตามคำรับรองการปฏิบัติราชการของส่วนราชการ "
LONG = (WORDS * 80)[:5000]


@pytest.fixture
def made() -> Trial:
    """All that is printed of it as long as it can be; only SQLite would hold more."""
    made = trial()
    fill(made, lambda: LONG)
    rows: Iterable[tuple[QuerySet, list[str]]] = [
        *((model.objects.all(), names) for model, names in text_fields()), *of_kinds(),
        (Evidence.objects.filter(kind="link"), ["url"]),
    ]
    for found, names in rows:
        fields = [found.model._meta.get_field(name) for name in names]
        bounded = [one for one in fields if isinstance(one, CharField) and one.max_length]
        found.update(**{one.name: Substr(one.name, 1, one.max_length) for one in bounded})
    wording = {key: LONG[:300] for key in DEFAULT_WORDING}
    Agreement.objects.filter(pk=made.agreement.pk).update(wording=wording, definition_stamp=new_stamp())
    return made


def letters(pdf: bytes) -> int:
    run = subprocess.run(["pdftotext", "-raw", "-", "-"], input=pdf, capture_output=True, check=True)
    return len("".join(run.stdout.decode().split()))


def test_the_card_is_printed_in_the_time_that_a_pdf_may_take(made):
    whole = ("indicator__agreement__unit", "indicator__agreement__fiscal_year", "round", "unit")
    report = Result.objects.select_related(*whole).get(pk=made.report.pk)
    html = render_to_string("reports/card_pdf.html", {"card": build(report, user=None)})
    assert settings.RENDER_SECONDS == 20
    assert letters(print_pdf(html, stylesheets=STYLES, title="card")) > 150_000


def test_so_are_the_charts(made):
    agreement = Agreement.objects.select_related("unit", "fiscal_year").get(pk=made.agreement.pk)
    asked, kind = Asked(agreement, person("office")), PAPERS["charts"]
    context = {"kind": kind, "asked": asked, "agreement": agreement, "body": "reports/papers/charts.html"}
    html = render_to_string("reports/paper_pdf.html", context | {"data": kind.build(asked)})
    assert letters(print_pdf(html, stylesheets=PAPER_STYLES, title="charts")) > 5_000
