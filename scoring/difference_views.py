"""Who claims more than counts: the marks of an agreement's round beside each other."""
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from indicators.models import Agreement
from scoring.difference_pages import difference_rows, unit_rows
from scoring.queries.differences import load_differences
from scoring.queries.summary import NoSuchRound, chosen_round


@require_GET
def differences(request: HttpRequest, pk: int) -> HttpResponse:
    """The results of an agreement's round that reviewers marked otherwise, with the sums of each unit."""
    agreement = get_object_or_404(
        Agreement.objects.visible_to(request.user).select_related("unit", "fiscal_year"), pk=pk
    )
    months, rounds = request.GET.get("round", ""), list(agreement.rounds.all())
    try:
        round_ = chosen_round(rounds, int(months) if months else None)
    except (ValueError, NoSuchRound) as error:
        raise Http404("no such round") from error
    found = load_differences(request.user, agreement=agreement, months=round_.months if round_ else 0)
    context = {
        "agreement": agreement, "rounds": rounds, "round": round_, "rows": difference_rows(found),
        "units": unit_rows(found), "hidden": found.hidden,
    }
    return render(request, "scoring/differences.html", context)
