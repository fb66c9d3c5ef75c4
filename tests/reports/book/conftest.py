"""Books are drawn on machines that do much else: what is asked here is what they say, not how soon."""

from tests.reports.issuing.conftest import own_storage
from tests.reports.papers.conftest import patient_printer

__all__ = ["own_storage", "patient_printer"]
