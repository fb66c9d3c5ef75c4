"""Reading what is posted about evidence: parse and shape only, the services decide."""
import datetime
from collections.abc import Iterable
from typing import NamedTuple

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, QueryDict

from indicators.models import ChecklistItem, Criterion, EvidenceRequirement
from scoring.engine.text import EngineError, Message
from scoring.services import NotAllowed
from scoring.services.evidence import OF_ANOTHER

NAMED_FIELDS = ("title", "url", "kept", "letter_number", "letter_date", "issuer")
_NO_DATE = Message(
    "วันที่ของหนังสืออ่านไม่ได้: เลือกจากปฏิทิน หรือกรอกเป็น ปี ค.ศ.-เดือน-วัน เช่น 2016-09-30",
    "The letter's date can't be read: choose it from the calendar, or type it as in 2016-09-30.",
)


class Place(NamedTuple):
    """What evidence is put onto: items, single required points, or (neither) the whole result. `name` is the part of
    the page that it came from: 'i' or 'p' with the primary key, or ''."""

    items: list[ChecklistItem]
    points: list[EvidenceRequirement]
    name: str = ""

    @property
    def item(self) -> ChecklistItem | None:
        """The item to lead back to."""
        return next(iter([*self.items, *(point.item for point in self.points)]), None)


def read_place(post: QueryDict, criteria: Iterable[Criterion]) -> Place:
    """The items (`item`) and points (`point`) that are named by their primary keys, or the `place` chosen from a list
    of both. Raises NotAllowed for one that isn't the indicator's."""
    items = {item.pk: item for criterion in criteria for item in criterion.items.all()}
    points = {need.pk: need for item in items.values() for need in item.requirements.all()}
    chosen = [place for place in post.getlist("place") if place]
    named = [f"i{pk}" for pk in post.getlist("item") if pk], [f"p{pk}" for pk in post.getlist("point") if pk]
    # A point says which item: the item itself is then no place of its own.
    wanted = [*chosen, *(named[1] or named[0])]
    known = {f"i{pk}": item for pk, item in items.items()} | {f"p{pk}": need for pk, need in points.items()}
    if any(place not in known for place in wanted):
        raise NotAllowed(OF_ANOTHER)
    return Place(
        [known[place] for place in wanted if place[0] == "i"], [known[place] for place in wanted if place[0] == "p"],
        next(iter(wanted), ""),
    )


def read_files(request: HttpRequest, name: str = "files") -> list[UploadedFile]:
    """The files of a post, those that could not be taken among them (evidence.uploading)."""
    return request.FILES.getlist(name)


def read_named(post: QueryDict) -> dict | None:
    """The fields of a link, a letter or a document kept elsewhere, as add_evidence takes them; None where none is
    posted. Raises EngineError for a date that can't be read."""
    if not post.get("kind"):
        return None
    fields = {name: post.get(name, "").strip() for name in NAMED_FIELDS}
    named = {"kind": post["kind"], "title": fields["title"], "url": fields["url"], "place": fields["kept"]}
    if post["kind"] == "letter":
        named |= {name: fields[name] for name in ("letter_number", "issuer")}
        named["letter_date"] = _date(fields["letter_date"])
    return named


def _date(typed: str) -> datetime.date | None:
    if not typed:
        return None
    try:
        return datetime.date.fromisoformat(typed)
    except ValueError as error:
        raise EngineError(_NO_DATE, "letter_date") from error
