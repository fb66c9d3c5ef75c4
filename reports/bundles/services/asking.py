"""What a person does with a bundle: asks for it, cancels it, asks again, takes the file, has it removed."""
from django.db import transaction
from django.utils import timezone

from kpiportal.accounts.models import User
from kpiportal.audit.services import record
from reports.bundles.kinds import KINDS
from reports.bundles.problems import CLOSED, MOST_KEPT, MOST_UNDER_WAY, TOO_MANY, TOO_MANY_KEPT, NotMade
from reports.bundles.services.making import KEPT, make_bundle, storage
from reports.models import Bundle

STATE = Bundle.State


@transaction.atomic
def ask_bundle(kind: str, asked: dict, title: str, *, by: User) -> Bundle:
    """Have a bundle made: it is written down and handed to the task worker. Raises NotMade when something in it isn't
    open to the person, or too many are being made or kept for them."""
    _require(kind, asked, by)
    now = timezone.now()
    bundle = Bundle(
        kind=kind, asked=asked, title=title[:300], asked_by=by, asked_at=now, expires_at=now + KEPT, touched_at=now,
    )
    bundle.save(force_insert=True)
    make_bundle.enqueue(bundle.pk, bundle.attempt)
    _tell_trail("bundle.asked", bundle, by)
    return bundle


def _require(kind: str, asked: dict, by: User) -> None:
    """Refuse (NotMade) what may not be asked for; the person's row is locked, so that they are counted."""
    User.objects.select_for_update(of=("self",)).get(pk=by.pk)
    own = Bundle.objects.filter(asked_by=by, expires_at__gt=timezone.now())
    if own.filter(state__in=(STATE.WAITING, STATE.WORKING)).count() >= MOST_UNDER_WAY:
        raise NotMade(TOO_MANY)
    if own.filter(state=STATE.READY).count() >= MOST_KEPT:
        raise NotMade(TOO_MANY_KEPT)
    if not KINDS[kind].may(asked, by):
        raise NotMade(CLOSED)


def _tell_trail(action: str, bundle: Bundle, by: User, **more: object) -> None:
    """An entry for each unit that the bundle is about, so that whoever reads the unit's trail finds it."""
    for unit, told in KINDS[bundle.kind].told(bundle.asked).items():
        record(action, by=by, target=bundle, unit_id=unit, after={"kind": bundle.kind, **told, **more})


@transaction.atomic
def cancel_bundle(bundle: Bundle, *, by: User) -> Bundle:
    """Stop the making; the worker lets go of what it has at its next step. What is ready or ended stays as it is."""
    bundle = Bundle.objects.select_for_update(of=("self",)).get(pk=bundle.pk)
    if bundle.is_under_way:
        bundle.state = STATE.CANCELLED
        bundle.save(update_fields=["state"])
        record("bundle.cancelled", by=by, target=bundle, after={"kind": bundle.kind})
    return bundle


@transaction.atomic
def ask_again(bundle: Bundle, *, by: User) -> Bundle:
    """Have a bundle made that was cancelled or failed, or whose file is no longer kept; any other stays as it is.
    Raises NotMade as ask_bundle does, and StorageDown."""
    bundle = Bundle.objects.select_for_update(of=("self",)).get(pk=bundle.pk)
    if bundle.is_under_way or bundle.is_there:
        return bundle
    _require(bundle.kind, bundle.asked, by)
    now = timezone.now()
    _let_go(bundle, STATE.WAITING)
    bundle.problem_th, bundle.problem_en = "", ""
    bundle.attempt, bundle.done, bundle.total = bundle.attempt + 1, 0, 0
    bundle.lost = 0
    bundle.touched_at, bundle.expires_at = now, now + KEPT
    bundle.save()
    make_bundle.enqueue(bundle.pk, bundle.attempt)
    _tell_trail("bundle.asked", bundle, by)
    return bundle


def _let_go(bundle: Bundle, state: str) -> None:
    """Remove the file, if there is one, which goes first: what breaks off then is done again. Raises StorageDown."""
    if bundle.key:
        storage().discard(bundle.key)
    bundle.state, bundle.key, bundle.size, bundle.sha256, bundle.ready_at = state, None, None, "", None


@transaction.atomic
def expire_bundle(bundle: Bundle) -> None:
    """Remove the file of a bundle whose time is over; what was asked for is kept, so that it can be made again. Raises
    StorageDown."""
    bundle = Bundle.objects.select_for_update(of=("self",)).filter(pk=bundle.pk).first()
    if bundle is None or bundle.is_there or bundle.state != STATE.READY:
        return
    before = {"kind": bundle.kind, "sha256": bundle.sha256}
    _let_go(bundle, STATE.EXPIRED)
    bundle.save()
    record("bundle.expired", by=None, target=bundle, before=before)


@transaction.atomic
def remove_bundle(bundle: Bundle, *, by: User | None) -> None:
    """Remove a bundle with its file, if there is one, which goes first: what breaks off here is done again. One that is
    being made is cancelled by that. `by` is nobody when its time was over. Raises StorageDown."""
    bundle = Bundle.objects.select_for_update(of=("self",)).filter(pk=bundle.pk).first()
    if bundle is None:
        return
    if bundle.key:
        storage().discard(bundle.key)
    before = {"kind": bundle.kind, "sha256": bundle.sha256}
    record("bundle.removed" if bundle.key else "bundle.forgotten", by=by, target=bundle, before=before)
    bundle.delete()


@transaction.atomic
def note_bundle_taken(bundle: Bundle, *, by: User) -> None:
    """Record that a person took the file of a bundle."""
    _tell_trail("bundle.downloaded", bundle, by, name=bundle.name, size=bundle.size, sha256=bundle.sha256)
