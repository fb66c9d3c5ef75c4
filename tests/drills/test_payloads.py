"""Each of the forty texts by itself in every field, so that none hides what another does: no connection and no local
byte. All documents with all forty are printed in tests/reports/test_payloads.py; here those with the most fields."""
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.reports.everywhere import fill, trial
from tests.reports.payloads import PAYLOADS, Probe, bait_in
from tests.reports.test_payloads import assert_pdfs_hold_texts_only, assert_workbooks_hold_texts_only

MOST = "issued card", "evidence-index", "like-for-like"
pytestmark = pytest.mark.usefixtures("seeds", "db")


@pytest.fixture
def probe() -> Iterator[Probe]:
    probe = Probe()
    yield probe
    probe.close()


@pytest.mark.parametrize("name", PAYLOADS)
def test_in_every_field(name: str, probe: Probe, tmp_path: Path, settings):
    """With the probe's address in all its ways, a local file's, and its mere path."""
    settings.RENDER_SECONDS = 120
    addresses = [*probe.addresses(), bait_in(tmp_path).as_uri(), str(tmp_path / "bait")]
    text = " ".join(PAYLOADS[name].format(url=address) for address in addresses)
    made = trial()
    fill(made, lambda: text)
    assert_workbooks_hold_texts_only(made)
    assert_pdfs_hold_texts_only(made, probe, only=MOST)
