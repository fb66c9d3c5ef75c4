"""What every test stands on: a database like the one in service, and a var/ of its own that vanishes."""
import gc
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test import TransactionTestCase

from tests.append_only import without_triggers

pytest_plugins = ["tests.cast"]
FIRST, LAST = "engine", "browser"
COUNTED = "cells", "checks taken out", "hostile files", "honest files"

# Two busy cores make single examples slow; what a property costs in time is the benches' business.
hypothesis.settings.register_profile("portal", deadline=None)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "portal")


def pytest_configure(config: pytest.Config) -> None:
    """Turn the settings to a temporary var/, static files under plain names, and a quick password hash."""
    var = Path(tempfile.mkdtemp(prefix="kpi-test-var-"))
    config.add_cleanup(lambda: shutil.rmtree(var, ignore_errors=True))
    settings.VAR_DIR = var
    settings.STATIC_ROOT = var / "static"
    settings.STATIC_ROOT.mkdir()
    settings.MEDIA_ROOT = var / "media"
    settings.AUDIT_CHECKPOINT_FILE = str(var / "audit" / "checkpoints.jsonl")
    settings.AUDIT_ARCHIVE_DIR = str(var / "audit" / "archive")
    settings.EVIDENCE_STORAGE = f"file:{var / 'evidence'}"
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """What was imported stays: looking for garbage in it again and again takes a twentieth of the run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Units first, the browser last; tests that need PostgreSQL are skipped elsewhere."""
    items.sort(key=_floor)
    if settings.DATABASES["default"]["ENGINE"].endswith("postgresql"):
        return
    for item in items:
        if item.get_closest_marker("postgresql"):
            item.add_marker(pytest.mark.skip(reason="needs PostgreSQL; `make test` runs it there"))


def _floor(item: pytest.Item) -> int:
    """0 for the engine's tests, 3 for the browser's; classes in one transaction while the seeds are there, so before
    tests that empty the database."""
    folders = item.path.relative_to(item.config.rootpath).parts
    if FIRST in folders or LAST in folders:
        return 0 if FIRST in folders else 3
    return 1 if "one_transaction" in item.fixturenames else 2


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print how much tests looked at, whichever worker ran them: what they recorded under one of COUNTED."""
    totals = dict.fromkeys(COUNTED, 0)
    for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed"):
        for name, number in report.user_properties if report.when == "call" else ():
            if name in totals:
                totals[name] += number
    for name, number in totals.items():
        if number:
            terminalreporter.write_line(f"{number:,} {name}")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    tmp_path_factory: pytest.TempPathFactory, django_db_modify_db_settings_parallel_suffix: None
) -> None:
    """SQLite in a file as in service: in memory, WAL and IMMEDIATE would go untested."""
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        database["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")


@pytest.fixture(scope="session", autouse=True)
def _teardown_forgets_the_cache() -> Iterator[None]:
    """The cache table is no model, so a flush would leave one test's rate limits to the next; and append-only tables
    refuse a flush."""
    flush = TransactionTestCase._fixture_teardown

    def flush_and_clear(case: TransactionTestCase) -> None:
        with without_triggers():
            flush(case)
        if "portal_cache" in connection.introspection.table_names():
            cache.clear()

    TransactionTestCase._fixture_teardown = flush_and_clear
    yield
    TransactionTestCase._fixture_teardown = flush


@pytest.fixture(scope="session")
def seeds_copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the first test that wants the seeds leaves a copy of its database for the others."""
    return tmp_path_factory.mktemp("seeds") / "seeds.sqlite3"


@pytest.fixture
def committed_seeds(transactional_db: None, seeds_copy: Path) -> None:
    """Exactly what `manage.py load_seeds` leaves, committed: for live servers and several connections.

    Loading takes seconds; on SQLite it is done once, and each further test gets a copy in milliseconds.
    """
    if seeds_copy.exists():
        _copy_database(seeds_copy, into_the_tests_own=True)
        return
    with without_triggers():
        call_command("flush", interactive=False, verbosity=0)  # what a session's fixture may have left
    call_command("load_seeds", verbosity=0)
    if connection.vendor == "sqlite":
        _copy_database(seeds_copy, into_the_tests_own=False)


def _copy_database(file: Path, *, into_the_tests_own: bool) -> None:
    """Copy a whole SQLite database between `file` and the connection of the tests."""
    connection.ensure_connection()
    other = sqlite3.connect(file)
    source, target = (other, connection.connection) if into_the_tests_own else (connection.connection, other)
    source.backup(target)
    other.close()
