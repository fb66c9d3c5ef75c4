"""Asking for bundles, making them, and letting them go."""
from reports.bundles.services.asking import (
    ask_again, ask_bundle, cancel_bundle, expire_bundle, note_bundle_taken, remove_bundle,
)
from reports.bundles.services.making import make_bundle, storage
from reports.bundles.services.sweeping import Swept, sweep_bundles

__all__ = [
    "Swept", "ask_again", "ask_bundle", "cancel_bundle", "expire_bundle", "make_bundle", "note_bundle_taken",
    "remove_bundle", "storage", "sweep_bundles",
]
