"""Finding cards: by what one asks for, and never more than one may see."""

from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from reports.issuing.services import issue
from reports.library.pages import MOST_CARDS
from reports.models import Bundle, IssuedCard
from scoring.services import reopen
from tests.cast import browser_of, person
from tests.reports.library.shelf import ask, certified, found, report
from tests.test_query_counts import count

OURS = "year=2569"


# What is asked for, and the indicators that are found: c is EGA's, whose place in the tree comes first.
SEARCHES = {
    "": "cab", "unit=ega": "c", "unit=moi": "ab", "round=12": "cab", "round=6": "", "q=b": "b",
    "q=ร้อยละ+สำเร็จ": "a", "q=5+ระบบ": "b", "q=5": "", "q=จำนวนระบบ": "b", "q=ไม่มี": "", "state=issued": "a",
    "state=certified": "cb", "state=superseded": "", "page=7": "cab",
}


def test_narrows_what_is_shown(shelf):
    issue(shelf.a, by=person("office"))
    assert {query: "".join(found("auditor", f"{OURS}&{query}")) for query in SEARCHES} == SEARCHES


def test_numbers_of_cards_and_indicators_are_found_in_thai_digits_too(shelf):
    card = issue(shelf.b, by=person("office"))
    thai = card.number.translate(str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙"))
    assert found("auditor", f"q={thai}") == ["b"] == found("auditor", f"q={card.number}")
    shelf.a.result.indicator.number = "7.2"
    shelf.a.result.indicator.save()
    assert found("auditor", f"{OURS}&q=๗") == ["7.2"] == found("auditor", f"{OURS}&q=7.2")


def test_an_auditor_finds_the_own_agency_only(shelf):
    assert found("auditor-ega") == ["c"] and found("auditor-moi") == ["a", "b"]
    assert browser_of(person("auditor-ega")).get("/library/?unit=moi").status_code == 422
    choices = browser_of(person("auditor-ega")).get("/library/").context["form"].fields
    assert [unit.code for unit in choices["unit"].queryset] == ["ega"]
    assert [year for year, _ in choices["year"].choices] == ["", "2569", "2557"]
    assert set(found("auditor-ega", "state=work")) >= {"1.1"} and "5" not in found("auditor-ega", "state=work")
    assert found("stranger") == [] and found("collector") == ["a", "b"]
    assert browser_of(person("admin")).get("/library/").status_code == 404


def test_a_superseded_card_stays_beside_the_new_one_and_in_work_shows_the_rest(shelf):
    issue(shelf.a, by=person("office"))
    for one in "ab":
        reopen(report(one), reason="again", by=person("office"))
    assert found("auditor", f"{OURS}&state=superseded") == ["a", "b"]
    assert found("auditor", f"{OURS}&state=work&unit=moi&round=12") == ["a", "b"]
    certified("a")
    page = browser_of(person("auditor")).get(f"/library/?{OURS}&unit=moi")
    rows = [(row.state, row.sealed, row.key is not None) for row in page.context["found"].rows]
    assert rows == [("certified", None, True), ("superseded", 1, True), ("superseded", 1, False)]
    text, old = page.content.decode(), IssuedCard.objects.get()
    assert reverse("verify_code", args=[old.code]) in text and "card.pdf?sealed=1" in text
    assert f"/trail/?about=scoring.result:{old.snapshot.result_id}" in text and old.sha256[:12] in text


def test_a_page_takes_the_same_queries_for_one_row_and_for_three(shelf):
    auditor = browser_of(person("auditor"))
    assert count(auditor, f"/library/?{OURS}&q=a") == count(auditor, f"/library/?{OURS}") == 8
    assert count(auditor, f"/library/?{OURS}&state=work&q=a") == count(auditor, f"/library/?{OURS}&state=work")


def test_asking_for_nothing_or_for_what_isnt_ones_own_makes_nothing(shelf):
    theirs = {"scope": "ticked", "card": shelf.c.pk}
    for status, posted in ((422, {"scope": "ticked"}), (409, theirs), (422, {"scope": "ticked", "card": "x"})):
        assert ask("auditor-moi", **posted).status_code == status
    assert ask("auditor-moi", query="unit=ega").status_code == 422 == ask("stranger").status_code
    assert ask("admin").status_code == 404
    assert not Bundle.objects.exists() and not DBTaskResult.objects.exists()


def test_more_than_one_file_holds_is_refused_with_a_sentence(shelf, monkeypatch):
    monkeypatch.setitem(MOST_CARDS, "pdf", 1)
    refused = ask("auditor", "pdf", "unit=moi")
    assert refused.status_code == 409 and str(refused.context["refusal"].en).startswith("You chose 2 cards, but")
    assert ask("auditor", "pdf", "unit=ega&year=2569").status_code == 302
    browser = browser_of(person("auditor"))
    browser.post("/library/ask/?unit=moi&year=2569", {"scope": "page", "kind": "zip"})
    latest = Bundle.objects.latest("pk")
    assert latest.asked["snapshots"] == [shelf.a.pk, shelf.b.pk] and "2" in latest.title


def test_from_a_refusal_the_way_goes_on(shelf, monkeypatch):
    """What can be searched, paged and read in the other language from there are addresses of their own."""
    monkeypatch.setattr("kpiportal.accounts.paging.SIZE", 1)
    text = ask("auditor", query="unit=moi&year=2569", scope="ticked").content.decode()
    assert '<form method="get" action="/library/"' in text and "2,000" in text
    assert 'href="/library/?unit=moi&amp;year=2569&amp;page=2"' in text
    assert 'name="next" value="/library/?unit=moi&amp;year=2569"' in text


def test_scores_that_are_hidden_from_a_unit_stay_hidden(hidden_result):
    """Seed 001's report is handed in; its agreement hides scores until they are certified."""
    for who, is_shown in (("agency-001-collector-1", False), ("office", True)):
        page = browser_of(person(who)).get("/library/?state=work&unit=agency-001&round=12")
        [row] = [one for one in page.context["found"].rows if one.result == hidden_result]
        assert (row.score is not None) == is_shown
