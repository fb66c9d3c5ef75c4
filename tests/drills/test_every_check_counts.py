"""Each permission check in the code is taken out by itself in a copy: the tests of access must fail without it."""
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.access.checks import ROOT, Check, checks

MATRIX = ["tests/test_access_matrix.py"]
FOREIGN = ["tests/test_access_foreign.py", "-k", "not fields_of_any_model"]
# Which addresses of the matrix are tried first, by a part of the file's path; then all others.
FIRST = {
    "decisions": "result_", "not_applicable": "not_applicable", "request": "not_applicable or copy",
    "carry": "copy", "attaching": "evidence_", "evidence": "evidence_", "base_data": "base_data",
    "planner": "planner or what_if", "accounts/": "people or person or grant or first_sign_in", "reports/": "card",
    "indicators/": "indicator or agreement", "rules": "result_ or not_applicable", "entry": "result",
    "drawing": "result or offers", "": "result_ or agreement",
}
# Where the matrix can't see it: the tests that do.
ALSO = {
    "kpiportal/accounts/": ["tests/accounts"],
    "indicators/": ["tests/indicators"],
    "scoring/": ["tests/test_access.py", "tests/scoring/test_hidden_scores.py", "tests/scoring/test_units_below.py",
                 "tests/scoring/test_decisions.py", "tests/scoring/test_not_applicable.py",
                 "tests/scoring/test_evidence.py", "tests/scoring/test_base_data.py"],
    "reports/": ["tests/scoring/test_hidden_scores.py", "tests/reports/test_cards.py"],
}
# A check behind another one: taken out alone it changes nothing that anybody could see. With the reason.
BEHIND_ANOTHER: dict[str, str] = {}
ALL = [(check, check.taken_out()) for check in checks()]


@pytest.fixture(scope="session")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The code once more, to be broken."""
    made = tmp_path_factory.mktemp("copy") / "portal"
    shutil.copytree(ROOT, made, ignore=shutil.ignore_patterns(".git", ".venv", "var", "__pycache__", ".pytest_cache"))
    return made


@pytest.mark.parametrize(("check", "without"), ALL, ids=[str(check) for check, _ in ALL])
def test_without_it_a_test_fails(copy: Path, check: Check, without: str):
    if str(check) in BEHIND_ANOTHER:
        pytest.skip(BEHIND_ANOTHER[str(check)])
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
