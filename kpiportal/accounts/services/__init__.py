"""Changes of people, units and rights: each with its audit entry in the same transaction."""
from kpiportal.accounts.refusals import NotAllowed
from kpiportal.accounts.services.grants import change_until, grant, note_export, review_grants, revoke
from kpiportal.accounts.services.people import (
    add_person,
    change_person,
    create_user,
    deactivate,
    first_sign_in_path,
    note_closed_sign_in_refused,
    note_sign_in,
    note_sign_in_refused,
    note_sign_out,
    reactivate,
    set_password,
)
from kpiportal.accounts.services.units import create_unit

__all__ = [
    "NotAllowed",
    "add_person",
    "change_person",
    "change_until",
    "create_unit",
    "create_user",
    "deactivate",
    "first_sign_in_path",
    "note_closed_sign_in_refused",
    "grant",
    "note_export",
    "note_sign_in",
    "note_sign_in_refused",
    "note_sign_out",
    "reactivate",
    "review_grants",
    "revoke",
    "set_password",
]
