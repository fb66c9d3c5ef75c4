"""What every test stands on: a database like the one in service, and a var/ of its own that vanishes afterwards."""
import os
import shutil
import tempfile
from pathlib import Path

import hypothesis
import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import TransactionTestCase

FIRST, LAST = "engine", "browser"

# Two busy cores make single examples slow; what a property costs in time is the benches' business.
hypothesis.settings.register_profile("portal", deadline=None)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "portal")


def pytest_configure(config: pytest.Config) -> None:
    """Turn the settings towards a temporary var/, static files under plain names, and a quick password hash."""
    var = Path(tempfile.mkdtemp(prefix="kpi-test-var-"))
    config.add_cleanup(lambda: shutil.rmtree(var, ignore_errors=True))
    settings.VAR_DIR = var
    settings.STATIC_ROOT = var / "static"
    settings.STATIC_ROOT.mkdir()
    settings.MEDIA_ROOT = var / "media"
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


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
    """0 for the engine's tests, 2 for the browser's, 1 for all between."""
    folders = item.path.relative_to(item.config.rootpath).parts
    return 0 if FIRST in folders else 2 if LAST in folders else 1


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    tmp_path_factory: pytest.TempPathFactory, django_db_modify_db_settings_parallel_suffix: None
) -> None:
    """SQLite in a file as in service: in memory, WAL and IMMEDIATE would go untested."""
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        database["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")


@pytest.fixture(scope="session", autouse=True)
def _teardown_forgets_the_cache() -> None:
    """The cache table is no model, so a flush would leave one test's rate limits to the next."""
    flush = TransactionTestCase._fixture_teardown

    def flush_and_clear(case: TransactionTestCase) -> None:
        flush(case)
        if "portal_cache" in connection.introspection.table_names():
            cache.clear()

    TransactionTestCase._fixture_teardown = flush_and_clear
    yield
    TransactionTestCase._fixture_teardown = flush
