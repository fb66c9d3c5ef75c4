"""A permission check in the code is taken out by itself in a copy: the tests of access must fail without it.

A dozen checks a day, others every day; CHECKS_OF=7 takes the dozen of that number, EVERY_CHECK=1 takes all, for hours.
"""
import os
import random
import shutil
import subprocess
import sys
from itertools import cycle, islice
from pathlib import Path

import pytest
from django.utils import timezone

from tests.access.checks import ROOT, Check, checks

MATRIX = ["tests/test_access_matrix.py"]
FOREIGN = ["tests/test_access_foreign.py", "-k", "not fields_of_any_model"]
# Which addresses of the matrix are tried first, by a part of the file's path; then all others.
FIRST = {
    "review": "review", "marking": "review", "talk": "question or objection or review", "questions": "question",
    "objections": "objection", "across": "across", "certify": "certify", "sealing": "certify or result_decide",
    "queue": "queue", "grants": "grants", "round": "round", "weight": "round", "assign": "round", "board": "board",
    "decisions": "result_", "not_applicable": "not_applicable", "request": "not_applicable or copy",
    "carry": "copy", "attaching": "evidence_", "evidence": "evidence_", "base_data": "base_data",
    "planner": "planner or what_if", "accounts/": "people or person or grant or first_sign_in", "reports/": "card",
    "indicators/": "indicator or agreement", "rules": "result_ or not_applicable", "entry": "result",
    "drawing": "result or offers", "": "result_ or agreement",
}
# Where the matrix can't see it: the tests that do.
ALSO = {
    "scoring/queries/queue": ["tests/scoring/test_queue.py"],
    "scoring/queries/across": ["tests/scoring/test_across.py"],
    "scoring/across": ["tests/scoring/test_across.py"],
    "scoring/queries/reviews": ["tests/scoring/test_review_page.py"],
    "scoring/review": ["tests/scoring/test_review_page.py"],
    "scoring/talk": ["tests/scoring/test_questions.py", "tests/scoring/test_objections.py"],
    "scoring/services/": ["tests/scoring/test_questions.py", "tests/scoring/test_objections.py",
                          "tests/scoring/test_marking.py", "tests/scoring/test_sealing.py"],
    "scoring/queries/rounds": ["tests/scoring/test_rounds.py"],
    "scoring/board": ["tests/scoring/test_board.py"],
    "scoring/queries/board": ["tests/scoring/test_board.py"],
    "kpiportal/accounts/": ["tests/accounts"],
    "indicators/": ["tests/indicators"],
    "scoring/": ["tests/test_access.py", "tests/scoring/test_hidden_scores.py", "tests/scoring/test_units_below.py",
                 "tests/scoring/test_decisions.py", "tests/scoring/test_not_applicable.py",
                 "tests/scoring/test_evidence.py", "tests/scoring/test_base_data.py"],
    "reports/": ["tests/scoring/test_hidden_scores.py", "tests/reports/test_cards.py",
                 "tests/reports/issuing/test_issuing.py"],
}
# A check behind another one: taken out alone it changes nothing that anybody could see. With the reason.
BEHIND_ANOTHER: dict[str, str] = {
    "scoring/queries/queue.py _results visible_to": "who may decide about results of a unit sees those handed in",
}
DOZEN = 12


def chosen() -> list[Check]:
    """The checks of the day, in an order that mixes the files."""
    found = list(checks())
    if os.environ.get("EVERY_CHECK") == "1":
        return found
    random.Random(0).shuffle(found)
    start = DOZEN * int(os.environ.get("CHECKS_OF") or timezone.localdate().toordinal()) % len(found)
    return list(islice(cycle(found), start, start + min(DOZEN, len(found))))


ALL = [(check, check.taken_out()) for check in chosen()]


@pytest.fixture(scope="session")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The code once more, to be broken."""
    made = tmp_path_factory.mktemp("copy") / "portal"
    shutil.copytree(ROOT, made, ignore=shutil.ignore_patterns(".git", ".venv", "var", "__pycache__", ".pytest_cache"))
    return made


@pytest.mark.parametrize(("check", "without"), ALL, ids=[str(check) for check, _ in ALL])
def test_without_it_a_test_fails(copy: Path, check: Check, without: str):
    if check.place in BEHIND_ANOTHER:
        pytest.skip(BEHIND_ANOTHER[check.place])
    broken = copy / check.path
    whole = broken.read_text()
    broken.write_text(without)
    try:
        assert any(fails(copy, tests) for tests in runs_of(check.path)), f"nothing fails without {check}"
    finally:
        broken.write_text(whole)


def runs_of(path: str) -> list[list[str]]:
    """What is run for a file, one after the other until something fails."""
    first = next(names for part, names in FIRST.items() if part in path)
    also = [tests for start, tests in ALSO.items() if path.startswith(start)]
    return [[*MATRIX, "-k", f"policy or {first}"], *also, MATRIX, FOREIGN]


def fails(copy: Path, tests: list[str]) -> bool:
    """Whether a test fails there; the first one is enough."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests]
    environment = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1", "ACCESS_ONLY_REFUSED": "1"}
    ended = subprocess.run(command, cwd=copy, env=environment, capture_output=True)
    assert ended.returncode in (0, 1), ended.stdout.decode()[-2_000:]
    return ended.returncode == 1
