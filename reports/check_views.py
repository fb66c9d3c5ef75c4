"""The checker: a summary table is pasted or dropped, recomputed and shown with its wrong cells; nothing is stored."""
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from evidence.uploading import RefusedUpload
from reports.check_pages import check_page
from reports.checking.report import MOST_BYTES, TOO_LARGE, Report, Unreadable, check_file, check_text


# What a field of a form may take, without the rest of the form.
MOST_PASTED = settings.DATA_UPLOAD_MAX_MEMORY_SIZE - 1_000
PASTED_TOO_MUCH = gettext_lazy(
    "The pasted text is larger than 2.5 MB: drop the table as a file of up to 5 MB, or paste only its headings and "
    "rows."
)


@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest) -> HttpResponse:
    """The form, and below what was pasted or dropped the findings. A table that can't be read is a 422; the text
    stays in the form."""
    if request.method != "POST":
        return _drawn(request)
    text, file = request.POST.get("table", ""), request.FILES.get("file")
    try:
        found = _checked(text, file)
    except Unreadable as refusal:
        problems = [("file" if file else "table", "", str(refusal.message))]
        return _drawn(request, status=422, problems=problems, table=text)
    return _drawn(request, found=check_page(found), table=text, name="" if file is None else file.name)


def pasted_too_much(request: HttpRequest) -> HttpResponse:
    """The form with the sentence, when so much was pasted that nothing of it was read."""
    return _drawn(request, status=413, problems=[("table", "", str(PASTED_TOO_MUCH))])


def _drawn(request: HttpRequest, *, status: int = 200, **context: object) -> HttpResponse:
    known = {"most_bytes": MOST_PASTED, "too_long": PASTED_TOO_MUCH}
    return render(request, "reports/check.html", known | context, status=status)


def _checked(text: str, file: UploadedFile | None) -> Report:
    if isinstance(file, RefusedUpload):
        raise Unreadable(TOO_LARGE)
    if file is not None and file.size:
        if file.size > MOST_BYTES:
            raise Unreadable(TOO_LARGE)
        return check_file(file.read())
    if not text.strip():
        raise Unreadable(_("There is nothing to check: paste a table or choose a file."))
    return check_text(text)
