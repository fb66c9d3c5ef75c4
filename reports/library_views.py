"""The library: certified results and reports by unit, year, round, indicator and state; many of them as one file."""
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.views.decorators.http import require_GET, require_POST

from kpiportal.accounts.forms import problems_of
from kpiportal.accounts.models import User
from kpiportal.accounts.queries import permissions_of
from kpiportal.accounts.roles import VIEW_RESULTS
from kpiportal.audit.once import once
from reports.bundles.problems import CLOSED, NotMade
from reports.bundles.services import ask_bundle
from reports.library.pages import MOST_CARDS, LibraryPage, all_keys, library_page, too_many
from reports.library.queries import Wanted, cards_found, keys_to_take
from reports.models import Bundle
from scoring.engine.text import Message

NONE_CHOSEN = Message(
    "ยังไม่ได้เลือกรายงาน โปรดทำเครื่องหมายหน้ารายงานที่ต้องการ หรือเลือกทั้งหน้าหรือทั้งหมดที่พบ",
    "No card is chosen: tick the cards that you want, or choose all of the page or everything found.",
)


@require_GET
def library(request: HttpRequest) -> HttpResponse:
    """The cards and reports that the reader may see, as the search has it."""
    must_read_results(request.user)
    page = library_page(request.user, request.GET)
    return _drawn(request, page, status=200 if page.valid else 422)


@require_POST
@once
def ask(request: HttpRequest) -> HttpResponse:
    """Have the ticked cards, those of the page or all that were found (`scope`) put into one file (`kind`)."""
    must_read_results(request.user)
    kind = Bundle.Kind.PDF if request.POST.get("kind") == "pdf" else Bundle.Kind.ZIP
    page = library_page(request.user, request.GET)
    try:
        keys = _chosen(request, page, kind) if page.valid else []
        if not keys:
            return _drawn(request, page, NONE_CHOSEN, status=422)
        asked = {
            "snapshots": keys, "language": (get_language() or "th")[:2],
            "portal": request.build_absolute_uri("/").rstrip("/"),
        }
        ask_bundle(kind, asked, _title(page, len(keys)), by=request.user)
    except NotMade as refusal:
        return _drawn(request, page, refusal.message, status=409)
    return redirect("bundles")


def must_read_results(user: User) -> None:
    """Raise Http404 for who has no right to see results anywhere."""
    if VIEW_RESULTS not in permissions_of(user):
        raise Http404("reads no results")


def _chosen(request: HttpRequest, page: LibraryPage, kind: str) -> list[int]:
    """The keys of the chosen cards in the order of the list. Raises NotMade for too many, and for a ticked card that
    isn't there for the person."""
    scope = request.POST.get("scope")
    if scope == "found":
        keys = all_keys(request.user, page.form.wanted())
    elif scope == "page":
        keys = page.keys
    else:
        ticked = _ticked(request)
        keys = keys_to_take(cards_found(request.user, Wanted()).filter(pk__in=ticked))
        if len(keys) != len(ticked):
            raise NotMade(CLOSED)
    if len(keys) > MOST_CARDS[kind]:
        raise NotMade(too_many(len(keys), kind))
    return keys


def _ticked(request: HttpRequest) -> set[int]:
    ticked = request.POST.getlist("card")
    return {int(one) for one in ticked if one.isascii() and one.isdigit() and len(one) < 16}


def _title(page: LibraryPage, count: int) -> str:
    title = ngettext("%(n)s report card", "%(n)s report cards", count) % {"n": count}
    said = page.form.said()
    return f"{title}: {said}" if said else title


def _drawn(
    request: HttpRequest, page: LibraryPage, refusal: Message | None = None, *, status: int = 200
) -> HttpResponse:
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "found": page, "form": page.form, "problems": problems_of(page.form), "pages": page.pages, "refusal": refusal,
        "query": request.GET.urlencode(), "narrowed": any(query.values()), "ticked": _ticked(request),
        "scope": request.POST.get("scope", "ticked"),
        "most": {kind: f"{count:,}" for kind, count in MOST_CARDS.items()},
        "back": f"{reverse('library')}?{request.GET.urlencode()}",
    }
    return render(request, "reports/library/library.html", context, status=status)
