"""Issuing a card: rendered and stored once, whoever asks first; who comes at the same time gets the same one."""
import base64
import hashlib
import io
import logging
import secrets

from django.conf import settings
from django.db import DatabaseError, transaction
from django.utils import timezone

from evidence.problems import NotStored
from evidence.storage import neighbour
from evidence.storage.base import Storage, Stored
from kpiportal.accounts.models import User
from kpiportal.audit.services import record
from reports.issuing.hashing import MOST_BYTES
from reports.issuing.problems import Superseded
from reports.issuing.rendering import Issue, number_of, render
from reports.models import IssuedCard
from scoring.models import Result, Snapshot

log = logging.getLogger(__name__)

FOLDER = "issued"


def storage() -> Storage:
    """Where the bytes of issued cards lie."""
    return neighbour(FOLDER)


def new_code() -> str:
    """Twenty letters of base32, a hundred bits that nobody can guess."""
    return base64.b32encode(secrets.token_bytes(13)).decode().lower()[:20]


def issue(snapshot: Snapshot, *, by: User, portal: str = "") -> IssuedCard:
    """The issued card of a snapshot: rendered, signed, stored and recorded when there is none yet. `portal` is the
    portal's address for the QR code where PORTAL_URL names none. Raises Superseded, RenderFailed, NotSigned,
    StorageFull or StorageDown; then there is no card and no byte of it."""
    if known := IssuedCard.objects.filter(snapshot=snapshot).first():
        return known
    if snapshot.superseded_at:
        raise Superseded(f"{snapshot} was superseded.")
    made, stored = _made(snapshot, by, portal)
    try:
        with transaction.atomic():
            card = _only_one(snapshot, made)
    except BaseException:
        _discard_without_row(stored)
        raise
    if card.sha256 != stored.sha256:
        _discard_without_row(stored)
    return card


def _made(snapshot: Snapshot, by: User, portal: str) -> tuple[IssuedCard, Stored]:
    """A card with its stored bytes and no row yet: rendering takes a second in which nobody waits for the database."""
    result = snapshot.result
    before = IssuedCard.objects.filter(snapshot__result=result, snapshot__number__lt=snapshot.number).last()
    card = IssuedCard(
        snapshot=snapshot, number=number_of(snapshot, result.indicator.agreement.fiscal_year.year), code=new_code(),
        issued_at=timezone.now(), issued_by=by, replaces=before,
    )
    issue = Issue(
        card.number, card.code, card.issued_at, before.number if before else "", settings.PORTAL_URL or portal
    )
    pdf = render(snapshot, issue)
    card.is_signed = bool(settings.CARD_CERTIFICATE)
    if card.is_signed:
        from reports.issuing.signing import sign  # costs 30 MB, which only those pay who sign

        pdf = sign(pdf, at=card.issued_at)
    stored = _stored(pdf)
    card.sha256, card.size = stored.sha256, stored.size
    return card, stored


def _stored(pdf: bytes) -> Stored:
    return storage().put(hashlib.sha256(pdf).hexdigest()[:32], io.BytesIO(pdf), limit=MOST_BYTES)


def _only_one(snapshot: Snapshot, made: IssuedCard) -> IssuedCard:
    """The row, unless another came first; the result is locked, so that it isn't opened again meanwhile."""
    result = Result.objects.select_for_update(of=("self",)).get(pk=snapshot.result_id)
    if known := IssuedCard.objects.filter(snapshot=snapshot).first():
        return known
    if not Snapshot.objects.filter(pk=snapshot.pk, superseded_at=None).exists():
        raise Superseded(f"{snapshot} was superseded.")
    made.save(force_insert=True)
    record(
        "card.issued", by=made.issued_by, target=result, unit_id=result.unit_id,
        after={
            "number": made.number, "snapshot": snapshot.number, "sha256": made.sha256, "is_signed": made.is_signed,
            "replaces": made.replaces.number if made.replaces else "",
        },
    )
    return made


def _discard_without_row(stored: Stored) -> None:
    """Remove bytes that no row tells of. A connection that was lost at the commit may have left a row: while nobody can
    say, the bytes stay."""
    try:
        if not IssuedCard.objects.filter(sha256=stored.sha256).exists():
            storage().discard(stored.key)
    except (NotStored, DatabaseError):
        log.exception("The bytes of a card that may not have been issued were left in the storage: %s", stored.key)
