"""The rounds that the performance office runs: dates, opening and closing."""
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from indicators.forms import MONTHS, CloseForm, DatesForm, RoundForm
from indicators.models import Agreement, Round
from indicators.queries import run_rounds
from indicators.services import NotAllowed, Unfit, add_round, set_round_dates
from kpiportal.accounts.queries import units_with
from kpiportal.accounts.roles import MANAGE_ROUNDS
from kpiportal.audit.once import once
from scoring.queries.rounds import count_unassigned, round_rows, run_agreements, uncertified
from scoring.services import close_round, open_round


@require_safe
def rounds(request: HttpRequest) -> HttpResponse:
    """The agreements that the person runs, each with its rounds. 6 queries, whatever the number of rows."""
    if not units_with(request.user, MANAGE_ROUNDS):
        raise Http404("runs no rounds")
    agreements = list(run_agreements(request.user))
    rows = round_rows(agreements, request.user)
    listed = [(agreement, rows[agreement.pk]) for agreement in agreements]
    return render(request, "scoring/rounds.html", {"agreements": listed})


def _agreement(request: HttpRequest, pk: int) -> Agreement:
    return get_object_or_404(run_agreements(request.user), pk=pk)


def _round(request: HttpRequest, pk: int, months: int) -> Round:
    return get_object_or_404(run_rounds(request.user), agreement=pk, months=months)


@require_http_methods(["GET", "HEAD", "POST"])
@once
def agreement_rounds(request: HttpRequest, pk: int) -> HttpResponse:
    """An agreement's rounds with dates and states; a POST adds one."""
    agreement = _agreement(request, pk)
    if request.method != "POST":
        return _page(request, agreement)
    form = _round_form(agreement, request.POST)
    if form.is_valid():
        try:
            round_ = add_round(agreement, by=request.user, **form.cleaned_data)
        except Unfit as refusal:
            form.refuse(refusal)
        except NotAllowed as refusal:
            return _refused(request, agreement.pk, refusal)
        else:
            messages.success(request, gettext("The %(months)s-month round was added.") % {"months": round_.months})
            return _back(round_)
    return _page(request, agreement, adding=form)


@require_POST
@once
def dates(request: HttpRequest, pk: int, months: int) -> HttpResponse:
    """Set a round's dates."""
    round_ = _round(request, pk, months)
    form = DatesForm(request.POST, prefix=f"r{months}")
    if form.is_valid():
        try:
            set_round_dates(round_, by=request.user, **form.cleaned_data)
        except Unfit as refusal:
            form.refuse(refusal)
        except NotAllowed as refusal:
            return _refused(request, pk, refusal)
        else:
            messages.success(request, gettext("The dates were saved."))
            return _back(round_)
    return _page(request, _agreement(request, pk), dating={months: form})


def _page(
    request: HttpRequest, agreement: Agreement, *, adding: RoundForm | None = None,
    dating: dict[int, DatesForm] | None = None,
) -> HttpResponse:
    rows = round_rows([agreement], request.user)[agreement.pk]
    count_unassigned(agreement, rows)
    forms = dating or {}
    for row in rows:
        row.form = forms.get(row.round.months) or DatesForm(
            prefix=f"r{row.round.months}", initial={"opens_on": row.round.opens_on, "due_on": row.round.due_on}
        )
    full = len(rows) == len(MONTHS) or agreement.state == Agreement.State.CLOSED
    refused = [form for form in (adding, *forms.values()) if form]
    context = {
        "agreement": agreement, "rows": rows, "refused_forms": refused,
        "adding": None if full else adding or _round_form(agreement),
        "back": reverse("agreement_rounds", args=[agreement.pk]),
    }
    return render(request, "scoring/agreement_rounds.html", context, status=422 if refused else 200)


def _round_form(agreement: Agreement, data=None) -> RoundForm:
    return RoundForm(data, taken=[round_.months for round_ in agreement.rounds.all()])


@require_POST
@once
def open_(request: HttpRequest, pk: int, months: int) -> HttpResponse:
    """Open a round: its indicators can be reported on."""
    round_ = _round(request, pk, months)
    try:
        open_round(round_, by=request.user)
    except NotAllowed as refusal:
        return _refused(request, pk, refusal)
    messages.success(request, gettext("The %(months)s-month round is open.") % {"months": months})
    return _back(round_)


@require_http_methods(["GET", "HEAD", "POST"])
@once
def close(request: HttpRequest, pk: int, months: int) -> HttpResponse:
    """What is not certified yet, and closing the round with a confirmation, and a reason where something is open."""
    round_ = _round(request, pk, months)
    form = CloseForm(request.POST if request.method == "POST" else None)
    refusal = None
    if form.is_bound and form.is_valid():
        data = form.cleaned_data
        try:
            close_round(round_, reason=data["reason"], seen=data["seen"], by=request.user)
        except NotAllowed as refused:
            refusal = refused
            form = CloseForm(initial={"reason": data["reason"]})
        else:
            messages.success(request, gettext("The %(months)s-month round is closed.") % {"months": months})
            return _back(round_)
    context = {
        "agreement": round_.agreement, "round": round_, "left": uncertified(round_), "form": form,
        "refused": refusal and refusal.message, "refused_forms": [form] if form.errors else [],
        "open": round_.state == Round.State.OPEN,
    }
    status = 409 if refusal else 422 if form.errors else 200
    return render(request, "scoring/close_round.html", context, status=status)


def _refused(request: HttpRequest, pk: int, refusal: NotAllowed) -> HttpResponse:
    back = reverse("agreement_rounds", args=[pk])
    return render(request, "indicators/refused.html", {"message": refusal.message, "back": back}, status=409)


def _back(round_: Round) -> HttpResponse:
    return redirect(f"{reverse('agreement_rounds', args=[round_.agreement_id])}#round-{round_.months}")
