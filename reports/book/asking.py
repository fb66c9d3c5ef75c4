"""What a book is asked for, and what of it the person may see."""
from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings
from django.db.models import QuerySet

from indicators.models import Agreement, Round
from kpiportal.accounts.models import User
from reports.bundles.problems import NotMade
from reports.issuing.rendering import LANGUAGE
from reports.papers import Asked
from scoring.engine.text import Message
from scoring.models import Result, Snapshot

GONE = Message(
    "ไม่มีเล่มรายงานของรอบนี้ หรือท่านไม่มีสิทธิดูแล้ว โปรดเลือกรอบใหม่จากหน้าเอกสารของคำรับรอง",
    "There is no book of this round, or it is no longer open to you: choose a round on the agreement's papers page.",
)


@dataclass(frozen=True)
class Wanted:
    """A book to be made: of which round, in which language; `asked` is what its papers are asked for. `reports` are
    those whose cards it holds, of `total` in the round; `issued` is how many cards are issued before."""

    asked: Asked
    round: Round
    language: str
    reports: list[Result]
    total: int
    issued: int

    @property
    def agreement(self) -> Agreement:
        """The agreement that the round belongs to."""
        return self.asked.agreement


def asked_for(round_: Round, *, language: str, digits: str, portal: str, user: User) -> dict:
    """What a person asks for, with the reports that are open to the person now, as plain values. `snapshots` are those
    of which the book takes the issued card and there is none yet; `portal` is the address for their QR codes."""
    reports = list(_reports(round_).visible_to(user).values_list("pk", flat=True))
    to_issue = []
    if language == LANGUAGE and digits == round_.agreement.digits:
        certified = Snapshot.objects.filter(
            result__in=reports, result__state=Result.State.CERTIFIED, superseded_at=None, issued_card=None
        )
        to_issue = list(certified.order_by("pk").values_list("pk", flat=True))
    return {
        "agreement": round_.agreement_id, "round": round_.pk, "language": language, "digits": digits,
        "reports": reports, "snapshots": to_issue, "portal": portal,
    }


def may_have_book(asked: Mapping, user: User) -> bool:
    """Whether all that was asked for is still open to a person."""
    reports = set(asked["reports"])
    return _round(asked, user) is not None and Result.objects.visible_to(user).filter(
        pk__in=reports, round=asked["round"]
    ).count() == len(reports)


def told_of_book(asked: Mapping) -> dict[int | None, dict]:
    """What the trail says of it: of which round, in which language and digits, and how many reports."""
    round_ = Round.objects.select_related("agreement").filter(pk=asked["round"]).first()
    if round_ is None:
        return {}
    words = {name: asked[name] for name in ("language", "digits")}
    return {round_.agreement.unit_id: {"round": round_.months, **words, "rows": len(asked["reports"])}}


def read(asked: Mapping, user: User) -> Wanted:
    """What is to be made, with what is open to the person now. Raises NotMade."""
    round_ = _round(asked, user)
    if round_ is None:
        raise NotMade(GONE)
    reports = _reports(round_).visible_to(user).filter(pk__in=asked["reports"])
    return Wanted(
        asked=Asked(round_.agreement, user, round_.months, asked["digits"]),
        round=round_,
        language=asked["language"],
        reports=list(reports.select_related("indicator__agreement__unit", "indicator__agreement__fiscal_year",
                                            "round", "unit")),
        total=_reports(round_).count(),
        issued=len(asked["snapshots"]),
    )


def rounds_of(agreement: Agreement) -> QuerySet[Round]:
    """The rounds that have a book: all that have begun."""
    return agreement.rounds.exclude(state=Round.State.PLANNED).order_by("months")


def _round(asked: Mapping, user: User) -> Round | None:
    known = asked["language"] in dict(settings.LANGUAGES) and asked["digits"] in Agreement.Digits.values
    agreement = Agreement.objects.visible_to(user).filter(pk=asked["agreement"]).first() if known else None
    if agreement is None:
        return None
    return rounds_of(agreement).filter(pk=asked["round"]).select_related(
        "agreement__unit", "agreement__fiscal_year"
    ).first()


def _reports(round_: Round) -> QuerySet[Result]:
    """The reports of a round in the order of the document."""
    return Result.objects.measured().filter(round=round_).order_by("indicator__order", "unit__path")
