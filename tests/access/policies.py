"""The one table of addresses: what each is about, who finds it, and who acts there in which state of a report.

A new address needs a line in POLICIES. Who someone is to an object (the standing) is worked out by `standing`.
"""
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import NamedTuple

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import QuerySet
from django.utils import timezone

from indicators.assigning import Choice, plan_assignment, plan_copy
from indicators.models import Assignment, Round
from scoring.engine.workflow import APPROVED, CERTIFIED, DRAFT, RETURNED, STATES, SUBMITTED
from scoring.queries.rounds import uncertified
from tests.access.world import BELOW, MISSING, NO_OBJECT, OTHER, OWN, Target

SIGNED_OUT = {"anonymous", "deactivated"}
HANDED_IN, AT_THE_UNIT, UNDECIDED = (SUBMITTED, APPROVED, CERTIFIED), (DRAFT, RETURNED), (DRAFT, RETURNED, SUBMITTED)
Who = Mapping[str, tuple[str, ...]]

# Standings and the states in which they find a report: nobody else does.
OVER_IT = ("supervisor", "another supervisor", "office", "maker", "auditor")
REPORT: Who = dict.fromkeys(("collector", "colleague", *OVER_IT), STATES) | {"unit above": HANDED_IN}
# Of the agreement and its definition also the bureau below, which leads some of its indicators.
DEFINITION: Who = dict.fromkeys(("collector", "colleague", "unit above", "unit below", *OVER_IT), STATES)
# The review page: whoever may decide about reports of the unit.
REVIEW: Who = dict.fromkeys(("supervisor", "another supervisor", "office", "maker"), STATES)
# Base data: whoever reports for the unit that is asked, and the report's own collectors.
BASE_DATA: Who = dict.fromkeys(("reporter", "collector"), STATES)
# People: their administrators; pages about nobody in particular also administrators of other branches.
ADMIN: Who = dict.fromkeys(("admin", "other admin"), STATES)
GRANTS: Who = dict.fromkeys(("admin", "other admin", "office", "maker", "auditor"), STATES)
OFFICE_ONLY: Who = dict.fromkeys(("office", "maker"), STATES)
READS_RESULTS: Who = dict.fromkeys(("collector", "colleague", "reporter", *OVER_IT), STATES)
WHO_ASKED: Who = {"collector": STATES}
TRAIL: Who = dict.fromkeys(("admin", "other admin", *OVER_IT), STATES)
EVERYBODY: Who = dict.fromkeys(
    ("collector", "colleague", "unit above", "unit below", "reporter", "stranger", "removed", *OVER_IT, *ADMIN), STATES
)


class Act(NamedTuple):
    """A POST that has its effect for these standings in these states, and is refused with 409 for other readers."""

    name: str
    who: Who
    form: Callable[[Target], dict]


class Policy(NamedTuple):
    """`about` names what the address's key is a key of ('' without one, 'public' without a sign-in; 'agreement by
    report': asked for with reports of every state in the form); `finds` says who gets anything but 404. `acts` are the
    kinds of POST; `drawn`: an answer takes so long that few are asked for."""

    about: str
    methods: str
    finds: Who
    acts: tuple[Act, ...] = ()
    drawn: bool = False


def read(about: str, finds: Who, **more) -> Policy:
    """An address that is only read."""
    return Policy(about, "get", finds, **more)


def taken(about: str, finds: Who, **more) -> Policy:
    """An address that gives a file, and tells HEAD its headers without a trace."""
    return Policy(about, "get head", finds, **more)


def do(about: str, finds: Who, *acts: Act, methods: str = "post") -> Policy:
    """An address at which something is done."""
    return Policy(about, methods, finds, acts)


def act(form: Callable[[Target], dict] | None = None, name: str = "post", **who: tuple[str, ...]) -> Act:
    """Done by these standings (written with _ for a blank) in these states."""
    return Act(name, {standing.replace("_", " "): states for standing, states in who.items()}, form or (lambda t: {}))


def _item(target: Target) -> int:
    return target.criteria["items"].items.get(code="c").pk


def _figure(target: Target, **fields: str) -> dict:
    figure = target.criteria["figure"].pk
    return {"criterion": figure} | {f"c{figure}-{name.replace('_', '-')}": value for name, value in fields.items()}


def _version(target: Target) -> dict:
    return {"version": target.result.version}


def _level(target: Target) -> dict:
    return {"criterion": target.criteria["level"].pk}


def _cleared(target: Target) -> dict:
    target.marked_by_the_office()
    return _level(target) | {"do": "clear"} | _version(target)


def _ticked(target: Target) -> dict:
    return {"result": target.result.pk, f"v{target.result.pk}": target.result.version}


def _round(target: Target) -> Round:
    return target.agreement.rounds.select_related("agreement__unit").get(months=12)


def _planned(target: Target) -> dict:
    Round.objects.filter(pk=_round(target).pk).update(state=Round.State.PLANNED)
    return {}


def _closing(target: Target) -> dict:
    return {"reason": "why", "confirm": "on", "seen": uncertified(_round(target)).stamp}


def _assigned(target: Target) -> dict:
    unit = target.result.unit
    plan = plan_assignment(_round(target), Choice((target.indicator,), "collector", (), {unit.pk: (target.person,)}))
    chosen = {"indicator": target.indicator.pk, "role": "collector", f"p{unit.pk}": target.person.pk}
    return chosen | {"seen": plan.stamp}


def _assignments(target: Target) -> QuerySet[Assignment]:
    return target.indicator.assignments.filter(round__months=12, role="collector")


def _copied(target: Target) -> dict:
    _assignments(target).delete()
    return {"seen": plan_copy(_round(target)).stamp}


def _bundle(state: str) -> Callable[[Target], dict]:
    """A form without fields, sent of a file in this state."""
    return lambda target: {} if target.bundle(state) else {}


def _right(target: Target) -> int:
    return target.person.memberships.get().pk


def _new_grant(target: Target) -> dict:
    unit = "x-south" if target.relation == OTHER else "x-north"
    return {"grant-role": "auditor", "grant-unit": unit, "grant-since": day()}


def _new_person(target: Target) -> dict:
    return {"username": "x-new", "name": "new", "role": "auditor", "unit": "x-north", "since": day()}


def day(later: int = 0) -> str:
    """A day from today on, as people type it."""
    then = timezone.localdate() + timedelta(days=later)
    return f"{then.day}/{then.month}/{then.year + 543}"


NOW = {"collector": AT_THE_UNIT}
OFFICE = {"office": STATES, "maker": STATES}
PUBLIC = Policy("public", "get post", {})

POLICIES: dict[str, Policy] = {
    "home": read("", EVERYBODY),
    "roles": read("", EVERYBODY),
    "people": read("", ADMIN),
    "person_add": do("", ADMIN, act(_new_person, admin=STATES), methods="get post"),
    "person": do("person", ADMIN, act(lambda t: {"name": "changed"}, admin=STATES), methods="get post"),
    "person_active": do("person", ADMIN, act(lambda t: {"account-reason": "left"}, admin=STATES)),
    "grant_add": do("person", ADMIN, act(_new_grant, admin=STATES)),
    "grant_change": do(
        "person", ADMIN, act(lambda t: {"action": "end"}, "end", admin=STATES),
        act(lambda t: {f"g{_right(t)}-until": day(60)}, "move", admin=STATES),
    ),
    "first_sign_in": do("person", ADMIN, act(admin=STATES), methods="get post"),
    "grants": do(
        "", GRANTS, act(lambda t: {"grant": _right(t)}, office=STATES, auditor=STATES, maker=STATES),
        methods="get post",
    ),
    "grants_export": taken("", GRANTS),
    "agreement": read("agreement", DEFINITION),
    "planner": read("agreement", DEFINITION),
    "papers": read("agreement", DEFINITION),
    "book": do(
        "agreement", DEFINITION,
        Act("post", DEFINITION, lambda t: {"round": "12", "language": "th", "digits": "arabic"}),
    ),
    "paper": read("agreement", DEFINITION),
    "paper_pdf": taken("agreement", DEFINITION, drawn=True),
    "paper_workbook": taken("agreement", DEFINITION, drawn=True),
    "indicator": read("indicator", DEFINITION),
    "differences": read("agreement", DEFINITION),
    "certify_many": do(
        "agreement by report", DEFINITION,
        act(lambda t: {"result": f"{t.result.pk}:{t.result.version}"}, office=(APPROVED,)),
    ),
    "across_units": read("indicator", DEFINITION),
    "across_decide": do(
        "indicator by report", DEFINITION, act(_ticked, "approve", supervisor=(SUBMITTED,)),
        act(
            lambda t: _ticked(t) | _level(t) | {"decision": "mark", "score": "3", "reason": "why"}, "mark",
            supervisor=(SUBMITTED,), office=(APPROVED,),
        ),
    ),
    "queue": read("", EVERYBODY),
    "privacy": read("", EVERYBODY),
    # An empty form is refused; a table is checked and nothing comes of it.
    "check": do("", EVERYBODY, act(), methods="get head post"),
    "trail": read("", TRAIL),
    "trail_export": taken("", TRAIL),
    "trail_entry": read("entry", dict.fromkeys(OVER_IT, STATES)),
    "board": read("", READS_RESULTS),
    "dashboard": read("", READS_RESULTS),
    "office_dashboard": read("", READS_RESULTS),
    # Nothing is ticked: what is asked for with others' cards stands in tests/reports/library.
    "library": read("", READS_RESULTS),
    "library_ask": do("", READS_RESULTS, act()),
    "bundles": read("", READS_RESULTS),
    "bundle_file": taken("bundle", WHO_ASKED),
    "bundle_cancel": do("bundle", WHO_ASKED, act(_bundle("waiting"), collector=STATES)),
    "bundle_again": do("bundle", WHO_ASKED, act(_bundle("cancelled"), collector=STATES)),
    "bundle_remove": do("bundle", WHO_ASKED, act(_bundle("ready"), collector=STATES)),
    "reminders": do("", EVERYBODY, Act("post", EVERYBODY, lambda t: {"language": "en"}), methods="get head post"),
    "rounds": Policy("", "get head", OFFICE_ONLY),
    "agreement_rounds": do("agreement", OFFICE_ONLY, act(lambda t: {"months": "9"}, **OFFICE), methods="get head post"),
    "round_dates": do("agreement", OFFICE_ONLY, act(lambda t: {"r12-due_on": "30/9/2569"}, **OFFICE)),
    "round_open": do("agreement", OFFICE_ONLY, act(_planned, **OFFICE)),
    "round_close": do("agreement", OFFICE_ONLY, act(_closing, **OFFICE), methods="get head post"),
    "round_people": Policy("agreement", "get head", OFFICE_ONLY),
    "round_assign": do("agreement", OFFICE_ONLY, act(_assigned, **OFFICE), methods="get head post"),
    "round_people_copy": do("agreement", OFFICE_ONLY, act(_copied, **OFFICE), methods="get head post"),
    "round_people_remove": do(
        "agreement", OFFICE_ONLY, act(lambda t: {"assignment": _assignments(t).first().pk}, **OFFICE)
    ),
    "round_weights": do(
        "agreement", OFFICE_ONLY, act(lambda t: {f"w{t.indicator.pk}": "2"}, **OFFICE), methods="get head post"
    ),
    "indicator_rounds": do(
        "agreement", OFFICE_ONLY, act(lambda t: {"cancelled_from": "12", "reason": "why"}, **OFFICE),
        methods="get head post",
    ),
    "result": do("result", REPORT, act(lambda t: {"measures": "typed"}, **NOW), methods="get head post"),
    "card": read("result", REPORT),
    "card_pdf": taken("result", REPORT, drawn=True),
    "card_xlsx": taken("result", REPORT, drawn=True),
    "what_if": do("result", REPORT, methods="get head post"),
    "base_data": do(
        "result", BASE_DATA, act(lambda t: _figure(t, data_A="1", data_B="4"), reporter=AT_THE_UNIT),
        methods="get head post",
    ),
    "result_submit": do("result", REPORT, act(**NOW)),
    "result_withdraw": do("result", REPORT, act(_version, collector=(SUBMITTED,))),
    "result_decide": do(
        "result", REPORT,
        act(lambda t: {"decision": "approve"} | _version(t), "approve", supervisor=(SUBMITTED,)),
        act(
            lambda t: {"decision": "return", "reason": "why"} | _version(t), "return",
            supervisor=(SUBMITTED,), office=(APPROVED,),
        ),
        act(lambda t: {"decision": "certify"} | _version(t), "certify", office=(APPROVED,)),
        act(
            lambda t: {"decision": "reopen", "reason": "why"} | _version(t), "reopen",
            office=(CERTIFIED,), maker=(CERTIFIED,),
        ),
    ),
    "review": read("result", REVIEW),
    "review_items": do(
        "result", REPORT,
        act(
            lambda t: {"item": _item(t), "verdict": "accepted"} | _version(t),
            supervisor=(SUBMITTED,), office=(APPROVED,),
        ),
    ),
    "review_mark": do(
        "result", REPORT,
        act(
            lambda t: _level(t) | {"do": "mark", "score": "3", "reason": "why"} | _version(t), "mark",
            supervisor=(SUBMITTED,), office=(APPROVED,),
        ),
        act(_cleared, "clear", supervisor=(SUBMITTED,), office=(APPROVED,)),
    ),
    # A question decides nothing: whoever made the report may ask as well.
    "question_ask": do(
        "result", REPORT,
        act(
            lambda t: _level(t) | {"text": "why so many?"}, supervisor=(SUBMITTED,), office=(APPROVED,),
            maker=(APPROVED,),
        ),
    ),
    "question_answer": do("result", REPORT, act(lambda t: {"answer": "so it is"}, collector=(SUBMITTED, APPROVED))),
    "objection_make": do(
        "result", REPORT, act(lambda t: _level(t) | {"text": "it is there"}, collector=(APPROVED, CERTIFIED))
    ),
    "objection_answer": do(
        "result", REPORT, act(lambda t: {"decision": "uphold", "answer": "right"}, "uphold", office=STATES),
        act(lambda t: {"decision": "refuse", "answer": "no"}, "refuse", office=STATES),
    ),
    "result_copy": do("result", REPORT, act(**NOW)),
    "not_applicable": do(
        "result", REPORT, act(lambda t: {"criterion": t.criteria["items"].pk, "reason": "flooded"}, **NOW)
    ),
    "not_applicable_withdraw": do("result", REPORT, act(**NOW)),
    "not_applicable_decide": do(
        "result", REPORT, act(lambda t: {"decision": "grant"}, "grant", office=UNDECIDED),
        act(lambda t: {"decision": "refuse", "answer": "no"}, "refuse", office=UNDECIDED),
    ),
    "evidence_add": do(
        "result", REPORT,
        act(lambda t: {"evidence": t.evidence.pk, "place": f"i{_item(t)}"}, "put", **NOW),
        act(lambda t: {"kind": "link", "title": "a", "url": "https://example.go.th/"}, "name", **NOW),
        methods="get post",
    ),
    "evidence_version": do("result", REPORT, act(lambda t: {"files": text_file()}, **NOW)),
    "evidence_use": do("result", REPORT, act(lambda t: {"item": _item(t)}, **NOW)),
    "evidence_drop": do("result", REPORT, act(**NOW)),
    "evidence_file": taken("result", REPORT),
    "evidence_take_down": do("result", REPORT, act(lambda t: {"reason": "a number of a card"}, **OFFICE)),
    # What needs no sign-in, and allauth's own pages about the visitor's own account.
    "health": PUBLIC,
    "set_language": PUBLIC,
    "verify": PUBLIC,
    "verify_code": PUBLIC,
    "account_login": PUBLIC,
    "account_logout": PUBLIC,
    "account_inactive": PUBLIC,
    "account_signup": PUBLIC,
    "account_reset_password": PUBLIC,
    "account_reset_password_from_key_done": PUBLIC,
    "account_reset_password_from_key": PUBLIC,
    "account_reset_password_done": PUBLIC,
    "account_change_password": Policy("", "get head post put", EVERYBODY),
    # Only for accounts without a password, which nobody here has.
    "account_set_password": read("", {}),
}

# What else stands in an address beside the object that it is about, by the parameter's name.
PARAMETERS: dict[str, Callable[[Target], object]] = {
    "asked": lambda target: target.waiting().pk,
    "evidence": lambda target: target.evidence.pk,
    "version": lambda target: target.version.pk,
    "unit": lambda target: "x-operating",
    "months": lambda target: 12,
    "indicator": lambda target: target.indicator.pk,
    "right": _right,
    "question": lambda target: target.question().pk,
    "objection": lambda target: target.objection().pk,
    "name": lambda target: "summary",
    "uidb36": lambda target: "1",
    "code": lambda target: "nosuchcode",
    "key": lambda target: "no-such-key",
}


def text_file() -> SimpleUploadedFile:
    """A small file to upload."""
    return SimpleUploadedFile("newer.txt", "ฉบับใหม่".encode())


_SAME = {
    "colleague": "colleague", "office": "office", "maker in the office": "maker", "auditor": "auditor",
    "supervisor": "supervisor", "supervisor of another indicator": "another supervisor", "reporter": "reporter",
    "admin": "admin", "deactivated": "anonymous", "anonymous": "anonymous", "right just removed": "removed",
}
_OF_THE_SOUTH = {
    "collector of the south": "collector", "supervisor of the south": "supervisor", "admin of the south": "admin",
    "reporter": "reporter",
}


def standing(actor: str, relation: str) -> str:
    """What an actor is to an object: 'stranger' to all that there isn't, or that is another agency's."""
    if actor in SIGNED_OUT:
        return "anonymous"
    if actor == "right just removed":
        return "removed"
    if relation == MISSING:
        return "stranger"
    if relation == OTHER:
        return _OF_THE_SOUTH.get(actor, "stranger")
    by_relation = {
        NO_OBJECT: {"collector": "collector", "collector of the bureau": "collector"} | _OF_THE_SOUTH
        | {"admin of the south": "other admin"},
        OWN: {"collector": "collector", "collector of the bureau": "unit below"},
        BELOW: {"collector": "unit above", "colleague": "unit above", "collector of the bureau": "collector"},
    }
    return (_SAME | by_relation[relation]).get(actor, "stranger")
