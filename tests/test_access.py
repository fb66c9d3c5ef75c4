"""Access as the cast of the seeds meets it; all addresses × methods × people × states are in test_access_matrix.py."""

from urllib.parse import urlencode

import pytest
from django.urls import reverse
from django.utils import timezone

from evidence.models import Evidence, FileVersion
from indicators.models import Agreement, Indicator
from kpiportal.accounts.models import User
from kpiportal.audit.models import AuditEvent
from scoring.models import EvidenceUse, NotApplicableRequest, Objection, Question, Result
from tests.access.asking import parameters
from tests.access.policies import OFFICE_ONLY, POLICIES, REVIEW
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
ABOUT = {name: policy.about.removesuffix(" by report") for name, policy in POLICIES.items()}
# Addresses with an object in them: how they are asked for, and who reaches seed 002's; all from the one table.
FOUND_BY = {"entry": REVIEWERS, "agreement": READERS, "indicator": READERS, "result": READERS, "person": {"admin"}}
OF_AN_OBJECT = {
    name: ("get" if "get" in policy.methods.split() else "post",
           {"office"} if policy.finds is OFFICE_ONLY else DECIDERS if policy.finds is REVIEW else FOUND_BY[ABOUT[name]])
    for name, policy in POLICIES.items() if ABOUT[name] in FOUND_BY
}
# No unit is asked for base data of seed 002; whose unit is asked stands in scoring/test_base_data_page.py.
OF_AN_OBJECT["base_data"] = ("get", set())
OF_A_REQUEST = {name for name in OF_AN_OBJECT if {"asked", "question", "objection"} & set(parameters(name))}
OF_A_ROUND = {name for name in OF_AN_OBJECT if "months" in parameters(name)}
OF_A_PAPER = {name for name in OF_AN_OBJECT if "name" in parameters(name)}
OF_THE_OFFICE = {name for name, policy in POLICIES.items() if policy.finds is OFFICE_ONLY}
OF_AN_AGREEMENT = {name for name in POLICIES if ABOUT[name] == "agreement"}
OF_A_PERSON = {name for name, policy in POLICIES.items() if policy.about == "person"}
TWO_OBJECTS = {name for name in OF_AN_OBJECT if {"evidence", "version", "right"} & set(parameters(name))}
OWN_ACCOUNT = {"account_change_password"}
PLAIN = {name for name, policy in POLICIES.items() if not policy.about} - OWN_ACCOUNT


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
    if name in OF_AN_AGREEMENT:
        pk = Agreement.objects.get(code=code).pk
    elif ABOUT[name] == "indicator":
        pk = Indicator.objects.filter(agreement__code=code).first().pk
    elif name == "grant_change":
        user = User.objects.get(username="moi-collector-2")
        return reverse(name, args=[user.pk, user.memberships.get().pk])
    elif name in OF_A_PERSON:
        pk = User.objects.get(username="moi-collector-2").pk
    else:
        report = Result.objects.filter(indicator__agreement__code=code).order_by("-round__months").first()
        pk = report.pk
        if name == "trail_entry":
            pk = AuditEvent.objects.about(report).latest("pk").pk
        if name in OF_A_REQUEST:
            return reverse(name, args=[pk, waiting(report, name).pk])
    return at(name, pk)


def at(name: str, pk: int) -> str:
    """The address of this name for an object with this key; of the Ministry of Interior where it names a unit too,
    of the round of 12 months, the summary among papers, and of a request, document or indicator that there is not
    where it names one."""
    more = {"base_data": ["moi"], "indicator_rounds": [1]} | dict.fromkeys(OF_A_ROUND, [12])
    more |= dict.fromkeys(OF_A_REQUEST | TWO_OBJECTS, [1]) | dict.fromkeys(OF_A_PAPER, ["summary"])
    return reverse(name, args=[pk, *more.get(name, [])])


def waiting(report: Result, name: str = "") -> NotApplicableRequest | Question | Objection:
    """A request about the report's first criterion; for their addresses an open question or objection."""
    if name == "question_answer":
        return report.questions.create(text="why?", asked_by=person("supervisor"), asked_at=timezone.now())
    if name == "objection_answer":
        made = {"text": "it is there", "made_by": person("collector"), "made_at": timezone.now()}
        return report.objections.get_or_create(state="open", defaults=made)[0]
    asked = {"reason": "flooded", "requested_by": person("moi-collector-2")}
    return NotApplicableRequest.objects.get_or_create(
        result=report, criterion=report.indicator.criteria.first(), state="pending", defaults=asked
    )[0]


def ask(username: str, name: str, code: str = "moi-2559", method: str | None = None, **more):
    """The answer to a person's request."""
    method = method or OF_AN_OBJECT[name][0]
    return getattr(browser_of(person(username)), method)(address(name, code), **more)


@pytest.mark.usefixtures("seeds", "db")
class TestScope:
    @pytest.mark.parametrize(
        "name", sorted(OF_AN_OBJECT.keys() - {"card_pdf", "base_data"} - OF_A_PERSON)
    )
    @pytest.mark.parametrize(("code", "own"), [("ega-2557", {"collector2"}), ("ict-2550", set())])
    def test_every_agency_is_apart(self, name, code, own):
        found = {who for who in CAST if ask(who, name, code).status_code != 404}
        by_name = dict.fromkeys(OF_THE_OFFICE, {"office"}) | {"review": DECIDERS, "trail_entry": REVIEWERS}
        assert found == by_name.get(name, REVIEWERS | own)

    @pytest.mark.parametrize("who", sorted(READERS))
    def test_readers_get_the_page(self, who):
        for name in ("agreement", "indicator", "result", "card", "planner", "differences", "what_if"):
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
        assert '<p class="empty">' in page.content.decode()  # says where people and rights are looked after
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
    @pytest.mark.parametrize("name", [*OF_AN_OBJECT, *sorted(PLAIN)])
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
    def test_an_address_that_only_takes_forms_shows_the_way_home(self):
        response = ask("office", "result_submit", method="get")
        assert (response.status_code, response.headers["Allow"]) == (405, "POST")
        assert 'class="btn btn-outline" href="/"' in response.content.decode()


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
