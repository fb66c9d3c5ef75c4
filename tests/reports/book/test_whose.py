"""Who may have which book: only what is open to a person is in it, when it is asked for and when it is made."""

import pytest
from django.urls import reverse

from indicators.models import Agreement, Round
from kpiportal.accounts.models import Membership, Unit
from kpiportal.accounts.services import revoke
from reports.book.asking import may_have_book, read
from reports.bundles.kinds import KINDS
from reports.bundles.problems import NotMade
from reports.models import Bundle
from scoring.models import Result
from tests.cast import agreement, browser_of, person
from tests.certified import of, two_indicators
from tests.reports.book.making import asked, round_of
from tests.reports.papers.reading import client_of

pytestmark = pytest.mark.usefixtures("seeds", "db", "own_storage")


def given_a_part_to_the_stranger(trial: Agreement) -> None:
    """The second indicator becomes another unit's, whose collector sees the agreement by that and no report of it."""
    unit = Unit.objects.get(code="rtp-finance")
    trial.indicators.filter(number="b").update(lead_unit=unit)
    Result.objects.filter(pk=of(trial, "b").pk).update(unit=unit)


def test_a_report_that_is_not_open_to_the_person_is_left_out_and_counted():
    trial = two_indicators(a="5", b="3")
    given_a_part_to_the_stranger(trial)
    wanted = asked(round_of(trial), "stranger")
    assert wanted["reports"] == [of(trial, "b").pk]
    made = read(wanted, person("stranger"))
    assert ([each.pk for each in made.reports], made.total) == (wanted["reports"], 2)


def test_reports_of_others_put_into_what_is_asked_do_not_come():
    trial = two_indicators(a="5", b="3")
    given_a_part_to_the_stranger(trial)
    wanted = asked(round_of(trial), "stranger") | {"reports": [of(trial, "a").pk, of(trial, "b").pk]}
    assert not may_have_book(wanted, person("stranger"))
    assert [each.pk for each in read(wanted, person("stranger")).reports] == [of(trial, "b").pk]


def test_reports_of_another_round_do_not_come_either():
    trial = two_indicators(a="5", b="3")
    wanted = asked(round_of(trial), "office")
    wanted["reports"] = asked(round_of(agreement("moi-2559")), "office")["reports"]
    assert not may_have_book(wanted, person("office")) and read(wanted, person("office")).reports == []


def test_who_lost_the_right_gets_nothing():
    auditor = person("auditor")
    wanted = asked(round_of(two_indicators(a="5")), "auditor")
    assert may_have_book(wanted, auditor)
    for membership in Membership.objects.filter(user=auditor):
        revoke(membership, by=person("admin"))
    assert not may_have_book(wanted, person("auditor"))
    with pytest.raises(NotMade):
        read(wanted, person("auditor"))


@pytest.mark.parametrize("wrong", [{"language": "xx"}, {"digits": "roman"}, {"round": 0}, {"agreement": 0}])
def test_there_is_no_such_book(wrong):
    wanted = asked(round_of(agreement("moi-2559")), "office") | wrong
    assert not may_have_book(wanted, person("office"))


def test_a_round_that_has_not_begun_has_none():
    trial = two_indicators()
    wanted = asked(round_of(trial), "office")
    Round.objects.filter(agreement=trial).update(state=Round.State.PLANNED)
    assert not may_have_book(wanted, person("office"))


class TestPage:
    def post(self, trial: Agreement, who: str = "office", **typed: str):
        sent = {"round": "12", "language": "th", "digits": "thai"} | typed
        return browser_of(person(who)).post(reverse("book", args=[trial.pk]), sent)

    def test_offers_the_rounds_that_have_begun_and_has_the_book_made(self):
        trial = agreement("moi-2559")
        page = client_of("office").get(reverse("papers", args=[trial.pk])).content.decode()
        assert f'action="{reverse("book", args=[trial.pk])}"' in page and '<option value="6">' in page
        response = self.post(trial)
        assert response.status_code == 302 and response["Location"] == reverse("bundles")
        bundle = Bundle.objects.get()
        assert (bundle.kind, bundle.asked_by, bundle.asked["digits"]) == ("book", person("office"), "thai")
        assert trial.name in bundle.title and bundle.asked["portal"] == "http://testserver"
        assert KINDS["book"].told(bundle.asked) == {
            trial.unit_id: {"round": 12, "language": "th", "digits": "thai", "rows": 1}
        }

    def test_without_a_begun_round_nothing_is_offered(self):
        page = client_of("office").get(reverse("papers", args=[agreement("imm-2559").pk])).content.decode()
        assert "book-round" not in page

    @pytest.mark.parametrize("typed", [{"round": "9"}, {"round": "x"}, {"language": "xx"}, {"digits": ""}])
    def test_what_there_is_not_is_refused(self, typed):
        assert self.post(agreement("moi-2559"), **typed).status_code == 409
        assert not Bundle.objects.exists()

    def test_an_agreement_that_is_not_open_to_the_person_is_not_there(self):
        assert self.post(agreement("moi-2559"), "stranger").status_code == 404
