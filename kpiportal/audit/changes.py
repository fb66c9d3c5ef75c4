"""What an entry says was changed: field by field, before and after, in words that people read."""
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from difflib import SequenceMatcher
from typing import NamedTuple

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext, pgettext
from django.utils.translation import gettext_lazy as _

from kpiportal.audit.models import AuditEvent
from scoring.engine.text import date_text, time_text

LABELS: dict[str, Promise] = {
    "state": _("State"), "version": _("Version"), "measures": _("Measures taken"), "obstacles": _("Obstacles"),
    "suggestions": _("Suggestions"), "supporting_factors": _("Supporting factors"), "text": _("Text"),
    "score": _("Score"), "status": _("Status"), "done": _("Done"), "complete": _("Complete"), "value": _("Value"),
    "why": _("Reason"), "data": _("Base data"), "figure": _("Figure"), "reason": _("Reason"), "name": _("Name"),
    "position": _("Position"), "phone": _("Telephone"), "email": _("E-mail"), "username": _("User name"),
    "role": _("Role"), "unit": _("Unit"), "user": _("User name"), "since": _("First day"), "until": _("Last day"),
    "is_active": _("Active"), "title": _("Title"), "kind": _("Kind"), "items": _("Items"), "points": _("Points"),
    "criterion": _("Criterion"), "size": _("Size"), "number": _("Number"), "path": _("Address"),
    "method": _("Method"), "route": _("Page"), "rows": _("Lines"), "format": _("Format"), "result": _("Result"),
    "evidence": _("Evidence"), "round": _("Round"), "texts": _("Texts"), "not_reported": _("Not reported"),
    "stage": _("Mark of"), "criteria": _("Criteria"), "submission": _("Submission"), "verdict": _("Verdict"),
    "comment": _("Comment"), "cards": _("Cards"), "language": _("Language"), "digits": _("Digits"),
}
WORDS: dict[str, Promise] = {
    "draft": _("Draft"), "submitted": _("Submitted"), "returned": _("Returned"), "approved": _("Approved"),
    "certified": _("Certified"), "planned": _("Planned"), "open": _("Open"), "closed": _("Closed"),
    "reported": _("Reported"), "not_reported": _("Not reported"), "collector": _("Data collector"),
    "supervisor": _("KPI supervisor"), "office": _("Performance office"), "auditor": _("Auditor"),
    "admin": _("Administrator"), "self": _("Self-assessment"), "accepted": _("Accepted"),
    "insufficient": _("Not enough"),
}
SAID_IN_WORDS = {"state", "status", "role", "stage", "verdict"}
LONG = 80  # characters, from which on the difference is shown inside the text
AROUND = 40  # characters that stay on either side of a difference
MOST_TOKENS = 3_000
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d.*")
# Words; of Thai, which has no spaces between them, syllable-like clusters; spaces and other characters singly.
_TOKEN = re.compile(r"[A-Za-z0-9_.,]+|[เ-ไ]?[ก-ฮ][\u0e30-\u0e3a\u0e45-\u0e4e]*|\s+|.", re.DOTALL)


class Piece(NamedTuple):
    """A part of a text: 'same', 'gone' or 'new'."""

    kind: str
    text: str


class Change(NamedTuple):
    """A field that changed; `pieces` is the difference where the texts are long."""

    label: str
    before: str
    after: str
    pieces: list[Piece]


def changes_of(
    entry: AuditEvent, *, names: Mapping[str, str] | None = None, without: frozenset[str] = frozenset()
) -> list[Change]:
    """The fields that differ; `names` gives words for keys such as 'criterion 20', `without` leaves fields out."""
    before, after = (part if isinstance(part, dict) else {} for part in (entry.before, entry.after))
    return [
        Change(" · ".join(_label(part, names or {}) for part in path), *_worded(path[-1], old, new))
        for path, old, new in _leaves(before, after)
        if not without & set(path)
    ]


def _leaves(before: dict, after: dict, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], object, object]]:
    for key in [*before, *(key for key in after if key not in before)]:
        old, new = before.get(key), after.get(key)
        if old == new and key in before and key in after:
            continue
        if isinstance(old, dict) or isinstance(new, dict):
            parts = (part if isinstance(part, dict) else {} for part in (old, new))
            yield from _leaves(*parts, path=(*path, key))
        else:
            yield (*path, key), old, new


def _label(key: str, names: Mapping[str, str]) -> str:
    return names.get(key) or str(LABELS.get(key, key))


def _worded(key: str, old: object, new: object) -> tuple[str, str, list[Piece]]:
    if key in SAID_IN_WORDS:
        old, new = (str(WORDS[each]) if isinstance(each, str) and each in WORDS else each for each in (old, new))
    before, after = value_text(old), value_text(new)
    long = isinstance(old, str) and isinstance(new, str) and max(len(before), len(after)) > LONG
    return before, after, difference(before, after) if long and old and new else []


def value_text(value: object) -> str:
    """A value as people read it; '–' for nothing."""
    if value is None or value == "" or value == [] or value == {}:
        return "–"
    if isinstance(value, bool):
        return pgettext("value", "yes") if value else pgettext("value", "no")
    if isinstance(value, list):
        return ", ".join(map(value_text, value))
    if isinstance(value, dict):
        return "; ".join(f"{LABELS.get(key, key)}: {value_text(each)}" for key, each in value.items())
    return _moment_text(str(value))


def _moment_text(text: str) -> str:
    language = get_language() or "th"
    try:
        if _DAY.fullmatch(text):
            return date_text(date.fromisoformat(text), language)
        if _MOMENT.fullmatch(text):
            moment = datetime.fromisoformat(text)
            moment = timezone.localtime(moment) if timezone.is_aware(moment) else moment
            return f"{date_text(moment.date(), language)} {time_text(moment, language)}"
    except ValueError:
        pass
    return text


def difference(before: str, after: str) -> list[Piece]:
    """Both texts in one: what stayed (shortened), what is gone, what is new."""
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    if len(old) > MOST_TOKENS or len(new) > MOST_TOKENS:
        return []
    pieces = []
    for kind, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            pieces.append(Piece("same", "".join(old[i:j])))
            continue
        if j > i:
            pieces.append(Piece("gone", "".join(old[i:j])))
        if m > k:
            pieces.append(Piece("new", "".join(new[k:m])))
    return [_shortened(piece, n == 0, n == len(pieces) - 1) for n, piece in enumerate(pieces)]


def _shortened(piece: Piece, first: bool, last: bool) -> Piece:
    if piece.kind != "same" or len(piece.text) <= 2 * AROUND + 10:
        return piece
    head = "" if first else piece.text[:AROUND]
    tail = "" if last else piece.text[-AROUND:]
    return Piece("same", f"{head} … {tail}")
