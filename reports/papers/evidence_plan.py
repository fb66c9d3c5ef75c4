"""What must be shown for each item of a checklist and why, after seed 000."""
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext, gettext_lazy

from indicators.models import Agreement, ChecklistItem, Criterion
from indicators.queries import whole_criteria
from reports.papers.paper import Asked, Head, Paper, head_of
from reports.workbooks.lists import plan_workbook

# Letters of a cell, about a third of a sheet.
LONG = 900


@dataclass(frozen=True)
class PlanRow:
    """An item, what must be shown for it, and why; lines are parted by '\\n'."""

    item: str
    needs: tuple[str, ...]
    why: str

    @property
    def is_long(self) -> bool:
        """Whether it may go on over a page break; shorter rows stay whole."""
        return len(self.why) > LONG or sum(map(len, self.needs)) > LONG


@dataclass(frozen=True)
class PlanTable:
    """The items of one criterion. `criterion`: '' where the indicator is a single one of the same name."""

    indicator: str
    criterion: str
    rows: tuple[PlanRow, ...]


@dataclass(frozen=True)
class PlanPaper:
    """The evidence plan as it prints: a table for each criterion with a checklist."""

    head: Head
    tables: tuple[PlanTable, ...]


def build(asked: Asked) -> PlanPaper:
    """The plan of an agreement: its definition alone, so that all who see the agreement read it whole."""
    agreement = asked.agreement
    criteria = whole_criteria().select_related("indicator").filter(indicator__agreement=agreement)
    title = gettext("Evidence plan: what must be shown at the assessment")
    return PlanPaper(
        head=head_of(asked, title, draft=agreement.state == Agreement.State.DRAFT),
        tables=tuple(_tables(criteria, asked)),
    )


def _tables(criteria: Iterable[Criterion], asked: Asked) -> Iterable[PlanTable]:
    for criterion in criteria:
        indicator, items = criterion.indicator, list(criterion.items.all())
        if items:
            said = "" if criterion.name == indicator.name else str(criterion)
            name = f"{asked.agreement.word('indicator')} {indicator}"
            yield PlanTable(asked.ink(name), asked.ink(said), tuple(_row(item, asked) for item in items))


def _row(item: ChecklistItem, asked: Asked) -> PlanRow:
    needs = list(item.requirements.all())
    said = [numbered(need.number, need.name) if need.number else f"• {need.name}" for need in needs]
    why = "\n".join(text for text in (item.explanation, *(need.explanation for need in needs)) if text)
    return PlanRow(asked.ink(numbered(item.number, item.name)), tuple(asked.ink(text) for text in said), asked.ink(why))


def numbered(number: str, name: str) -> str:
    """'1. name', '1.1 name'; without a number the name alone."""
    return f"{number}{'' if '.' in number else '.'} {name}" if number else name


PAPER = Paper(
    name="evidence-plan",
    title=gettext_lazy("Evidence plan"),
    about=gettext_lazy("What must be shown for each item at the assessment, numbered, and why."),
    build=build,
    by_round=False,
    workbook=plan_workbook,
)
