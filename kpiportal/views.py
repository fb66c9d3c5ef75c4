"""Home per role, health, error pages."""
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_GET

from kpiportal.accounts.queries import roles_of
from kpiportal.accounts.roles import IN_WORDS, PERMISSIONS, Role, Words
from kpiportal.queries import assignments_counted
from reports.check_views import pasted_too_much
from scoring.home_notices import home_notices
from scoring.queries.agreements import listed_agreements
from scoring.queries.queue import questions_for
from scoring.queries.requests import waiting_requests
from scoring.queries.tasks import tasks_of
from scoring.queries.units import base_data_tasks


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """What must I do? The person's tasks of the open rounds, and the agreements that they may read."""
    roles = roles_of(request.user)
    tasks = tasks_of(request.user)
    reporting = base_data_tasks(request.user)
    context = {
        "roles": sorted(roles),
        **home_notices(request.user, tasks, reporting),
        "agreements": listed_agreements(request.user),
        "waiting": waiting_requests(request.user),
        "collecting": [task for task in tasks if task.result.role == "collector"],
        "supervising": [task for task in tasks if task.result.role == "supervisor"],
        "reporting": reporting,
        "questions": questions_for(request.user),
        "reviews": bool(roles & {"supervisor", "office"}),
    }
    return render(request, "kpiportal/home.html", context)


@require_GET
def roles(request: HttpRequest) -> HttpResponse:
    """Who may do what: the table of roles in plain words, and what the reader may do where."""
    everything = [*IN_WORDS, *sorted(frozenset().union(*PERMISSIONS.values()) - set(IN_WORDS))]
    today = timezone.localdate()
    grants = request.user.memberships.select_related("unit").order_by("unit__path", "role", "since")
    context = {
        "roles": list(Role),
        "table": [
            (IN_WORDS.get(permission, Words(permission, "")), [permission in PERMISSIONS[role] for role in Role])
            for permission in everything
        ],
        "mine": [
            (grant, grant.counts_on(today), [IN_WORDS[each] for each in IN_WORDS if each in PERMISSIONS[grant.role]])
            for grant in grants
        ],
        "assigned": assignments_counted(request.user),
    }
    return render(request, "kpiportal/roles.html", context)


@require_GET
def privacy(request: HttpRequest) -> HttpResponse:
    """Which personal data the portal keeps, why, for how long, and whom to ask."""
    context = {
        "days": settings.AUDIT_KEEP_DAYS,
        "least": settings.AUDIT_KEEP_LEAST,
        "hours": settings.SESSION_COOKIE_AGE // 3600,
        "contact": settings.PRIVACY_CONTACT,
    }
    return render(request, "kpiportal/privacy.html", context)


@login_not_required
def health(request: HttpRequest) -> JsonResponse:
    """For a monitor: 200 when the database answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})


@login_not_required
def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        at = request.resolver_match
        return pasted_too_much(request) if at and at.view_name == "check" else render(request, "413.html", status=413)
    return render(request, "400.html", status=400)


@login_not_required
def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "403.html", status=403)


@login_not_required
def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "404.html", status=404)


@login_not_required
def server_error(request: HttpRequest) -> HttpResponse:
    # Without context processors: the database may be what failed.
    return HttpResponse(render_to_string("500.html"), status=500)
