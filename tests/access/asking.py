"""Asking for an address as somebody, and seeing what it changed: each request in a savepoint that is rolled back."""
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from django.apps import apps
from django.db import connection, transaction
from django.http import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from kpiportal.audit.models import AuditEvent
from scoring.engine.workflow import DRAFT, STATES
from tests.access.policies import PARAMETERS, POLICIES
from tests.access.world import ACTORS, MISSING, NO_OBJECT, OTHER, OWN, RELATIONS, Target, World

NOWHERE = 987_654_321
REFUSALS = {"request.refused"}
WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE", "TRUNCATE")
NO_STATE = "-"
TRAIL = "audit_auditevent"
KEY_OF = {
    "result": lambda target: target.result.pk,
    "agreement": lambda target: target.agreement.pk,
    "indicator": lambda target: target.indicator.pk,
    "person": lambda target: target.person.pk,
    "bundle": lambda target: target.bundle().pk,
    "entry": lambda target: AuditEvent.objects.about(target.result).latest("pk").pk,
}


def patterns(resolver: URLResolver | None = None) -> Iterator[URLPattern]:
    """Every address that the portal answers to."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from patterns(entry)
        else:
            yield entry


def parameters(name: str) -> list[str]:
    """The names of what stands in an address."""
    return list(next(one for one in patterns() if one.name == name).pattern.regex.groupindex) or list(
        next(one for one in patterns() if one.name == name).pattern.converters
    )


def address(name: str, target: Target, *, missing: bool = False) -> str:
    """The address of this name for an object; `missing`: for one that there isn't."""
    about = POLICIES[name].about
    given = {}
    for parameter in parameters(name):
        if parameter == "pk":
            given["pk"] = NOWHERE if missing else KEY_OF[about.split()[0]](target)
        else:
            given[parameter] = PARAMETERS[parameter](target)
    return reverse(name, kwargs=given)


class Answer(NamedTuple):
    """What came back, and what it changed: tables but the trail's, and the actions in the trail."""

    response: HttpResponseBase
    changed: bool
    recorded: tuple[str, ...]

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def read_its_query(self) -> bool:
        """Whether anything looked at what stands behind the question mark."""
        return "GET" in vars(self.response.wsgi_request)

    @property
    def body(self) -> bytes:
        return b"".join(self.response.streaming_content) if self.response.streaming else self.response.content

    @property
    def is_untouched(self) -> bool:
        """Whether nothing changed, but for the refusal's own entry."""
        return not self.changed and set(self.recorded) <= REFUSALS


class Browser(Client):
    """Django's client without its copies of every template's context, which take longer than the answers."""

    def request(self, **request) -> HttpResponseBase:
        response = self.handler(self._base_environ(**request))
        self.cookies.update(response.cookies)
        return response


class Asker:
    """Everybody's browser, signed in once."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.browsers = {actor: Browser() for actor in ACTORS}
        for actor, user in world.people.items():
            self.browsers[actor].force_login(user)
        self.last = 0

    def begin(self) -> None:
        """All that stands in the trail by now was before."""
        self.last = AuditEvent.objects.latest("pk").pk

    def ask(self, actor: str, method: str, path: str, data: dict | None = None, **more) -> Answer:
        """The answer, and whether the database is another afterwards; then all is as it was.

        Of a POST that succeeded the statements tell enough; after a refusal every row is compared."""
        browser = self.browsers[actor]
        browser.cookies.pop("messages", None)
        with rolled_back():
            with writes() as written:
                response = getattr(browser, method)(path, data or {}, **more)
            if not written:
                return Answer(response, False, ())
            entries = tuple(AuditEvent.objects.filter(pk__gt=self.last).values_list("action", flat=True))
            if all(TRAIL in statement for statement in written):
                return Answer(response, False, entries)
            if entries and method == "post" and response.status_code in (200, 204, 302):
                return Answer(response, True, entries)
            after = dump()
        return Answer(response, after != dump(), entries)


@contextmanager
def rolled_back() -> Iterator[None]:
    """A savepoint that is given up."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@contextmanager
def writes() -> Iterator[list[str]]:
    """The statements that write, of what runs inside; empty: nothing can have changed."""
    found: list[str] = []

    def watch(execute, sql, params, many, context):
        if sql.lstrip().upper().startswith(WRITES) and "django_session" not in sql:
            found.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield found


def dump() -> dict[str, list[tuple]]:
    """Every row of every table, but sessions and the trail, which is looked at by itself."""
    models = [m for m in apps.get_models(include_auto_created=True) if m._meta.app_label not in ("sessions", "audit")]
    return {model._meta.label: sorted(model.objects.values_list(), key=repr) for model in models}


def recorded() -> list[tuple]:
    """What the trail says, without when and in which chain."""
    names = ("action", "actor_id", "unit_id", "target_type", "target_id", "before", "after", "reason")
    return list(AuditEvent.objects.order_by("pk").values_list(*names))


def states_of(about: str) -> list[tuple[str, str]]:
    """The relations and states in which an object of this kind is asked for."""
    if about == "result" or about.endswith("by report"):
        return [(relation, state) for relation in RELATIONS[:3] for state in STATES] + [(MISSING, NO_STATE)]
    if about in ("agreement", "person", "entry", "bundle"):
        return [(OWN, NO_STATE), (OTHER, NO_STATE), (MISSING, NO_STATE)]
    if about == "indicator":
        return [(relation, NO_STATE) for relation in RELATIONS]
    return [(NO_OBJECT, NO_STATE)]


def target_of(world: World, relation: str, state: str) -> Target:
    """The object of this relation and state; of the north's draft where the state says nothing."""
    relation = OWN if relation in (MISSING, NO_OBJECT) else relation
    return world.targets[relation, DRAFT if state == NO_STATE else state]

