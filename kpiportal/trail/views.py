"""The audit trail: what happened, the story of one object, one entry with all that was recorded, and files of it."""
import datetime
import json
import re
from typing import NamedTuple

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_safe

from evidence.streaming import announced
from kpiportal.accounts.forms import problems_of
from kpiportal.audit import entries as stored
from kpiportal.audit.changes import Change, changes_of
from kpiportal.audit.chain import canonical_text, entry_hash
from kpiportal.audit.models import AuditEvent
from kpiportal.audit.sentences import Said, actor_of, say_entry
from kpiportal.trail.exports import json_lines, workbook
from kpiportal.trail.forms import TrailFilter
from kpiportal.trail.queries import (
    Place,
    Reader,
    all_of,
    criteria_named,
    narrowed,
    page_of,
    readable,
    reader,
    reads_trail,
    story,
)
from kpiportal.trail.services import note_export

FORMS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "jsonl": "application/jsonl; charset=utf-8",
}
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


class Line(NamedTuple):
    """An entry as the page shows it."""

    entry: AuditEvent
    said: Said
    actor: str
    unit: str
    changes: list[Change]


def _lines(entries: list[AuditEvent], units: dict[int, str], **changes) -> list[Line]:
    return [
        Line(entry, say_entry(entry), actor_of(entry), units.get(entry.unit_id, ""), changes_of(entry, **changes))
        for entry in entries
    ]


def _place(text: str) -> Place | None:
    """The place that a link names: microseconds since 1970 and the entry's key."""
    found = re.fullmatch(r"([0-9]{1,17})-([0-9]{1,18})", text, re.ASCII)
    return Place(EPOCH + datetime.timedelta(microseconds=int(found[1])), int(found[2])) if found else None


def _next(request: HttpRequest, place: Place | None) -> str:
    """The query of the next page; empty where there is none."""
    if place is None:
        return ""
    query = request.GET.copy()
    query["from"] = f"{(place.at - EPOCH) // datetime.timedelta(microseconds=1)}-{place.pk}"
    return query.urlencode()


@require_GET
def trail(request: HttpRequest) -> HttpResponse:
    """The entries that the reader may see, newest first; with `?about=` the story of one object, oldest first."""
    scope = reader(request.user)
    form = TrailFilter(request.GET, scope=scope)
    valid = form.is_valid()
    if valid and form.object_asked():
        return _story(request, scope, form.object_asked())
    if not reads_trail(request.user):
        raise Http404("The trail is not for this person.")
    entries, more = [], None
    if valid:
        found = narrowed(readable(scope), form.wanted())
        entries, more = page_of(found, _place(request.GET.get("from", "")))
    query = request.GET.copy()
    query.pop("from", None)
    context = {
        "form": form, "problems": problems_of(form), "lines": _lines(entries, scope.units),
        "more": _next(request, more), "query": query.urlencode(), "begun": "from" in request.GET,
    }
    return render(request, "trail/trail.html", context, status=200 if valid else 422)


def _story(request: HttpRequest, scope: Reader, about: tuple[str, str]) -> HttpResponse:
    told = story(request.user, scope, about)
    if told is None:
        raise Http404("Neither the trail nor the object is for this person.")
    entries, more = page_of(told.entries, _place(request.GET.get("from", "")), oldest_first=True)
    changes = {"names": criteria_named(entries), "without": told.without}
    context = {
        "lines": _lines(entries, scope.units, **changes), "more": _next(request, more), "whole": told.whole,
        "name": entries[-1].target_name if entries else "", "begun": "from" in request.GET,
        "first": f"about={about[0]}:{about[1]}",
        "back": reverse("result", args=[about[1]]) if about[0] == "scoring.result" and not told.whole else "",
    }
    return render(request, "trail/story.html", context)


@require_GET
def entry(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything that was recorded with one entry, and its place in the chain."""
    if not reads_trail(request.user):
        raise Http404("The trail is not for this person.")
    scope = reader(request.user)
    found = get_object_or_404(readable(scope), pk=pk)
    line = _lines([found], scope.units, names=criteria_named([found]))[0]
    context = {
        "line": line, "entry": found, "sound": _sound(found),
        "about": f"{found.target_type}:{found.target_id}" if re.fullmatch("[0-9]+", found.target_id) else "",
        "recorded": [_written(found.before), _written(found.after)],
    }
    return render(request, "trail/entry.html", context)


def _written(value: object) -> str:
    return "" if value is None else json.dumps(value, ensure_ascii=False, indent=2)


def _sound(found: AuditEvent) -> bool:
    """Whether the entry, as it stands in the database, has its hash."""
    if found.number is None:
        return False
    rows = stored.rows(found.chain, after=found.number - 1, last=found.number)
    return any(entry_hash(canonical_text(row[1:])) == row[stored.HASH] for row in rows)


@require_safe
def export(request: HttpRequest) -> HttpResponseBase:
    """The entries that pass the filter as a file, which is recorded first."""
    if not reads_trail(request.user):
        raise Http404("The trail is not for this person.")
    kind = request.GET.get("format", "xlsx")
    scope = reader(request.user)
    form = TrailFilter(request.GET, scope=scope)
    if kind not in FORMS or not form.is_valid():
        return redirect(f"{reverse('trail')}?{request.GET.urlencode()}")
    now = timezone.now()
    name = f"audit-trail-{timezone.localtime(now):%Y-%m-%d}.{kind}"
    if request.method == "HEAD":
        return announced(FORMS[kind], f'attachment; filename="{name}"')
    found = all_of(narrowed(readable(scope), form.wanted()), until=now)
    note_export(form=kind, filters=form.said(), by=request.user)
    if kind == "xlsx":
        return FileResponse(workbook(found, scope.units), as_attachment=True, filename=name, content_type=FORMS[kind])
    response = StreamingHttpResponse(json_lines(found), content_type=FORMS[kind])
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
