"""Removing bytes once their row is gone for good."""
import logging

from django.db import transaction

from evidence import storage
from evidence.problems import StorageDown

log = logging.getLogger(__name__)


def remove_on_commit(key: str) -> None:
    """Remove a stored file when the transaction stands. If the storage doesn't answer then, the log says so, and
    `manage.py verify_evidence --sweep` removes it later: the row already closes it to everyone."""

    def remove() -> None:
        try:
            storage.remove(key)
        except StorageDown:
            log.exception("The stored file %s could not be removed; verify_evidence --sweep will.", key)

    transaction.on_commit(remove)
