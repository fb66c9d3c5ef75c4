"""An agreement with a text in every field that people can write, and everything that is printed of it."""
import datetime
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import NamedTuple

from django.apps import apps
from django.db.models import CharField, JSONField, Model, QuerySet, TextField
from django.urls import reverse

from evidence.models import Evidence, FileVersion
from evidence.services import add_evidence
from indicators.fields import NumberField
from indicators.models import Agreement, ChecklistItem, EvidenceRequirement, Responsibility
from indicators.models.agreement import DEFAULT_WORDING, new_stamp
from indicators.services import create_agreement, put_in_force
from kpiportal.accounts.models import Unit
from reports.papers import PAPERS
from scoring.models import CriterionResult, ItemResult, Result
from scoring.services import certify, mark_criterion, open_round, save_draft, use_evidence
from scoring.values import ResultEntry
from tests.cast import person
from tests.certified import decided, of
from tests.definitions import FORMULA, ITEMS, MILESTONES, THRESHOLDS, criterion, definition, indicator

APPS = "accounts", "indicators", "evidence", "scoring", "reports"
# No words of people: names that programs read, hashes, what is frozen from the others or is mailed, not printed.
KEPT = {
    "User": {"password", "username", "email"},
    "Unit": {"code", "path"},
    "Agreement": {"code", "definition_stamp"},
    "Criterion": {"kind", "formula"},
    "Variable": {"name"},
    "ChecklistItem": {"code"},
    "Evidence": {"url", "place", "letter_number", "issuer"},  # each in the kinds that have them: `of_kinds`
    "FileVersion": {"key", "sha256", "content_type", "scan_note", "taken_down_reason"},
    "Snapshot": {"content", "sha256", "line"},
    "SealedSummary": {"content", "sha256"},
    "IssuedCard": {"number", "code", "sha256"},
    "ReminderSent": {"content_hash", "keys", "subject", "body"},
}


class Trial(NamedTuple):
    """The agreement of this year, with one of the year before, and its report."""

    agreement: Agreement
    report: Result


def year(number: int) -> Agreement:
    """An agreement of three criteria below a dimension and a group, in force and open."""
    criteria = (
        criterion("milestones", "40", MILESTONES, ITEMS), criterion("thresholds", "30", THRESHOLDS),
        criterion("formula", "30", FORMULA),
    )
    below = {"key": "g", "kind": "group", "number": "1", "name": "group", "weight": "100"}
    groups = [{"key": "d", "kind": "dimension", "number": "1", "name": "dimension", "weight": "100", "groups": [below]}]
    said = definition(indicator("100", *criteria, key="a", group="g"), code=f"y{number}", year=number)
    made = put_in_force(create_agreement(said | {"groups": groups}, by=None), by=None)
    open_round(made.rounds.get(), by=None)
    return made


def trial() -> Trial:
    """Two years with reports, this year's approved, marked otherwise by the office and with evidence of every kind."""
    for made in (year(2568), year(2569)):
        report = of(made, "a")
        pks = dict(report.indicator.criteria.values_list("name", "pk"))
        typed = {pks["milestones"]: {"done": frozenset("a")}, pks["thresholds"]: {"value": Decimal(80)}}
        save_draft(report, ResultEntry(criteria=typed), by=person("collector"))
    item = ChecklistItem.objects.filter(criterion__indicator=report.indicator).first()
    EvidenceRequirement.objects.create(item=item, order=1, name="shown")
    for role in ("operating", "lead_hq"):
        cell = Responsibility.objects.create(indicator=report.indicator, role=role, as_written="units")
        cell.units.set(Unit.objects.filter(code="moi"))
    for evidence in _evidence(report):
        use_evidence(report, evidence, items=[item], by=person("collector"))
    decided(report)
    first = report.indicator.criteria.get(name="thresholds")
    mark_criterion(of(made, "a"), first, score=Decimal(2), reason="reason", by=person("office"))
    return Trial(made, of(made, "a"))


def _evidence(report: Result) -> list[Evidence]:
    """One piece of every kind; the file's bytes are nobody's business here."""
    shared = {"unit": report.unit, "by": person("collector")}
    letter = {"letter_number": "1", "letter_date": datetime.date(2026, 1, 31), "issuer": "issuer"}
    file = Evidence.objects.create(unit=report.unit, kind="file", title="file", created_by=person("collector"))
    FileVersion.objects.create(
        evidence=file, number=1, name="file", key="k" * 32, size=1, sha256="0" * 64, content_type="text/plain",
        uploaded_by=person("collector"),
    )
    return [
        file,
        add_evidence(kind="link", title="link", url="https://www.example.go.th/", place="place", **shared),
        add_evidence(kind="letter", title="letter", **letter, **shared),
        add_evidence(kind="named", title="named", place="place", **shared),
    ]


def text_fields() -> Iterator[tuple[type[Model], list[str]]]:
    """The fields of every model that hold words of people."""
    for model in (model for label in APPS for model in apps.get_app_config(label).get_models()):
        kept = KEPT.get(model.__name__, set())
        names = [
            field.name for field in model._meta.get_fields()
            if isinstance(field, CharField | TextField) and not isinstance(field, NumberField)
            and not field.choices and field.name not in kept
        ]
        if names:
            yield model, names


def fill(made: Trial, text: Callable[[], str]) -> int:
    """Write a text into each field that holds words of people, past the services that would refuse or shorten it;
    gives how many fields there are."""
    filled = 0
    for rows, names in [*((model.objects.all(), names) for model, names in text_fields()), *of_kinds()]:
        rows.update(**{name: text() for name in names})
        filled += len(names)
    Evidence.objects.filter(kind="link").update(url=f"https://www.example.go.th/{text()}")
    wording = {key: text() for key in DEFAULT_WORDING}
    # What was read of a definition is kept under its stamp.
    Agreement.objects.filter(pk=made.agreement.pk).update(wording=wording, definition_stamp=new_stamp())
    CriterionResult.objects.filter(criterion__indicator=made.report.indicator_id, score=None).update(
        status="not_reported", score=Decimal(1)
    )
    ItemResult.objects.filter(item__criterion__indicator=made.report.indicator_id).update(
        done=True, complete=True, declared=True
    )
    return filled + 1 + len(wording)


def of_kinds() -> list[tuple[QuerySet, list[str]]]:
    """The fields that only some kinds of evidence have."""
    kinds = Evidence.objects
    return [
        (kinds.filter(kind="letter"), ["letter_number", "issuer", "place"]), (kinds.filter(kind="named"), ["place"]),
        (kinds.filter(kind="link"), ["place"]),
    ]


def json_fields() -> set[str]:
    """The fields of models that hold JSON, to be named in `fill` one by one."""
    models = (model for label in APPS for model in apps.get_app_config(label).get_models())
    return {
        f"{model.__name__}.{field.name}" for model in models for field in model._meta.get_fields()
        if isinstance(field, JSONField)
    }


def papers_of(made: Trial) -> dict[str, str]:
    """The addresses of all papers' PDFs and of the draft's card, by name."""
    found = {name: reverse("paper_pdf", args=[made.agreement.pk, name]) for name in PAPERS}
    return found | {"card": reverse("card_pdf", args=[made.report.pk])}


def workbooks_of(made: Trial) -> dict[str, str]:
    """The addresses of all workbooks."""
    found = {
        name: reverse("paper_workbook", args=[made.agreement.pk, name])
        for name, paper in PAPERS.items() if paper.workbook
    }
    return found | {"card": reverse("card_xlsx", args=[made.report.pk])}


def certified(made: Trial) -> dict[str, str]:
    """Certify the report; the addresses of the issued card and of its copy."""
    decided(made.report)
    certify(made.report, by=person("office"))
    address = reverse("card_pdf", args=[made.report.pk])
    return {"issued card": address, "copy": f"{address}?copy=1"}
