"""Every permission check in the code is taken out by itself: a test of access must fail without it.

Most are seen by the matrix of access, which is asked in a process that holds the world and forks one child for each
check (tests/access/taken_out.py). For the others SEEN_BY names a test each, which run in forks of one session of
pytest (tests/access/tests_without.py).
"""
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.access.checks import ROOT, Check, checks
from tests.access.unseen import BEHIND_ANOTHER, SEEN_BY

PYTEST = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
CONTROL = "nothing taken out"
CHECKS = {check.place: check for check in checks()}


@pytest.fixture(scope="session")
def tried() -> dict[str, dict]:
    """What came of each check in the matrix, by its place."""
    command = [sys.executable, "-m", "tests.access.taken_out"]
    ended = subprocess.run(command, cwd=ROOT, env=own_environment(), capture_output=True, text=True)
    assert ended.returncode == 0, ended.stdout[-2_000:] + ended.stderr[-4_000:]
    said = [json.loads(line) for line in ended.stdout.splitlines()]
    return {each["place"]: each for each in said if "place" in each}


@pytest.fixture(scope="session")
def failing(tried: dict[str, dict], tmp_path_factory: pytest.TempPathFactory) -> dict[str, bool]:
    """Of the checks that the matrix doesn't see, whether the test named for them fails."""
    unseen = {place: name for place, name in SEEN_BY.items() if tried[place]["outcome"] != "found"}
    in_copy = {place for place in unseen if tried[place]["outcome"] == "not swapped"}
    failed = {place: fails_in_a_copy(CHECKS[place], tmp_path_factory.mktemp("copy")) for place in sorted(in_copy)}
    file = tmp_path_factory.mktemp("taken-out") / "tests.json"
    file.write_text(json.dumps({place: [name] for place, name in unseen.items() if place not in in_copy}))
    command = [*PYTEST, "-p", "tests.access.tests_without", *sorted(set(unseen.values()))]
    ended = subprocess.run(command, cwd=ROOT, env=own_environment(TAKEN_OUT=str(file)), capture_output=True, text=True)
    said = Path(f"{file}.said")
    assert ended.returncode in (0, 5) and said.exists(), ended.stdout[-4_000:] + ended.stderr[-4_000:]
    first = dict(map(json.loads, said.read_text().splitlines()))
    assert first.pop(CONTROL) == "", "a test fails in the whole code"
    return failed | {place: bool(name) for place, name in first.items()}


def fails_in_a_copy(check: Check, folder: Path) -> bool:
    """Whether the test named for a check fails in a copy of the code: for a check outside of every function."""
    copy = folder / "portal"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".git", ".venv", "var", "__pycache__", ".pytest_cache"))
    (copy / check.path).write_text(check.taken_out())
    environment = own_environment(PYTHONPATH=str(copy), PYTHONDONTWRITEBYTECODE="1")
    ended = subprocess.run([*PYTEST, "-x", SEEN_BY[check.place]], cwd=copy, env=environment, capture_output=True)
    assert ended.returncode in (0, 1), ended.stdout.decode()[-2_000:]
    return ended.returncode == 1


def own_environment(**more: str) -> dict[str, str]:
    """The environment without a person's own database."""
    return {name: value for name, value in os.environ.items() if name != "DATABASE_URL"} | more


def test_the_lists_name_checks_that_there_are():
    assert (SEEN_BY.keys() | BEHIND_ANOTHER.keys()) - CHECKS.keys() == set()


def test_nothing_is_found_where_nothing_is_taken_out(tried):
    assert tried[CONTROL]["outcome"] == "survived" and tried[CONTROL]["reached"]


@pytest.mark.parametrize("place", CHECKS)
def test_without_it_a_test_fails(tried, failing, place, record_property):
    said = tried[place]
    record_property("checks taken out", 1)
    if said["outcome"] == "found":
        assert place not in BEHIND_ANOTHER.keys() | SEEN_BY.keys(), f"the matrix sees it: {said['by']}"
    elif place in BEHIND_ANOTHER:
        pytest.skip(BEHIND_ANOTHER[place])
    else:
        assert place in SEEN_BY, f"nothing fails without {CHECKS[place]}: {said}"
        assert failing[place], f"{SEEN_BY[place]} pass without {CHECKS[place]}"
