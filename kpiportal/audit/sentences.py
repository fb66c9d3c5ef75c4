"""What each action of the trail means as a sentence, in the reader's language: the one table, by kind of action.

A sentence may name {actor}, {target}, and whatever stands in the entry's `after` or `before`; its reason follows it.
"""
from collections.abc import Mapping
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kpiportal.audit.models import AuditEvent

KINDS: dict[str, Promise] = {
    "result": _("Saved results"),
    "decision": _("Decisions"),
    "evidence": _("Evidence"),
    "download": _("Downloads"),
    "definition": _("Agreements and rounds"),
    "rights": _("People and rights"),
    "sign_in": _("Sign-ins"),
    "refusal": _("Refusals"),
    "system": _("The portal itself"),
}

_SENTENCES: dict[str, dict[str, Promise]] = {
    "result": {
        "result.saved": _("{actor} saved the result {target}"),
        "result.copied": _("{actor} began the result {target} with the report of an earlier round"),
        "result.scored": _("The score of {target} follows what was changed elsewhere (by {actor})"),
        "base_data.saved": _("{actor} saved base data for {target}"),
    },
    "decision": {
        "result.submit": _("{actor} submitted the result {target}"),
        "result.withdraw": _("{actor} took the submitted result {target} back"),
        "result.return": _("{actor} returned the result {target}"),
        "result.approve": _("{actor} approved the result {target}"),
        "result.certify": _("{actor} certified the result {target}: snapshot no. {snapshot}, SHA-256 {sha256}"),
        "result.reopen": _("{actor} opened the result {target} again"),
        "result.marked": _("{actor} marked criteria of {target} otherwise than the mark before"),
        "result.mark_cleared": _("{actor} took a mark of {target} back"),
        "result.mark_kept": _("{actor} confirmed for {target} a mark given to an earlier submission"),
        "result.item_reviewed": _("{actor} reviewed items and their evidence of {target}"),
        "not_applicable.requested": _("{actor} asked for 'not applicable' on {target}: {criterion}"),
        "not_applicable.granted": _("{actor} granted 'not applicable' on {target}: {criterion}"),
        "not_applicable.refused": _("{actor} refused 'not applicable' on {target}: {criterion}"),
        "not_applicable.withdrawn": _("{actor} withdrew the request for 'not applicable' on {target}: {criterion}"),
        "question.asked": _("{actor} asked about {target}: {text}"),
        "question.answered": _("{actor} answered a question about {target}: {answer}"),
        "objection.made": _("{actor} objected to the marks of {target}: {text}"),
        "objection.upheld": _("{actor} upheld an objection to {target}"),
        "objection.refused": _("{actor} refused an objection to {target}"),
    },
    "evidence": {
        "evidence.added": _("{actor} added the evidence {target}"),
        "evidence.file_added": _("{actor} added the file {target}"),
        "evidence.used": _("{actor} put the evidence {title} into the result {target}"),
        "evidence.dropped": _("{actor} took the evidence {title} out of the result {target}"),
        "evidence.deleted": _("{actor} deleted the unused evidence {target}"),
        "evidence.taken_down": _("{actor} took the file {target} down"),
        "evidence.scanned": _("The file {target} was scanned for viruses"),
    },
    "download": {
        "evidence.downloaded": _("{actor} downloaded the file {target}"),
        "evidence.viewed": _("{actor} looked at the file {target}"),
        "card.printed": _("{actor} took the report card of {target} as a PDF"),
        "card.issued": _("{actor} issued the report card no. {number} of {target}: SHA-256 {sha256}"),
        "card.workbook": _("{actor} took the report card of {target} as an Excel workbook"),
        "paper.printed": _("{actor} took the paper {paper} of {target}"),
        "bundle.asked": _("{actor} asked for a file to be made: {target}"),
        "bundle.made": _("The file {target} was made: SHA-256 {sha256}"),
        "bundle.failed": _("The file {target} could not be made"),
        "bundle.cancelled": _("{actor} cancelled the making of the file {target}"),
        "bundle.downloaded": _("{actor} downloaded the file {name} ({target}): SHA-256 {sha256}"),
        "bundle.expired": _("The file {target} was removed: its time was over"),
        "bundle.forgotten": _("{target}, of which there was no file, was taken off the list (by {actor})"),
        "bundle.removed": _("The file {target} was removed (by {actor})"),
        "grants.exported": _("{actor} downloaded the review of rights as CSV ({rows} lines)"),
        "trail.exported": _("{actor} downloaded entries of the audit trail ({format})"),
    },
    "definition": {
        "agreement.created": _("{actor} added the agreement {target}"),
        "agreement.put_in_force": _("{actor} put the agreement {target} in force"),
        "indicator.rounds_set": _("{actor} changed the rounds in which {target} is measured"),
        "round.added": _("{actor} added the {target}-month round"),
        "round.dates_set": _("{actor} set the dates of the {target}-month round"),
        "round.opened": _("{actor} opened the {target}-month round"),
        "round.closed": _("{actor} closed the {target}-month round"),
        "round.sealed": _("{actor} sealed the {target}-month round: seal no. {seal}, SHA-256 {sha256}"),
        "round.weights_set": _("{actor} set the weights of the {target}-month round"),
    },
    "rights": {
        "assignment.added": _("{actor} assigned a person: {target}"),
        "assignment.replaced": _("{actor} put another person in the place of the one assigned: {target}"),
        "assignment.changed": _("{actor} changed whether a person is a substitute: {target}"),
        "assignment.removed": _("{actor} took an assigned person off: {target}"),
        "unit.created": _("{actor} added the unit {target}"),
        "user.created": _("{actor} added the account of {target}"),
        "user.changed": _("{actor} changed the account of {target}"),
        "user.deactivated": _("{actor} deactivated the account of {target}"),
        "user.reactivated": _("{actor} opened the account of {target} again"),
        "user.password_set": _("{actor} set a new password for {target}"),
        "user.password_set_by_link": _("Somebody with the link set a new password for {target}"),
        "user.first_sign_in_link_made": _("{actor} made a link for the first sign-in of {target}"),
        "membership.granted": _("{actor} gave a right: {target}"),
        "membership.revoked": _("{actor} ended a right: {target}"),
        "membership.prolonged": _("{actor} prolonged a right: {target}"),
        "membership.shortened": _("{actor} moved the last day of a right earlier: {target}"),
        "membership.reviewed": _("{actor} reviewed a right: {target}"),
    },
    "sign_in": {
        "user.signed_in": _("{target} signed in"),
        "user.signed_out": _("{target} signed out"),
        "user.sign_in_refused": _("A sign-in as {target} was refused"),
        "user.sign_in_locked": _("A sign-in as {target} was refused unread after too many failures"),
        "user.closed_sign_in_refused": _(
            "A sign-in as {target} was refused: the password was right, but the account is deactivated"
        ),
        "user.unknown_sign_in_refused": _("A sign-in with an unknown user name was refused"),
    },
    "refusal": {
        "request.refused": _("{actor} was refused: {method} {path} ({status})"),
        "request.more_refused": _("{actor} was refused more often in this hour than is written down one by one"),
    },
    "system": {
        "reminder.sent": _("The portal reminded {target}"),
        "reminder.setting_changed": _("{actor} changed the reminders of {target}"),
        "reminder.undeliverable": _("A reminder to {target} could not be delivered"),
        "trail.archived": _("Old entries of the audit trail were moved into an archive file"),
    },
}
SENTENCES: dict[str, Promise] = {action: said for table in _SENTENCES.values() for action, said in table.items()}
KIND_OF: dict[str, str] = {action: kind for kind, table in _SENTENCES.items() for action in table}


class _Names(dict):
    """What a sentence may name; what an entry doesn't hold is a dash."""

    def __missing__(self, key: str) -> str:
        return "–"


class Said(NamedTuple):
    """An entry in words: what was done by whom, and why (empty where no reason was given)."""

    sentence: str
    reason: str

    def __str__(self) -> str:
        if not self.reason:
            return self.sentence
        return gettext("{sentence}, because: {reason}").format(sentence=self.sentence, reason=self.reason)


def actions_of(kind: str) -> list[str]:
    """The actions of a kind."""
    return list(_SENTENCES[kind])


def say_entry(entry: AuditEvent) -> Said:
    """An entry as a sentence; of an action without one, its name with actor and object."""
    held = {name: value for part in (entry.before, entry.after) if isinstance(part, Mapping)
            for name, value in part.items()}
    names = _Names({name: _short(value) for name, value in held.items()})
    names |= {"actor": actor_of(entry), "target": entry.target_name or "–", "action": entry.action}
    sentence = SENTENCES.get(entry.action, _("{actor}: {action} – {target}"))
    return Said(str(sentence).format_map(names), entry.reason)


def actor_of(entry: AuditEvent) -> str:
    """Who did it: the name as it was then, or the portal itself."""
    return entry.actor_name or (gettext("The portal") if entry.actor_id is None else f"#{entry.actor_id}")


def _short(value: object) -> str:
    text = " ".join(str("–" if value is None else value).split())
    return text if len(text) <= 200 else f"{text[:199]}…"
