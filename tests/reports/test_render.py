"""The renderer fetches nothing, prints the same bytes on every machine, and has a glyph for every form."""
import itertools
import os
import re
import subprocess
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image
from weasyprint import HTML

from reports.render import font_faces_css, render_pdf
from tests.reports.payloads import FETCHED, IGNORED, SVG, Probe, attached, bait_in, holds_bait

FORM = ("<h1>รายงานผล ☐ รอบ 6 เดือน ☑ รอบ 12 เดือน</h1><p>Σ W × SM = <b>15.5000</b> / <i>5</i> = 3.1000 ✓ "
        "<b><i>น้ำหนัก</i></b></p><p style='font-family: monospace'>SM ๔.๕ ≥ √2</p>")


@pytest.fixture
def probe() -> Iterator[Probe]:
    probe = Probe()
    yield probe
    probe.close()


@pytest.fixture
def bait(tmp_path: Path) -> Path:
    """A local file of each kind; gives the path less its ending."""
    return bait_in(tmp_path)


def unpacked(pdf: bytes) -> bytes:
    """Give a PDF's bytes followed by those of its compressed streams, which hold most of its objects too."""
    parts = [pdf]
    for raw in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        try:
            parts.append(zlib.decompress(raw))
        except zlib.error:
            parts.append(raw)  # not compressed
    return b"\n".join(parts)


def carries(pdf: bytes) -> bool:
    """Tell whether a PDF has the marker as text or in a stream, a file, or draws in the picture's colour."""
    return holds_bait(pdf) or bool(attached(pdf))


@pytest.mark.parametrize("attack", FETCHED)
def test_no_connection_and_no_redirect(attack: str, probe: Probe, caplog: pytest.LogCaptureFixture) -> None:
    page = FETCHED[attack].format(url=f"{probe.url}/bait")
    pdf = render_pdf(page + "<p>ส่วนที่เหลือของหน้า")
    assert probe.connections == 0
    assert "ส่วนที่เหลือของหน้า" in pypdfium2.PdfDocument(pdf)[0].get_textpage().get_text_range()
    assert "127.0.0.1" in caplog.text and "Refused" in caplog.text
    HTML(string=page).write_pdf()
    assert probe.connections > 1, "no attack: WeasyPrint alone doesn't follow it either"


@pytest.mark.parametrize("attack", [name for name in FETCHED if name != "font"])
def test_no_local_file(attack: str, bait: Path, caplog: pytest.LogCaptureFixture) -> None:
    page = FETCHED[attack].format(url=bait.as_uri())
    pdf = render_pdf(page + "<p>x")
    assert not carries(pdf)
    assert "bait" in caplog.text and "Refused" in caplog.text
    assert carries(HTML(string=page).write_pdf()), "no attack: WeasyPrint alone embeds nothing either"


@pytest.mark.parametrize("attack", IGNORED)
def test_what_is_for_other_readers_is_left_alone(attack: str, probe: Probe, bait: Path) -> None:
    addresses = f"{probe.url}/bait", bait.as_uri(), str(bait)
    pdf = render_pdf("<p>x".join(IGNORED[attack].format(url=address) for address in addresses))
    assert probe.connections == 0 and not carries(pdf)


@pytest.mark.parametrize("address", [
    "FILE:///etc/hostname", "ftp://127.0.0.1/x", "HTTPS://127.0.0.1/x", "kpi-font:../../etc/hostname",
    "jar:file:/x", "kpi-font:", "KPI-FONT:notos", "gopher://127.0.0.1/"])
def test_odd_addresses_are_refused(address: str, caplog: pytest.LogCaptureFixture) -> None:
    pdf = render_pdf(f'<link rel="attachment" href="{address}"><img src="{address}">x')
    assert b"/EmbeddedFile" not in unpacked(pdf)
    assert caplog.text.count("Refused") == 2


def test_data_pictures_are_printed() -> None:
    picture = f"data:image/svg+xml,{SVG}<rect width=\"9\" height=\"9\" fill=\"red\"/></svg>"
    page = pypdfium2.PdfDocument(render_pdf(f"<img src='{picture}'>"))[0].render().to_pil()
    assert (255, 0, 0) in {colour for _, colour in page.getcolors(1 << 16)}


def test_same_bytes_again() -> None:
    assert render_pdf(FORM, title="รายงาน") == render_pdf(FORM, title="รายงาน")


def test_same_bytes_on_another_machine(tmp_path: Path) -> None:
    """Another process, language and hash seed, and a machine without fonts that switches hinting off."""
    (tmp_path / "fonts.conf").write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd"><fontconfig>'
        '<match target="pattern"><edit name="hinting" mode="assign"><bool>false</bool></edit>'
        '<edit name="hintstyle" mode="assign"><const>hintnone</const></edit></match></fontconfig>')
    program = f"import sys, reports.render as r; sys.stdout.buffer.write(r.render_pdf({FORM!r}))"
    elsewhere = {"FONTCONFIG_FILE": str(tmp_path / "fonts.conf"), "LC_ALL": "C.UTF-8", "LANG": "th_TH.UTF-8",
                 "PYTHONHASHSEED": "7", "HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    answer = subprocess.run([sys.executable, "-W", "ignore", "-c", program], env=elsewhere,
                            capture_output=True, check=True, cwd=Path(__file__).parents[2])
    assert answer.stdout == render_pdf(FORM)


def test_every_sign_of_the_forms_has_a_glyph(caplog: pytest.LogCaptureFixture) -> None:
    pdf = render_pdf(FORM + "<p>☒ ✗ ● ○ ▪ ➢ → ≤ ± ½ “ ” – …")
    text = pypdfium2.PdfDocument(pdf)[0].get_textpage().get_text_range()
    for sign in "☐☑✓Σ×√≥☒✗●○▪➢→≤±½“”–…":
        assert sign in text
    assert "notdef" not in caplog.text
    assert "15.5000 / 5 = 3.1000" in text and "SM ๔.๕" in text


def test_decimal_points_are_drawn() -> None:
    """A font split into subsets drops the point and says nothing: look at the picture, not at the text."""
    for text, shapes in (("88", 2), ("8.8", 3), ("๘.๘", 3)):
        assert _shapes_side_by_side(render_pdf(f"<p style='font-size: 40px'>{text}")) == shapes


def _shapes_side_by_side(pdf: bytes) -> int:
    """Count the shapes on a page that white columns part."""
    picture: Image.Image = pypdfium2.PdfDocument(pdf)[0].render(scale=4).to_pil().convert("L")
    columns = picture.point(lambda grey: grey < 128 and 255).resize((picture.width, 1), Image.Resampling.BOX)
    inked = [grey > 0 for grey in columns.point(lambda grey: 255 * (grey > 0)).tobytes()]
    return sum(1 for black, _ in itertools.groupby(inked) if black)


def test_stylesheets_title_and_language(tmp_path: Path) -> None:
    sheet = tmp_path / "card.css"
    sheet.write_text("@page { size: 200pt 100pt; margin: 0 } .draft::after { content: 'ร่าง' }", "utf-8")
    pdf = render_pdf("<title>x</title><p class='draft'>", title="รายงานตามคำรับรอง", lang="th",
                     stylesheets=[sheet, "p::before { content: 'ก่อน' }"])
    document = pypdfium2.PdfDocument(pdf)
    assert document[0].get_size() == (200, 100)
    assert document[0].get_textpage().get_text_range() == "ก่อนร่าง"
    assert document.get_metadata_dict()["Title"] == "รายงานตามคำรับรอง"
    assert b"/Lang (th)" in unpacked(pdf) and b"/CreationDate" not in unpacked(pdf)
    assert b"/Lang (en)" in unpacked(render_pdf("<html lang='en'>x", lang="th"))


def test_fonts_come_from_packages() -> None:
    addresses = re.findall(r'url\("([^"]+)"\)', font_faces_css())
    assert len(addresses) == 8 and all(address.startswith("kpi-font:") for address in addresses)
    run = subprocess.run(["pdffonts", "-"], input=render_pdf(FORM), capture_output=True, check=True)
    families = {line.split()[0].partition("+")[2] for line in run.stdout.decode().splitlines()[2:]}
    assert families == {"Sarabun", "Sarabun-Bold", "Sarabun-Italic", "Sarabun-Bold-Italic", "Noto-Sans",
                        "Noto-Sans-Symbols-2,"}


KEPT = """
import ctypes, gc
from pathlib import Path
from reports.render import render_pdf

def held():
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    return int(Path("/proc/self/status").read_text().partition("VmRSS:")[2].split()[0])

def print_pages(many):
    for _ in range(many):
        render_pdf("<p>รายงานผล")

print_pages(20)
before = held()
print_pages(60)
print(held() - before)
"""


def test_no_page_leaves_its_fonts_behind() -> None:
    """Pango would keep each page's own fonts, some 45 kB; in a process of its own, whose memory nobody else changes."""
    run = subprocess.run(
        [sys.executable, "-c", KEPT], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2]
    )
    assert int(run.stdout) < 60 * 15
