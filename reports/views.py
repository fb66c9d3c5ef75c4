"""The report card as a page that prints, as a PDF from the same template, and as a workbook."""
import logging
from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_safe

from evidence.problems import NotStored
from evidence.streaming import announced, disposition, resumable
from reports.cards import build
from reports.issuing.problems import NotSigned, Superseded
from reports.issuing.queries import issued_card
from reports.issuing.rendering import LANGUAGE, STYLES, number_of
from reports.issuing.services import issue, storage
from reports.models import IssuedCard
from reports.printer import CardTooLong, RenderFailed, print_pdf
from reports.services import note_card_printed, note_card_workbook
from reports.taking import begins, taken_lately
from reports.workbooks.card_book import card_workbook
from reports.workbooks.writing import XLSX, book_bytes
from scoring.engine.text import Message
from scoring.freezing.printed import printed
from scoring.freezing.report import snapshot_of
from scoring.models import Result, Snapshot

PDF = "application/pdf"
NOT_KEPT = Message(
    "ออกรายงานฉบับทางการหรืออ่านไฟล์ที่เก็บไว้ไม่สำเร็จ โปรดลองใหม่ในอีกหนึ่งนาที และแจ้งผู้ดูแลระบบหากยังไม่สำเร็จ",
    "The issued card could not be made or read: try again in a minute, and tell the administrator if it fails again.",
)
logger = logging.getLogger(__name__)


def _result(request: HttpRequest, pk: int) -> Result:
    results = Result.objects.visible_to(request.user).select_related(
        "indicator__agreement__unit", "indicator__agreement__fiscal_year", "round", "unit"
    )
    return get_object_or_404(results, pk=pk)


def _number(text: str) -> int:
    """The number of a snapshot, 0 for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0


def _source(request: HttpRequest, result: Result) -> Result | Snapshot:
    """The result, or one of its snapshots by `?sealed=` and its number."""
    number = request.GET.get("sealed", "")
    if not number:
        return result
    snapshot = snapshot_of(result, _number(number))
    if snapshot is None:
        raise Http404("no such snapshot")
    return snapshot


@require_GET
def card(request: HttpRequest, pk: int) -> HttpResponse:
    """The report card as a page; like other pages that are read, and unlike the PDF, it leaves no entry."""
    result = _result(request, pk)
    data = build(_source(request, result), user=request.user)
    context = {
        "card": data, "result": result, "sealed": request.GET.get("sealed", ""),
        "issued_card": _issued(request, pk) if data.seal else None, "in_thai": get_language() == LANGUAGE,
    }
    return render(request, "reports/card.html", context)


def _issued(request: HttpRequest, pk: int) -> IssuedCard | None:
    """The issued card of what is asked for."""
    number = request.GET.get("sealed", "")
    return issued_card(pk, _number(number) if number else None, user=request.user)


@require_safe
def card_pdf(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The report card as a PDF: of what is certified the issued card, a file from its first download on; of anything
    else, and as a copy in the reader's language (`?copy=1`), made from the page's template each time. HEAD issues and
    prints nothing."""
    is_copy = request.GET.get("copy") == "1"
    issued = None if is_copy else _issued(request, pk)
    result = None if issued else _result(request, pk)
    try:
        if issued is None:
            source = _source(request, result)
            snapshot = source if isinstance(source, Snapshot) else _in_force(result)
            if is_copy or snapshot is None or snapshot.superseded_at:
                return _printed(request, result, snapshot or source, is_copy=snapshot is not None)
            if request.method == "HEAD":
                return announced(PDF, _shown(number_of(snapshot, snapshot.result.indicator.agreement.fiscal_year.year)))
            portal = request.build_absolute_uri("/").rstrip("/")
            issued = issue(snapshot, by=request.user, portal=portal)
        return _as_file(request, pk, issued)
    except Superseded:  # opened again this moment
        return redirect(request.get_full_path())
    except RenderFailed as refusal:
        status = 422 if isinstance(refusal, CardTooLong) else 503
        return _not_printed(request, result, refusal.message, status)
    except (NotStored, NotSigned):
        logger.exception("An issued card could not be made or read.")
        return _not_printed(request, result or _result(request, pk), NOT_KEPT, 503)


def _in_force(result: Result) -> Snapshot | None:
    if result.state != Result.State.CERTIFIED:
        return None
    whole = ("result__indicator__agreement__fiscal_year",)
    return Snapshot.objects.filter(result=result.pk, superseded_at=None).select_related(*whole).first()


def _as_file(request: HttpRequest, pk: int, issued: IssuedCard) -> HttpResponseBase:
    """The stored bytes; taking them, or their beginning, leaves an entry, one an hour and sign-in."""
    response = resumable(
        storage(), issued.key, size=issued.size, sha256=issued.sha256, content_type=PDF, request=request
    )
    if begins(request, response) and not taken_lately(request, issued.number):
        note_card_printed(_result(request, pk), card=issued.number, by=request.user)
    response.headers["Content-Disposition"] = _shown(issued.number)
    return response


def _shown(number: str) -> str:
    """The Content-Disposition of an issued card."""
    return disposition(f"{number}.pdf", inline=True, fallback="card")


def _printed(
    request: HttpRequest, result: Result, source: Result | Snapshot, *, is_copy: bool
) -> HttpResponseBase:
    """A card that is made anew: of a draft, or a copy of what is certified."""
    shown = _named("inline", result, source if isinstance(source, Snapshot) else None, "pdf")
    if request.method == "HEAD":
        return announced(PDF, shown)
    data = build(source, user=request.user)
    issued = _issued(request, result.pk) if is_copy else None
    html = render_to_string("reports/card_pdf.html", {"card": data, "copy": is_copy, "copy_of": issued})
    pdf = print_pdf(html, stylesheets=STYLES, title=data.indicator, lang=get_language() or LANGUAGE)
    note_card_printed(result, by=request.user)
    return HttpResponse(pdf, content_type=PDF, headers={"Content-Disposition": shown})


@require_safe
def card_xlsx(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The report card as a workbook."""
    result = _result(request, pk)
    paged = printed(_source(request, result))
    shown = _named("attachment", result, paged.snapshot, "xlsx")
    if request.method == "HEAD":
        return announced(XLSX, shown)
    data = build(paged, user=request.user)
    written = book_bytes(card_workbook(data, paged))
    note_card_workbook(result, by=request.user)
    return HttpResponse(written, content_type=XLSX, headers={"Content-Disposition": shown})


def _named(how: str, result: Result, snapshot: Snapshot | None, end: str) -> str:
    """The Content-Disposition of a card that is made anew."""
    indicator, months = result.indicator, result.round.months
    parts = [indicator.agreement.code, indicator.order, indicator.number, months]
    name = "-".join(map(str, [*parts, snapshot.number] if snapshot else parts))
    return f"{how}; filename*=UTF-8''{quote(f'{name}.{end}', safe='')}"


def _not_printed(request: HttpRequest, result: Result, message: Message, status: int) -> HttpResponse:
    """The sentence that says what to do, with the way back to the result."""
    return render(request, "scoring/refused.html", {"message": message, "result": result}, status=status)
