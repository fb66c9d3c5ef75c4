"""The files that a person had made: how far they are, and each as a download that can be resumed."""
import logging

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST, require_safe

from evidence.problems import NotStored
from evidence.streaming import disposition, resumable
from kpiportal.accounts.queries import permissions_of
from kpiportal.accounts.roles import VIEW_RESULTS
from kpiportal.audit.once import once
from reports.bundles.kinds import KINDS
from reports.bundles.problems import CLOSED, NOT_READ, NotMade
from reports.bundles.services import ask_again, cancel_bundle, note_bundle_taken, remove_bundle, storage
from reports.models import Bundle
from reports.taking import begins, taken_lately
from scoring.engine.text import Message

TYPES = {"zip": "application/zip", "pdf": "application/pdf"}
MOST_SHOWN = 50
logger = logging.getLogger(__name__)


def _bundle(request: HttpRequest, pk: int) -> Bundle:
    return get_object_or_404(Bundle.objects.visible_to(request.user), pk=pk)


@require_GET
def bundles(request: HttpRequest) -> HttpResponse:
    """What the person had made in the last days, the latest first; asks again by itself while any is being made."""
    if VIEW_RESULTS not in permissions_of(request.user):
        raise Http404("reads no results")
    return _drawn(request)


def _drawn(request: HttpRequest, refusal: Message | None = None, *, status: int = 200) -> HttpResponse:
    own = list(Bundle.objects.visible_to(request.user).defer("asked")[:MOST_SHOWN])
    under_way = any(one.is_under_way for one in own)
    context = {"bundles": own, "under_way": under_way, "refusal": refusal, "back": reverse("bundles")}
    return render(request, "reports/library/bundles.html", context, status=status)


@require_safe
def bundle_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The file, for who asked for it and may still see all that is in it. Taking it, or its beginning, leaves an entry,
    one an hour and sign-in."""
    bundle = _bundle(request, pk)
    if bundle.is_over:
        return _over(request, bundle)
    if bundle.state != Bundle.State.READY:
        raise Http404("not ready")
    if not KINDS[bundle.kind].may(bundle.asked, request.user):
        return _drawn(request, CLOSED, status=404)
    kind = TYPES[bundle.name.rpartition(".")[2]]
    try:
        response = resumable(
            storage(), bundle.key, size=bundle.size, sha256=bundle.sha256, content_type=kind, request=request
        )
    except NotStored:
        logger.exception("The file of a bundle could not be read.")
        return _drawn(request, NOT_READ, status=503)
    if begins(request, response) and not taken_lately(request, bundle.key):
        note_bundle_taken(bundle, by=request.user)
    response.headers["Content-Disposition"] = disposition(bundle.name, inline=False, fallback="report-cards")
    return response


def _over(request: HttpRequest, bundle: Bundle) -> HttpResponse:
    """Until when the file was kept, and the button that has it made again."""
    return render(request, "reports/library/over.html", {"bundle": bundle}, status=410)


@require_POST
@once
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop the making."""
    bundle = cancel_bundle(_bundle(request, pk), by=request.user)
    if bundle.state == Bundle.State.CANCELLED:
        messages.success(request, gettext("Cancelled: the file is not made."))
    elif bundle.is_there:
        messages.info(request, gettext("The file was ready before it could be cancelled."))
    return redirect("bundles")


@require_POST
@once
def again(request: HttpRequest, pk: int) -> HttpResponse:
    """Make anew what was cancelled, failed, or is no longer kept; what is there or under way is told to be."""
    before = _bundle(request, pk)
    try:
        bundle = ask_again(before, by=request.user)
    except NotMade as refusal:
        return _drawn(request, refusal.message, status=409)
    except NotStored:
        logger.exception("The file of a bundle could not be removed.")
        return _drawn(request, NOT_READ, status=503)
    if bundle.is_there:
        there = reverse("bundle_file", args=[bundle.pk])
        messages.info(request, format_html(
            '{} <a href="{}">{}</a>', gettext("This file is ready, it is not made anew:"), there, gettext("Download")
        ))
    elif bundle.attempt == before.attempt:
        messages.info(request, gettext("This file is being made already: wait until it is ready."))
    return redirect("bundles")


@require_POST
@once
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove a file before its week is over."""
    try:
        remove_bundle(_bundle(request, pk), by=request.user)
    except NotStored:
        logger.exception("The file of a bundle could not be removed.")
        return _drawn(request, NOT_READ, status=503)
    messages.success(request, gettext("Removed."))
    return redirect("bundles")
