"""Who may read which entries, and the entries page by page: no OFFSET, no COUNT, a fixed number of queries."""
import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from django.db import connection
from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.utils.text import Truncator

from indicators.models import Criterion
from kpiportal.accounts.models import Unit, User
from kpiportal.accounts.queries import holds, permissions_of
from kpiportal.accounts.roles import MANAGE_PEOPLE, VIEW_TRAIL
from kpiportal.audit.models import AuditEvent
from kpiportal.audit.names import occurring
from kpiportal.audit.sentences import actions_of
from scoring.models import Result
from scoring.queries.summary import scores_hidden

PAGE = 50
BATCH = 2_000
MOST_FOUND = 200
# What an administrator reads: the entries about people and their rights.
OF_PEOPLE = (*actions_of("rights"), *actions_of("sign_in"), *actions_of("refusal"))
# Marks and what reviewers think of items: for whoever may see the scores, as the report card shows them.
OF_MARKS = frozenset({"result.marked", "result.mark_cleared", "result.mark_kept", "result.item_reviewed"})
# What everybody who may see a result reads of its story, which its pages show them too. Who looked at a file or took
# something along is told to the readers of the trail only.
OF_A_STORY = frozenset({*actions_of("result"), *actions_of("decision"), "evidence.used", "evidence.dropped"})
# What the portal compares reports by; it says nothing to people.
FINGERPRINTS = frozenset({"of"})


@dataclass(frozen=True)
class Reader:
    """What a person may read of the trail: all entries of some units, those about people of others, or everything."""

    units: dict[int, str]  # of all that are read in any way, in the order of the tree
    all_of: frozenset[int]
    people_of: frozenset[int]
    whole: bool  # every unit, and so the entries of no unit too
    everywhere: bool  # in every unit at least those about people


@dataclass(frozen=True)
class Wanted:
    """What the page was asked for."""

    since: datetime.datetime | None = None
    until: datetime.datetime | None = None  # the first moment that is too late
    unit: int | None = None
    actions: tuple[str, ...] = ()
    person: str = ""
    address: str = ""
    text: str = ""
    about: tuple[str, str] | None = None


class Place(NamedTuple):
    """Where a page begins: behind this entry."""

    at: datetime.datetime
    pk: int


def reads_trail(user: User) -> bool:
    """Whether the page of the trail is there for a person at all."""
    return bool(permissions_of(user) & {VIEW_TRAIL, MANAGE_PEOPLE})


def reader(user: User) -> Reader:
    """A person's scope, in one query."""
    units = list(Unit.objects.order_by("path").values_list("pk", "path", "name"))
    everything = frozenset(pk for pk, path, _ in units if holds(user, VIEW_TRAIL, path))
    people = frozenset(pk for pk, path, _ in units if holds(user, MANAGE_PEOPLE, path))
    return Reader(
        units={pk: name for pk, _, name in units if pk in everything | people},
        all_of=everything, people_of=people - everything,
        whole=len(everything) == len(units), everywhere=len(everything | people) == len(units),
    )


def _walked() -> QuerySet[AuditEvent]:
    """All entries; on SQLite, which knows nothing of how often a value occurs, with columns that no index of their own
    leads to, so that it walks the times backwards instead of sorting a whole unit."""
    if connection.vendor == "postgresql":
        return AuditEvent.objects.alias(of_unit=F("chain"), did=F("action"))
    return AuditEvent.objects.alias(of_unit=Coalesce("chain", Value(0)), did=Coalesce("action", Value("")))


def readable(scope: Reader) -> QuerySet[AuditEvent]:
    """The entries that a reader may see."""
    if scope.whole:
        return _walked()
    allowed = Q(of_unit__in=sorted(scope.all_of))
    if scope.people_of:
        # Who administers every unit reads of people without a unit too.
        mine = [*([0] if scope.everywhere else []), *sorted(scope.people_of)]
        allowed |= Q(of_unit__in=mine, did__in=OF_PEOPLE)
    return _walked().filter(allowed)


def narrowed(entries: QuerySet[AuditEvent], wanted: Wanted) -> QuerySet[AuditEvent]:
    """Those that the page was asked for."""
    simple = {
        "at__gte": wanted.since, "at__lt": wanted.until, "of_unit": wanted.unit, "did__in": wanted.actions,
        "address": wanted.address,
    }
    entries = entries.filter(**{name: value for name, value in simple.items() if value})
    if wanted.person:
        entries = entries.filter(_by(wanted.person))
    if wanted.text:
        entries = entries.filter(_named(wanted.text))
    if wanted.about:
        entries = entries.filter(target_type=wanted.about[0], target_id=wanted.about[1])
    return entries


def _by(text: str) -> Q:
    """The condition that somebody with this in their name or user name did it; those without an account any more
    count by the name in their entries."""
    people = User.objects.filter(Q(name__icontains=text) | Q(username=text)).order_by("pk")
    found = list(people.values_list("pk", flat=True)[:MOST_FOUND])
    gone = set(occurring("actor_id")) - set(User.objects.values_list("pk", flat=True))
    named = Q(actor_id__in=found)
    return named | Q(actor_id__in=sorted(gone), actor_name__icontains=text) if gone else named


def _named(text: str) -> Q:
    """The condition that the object's name holds this. A few names are looked up by the index; of what many hold, the
    walk through the times soon finds a page."""
    words = text.casefold()
    names = [name for name in occurring("target_name") if words in name.casefold()]
    return Q(target_name__in=names) if len(names) <= MOST_FOUND else Q(target_name__icontains=text)


def page_of(
    entries: QuerySet[AuditEvent], place: Place | None, *, oldest_first: bool = False, size: int = PAGE
) -> tuple[list[AuditEvent], Place | None]:
    """The entries behind a place, and the place of the next page if there is one. The keys are found by an index
    alone, and only then the rows are read."""
    order = ("at", "pk") if oldest_first else ("-at", "-pk")
    if place:
        step = "gt" if oldest_first else "lt"
        behind = Q(**{f"at__{step}": place.at}) | Q(at=place.at, **{f"pk__{step}": place.pk})
        entries = entries.filter(behind, **{f"at__{step}e": place.at})
    keys = list(entries.order_by(*order).values_list("pk", flat=True)[: size + 1])
    rows = list(AuditEvent.objects.filter(pk__in=keys[:size]).order_by(*order)) if keys else []
    return rows, Place(rows[-1].at, rows[-1].pk) if len(keys) > size else None


def all_of(entries: QuerySet[AuditEvent], until: datetime.datetime) -> Iterator[AuditEvent]:
    """All entries before a time, oldest first, batch by batch: as many in memory, however many there are."""
    entries, place = entries.filter(at__lt=until), None
    while True:
        rows, place = page_of(entries, place, oldest_first=True, size=BATCH)
        yield from rows
        if place is None:
            return


class Story(NamedTuple):
    """The entries about one object that a person may read, which of their fields not, and whether all is told."""

    entries: QuerySet[AuditEvent]
    without: frozenset[str]
    whole: bool


def story(user: User, scope: Reader, about: tuple[str, str]) -> Story | None:
    """The story of an object. Of a result, everybody who may see it reads what its pages show them: not the marks while
    the scores are hidden. None if this person reads neither the trail nor the result."""
    entries = _walked().filter(target_type=about[0], target_id=about[1])
    seen = _result(user, about)
    if seen and seen.unit_id not in scope.all_of:
        hidden = scores_hidden(seen.indicator.agreement, user, seen.unit.path, seen.state)
        told, without = (OF_A_STORY - OF_MARKS, FINGERPRINTS | {"score"}) if hidden else (OF_A_STORY, FINGERPRINTS)
        return Story(entries.filter(did__in=sorted(told), chain=seen.unit_id), without, False)
    if not reads_trail(user):
        return None
    return Story(readable(scope).filter(target_type=about[0], target_id=about[1]), FINGERPRINTS, True)


def _result(user: User, about: tuple[str, str]) -> Result | None:
    kind, key = about
    if kind != Result._meta.label_lower or not (key.isascii() and key.isdigit() and len(key) < 19):
        return None
    return Result.objects.visible_to(user).select_related("unit", "indicator__agreement").filter(pk=key).first()


def criteria_named(entries: Iterable[AuditEvent]) -> dict[str, str]:
    """Words for the keys 'criterion 20' of entries; a criterion that is gone keeps its key."""
    parts = [part for entry in entries for part in (entry.before, entry.after) if isinstance(part, dict)]
    keys = {key for part in parts for key in part if key.startswith("criterion ") and key[10:].isdigit()}
    if not keys:
        return {}
    found = Criterion.objects.filter(pk__in=[int(key[10:]) for key in keys])
    return {f"criterion {criterion.pk}": Truncator(str(criterion)).chars(60) for criterion in found}
