"""The fixture of the tests of access: the world, and everybody's browser in it."""
import logging
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.conf import settings
from django.db import transaction

from tests.access.asking import Asker
from tests.access.world import build, close_doors


@pytest.fixture(scope="module")
def asker(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[Asker]:
    """The world in one transaction for the whole module, everybody signed in, then the doors closed."""
    before = settings.EVIDENCE_STORAGE
    settings.EVIDENCE_STORAGE = f"file:{tmp_path_factory.mktemp('matrix') / 'evidence'}"
    with django_db_blocker.unblock(), transaction.atomic():
        world = build()
        made = Asker(world)
        close_doors(world)
        made.begin()
        with quiet():
            yield made
        transaction.set_rollback(True)
    settings.EVIDENCE_STORAGE = before


@contextmanager
def quiet() -> Iterator[None]:
    """Without a line in the log for each of the thousands of refusals."""
    log = logging.getLogger("django.request")
    level = log.level
    log.setLevel(logging.CRITICAL)
    yield
    log.setLevel(level)
