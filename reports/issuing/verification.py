"""Whether the rows of issued cards and the stored files agree: every card has its very bytes, every file its card."""
from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

from django.utils import timezone

from evidence.problems import FileMissing
from evidence.storage.base import Entry, sha256_of
from reports.issuing.services import storage
from reports.models import IssuedCard

# A card that is being issued has its file before its row; that takes seconds.
GRACE = timedelta(hours=1)


class Wrong(NamedTuple):
    """One thing that is wrong: a sentence, and for what a sweep may remove, the file's name in the storage."""

    sentence: str
    key: str = ""
    leftover: bool = False

    def sweep(self) -> bool:
        """Remove the file, if it is one that no card needs; says whether it was."""
        if not self.key or IssuedCard.objects.filter(sha256__startswith=self.key).exists():
            return False
        (storage().discard_leftover if self.leftover else storage().discard)(self.key)
        return True


def everything_wrong() -> Iterator[Wrong]:
    """All disagreements, one by one; every byte is read. Raises StorageDown."""
    listed = {entry.key: entry for entry in storage().entries()}
    keys = set()
    for card in IssuedCard.objects.order_by("pk").iterator():
        keys.add(card.key)
        yield from _of_card(card)
    yield from _without_card(listed, keys)


def _of_card(card: IssuedCard) -> Iterator[Wrong]:
    try:
        with storage().read(card.key) as stream:
            size, sha256 = sha256_of(stream)
    except FileMissing:
        yield Wrong(f"card {card.number} has no file {card.key}")
        return
    if size != card.size:
        yield Wrong(f"card {card.number} was issued with {card.size} bytes, its file {card.key} has {size}")
    elif sha256 != card.sha256:
        yield Wrong(f"card {card.number} was issued with another SHA-256 than its file {card.key} has: {sha256}")


def _without_card(listed: dict[str, Entry], keys: set[str]) -> Iterator[Wrong]:
    before = timezone.now() - GRACE
    for key, entry in listed.items():
        if key not in keys and entry.modified < before:
            yield Wrong(f"no card knows the file {key} ({entry.size} bytes)", key)
    for entry in storage().leftovers():
        if entry.modified < before:
            yield Wrong(f"an interrupted issuing was left behind: {entry.key}", entry.key, leftover=True)
