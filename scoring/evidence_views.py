"""The pages of evidence: attaching, newer files, putting documents onto items and off, and handing the files out."""
from collections.abc import Callable
from typing import NamedTuple

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from evidence.intake import Refused, clean_name
from evidence.models import Evidence, FileVersion
from evidence.problems import NotStored
from evidence.services import Received, no_bytes_without_row, receive
from evidence.streaming import respond
from indicators.queries import criteria_of
from kpiportal.audit.once import once
from scoring.drawing import entry_context, find_result, shown_evidence
from scoring.engine.text import EngineError, Message
from scoring.evidence_forms import Place, read_files, read_named, read_place
from scoring.models import Result
from scoring.queries import load_sheet
from scoring.queries.evidence import documents, files_of, usable_evidence
from scoring.services import (
    NoRoom,
    NotAllowed,
    attach_file,
    attach_named,
    attach_version,
    drop_evidence,
    may,
    record_download,
    record_view,
    take_file_down,
    take_out,
    use_evidence,
)
from scoring.services.rules import wrong_state

_NOTHING_CHOSEN = Message(
    "ยังไม่ได้เลือกไฟล์: เลือกอย่างน้อยหนึ่งไฟล์แล้วกดแนบอีกครั้ง",
    "No file is chosen: choose at least one, then attach it.",
)


class Refusal(NamedTuple):
    """What could not be done: the field of the page that says so, the file that it is about, and the sentence."""

    field: str
    name: str
    message: Message

    @property
    def whole(self) -> Message:
        """The sentence, beginning with the name of the file."""
        if not self.name:
            return self.message
        return Message(f"{self.name}: {self.message.th}", f"{self.name}: {self.message.en}")


class Done(NamedTuple):
    """What came of a request: the part of the page that it was about, where to lead back to, and what was refused."""

    place: str
    anchor: str
    refusals: list[Refusal] = []


def _answered(request: HttpRequest, result: Result, act: Callable[[], Done]) -> HttpResponse:
    """Do it if the person may, and answer with the changed parts of the page, or by leading back to it."""
    try:
        if "save" not in may(result, request.user):
            raise NotAllowed(wrong_state(result))
        done = act()
    except NotAllowed as refusal:
        if request.htmx:
            context = {"refusals": [Refusal("", "", refusal.message)], "fragments": False}
            return render(request, "scoring/_evidence_saved.html", context, status=409)
        return render(request, "scoring/refused.html", {"message": refusal.message, "result": result}, status=409)
    if request.htmx:
        # Before the rest is read: what is shown is of this version or newer.
        result.refresh_from_db(fields=["version"])
        context = shown_evidence(request, load_sheet(result))
        context |= {"editable": True, "refusals": done.refusals, "fragments": True, "errors": {}, "typed": {}}
        return render(request, "scoring/_evidence_saved.html", context, status=422 if done.refusals else 200)
    if done.refusals:
        return _page_with(request, result, done)
    messages.success(request, gettext("Saved."))
    return redirect(f"{reverse('result', args=[result.pk])}#{done.anchor}")


def _page_with(request: HttpRequest, result: Result, done: Done) -> HttpResponse:
    """The whole page, with the sentences at their place and what was typed there."""
    context = entry_context(request, result.pk)
    typed = {f"named-{name}": value for name, value in request.POST.items()} if done.place == "named" else {}
    context |= {
        "errors": {refusal.field: refusal.whole for refusal in done.refusals},
        "refusals": done.refusals,
        "refused_place": done.place,
        "typed": typed,
    }
    return render(request, "scoring/result.html", context, status=422)


@require_http_methods(["GET", "POST"])
def add(request: HttpRequest, pk: int) -> HttpResponse:
    """Attach files, a link, a letter or a document kept elsewhere, or put a listed document, onto items, points or the
    whole result; to read: the documents of the unit's other reports, to be taken over (by htmx: what the entry page
    shows of evidence, as it stands now)."""
    result = find_result(request, pk)
    if request.method == "GET" and request.htmx:
        return _answered(request, result, lambda: Done("", ""))
    if request.method == "GET":
        listed = [document.evidence.pk for document in documents(result)]
        others = usable_evidence(result, request.user).exclude(pk__in=listed).prefetch_related("versions")
        editable = "save" in may(result, request.user)
        context = {"result": result, "others": others.order_by("title", "pk"), "editable": editable}
        return render(request, "scoring/evidence_others.html", context)
    return _answered(request, result, lambda: _add(request, result))


def _add(request: HttpRequest, result: Result) -> Done:
    where = read_place(request.POST, criteria_of(result.indicator))
    if request.POST.get("evidence"):
        _put(request, result, _evidence(request, result, request.POST["evidence"]), where)
        return Done(where.name, _anchor(where))
    if request.POST.get("kind"):
        return Done("named", "evidence-title", _add_named(request, result, where))
    return Done(where.name, _anchor(where), _add_files(request, result, where))


def _put(request: HttpRequest, result: Result, evidence: Evidence, where: Place) -> None:
    use_evidence(result, evidence, items=where.items, requirements=where.points, by=request.user)


def _add_files(request: HttpRequest, result: Result, where: Place) -> list[Refusal]:
    def attach(received: Received) -> None:
        attach_file(result, received, items=where.items, requirements=where.points, by=request.user)

    return _take(read_files(request), attach)


def _take(uploads: list[UploadedFile], attach: Callable[[Received], object]) -> list[Refusal]:
    """Receive and attach each file; what was refused, while the others are kept."""
    if not uploads:
        return [Refusal("refused-1", "", _NOTHING_CHOSEN)]
    refusals = []
    for upload in uploads:
        try:
            received = receive(upload, name=upload.name)
            with no_bytes_without_row(received):
                attach(received)
        except (Refused, NotStored, NoRoom) as problem:
            refusals.append(Refusal(f"refused-{len(refusals) + 1}", clean_name(upload.name), problem.message))
    return refusals


def _add_named(request: HttpRequest, result: Result, where: Place) -> list[Refusal]:
    try:
        named = read_named(request.POST)
        attach_named(result, items=where.items, requirements=where.points, by=request.user, **named)
    except EngineError as problem:
        return [Refusal(f"named-{problem.field}", "", problem.message)]
    except NoRoom as problem:
        return [Refusal("refused-1", "", problem.message)]
    except ValidationError as problem:
        return _invalid(problem, "named")
    return []


def _invalid(problem: ValidationError, form: str) -> list[Refusal]:
    """A refusal at each field, in the reader's language already."""
    said = problem.message_dict if hasattr(problem, "error_dict") else {"": problem.messages}
    return [
        Refusal(f"{form}-{'kept' if field == 'place' else field}", "", Message(" ".join(lines), " ".join(lines)))
        for field, lines in said.items()
    ]


def _anchor(where: Place) -> str:
    return f"item-{where.item.pk}" if where.item else "evidence-title"


def _evidence(request: HttpRequest, result: Result, pk: object) -> Evidence:
    """A piece of evidence of the result's unit that the visitor has seen in a report; raises Http404 otherwise."""
    if not str(pk).isascii() or not str(pk).isdigit() or len(str(pk)) > 15:
        raise Http404("no such evidence")
    return get_object_or_404(usable_evidence(result, request.user), pk=pk)


def _evidence_of(result: Result, pk: int) -> Evidence:
    return get_object_or_404(Evidence.objects.filter(pk__in=result.evidence_uses.values("evidence")), pk=pk)


@require_POST
def new_version(request: HttpRequest, pk: int, evidence: int) -> HttpResponse:
    """A newer file beside the older ones, or the first of a document that was only named."""
    result = find_result(request, pk)
    found = _evidence_of(result, evidence)

    def act() -> Done:
        uploads = read_files(request, f"files-e{found.pk}") or read_files(request)
        refusals = _take(uploads, lambda received: attach_version(result, found, received, by=request.user))
        return Done(f"e{found.pk}", f"document-{found.pk}", refusals)

    return _answered(request, result, act)


@require_POST
def use(request: HttpRequest, pk: int, evidence: int) -> HttpResponse:
    """Put a document of this result, or of another that the person sees, onto items or points, or into the list."""
    result = find_result(request, pk)
    found = _evidence(request, result, evidence)

    def act() -> Done:
        where = read_place(request.POST, criteria_of(result.indicator))
        _put(request, result, found, where)
        return Done(where.name, _anchor(where))

    return _answered(request, result, act)


@require_POST
def drop(request: HttpRequest, pk: int, evidence: int) -> HttpResponse:
    """Take a document off one item (`item`), or out of the list."""
    result = find_result(request, pk)
    found = _evidence_of(result, evidence)

    def act() -> Done:
        where = read_place(request.POST, criteria_of(result.indicator))
        if where.item:
            drop_evidence(result, found, item=where.item, by=request.user)
        else:
            take_out(result, found, by=request.user)
        return Done(where.name, _anchor(where))

    return _answered(request, result, act)


@require_safe
def file(request: HttpRequest, pk: int, version: int) -> HttpResponseBase:
    """A file as a download, or as a preview in a frame of the portal (`?inline=1`). Only what is taken leaves an
    entry."""
    result = find_result(request, pk)
    found = get_object_or_404(files_of(result), pk=version)
    if not found.may_be_shown_to(request.user):
        raise Http404("The file's state closes it to this person.")
    try:
        response = respond(found, inline=request.GET.get("inline") == "1")
    except NotStored as problem:
        return render(request, "scoring/refused.html", {"message": problem.message, "result": result}, status=503)
    if response.headers["Content-Disposition"].startswith("inline"):
        response.headers["X-Frame-Options"] = "SAMEORIGIN"
    if request.method == "HEAD":
        return response
    if response.headers["Content-Disposition"].startswith("inline"):
        record_view(result, found, by=request.user)
    else:
        record_download(result, found, by=request.user)
    return response


@require_POST
@once
def take_down(request: HttpRequest, pk: int, version: int) -> HttpResponse:
    """The office removes a file with personal data that should not be there; the decision and its reason stay."""
    result = find_result(request, pk)
    found = get_object_or_404(files_of(result), pk=version)
    try:
        take_file_down(result, found, reason=request.POST.get("reason", ""), by=request.user)
    except NotAllowed as refusal:
        return render(request, "scoring/refused.html", {"message": refusal.message, "result": result}, status=409)
    except ValidationError as problem:
        refusals = [refusal._replace(field=f"take-down-{found.pk}") for refusal in _invalid(problem, "take-down")]
        return _page_with(request, result, Done(f"v{found.pk}", "", refusals))
    messages.success(request, gettext("The file is taken down."))
    return redirect(f"{reverse('result', args=[result.pk])}#document-{found.evidence_id}")
