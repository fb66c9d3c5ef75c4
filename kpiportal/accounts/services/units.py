"""Units: the tree that rights are given in."""
from django.db import transaction

from kpiportal.accounts.models import Unit, User
from kpiportal.audit.services import record


@transaction.atomic
def create_unit(
    *, code: str, name: str, kind: str, short_name: str = "", parent: Unit | None = None, by: User | None
) -> Unit:
    """Add a unit below `parent` (or as a root). Raises ValidationError for a bad or taken code."""
    path = f"{parent.path if parent else '/'}{code}/"
    unit = Unit(code=code, name=name, short_name=short_name, kind=kind, parent=parent, path=path)
    unit.full_clean()
    unit.save()
    record("unit.created", by=by, target=unit, unit_id=unit.pk, after={"code": code, "name": name, "path": path})
    return unit
