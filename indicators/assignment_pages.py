"""What the pages about assignments print."""
from collections.abc import Iterable
from dataclasses import dataclass, field

from indicators.assigning import Line, units_asked
from indicators.forms import AssignForm, read_people
from indicators.holders import Holders, holders_in
from indicators.models import Assignment, Indicator, Round
from indicators.queries import measured
from kpiportal.accounts.models import Unit, User


@dataclass
class Place:
    """The people of one indicator in one unit."""

    unit: Unit
    supervisors: list[Assignment] = field(default_factory=list)
    collectors: list[Assignment] = field(default_factory=list)
    substitutes: list[Assignment] = field(default_factory=list)

    def take(self, one: Assignment) -> None:
        """Put an assignment where the table prints it."""
        if one.is_substitute:
            self.substitutes.append(one)
        else:
            (self.supervisors if one.role == Assignment.Role.SUPERVISOR else self.collectors).append(one)


@dataclass
class Row:
    """One indicator of the table, with its lead unit first."""

    indicator: Indicator
    runs: bool
    places: list[Place]


def people_table(round_: Round) -> list[Row]:
    """Indicators × people of a round; three queries. `without_right` marks who can't do the task any more."""
    agreement = round_.agreement
    found = Assignment.objects.filter(round=round_).select_related("unit", "person")
    assigned = list(found.order_by("unit__path", "order", "pk"))
    holders = Holders(one.person for one in assigned)
    rows = {}
    for indicator in measured(agreement):
        lead = indicator.lead_unit or agreement.unit
        rows[indicator.pk] = Row(indicator, indicator.runs_in(round_.months), [Place(lead)])
    for one in assigned:
        one.without_right = not holders.may(one.person, one.unit, one.role)
        if one.indicator_id in rows:
            _place(rows[one.indicator_id].places, one.unit).take(one)
    return list(rows.values())


def _place(places: list[Place], unit: Unit) -> Place:
    for place in places:
        if place.unit.pk == unit.pk:
            return place
    places.append(Place(unit))
    return places[-1]


@dataclass
class Chooser:
    """The people from whom to choose for one unit; `chosen` by their keys."""

    unit: Unit
    people: list[User]
    chosen: tuple[int, ...]


def choosers(form: AssignForm, round_: Round) -> list[Chooser]:
    """For each unit that was named, the people who hold the role there, and whom the form chose."""
    units = units_asked(form.choice({}), round_.agreement.unit)
    chosen = read_people(form.data, units)
    holders = holders_in(units, form.cleaned_data["role"])
    return [Chooser(unit, holders[unit.pk], chosen.get(unit.pk, ())) for unit in units]


def people_of(rows: Iterable[Chooser], agency: Unit) -> dict[int, tuple[User, ...]]:
    """The chosen people by unit. Whoever doesn't hold the role, but is or was somebody in the agency, is among them for
    the service to refuse by name; nobody else is."""
    rows = list(rows)
    listed = {person.pk: person for row in rows for person in row.people}
    others = {key for row in rows for key in row.chosen} - listed.keys()
    if others:
        listed |= User.objects.filter(memberships__unit__path__startswith=agency.path).in_bulk(others)
    return {row.unit.pk: tuple(listed[key] for key in row.chosen if key in listed) for row in rows if row.chosen}


def sorted_lines(lines: Iterable[Line]) -> list[Line]:
    """A plan's lines as the preview prints them: by indicator, then unit."""
    return sorted(lines, key=lambda line: (line.indicator.order, line.unit.path))
