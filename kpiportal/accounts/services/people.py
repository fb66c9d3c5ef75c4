"""Accounts: added, changed, closed and opened again, and how their people get in."""
import datetime

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from kpiportal.accounts.models import Unit, User
from kpiportal.accounts.queries import unit_of
from kpiportal.accounts.refusals import NO_REASON, OWN_ACCOUNT, NotAllowed
from kpiportal.accounts.roles import Role
from kpiportal.accounts.services.grants import grant
from kpiportal.accounts.services.rules import locked_administrators, require_manages, require_one_left
from kpiportal.audit.services import record


@transaction.atomic
def create_user(
    *,
    username: str,
    name: str,
    email: str = "",
    position: str = "",
    phone: str = "",
    password: str | None = None,
    is_demo: bool = False,
    by: User | None,
) -> User:
    """Add a person. Without a password they can't sign in until they set one by a first sign-in link."""
    user = User(
        username=username, name=name, email=email, position=position, phone=phone, is_demo=is_demo
    )
    user.set_password(password)
    user.full_clean(exclude=["password"])
    user.save()
    record("user.created", by=by, target=user, after={"username": username, "name": name, "position": position})
    return user


@transaction.atomic
def add_person(
    *,
    account: dict[str, str],
    unit: Unit,
    role: Role,
    since: datetime.date | None = None,
    until: datetime.date | None = None,
    by: User,
) -> User:
    """Add a person (`account`: username, name, position, phone, email) with a first right, which says whose branch
    they are in. Raises NotAllowed for a unit outside the administrator's branches."""
    names = ("username", "name", "position", "phone", "email")
    user = create_user(**{name: account.get(name, "") for name in names}, by=by)
    grant(user=user, unit=unit, role=role, since=since, until=until, by=by)
    return user


@transaction.atomic
def change_person(user: User, *, name: str, position: str, phone: str, email: str, by: User) -> User:
    """Change what the portal says of a person. Raises NotAllowed outside the administrator's branches."""
    require_manages(by, user)
    user = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    said = {"name": name, "position": position, "phone": phone, "email": email}
    before = {field: getattr(user, field) for field, value in said.items() if getattr(user, field) != value}
    if not before:
        return user
    for field in before:
        setattr(user, field, said[field])
    user.full_clean(exclude=["password"])
    user.save(update_fields=before)
    if "email" in before:
        # allauth keeps addresses of its own, to which it would go on sending links for a new password.
        EmailAddress.objects.filter(user=user).delete()
    after = {field: said[field] for field in before}
    record("user.changed", by=by, target=user, unit_id=unit_of(user), before=before, after=after)
    return user


@transaction.atomic
def deactivate(user: User, *, reason: str, by: User) -> None:
    """Close an account: whoever is signed in with it is out at the next request. Its grants stay as they are, without
    effect. Raises NotAllowed for one's own account, without a reason, or for a branch's last administrator."""
    administrators = locked_administrators()
    user = _to_switch(user, reason, by)
    if not user.is_active:
        return
    today = timezone.localdate()
    leaving = [grant for grant in administrators if grant.user_id == user.pk]
    in_force = [grant for grant in leaving if grant.counts_on(today)]
    others = [grant for grant in administrators if grant.user_id != user.pk]
    require_one_left(others, in_force, today)
    _switch(user, False, reason, by)


@transaction.atomic
def reactivate(user: User, *, reason: str, by: User) -> None:
    """Open an account again; the grants that have not ended count again. Raises NotAllowed as `deactivate` does."""
    user = _to_switch(user, reason, by)
    if not user.is_active:
        _switch(user, True, reason, by)


def _to_switch(user: User, reason: str, by: User) -> User:
    require_manages(by, user)
    if user.pk == by.pk:
        raise NotAllowed(OWN_ACCOUNT)
    if not reason.strip():
        raise NotAllowed(NO_REASON)
    return User.objects.select_for_update(no_key=True).get(pk=user.pk)


def _switch(user: User, active: bool, reason: str, by: User) -> None:
    user.is_active = active
    user.save(update_fields=["is_active"])
    record(
        "user.reactivated" if active else "user.deactivated", by=by, target=user, unit_id=unit_of(user),
        before={"is_active": not active}, after={"is_active": active}, reason=reason.strip(),
    )


@transaction.atomic
def set_password(user: User, password: str, *, by_link: bool = False, by: User | None) -> None:
    """Set a password after the site's rules; `by_link`: by whoever held the link, signed in or not. Raises
    ValidationError when it is too weak."""
    validate_password(password, user)
    user.set_password(password)
    user.save(update_fields=["password"])
    record("user.password_set_by_link" if by_link else "user.password_set", by=by, target=user, unit_id=unit_of(user))


@transaction.atomic
def first_sign_in_path(user: User, *, by: User) -> str:
    """The path by which a person sets a password, once, within settings.PASSWORD_RESET_TIMEOUT seconds (3 days)."""
    key = default_token_generator.make_token(user)
    record("user.first_sign_in_link_made", by=by, target=user, unit_id=unit_of(user))
    return reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(user), "key": key})


@transaction.atomic
def note_sign_out(user: User, *, by: User) -> None:
    """Record that a person signed out."""
    record("user.signed_out", by=by, target=user, unit_id=unit_of(user))


@transaction.atomic
def note_sign_in(user: User, *, by: User) -> None:
    """Record that a person signed in."""
    record("user.signed_in", by=by, target=user, unit_id=unit_of(user))


@transaction.atomic
def note_closed_sign_in_refused(user: User, *, by: None = None) -> None:
    """Record that somebody knew the password of a deactivated account."""
    record("user.closed_sign_in_refused", by=by, target=user, unit_id=unit_of(user))


@transaction.atomic
def note_sign_in_refused(username: str, *, locked: bool = False, by: None = None) -> None:
    """Record a sign-in that was refused for its password, or (`locked`) unread after too many failures. Of a name that
    nobody has, which may be a password typed into the wrong field, only a keyed hash is kept: enough to see that it
    was the same one again."""
    user = User.objects.filter(username__iexact=username).order_by("pk").first()  # as the sign-in finds it
    if user:
        record(
            "user.sign_in_locked" if locked else "user.sign_in_refused", by=by, target=user, unit_id=unit_of(user)
        )
        return
    digest = salted_hmac("unknown sign-in", username.strip().casefold(), algorithm="sha256").hexdigest()
    record("user.unknown_sign_in_refused", by=by, target=User(pk=0, username="–"), after={"name_hmac": digest})
