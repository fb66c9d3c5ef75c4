"""Asking for the book of an agreement; what comes of it stands among the person's files."""
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from indicators.models import Agreement
from kpiportal.audit.once import once
from reports.book.asking import asked_for, rounds_of
from reports.bundles.problems import NotMade
from reports.bundles.services import ask_bundle


@require_POST
@once
def book(request: HttpRequest, pk: int) -> HttpResponse:
    """Have the book of a round made, in the language and digits that were chosen."""
    agreement = get_object_or_404(Agreement.objects.visible_to(request.user), pk=pk)
    months = request.POST.get("round", "")
    if not (months.isascii() and months.isdigit() and len(months) < 3):
        raise Http404("no such round")
    round_ = get_object_or_404(rounds_of(agreement), months=int(months))
    language, digits = request.POST.get("language", ""), request.POST.get("digits", "")
    portal = request.build_absolute_uri("/").rstrip("/")
    asked = asked_for(round_, language=language, digits=digits, portal=portal, user=request.user)
    words = {"agreement": agreement.name, "months": round_.months}
    title = gettext("Book: %(agreement)s, %(months)s months") % words
    try:
        ask_bundle("book", asked, title, by=request.user)
    except NotMade as refusal:
        context = {"message": refusal.message, "agreement": agreement}
        return render(request, "reports/paper_refused.html", context, status=409)
    return redirect("bundles")
