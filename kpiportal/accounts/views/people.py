"""People, for administrators: who has which role where, their accounts, and the first sign-in link."""
import datetime
from collections.abc import Callable
from functools import partial

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kpiportal.accounts.fields import say
from kpiportal.accounts.forms import AddForm, DetailsForm, GrantForm, ReasonForm, UntilForm, problems_of
from kpiportal.accounts.models import Membership, User
from kpiportal.accounts.paging import page_of
from kpiportal.accounts.queries import managed_by, people_in_order, people_with_grants, permissions_of
from kpiportal.accounts.roles import MANAGE_PEOPLE
from kpiportal.accounts.services import (
    NotAllowed,
    add_person,
    change_person,
    change_until,
    deactivate,
    first_sign_in_path,
    grant,
    reactivate,
    revoke,
)
from kpiportal.audit.once import once

DETAILS = ("name", "position", "phone", "email")
LINK = "first_sign_in_link"


def _administrators_only(request: HttpRequest) -> None:
    if MANAGE_PEOPLE not in permissions_of(request.user):
        raise Http404


def _person_or_404(request: HttpRequest, pk: int, **more) -> User:
    _administrators_only(request)
    return get_object_or_404(managed_by(request.user), pk=pk, **more)


@require_GET
def people(request: HttpRequest) -> HttpResponse:
    """Everyone whom this administrator manages, with their grants, by name as a Thai dictionary has it."""
    _administrators_only(request)
    sought = request.GET.get("q", "")[:100].replace("\0", "").strip()
    pages = page_of(people_in_order(request.user, sought), request.GET)
    users = people_with_grants(list(pages.page))
    return render(request, "accounts/people.html", {"users": users, "pages": pages, "sought": sought})


@require_http_methods(["GET", "POST"])
@once
def person_add(request: HttpRequest) -> HttpResponse:
    """A new person with their first right."""
    _administrators_only(request)
    form = AddForm(request.POST or None, by=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            person = add_person(account=form.account(), by=request.user, **form.right())
        except ValidationError as error:  # someone else took the name meanwhile
            form.add_error(None, error)
        except NotAllowed as refusal:
            form.add_error(None, say(refusal.message))
        else:
            messages.success(request, gettext("The person is added. Now make a link for the first sign-in."))
            return redirect("person", person.pk)
    context = {"form": form, "problems": problems_of(form)}
    return render(request, "accounts/person_add.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@once
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """A person's account and rights; a post changes name, position, telephone and e-mail."""
    found = _person_or_404(request, pk)
    if request.method == "GET":
        return _page(request, found)
    form = DetailsForm(request.POST)
    change = partial(change_person, found, by=request.user)
    return _done(request, found, "details", form, change, gettext("The account is changed."))


@require_POST
@once
def person_active(request: HttpRequest, pk: int) -> HttpResponse:
    """Deactivate the account, or reactivate it (`active=1`), with the reason."""
    found = _person_or_404(request, pk)
    opens = request.POST.get("active") == "1"
    switch = reactivate if opens else deactivate
    said = gettext("The account is active again.") if opens else gettext("The account is deactivated.")
    form = ReasonForm(request.POST, prefix="account")
    return _done(request, found, "account", form, partial(switch, found, by=request.user), said)


@require_POST
@once
def grant_add(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the person a right."""
    found = _person_or_404(request, pk)
    form = GrantForm(request.POST, prefix="grant", by=request.user, person=found)
    give = partial(grant, user=found, by=request.user)
    return _done(request, found, "grant", form, give, gettext("The right is given."))


@require_POST
@once
def grant_change(request: HttpRequest, pk: int, right: int) -> HttpResponse:
    """Move the last day of a right, or end it now (`action=end`)."""
    found = _person_or_404(request, pk)
    membership = get_object_or_404(found.memberships, pk=right)
    form = UntilForm(request.POST, prefix=f"g{membership.pk}")
    if request.POST.get("action") == "end":
        end = partial(revoke, membership, by=request.user)
        return _done(request, found, "end", forms.Form(request.POST), end, gettext("The right has ended."))
    move = partial(change_until, membership, by=request.user)
    return _done(request, found, membership.pk, form, move, gettext("The last day is changed."))


@require_http_methods(["GET", "POST"])
@once
def first_sign_in(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a link by which a person sets their first (or a forgotten) password; the administrator, in whose session it
    stays, reads it here and hands it over."""
    found = _person_or_404(request, pk, is_active=True)
    if request.method == "POST":
        request.session[LINK] = [found.pk, first_sign_in_path(found, by=request.user)]
        return redirect(request.path)
    of_whom, path = request.session.get(LINK, (None, ""))
    link = request.build_absolute_uri(path) if of_whom == found.pk else ""
    return render(request, "accounts/first_sign_in.html", {"person": found, "link": link})


def _done(
    request: HttpRequest, found: User, name: str | int, form: forms.Form, change: Callable[..., object], said: str
) -> HttpResponse:
    """Make a change from a form, or show the page with the form as it was typed and why it is refused."""
    if not form.is_valid():
        return _page(request, found, {name: form}, status=422)
    try:
        change(**form.cleaned_data)
    except NotAllowed as refusal:
        return _page(request, found, {name: form}, refusal=refusal, status=409)
    messages.success(request, said)
    return redirect("person", found.pk)


def _page(
    request: HttpRequest,
    found: User,
    typed: dict[str | int, forms.Form] | None = None,
    *,
    refusal: NotAllowed | None = None,
    status: int = 200,
) -> HttpResponse:
    """The person's page; `typed` are the forms that a post filled in, by their place on it."""
    typed, today = typed or {}, timezone.localdate()
    grants = found.memberships.select_related("unit", "reviewed_by").order_by("-since", "-pk")
    context = {
        "person": found,
        "details": typed.get("details") or DetailsForm(initial={name: getattr(found, name) for name in DETAILS}),
        "give": typed.get("grant") or GrantForm(prefix="grant", by=request.user, person=found),
        "account": typed.get("account") or ReasonForm(prefix="account"),
        "rows": [(each, None if _ended(each, today) else _until(each, typed)) for each in grants],
        "mine": found.pk == request.user.pk,
        "refusal": refusal.message if refusal else None,
        "problems": [problem for form in typed.values() for problem in problems_of(form)],
    }
    return render(request, "accounts/person.html", context, status=status)


def _ended(membership: Membership, today: datetime.date) -> bool:
    return membership.until is not None and membership.until < today


def _until(membership: Membership, typed: dict[str | int, forms.Form]) -> UntilForm:
    initial = {"until": membership.until}
    return typed.get(membership.pk) or UntilForm(prefix=f"g{membership.pk}", initial=initial)
