"""The same things over the years: earlier agreements of a unit, and which indicator or criterion is which."""
import re
from collections.abc import Iterable
from typing import Protocol, TypeVar

from indicators.models import Agreement
from kpiportal.accounts.models import User
from scoring.engine.text import arabic_digits


class Labelled(Protocol):
    """What a document tells apart by number and name; both may repeat."""

    pk: int
    number: str
    name: str


Thing = TypeVar("Thing", bound=Labelled)


def earlier_agreements(agreement: Agreement, *, user: User | None, most: int = 3) -> list[Agreement]:
    """The agreements of the same unit in earlier years that a person may see (None: a command, which sees all), one a
    year, the latest year first; drafts of definitions are none. One query."""
    found = Agreement.objects.all() if user is None else Agreement.objects.visible_to(user)
    found = found.filter(unit=agreement.unit_id, fiscal_year__year__lt=agreement.fiscal_year.year)
    found = found.exclude(state=Agreement.State.DRAFT).select_related("unit", "fiscal_year")
    by_year: dict[int, Agreement] = {}
    for one in found.order_by("-fiscal_year__year", "-pk"):
        by_year.setdefault(one.fiscal_year.year, one)
    return list(by_year.values())[:most]


def paired(now: Iterable[Labelled], then: Iterable[Thing]) -> dict[int, Thing]:
    """By the key of each of `now` the same one of `then`: with its number and name, in their order where several have
    both; else with its name alone, where on both sides just one that is left has it."""
    now, left = [(_key(one), one) for one in now], [(_key(one), one) for one in then]
    found: dict[int, Thing] = {}
    for key, one in now:
        if same := next((other for other in left if other[0] == key), None):
            found[one.pk] = same[1]
            left.remove(same)
    waiting = [(key, one) for key, one in now if one.pk not in found]
    for (_, name), one in waiting:
        same, rivals = [[each for key, each in those if key[1] == name] for those in (left, waiting)]
        if len(same) == 1 == len(rivals):
            found[one.pk] = same[0]
    return found


def _key(one: Labelled) -> tuple[str, str]:
    number, name = (re.sub(r"\s+", "", arabic_digits(text)).casefold() for text in (one.number, one.name))
    return number.rstrip("."), name
