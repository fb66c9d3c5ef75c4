"""The kinds of bundles: who may have one, and how its file is written. A new kind adds its line to KINDS and to
Bundle.Kind."""
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from kpiportal.accounts.models import User
from reports.book.asking import may as may_have_book
from reports.book.writing import write as write_book

Tell = Callable[[int, int], None]


class Kind(NamedTuple):
    """`may(asked, user)` says whether everything in it is open to the person; it is asked when the bundle is asked for,
    made, and each time it is fetched. `write(asked, user, folder, tell)` writes one file into an empty folder and gives
    its path, whose name the person will see; it calls `tell(done, total)` after each step, which raises Cancelled, and
    may raise NotMade, NotStored or RenderFailed. `prepare(asked, user, tell)` does before what is kept anyway, and may
    be paused by `tell` and begun again, so that nobody waits for the task worker meanwhile."""

    may: Callable[[dict, User], bool]
    write: Callable[[dict, User, Path, Tell], Path]
    prepare: Callable[[dict, User, Tell], None] | None = None


KINDS: dict[str, Kind] = {
    "book": Kind(may=may_have_book, write=write_book),
}
