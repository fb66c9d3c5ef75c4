"""`manage.py prepare`: what stands before the portal serves, and what a second start leaves alone."""
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from indicators.models import Agreement
from kpiportal.accounts.models import User
from kpiportal.audit.models import AuditEvent
from kpiportal.management.commands.prepare import STAMP, has_wal_race


def prepare() -> None:
    """Run the command without its output."""
    call_command("prepare", stdout=open("/dev/null", "w"))


def test_a_second_start_keeps_what_people_changed(transactional_db):
    prepare()
    User.objects.filter(username="collector").update(name="ชื่อใหม่")
    before = [model.objects.count() for model in (User, Agreement, AuditEvent)]
    assert all(before)
    prepare()
    assert [model.objects.count() for model in (User, Agreement, AuditEvent)] == before
    assert User.objects.get(username="collector").name == "ชื่อใหม่"


def test_static_files_are_collected_again_only_when_they_changed(committed_seeds):
    prepare()
    root = Path(settings.STATIC_ROOT)
    stylesheet = next(root.rglob("*.css"))
    stylesheet.write_text("kept")
    prepare()
    assert stylesheet.read_text() == "kept"
    (root / STAMP).write_text("collected from other files")
    prepare()
    assert stylesheet.read_text() != "kept"


@pytest.mark.parametrize("version", [(3, 7, 0), (3, 40, 1), (3, 51, 2)])
def test_sqlite_versions_with_the_wal_race_are_known(version):
    assert has_wal_race(version)


@pytest.mark.parametrize("version", [(3, 6, 23), (3, 51, 3), (3, 53, 4)])
def test_other_sqlite_versions_are_taken(version):
    assert not has_wal_race(version)


@pytest.mark.django_db
def test_the_models_and_the_settings_are_in_order():
    call_command("check", fail_level="WARNING")
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.django_db
def test_the_tests_use_sqlite_as_the_service_does():
    if connection.vendor != "sqlite":
        pytest.skip("on PostgreSQL")
    assert connection.transaction_mode == "IMMEDIATE"
    assert not connection.is_in_memory_db()
    assert not has_wal_race(connection.Database.sqlite_version_info)
    with connection.cursor() as cursor:
        assert cursor.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert cursor.execute("PRAGMA synchronous").fetchone() == (2,)
