"""Every card of the seeds in both languages, twice: the same bytes, and copied text that equals the source."""

import pytest
from django.urls import reverse
from django.utils import translation

from reports.cards import build
from scoring.models import Result
from tests.cast import browser_of, person
from tests.reports.test_card_pdf import copied, squeezed

pytestmark = pytest.mark.usefixtures("seeds", "db")


@pytest.mark.parametrize("language", ["th", "en"])
def test_same_bytes_and_same_text(language):
    client = browser_of(person("auditor"))
    client.cookies["django_language"] = language
    reports = list(Result.objects.select_related("indicator__agreement", "round", "unit"))
    assert len(reports) == 17
    for report in reports:
        address = reverse("card_pdf", args=[report.pk])
        pdf = client.get(address).content
        assert client.get(address).content == pdf
        text = copied(pdf)
        with translation.override(language):
            card = build(report, user=None)
        pieces = [card.title, card.indicator, card.description, *card.texts.values()]
        pieces += [entry.title for entry in card.evidence]
        pieces += [part for issue in card.issues for part in (issue.text, issue.note, *issue.items)]
        for line in (line for piece in pieces for line in piece.splitlines()):
            assert squeezed(line) in text, (report, line)
