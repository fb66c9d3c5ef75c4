"""The papers of an agreement: their list, and each as a page that prints, as a PDF and as a workbook."""
from urllib.parse import quote, urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.utils.translation import get_language, get_language_info
from django.views.decorators.http import require_GET, require_safe

from evidence.streaming import announced
from indicators.models import Agreement
from reports.book.asking import rounds_of
from reports.papers import PAPERS, STYLES, Asked, Paper
from reports.printer import CardTooLong, RenderFailed, print_pdf
from reports.services import note_paper_taken
from reports.workbooks.writing import XLSX, book_bytes
from scoring.engine.text import Message
from scoring.queries.summary import NoSuchRound

PDF = "application/pdf"
TOO_LONG = Message(
    "เอกสารนี้ยาวเกินกว่าจะทำเป็น PDF ได้ โปรดเปิดหน้าเว็บของเอกสารแล้วสั่งพิมพ์จากเบราว์เซอร์ "
    "หรือย่อข้อความในคำรับรองและรายงานผลให้สั้นลง",
    "This paper is too long for a PDF: open its page and print that from the browser, or shorten the texts of the "
    "agreement and its reports.",
)


def _agreement(request: HttpRequest, pk: int) -> Agreement:
    found = Agreement.objects.visible_to(request.user).select_related("unit", "fiscal_year")
    return get_object_or_404(found, pk=pk)


def _asked(request: HttpRequest, agreement: Agreement) -> Asked:
    months, digits = request.GET.get("round", ""), request.GET.get("digits", "")
    if months and not (months.isascii() and months.isdigit() and len(months) < 3):
        raise Http404("no such round")
    known = digits if digits in Agreement.Digits.values else agreement.digits
    sides = "one" if request.GET.get("sides") == "one" else ""
    return Asked(agreement, request.user, int(months) if months else None, known, sides)


def _built(request: HttpRequest, pk: int, name: str) -> tuple[Paper, Asked, object]:
    """The paper of this name, what was asked, and its data; 404 for what there isn't."""
    agreement = _agreement(request, pk)
    if name not in PAPERS:
        raise Http404("no such paper")
    asked = _asked(request, agreement)
    try:
        return PAPERS[name], asked, PAPERS[name].build(asked)
    except NoSuchRound as error:
        raise Http404("no such round") from error


@require_GET
def papers(request: HttpRequest, pk: int) -> HttpResponse:
    """What can be printed of an agreement."""
    agreement = _agreement(request, pk)
    context = {
        "agreement": agreement, "papers": PAPERS.values(), "rounds": list(rounds_of(agreement)),
        "languages": [(code, get_language_info(code)["name_local"]) for code, _ in settings.LANGUAGES],
        "language": get_language(),
    }
    return render(request, "reports/papers.html", context)


@require_GET
def paper(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """A paper as a page."""
    kind, asked, data = _built(request, pk, name)
    context = _context(kind, asked, data) | {"rounds": list(asked.agreement.rounds.order_by("months"))}
    return render(request, "reports/paper.html", context)


def _context(kind: Paper, asked: Asked, data: object) -> dict:
    return {
        "kind": kind, "data": data, "asked": asked, "agreement": asked.agreement, "query": _query(asked),
        "body": f"reports/papers/{kind.name}.html",
        "other_digits": _query(asked, digits="arabic" if asked.digits == Agreement.Digits.THAI else "thai"),
        "other_sides": _query(asked, sides="" if asked.sides else "one"),
    }


def _query(asked: Asked, **instead: str) -> str:
    """What was asked as part of an address, some of it otherwise."""
    chosen = {"round": str(asked.months or ""), "digits": asked.digits, "sides": asked.sides} | instead
    return urlencode({name: value for name, value in chosen.items() if value})


@require_safe
def paper_pdf(request: HttpRequest, pk: int, name: str) -> HttpResponseBase:
    """A paper as a PDF, made from the same template as the page."""
    kind, asked, data = _built(request, pk, name)
    shown = _named("inline", asked, f"{name}.pdf")
    if request.method == "HEAD":
        return announced(PDF, shown)
    html = render_to_string("reports/paper_pdf.html", _context(kind, asked, data))
    try:
        pdf = print_pdf(html, stylesheets=STYLES, title=data.head.title, lang=get_language() or "th")
    except RenderFailed as refusal:
        return _not_printed(request, asked, refusal)
    note_paper_taken(asked.agreement, paper=f"{name}.pdf", months=asked.months, by=request.user)
    return HttpResponse(pdf, content_type=PDF, headers={"Content-Disposition": shown})


def _not_printed(request: HttpRequest, asked: Asked, refusal: RenderFailed) -> HttpResponse:
    """The sentence that says what to do, with the way back to the papers."""
    too_long = isinstance(refusal, CardTooLong)
    context = {"message": TOO_LONG if too_long else refusal.message, "agreement": asked.agreement}
    return render(request, "reports/paper_refused.html", context, status=422 if too_long else 503)


@require_safe
def paper_workbook(request: HttpRequest, pk: int, name: str) -> HttpResponseBase:
    """A paper as an Excel workbook."""
    kind, asked, data = _built(request, pk, name)
    if kind.workbook is None:
        raise Http404("this paper has no workbook")
    shown = _named("attachment", asked, f"{name}.xlsx")
    if request.method == "HEAD":
        return announced(XLSX, shown)
    written = book_bytes(kind.workbook(data))
    note_paper_taken(asked.agreement, paper=f"{name}.xlsx", months=asked.months, by=request.user)
    return HttpResponse(written, content_type=XLSX, headers={"Content-Disposition": shown})


def _named(how: str, asked: Asked, end: str) -> str:
    name = "-".join(str(part) for part in (asked.agreement.code, asked.months, end) if part)
    return f"{how}; filename*=UTF-8''{quote(name, safe='')}"
