"""Roles x permissions: the one table that says who may do what. A membership grants a role in a unit and all below."""
from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """The five roles of the domain."""

    COLLECTOR = "collector", _("Data collector")
    SUPERVISOR = "supervisor", _("KPI supervisor")
    OFFICE = "office", _("Performance office")
    AUDITOR = "auditor", _("Auditor")
    ADMIN = "admin", _("Administrator")


VIEW_RESULTS = "view results"
VIEW_DRAFTS = "view results of units below before they are handed in"
EDIT_RESULTS = "edit results"
DECIDE_RESULTS = "decide on results"
CERTIFY_RESULTS = "certify results"
VIEW_AGREEMENTS = "view agreements"
SEE_HIDDEN_SCORES = "see scores hidden from the reporting unit"
MANAGE_PEOPLE = "manage people"
MANAGE_ROUNDS = "manage rounds, assignments and the weights of rounds"

PERMISSIONS: dict[Role, frozenset[str]] = {
    Role.COLLECTOR: frozenset({VIEW_AGREEMENTS, VIEW_RESULTS, EDIT_RESULTS}),
    Role.SUPERVISOR: frozenset(
        {VIEW_AGREEMENTS, VIEW_RESULTS, VIEW_DRAFTS, DECIDE_RESULTS, SEE_HIDDEN_SCORES}
    ),
    Role.OFFICE: frozenset(
        {VIEW_AGREEMENTS, VIEW_RESULTS, VIEW_DRAFTS, CERTIFY_RESULTS, SEE_HIDDEN_SCORES, MANAGE_ROUNDS}
    ),
    Role.AUDITOR: frozenset({VIEW_AGREEMENTS, VIEW_RESULTS, VIEW_DRAFTS, SEE_HIDDEN_SCORES}),
    Role.ADMIN: frozenset({MANAGE_PEOPLE}),
}


def roles_with(permission: str) -> tuple[Role, ...]:
    """The roles that carry a permission."""
    return tuple(role for role, permissions in PERMISSIONS.items() if permission in permissions)
