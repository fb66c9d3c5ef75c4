"""Dashboards: where an agreement stands, and how the open rounds get on. Each tile leads to what stands behind it."""
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from indicators.models import Agreement, Round
from kpiportal.accounts.models import User
from kpiportal.accounts.queries import roles_of
from kpiportal.accounts.roles import VIEW_RESULTS, roles_with
from reports.dashboards.executive import load_executive
from reports.dashboards.office import load_office
from scoring.queries.summary import NoSuchRound

BEGUN = (Round.State.OPEN, Round.State.CLOSED)


@require_GET
def dashboard(request: HttpRequest) -> HttpResponse:
    """The executive's view of one agreement: the newest that is no excerpt, unless `?agreement=` names another."""
    _must_read_results(request.user)
    pk, months = _number(request, "agreement"), _number(request, "round")
    agreements = list(_begun(request.user))
    agreement = _chosen(agreements, pk)
    context = {"agreements": agreements, "agreement": agreement, "rounds": [], "view": "executive"}
    if agreement is not None:
        try:
            context["data"] = data = load_executive(agreement, months, user=request.user)
        except NoSuchRound as error:
            raise Http404("no such round") from error
        context["rounds"] = [round_ for round_ in data.summary.rounds if round_.state in BEGUN]
    return render(request, "reports/dashboards/executive.html", context)


@require_GET
def office_dashboard(request: HttpRequest) -> HttpResponse:
    """The office's view of all open rounds."""
    _must_read_results(request.user)
    return render(request, "reports/dashboards/office.html", {"data": load_office(request.user), "view": "office"})


def _must_read_results(user: User) -> None:
    if not roles_of(user) & set(roles_with(VIEW_RESULTS)):
        raise Http404("reads no results")


def _begun(user: User) -> QuerySet[Agreement]:
    """The agreements that the person may read and of which a round has begun, the newest first."""
    found = Agreement.objects.visible_to(user).filter(rounds__state__in=BEGUN).distinct()
    return found.select_related("unit", "fiscal_year").order_by("-fiscal_year__year", "pk")


def _chosen(agreements: list[Agreement], pk: int | None) -> Agreement | None:
    if pk is None:
        whole = (one for one in agreements if not one.is_excerpt)
        return next(whole, agreements[0] if agreements else None)
    wanted = [one for one in agreements if one.pk == pk]
    if not wanted:
        raise Http404("no such agreement")
    return wanted[0]


def _number(request: HttpRequest, name: str) -> int | None:
    typed = request.GET.get(name, "")
    if typed and not (typed.isascii() and typed.isdigit() and len(typed) < 10):
        raise Http404("no number")
    return int(typed) if typed else None
