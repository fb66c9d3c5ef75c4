"""Thai in WeasyPrint 70.0: three corrections of its drawing, installed once per process.

Uncorrected, SVG text is shaped code point by code point (tone marks fall onto vowels), a glyph stands for
the first cluster that it was seen in (ำ disappears or every า becomes ำ when text is copied), and shaped
Thai cannot be read back in its typed order. The text itself is never changed: what goes in comes out.
"""
import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, lru_cache, wraps
from threading import Lock

import pydyf
import weasyprint
from fontTools import agl
from fontTools.ttLib import TTFont, TTLibError
from weasyprint import svg
from weasyprint.draw import text as draw_text
from weasyprint.pdf.fonts import Font
from weasyprint.svg.text import TextBox as SvgTextBox

WEASYPRINT_VERSION = "70.0"

_THAI = re.compile("[\u0e01-\u0e5b]")
_CLUSTER = re.compile(".[\u0e31\u0e33-\u0e3a\u0e47-\u0e4e]*", re.DOTALL)
_LOCK = Lock()


def clusters(text: str) -> list[str]:
    """Split text into what is shaped together: a character and the Thai vowels and marks that sit on it.

    The parts joined give the text back; a mark at the very start stands alone. Sources: Unicode, Thai block
    (U+0E31, U+0E33-0E3A and U+0E47-0E4E follow their base).
    """
    return _CLUSTER.findall(text)


def install() -> None:
    """Install the three corrections in this process; calling it again changes nothing.

    Raises RuntimeError when WeasyPrint is not the version whose internals are corrected here.
    """
    if weasyprint.__version__ != WEASYPRINT_VERSION:
        raise RuntimeError(
            f"ติดตั้ง weasyprint=={WEASYPRINT_VERSION} แทน {weasyprint.__version__} "
            "แล้วทดสอบการแก้ไขภาษาไทยใน reports/thai.py ก่อนเปลี่ยนรุ่น / "
            f"Install weasyprint=={WEASYPRINT_VERSION} instead of {weasyprint.__version__}; "
            "the Thai corrections in reports/thai.py must be tested before the version changes.")
    with _LOCK:  # threads may print their first pages at the same time
        _correct()


@cache
def _correct() -> None:
    """Put the three corrections in, once."""
    correct_svg_text()
    correct_glyph_texts()
    correct_line_texts()


def correct_svg_text() -> None:
    """Draw SVG text cluster by cluster, so that tone marks and vowels are placed by the font."""
    original = svg.text
    # One wrapper for all: WeasyPrint tells text nodes by this function, and text-anchor depends on it.
    svg.text = _by_cluster(original)
    svg.TAGS.update({tag: svg.text for tag, draw in svg.TAGS.items() if draw is original})


def correct_glyph_texts() -> None:
    """Let a glyph stand for its own character in the font, not for the cluster that it was first seen in."""
    original = Font.__init__

    @wraps(original)
    def init(self: Font, *args: object, **kwargs: object) -> None:
        original(self, *args, **kwargs)
        self.to_unicode = _GlyphTexts(_texts_in_font(self.file_content, self.index))

    Font.__init__ = init


def correct_line_texts() -> None:
    """Give every drawn line with Thai in it its source text (/ActualText) for copy, search and reading."""
    original = draw_text.draw_first_line

    @wraps(original)
    def draw_first_line(stream, textbox, *args: object, **kwargs: object):
        # The letters of SVG text come one by one and have been given their text as a whole.
        source = "" if isinstance(textbox, SvgTextBox) else textbox.text
        with _source_text(stream, source):
            return original(stream, textbox, *args, **kwargs)

    draw_text.draw_first_line = draw_first_line


@contextmanager
def _source_text(stream: pydyf.Stream, source: str) -> Iterator[None]:
    """Mark what is drawn inside with its source text, if that is Thai; Latin reads right by its glyphs."""
    if not _THAI.search(source):
        yield
        return
    stream.begin_marked_content("Span", pydyf.Dictionary({"ActualText": pydyf.String(source)}))
    try:
        yield
    finally:
        stream.end_marked_content()


class _ClusterText(str):
    """Text whose parts are clusters: WeasyPrint iterates over it and counts it when it places letters."""

    def __iter__(self) -> Iterator[str]:
        return iter(clusters(self))

    def __len__(self) -> int:
        return len(clusters(self))


def _by_cluster(draw: Callable) -> Callable:
    """Wrap a drawing function of an SVG text element so that it sees clusters as its letters."""
    @wraps(draw)
    def draw_clusters(image, node, font_size: float) -> None:
        element, source = node._etree_node, node.text
        if not source or not _THAI.search(source):
            return draw(image, node, font_size)
        element.text = _ClusterText(source)
        try:
            with _source_text(image.stream, source):
                return draw(image, node, font_size)
        finally:
            element.text = source

    return draw_clusters


class _GlyphTexts(dict):
    """Texts of the glyphs in use; a glyph that the font knows keeps the font's text whatever is offered."""

    def __init__(self, known: dict[int, str]) -> None:
        super().__init__()
        self._known = known

    def __setitem__(self, glyph: int, offered: str) -> None:
        super().__setitem__(glyph, self._known.get(glyph, offered))


@lru_cache(maxsize=16)
def _texts_in_font(content: bytes, index: int) -> dict[int, str]:
    """Text of each glyph by the font's cmap, else by its name: 'uni0E48.narrow' is a shape of U+0E48."""
    try:
        font = TTFont(io.BytesIO(content), fontNumber=index, lazy=True)
        characters = font.getBestCmap() if "cmap" in font else None
    except TTLibError:  # not a format that fontTools reads: WeasyPrint's own guess stays
        return {}
    by_name: dict[str, str] = {}
    for code in sorted(characters or {}):  # the lowest of several: a space, not a no-break space
        by_name.setdefault(characters[code], chr(code))
    texts = {}
    for glyph, name in enumerate(font.getGlyphOrder()):
        text = by_name.get(name) or by_name.get(name.split(".")[0]) or agl.toUnicode(name)
        if text:
            texts[glyph] = text
    return texts
