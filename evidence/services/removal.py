"""Removing bytes once their row is gone for good."""
import logging

from django.db import transaction

from evidence import storage
from evidence.problems import NotStored

log = logging.getLogger(__name__)


def remove_on_commit(key: str) -> None:
    """Remove a stored file when the transaction stands; until it is gone, the row already closes it to everyone."""
    transaction.on_commit(lambda: remove_or_log(key))


def remove_or_log(key: str) -> None:
    """Remove a stored file. If the storage doesn't answer, the log says so, and `manage.py verify_evidence --sweep`
    removes it later."""
    try:
        storage.remove(key)
    except NotStored:
        log.exception("The stored file %s could not be removed; verify_evidence --sweep will.", key)
