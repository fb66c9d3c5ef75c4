"""Papers are drawn on machines that do much else: what is asked here is what they say, not how soon."""

import pytest
from django.conf import settings


@pytest.fixture(autouse=True, scope="module")
def patient_printer():
    """Two minutes for a PDF; tests/reports/test_printer.py asks about the limits."""
    before, settings.RENDER_SECONDS = settings.RENDER_SECONDS, 120
    yield
    settings.RENDER_SECONDS = before
