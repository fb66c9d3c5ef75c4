"""Naming evidence, and deleting what nothing refers to."""
import datetime
import unicodedata
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from evidence.models import Evidence
from evidence.problems import InUse
from evidence.services.removal import remove_on_commit
from kpiportal.accounts.models import Unit, User
from kpiportal.audit.services import record
from scoring.engine.text import clean_text

LATEST_YEAR = 2400  # what is beyond is a year of the Buddhist era
LETTER_WORDS = {
    "letter_number": _("Give the letter's number."),
    "letter_date": _("Give the letter's date."),
    "issuer": _("Give who issued the letter."),
}


@transaction.atomic
def add_evidence(
    *, unit: Unit, kind: str, title: str, place: str = "", url: str = "", letter_number: str = "",
    letter_date: datetime.date | None = None, issuer: str = "", among: models.QuerySet[Evidence] | None = None,
    by: User | None,
) -> Evidence:
    """Name a piece of evidence of a unit: a link, an official letter, or a document kept elsewhere (for a file:
    `add_file`). The same that is `among` others already is given as it is: it was sent twice. Raises ValidationError
    when the title, a link's address, or a letter's number, date or issuer is missing, or an address is none of the
    web."""
    if kind == Evidence.Kind.FILE:
        raise ValidationError({"kind": _("A file is attached, not named.")})
    letter = {"letter_number": one_line(letter_number), "letter_date": letter_date, "issuer": one_line(issuer)}
    said = {"title": one_line(title), "place": one_line(place), "url": _address(kind, url.strip())}
    if kind == Evidence.Kind.LETTER:
        _require_whole(letter)
    if among is not None and (same := among.filter(kind=kind, **said, **letter).order_by("pk").first()):
        return same
    evidence = Evidence(unit=unit, kind=kind, created_by=by, **said, **letter)
    evidence.full_clean()
    evidence.save()
    after = {"kind": kind, **{name: value for name, value in (said | letter).items() if value}}
    record("evidence.added", by=by, target=evidence, unit_id=unit.pk, after=after)
    return evidence


def one_line(text: str) -> str:
    """A short text as typed, without line breaks and characters that nobody sees."""
    return " ".join(clean_text(text or "").split())


def _address(kind: str, url: str) -> str:
    """An address of the web with its scheme in small letters; '' for none, unless it is a link's."""
    if not url and kind != Evidence.Kind.LINK:
        return ""
    scheme, _mark, rest = url.partition("://")
    try:
        host = urlsplit(url).hostname
    except ValueError:  # brackets that hold no address
        host = None
    unseen = any(unicodedata.category(character)[0] in "CZ" for character in url)
    if scheme.lower() not in ("http", "https") or not host or unseen:
        raise ValidationError({"url": _("Give the whole address, beginning with http:// or https://.")})
    return f"{scheme.lower()}://{rest}"


def _require_whole(letter: dict[str, object]) -> None:
    missing = {name: words for name, words in LETTER_WORDS.items() if not letter[name]}
    if not missing and letter["letter_date"].year > LATEST_YEAR:
        missing = {"letter_date": _("Give the letter's date with the year C.E.: 2559 B.E. is 2016.")}
    if missing:
        raise ValidationError(missing)


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
