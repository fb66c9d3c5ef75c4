"""Naming evidence, and deleting what nothing refers to."""
import datetime

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from evidence.models import Evidence
from evidence.problems import InUse
from evidence.services.removal import remove_on_commit
from kpiportal.accounts.models import Unit, User
from kpiportal.audit.services import record

LETTER_WORDS = {
    "letter_number": _("Give the letter's number."),
    "letter_date": _("Give the letter's date."),
    "issuer": _("Give who issued the letter."),
}


@transaction.atomic
def add_evidence(
    *, unit: Unit, kind: str, title: str, place: str = "", url: str = "", letter_number: str = "",
    letter_date: datetime.date | None = None, issuer: str = "", by: User | None,
) -> Evidence:
    """Name a piece of evidence of a unit: a link, an official letter, or a document kept elsewhere (for a file:
    `add_file`). Raises ValidationError when the title, a link's address, or a letter's number, date or issuer is
    missing, or an address is none of the web."""
    if kind == Evidence.Kind.FILE:
        raise ValidationError({"kind": _("A file is attached, not named.")})
    if url and not url.startswith(("http://", "https://")):
        raise ValidationError({"url": _("Give the whole address, beginning with http:// or https://.")})
    letter = {"letter_number": letter_number, "letter_date": letter_date, "issuer": issuer}
    missing = {name: words for name, words in LETTER_WORDS.items() if not letter[name]}
    if kind == Evidence.Kind.LETTER and missing:
        raise ValidationError(missing)
    evidence = Evidence(unit=unit, kind=kind, title=title, place=place, url=url, created_by=by, **letter)
    evidence.full_clean()
    evidence.save()
    given = {name: value for name, value in letter.items() if value}
    after = {"kind": kind, "title": title, "url": url, **given}
    record("evidence.added", by=by, target=evidence, unit_id=unit.pk, after=after)
    return evidence


@transaction.atomic
def delete_unused(evidence: Evidence, *, by: User) -> None:
    """Delete a piece of evidence with its files, bytes included. Raises InUse when anything refers to it, or a file of
    it was taken down: that decision stays."""
    evidence = Evidence.objects.select_for_update(of=("self",)).get(pk=evidence.pk)
    versions = list(evidence.versions.all())
    if any(version.taken_down_at for version in versions):
        raise InUse()
    before = {
        "kind": evidence.kind, "title": evidence.title,
        "files": [{"name": version.name, "sha256": version.sha256} for version in versions],
    }
    record("evidence.deleted", by=by, target=evidence, unit_id=evidence.unit_id, before=before)
    try:
        evidence.versions.all().delete()
        evidence.delete()
    except models.ProtectedError as error:
        raise InUse() from error
    for version in versions:
        remove_on_commit(version.key)
