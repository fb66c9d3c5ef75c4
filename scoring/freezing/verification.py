"""Whether snapshots and seals are what was frozen: hash, what is kept beside the content, numbers, what is in force."""
import json
from collections.abc import Iterator

from scoring.freezing.codec import sha256_of
from scoring.freezing.line import line_of
from scoring.models import Result, RoundSeal, Snapshot


def everything_wrong() -> Iterator[str]:
    """A sentence for each thing that is not as it was frozen."""
    named = Snapshot.objects.select_related("result__indicator", "result__round", "result__unit")
    yield from _chains(named, "result_id")
    yield from _chains(RoundSeal.objects.select_related("round"), "round_id")
    certified = Result.objects.filter(state=Result.State.CERTIFIED)
    in_force = Snapshot.objects.filter(superseded_at__isnull=True)
    for result in certified.exclude(pk__in=in_force.values("result")).select_related("indicator", "round", "unit"):
        yield f"{result}: certified, but no snapshot is in force"
    for snapshot in in_force.exclude(result__in=certified).select_related("result"):
        yield f"{snapshot}: in force, but its result is not certified"


def _chains(found, subject: str) -> Iterator[str]:
    last = None
    for sealed in found.order_by(subject, "number").iterator(chunk_size=20):
        if last is None or getattr(last, subject) != getattr(sealed, subject):
            last = None
        yield from (f"{sealed}: {what}" for what in (*_of_itself(sealed), *_after(last, sealed)))
        last = sealed


def _after(last: Snapshot | RoundSeal | None, sealed: Snapshot | RoundSeal) -> Iterator[str]:
    expected = last.number + 1 if last else 1
    if sealed.number != expected:
        yield f"the number {expected} is missing before it"
    if last and last.superseded_at is None:
        yield "a later one, but the one before is not superseded"
    try:
        said = json.loads(sealed.content)
        if said["number"] != sealed.number:
            yield f"its content says number {said['number']}"
        if said["replaces"] != (last.sha256 if last else ""):
            yield "its content names another one before it"
    except (ValueError, KeyError, TypeError):
        yield "its content can't be read"


def _of_itself(sealed: Snapshot | RoundSeal) -> Iterator[str]:
    if sha256_of(sealed.content) != sealed.sha256:
        yield "its content has another SHA-256"
        return
    if isinstance(sealed, Snapshot):
        try:
            content = json.loads(sealed.content)
            if line_of(content) != sealed.line:
                yield "its line is not that of its content"
        except (ValueError, KeyError, TypeError) as error:
            yield f"its content can't be read ({error!r})"
