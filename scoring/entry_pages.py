"""What the entry page prints around the fields: requests with their effect, what changed since an earlier round."""
from collections import defaultdict
from dataclasses import replace
from decimal import Decimal

from django.utils.translation import gettext

from kpiportal.accounts.models import User
from scoring.beside import Asked, Since, Was
from scoring.engine.text import number_text, score_text
from scoring.leaving_out import left_out
from scoring.models import TEXTS, CriterionResult, NotApplicableRequest
from scoring.pages import CriterionPage, field_label
from scoring.queries.requests import requests_of
from scoring.queries.results import ResultSheet, load_sheet
from scoring.queries.standing import Standing, standing_around
from scoring.services.not_applicable import may_decide_request, may_take_back
from scoring.services.trail import fields_of, state_of
from scoring.values import Value

TICKS = {"done", "complete", "nothing", "not_reported"}


def beside(pages: list[CriterionPage], asked: dict[int, Asked], since: dict[str, Since]) -> list[CriterionPage]:
    """The criteria with their requests and their marks of change."""
    return [replace(page, asked=asked.get(page.criterion.pk), since=since.get(page.prefix)) for page in pages]


def asked_of(sheet: ResultSheet, user: User, hidden: bool) -> dict[int, Asked]:
    """The requests of a result by criterion; whoever may decide on one sees what it does to the scores."""
    result = sheet.result
    found = requests_of(result) if result.asked else {}
    waiting = {
        pk for pk, one in found.items()
        if one.state == NotApplicableRequest.State.PENDING and may_decide_request(one, result, user)
    }
    standing = standing_around(result, user) if waiting and not hidden else None
    # What reviewers marked otherwise before they returned it counts still.
    counting = load_sheet(result, None) if waiting and result.marked else sheet
    return {
        pk: _decidable(one, counting, standing, hidden) if pk in waiting
        else Asked(one, may_take_back=may_take_back(one, result, user))
        for pk, one in found.items()
    }


def _decidable(request: NotApplicableRequest, sheet: ResultSheet, standing: Standing | None, hidden: bool) -> Asked:
    effect = None if hidden else left_out(sheet, request.criterion_id, standing)
    if effect is None:
        return Asked(request, may_decide=True)
    groups = tuple((name, *_printed(scores)) for name, scores in effect.groups)
    agreement = None if effect.agreement is None else _printed(effect.agreement)
    return Asked(request, True, _printed(effect.indicator), groups, agreement)


def _printed(scores: tuple[Decimal | None, Decimal | None]) -> tuple[str, str]:
    return score_text(scores[0]), score_text(scores[1])


def copy_months(sheet: ResultSheet, editable: bool) -> int | None:
    """The months of the round that could be copied from: one that was saved, while something is still open here and
    nothing was copied yet."""
    result, status = sheet.result, CriterionResult.Status
    something_open = any(one.row.status == status.OPEN for one in sheet.criteria)
    return result.earlier_months if editable and something_open and result.copied_from_id is None else None


def since_source(sheet: ResultSheet, source: ResultSheet) -> dict[str, Since]:
    """What each part (a criterion by its prefix, a text by its name) says other than the earlier report that it was
    begun with; parts of which neither says anything are left out."""
    now, then = (fields_of(state_of(one.result, one.criteria)) for one in (sheet, source))
    ticked = {f"c{one.criterion.pk}" for one in sheet.criteria if one.criterion.items.all()}
    computed = {f"c{one.criterion.pk}" for one in sheet.criteria if one.criterion.formula}
    rows: dict[str, list[Was]] = defaultdict(list)
    for field in then | now:
        part, name = part_of(field)
        if (name == "nothing" and part not in ticked) or (name == "value" and part in computed):
            continue  # what follows from the other fields there
        rows[part] += [] if now.get(field) == then.get(field) else [was(field, then.get(field), sheet)]
    return {part: Since(source.result.round.months, tuple(found)) for part, found in rows.items()}


def part_of(field: str) -> tuple[str, str]:
    """'c7-data-A' is the field 'data' of the part 'c7'; a text is a part of its own."""
    part, _, name = field.partition("-")
    return part, name.partition("-")[0]


def was(field: str, value: Value, sheet: ResultSheet) -> Was:
    """A field with a value, in words."""
    name = part_of(field)[1]
    label = "" if field in TEXTS else field_label(field, sheet)
    if name in TICKS:
        return Was(label, gettext("ticked") if value else gettext("not ticked"))
    if value is None:
        return Was(label, gettext("empty"))
    return Was(label, number_text(value) if isinstance(value, Decimal) else str(value))
