"""When an item's evidence is complete."""

import pytest

from scoring.engine.completeness import ACCEPTED, INSUFFICIENT, PENDING, Proof, is_complete, lacking


@pytest.mark.parametrize(
    ("points", "proofs", "missing"),
    [
        ("", [], ""),
        ("a", [], "a"),
        ("a", [Proof("a")], ""),
        ("a", [Proof(None)], ""),  # the item's only point needs no choice
        ("ab", [Proof(None)], "ab"),
        ("ab", [Proof("b"), Proof("b")], "a"),
        ("ab", [Proof("b", ACCEPTED), Proof("a", PENDING)], ""),
        ("ab", [Proof("b", INSUFFICIENT), Proof("a")], "b"),
        ("ab", [Proof("b", INSUFFICIENT), Proof("b"), Proof("a")], ""),
        ("ab", [Proof("b", ACCEPTED, available=False), Proof("a")], "b"),
    ],
)
def test_every_required_point_needs_a_document_that_counts(points, proofs, missing):
    assert "".join(lacking(points, proofs)) == missing
    if points:
        assert is_complete(points, proofs) == (missing == "")


def test_an_item_without_required_points_takes_any_document():
    assert not is_complete((), [])
    assert not is_complete((), [Proof(None, INSUFFICIENT), Proof(None, PENDING, available=False)])
    assert is_complete((), [Proof(None, INSUFFICIENT), Proof(None)])
