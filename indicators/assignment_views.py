"""Who supervises and who collects in a round: the table, assigning in bulk, copying, taking off."""
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from indicators.assigning import Plan, plan_assignment, plan_copy
from indicators.assignment_pages import choosers, people_of, people_table, sorted_lines
from indicators.forms import AssignForm
from indicators.models import Assignment, Round
from indicators.queries import run_rounds
from indicators.services import NotAllowed, Unfit, assign, copy_assignments, remove_assignment
from kpiportal.audit.once import once
from scoring.engine.text import Message


def _round(request: HttpRequest, pk: int, months: int) -> Round:
    return get_object_or_404(run_rounds(request.user), agreement=pk, months=months)


@require_safe
def people(request: HttpRequest, pk: int, months: int) -> HttpResponse:
    """The table of a round: indicators × supervisor, collectors, substitutes; from here they are assigned in bulk.
    8 queries, whatever the number of rows."""
    round_ = _round(request, pk, months)
    return _table(request, round_, AssignForm(agreement=round_.agreement))


def _table(request: HttpRequest, round_: Round, form: AssignForm) -> HttpResponse:
    ticked = set(form.data.getlist("indicator")) if form.is_bound else set()
    context = {
        "round": round_, "agreement": round_.agreement, "rows": people_table(round_), "form": form,
        "ticked": {int(key) for key in ticked if key.isascii() and key.isdigit()},
        "editable": round_.state != Round.State.CLOSED,
        "earlier": round_.agreement.rounds.filter(months__lt=round_.months).exists(),
    }
    return render(request, "indicators/people.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@once
def assign_people(request: HttpRequest, pk: int, months: int) -> HttpResponse:
    """Choose people by unit for what was ticked on the table, look at what will change, then save it."""
    round_ = _round(request, pk, months)
    data = request.POST if request.method == "POST" else request.GET
    form = AssignForm(data, agreement=round_.agreement)
    if not form.is_valid():
        return _table(request, round_, form)
    rows = choosers(form, round_)
    choice = form.choice(people_of(rows, round_.agreement.unit))
    refused: list[Message] = []
    if request.method == "POST":
        try:
            plan = assign(round_, choice, seen=data.get("seen", ""), by=request.user)
        except Unfit as refusal:
            refused = list(refusal.problems.values())
        except NotAllowed as refusal:
            refused = [refusal.message]
        else:
            return _done(request, round_, plan)
    plan = plan_assignment(round_, choice) if choice.people else None
    context = {"rows": rows, "form": form, "choice": choice, "kept": _kept(form.data), "chosen": _chosen(rows)}
    return _preview(request, "indicators/assign.html", round_, plan, refused, context)


def _kept(data: QueryDict) -> list[tuple[str, str]]:
    """The fields of the first step, to be carried along."""
    names = ("indicator", "role", "units", "is_substitute", "instead")
    return [(name, value) for name in names for value in data.getlist(name)]


def _chosen(rows: list) -> list[tuple[str, int]]:
    return [(f"p{row.unit.pk}", key) for row in rows for key in row.chosen]


@require_http_methods(["GET", "HEAD", "POST"])
@once
def copy_people(request: HttpRequest, pk: int, months: int) -> HttpResponse:
    """Look at what the earlier round's assignments would add, then take them over."""
    round_ = _round(request, pk, months)
    refused: list[Message] = []
    if request.method == "POST":
        try:
            return _done(request, round_, copy_assignments(round_, seen=request.POST.get("seen", ""), by=request.user))
        except NotAllowed as refusal:
            refused = [refusal.message]
    return _preview(request, "indicators/copy_people.html", round_, plan_copy(round_), refused, {})


def _preview(
    request: HttpRequest, template: str, round_: Round, plan: Plan | None, refused: list[Message], context: dict
) -> HttpResponse:
    problems = refused or (plan.problems if plan else [])
    context |= {
        "round": round_, "agreement": round_.agreement, "plan": plan, "problems": list(dict.fromkeys(problems)),
        "lines": sorted_lines(plan.lines) if plan else [], "editable": round_.state != Round.State.CLOSED,
    }
    status = 409 if refused and not plan.problems else 422 if problems else 200
    return render(request, template, context, status=status)


def _done(request: HttpRequest, round_: Round, plan: Plan) -> HttpResponse:
    n = len(plan.changes)
    messages.success(request, ngettext("%(n)s assignment was saved.", "%(n)s assignments were saved.", n) % {"n": n})
    return redirect(reverse("round_people", args=[round_.agreement_id, round_.months]))


@require_POST
@once
def remove(request: HttpRequest, pk: int, months: int) -> HttpResponse:
    """Take one person off one indicator; a second click finds nothing more to do."""
    round_ = _round(request, pk, months)
    key = request.POST.get("assignment", "")
    if not (key.isascii() and key.isdigit() and len(key) < 16):
        raise BadRequest("no assignment")
    found = Assignment.objects.filter(round=round_, pk=key).select_related("person", "round").first()
    try:
        if found:
            remove_assignment(found, by=request.user)
    except NotAllowed as refusal:
        back = reverse("round_people", args=[pk, months])
        return render(request, "indicators/refused.html", {"message": refusal.message, "back": back}, status=409)
    if found:
        messages.success(request, gettext("%(person)s was taken off.") % {"person": found.person})
    return redirect("round_people", pk=pk, months=months)
