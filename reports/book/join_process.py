"""Joins the parts of a book apart from the task worker: `python -m reports.book.join_process`, its plan as JSON on
standard input (reports/book/joining.py). It needs no Django; time and memory are limited."""
import json
import resource
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path

import pikepdf
from pikepdf import Array, Dictionary, Name, OutlineItem, Page, Pdf, String

from reports.parcels import OUT_OF_MEMORY
from reports.saving import describe, loosen, save_pdf

MEGABYTES, SECONDS = 500, 120
OUT_OF_SPACE = 4


def main() -> None:
    """Join what the plan names; the exit status says whether it was done, OUT_OF_MEMORY or OUT_OF_SPACE what it
    lacked."""
    for what, most in (
        (resource.RLIMIT_CPU, SECONDS), (resource.RLIMIT_DATA, MEGABYTES << 20), (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    try:
        _join(json.load(sys.stdin))
    except MemoryError:
        sys.exit(OUT_OF_MEMORY)


def _join(plan: dict) -> None:
    with ExitStack() as opened:
        book = opened.enter_context(pikepdf.new())
        starts = [_append(book, opened.enter_context(pikepdf.open(file))) for file in plan["files"]]
        _link(book, starts, plan["prefix"])
        _outline(book, starts, plan["outline"])
        _number(book, [opened.enter_context(pikepdf.open(file)) for file in plan["numbers"]])
        _say_what_it_is(book, plan)
        _save(book, plan["target"])


def _save(book: Pdf, target: str) -> None:
    try:
        save_pdf(book, Path(target), deterministic_id=True)
    except OSError as error:
        print(error, file=sys.stderr)
        sys.exit(OUT_OF_SPACE)


def _append(book: Pdf, part: Pdf) -> int:
    """Put a part's sheets behind those that are there; gives the number of its first, from 0."""
    start = len(book.pages)
    loosen(part)
    book.pages.extend(part.pages)
    return start


def _link(book: Pdf, starts: list[int], prefix: str) -> None:
    """Let the links of the first file lead to sheets."""
    places = {f"{prefix}{number}": start for number, start in enumerate(starts)}
    for page in book.pages[: starts[1] if len(starts) > 1 else None]:
        for link in page.obj.get("/Annots", []):
            start = places.get(str(link.get("/A", {}).get("/URI", "")))
            if start is not None:
                del link.A
                link.Dest = _top_of(book, start)


def _top_of(book: Pdf, number: int) -> Array:
    height = book.pages[number].mediabox[3]
    return pikepdf.make_page_destination(book, number, "XYZ", left=0, top=height)


def _outline(book: Pdf, starts: list[int], lines: list[list]) -> None:
    with book.open_outline() as outline:
        outline.root.extend(_items(book, [(title, depth, starts[file]) for title, depth, file in lines], 0))


def _items(book: Pdf, lines: list[tuple[str, int, int]], depth: int) -> Iterator[OutlineItem]:
    """The lines of one depth, each with the deeper ones behind it."""
    tops = [n for n, line in enumerate(lines) if line[1] == depth]
    for n, end in pairwise([*tops, len(lines)]):
        title, _, start = lines[n]
        item = OutlineItem(title, _top_of(book, start))
        item.children.extend(_items(book, lines[n + 1 : end], depth + 1))
        yield item


def _number(book: Pdf, numbers: list[Pdf]) -> None:
    """Lay the numbers over the sheets, in the same order, the first left out."""
    sheets = (page for document in numbers for page in document.pages)
    for number, (page, over) in enumerate(zip(book.pages[1:], sheets, strict=True), 2):
        _lay(book, page, over, Name(f"/BookNumber{number}"))


def _lay(book: Pdf, page: Page, over: Page, name: Name) -> None:
    page.add_resource(book.copy_foreign(over.as_form_xobject()), Name.XObject, name)
    page.contents_add(b"q\n", prepend=True)
    page.contents_add(f"\nQ\nq {name} Do Q\n".encode())


def _say_what_it_is(book: Pdf, plan: dict) -> None:
    describe(book, plan["title"], plan["lang"])
    labels = Array([0, Dictionary(S=Name.D)])
    if plan["labels"]:
        each = enumerate(plan["labels"])
        labels = Array([item for n, label in each for item in (n, Dictionary(P=String(label)))])
    book.Root.PageLabels = book.make_indirect(Dictionary(Nums=labels))


if __name__ == "__main__":
    main()
