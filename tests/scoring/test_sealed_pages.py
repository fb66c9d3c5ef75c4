"""The office's button, the page of a certified result, and its cards: in force and superseded."""

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone, translation

from reports.cards import build
from scoring.models import Objection, Result, Snapshot
from scoring.services import approve, certify, reopen, submit
from tests.append_only import without_triggers
from tests.cast import browser_of, person
from tests.certified import approved, certified

pytestmark = pytest.mark.usefixtures("seeds", "db")


def page(report: Result, name: str = "result", who: str = "office", query: str = "") -> str:
    response = browser_of(person(who)).get(reverse(name, args=[report.pk]) + query)
    assert response.status_code == 200
    return response.content.decode()


def decide(report: Result, **data: str):
    version = Result.objects.get(pk=report.pk).version
    path = reverse("result_decide", args=[report.pk])
    return browser_of(person("office")).post(path, {"version": str(version)} | data)


def replaced() -> Result:
    """A result that was certified, opened again, and certified again."""
    report = certified()
    reopen(report, reason="wrong year", by=person("office"))
    submit(report, by=person("collector"))
    approve(report, by=person("supervisor"))
    return certify(report, by=person("office"))


class TestTheButton:
    def test_shows_what_is_certified_and_certifies_it(self):
        report = approved()
        shown = page(report)
        assert 'value="certify"' in shown and 'id="c-certify"' in shown
        assert decide(report, decision="certify").status_code == 302
        assert Result.objects.get(pk=report.pk).state == "certified"

    def test_says_what_is_still_open_instead(self):
        report = approved()
        Objection.objects.create(result=report, text="low", made_by=person("collector"), made_at=timezone.now())
        shown = page(report)
        assert 'value="certify"' not in shown and "ตอบข้อโต้แย้งก่อนรับรองผล" in shown
        answer = decide(report, decision="certify")
        assert answer.status_code == 422 and "ตอบข้อโต้แย้งก่อนรับรองผล" in answer.content.decode()
        assert not Snapshot.objects.exists()

    @pytest.mark.parametrize("who", ["collector", "supervisor", "auditor"])
    def test_is_the_offices_alone(self, who):
        assert 'value="certify"' not in page(approved(), who=who)

    def test_opens_it_again_with_a_reason(self):
        report = certified()
        assert 'value="reopen"' in page(report) and 'value="reopen"' not in page(report, who="supervisor")
        assert decide(report, decision="reopen", reason="").status_code == 409
        assert decide(report, decision="reopen", reason="wrong year").status_code == 302
        assert f"{reverse('card', args=[report.pk])}?sealed=1" in page(report)


class TestTheCard:
    def test_of_a_certified_result_prints_number_day_and_hash_and_no_watermark(self):
        report = certified()
        seal = build(report, user=None).seal
        snapshot = report.snapshots.get()
        assert (seal.number, seal.hash, seal.superseded) == ("1", snapshot.sha256[:16], "")
        shown = page(report, "card")
        assert snapshot.sha256[:16] in shown and "watermark" not in shown

    def test_of_what_was_handed_in_but_not_certified_is_marked_so(self):
        """It looks like the last word otherwise: only what is certified prints clean."""
        shown = page(approved(), "card")
        assert 'class="watermark watermark-uncertified"' in shown and 'class="watermark"' not in shown

    def test_of_a_superseded_snapshot_can_be_read_and_says_so(self):
        report = replaced()
        with translation.override("th"):
            old, new = (page(report, "card", query=query) for query in ("?sealed=1", ""))
        assert "watermark-superseded" in old and "watermark" not in new
        assert f"{reverse('card_pdf', args=[report.pk])}?sealed=1" in old
        first, second = report.snapshots.all()
        assert first.sha256[:16] in old and second.sha256[:16] in new
        assert page(report, "card", query="?sealed=2").count(second.sha256[:16]) == 1
        path = reverse("card_pdf", args=[report.pk])
        pdf = browser_of(person("office")).get(path, {"sealed": "1"})
        assert pdf.content.startswith(b"%PDF") and "-1.pdf" in pdf["Content-Disposition"]

    @pytest.mark.parametrize("number", ["0", "3", "x", "-1", "99999999", "%D9%A1"])
    def test_of_one_that_there_is_not_is_not_found(self, number):
        report = certified()
        for name in ("card", "card_pdf"):
            path = f"{reverse(name, args=[report.pk])}?sealed={number}"
            assert browser_of(person("office")).get(path).status_code == 404

    def test_is_nobodys_who_may_not_see_the_result(self):
        path = f"{reverse('card', args=[certified().pk])}?sealed=1"
        assert browser_of(person("stranger")).get(path).status_code == 404

    def test_of_a_live_result_has_no_seal(self):
        assert build(approved(), user=None).seal is None


def test_the_page_of_a_certified_result_says_so_and_can_not_be_typed_in():
    report = certified()
    shown = page(report, who="collector")
    assert report.snapshots.get().sha256[:16] in shown and "hx-post" not in shown


@pytest.mark.django_db(transaction=True)
def test_a_flush_empties_what_is_sealed(committed_seeds):
    certified()
    with without_triggers():
        call_command("flush", interactive=False, verbosity=0)
    assert not Snapshot.objects.exists()
