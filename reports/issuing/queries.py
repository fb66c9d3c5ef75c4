"""Finding issued cards: of a result, by the code in the QR code, by the hash of a file."""
from django.db.models import QuerySet

from kpiportal.accounts.models import User
from reports.models import IssuedCard

CODE_LENGTH = 20


def issued_card(result: int, number: int | None = None, *, user: User) -> IssuedCard | None:
    """The issued card of the snapshot in force of a result (its key), or of the one with this number, if the person may
    see it. One query beside that of the rights."""
    wanted = {"snapshot__superseded_at": None} if number is None else {"snapshot__number": number}
    found = IssuedCard.objects.visible_to(user).filter(snapshot__result=result, **wanted)
    return found.order_by().only("number", "code", "sha256", "size").first()


def card_by_code(code: str) -> IssuedCard | None:
    """The card with this code, for anybody who has it."""
    return _whole().filter(code=code).first()


def card_by_hash(sha256: str) -> IssuedCard | None:
    """The card whose file has this hash."""
    return _whole().filter(sha256=sha256).first()


def _whole() -> QuerySet[IssuedCard]:
    return IssuedCard.objects.select_related("snapshot__result__round", "replaces")


def clean_code(typed: str) -> str:
    """A code as it is printed, from one as it was typed: without blanks and hyphens, small letters, and the digits that
    base32 doesn't have read as the letters that they look like."""
    return "".join(typed.split()).replace("-", "").lower().translate(str.maketrans("018", "olb"))[:CODE_LENGTH]
