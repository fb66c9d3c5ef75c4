"""The same card a hundred times: the same bytes every time, and the process that prints doesn't grow."""

import hashlib

import pytest

from reports.issuing.rendering import render
from tests.reports.issuing.cards import ISSUE, certified_moi


@pytest.mark.usefixtures("seeds", "db")
def test_a_hundred_times_the_same_bytes():
    snapshot = certified_moi()
    prints = {hashlib.sha256(render(snapshot, ISSUE)).hexdigest() for _ in range(100)}
    assert len(prints) == 1
