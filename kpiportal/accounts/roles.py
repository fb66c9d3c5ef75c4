"""Roles x permissions: the one table that says who may do what, in code and on the page /roles/.

A grant (Membership) gives a role in one unit and all units below it, from its first to its last day. Where a
permission needs more than the role in the unit, `IN_WORDS` says so: collectors and supervisors act only on what they
are assigned to (indicators.models.Assignment), and nobody decides on what they edited themselves.
"""
from typing import NamedTuple

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
REVIEW_GRANTS = "review grants"
VIEW_TRAIL = "view trail"
MANAGE_ROUNDS = "manage rounds, assignments and the weights of rounds"

PERMISSIONS: dict[Role, frozenset[str]] = {
    Role.COLLECTOR: frozenset({VIEW_AGREEMENTS, VIEW_RESULTS, EDIT_RESULTS}),
    Role.SUPERVISOR: frozenset(
        {VIEW_AGREEMENTS, VIEW_RESULTS, VIEW_DRAFTS, DECIDE_RESULTS, SEE_HIDDEN_SCORES, VIEW_TRAIL}
    ),
    Role.OFFICE: frozenset(
        {
            VIEW_AGREEMENTS, VIEW_RESULTS, VIEW_DRAFTS, CERTIFY_RESULTS, SEE_HIDDEN_SCORES, REVIEW_GRANTS,
            MANAGE_ROUNDS, VIEW_TRAIL,
        }
    ),
    Role.AUDITOR: frozenset(
        {VIEW_AGREEMENTS, VIEW_RESULTS, VIEW_DRAFTS, SEE_HIDDEN_SCORES, REVIEW_GRANTS, VIEW_TRAIL}
    ),
    Role.ADMIN: frozenset({MANAGE_PEOPLE}),
}


class Words(NamedTuple):
    """A permission in plain words: what it allows, and what narrows it beside the unit of the grant."""

    allows: str
    narrowed: str


_BRANCH = _("In the unit of the right and all units below it.")

# In the order of the page; a permission that isn't here stands on the page under its own name.
IN_WORDS: dict[str, Words] = {
    VIEW_AGREEMENTS: Words(_("Read agreements and indicators"), _BRANCH),
    VIEW_RESULTS: Words(
        _("Read results with their evidence, report cards and the planner"),
        _("Of one's own unit in every state; of units below as soon as they are handed in."),
    ),
    VIEW_DRAFTS: Words(_("Read results of units below before they are handed in"), _BRANCH),
    EDIT_RESULTS: Words(
        _("Enter results, attach evidence and submit"),
        _("Only for the indicators and rounds that one is assigned to as data collector, while the round is open."),
    ),
    DECIDE_RESULTS: Words(
        _("Approve results or return them with a reason"),
        _("Only for the indicators that one is assigned to as KPI supervisor, and never what one edited oneself."),
    ),
    CERTIFY_RESULTS: Words(
        _("Certify approved results, and decide on requests for 'not applicable'"),
        _("In the unit of the right and all units below it; never what one edited oneself."),
    ),
    SEE_HIDDEN_SCORES: Words(_("See scores that are hidden from the reporting unit"), _BRANCH),
    MANAGE_PEOPLE: Words(
        _("Add people, change and deactivate accounts, give and end rights"),
        _("Only people all of whose rights lie in the administrator's units; never one's own rights."),
    ),
    MANAGE_ROUNDS: Words(
        _("Open and close rounds, set their dates and weights, and assign supervisors and collectors"),
        _("In agreements of the unit of the right and all units below it."),
    ),
    REVIEW_GRANTS: Words(
        _("Review everyone's rights, and mark them as reviewed"),
        _("Rights in the unit of the right and all units below it; never one's own."),
    ),
    VIEW_TRAIL: Words(
        _("Read the audit trail and download it"),
        _("Entries of the unit of the right and all units below it; administrators read those about people."),
    ),
}


def roles_with(permission: str) -> tuple[Role, ...]:
    """The roles that carry a permission."""
    return tuple(role for role, permissions in PERMISSIONS.items() if permission in permissions)
