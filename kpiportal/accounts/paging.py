"""Long lists page by page."""
from collections.abc import Sequence
from typing import NamedTuple

from django.core.paginator import Page, Paginator
from django.http import QueryDict

SIZE = 50


class Pages(NamedTuple):
    """One page of a list, and the queries that lead to the pages beside it (empty where there is none)."""

    page: Page
    before: str
    after: str


def page_of(rows: Sequence, query: QueryDict) -> Pages:
    """The page that the query asks for by `page`; the last one of a number that is too high, the first of nonsense."""
    page = Paginator(rows, SIZE).get_page(query.get("page"))
    before = _to(query, page.previous_page_number()) if page.has_previous() else ""
    after = _to(query, page.next_page_number()) if page.has_next() else ""
    return Pages(page, before, after)


def _to(query: QueryDict, number: int) -> str:
    there = query.copy()
    there["page"] = number
    return there.urlencode()
