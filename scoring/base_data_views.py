"""The page on which an operating unit reports its base data, and nothing else of the lead unit's result."""
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from indicators.models import Criterion
from indicators.queries import reporters_of
from kpiportal.accounts.models import Unit
from scoring.engine.text import EngineError, Message, parse_number
from scoring.forms import LONGEST_TEXT
from scoring.freezing.report import sealed_report, sheet_of
from scoring.models import Mark, Result
from scoring.queries.results import CriterionSheet
from scoring.queries.units import UnitData
from scoring.services.base_data import ChangedMeanwhile, open_to_units, rights_on, save_base_data
from scoring.services.rules import NotAllowed
from scoring.unit_pages import unit_form
from scoring.values import UnitEntry

WITH = ("indicator__agreement__unit", "indicator__agreement__fiscal_year", "round", "unit")
Errors = dict[str, Message]


@require_http_methods(["GET", "HEAD", "POST"])
def base_data(request: HttpRequest, pk: int, unit: str) -> HttpResponse:
    """One unit's base data of an indicator: for its own people to report, for the lead unit's collectors to read and
    to state that it isn't reported. Anyone else finds nothing: it is no way to the lead unit's draft."""
    result = get_object_or_404(Result.objects.select_related(*WITH), pk=pk)
    reporter = get_object_or_404(Unit, code=unit)
    rights = rights_on(result, reporter, request.user)
    if not rights or reporter.pk not in _reporters(result):
        raise Http404("not this unit, or not yours")
    if request.method == "POST":
        return _save(request, result, reporter, rights)
    return render(request, "scoring/base_data.html", _context(result, reporter, rights))


def _reporters(result: Result) -> set[int]:
    """The units that report its base data; of a certified result those that did."""
    sealed = sealed_report(result)
    return set(sealed.reporters) if sealed else {unit.pk for unit in reporters_of(result.indicator)}


def _context(result: Result, unit: Unit, rights: frozenset[str], typed: dict | None = None, **more) -> dict:
    """What the page prints, of a certified result as it was certified; `typed` and `clashes` belong to the one
    criterion that couldn't be saved."""
    whole = sheet_of(result, Mark.Stage.SELF)
    shown, sheets = whole.result, [(sheet, _of(sheet, unit)) for sheet in whole.criteria if sheet.units]
    if not sheets:
        raise Http404("no base data asked for")
    kept, clashes = more.get("criterion"), more.get("clashes", frozenset())
    forms = [
        unit_form(sheet, data, typed, clashes) if sheet.criterion.pk == kept else unit_form(sheet, data)
        for sheet, data in sheets
    ]
    # Not the result itself: the unit's people may not read it.
    return {
        "indicator": shown.indicator, "agreement": shown.indicator.agreement, "round": shown.round,
        "lead_unit": shown.unit, "unit": unit, "forms": forms, "editable": open_to_units(result),
        "own": "report" in rights, "lead_result": result.pk if "state" in rights else None,
        "errors": more.get("errors", {}), "changed": more.get("changed"), "refused": more.get("refused"),
        "unsaved": kept, "result_pk": result.pk, "here": reverse("base_data", args=[result.pk, unit.code]),
    }


def _of(sheet: CriterionSheet, unit: Unit) -> UnitData:
    return next(data for data in sheet.units if data.unit.pk == unit.pk)


def _save(request: HttpRequest, result: Result, unit: Unit, rights: frozenset[str]) -> HttpResponse:
    criteria = Criterion.objects.filter(indicator=result.indicator_id).prefetch_related("variables")
    criterion = next((one for one in criteria if str(one.pk) == request.POST.get("criterion")), None)
    if criterion is None or not criterion.formula:
        raise Http404("no base data asked for by this criterion")
    prefix = f"c{criterion.pk}-"
    typed = {key.removeprefix(prefix): value for key, value in request.POST.items() if key.startswith(prefix)}
    errors: Errors = {}
    entry, was = _read(request.POST, criterion, prefix, errors), _read(request.POST, criterion, f"{prefix}was-")
    again = {"criterion": criterion.pk, "errors": errors}
    try:
        if not errors:
            save_base_data(result, unit, criterion, entry=entry, was=was, by=request.user)
    except NotAllowed as refusal:
        again["refused"] = refusal.message
    except EngineError as error:
        errors[prefix + error.field.removeprefix("result.").replace(".", "-")] = error.message
    except ChangedMeanwhile as change:
        again |= {"clashes": frozenset(change.fields), "changed": change.stored.report}
    if errors or len(again) > 2:
        result.refresh_from_db(fields=["state"])
        context = _context(result, unit, rights, typed, **again)
        return render(request, "scoring/base_data.html", context, status=422 if errors else 409)
    messages.success(request, gettext("Saved."), extra_tags="saved")
    return redirect(request.path if "report" in rights else f"{reverse('result', args=[result.pk])}#{prefix}units")


def _read(post: QueryDict, criterion: Criterion, prefix: str, errors: Errors | None = None) -> UnitEntry | None:
    """The fields behind a prefix; None for 'was' fields that aren't on the form. What can't be read is told at its
    field where `errors` is given."""
    names = [variable.name for variable in criterion.variables.all() if f"{prefix}data-{variable.name}" in post]
    if errors is None and f"{prefix}reason" not in post:
        return None
    values = {}
    for name in names:
        key = f"{prefix}data-{name}"
        try:
            values[name] = parse_number(post[key]) if post[key].strip() else None
        except EngineError as error:
            if errors is not None:
                errors[key] = error.message
    reason = post.get(f"{prefix}reason", "")
    if len(reason) > LONGEST_TEXT and errors is not None:
        errors[f"{prefix}reason"] = Message(
            f"ข้อความยาวเกินไป: ย่อให้ไม่เกิน {LONGEST_TEXT:,} ตัวอักษร",
            f"The text is too long: shorten it to at most {LONGEST_TEXT:,} characters.",
        )
    return UnitEntry(values, post.get(f"{prefix}not_reported", "") == "on", reason)
