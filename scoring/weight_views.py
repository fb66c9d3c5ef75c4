"""The weights of a round with their live sum, and the rounds in which an indicator is measured."""
from collections.abc import Mapping
from decimal import Decimal

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from indicators.forms import RunningForm, read_weights, say, weight_typed
from indicators.models import Agreement, Indicator, Round
from indicators.queries import run_rounds
from indicators.round_weights import WeightRow, sum_of, weights_of, weights_problem
from indicators.services import NotAllowed, Unfit
from kpiportal.audit.once import once
from scoring.services import change_running, change_weights

Errors = Mapping[str, object]


@require_http_methods(["GET", "HEAD", "POST"])
@once
def weights(request: HttpRequest, pk: int, months: int) -> HttpResponse:
    """An indicator's weight in this round beside its base weight. Asked for by htmx with what is typed, only the sum
    comes back."""
    round_ = get_object_or_404(run_rounds(request.user), agreement=pk, months=months)
    rows = weights_of(round_)
    if request.method == "POST":
        return _save(request, round_, rows)
    if request.htmx:
        return render(request, "scoring/_weight_sum.html", _typed_sum(request, round_, rows))
    return _page(request, round_, rows)


def _save(request: HttpRequest, round_: Round, rows: list[WeightRow]) -> HttpResponse:
    try:
        change_weights(
            round_, read_weights(request.POST, [row.indicator for row in rows]), by=request.user
        )
    except Unfit as refusal:
        typed = {row.indicator.pk: request.POST.get(f"w{row.indicator.pk}", "") for row in rows}
        return _page(request, round_, rows, typed, refusal.problems)
    except NotAllowed as refusal:
        return _page(request, round_, rows, refused=refusal)
    messages.success(request, gettext("The weights were saved."))
    return redirect(request.path)


def _page(
    request: HttpRequest, round_: Round, rows: list[WeightRow], typed: Mapping[int, str] | None = None,
    errors: Errors | None = None, refused: NotAllowed | None = None,
) -> HttpResponse:
    for row in rows:
        row.field = f"w{row.indicator.pk}"
        row.typed = typed[row.indicator.pk] if typed else weight_typed(row.own)
        row.error = (errors or {}).get(row.field)
    shown = _typed_sum(request, round_, rows) if typed else _sum(round_.agreement, round_, rows)
    whole = {row.field: row.error for row in rows if row.error}
    if errors and "" in errors and rows:
        whole = {rows[0].field: errors[""]} | whole
    context = shown | {
        "agreement": round_.agreement, "round": round_, "rows": rows, "errors": whole,
        "refused": refused and refused.message, "editable": round_.state != Round.State.CLOSED,
    }
    return render(request, "scoring/round_weights.html", context, status=409 if refused else 422 if errors else 200)


def _typed_sum(request: HttpRequest, round_: Round, rows: list[WeightRow]) -> dict:
    data = request.POST if request.method == "POST" else request.GET
    try:
        typed = read_weights(data, [row.indicator for row in rows])
    except Unfit as refusal:
        return {"unread": next(iter(refusal.problems.values()))}
    own: dict[int, Decimal | None] = {row.indicator.pk: row.own for row in rows} | typed
    would = [WeightRow(row.indicator, row.as_own(own[row.indicator.pk]), row.runs) for row in rows]
    return _sum(round_.agreement, round_, would)


def _sum(agreement: Agreement, round_: Round, rows: list[WeightRow]) -> dict:
    problem = weights_problem(agreement, round_, rows)
    return {
        "sum": sum_of(rows), "total": agreement.total_weight, "own": any(row.own is not None for row in rows),
        "problem": problem and problem.message,
    }


@require_http_methods(["GET", "HEAD", "POST"])
@once
def running(request: HttpRequest, pk: int, indicator: int) -> HttpResponse:
    """From which round on an indicator is measured, and from which on it is cancelled; with a reason."""
    found = Indicator.objects.filter(agreement__in=Agreement.objects.run_by(request.user), parent__isnull=True)
    whole = found.select_related("agreement__unit", "agreement__fiscal_year")
    one = get_object_or_404(whole, agreement=pk, pk=indicator)
    initial = {"first_round": one.first_round, "cancelled_from": one.cancelled_from}
    form = RunningForm(request.POST if request.method == "POST" else None, initial=initial)
    refusal = None
    if form.is_bound and form.is_valid():
        try:
            change_running(one, by=request.user, **form.cleaned_data)
        except Unfit as refused:
            form.refuse(refused)
        except NotAllowed as refused:
            refusal = refused
        else:
            return _told(request, one.agreement)
    context = {
        "agreement": one.agreement, "indicator": one, "form": form, "refused": refusal and refusal.message,
        "refused_forms": [form] if form.errors else [],
    }
    status = 409 if refusal else 422 if form.errors else 200
    return render(request, "scoring/running.html", context, status=status)


def _told(request: HttpRequest, agreement: Agreement) -> HttpResponse:
    """Saved; the sums that don't fit any more are named, each with what to do."""
    messages.success(request, gettext("Saved."))
    for round_ in agreement.rounds.exclude(state=Round.State.CLOSED):
        problem = weights_problem(agreement, round_, weights_of(round_))
        if problem:
            messages.warning(request, gettext("%(problem)s. Set the weights of this round.") % {
                "problem": say(problem.message)})
    return redirect(reverse("agreement_rounds", args=[agreement.pk]))
