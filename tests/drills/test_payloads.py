"""Each of the forty texts by itself in every field: no connection and no local byte, in all that is printed."""
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cast import browser_of, person
from tests.drills.test_bounds import WORDS
from tests.reports.everywhere import certified, fill, papers_of, trial
from tests.reports.payloads import PAYLOADS, Probe, bait_in
from tests.reports.test_payloads import assert_pdfs_hold_texts_only, assert_workbooks_hold_texts_only, documents

pytestmark = pytest.mark.usefixtures("seeds", "db")


@pytest.fixture
def probe() -> Iterator[Probe]:
    probe = Probe()
    yield probe
    probe.close()


@pytest.mark.parametrize("name", PAYLOADS)
def test_in_every_field_of_every_document(name: str, probe: Probe, tmp_path: Path, settings):
    """With the probe's address in all its ways, a local file's, and its mere path."""
    settings.RENDER_SECONDS = 120
    addresses = [*probe.addresses(), bait_in(tmp_path).as_uri(), str(tmp_path / "bait")]
    text = " ".join(PAYLOADS[name].format(url=address) for address in addresses)
    made = trial()
    fill(made, lambda: text)
    assert_workbooks_hold_texts_only(made)
    assert_pdfs_hold_texts_only(made, probe)


def test_the_longest_texts_that_fields_take_are_printed(settings):
    """5,000 letters in every text, and as many as each shorter field takes."""
    settings.RENDER_SECONDS = 120
    made, client = trial(), browser_of(person("office"))
    fill(made, lambda: (WORDS * 80)[:5000], cut=True)
    documents(papers_of(made), client)
    documents(certified(made), client)
