"""The cards that a bundle holds: whether a person may have them, issuing those that aren't yet, reading their bytes.

`asked` holds `snapshots` (keys, in the order of the file), `language` ('th' or 'en'), and `portal`, the portal's
address for the QR codes of cards that are issued on the way."""
import hashlib
from collections.abc import Callable, Iterator
from typing import BinaryIO, NamedTuple

from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext

from evidence.problems import FileMissing
from evidence.storage.base import PIECE
from kpiportal.accounts.models import User
from reports.bundles.problems import NotMade
from reports.issuing.problems import NotSigned, Superseded
from reports.issuing.services import issue, storage
from reports.library.names import file_part
from reports.models import IssuedCard
from scoring.engine.text import Message
from scoring.freezing.line import SealedLine, read_line
from scoring.models import Snapshot
from scoring.models.result import visible_results

Tell = Callable[[int, int], None]
BATCH = 200
NOT_SIGNED = Message(
    "ออกรายงานฉบับทางการไม่ได้ เพราะใบรับรองของหน่วยงานใช้ไม่ได้หรือหมดอายุ โปรดแจ้งผู้ดูแลระบบ",
    "Cards can't be issued, for the agency's certificate can't be used or has ended: tell the administrator.",
)
NOTHING_LEFT = Message(
    "รายงานที่เลือกถูกเปิดให้แก้ไขก่อนออกฉบับทางการทั้งหมด โปรดเลือกรายงานใหม่จากคลังรายงาน",
    "All cards that you chose were opened again before they were issued: choose anew in the library.",
)


class Chosen(NamedTuple):
    """A chosen card: the frozen line, the snapshot it was made of, and the issued card (None where it was opened again
    before it was issued)."""

    snapshot: Snapshot
    line: SealedLine
    card: IssuedCard | None


def _whole() -> QuerySet[Snapshot]:
    related = (
        "issued_card", "result__round", "result__unit", "result__indicator__agreement__fiscal_year",
        "result__indicator__agreement__unit",
    )
    return Snapshot.objects.select_related(*related).defer("content")


def may_have(asked: dict, user: User) -> bool:
    """Whether the person may see the results of all these cards. One query beside that of the rights."""
    keys = set(asked["snapshots"])
    found = Snapshot.objects.filter(visible_results(user, "result__"), pk__in=keys)
    return bool(keys) and found.order_by().count() == len(keys)


def told_of(asked: dict) -> dict[int | None, dict]:
    """What the trail says of these cards: of each unit how many, and the numbers of those that are issued."""
    told: dict[int | None, dict] = {}
    keys = Snapshot.objects.filter(pk__in=asked["snapshots"]).order_by("pk")
    for unit, number in keys.values_list("result__unit", "issued_card__number"):
        here = told.setdefault(unit, {"rows": 0, "cards": []})
        here["rows"] += 1
        here["cards"] += [number] if number else []
    return told


def issue_missing(asked: dict, user: User, tell: Tell) -> None:
    """Issue the cards that aren't yet; one that was opened again meanwhile is left out. Half of the steps of a bundle.
    Raises NotMade or RenderFailed."""
    keys = asked["snapshots"]
    issued = set(IssuedCard.objects.filter(snapshot__in=keys).values_list("snapshot", flat=True))
    missing = [pk for pk in keys if pk not in issued]
    done = len(keys) - len(missing)
    tell(done, 2 * len(keys))
    for done, pk in enumerate(missing, done + 1):
        _issue(pk, asked["portal"], user)
        tell(done, 2 * len(keys))


def _issue(pk: int, portal: str, user: User) -> None:
    whole = ("result__indicator__agreement__fiscal_year",)
    snapshot = Snapshot.objects.select_related(*whole).get(pk=pk)
    if snapshot.superseded_at:
        return
    try:
        issue(snapshot, by=user, portal=portal)
    except Superseded:
        return
    except NotSigned as refusal:
        raise NotMade(NOT_SIGNED) from refusal


def chosen_cards(asked: dict) -> Iterator[Chosen]:
    """The chosen cards in their order, read in batches."""
    keys = asked["snapshots"]
    for start in range(0, len(keys), BATCH):
        batch = keys[start : start + BATCH]
        found = _whole().in_bulk(batch)
        for snapshot in (found[pk] for pk in batch):
            yield Chosen(snapshot, read_line(snapshot.line), getattr(snapshot, "issued_card", None))


def file_name(asked: dict, ending: str) -> str:
    """The name of the file in the person's language, with the day and how many cards were asked for."""
    with translation.override(asked["language"]):
        title = gettext("Report cards")
    return f"{file_part(title)} {timezone.localdate():%Y-%m-%d} ({len(asked['snapshots'])}).{ending}"


def copy_card(card: IssuedCard, to: BinaryIO) -> None:
    """Write the bytes of an issued card in pieces. Raises NotMade when they are missing or not those that were issued,
    StorageDown."""
    digest = hashlib.sha256()
    try:
        with storage().read(card.key) as stream:
            while piece := stream.read(PIECE):
                digest.update(piece)
                to.write(piece)
    except FileMissing as error:
        raise NotMade(_not_as_issued(card)) from error
    if digest.hexdigest() != card.sha256:
        raise NotMade(_not_as_issued(card))


def _not_as_issued(card: IssuedCard) -> Message:
    return Message(
        f"ไฟล์ของรายงานเลขที่ {card.number} ที่เก็บไว้หายหรือไม่ตรงกับที่ออก "
        "โปรดแจ้งผู้ดูแลระบบให้ตรวจด้วยคำสั่ง verify_cards",
        f"The stored file of card no. {card.number} is missing or not the one that was issued: tell the administrator, "
        "who checks it with the command verify_cards.",
    )
