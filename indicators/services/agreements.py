"""Making an agreement from its definition, and putting it in force."""
from collections.abc import Mapping

from django.db import transaction

from indicators.models import Agreement, FiscalYear, Round
from indicators.queries import definition_view
from indicators.services.definition import add_groups, add_indicators
from kpiportal.accounts.models import Unit, User
from kpiportal.audit.services import record
from scoring.engine.readiness import Problem, definition_problems


class DefinitionUnfinished(ValueError):
    """A definition can't be put in force; `problems` says everything that is missing, each with its sentence."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("; ".join(problem.message.en for problem in problems))


@transaction.atomic
def create_agreement(data: Mapping, *, by: User | None) -> Agreement:
    """Make a draft agreement from a whole definition (the form of the files in fixtures/: agreement, groups,
    indicators). Raises ValidationError for values that the models refuse, KeyError for a code that isn't known."""
    head = data["agreement"]
    agreement = _create_head(head)
    for round_data in head.get("rounds", ()):
        Round.objects.create(agreement=agreement, months=round_data["months"], due_on=round_data.get("due_on"))
    groups = add_groups(agreement, data.get("groups", ()))
    indicators = add_indicators(agreement, data.get("indicators", ()), groups)
    record(
        "agreement.created", by=by, target=agreement, unit_id=agreement.unit_id,
        after={"code": agreement.code, "indicators": len(indicators), "source": agreement.source},
    )
    return agreement


def _create_head(head: Mapping) -> Agreement:
    scale = head.get("scale", {})
    agreement = Agreement(
        code=head["code"],
        unit=Unit.objects.get(code=head["unit"]),
        fiscal_year=FiscalYear.objects.get_or_create(year=head["year"])[0],
        name=head["name"],
        source=head.get("source", ""),
        is_excerpt=head.get("excerpt", False),
        total_weight=head.get("total_weight", "100"),
        scale_min=scale.get("min", "1"),
        scale_max=scale.get("max", "5"),
        digits=head.get("digits", Agreement.Digits.ARABIC),
        hide_scores=head.get("hide_scores", False),
        wording=head.get("wording", {}),
    )
    agreement.full_clean()
    agreement.save()
    agreement.refresh_from_db()
    return agreement


@transaction.atomic
def put_in_force(agreement: Agreement, *, by: User | None) -> Agreement:
    """Put a draft definition in force. Raises DefinitionUnfinished with every problem at once (for a wrong sum: the
    sum, the expected total and the difference)."""
    agreement = Agreement.objects.select_for_update().get(pk=agreement.pk)
    if agreement.state != Agreement.State.DRAFT:
        return agreement
    problems = definition_problems(definition_view(agreement))
    if problems:
        raise DefinitionUnfinished(problems)
    agreement.state = Agreement.State.IN_FORCE
    agreement.save(update_fields=["state"])
    record(
        "agreement.put_in_force", by=by, target=agreement, unit_id=agreement.unit_id,
        before={"state": "draft"}, after={"state": agreement.state},
    )
    return agreement
