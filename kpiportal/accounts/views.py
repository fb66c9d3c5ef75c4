"""People, for administrators: who has which role where, and the first sign-in link."""
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_POST

from kpiportal.accounts.queries import managed_by, roles_of
from kpiportal.accounts.roles import MANAGE_PEOPLE, roles_with
from kpiportal.accounts.services import first_sign_in_path
from scoring.engine.text import thai_sort_key


def _administrators_only(request: HttpRequest) -> None:
    if not roles_of(request.user) & set(roles_with(MANAGE_PEOPLE)):
        raise Http404


@require_GET
def people(request: HttpRequest) -> HttpResponse:
    """Everyone whom this administrator manages, with their grants, by name as a Thai dictionary has it."""
    _administrators_only(request)
    users = managed_by(request.user).prefetch_related("memberships__unit")
    users = sorted(users, key=lambda user: (thai_sort_key(user.name), user.username))
    return render(request, "accounts/people.html", {"users": users})


@require_POST
def first_sign_in(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a link by which a person sets their first (or a forgotten) password; the administrator hands it over."""
    _administrators_only(request)
    person = get_object_or_404(managed_by(request.user), pk=pk, is_active=True)
    link = request.build_absolute_uri(first_sign_in_path(person, by=request.user))
    return render(request, "accounts/first_sign_in.html", {"person": person, "link": link})
