"""What a card is worth, for anybody who holds it: certified or superseded, and what it certified; nobody's name."""
import datetime
from dataclasses import dataclass
from decimal import Decimal

from django.utils import timezone

from reports.models import IssuedCard
from scoring.freezing.report import thaw


@dataclass(frozen=True)
class Standing:
    """A card without personal data, as it was certified; days as dates, None where there is none."""

    number: str
    code: str
    indicator: str
    agency: str
    months: int
    year: int
    score: Decimal | None
    issued_on: datetime.date
    certified_on: datetime.date
    superseded_on: datetime.date | None
    replaced_by: str
    sha256: str
    data_sha256: str
    is_signed: bool


def standing_of(card: IssuedCard) -> Standing:
    """What may be told of a card to anybody who has its code or its file."""
    snapshot = card.snapshot
    report = thaw(snapshot.content)
    result = report.result
    ended = snapshot.superseded_at
    later = IssuedCard.objects.filter(replaces=card).values_list("number", flat=True).first()
    return Standing(
        number=card.number,
        code=card.code,
        indicator=f"{result.indicator.agreement.word('indicator')} {result.indicator}",
        agency=result.unit.name,
        months=result.round.months,
        year=result.indicator.agreement.fiscal_year.year,
        score=report.figures.score,
        issued_on=timezone.localdate(card.issued_at),
        certified_on=timezone.localdate(snapshot.sealed_at),
        superseded_on=timezone.localdate(ended) if ended else None,
        replaced_by=later or "",
        sha256=card.sha256,
        data_sha256=snapshot.sha256,
        is_signed=card.is_signed,
    )
