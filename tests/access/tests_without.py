"""A plugin of pytest: `pytest -p tests.access.tests_without …` with TAKEN_OUT, a JSON file of tests by check.

Instead of running what was collected, each check is taken out by itself in a child that has database and seeds at
hand, and its tests run there until one fails. Beside that file, in another with ".said" at its end, stands a line for
each check, with the test that failed or nothing.
"""
import json
import os
from functools import partial
from pathlib import Path

import pytest
from _pytest.runner import runtestprotocol

from tests.access.checks import ROOT, Check, checks

NOTHING = "nothing taken out"


def pytest_runtestloop(session: pytest.Session) -> bool:
    """The whole loop."""
    from tests.access.forks import in_children
    from tests.access.swap import loaded

    file = Path(os.environ["TAKEN_OUT"])
    tests: dict[str, list[str]] = json.loads(file.read_text())
    by_id = {item.nodeid: item for item in session.items}
    found = {check.place: check for check in checks()}
    functions = loaded({found[place].path for place in tests})
    seeded = next(item for item in session.items if "seeds" in item.fixturenames)
    assert not failed(seeded, session), "a test fails in the whole code"  # and leaves the seeds for all others
    every = list(dict.fromkeys(name for names in tests.values() for name in names))
    works = {
        place: partial(without, found[place], functions[found[place].path], [by_id[name] for name in names], session)
        for place, names in tests.items()
    }
    works[NOTHING] = partial(first_failing, [by_id[name] for name in every], session)
    with Path(f"{file}.said").open("w") as said:
        for number, name in in_children(list(works.values()), file.parent / "children"):
            said.write(json.dumps([list(works)[number], name]) + "\n")
            said.flush()
    session._setupstate.teardown_exact(None)
    return True


def without(check: Check, functions: list, items: list[pytest.Item], session: pytest.Session) -> str:
    """The first test that fails without a check."""
    from tests.access.swap import caches, swap

    swapped = swap(check.path, compile(check.taken_out(), str(ROOT / check.path), "exec"), functions)
    assert swapped, f"{check} can't be taken out of the running process"
    for each in caches():
        each.cache_clear()
    return first_failing(items, session)


def first_failing(items: list[pytest.Item], session: pytest.Session) -> str:
    """Its name; empty when all pass."""
    return next((item.nodeid for item in items if failed(item, session)), "")


def failed(item: pytest.Item, session: pytest.Session) -> bool:
    """Whether the test itself fails; what it stands on remains for the next."""
    reports = runtestprotocol(item, log=False, nextitem=session)  # all but the session's fixtures is taken down
    return any(report.failed for report in reports if report.when == "call")
