"""The report card as a page that prints, as a PDF from the same template, and as a workbook."""
from urllib.parse import quote

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from reports.cards import build
from reports.printer import CardTooLong, RenderFailed, print_pdf
from reports.services import note_card_printed, note_card_workbook
from reports.workbooks.card_book import card_workbook
from reports.workbooks.writing import XLSX, book_bytes
from scoring.freezing.report import snapshot_of
from scoring.models import Result, Snapshot

CARD_STYLES = settings.BASE_DIR / "kpiportal" / "static" / "kpiportal" / "card.css"
PRINT_STYLES = settings.BASE_DIR / "kpiportal" / "static" / "kpiportal" / "card_pages.css"


def _result(request: HttpRequest, pk: int) -> Result:
    results = Result.objects.visible_to(request.user).select_related(
        "indicator__agreement__unit", "indicator__agreement__fiscal_year", "round", "unit"
    )
    return get_object_or_404(results, pk=pk)


def _source(request: HttpRequest, result: Result) -> Result | Snapshot:
    """The result, or one of its snapshots by `?sealed=` and its number."""
    number = request.GET.get("sealed", "")
    if not number:
        return result
    snapshot = snapshot_of(result, int(number)) if number.isascii() and number.isdigit() and len(number) < 5 else None
    if snapshot is None:
        raise Http404("no such snapshot")
    return snapshot


@require_GET
def card(request: HttpRequest, pk: int) -> HttpResponse:
    """The report card as a page; like other pages that are read, and unlike the PDF, it leaves no entry."""
    result = _result(request, pk)
    data = build(_source(request, result), user=request.user)
    context = {"card": data, "result": result, "sealed": request.GET.get("sealed", "")}
    return render(request, "reports/card.html", context)


@require_GET
def card_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The report card as a PDF, made from the same template as the page."""
    result = _result(request, pk)
    data = build(_source(request, result), user=request.user)
    html = render_to_string("reports/card_pdf.html", {"card": data})
    language = get_language() or "th"
    try:
        pdf = print_pdf(html, stylesheets=[CARD_STYLES, PRINT_STYLES], title=data.indicator, lang=language)
    except RenderFailed as refusal:
        return _not_printed(request, result, refusal)
    note_card_printed(result, by=request.user)
    response = HttpResponse(pdf, content_type="application/pdf")
    name = _file_name(result, data.seal and data.seal.number, "pdf")
    response["Content-Disposition"] = f"inline; filename*=UTF-8''{quote(name, safe='')}"
    return response


@require_GET
def card_xlsx(request: HttpRequest, pk: int) -> HttpResponse:
    """The report card as a workbook."""
    result = _result(request, pk)
    source = _source(request, result)
    data = build(source, user=request.user)
    response = HttpResponse(book_bytes(card_workbook(data, source)), content_type=XLSX)
    note_card_workbook(result, by=request.user)
    name = _file_name(result, data.seal and data.seal.number, "xlsx")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    return response


def _file_name(result: Result, sealed: str | None, end: str) -> str:
    indicator, months = result.indicator, result.round.months
    parts = (indicator.agreement.code, indicator.order, indicator.number, months, *([sealed] if sealed else []))
    return f"{'-'.join(map(str, parts))}.{end}"


def _not_printed(request: HttpRequest, result: Result, refusal: RenderFailed) -> HttpResponse:
    """The sentence that says what to do, with the way back to the result."""
    status = 422 if isinstance(refusal, CardTooLong) else 503
    return render(request, "scoring/refused.html", {"message": refusal.message, "result": result}, status=status)
