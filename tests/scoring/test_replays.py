"""A double click, a retry and the back button: as many effects as forms, whatever the number of posts."""
import re
from pathlib import Path

import pytest
from django.core.management import call_command
from django.urls import reverse

from kpiportal.audit.models import AuditEvent, HandledPost
from scoring.models import Result
from tests.access.asking import patterns
from tests.access.policies import POLICIES
from tests.cast import browser_of
from tests.scoring.replays import ASK, address, at_once, have_one_effect_each, one_after_the_other, report

FORMS = 100
TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
# Views that take a POST without a token, and why a second one does no harm.
WITHOUT_A_TOKEN = {
    "result": "what is typed is merged by its version; the same again changes nothing",
    "what_if": "saves nothing",
    "base_data": "compared with what the page showed; the same again changes nothing",
    "evidence_add": "what is sent twice is in the list once",
    "evidence_version": "the same file again is no newer file",
    "evidence_use": "a document stands once at a place",
    "evidence_drop": "what isn't there any more is refused",
    "set_language": "a choice, in a cookie",
    "check": "stores nothing",
    "verify": "stores nothing",
    "verify_code": "stores nothing",
}
# Forms without an address of their own in the template: they go to the page that they stand on, or to `address`.
FORM = re.compile(r"<form\b(?P<head>[^>]*method=\"post\".*?)>(?P<body>.*?)</form>", re.DOTALL)
NAMED_ADDRESS = re.compile(r"{%\s*url '(?P<name>\w+)'[^%]*?(?: as (?P<as>\w+))?\s*%}")
OF_PAGES = {"scoring/_criterion.html": "result", "scoring/_texts.html": "result", "scoring/what_if.html": "what_if",
            "scoring/_base_data_form.html": "base_data", "scoring/_not_applicable.html": "not_applicable",
            "accounts/grants.html": "grants", "accounts/person_add.html": "person_add",
            "accounts/first_sign_in.html": "first_sign_in",
            "indicators/assign.html": "round_assign", "indicators/copy_people.html": "round_people_copy",
            "scoring/close_round.html": "round_close", "scoring/round_weights.html": "round_weights",
            "scoring/reminders.html": "reminders", "scoring/running.html": "indicator_rounds"}


def takes_posts() -> dict[str, bool]:
    """The views that take a POST, and whether a form has its effect there once."""
    return {
        one.name: getattr(one.callback, "is_once", False)
        for one in patterns()
        if "post" in POLICIES[one.name].methods.split() and not one.name.startswith("account_") and one.name != "health"
    }


def test_every_view_that_takes_a_post_has_a_token_or_a_reason():
    assert {name for name, is_once in takes_posts().items() if not is_once} == set(WITHOUT_A_TOKEN)


def posted_forms() -> list[tuple[str, str, str]]:
    """The template, the address's name and the text of every form that is posted."""
    found = []
    for path in TEMPLATES.rglob("*.html"):
        template, text = path.relative_to(TEMPLATES).as_posix(), path.read_text()
        known = {one["as"]: one["name"] for one in NAMED_ADDRESS.finditer(text) if one["as"]}
        for form in FORM.finditer(text):
            there = NAMED_ADDRESS.search(form["head"])
            variable = re.search(r'action="{{ (\w+) }}"', form["head"])
            name = there["name"] if there else known.get(variable[1] if variable else "", OF_PAGES.get(template, ""))
            found.append((template, name, form["body"]))
    return found


def test_every_form_of_such_a_view_carries_its_token():
    once = {name for name, is_once in takes_posts().items() if is_once}
    forms = [form for form in posted_forms() if not form[0].startswith(("account/", "_"))]
    assert [template for template, name, _ in forms if not name] == [], "say in OF_PAGES where these are sent"
    assert [(template, name) for template, name, body in forms if name in once and "{% once %}" not in body] == []
    assert once <= {name for _, name, _ in forms}


def test_forms_sent_again_have_one_effect_each(seeds, db):
    have_one_effect_each(FORMS, one_after_the_other)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_forms_sent_at_once_have_one_effect_each():
    call_command("load_seeds", definitions_only=True, verbosity=0)
    have_one_effect_each(FORMS, at_once)


def test_without_its_token_a_form_is_refused_the_second_time(seeds, db):
    """The control: it is the token that leads the second one back; the rules alone refuse it."""
    made = report()
    path, typed = address(made, ASK)
    assert one_after_the_other("collector", path, typed, 2) == [302, 409]


def test_a_refused_form_can_be_sent_again(seeds, db):
    made = report()
    path, typed = address(made, ASK)
    browser = browser_of(made.indicator.assignments.filter(role="collector").first().person)
    assert browser.post(path, typed | {"reason": "", "once": "t"}).status_code == 422
    assert browser.post(path, typed | {"once": "t"}).status_code == 302
    assert made.not_applicable_requests.count() == HandledPost.objects.count() == 1


@pytest.mark.parametrize("htmx", [True, False])
def test_what_is_saved_while_typing_changes_nothing_the_second_time(seeds, db, htmx):
    made = report()
    x = made.indicator.criteria.get(name="x").pk
    browser, path = browser_of(made.indicator.assignments.filter(role="collector").first().person), None
    path = reverse("result", args=[made.pk])
    version = Result.objects.get(pk=made.pk).version
    for typed in ({"measures": "we met"}, {"criterion": x, f"c{x}-text": "done", f"c{x}-value": "4.5"}):
        states = []
        for _ in range(3):
            data = typed | {"version": version, "page": "p"}
            assert browser.post(path, data, headers={"HX-Request": "true"} if htmx else {}).status_code in (200, 302)
            states.append((Result.objects.values().get(pk=made.pk), AuditEvent.objects.count()))
        assert states[0] == states[1] == states[2]
        version = states[0][0]["version"]
