"""HTML to PDF: right Thai, fonts from packages only, nothing fetched, the same bytes for the same input."""
import datetime
import logging
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from urllib.request import DataHandler, Request

import cffi
import fontpkg
import pymupdf_fonts
from weasyprint import CSS, HTML, Attachment
from weasyprint.text.ffi import ffi, fontconfig, gobject, pangoft2
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcherResponse

from . import thai
from .parcels import Attached

logger = logging.getLogger(__name__)

FONT_FAMILY = "Sarabun"
_FONT_SCHEME = "kpi-font:"
# Name in addresses, family, CSS weight and style; after Sarabun what it lacks: Σ, then ☑ ☐ ✓ and bullets.
_FACES = (
    ("sarabun-regular", FONT_FAMILY, 400, "normal"),
    ("sarabun-semibold", FONT_FAMILY, 600, "normal"),
    ("sarabun-bold", FONT_FAMILY, 700, "normal"),
    ("sarabun-italic", FONT_FAMILY, 400, "italic"),
    ("sarabun-bold-italic", FONT_FAMILY, 700, "italic"),
    ("notos", "Noto Sans", 400, "normal"),
    ("notosbo", "Noto Sans", 700, "normal"),
    ("symbol2", "Noto Sans Symbols 2", 400, "normal"),
)
# Whatever family a page asks for, Sarabun follows and then the others; hinting is the same on every machine.
_FONT_RULES = b"""<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd"><fontconfig>
<match target="pattern"><edit name="family" mode="append_last" binding="strong">
<string>Sarabun</string><string>Noto Sans</string><string>Noto Sans Symbols 2</string></edit>
<edit name="hintstyle" mode="assign"><const>hintslight</const></edit></match></fontconfig>"""


def render_pdf(html: str, *, stylesheets: Sequence[str | Path] = (), title: str | None = None,
               lang: str = "th", variant: str | None = None, attachments: Sequence[Attached] = ()) -> bytes:
    """Print a page to PDF; the same arguments give the same bytes, on any machine with the same packages.

    stylesheets are CSS text (str) or files (Path), applied as the user's, below those in the page. title
    takes the place of the page's own, lang is used where the page names no language. variant is one of WeasyPrint's
    ('pdf/a-3a' and 'pdf/ua-1' are tagged; 'pdf/a-3a' may hold attachments). Addresses other than data: are refused,
    logged and left out of the page. Raises RuntimeError for a WeasyPrint that reports/thai.py doesn't know or fonts
    that can't be loaded, and OSError for a stylesheet that can't be read. Source: issue 2, point 6.
    """
    thai.install()
    fetcher = _Fetcher()
    fonts = _PackageFonts()
    page = HTML(string=html, url_fetcher=fetcher, media_type="print")
    if not page.etree_element.get("lang"):
        page.etree_element.set("lang", lang)
    texts = [font_faces_css()]
    texts += [sheet.read_text("utf-8") if isinstance(sheet, Path) else sheet for sheet in stylesheets]
    sheets = [CSS(string=text, font_config=fonts, url_fetcher=fetcher) for text in texts]
    fonts.require_faces()
    document = page.render(font_config=fonts, stylesheets=sheets, pdf_variant=variant)
    if title is not None:
        document.metadata.title = title
    document.metadata.attachments += [_attachment(Attached(*each), fetcher) for each in attachments]
    return document.write_pdf(pdf_variant=variant)


def _attachment(given: Attached, fetcher: "_Fetcher") -> Attachment:
    moment = datetime.datetime.fromisoformat(given.moment).astimezone(datetime.UTC)
    return Attachment(
        string=given.text, url_fetcher=fetcher, name=given.name, description=given.description, created=moment,
        modified=moment, relationship="Data",
    )


@cache
def font_faces_css() -> str:
    """Give the @font-face rules of every font that a PDF may use; their addresses work in render_pdf only."""
    return "\n".join(
        f'@font-face {{ font-family: "{family}"; font-weight: {weight}; font-style: {style}; '
        f'src: url("{_FONT_SCHEME}{name}"); }}'
        for name, family, weight, style in _FACES)


@cache
def _font_file(name: str) -> bytes:
    """Read a font of _FACES out of its package; KeyError for any other name."""
    family, weight, style = {face[0]: face[1:] for face in _FACES}[name]
    if family == FONT_FAMILY:
        return fontpkg.path(family, weight, style).read_bytes()
    return pymupdf_fonts.myfont(name)


class _Fetcher:
    """Answers data: addresses and our own fonts, refuses the rest; it holds nothing that could connect."""

    _fail_on_errors = False  # WeasyPrint asks for it: leave a refused resource out and go on

    def __call__(self, url: str) -> URLFetcherResponse:
        scheme = url.partition(":")[0].lower() + ":"
        if scheme == "data:":
            answer = DataHandler().data_open(Request(url))
            return URLFetcherResponse(url, answer.read(), dict(answer.headers))
        name = url.removeprefix(_FONT_SCHEME)
        if name != url and any(name == face[0] for face in _FACES):
            return URLFetcherResponse(url, _font_file(name), {"Content-Type": "font/ttf"})
        logger.warning("Refused to fetch %.200r for a PDF: use a data: address in the template.", url)
        raise PermissionError("only data: addresses and the fonts of the packages are read")


class _PackageFonts(FontConfiguration):
    """A font configuration without the machine's fonts and settings, so that every machine prints alike."""

    def __init__(self) -> None:
        _use_own_rules()
        self._config = _new_font_config()
        self.font_map = ffi.gc(pangoft2.pango_ft2_font_map_new(), _forget_font_map)
        pangoft2.pango_fc_font_map_set_config(ffi.cast("PangoFcFontMap *", self.font_map), self._config)
        fontconfig.FcConfigDestroy(self._config)  # the font map holds it from here on
        self.strut_layouts = {}
        self.font_features = {}

    def require_faces(self) -> None:
        """Raise RuntimeError unless every font of _FACES is loaded: Pango without any ends the process."""
        loaded = fontconfig.FcConfigGetFonts(self._config, fontconfig.FcSetApplication)
        if loaded == ffi.NULL or loaded.nfont < len(_FACES):
            raise RuntimeError(
                "ติดตั้งแบบอักษรใหม่ด้วย pip install --force-reinstall -r requirements.txt / "
                "Install the fonts again: pip install --force-reinstall -r requirements.txt")


def _forget_font_map(font_map: ffi.CData) -> None:
    """Free a font map with its configuration, which Pango 1.50 would keep for ever with all its fonts."""
    pangoft2.pango_fc_font_map_set_config(ffi.cast("PangoFcFontMap *", font_map), ffi.NULL)
    gobject.g_object_unref(font_map)


@cache
def _use_own_rules() -> None:
    """Make our rules fontconfig's current ones in this process: Pango asks those, not the font map's."""
    own, library = _fontconfig()
    if not library.FcConfigSetCurrent(own.cast("void *", int(ffi.cast("uintptr_t", _new_font_config())))):
        raise RuntimeError("fontconfig refused the font rules of reports/render.py.")


def _new_font_config() -> ffi.CData:
    """Make a font configuration that has our rules and no fonts yet."""
    own, library = _fontconfig()
    config = ffi.cast("FcConfig *", int(own.cast("uintptr_t", library.FcConfigCreate())))
    if not fontconfig.FcConfigParseAndLoadFromMemory(config, _FONT_RULES, True):
        raise RuntimeError("fontconfig refused the font rules of reports/render.py.")
    return config


@cache
def _fontconfig() -> tuple[cffi.FFI, object]:
    """Bind the two calls that WeasyPrint doesn't: an empty configuration, and which one is current."""
    own = cffi.FFI()
    own.cdef("void *FcConfigCreate(void); int FcConfigSetCurrent(void *config);")
    return own, own.dlopen("libfontconfig.so.1")
