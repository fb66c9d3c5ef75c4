"""What a paper of an agreement is: who fills it, and how it lies on A4."""
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from django.conf import settings
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from openpyxl import Workbook

from indicators.models import Agreement
from kpiportal.accounts.models import User
from scoring.engine.text import date_text, fiscal_year_text, thai_digits

_STATIC = settings.BASE_DIR / "kpiportal" / "static" / "kpiportal"
STYLES = [_STATIC / name for name in ("paper.css", "charts.css", "paper_pages.css")]


@dataclass(frozen=True)
class Asked:
    """For which agreement and reader a paper is made, of which round (months; None: the newest that has begun), and in
    which digits ('thai' or 'arabic'). `user` None: a command, which sees all. `sides` 'one': the marks that count only,
    without the self-assessment beside them."""

    agreement: Agreement
    user: User | None
    months: int | None = None
    digits: str = Agreement.Digits.ARABIC
    sides: str = ""

    def ink(self, text: str) -> str:
        """Text in the digits of the paper; addresses and names of files stay."""
        return thai_digits(text) if self.digits == Agreement.Digits.THAI else text


@dataclass(frozen=True)
class Head:
    """What stands above every paper, finished: title, agency, fiscal year, and where it belongs to one, the round.
    `months`: the round that is shown; `draft`: its figures may still change, so that it carries a watermark."""

    title: str
    agency: str
    year: str
    round: str = ""
    note: str = ""
    draft: bool = False
    printed_on: str = ""
    months: int | None = None


class Paper(NamedTuple):
    """A paper: its name in addresses and files, what it is called and for, and who fills it. `build` gives a dataclass
    of finished strings with a `head`; templates/reports/papers/<name>.html prints it, on the page and in the PDF alike.
    `across`: A4 lies on its long side, as the original does. `workbook` makes the Excel file, where there is one."""

    name: str
    title: Promise
    about: Promise
    build: Callable[[Asked], object]
    across: bool = False
    by_round: bool = True
    workbook: Callable[[object], Workbook] | None = None

    @property
    def has_workbook(self) -> bool:
        """Whether there is one; templates would call `workbook` itself."""
        return self.workbook is not None


def head_of(asked: Asked, title: str, *, months: int | None = None, note: str = "", draft: bool = False) -> Head:
    """The head of a paper in its digits and in the reader's language."""
    agreement, language = asked.agreement, get_language() or "th"
    return Head(
        title=asked.ink(title),
        agency=asked.ink(agreement.unit.name),
        year=asked.ink(fiscal_year_text(agreement.fiscal_year.year, language)),
        round=asked.ink(gettext("%(months)s-month round") % {"months": months}) if months else "",
        note=asked.ink(note),
        draft=draft,
        printed_on=asked.ink(date_text(timezone.localdate(), language)),
        months=months,
    )
