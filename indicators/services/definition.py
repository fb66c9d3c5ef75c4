"""The parts of a definition, made from plain data: groups, indicators, criteria with their rubrics, people."""
from collections.abc import Iterable, Mapping

from indicators.models import (
    Agreement,
    Assignment,
    ChecklistItem,
    Criterion,
    EvidenceRequirement,
    Group,
    Indicator,
    Level,
    Responsibility,
    Round,
    RoundWeight,
    Variable,
)
from indicators.services.rows import insert
from kpiportal.accounts.models import Unit, User


def add_groups(agreement: Agreement, rows: Iterable[Mapping], parent: Group | None = None) -> dict[str, Group]:
    """Add groups depth first, in the order of the document; gives them by their keys."""
    groups: dict[str, Group] = {}
    for row in rows:
        group = Group(
            agreement=agreement, parent=parent, kind=row["kind"], order=agreement.groups.count() + 1,
            number=row.get("number", ""), label=row.get("label", ""), name=row["name"], weight=row.get("weight"),
        )
        insert(group)
        groups[row["key"]] = group
        groups |= add_groups(agreement, row.get("groups", ()), group)
    return groups


def add_indicators(agreement: Agreement, rows: Iterable[Mapping], groups: Mapping[str, Group]) -> list[Indicator]:
    """Add indicators in the order of the document, each with its criteria, responsibilities and people."""
    indicators: dict[str, Indicator] = {}
    for order, row in enumerate(rows, 1):
        lead = row.get("lead_unit")
        indicator = Indicator(
            agreement=agreement,
            group=groups[row["group"]] if row.get("group") else None,
            parent=indicators[row["parent"]] if row.get("parent") else None,
            order=order,
            number=row.get("number", ""),
            name=row["name"],
            description=(row.get("description") or "").strip(),
            unit_of_measure=row.get("unit_of_measure", ""),
            weight=row.get("weight"),
            lead_unit=Unit.objects.get(code=lead) if lead else None,
            first_round=row.get("first_round"),
            cancelled_from=row.get("cancelled_from"),
        )
        insert(indicator)
        indicators[row["key"]] = indicator
        add_criteria(indicator, row)
        add_responsibilities(indicator, row.get("responsibilities", ()))
        add_people(indicator, row)
        add_round_weights(indicator, row.get("round_weights", {}))
    return list(indicators.values())


def add_round_weights(indicator: Indicator, weights: Mapping[int, str]) -> None:
    """Add the weights that the indicator has in single rounds, by the round's months."""
    for months, weight in weights.items():
        round_ = Round.objects.get(agreement=indicator.agreement, months=months)
        insert(RoundWeight(indicator=indicator, round=round_, weight=weight))


def add_criteria(indicator: Indicator, row: Mapping) -> None:
    """Add the indicator's issues; an indicator without issues of its own is one with a single criterion."""
    rows = row.get("criteria") or ()
    if "rubric" in row:
        rows = [{"name": indicator.name, "weight": row.get("weight"), **_single(row)}]
    for order, criterion_row in enumerate(rows, 1):
        add_criterion(indicator, order, criterion_row)


def _single(row: Mapping) -> dict:
    return {key: row[key] for key in ("rubric", "items", "unit_of_measure", "note", "intro") if key in row}


def add_criterion(indicator: Indicator, order: int, row: Mapping) -> Criterion:
    """Add one criterion with its levels, items, requirements and variables."""
    rubric = row.get("rubric") or {}
    criterion = Criterion(
        indicator=indicator, order=order, number=row.get("number", ""), name=row["name"], weight=row.get("weight"),
        unit_of_measure=row.get("unit_of_measure", ""), intro=(row.get("intro") or "").strip(),
        note=(row.get("note") or "").strip(), kind=rubric.get("kind", ""),
        between=rubric.get("between", Criterion.Between.INTERPOLATE), formula=rubric.get("formula", ""),
        counted=rubric.get("counted", Criterion.Counted.ITEMS),
    )
    insert(criterion)
    levels_by_item = _add_levels(criterion, rubric.get("levels", ()))
    _add_items(criterion, row.get("items", ()), levels_by_item)
    for position, variable in enumerate(rubric.get("variables", ()), 1):
        Variable.objects.create(
            criterion=criterion, order=position, name=variable["name"], label=variable["label"],
            unit_of_measure=variable.get("unit", ""),
        )
    return criterion


def _add_levels(criterion: Criterion, rows: Iterable[Mapping]) -> dict[str, Level]:
    rows = list(rows)
    levels = [
        Level(
            criterion=criterion, score=row["score"], wording=row.get("wording", ""), target=row.get("target"),
            items_needed=row.get("items_needed"), when=row.get("when", ""),
        )
        for row in rows
    ]
    insert(*levels)
    return {item: level for row, level in zip(rows, levels, strict=True) for item in row.get("items", ())}


def _add_items(criterion: Criterion, rows: Iterable[Mapping], levels: Mapping[str, Level]) -> None:
    rows = list(rows)
    items = [
        ChecklistItem(
            criterion=criterion, level=levels.get(row["key"]), order=order, code=row["key"],
            number=row.get("number", ""), name=row["name"], explanation=(row.get("explanation") or "").strip(),
        )
        for order, row in enumerate(rows, 1)
    ]
    insert(*items)
    EvidenceRequirement.objects.bulk_create(
        EvidenceRequirement(
            item=item, order=position, number=need.get("number", ""), name=need["name"],
            explanation=(need.get("explanation") or "").strip(),
        )
        for row, item in zip(rows, items, strict=True) for position, need in enumerate(row.get("requirements", ()), 1)
    )


def add_responsibilities(indicator: Indicator, rows: Iterable[Mapping]) -> None:
    """Add the indicator's row of the responsibility matrix, units resolved."""
    for row in rows:
        cell = Responsibility(indicator=indicator, role=row["role"], as_written=row["as_written"])
        insert(cell)
        units = {unit.code: unit for unit in Unit.objects.filter(code__in=row["units"])}
        # Not set(): the matrix has an order, and the base data are shown in it.
        place = Responsibility.units.through
        named = [units[code] for code in dict.fromkeys(row["units"])]
        place.objects.bulk_create([place(responsibility=cell, unit=unit) for unit in named])


def add_people(indicator: Indicator, row: Mapping) -> None:
    """Assign supervisor and collectors: to every round, or to the one that the row names."""
    wanted = [(row["supervisor"], Assignment.Role.SUPERVISOR)] if row.get("supervisor") else []
    wanted += [(collector, Assignment.Role.COLLECTOR) for collector in row.get("collectors", ())]
    unit = indicator.lead_unit or indicator.agreement.unit
    for order, (person_row, role) in enumerate(wanted, 1):
        person = User.objects.get(username=person_row["person"])
        for round_ in Round.objects.filter(agreement=indicator.agreement):
            if person_row.get("round") in (None, round_.months):
                Assignment.objects.create(
                    indicator=indicator, round=round_, unit=unit, person=person, role=role, order=order
                )
