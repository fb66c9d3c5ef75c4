"""What is handed over leaves an entry."""
from django.db import transaction

from indicators.models import Agreement
from kpiportal.accounts.models import User
from kpiportal.audit.services import record
from scoring.models import Result


@transaction.atomic
def note_card_printed(result: Result, *, card: str = "", by: User) -> None:
    """Record that a person took a report card away as a PDF, an issued one by its number."""
    after = {"version": result.version} | ({"card": card} if card else {})
    record("card.printed", by=by, target=result, unit_id=result.unit_id, after=after)


@transaction.atomic
def note_card_workbook(result: Result, *, by: User) -> None:
    """Record that a person took a report card away as a workbook."""
    record("card.workbook", by=by, target=result, unit_id=result.unit_id, after={"version": result.version})


@transaction.atomic
def note_paper_taken(agreement: Agreement, *, paper: str, months: int | None, by: User) -> None:
    """Record that a person took a paper of an agreement away: its name as a file, of which round."""
    record("paper.printed", by=by, target=agreement, unit_id=agreement.unit_id, after={"paper": paper, "round": months})
