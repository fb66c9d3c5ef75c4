"""Everything of a result that is frozen, read from the database as it stands."""
from collections.abc import Iterable

from django.db import models

from indicators.models import Assignment, Group, Indicator
from indicators.queries import reporters_of, whole_criteria
from kpiportal.accounts.models import Unit, User
from scoring.freezing.codec import TABLES, Rows
from scoring.models import BaseDatum, CriterionResult, ItemResult, Marking, Result, UnitReport
from scoring.queries.evidence import documents

WITH = ("indicator__agreement__fiscal_year", "indicator__agreement__unit", "round", "unit")


def read_rows(result: Result) -> tuple[Result, Rows, list[int]]:
    """A result, the rows that it is made of, and the units that report its base data, read anew."""
    result = Result.objects.select_related(*WITH).get(pk=result.pk)
    rows: Rows = {name: [] for name in TABLES}
    agreement = result.indicator.agreement
    rows |= {"results": [result], "agreements": [agreement], "fiscal_years": [agreement.fiscal_year]}
    rows |= {"rounds": [result.round]} | _definition(result) | _marks(result) | _said(result) | _evidence(result)
    given = BaseDatum.objects.filter(round=result.round_id, variable__criterion__indicator=result.indicator_id)
    said = UnitReport.objects.filter(round=result.round_id, criterion__indicator=result.indicator_id)
    rows |= {"base_data": list(given.order_by("pk")), "unit_reports": list(said.order_by("pk"))}
    reporters = [unit.pk for unit in reporters_of(result.indicator)]
    rows["people"] = _named(rows, User, result.makers.values_list("pk", flat=True))
    rows["units"] = _named(rows, Unit, reporters)
    return result, rows, reporters


def _definition(result: Result) -> Rows:
    criteria = list(whole_criteria().filter(indicator=result.indicator_id))
    items = [item for criterion in criteria for item in criterion.items.all()]
    indicators = _with_those_above(result.indicator, Indicator)
    group = indicators[-1].group
    return {
        "groups": _with_those_above(group, Group)[::-1] if group else [],
        "indicators": indicators,
        "criteria": criteria,
        "levels": [level for criterion in criteria for level in criterion.levels.all()],
        "items": items,
        "requirements": [need for item in items for need in item.requirements.all()],
        "variables": [variable for criterion in criteria for variable in criterion.variables.all()],
        "assignments": list(
            Assignment.objects.filter(indicator=result.indicator_id, round=result.round_id, unit=result.unit_id)
        ),
    }


def _with_those_above(row: models.Model, model: type[models.Model]) -> list[models.Model]:
    """A row and its parents, itself first."""
    chain = [row]
    while chain[-1].parent_id is not None:
        chain.append(model.objects.get(pk=chain[-1].parent_id))
    return chain


def _marks(result: Result) -> Rows:
    said = CriterionResult.objects.filter(mark__result=result)
    return {
        "marks": list(result.marks.order_by("pk")),
        "criterion_results": list(said.order_by("mark", "criterion__order")),
        "item_results": list(ItemResult.objects.filter(criterion_result__in=said).order_by("pk")),
        "markings": list(Marking.objects.filter(row__in=said).order_by("pk")),
    }


def _said(result: Result) -> Rows:
    return {
        "item_reviews": list(result.item_reviews.order_by("pk")),
        "questions": list(result.questions.all()),
        "objections": list(result.objections.all()),
        "not_applicable_requests": list(result.not_applicable_requests.all()),
    }


def _evidence(result: Result) -> Rows:
    listed = documents(result)
    return {
        "evidence": [document.evidence for document in listed],
        "file_versions": [version for document in listed for version in document.versions],
        "evidence_uses": [use for document in listed for use in document.uses],
    }


def _named(rows: Rows, model: type[models.Model], more: Iterable[int]) -> list[models.Model]:
    """All people, or units, that the rows refer to."""
    found = set(more)
    for row in (row for each in rows.values() for row in each):
        found |= {
            getattr(row, field.attname) for field in row._meta.concrete_fields if field.related_model is model
        }
    return list(model.objects.filter(pk__in=found - {None}).order_by("pk"))
