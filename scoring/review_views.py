"""The review page with its marks and item reviews, and the queue of what waits."""
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from indicators.models import ChecklistItem, Criterion
from kpiportal.audit.once import once
from scoring.drawing import find_result, refused
from scoring.engine.text import EngineError
from scoring.forms import read_seen
from scoring.models import Result
from scoring.queries.queue import queue_of
from scoring.review_forms import TypedMark, read_mark, read_numbers
from scoring.review_pages import review_context
from scoring.services import NotAllowed, clear_mark, keep_mark, mark_criterion
from scoring.services import review_items as review_them


@require_GET
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """A result, its evidence and its working on one screen, for whoever decides about it."""
    return render(request, "scoring/review/review.html", review_context(request, pk))


@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """What waits for me, oldest first."""
    return render(request, "scoring/review/queue.html", {"waiting": queue_of(request.user)})


@require_POST
@once
def items(request: HttpRequest, pk: int) -> HttpResponse:
    """A reviewer accepts items, or finds them not enough with a comment."""
    result = find_result(request, pk)
    keys = read_numbers(request.POST, "item")
    found = list(ChecklistItem.objects.filter(criterion__indicator=result.indicator_id, pk__in=keys))
    if not keys:
        raise BadRequest("no items")
    if len(found) < len(set(keys)):
        get_object_or_404(ChecklistItem.objects.none())
    verdict, comment = request.POST.get("verdict", ""), request.POST.get("comment", "")
    try:
        review_them(
            result, found, verdict=verdict, comment=comment, by=request.user, version=read_seen(request.POST)
        )
    except NotAllowed as refusal:
        return refused(request, result, refusal, comment)
    return redirect(f"{reverse('review', args=[pk])}#i{found[0].pk}")


@require_POST
@once
def mark(request: HttpRequest, pk: int) -> HttpResponse:
    """A reviewer marks a criterion otherwise, takes that back, or confirms it for the new submission."""
    result = find_result(request, pk)
    keys = read_numbers(request.POST, "criterion")
    if len(keys) != 1:
        raise BadRequest("no criterion")
    criterion = get_object_or_404(result.indicator.criteria, pk=keys[0])
    typed = read_mark(request.POST, criterion)
    try:
        if typed.errors:
            return _mark_again(request, pk, criterion, typed)
        _do_mark(request, result, criterion, typed)
    except NotAllowed as refusal:
        return refused(request, result, refusal, typed.reason)
    except EngineError as error:
        typed.errors["score" if typed.score is not None else "value"] = error.message
        return _mark_again(request, pk, criterion, typed)
    return redirect(f"{reverse('review', args=[pk])}#c{criterion.pk}")


def _do_mark(request: HttpRequest, result: Result, criterion: Criterion, typed: TypedMark) -> None:
    by, version = request.user, read_seen(request.POST)
    match request.POST.get("do"):
        case "mark":
            mark_criterion(
                result, criterion, entry=typed.entry, score=typed.score, reason=typed.reason, by=by, version=version
            )
            told = gettext("Marked; the collectors' own mark stays beside it.")
        case "clear":
            clear_mark(result, criterion, by=by, version=version)
            told = gettext("Your mark was taken back; the mark before counts again.")
        case "keep":
            keep_mark(result, criterion, by=by, version=version)
            told = gettext("Your mark stands for the present submission too.")
        case _:
            raise BadRequest("no such thing to do with a mark")
    messages.success(request, told, extra_tags="saved")


def _mark_again(request: HttpRequest, pk: int, criterion: Criterion, typed: TypedMark) -> HttpResponse:
    """The page once more, the form open with what was typed and the sentence at its field."""
    fields = {f"m{criterion.pk}-{name}": value for name, value in request.POST.items()}
    errors = {f"m{criterion.pk}-{name}": message for name, message in typed.errors.items()}
    context = review_context(request, pk) | {"typed": fields, "errors": errors, "open_mark": criterion.pk}
    return render(request, "scoring/review/review.html", context, status=422)
