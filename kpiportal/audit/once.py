"""One effect of one form: a double click, a retry or the back button finds what the first post did."""
import hashlib
from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext

from kpiportal.audit.models import HandledPost
from kpiportal.audit.services import claim_post, settle_post

FIELD = "once"


def once(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A POST whose form carries `{% once %}` has its effect once: the same form again is led to where the first one
    led. The claim stands in the transaction of the effect; a refused form (status 400 and above) may be sent again."""

    @wraps(view)
    def claiming(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        token = request.POST.get(FIELD, "") if request.method == "POST" else ""
        if not token:
            return view(request, *args, **kwargs)
        key = hashlib.sha256(f"{request.user.pk}\n{request.path}\n{token}".encode()).hexdigest()
        with transaction.atomic():
            post, is_first = claim_post(key)
            if not is_first:
                return _again(request, post)
            response = view(request, *args, **kwargs)
            settle_post(post, handled=response.status_code < 400, location=response.headers.get("Location", ""))
        return response

    claiming.is_once = True
    return claiming


def _again(request: HttpRequest, post: HandledPost) -> HttpResponse:
    """Lead a repeated form to where its first sending led."""
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(headers={"HX-Refresh": "true"})
    messages.info(request, gettext("This form was sent before; it took effect once."))
    return redirect(post.location or request.path)
