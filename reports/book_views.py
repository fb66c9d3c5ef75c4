"""Asking for the book of an agreement; what comes of it stands among the person's files."""
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from indicators.models import Agreement
from kpiportal.audit.once import once
from reports.book.asking import GONE, asked_for, rounds_of
from reports.bundles.problems import NotMade
from reports.bundles.services import ask_bundle


@require_POST
@once
def book(request: HttpRequest, pk: int) -> HttpResponse:
    """Have the book of a round made, in the language and digits that were chosen."""
    agreement = get_object_or_404(Agreement.objects.visible_to(request.user), pk=pk)
    try:
        asked = _asked(request, agreement)
        words = {"agreement": agreement.name, "months": request.POST["round"]}
        ask_bundle("book", asked, gettext("Book: %(agreement)s, %(months)s months") % words, by=request.user)
    except NotMade as refusal:
        back = reverse("papers", args=[agreement.pk])
        context = {"message": refusal.message, "agreement": agreement, "back": back}
        return render(request, "reports/paper_refused.html", context, status=409)
    return redirect("bundles")


def _asked(request: HttpRequest, agreement: Agreement) -> dict:
    """What the form asks for. Raises NotMade for a round that has no book."""
    months = request.POST.get("round", "")
    known = months.isascii() and months.isdigit() and len(months) < 3
    round_ = rounds_of(agreement).filter(months=int(months)).first() if known else None
    if round_ is None:
        raise NotMade(GONE)
    language, digits = request.POST.get("language", ""), request.POST.get("digits", "")
    portal = request.build_absolute_uri("/").rstrip("/")
    return asked_for(round_, language=language, digits=digits, portal=portal, user=request.user)
