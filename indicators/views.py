"""The definition of an indicator, to read."""
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from indicators.models import Agreement, Indicator
from indicators.queries import whole_criteria


@require_GET
def definition(request: HttpRequest, pk: int) -> HttpResponse:
    """What an indicator measures and how: description, criteria with their levels and items, what must be shown for
    each, and who answers for it. 10 queries, whatever the number of criteria."""
    indicators = Indicator.objects.filter(agreement__in=Agreement.objects.visible_to(request.user)).select_related(
        "agreement__unit", "agreement__fiscal_year"
    )
    indicator = get_object_or_404(
        indicators.prefetch_related(Prefetch("criteria", whole_criteria()), "responsibilities__units"), pk=pk
    )
    return render(
        request, "indicators/definition.html", {"indicator": indicator, "agreement": indicator.agreement}
    )
