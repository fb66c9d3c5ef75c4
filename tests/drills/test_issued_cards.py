"""The same card a hundred times: the same bytes every time, and the process that prints doesn't grow."""

import hashlib
import shutil
import subprocess

import pytest

from reports.issuing.rendering import render
from reports.papers import PAPERS
from tests.cast import agreement
from tests.reports.issuing.cards import ISSUE, certified_moi, moi, signed_moi
from tests.reports.papers.reading import pdf_of

QPDF = shutil.which("qpdf")


@pytest.mark.usefixtures("seeds", "db")
def test_a_hundred_times_the_same_bytes():
    snapshot = certified_moi()
    prints = {hashlib.sha256(render(snapshot, ISSUE)).hexdigest() for _ in range(100)}
    assert len(prints) == 1


@pytest.mark.usefixtures("seeds", "db")
@pytest.mark.skipif(not QPDF, reason="qpdf is not installed: apt-get install qpdf")
def test_qpdf_finds_nothing(tmp_path, settings):
    settings.RENDER_SECONDS = 120
    printed = {"issued": moi()[0], "signed": signed_moi()}
    printed |= {name: pdf_of(agreement("moi-2559"), name) for name in PAPERS}
    for name, pdf in printed.items():
        path = tmp_path / f"{name}.pdf"
        path.write_bytes(pdf)
        found = subprocess.run([QPDF, "--check", path], capture_output=True, text=True)
        assert found.returncode == 0 and "WARNING" not in found.stdout + found.stderr, (name, found)
