"""Loading the files of fixtures/ through the services: people, definitions, results."""
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import yaml
from django.conf import settings
from django.db import transaction

from evidence.services import add_evidence
from indicators.models import Agreement, ChecklistItem, Criterion
from indicators.services import create_agreement, put_in_force
from kpiportal.accounts.models import Unit, User
from kpiportal.accounts.services import create_unit, create_user, grant
from scoring.models import Result
from scoring.services import approve, open_round, return_, save_draft, submit, use_evidence
from scoring.values import CriterionEntry, ResultEntry

FIXTURES = settings.BASE_DIR / "fixtures"


def read(path: Path) -> dict:
    """One YAML file of fixtures/, described in fixtures/README.md."""
    with path.open(encoding="utf-8") as file:
        return yaml.load(file, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def agreement_files() -> list[Path]:
    """The files that hold an agreement each, in the order of their names."""
    return sorted(path for path in FIXTURES.glob("*.yaml") if path.name != "people.yaml")


@transaction.atomic
def load_people(data: Mapping, password: str | None) -> None:
    """Add the units and people that aren't there yet, with their memberships; demo accounts get the password."""
    new: dict[str, User] = {}
    for row in data["units"]:
        if not Unit.objects.filter(code=row["code"]).exists():
            parent = Unit.objects.get(code=row["parent"]) if row.get("parent") else None
            create_unit(
                code=row["code"], name=row["name"], short_name=row.get("short_name", ""), kind=row["kind"],
                parent=parent, by=None,
            )
    for row in data["people"]:
        if not User.objects.filter(username=row["username"]).exists():
            new[row["username"]] = create_user(
                username=row["username"], name=row["name"], position=row.get("position", ""),
                phone=row.get("phone", ""), email=row.get("email", ""), is_demo=row.get("demo", False),
                password=password if row.get("demo") else None, by=None,
            )
    # Someone who was there already keeps the rights they have now, also those that were taken away since.
    for row in data["memberships"]:
        if row["person"] in new:
            grant(user=new[row["person"]], unit=Unit.objects.get(code=row["unit"]), role=row["role"], by=None)


@transaction.atomic
def load_agreement(data: Mapping, *, with_results: bool = True) -> Agreement:
    """Make the agreement of one file, put it in force, open its rounds and enter its results, all or nothing.
    An agreement that is there already stays untouched."""
    head = data["agreement"]
    existing = Agreement.objects.filter(code=head["code"]).first()
    if existing:
        return existing
    agreement = create_agreement(data, by=None)
    if head.get("in_force"):
        agreement = put_in_force(agreement, by=None)
        for row in head.get("rounds", ()):
            if row.get("open"):
                open_round(agreement.rounds.get(months=row["months"]), by=None)
    if with_results:
        definitions = {row["key"]: row for row in data["indicators"]}
        for row in data.get("results") or ():
            _load_result(agreement, row, definitions)
    return agreement


def _load_result(agreement: Agreement, row: Mapping, definitions: Mapping[str, Mapping]) -> None:
    result = Result.objects.select_related("indicator", "round", "unit").get(
        indicator__agreement=agreement, indicator__order=list(definitions).index(row["indicator"]) + 1,
        round__months=row["round"], unit__code=row["unit"],
    )
    maker = _person(row, "submitted_by") or User.objects.get(
        pk=result.indicator.assignments.filter(round=result.round, role="collector").order_by("order")[0].person_id
    )
    keys = [c["key"] for c in definitions[row["indicator"]].get("criteria") or ({"key": ""},)]
    criteria = dict(zip(keys, Criterion.objects.filter(indicator=result.indicator).order_by("order"), strict=True))
    entries = {criteria[c["key"]].pk: _entry(c) for c in row["criteria"]}
    save_draft(result, ResultEntry(texts=row.get("texts") or {}, criteria=entries), by=maker)
    for evidence_row in row.get("evidence") or ():
        _load_evidence(result, evidence_row, criteria, maker)
    if row["state"] != "draft":
        result = submit(result, by=maker)
    if row["state"] == "approved":
        approve(result, by=_person(row, "decided_by"))
    if row["state"] == "returned":
        return_(result, reason=row["return_reason"], by=_person(row, "decided_by"))


def _person(row: Mapping, key: str) -> User | None:
    return User.objects.get(username=row[key]) if row.get(key) else None


def _entry(row: Mapping) -> CriterionEntry:
    entry = CriterionEntry(text=row.get("text") or "", reason=row.get("reason") or "")
    entry["not_reported"] = row.get("status") == "not_reported"
    if "value" in row:
        entry["value"] = Decimal(row["value"])
    if "count" in row:
        entry["count"] = row["count"]
    if "done" in row:
        entry["done"] = frozenset(row["done"])
        entry["nothing"] = not row["done"]
        entry["complete"] = frozenset(row.get("complete", ()))
        entry["item_reasons"] = dict.fromkeys(row.get("complete", ()), row.get("complete_reason", ""))
    if "data" in row:
        entry["data"] = {name: Decimal(value) for name, value in row["data"].items()}
    return entry


def _load_evidence(result: Result, row: Mapping, criteria: Mapping[str, Criterion], by: User) -> None:
    evidence = add_evidence(
        unit=result.unit, kind=row["kind"], title=row["title"], place=row.get("place", ""), url=row.get("url", ""),
        by=by,
    )
    items = [
        ChecklistItem.objects.get(criterion=criteria[key.split("/")[0]], code=key.split("/")[1])
        for key in row.get("items") or ()
    ]
    use_evidence(result, evidence, items=items, by=by)
