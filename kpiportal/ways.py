"""The navigation: the pages that have no object in their address, for those who may open them."""
from typing import NamedTuple

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kpiportal.accounts.models import User
from kpiportal.accounts.queries import permissions_of
from kpiportal.accounts.roles import MANAGE_PEOPLE, MANAGE_ROUNDS, REVIEW_GRANTS, VIEW_RESULTS, VIEW_TRAIL


class Way(NamedTuple):
    """An address by its name, what the link says, and the permissions of which one opens it (none: for everyone)."""

    name: str
    label: Promise
    permissions: frozenset[str] = frozenset()


class Link(NamedTuple):
    """A link as it is drawn."""

    address: str
    label: Promise
    here: bool


# In the order of the row; an address that there isn't is left out.
WAYS = (
    Way("home", _("Home")),
    Way("dashboard", _("Dashboard"), frozenset({VIEW_RESULTS})),
    Way("board", _("Board"), frozenset({VIEW_RESULTS})),
    Way("library", _("Library"), frozenset({VIEW_RESULTS})),
    Way("rounds", _("Rounds"), frozenset({MANAGE_ROUNDS})),
    Way("people", _("People"), frozenset({MANAGE_PEOPLE})),
    Way("grants", _("Review of rights"), frozenset({MANAGE_PEOPLE, REVIEW_GRANTS})),
    Way("trail", _("Audit trail"), frozenset({MANAGE_PEOPLE, VIEW_TRAIL})),
    Way("check", _("Check a table")),
    Way("roles", _("Roles")),
)


def ways_of(user: User, path: str) -> list[Link]:
    """The links for a person at this address; no query but that for the rights in force, kept for the request."""
    held = permissions_of(user)
    links = []
    for way in WAYS:
        if way.permissions and not way.permissions & held:
            continue
        try:
            address = reverse(way.name)
        except NoReverseMatch:
            continue
        links.append(Link(address, way.label, address == path))
    return links
