"""Every address of the portal, for every person of the cast: what lies out of scope is not found."""

from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from evidence.models import Evidence, FileVersion
from indicators.models import Agreement, Indicator
from kpiportal.accounts.models import User
from kpiportal.audit.models import AuditEvent
from scoring.models import EvidenceUse, NotApplicableRequest, Objection, Question, Result
from tests.cast import browser_of, person, result
from tests.refused import assert_only_refused, last_entry

CAST = (
    "collector",
    "collector2",
    "colleague",
    "supervisor",
    "office",
    "auditor",
    "admin",
    "stranger",
    "former",
)
READERS = {"collector", "colleague", "supervisor", "office", "auditor"}  # of the Ministry of Interior
REVIEWERS = {"supervisor", "office", "auditor"}  # of all five agreements
DECIDERS = {"supervisor", "office"}
EVERYONE = set(CAST)

# Addresses with an object in them: how they are asked for, and who reaches seed 002's.
OF_AN_OBJECT = {
    "agreement": ("get", READERS),
    "indicator": ("get", READERS),
    "result": ("get", READERS),
    "certify_many": ("post", READERS),
    "card": ("get", READERS),
    "card_pdf": ("get", READERS),
    "result_submit": ("post", READERS),
    "result_decide": ("post", READERS),
    "result_withdraw": ("post", READERS),
    "evidence_add": ("get", READERS),
    "evidence_version": ("post", READERS),
    "evidence_use": ("post", READERS),
    "evidence_drop": ("post", READERS),
    "evidence_file": ("get", READERS),
    "evidence_take_down": ("post", READERS),
    "planner": ("get", READERS),
    "trail_entry": ("get", REVIEWERS),
    "differences": ("get", READERS),
    "what_if": ("get", READERS),
    "result_copy": ("post", READERS),
    "not_applicable": ("post", READERS),
    "not_applicable_withdraw": ("post", READERS),
    "not_applicable_decide": ("post", READERS),
    "review": ("get", DECIDERS),
    "review_items": ("post", READERS),
    "review_mark": ("post", READERS),
    "question_ask": ("post", READERS),
    "question_answer": ("post", READERS),
    "objection_make": ("post", READERS),
    "objection_answer": ("post", READERS),
    "across_units": ("get", READERS),
    "across_decide": ("post", READERS),
    "first_sign_in": ("post", {"admin"}),
    "person": ("get", {"admin"}),
    "person_active": ("post", {"admin"}),
    "grant_add": ("post", {"admin"}),
    "grant_change": ("post", {"admin"}),
    # No unit is asked for base data of seed 002; whose unit is asked stands in scoring/test_base_data_page.py.
    "base_data": ("get", set()),
    "agreement_rounds": ("get", {"office"}),
    "round_dates": ("post", {"office"}),
    "round_open": ("post", {"office"}),
    "round_close": ("get", {"office"}),
    "round_people": ("get", {"office"}),
    "round_assign": ("get", {"office"}),
    "round_people_copy": ("get", {"office"}),
    "round_people_remove": ("post", {"office"}),
    "round_weights": ("get", {"office"}),
    "indicator_rounds": ("get", {"office"}),
}
OF_A_ROUND = {name for name in OF_AN_OBJECT if name.startswith("round_")}
OF_THE_OFFICE = OF_A_ROUND | {"agreement_rounds", "indicator_rounds"}
OF_A_REQUEST = {"not_applicable_withdraw", "not_applicable_decide"}
OF_TALK = {"question_answer", "objection_answer"}
OF_A_PERSON = {"first_sign_in", "person", "person_active", "grant_add", "grant_change"}
TWO_OBJECTS = {"evidence_version", "evidence_use", "evidence_drop", "evidence_file", "evidence_take_down"}
TWO_OBJECTS |= {"grant_change"}
# Addresses without one: who gets the page.
ROLES = READERS | REVIEWERS | {"collector2", "stranger"}  # a role that reads results, wherever it is
PLAIN = {
    "home": EVERYONE,
    "roles": EVERYONE,
    "privacy": EVERYONE,
    "trail": REVIEWERS | {"admin"},
    "trail_export": REVIEWERS | {"admin"},
    "queue": EVERYONE,
    "board": ROLES,
    "reminders": EVERYONE,
    "people": {"admin"},
    "rounds": {"office"},
    "person_add": {"admin"},
    "grants": {"admin", "office", "auditor"},
    "grants_export": {"admin", "office", "auditor"},
}
# What needs no sign-in, or is allauth's own page about the visitor's own account.
PUBLIC = {
    "health",
    "set_language",
    "account_login",
    "account_logout",
    "account_inactive",
    "account_signup",
    "account_reset_password",
    "account_reset_password_from_key_done",
    "account_reset_password_from_key",
    "account_reset_password_done",
}
OWN_ACCOUNT = {"account_change_password"}


def patterns(resolver: URLResolver | None = None) -> Iterator[URLPattern]:
    """Every address that the portal answers to."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from patterns(entry)
        else:
            yield entry


def attached_file(report: Result) -> FileVersion:
    """A file in a report's list; its row alone will do, as nobody reads the bytes of it here."""
    evidence, _ = Evidence.objects.get_or_create(
        unit=report.unit, kind="file", title="a", created_by=person("collector")
    )
    EvidenceUse.objects.get_or_create(result=report, evidence=evidence, item=None, defaults={"order": 99})
    row = {"name": "a", "key": f"{evidence.pk:032}", "size": 1, "sha256": "0" * 64, "content_type": "text/plain"}
    version, _ = FileVersion.objects.get_or_create(evidence=evidence, number=1, defaults=row)
    FileVersion.objects.filter(pk=version.pk).update(uploaded_at=report.submitted_at or timezone.now())
    return version


def evidence_address(name: str, report: Result) -> str:
    """The address of this name for a file, or its document, in a report's list."""
    if name == "evidence_add":
        return reverse(name, args=[report.pk])
    version = attached_file(report)
    of_file = name in ("evidence_file", "evidence_take_down")
    return reverse(name, args=[report.pk, version.pk if of_file else version.evidence_id])


def address(name: str, code: str = "moi-2559") -> str:
    """The address of this name for an object of an agreement."""
    if name.startswith("evidence_"):
        reports = Result.objects.filter(indicator__agreement__code=code).select_related("unit")
        return evidence_address(name, reports.order_by("-round__months").first())
    if name == "indicator_rounds":
        indicator = Indicator.objects.filter(agreement__code=code).first()
        return reverse(name, args=[indicator.agreement_id, indicator.pk])
    if name in ("agreement", "planner", "differences", "certify_many", "agreement_rounds") or name in OF_A_ROUND:
        pk = Agreement.objects.get(code=code).pk
    elif name == "trail_entry":
        unit = Agreement.objects.get(code=code).unit_id
        pk = AuditEvent.objects.filter(unit_id=unit, target_type="indicators.agreement").earliest("pk").pk
    elif name in ("indicator", "across_units", "across_decide"):
        pk = Indicator.objects.filter(agreement__code=code).first().pk
    elif name == "grant_change":
        user = User.objects.get(username="moi-collector-2")
        return reverse(name, args=[user.pk, user.memberships.get().pk])
    elif name in OF_A_PERSON:
        pk = User.objects.get(username="moi-collector-2").pk
    else:
        report = Result.objects.filter(indicator__agreement__code=code).order_by("-round__months").first()
        pk = report.pk
        if name in OF_A_REQUEST:
            return reverse(name, args=[pk, waiting(report).pk])
        if name in OF_TALK:
            return reverse(name, args=[pk, talk(name, report).pk])
    return at(name, pk)


def at(name: str, pk: int) -> str:
    """The address of this name for an object with this key; of the Ministry of Interior where it names a unit too,
    of the round of 12 months, and of a request, document or indicator that there is not where it names one."""
    more = {"base_data": ["moi"], "indicator_rounds": [1]} | dict.fromkeys(OF_A_ROUND, [12])
    more |= dict.fromkeys(OF_A_REQUEST | TWO_OBJECTS | OF_TALK, [1])
    return reverse(name, args=[pk, *more.get(name, [])])


def waiting(report: Result) -> NotApplicableRequest:
    """A request about the report's first criterion."""
    asked = {"reason": "flooded", "requested_by": person("moi-collector-2")}
    return NotApplicableRequest.objects.get_or_create(
        result=report, criterion=report.indicator.criteria.first(), state="pending", defaults=asked
    )[0]


def talk(name: str, report: Result) -> Question | Objection:
    """An open question about the report, or an open objection."""
    if name == "question_answer":
        asked = {"asked_by": person("supervisor"), "asked_at": timezone.now()}
        return Question.objects.get_or_create(result=report, text="why?", defaults=asked)[0]
    made = {"made_by": person("moi-collector-2"), "made_at": timezone.now()}
    return Objection.objects.get_or_create(result=report, text="no", defaults=made)[0]


def ask(username: str, name: str, code: str = "moi-2559", method: str | None = None, **more):
    """The answer to a person's request."""
    method = method or OF_AN_OBJECT[name][0]
    return getattr(browser_of(person(username)), method)(address(name, code), **more)


def test_every_address_has_its_policy():
    names = [pattern.name for pattern in patterns()]
    assert None not in names and len(names) == len(set(names))
    assert set(names) == set(OF_AN_OBJECT) | set(PLAIN) | PUBLIC | OWN_ACCOUNT


def test_an_object_in_an_address_is_never_public_or_plain():
    """Only allauth's links of a mail carry something, and that is a key."""
    with_object = {pattern.name for pattern in patterns() if pattern.pattern.converters}
    assert with_object == set(OF_AN_OBJECT)


@pytest.mark.usefixtures("seeds", "db")
class TestScope:
    @pytest.mark.parametrize("name", OF_AN_OBJECT)
    @pytest.mark.parametrize("who", CAST)
    def test_out_of_scope_is_not_found(self, name, who):
        before = last_entry()
        status = ask(who, name).status_code
        if who in OF_AN_OBJECT[name][1]:
            assert status != 404
        else:
            assert status == 404
            assert_only_refused(before)

    @pytest.mark.parametrize(
        "name", sorted(OF_AN_OBJECT.keys() - {"card_pdf", "base_data", "review"} - OF_A_PERSON)
    )
    @pytest.mark.parametrize(("code", "own"), [("ega-2557", {"collector2"}), ("ict-2550", set())])
    def test_every_agency_is_apart(self, name, code, own):
        found = {who for who in CAST if ask(who, name, code).status_code != 404}
        reporters = set() if name == "trail_entry" else own
        assert found == ({"office"} if name in OF_THE_OFFICE else REVIEWERS | reporters)

    @pytest.mark.parametrize("code", ["ega-2557", "ict-2550"])
    def test_the_review_page_is_for_those_who_decide(self, code):
        assert {who for who in CAST if ask(who, "review", code).status_code != 404} == DECIDERS

    @pytest.mark.parametrize("who", sorted(READERS))
    def test_readers_get_the_page(self, who):
        for name in ("agreement", "indicator", "result", "card", "planner", "differences", "what_if", "across_units"):
            assert ask(who, name).status_code == 200

    @pytest.mark.parametrize("who", sorted(REVIEWERS))
    def test_a_draft_definition_can_be_read_by_those_over_it(self, who):
        for code in ("imm-2559", "imm-2556"):
            assert ask(who, "agreement", code).status_code == 200
            assert ask(who, "indicator", code).status_code == 200

    @pytest.mark.parametrize("name", OF_AN_OBJECT)
    def test_what_is_not_there_and_what_is_not_yours_look_the_same(self, name):
        missing = getattr(browser_of(person("stranger")), OF_AN_OBJECT[name][0])(
            at(name, 999_999)
        )
        foreign = ask("stranger", name)
        assert (missing.status_code, foreign.status_code) == (404, 404)
        without_token = [page.content.split(b"csrfmiddlewaretoken")[0] for page in (missing, foreign)]
        assert without_token[0] == without_token[1]

    @pytest.mark.parametrize("name", PLAIN)
    @pytest.mark.parametrize("who", CAST)
    def test_pages_without_an_object(self, name, who):
        expected = 200 if who in PLAIN[name] else 404
        assert browser_of(person(who)).get(reverse(name)).status_code == expected

    def test_home_lists_only_what_one_may_read(self):
        mine, all_five = (
            {a.code for a in browser_of(person(who)).get("/").context["agreements"]}
            for who in ("collector", "office")
        )
        assert mine == {"moi-2559"}
        assert all_five == {"moi-2559", "ict-2550", "ega-2557", "imm-2556", "imm-2559"}

    def test_the_administrator_sees_no_results_anywhere(self):
        page = browser_of(person("admin")).get("/")
        assert (page.context["agreements"], page.context["collecting"], page.context["supervising"]) == (
            [],
            [],
            [],
        )
        assert "3.1000" not in page.content.decode()
        assert not Result.objects.visible_to(person("admin")).exists()

    def test_whose_right_ended_yesterday_has_an_empty_home(self, former):
        page = browser_of(former).get("/")
        assert (page.context["agreements"], page.context["collecting"]) == ([], [])

    @pytest.mark.parametrize("name", OF_AN_OBJECT)
    def test_a_deactivated_account_is_sent_to_sign_in(self, client, name):
        client.force_login(person("deactivated"))
        response = getattr(client, OF_AN_OBJECT[name][0])(address(name))
        assert response.status_code == 302 and response.url.startswith(reverse("account_login"))


@pytest.mark.usefixtures("seeds", "db")
class TestAnonymous:
    @pytest.mark.parametrize("name", [*OF_AN_OBJECT, *PLAIN])
    def test_is_sent_to_sign_in_and_back(self, client, name):
        path = address(name) if name in OF_AN_OBJECT else reverse(name)
        before = AuditEvent.objects.count()
        for method in ("get", "post"):
            response = getattr(client, method)(path)
            assert (response.status_code, response.url) == (302, f"{reverse('account_login')}?next={path}")
        assert AuditEvent.objects.count() == before

    @pytest.mark.parametrize("name", sorted(OWN_ACCOUNT))
    def test_pages_of_the_own_account_need_one(self, client, name):
        response = client.get(reverse(name))
        assert response.status_code == 302 and response.url.startswith(reverse("account_login"))

    def test_an_htmx_save_is_told_that_it_was_not_saved(self, client):
        """A redirect would be followed silently, and what was typed would seem saved."""
        response = client.post(address("result"), {"measures": "typed"}, headers={"HX-Request": "true"})
        assert response.status_code == 401 or "HX-Redirect" in response.headers

    def test_a_form_that_was_not_sent_leads_back_to_its_page_and_says_so(self, client):
        page = f"{address('result')}?from=list"
        response = client.post(address("result_submit"), headers={"Referer": f"http://testserver{page}"}, follow=True)
        assert response.redirect_chain == [(f"{reverse('account_login')}?{urlencode({'next': page}, safe='/')}", 302)]
        assert "notice" in response.content.decode().partition("<h1>")[0]

    def test_a_page_elsewhere_is_not_led_back_to(self, client):
        path = address("result_submit")
        response = client.post(path, headers={"Referer": "https://evil.example/there/"})
        assert response.url == f"{reverse('account_login')}?next={path}"

    def test_what_was_sent_while_a_page_was_left_says_nothing(self, client):
        response = client.post(address("result"), headers={"Sec-Fetch-Mode": "no-cors"}, follow=True)
        assert "notice" not in response.content.decode().partition("<h1>")[0]

    def test_an_address_that_does_not_exist_is_a_page_too(self, client):
        response = client.get("/nowhere/")
        assert response.status_code in (302, 404)

    def test_health_answers_without_a_name(self, client):
        assert client.get(reverse("health")).json() == {"status": "ok"}


@pytest.mark.usefixtures("seeds", "db")
class TestMethods:
    ALLOWED = {
        "agreement": {"get"},
        "indicator": {"get"},
        "result": {"get", "post"},
        "base_data": {"get", "post"},
        "certify_many": {"post"},
        "card": {"get"},
        "card_pdf": {"get"},
        "result_submit": {"post"},
        "result_decide": {"post"},
        "result_withdraw": {"post"},
        "evidence_add": {"get", "post"},
        "evidence_version": {"post"},
        "evidence_use": {"post"},
        "evidence_drop": {"post"},
        "evidence_file": {"get"},
        "evidence_take_down": {"post"},
        "review": {"get"},
        "review_items": {"post"},
        "review_mark": {"post"},
        "question_ask": {"post"},
        "question_answer": {"post"},
        "objection_make": {"post"},
        "objection_answer": {"post"},
        "across_units": {"get"},
        "across_decide": {"post"},
        "planner": {"get"},
        "trail_entry": {"get"},
        "differences": {"get"},
        "what_if": {"get", "post"},
        "result_copy": {"post"},
        "not_applicable": {"post"},
        "not_applicable_withdraw": {"post"},
        "not_applicable_decide": {"post"},
        "agreement_rounds": {"get", "post"},
        "round_dates": {"post"},
        "round_open": {"post"},
        "round_close": {"get", "post"},
        "round_people": {"get"},
        "round_assign": {"get", "post"},
        "round_people_copy": {"get", "post"},
        "round_people_remove": {"post"},
        "round_weights": {"get", "post"},
        "indicator_rounds": {"get", "post"},
    }

    @pytest.mark.parametrize("name", ALLOWED)
    def test_others_are_not_allowed(self, name):
        refused = {"get", "post", "put", "patch", "delete"} - self.ALLOWED[name]
        before = last_entry()
        assert {
            method: ask("office", name, method=method).status_code for method in refused
        } == dict.fromkeys(refused, 405)
        assert_only_refused(before, times=len(refused))

    def test_an_address_that_only_takes_forms_shows_the_way_home(self):
        response = ask("office", "result_submit", method="get")
        assert (response.status_code, response.headers["Allow"]) == (405, "POST")
        assert 'class="btn btn-outline" href="/"' in response.content.decode()

    @pytest.mark.parametrize(("name", "refused"), [
        ("people", "post"), ("first_sign_in", "get"), ("person_active", "get"), ("grant_add", "get"),
        ("grant_change", "get"), ("roles", "post"), ("grants_export", "post"), ("person", "put"), ("grants", "delete"),
        ("person_add", "put"), ("rounds", "post"), ("board", "post"), ("trail", "post"), ("trail_export", "post"),
        ("privacy", "post"),
    ])
    def test_of_pages_without_an_object(self, name, refused):
        path = address(name) if name in OF_AN_OBJECT else reverse(name)
        who = "office" if name == "rounds" else "admin"
        assert getattr(browser_of(person(who)), refused)(path).status_code == 405


@pytest.mark.usefixtures("seeds", "db")
class TestFoundButNotTheirsToDo:
    """Readers who may not act get a page that says so, and nothing changes."""

    @pytest.mark.parametrize("who", ["colleague", "supervisor", "office", "auditor"])
    def test_saving_and_submitting(self, who):
        report = result("moi-2559")
        before, last = Result.objects.filter(pk=report.pk).values().get(), last_entry()
        for name in ("result", "result_submit"):
            response = ask(who, name, method="post", data={"measures": "not mine"})
            assert response.status_code == 409
            assert "โหลดหน้านี้ใหม่" in response.content.decode()
        assert Result.objects.filter(pk=report.pk).values().get() == before
        assert_only_refused(last, times=2)

    @pytest.mark.parametrize("who", ["collector2", "office", "auditor"])
    def test_deciding(self, who):
        report = result("ega-2557", number="3.2")
        path = reverse("result_decide", args=[report.pk])
        for data in ({"decision": "approve"}, {"decision": "return", "reason": "x"}):
            assert browser_of(person(who)).post(path, data).status_code == 409
        assert Result.objects.get(pk=report.pk).state == "submitted"

    @pytest.mark.parametrize("who", ["collector2", "supervisor", "office", "auditor"])
    def test_certifying_what_is_not_approved_or_not_theirs(self, who):
        report = result("ega-2557", number="3.2")
        path = reverse("certify_many", args=[report.indicator.agreement_id])
        assert browser_of(person(who)).post(path, {"result": f"{report.pk}:{report.version}"}).status_code == 302
        decision = reverse("result_decide", args=[report.pk])
        assert browser_of(person(who)).post(decision, {"decision": "certify"}).status_code == 409
        assert Result.objects.get(pk=report.pk).state == "submitted"

    @pytest.mark.parametrize("who", ["colleague", "supervisor", "office", "auditor"])
    def test_copying_asking_and_withdrawing(self, who):
        report = result("moi-2559")
        asked, before = waiting(report), last_entry()
        data = {"criterion": report.indicator.criteria.last().pk, "reason": "flooded"}
        for name in ("result_copy", "not_applicable", "not_applicable_withdraw"):
            assert ask(who, name, data=data).status_code == 409
        assert list(report.not_applicable_requests.values_list("pk", "state")) == [(asked.pk, "pending")]
        assert_only_refused(before, times=3)

    @pytest.mark.parametrize("who", ["collector", "colleague", "supervisor", "auditor"])
    def test_deciding_on_a_request(self, who):
        asked = waiting(result("moi-2559"))
        for data in ({"decision": "grant"}, {"decision": "refuse", "answer": "no"}):
            assert ask(who, "not_applicable_decide", data=data).status_code == 409
        asked.refresh_from_db()
        assert asked.state == "pending"

    @pytest.mark.parametrize("who", ["colleague", "supervisor", "office", "auditor"])
    def test_they_see_no_field_that_can_be_typed_in(self, who):
        page = ask(who, "result")
        assert page.context["editable"] is False
        assert "hx-post" not in page.content.decode()
        assert page.content.decode().count("<fieldset disabled") == 8


@pytest.mark.usefixtures("seeds", "db")
def test_a_request_without_its_token_is_refused(django_user_model):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(person("collector"))
    assert client.post(address("result"), {"measures": "x"}).status_code == 403
