"""What a report card prints, finished, in print order: made by reports/cards.py, drawn by templates/reports/."""
from dataclasses import dataclass

from reports.beside import Beside, Figures

# Letters that a table may hold and still stay on one sheet: some thirty lines. A longer one would be tried on one sheet
# and laid out anew on the next, each of its rows again.
LONG = 3000


@dataclass(frozen=True)
class PersonLine:
    """A person on the card; Thai paper writes telephones in Thai digits too."""

    name: str
    position: str
    phone: str


@dataclass(frozen=True)
class ScoreLine:
    """'indicator | weight | result | score | weighted score'."""

    name: str
    weight: str
    result: str
    score: str
    weighted: str

    @property
    def is_long(self) -> bool:
        """Whether it may be broken between sheets."""
        return len(self.name) > LONG


@dataclass(frozen=True)
class IssueCard:
    """One criterion on the card: its items and criteria table, what was done, and its line."""

    number: str
    name: str
    weight: str
    intro: str
    note: str
    items: list[str]
    levels: list[tuple[str, str, str]]  # position, wording, score
    across: bool  # targets stand side by side
    text: str
    reason: str
    not_applicable: bool
    line: ScoreLine
    steps: list[str]  # the cells of the summary table's level columns
    own: Figures | None = None  # the self-assessment, where both sides are printed

    @property
    def is_long(self) -> bool:
        """Whether its criteria table may be broken between sheets, within a row too."""
        return sum(len(wording) for _, wording, _ in self.levels) > LONG


@dataclass(frozen=True)
class FormulaCard:
    """Σ(W × SM) / ΣW: the numbers of the issues as a subscript, and the same with the numbers put in."""

    first_last: str
    numerator: str
    denominator: str
    sum_weighted: str
    sum_weights: str
    score: str


@dataclass(frozen=True)
class EvidenceLine:
    """One entry of the numbered evidence list; `file` is the newest file's name where that isn't the title."""

    title: str
    letter: str
    url: str
    place: str
    file: str


@dataclass(frozen=True)
class SealLine:
    """What a certified card says of itself: the number of its snapshot, the day, the beginning of its hash, and since
    when another is in force ('' where none is)."""

    number: str
    day: str
    hash: str
    superseded: str


@dataclass(frozen=True)
class CardData:
    """Everything a report card prints, finished, in print order."""

    title: str
    rounds: list[tuple[str, bool]]  # months, whether it is this round
    indicator: str
    agency: str
    year: str
    excerpt: str
    state: str
    is_draft: bool
    digits: str
    words: dict[str, str]
    supervisor: PersonLine | None
    collectors: list[PersonLine]
    description: str
    issues: list[IssueCard]
    step_heads: list[str]
    average: FormulaCard | None
    open_weight: str
    line: ScoreLine
    texts: dict[str, str]
    evidence: list[EvidenceLine]
    hidden: bool
    seal: SealLine | None
    beside: Beside | None = None

    @property
    def all_scored(self) -> bool:
        """Whether every criterion counts in the average."""
        return not self.open_weight and not any(issue.not_applicable for issue in self.issues)
