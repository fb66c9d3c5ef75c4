"""Thai goes into a PDF and comes out unchanged, in two readers, with and without the lines' own texts."""
import re
import subprocess
import sys
import unicodedata

import fontpkg
import pypdfium2
import pytest
import weasyprint
from PIL import Image, ImageChops
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration

from reports import thai

CONSONANTS = [chr(code) for code in range(0x0E01, 0x0E2F) if chr(code) not in "ฃฅฤฦฬ"]  # 41
VOWELS = ["", "ะ", "ั", "า", "ำ", "ิ", "ี", "ึ", "ื", "ุ", "ู", "็", "ํ"]
TONES = ["", "่", "้", "๊", "๋"]
WORDS = "คำรับรอง น้ำหนัก ชี้ ที่ ปั๊ม ผู้กำกับ น้ำ กำลัง ญี่ปุ่น ฐานข้อมูล กฎ ปฏิบัติ ฟื้นฟู ฤๅษี ศิลป์ ทุกข์ ก็"
MIXED = "SLA ≥ 99.5 % คิดเป็น 84.40 คะแนน 3.8800 (KPI 2.2) ร้อยละ ๙๙.๕ รอบ ๑๒ เดือน e-Service น้ำหนัก 0.5"
READERS = ["pdftotext", "pdfium"]


def print_page(body: str, style: str = "", **options: object) -> bytes:
    """Print an HTML body in Sarabun 12 px on A4 by WeasyPrint itself, corrected."""
    thai.install()
    fonts = FontConfiguration()
    faces = "".join(
        f'@font-face {{ font-family: Sarabun; font-weight: {weight}; '
        f'src: url("{fontpkg.path("sarabun", weight).as_uri()}") }}' for weight in (400, 700))
    base = "@page { size: A4; margin: 1cm } body { font: 12px/1.6 Sarabun }"
    sheet = CSS(string=faces + base + style, font_config=fonts)
    return HTML(string=f"<html lang='th'><body>{body}").write_pdf(
        font_config=fonts, stylesheets=[sheet], **options)


def read(pdf: bytes, reader: str) -> list[str]:
    """Give the lines that a reader finds in a PDF, without blank ones; spaces as the reader gives them."""
    if reader == "pdfium":
        text = "\n".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf))
    else:
        run = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True)
        text = run.stdout.decode()
    lines = (line.strip() for line in re.split(r"[\r\n\f]+", text))
    return [line for line in lines if line]


def syllable(consonant: str, vowel: str, tone: str) -> str:
    """Write a syllable as it is typed: the tone mark before ะ, า and ำ, after the other vowels."""
    return consonant + (tone + vowel if vowel in ("ะ", "า", "ำ") else vowel + tone)


def ink(pdf: bytes) -> Image.Image:
    """Draw a PDF's first page with 4 dots a point and crop it to what is printed, in grey."""
    picture = pypdfium2.PdfDocument(pdf)[0].render(scale=4).to_pil().convert("L")
    return picture.crop(ImageChops.invert(picture).getbbox())


def svg_page(words: str, attributes: str = 'x="10"') -> bytes:
    """Print words as the text of an SVG picture, 40 px high."""
    return print_page(
        f'<svg width="600" height="100" viewBox="0 0 600 100"><text y="70" font-family="Sarabun" '
        f'font-size="40" {attributes}>{words}</text></svg>')


@pytest.mark.parametrize("reader", READERS)
def test_every_consonant_vowel_and_tone_comes_back(reader: str) -> None:
    lines = [" ".join(syllable(consonant, vowel, tone) for tone in TONES)
             for consonant in CONSONANTS for vowel in VOWELS]
    assert len(lines) * len(TONES) == 41 * 13 * 5
    pdf = print_page("".join(f"<div>{line}</div>" for line in lines))
    assert read(pdf, reader) == lines


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("variant", [None, "pdf/ua-1", "pdf/a-3a"])
@pytest.mark.parametrize("text", [WORDS, MIXED, "decomposed นํ้า stays นํ้า, composed น้ำ stays น้ำ"])
def test_words_come_back(text: str, variant: str | None, reader: str) -> None:
    pdf = print_page(f"<p>{text}</p><p><b>{text}</b></p>", "body { font-size: 10px }", pdf_variant=variant)
    assert read(pdf, reader) == [text, text]


@pytest.mark.parametrize("reader", READERS)
def test_latin_lines_stay_as_they_are(reader: str) -> None:
    text = "Secure Intranet: W 0.5, SM 4.0000, W × SM = 2.0000 (≥ 99.5 %)"
    pdf = print_page(f"<p>{text}</p>")
    assert read(pdf, reader) == [text]
    assert b"/ActualText" not in print_page(f"<p>{text}</p>", uncompressed_pdf=True)


@pytest.mark.parametrize("reader", READERS)
def test_wrapped_cells_and_repeated_headers_come_back(reader: str) -> None:
    cell = "การพัฒนาประสิทธิภาพระบบสารสนเทศภาครัฐตามคำรับรองการปฏิบัติราชการ น้ำหนัก 0.5 คะแนน 4.0000"
    rows = "".join(f"<tr><td>{cell} <b>ที่ {row}</b>" for row in range(40))
    pdf = print_page(f"<table><thead><tr><th>ประเด็นที่ต้องกำกับ<tbody>{rows}</table>",
                     "table { width: 180px; table-layout: fixed } tr { break-inside: avoid }")
    pages = len(pypdfium2.PdfDocument(pdf))
    lines = read(pdf, reader)
    assert pages > 2 and lines.count("ประเด็นที่ต้องกำกับ") == pages
    text = re.sub(r"\s", "", "".join(line for line in lines if line != "ประเด็นที่ต้องกำกับ"))
    assert text == re.sub(r"\s", "", "".join(f"{cell} ที่ {row}" for row in range(40)))


@pytest.mark.parametrize("reader", READERS)
def test_text_in_pictures_comes_back(reader: str) -> None:
    words = "ปั๊มน้ำที่ 4.5 ชี้ ผู้กำกับ"
    assert read(svg_page(words), reader) == [words]


def test_glyphs_alone_read_right() -> None:
    """Readers that ignore the lines' own texts (pdf.js, pypdf) see each glyph's own character."""
    words = "การตามคำรับรอง กำลัง ทำงาน ที่ ปี ฐาน ญี่ปุ่น ปี่ ฟื้น 3.8800 กำ"
    pdf = print_page(f"<div>{words}</div>", uncompressed_pdf=True)
    bare, lines = re.subn(rb"/ActualText <[0-9a-f]+>", lambda found: b" " * len(found[0]), pdf)
    assert lines == 1
    assert read(bare, "pdftotext") == [unicodedata.normalize("NFKD", words)]  # ำ is drawn as two glyphs


@pytest.mark.parametrize("words", ["ชี้", "ที่", "ปั๊ม", "น้ำ", "ผู้กำกับ", "ตัวชี้วัดที่ ๒.๑ ปั๊มน้ำ 4.5"])
def test_text_in_pictures_is_drawn_like_text_on_the_page(words: str) -> None:
    page = ink(print_page(f'<div style="font-size: 40px">{words}</div>'))
    picture = ink(svg_page(words))
    assert abs(page.width - picture.width) <= 2 and abs(page.height - picture.height) <= 2
    difference = ImageChops.difference(page, picture.resize(page.size)).point(lambda grey: 255 * (grey > 128))
    assert difference.histogram()[255] < 0.01 * page.width * page.height


def test_anchored_text_in_pictures_stands_in_the_middle() -> None:
    frame = '<rect x="0" y="0" width="600" height="100" fill="none" stroke="#ccc"/>'
    text = ('<text x="300" y="70" text-anchor="middle" font-family="Sarabun" font-size="40">'
            'ที่ <tspan>ปั๊ม</tspan></text>')
    pdf = print_page(f'<svg width="600" height="100" viewBox="0 0 600 100">{frame}{text}</svg>')
    picture = ink(pdf)
    left, _, right, _ = picture.point(lambda grey: 255 * (grey < 100)).getbbox()
    assert abs((left + right) / 2 - picture.width / 2) < 0.01 * picture.width


def test_clusters_are_a_base_with_its_marks() -> None:
    assert thai.clusters("ปั๊มน้ำ 4.5") == ["ปั๊", "ม", "น้ำ", " ", "4", ".", "5"]
    assert thai.clusters("เก้า่") == ["เ", "ก้", "า่"]
    assert "".join(thai.clusters(MIXED + "\n่x")) == MIXED + "\n่x"


def test_install_twice_changes_nothing() -> None:
    thai.install()
    drawn = weasyprint.svg.text
    thai.install()
    assert weasyprint.svg.text is drawn is weasyprint.svg.TAGS["tspan"]


def test_install_refuses_another_weasyprint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weasyprint, "__version__", "71.0")
    with pytest.raises(RuntimeError, match=r"weasyprint==70\.0 .*71\.0"):
        thai.install()


def test_weasyprint_still_needs_the_corrections() -> None:
    """The control: the same words by WeasyPrint alone come out wrong, so the tests above can see a fault."""
    program = ("import sys; from weasyprint import HTML; "
               "sys.stdout.buffer.write(HTML(string='<p>การตามคำรับรอง น้ำหนัก').write_pdf())")
    pdf = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stdout
    assert read(pdf, "pdftotext") != ["การตามคำรับรอง น้ำหนัก"]
