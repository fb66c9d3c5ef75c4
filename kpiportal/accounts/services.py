"""Changes of people, units and rights: each with its audit entry in the same transaction."""
import datetime

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from kpiportal.accounts.models import Membership, Unit, User
from kpiportal.accounts.roles import Role
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
def set_password(user: User, password: str, *, by: User | None) -> None:
    """Set a password after the site's rules. Raises ValidationError when it is too weak."""
    validate_password(password, user)
    user.set_password(password)
    user.save(update_fields=["password"])
    record("user.password_set", by=by, target=user)


@transaction.atomic
def grant(
    *,
    user: User,
    unit: Unit,
    role: Role,
    by: User | None,
    since: datetime.date | None = None,
    until: datetime.date | None = None,
) -> Membership:
    """Give a role in a unit and all below it, from `since` (today) until `until` (open end). The same open grant
    twice gives the first one back."""
    existing = Membership.objects.filter(user=user, unit=unit, role=role, until__isnull=True).first()
    if existing and until is None:
        return existing
    membership = Membership(user=user, unit=unit, role=role, since=since or timezone.localdate(), until=until)
    membership.full_clean()
    membership.save()
    after = {"user": user.username, "unit": unit.code, "role": str(role), "since": membership.since, "until": until}
    record("membership.granted", by=by, target=membership, unit_id=unit.pk, after=after)
    return membership


@transaction.atomic
def revoke(membership: Membership, *, by: User) -> None:
    """End a grant: it counts until yesterday, at the earliest until the day before it began."""
    yesterday = timezone.localdate() - datetime.timedelta(days=1)
    before = {"since": membership.since, "until": membership.until}
    membership.since = min(membership.since, yesterday)
    membership.until = yesterday
    membership.save(update_fields=["since", "until"])
    record(
        "membership.revoked", by=by, target=membership, unit_id=membership.unit_id, before=before,
        after={"since": membership.since, "until": membership.until},
    )


@transaction.atomic
def first_sign_in_path(user: User, *, by: User) -> str:
    """The path by which a person sets a password, once, within settings.PASSWORD_RESET_TIMEOUT seconds (3 days)."""
    key = default_token_generator.make_token(user)
    record("user.first_sign_in_link_made", by=by, target=user)
    return reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(user), "key": key})
