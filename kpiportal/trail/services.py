"""What leaves an entry although nothing was changed: refusals, and that the trail itself was taken along."""
from django.db import transaction
from django.utils import timezone

from kpiportal.accounts.models import User
from kpiportal.accounts.queries import unit_of
from kpiportal.audit.models import AuditEvent
from kpiportal.audit.services import record

MOST_AN_HOUR = 60
REFUSED, MORE = "request.refused", "request.more_refused"


@transaction.atomic
def note_refusal(*, method: str, route: str, path: str, status: int, by: User) -> None:
    """Record that a person was refused: sixty times an hour, and then once that there was more."""
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    # One at a time, so that the bound holds for those who ask in parallel too.
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    noted = AuditEvent.objects.filter(actor_id=by.pk, at__gte=hour, action__in=[REFUSED, MORE])
    noted = list(noted.values_list("action", flat=True)[: MOST_AN_HOUR + 1])
    if noted.count(REFUSED) < MOST_AN_HOUR:
        after = {"method": method[:20], "route": route, "path": path[:300], "status": status}
        record("request.refused", by=by, target=by, unit_id=unit_of(by), after=after)
    elif MORE not in noted:
        record("request.more_refused", by=by, target=by, unit_id=unit_of(by))


@transaction.atomic
def note_export(*, form: str, filters: dict[str, str], by: User) -> None:
    """Record that a person took entries of the trail along, in which form and by which filters."""
    record("trail.exported", by=by, target=by, unit_id=unit_of(by), after={"format": form, **filters})
