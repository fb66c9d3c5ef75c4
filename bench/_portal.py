"""A portal with the seed documents in a database of its own, for the benches that ask for pages."""
import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def settle(urlconf: str) -> None:
    """Set Django up with the bench's own addresses, and load the seeds."""
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("VAR_DIR", tempfile.mkdtemp(prefix="kpi-bench-"))
    os.environ["DJANGO_SETTINGS_MODULE"] = "kpiportal.settings"
    import django
    from django.conf import settings
    from django.core.management import call_command

    django.setup()
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.ROOT_URLCONF = urlconf
    settings.ALLOWED_HOSTS = ["testserver"]
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    call_command("load_seeds", verbosity=0)


def signed_in(username: str):
    """A browser in which that demo person is signed in."""
    from django.test import Client

    from kpiportal.accounts.models import User

    client = Client()
    client.force_login(User.objects.get(username=username))
    return client


def percentile(times: list[float], share: float) -> float:
    return sorted(times)[min(len(times) - 1, int(len(times) * share))]
