"""Changes of evidence, each with its audit entry."""
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from evidence.models import Evidence
from kpiportal.accounts.models import Unit, User
from kpiportal.audit.services import record


@transaction.atomic
def add_evidence(
    *, unit: Unit, kind: str, title: str, place: str = "", url: str = "", by: User | None
) -> Evidence:
    """Name a piece of evidence of a unit. Raises ValidationError when the title, or a link's address, is missing,
    or an address is none of the web."""
    if url and not url.startswith(("http://", "https://")):
        raise ValidationError({"url": _("Give the whole address, beginning with http:// or https://.")})
    evidence = Evidence(unit=unit, kind=kind, title=title, place=place, url=url, created_by=by)
    evidence.full_clean()
    evidence.save()
    record(
        "evidence.added", by=by, target=evidence, unit_id=unit.pk, after={"kind": kind, "title": title, "url": url}
    )
    return evidence
