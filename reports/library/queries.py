"""Finding cards and reports: by unit, year, round, indicator and state, within what a person may see."""
import re
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet

from indicators.models import Agreement
from kpiportal.accounts.models import Unit, User
from kpiportal.accounts.queries import in_scope
from kpiportal.accounts.roles import VIEW_RESULTS
from scoring.engine.text import arabic_digits, thai_digits
from scoring.models import Result, Snapshot
from scoring.models.result import visible_results

ISSUED, CERTIFIED, SUPERSEDED, IN_WORK = "issued", "certified", "superseded", "work"
# Snapshots whose card is issued, or can be: what a bundle may hold.
TAKEN = Q(issued_card__isnull=False) | Q(superseded_at__isnull=True)
STATES = {
    "": Q(), ISSUED: Q(issued_card__isnull=False, superseded_at__isnull=True),
    CERTIFIED: Q(issued_card__isnull=True, superseded_at__isnull=True), SUPERSEDED: Q(superseded_at__isnull=False),
}
AROUND = ("indicator__agreement__fiscal_year", "indicator__agreement__unit", "round", "unit")
ORDER = (
    "-indicator__agreement__fiscal_year__year", "unit__path", "indicator__agreement", "round__months",
    "indicator__order",
)
# A number of one or two digits and nothing else is that of an indicator; else it may also stand in a name.
SHORT_NUMBER = re.compile(r"[0-9]{1,2}(\.[0-9]+)*")


@dataclass(frozen=True)
class Wanted:
    """What was asked for; what is None or empty narrows nothing."""

    unit: Unit | None = None
    year: int | None = None
    months: int | None = None
    text: str = ""
    state: str = ""


def cards_found(user: User, wanted: Wanted) -> QuerySet[Snapshot]:
    """The certified results, superseded ones too, that the person may see and that were asked for: the latest year
    first, a result's newest card first. Their frozen texts are left in the database."""
    found = Snapshot.objects.filter(visible_results(user, "result__"), STATES[wanted.state], _narrowed(wanted, True))
    order = [f"-result__{name[1:]}" if name[0] == "-" else f"result__{name}" for name in ORDER]
    related = [f"result__{name}" for name in AROUND]
    return found.select_related("issued_card", *related).defer("content").order_by(*order, "-number")


def reports_found(user: User, wanted: Wanted) -> QuerySet[Result]:
    """The reports in work that the person may see and that were asked for."""
    found = Result.objects.visible_to(user).measured().exclude(state=Result.State.CERTIFIED)
    return found.filter(_narrowed(wanted, False)).select_related(*AROUND).order_by(*ORDER)


def _narrowed(wanted: Wanted, is_snapshot: bool) -> Q:
    of = "result__" if is_snapshot else ""
    condition = Q()
    if wanted.unit:
        path = wanted.unit.path
        condition &= Q(**{f"{of}unit__path__startswith": path}) | Q(
            **{f"{of}indicator__agreement__unit__path__startswith": path}
        )
    if wanted.year:
        condition &= Q(**{f"{of}indicator__agreement__fiscal_year__year": wanted.year})
    if wanted.months:
        condition &= Q(**{f"{of}round__months": wanted.months})
    words = wanted.text.split()
    for word in words:
        condition &= _word(word, of, alone=len(words) == 1)
    return condition


def _word(word: str, of: str, *, alone: bool) -> Q:
    """The condition that an indicator has this number, or the beginning of it, or this in its name; of a card also that
    its number holds it. Digits are the same, Thai or not."""
    plain, thai = arabic_digits(word), thai_digits(word)
    number = f"{of}indicator__number"
    said = Q(**{number: plain}) | Q(**{f"{number}__startswith": f"{plain}."}) | Q(**{number: thai})
    if alone and SHORT_NUMBER.fullmatch(plain):
        return said
    for spelling in {word, plain, thai}:
        said |= Q(**{f"{of}indicator__name__icontains": spelling})
    return said | Q(issued_card__number__icontains=plain) if of else said


class Choices(NamedTuple):
    """What can be chosen in the search: units with results or an agreement, fiscal years, months of rounds."""

    units: QuerySet[Unit]
    years: list[int]
    months: list[int]


def choices_for(user: User) -> Choices:
    """The choices for a person: one query, and that of the units when they are drawn."""
    led = Exists(Result.objects.filter(unit=OuterRef("pk")))
    agreed = Exists(Agreement.objects.filter(unit=OuterRef("pk")))
    units = Unit.objects.filter(in_scope(user, VIEW_RESULTS, "path")).filter(led | agreed).order_by("path")
    results = Result.objects.visible_to(user).order_by()
    known = set(results.values_list("indicator__agreement__fiscal_year__year", "round__months").distinct())
    return Choices(units, sorted({year for year, _ in known}, reverse=True), sorted({months for _, months in known}))


def keys_to_take(found: QuerySet[Snapshot]) -> list[int]:
    """The keys of those found whose card is issued or can be, in their order."""
    return list(found.filter(TAKEN).values_list("pk", flat=True))
