"""What is handed over leaves an entry."""
from django.db import transaction

from kpiportal.accounts.models import User
from kpiportal.audit.services import record
from scoring.models import Result


@transaction.atomic
def note_card_printed(result: Result, *, by: User) -> None:
    """Record that a person took a report card away as a PDF."""
    record("card.printed", by=by, target=result, unit_id=result.unit_id, after={"version": result.version})
