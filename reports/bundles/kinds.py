"""The kinds of bundles: who may have one, and how its file is written. A new kind adds its line to KINDS and to
Bundle.Kind."""
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from kpiportal.accounts.models import User
from reports.book.asking import may_have_book, told_of_book
from reports.book.writing import issue_cards, write_book
from reports.library.cards import Tell, issue_missing, may_have, told_of
from reports.library.joined_pdf import write_pdf
from reports.library.zipped import write_zip


class Kind(NamedTuple):
    """`may(asked, user)` says whether everything in it is open to the person; it is asked when the bundle is asked for,
    made, and each time it is fetched. `write(asked, user, folder, tell)` writes one file into an empty folder and gives
    its path, whose name the person will see; it calls `tell(done, total)` after each step, which raises Cancelled, and
    may raise NotMade, NotStored or RenderFailed. `told(asked)` is what the trail says of it, for each unit that it is
    about (None: for no unit). `prepare(asked, user, tell)` does before what is kept anyway, and may be paused by
    `tell` and begun again, so that nobody waits for the task worker meanwhile."""

    may: Callable[[dict, User], bool]
    write: Callable[[dict, User, Path, Tell], Path]
    told: Callable[[dict], dict[int | None, dict]]
    prepare: Callable[[dict, User, Tell], None] | None = None


KINDS: dict[str, Kind] = {
    "zip": Kind(may_have, write_zip, told_of, issue_missing),
    "pdf": Kind(may_have, write_pdf, told_of, issue_missing),
    "book": Kind(may_have_book, write_book, told_of_book, issue_cards),
}
