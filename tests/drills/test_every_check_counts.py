"""Every permission check in the code is taken out by itself: a test of access must fail without it.

Most are seen by the matrix of access, which is asked in a process that holds the world and forks one child for each
check (tests/access/taken_out.py). For the others SEEN_BY names the test, which then runs on a broken copy.
"""
import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

import pytest

from tests.access.checks import ROOT, Check, checks

CONTROL = "nothing taken out"
CHECKS = {check.place: check for check in checks()}
# Where the matrix can't see it: the tests that do.
SEEN_BY: dict[str, list[str]] = {
}
# A check behind another one: taken out alone it changes nothing that anybody could see. With the reason.
BEHIND_ANOTHER: dict[str, str] = {
    "scoring/queries/queue.py _results visible_to": "who may decide about results of a unit sees those handed in",
}


@pytest.fixture(scope="session")
def tried() -> dict[str, dict]:
    """What came of each check in the matrix, by its place."""
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    ended = subprocess.run(
        [sys.executable, "-m", "tests.access.taken_out"], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert ended.returncode == 0, ended.stdout[-2_000:] + ended.stderr[-4_000:]
    said = [json.loads(line) for line in ended.stdout.splitlines()]
    return {each["place"]: each for each in said if "place" in each}


@pytest.fixture(scope="session")
def failing(tried: dict[str, dict], tmp_path_factory: pytest.TempPathFactory) -> dict[str, bool]:
    """Of the checks that the matrix doesn't see, whether the tests named for them fail; in as many copies as cores."""
    copies: SimpleQueue[Path] = SimpleQueue()
    for _ in range(os.cpu_count() or 1):
        copies.put(made := tmp_path_factory.mktemp("copy") / "portal")
        left = shutil.ignore_patterns(".git", ".venv", "var", "__pycache__", ".pytest_cache")
        shutil.copytree(ROOT, made, ignore=left)

    def fails(place: str) -> bool:
        copy = copies.get()
        try:
            return fails_without(CHECKS[place], copy, SEEN_BY[place])
        finally:
            copies.put(copy)

    unseen = [place for place in SEEN_BY if tried[place]["outcome"] != "found"]
    with ThreadPoolExecutor(copies.qsize()) as threads:
        return dict(zip(unseen, threads.map(fails, unseen), strict=True))


def fails_without(check: Check, copy: Path, tests: list[str]) -> bool:
    """Whether one of these tests fails in a copy of the code without the check."""
    broken = copy / check.path
    whole = broken.read_text()
    broken.write_text(check.taken_out())
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests]
    environment = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        ended = subprocess.run(command, cwd=copy, env=environment, capture_output=True)
    finally:
        broken.write_text(whole)
    assert ended.returncode in (0, 1), ended.stdout.decode()[-2_000:]
    return ended.returncode == 1


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
