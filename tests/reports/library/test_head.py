"""HEAD tells the headers of a download: nothing is issued, printed or written down for it."""

import pytest
from django.urls import reverse

from kpiportal.audit.models import AuditEvent
from reports.models import IssuedCard
from tests.cast import browser_of, person
from tests.reports.library.shelf import made

ALWAYS = ("Content-Type", "Content-Disposition")
OF_FILES = (*ALWAYS, "Content-Length", "ETag", "Accept-Ranges", "Cache-Control")
MAKERS = ("views.print_pdf", "views.issue", "views.book_bytes", "paper_views.print_pdf", "paper_views.book_bytes")


def told(response, names=OF_FILES) -> dict[str, str | None]:
    return {name: response.headers.get(name) for name in names}


def test_of_files_that_lie_ready_it_tells_what_get_would(shelf):
    bundle, browser = made("auditor-ega"), browser_of(person("auditor-ega"))
    for path in (reverse("bundle_file", args=[bundle.pk]), reverse("card_pdf", args=[shelf.c.result_id])):
        entries = AuditEvent.objects.count()
        head = browser.head(path, headers={"range": "bytes=5-9"})
        assert AuditEvent.objects.count() == entries
        whole = browser.get(path)
        assert (head.status_code, told(head)) == (200, told(whole)) and AuditEvent.objects.count() == entries + 1
        assert browser.head(path, headers={"if-none-match": whole["ETag"]}).status_code == 304


@pytest.fixture
def paths(shelf) -> list[str]:
    result, agreement = shelf.a.result_id, shelf.a.result.indicator.agreement_id
    cards = [reverse("card_pdf", args=[result]), reverse("card_xlsx", args=[result])]
    return cards + [reverse(kind, args=[agreement, "summary"]) for kind in ("paper_pdf", "paper_workbook")]


def test_of_what_is_made_when_it_is_taken_it_makes_nothing(paths, monkeypatch):
    browser, entries = browser_of(person("auditor-moi")), AuditEvent.objects.count()
    with monkeypatch.context() as without:
        for maker in MAKERS:
            without.setattr(f"reports.{maker}", None)
        heads = [browser.head(path) for path in [*paths, f"{paths[0]}?copy=1"]]
    assert [head.status_code for head in heads] == [200] * 5 and not IssuedCard.objects.exists()
    assert AuditEvent.objects.count() == entries and not any("Content-Length" in head.headers for head in heads)
    assert [told(head, ALWAYS) for head in heads[:4]] == [told(browser.get(path), ALWAYS) for path in paths]
