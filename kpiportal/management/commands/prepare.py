"""`manage.py prepare`: everything that must be true before the portal serves, in one process."""
import hashlib
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import BaseCommand, CommandError, call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

# SQLite's documented range of the WAL race that can corrupt a database written by several processes.
WAL_RACE = ((3, 7, 0), (3, 51, 2))
STAMP = "collected-from"
NOT_SERVED = ["CVS", ".*", "*~"]


class Command(BaseCommand):
    """Brings database, seed data and static files up to date; what is up to date costs next to nothing."""

    help = "Migrates the database, loads the seed data, and collects the static files when they changed."

    def handle(self, *args: object, **options: object) -> None:
        """Do all of it in order; raises CommandError with a sentence when the SQLite library is unsafe."""
        refuse_unsafe_sqlite()
        self.migrate()
        call_command("load_seeds", stdout=self.stdout, stderr=self.stderr)
        self.collect_static()

    def migrate(self) -> None:
        """Apply the migrations that are missing, and make the cache's table."""
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            self.stdout.write("กำลังสร้างหรือปรับฐานข้อมูล · making or updating the database")
            call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)

    def collect_static(self) -> None:
        """Collect, hash and compress the static files, unless the last collection was from the same ones."""
        stamp = Path(settings.STATIC_ROOT) / STAMP
        source = static_fingerprint()
        if stamp.exists() and stamp.read_text() == source:
            return
        self.stdout.write("กำลังรวบรวมไฟล์ของหน้าเว็บ · collecting static files")
        stamp.unlink(missing_ok=True)
        call_command("collectstatic", interactive=False, clear=True, verbosity=0)
        stamp.write_text(source)


def has_wal_race(version: tuple[int, ...]) -> bool:
    """Whether this SQLite version lies in the range that several writing processes can corrupt."""
    first, last = WAL_RACE
    return first <= version[:3] <= last


def refuse_unsafe_sqlite() -> None:
    """Raise CommandError if the database is an SQLite that several writing processes can corrupt."""
    if connection.vendor != "sqlite":
        return
    version = connection.Database.sqlite_version_info
    if has_wal_race(version):
        raise CommandError(
            f"SQLite {'.'.join(map(str, version))} อาจทำฐานข้อมูลเสียหาย โปรดติดตั้งตาม requirements.txt ·"
            " can corrupt a database that several processes write: install what requirements.txt pins."
        )


def static_fingerprint() -> str:
    """A hash over the static files at their origin (name, size, time) and the storage that takes them."""
    digest = hashlib.sha256(repr(settings.STORAGES["staticfiles"]).encode())
    for finder in get_finders():
        for name, storage in finder.list(NOT_SERVED):
            status = Path(storage.path(name)).stat()
            digest.update(f"{storage.location}/{name}:{status.st_size}:{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()
