"""The checker: a summary table is pasted or dropped, recomputed and shown with its wrong cells; nothing is stored."""
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from evidence.uploading import RefusedUpload
from reports.check_pages import check_page
from reports.checking.report import MOST_BYTES, TOO_LARGE, Report, Unreadable, check_file, check_text


@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest) -> HttpResponse:
    """The form, and below what was pasted or dropped the findings. A table that can't be read is a 422; the text
    stays in the form."""
    if request.method != "POST":
        return render(request, "reports/check.html")
    text, file = request.POST.get("table", ""), request.FILES.get("file")
    try:
        found = _checked(text, file)
    except Unreadable as refusal:
        field = "file" if file else "table"
        context = {"problems": [(field, "", str(refusal.message))], "table": text}
        return render(request, "reports/check.html", context, status=422)
    name = "" if file is None else file.name
    return render(request, "reports/check.html", {"found": check_page(found), "table": text, "name": name})


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
