"""The review of rights: who may do what where, since when, given by whom, and what wants a look."""
import csv
from collections.abc import Iterable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from kpiportal.accounts.forms import ReviewFilter
from kpiportal.accounts.models import User
from kpiportal.accounts.paging import page_of
from kpiportal.accounts.queries import managed_by, permissions_of, review_rows
from kpiportal.accounts.review import Flag, GrantRow
from kpiportal.accounts.roles import MANAGE_PEOPLE, REVIEW_GRANTS
from kpiportal.accounts.services import NotAllowed, note_export, review_grants
from kpiportal.audit.once import once
from scoring.engine.text import cell_text, date_text


def _reviewers_only(request: HttpRequest) -> None:
    if not permissions_of(request.user) & {MANAGE_PEOPLE, REVIEW_GRANTS}:
        raise Http404


@require_http_methods(["GET", "POST"])
@once
def grants(request: HttpRequest) -> HttpResponse:
    """The rights in the reader's units; a post marks those chosen as reviewed."""
    _reviewers_only(request)
    if request.method == "GET":
        return _page(request)
    chosen = {int(key) for key in request.POST.getlist("grant") if key.isascii() and key.isdigit() and len(key) < 19}
    try:
        marked = review_grants(chosen, by=request.user)
    except NotAllowed as refusal:
        return _page(request, chosen, refusal=refusal, status=409)
    if marked:
        said = ngettext("%(n)s right is marked as reviewed.", "%(n)s rights are marked as reviewed.", marked)
        messages.success(request, said % {"n": marked})
    else:
        messages.warning(request, gettext("Nothing was marked: tick the rights that you reviewed first."))
    return redirect(request.get_full_path())


def _page(
    request: HttpRequest, chosen: Iterable[int] = (), *, refusal: NotAllowed | None = None, status: int = 200
) -> HttpResponse:
    form, rows = _filtered(request)
    pages = page_of(rows, request.GET)
    context = {
        "form": form,
        "rows": list(pages.page),
        "pages": pages,
        "chosen": chosen,
        "flagged": sum(1 for row in rows if row.flags and row.flags != (Flag.ENDED,)),
        "may_review": any(row.may_review for row in rows),
        "managed": _managed(request.user, pages.page),
        "today": timezone.localdate(),
        "refusal": refusal.message if refusal else None,
        "query": request.GET.urlencode(),
    }
    return render(request, "accounts/grants.html", context, status=status)


def _managed(user: User, rows: Iterable[GrantRow]) -> set[int]:
    """The people of these lines whose page the reader may open."""
    if MANAGE_PEOPLE not in permissions_of(user):
        return set()
    return set(managed_by(user).filter(pk__in={row.grant.user_id for row in rows}).values_list("pk", flat=True))


def _filtered(request: HttpRequest) -> tuple[ReviewFilter, list[GrantRow]]:
    """The filter as it was set, and the lines that pass it; a filter that can't be read filters nothing."""
    form = ReviewFilter(request.GET, by=request.user)
    form.is_valid()
    chosen = dict(form.cleaned_data)
    show = chosen.pop("show", "")
    return form, [row for row in review_rows(request.user, **chosen) if _passes(row, show)]


def _passes(row: GrantRow, show: str) -> bool:
    ended = Flag.ENDED in row.flags
    if show in ("current", "flagged"):
        return not ended and (show == "current" or bool(row.flags))
    return not show or show in row.flags


@require_safe
def grants_export(request: HttpRequest) -> HttpResponse:
    """The same lines as a CSV file for a spreadsheet."""
    _reviewers_only(request)
    form, rows = _filtered(request)
    filters = {name: str(value) for name, value in form.cleaned_data.items() if value}
    if request.method == "GET":
        note_export(rows=len(rows), filters=filters, by=request.user)
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="rights-{timezone.localdate()}.csv"'
    lines = csv.writer(response)
    lines.writerow([
        gettext("User name"), gettext("Name"), gettext("Position"), gettext("Role"), gettext("Unit"), gettext("Code"),
        gettext("First day"), gettext("Last day"), gettext("Given by"), gettext("Last sign-in"),
        gettext("Last review"), gettext("Reviewed by"), gettext("Wants a look"),
    ])
    lines.writerows([cell_text(cell) for cell in _cells(row)] for row in rows)
    return response


def _cells(row: GrantRow) -> list[str]:
    """A line of the file."""
    grant, language = row.grant, get_language() or "th"
    moments = (grant.user.last_login, grant.reviewed_at)
    signed_in, reviewed = (date_text(timezone.localtime(at), language) if at else "" for at in moments)
    return [
        grant.user.username, grant.user.name, grant.user.position, str(grant.get_role_display()), grant.unit.name,
        grant.unit.code, date_text(grant.since, language), date_text(grant.until, language) if grant.until else "",
        gettext("The portal") if row.given_by == "" else row.given_by or "", signed_in, reviewed,
        str(grant.reviewed_by or ""), "; ".join(str(flag.label) for flag in row.flags),
    ]
