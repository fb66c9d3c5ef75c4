"""What a card is worth, without a sign-in: by the code in its QR code, or by the file itself."""
from allauth.core.internal.ratelimit import consume  # the public one doesn't count what is only read
from allauth.core.ratelimit import respond_429
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_http_methods

from reports.issuing.hashing import MOST_BYTES, ROOM, Hashed, HashingUploadHandler
from reports.issuing.queries import card_by_code, card_by_hash, clean_code
from reports.issuing.standing import standing_of

LIMITED = "verify_card"


@login_not_required
@csrf_exempt  # until the handler is set that keeps nothing of a file: the token is looked for in the same body
@require_http_methods(["GET", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """Ask by a code, or with a file."""
    if request.method == "GET":
        code = clean_code(request.GET.get("code", ""))
        return redirect("verify_code", code) if code.isalnum() and code.isascii() else _page(request)
    if _too_often(request):
        return respond_429(request)
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES + ROOM:
        return _page(request, too_large=True, status=413)
    request.upload_handlers = [HashingUploadHandler(request)]
    return _by_file(request)


def _too_often(request: HttpRequest) -> bool:
    return not consume(request, app="allauth.account", action=LIMITED, limit_get=True)


@csrf_protect
def _by_file(request: HttpRequest) -> HttpResponse:
    """Compare a file's hash; nothing of the file is kept."""
    given = request.FILES.get("card")
    if not isinstance(given, Hashed):
        return _page(request, none_chosen=request.POST.get("check") == "file")
    card = card_by_hash(given.sha256)
    context = {"asked": "file", "card": card and standing_of(card), "file_sha256": given.sha256}
    return render(request, "reports/verify_code.html", context)


def _page(request: HttpRequest, status: int = 200, **context: bool) -> HttpResponse:
    return render(request, "reports/verify.html", context | {"megabytes": MOST_BYTES // 2**20}, status=status)


@login_not_required
@require_GET
def verify_code(request: HttpRequest, code: str) -> HttpResponse:
    """What the card with this code is worth."""
    if _too_often(request):
        return respond_429(request)
    card = card_by_code(clean_code(code))
    context = {"asked": "code", "card": card and standing_of(card), "megabytes": MOST_BYTES // 2**20}
    return render(request, "reports/verify_code.html", context)
