"""PDF: opens without a password, is whole, and does nothing by itself.

Refused are JavaScript, programs to launch, XFA forms and rich media, and attached files that would be refused
themselves. Links to web pages and mail addresses, forms, bookmarks, signatures and harmless attachments stay, and so
do PDFs that everybody can open but that forbid copying.
"""

import re
from typing import TYPE_CHECKING, BinaryIO

import pikepdf

from evidence.inspection.reasons import Refused
from evidence.inspection.searching import MARKUP, ends_as_zip, pieces, read_at, size_of
from evidence.inspection.sniffing import PDF_REACH, check_tail

if TYPE_CHECKING:
    from evidence.inspection.inspector import Inspection

_END = re.compile(rb"%%EOF")
_BLANK = b"\0\r\n\t\f \x1a"
# Junk before the first line is usual after printers and web servers; code that hides there is not.
_CODE = re.compile(rb"<|#!|/\*|//|[=`'\"]|\A(?:MZ|\x7fELF|PK)|echo\s", re.IGNORECASE)
_PRINTER = b"\x1b%-12345X@PJL"
_LOOK_CLOSER = re.compile(
    rb"/(?:JavaScript|JS|Launch|ImportData|GoToE|GoToR|URI|XFA|RichMedia|EF)(?![A-Za-z0-9])", re.ASCII
)
_ACTIONS = {"/JavaScript", "/Launch", "/ImportData", "/GoToE"}
_KEYS = ("/JS", "/JavaScript", "/XFA")
_SCHEMES = ("javascript:", "vbscript:", "data:", "file:", "ms-", "search-ms:", "shell:")


def examine(stream: BinaryIO, inspection: "Inspection") -> str:
    """'pdf'. Raises Refused."""
    _check_ends(stream)
    stream.seek(0)
    try:
        with pikepdf.open(stream, suppress_warnings=True) as pdf:
            if not len(pdf.pages):
                raise Refused("broken")
            _check_objects(pdf, inspection)
    except pikepdf.PasswordError as error:
        raise Refused("encrypted") from error
    except (pikepdf.PdfError, ValueError, TypeError, RuntimeError, LookupError, AttributeError) as error:
        raise Refused("broken") from error
    return "pdf"


def _check_ends(stream: BinaryIO) -> None:
    """Nothing but junk before the first line, nothing but padding behind the last."""
    size = size_of(stream)
    head = read_at(stream, 0, min(size, PDF_REACH + 5))
    junk = head[: head.find(b"%PDF-")]
    if _CODE.search(junk) and not (junk.startswith(_PRINTER) and not MARKUP.search(junk)):
        raise Refused("polyglot")
    if ends_as_zip(stream):
        raise Refused("polyglot")
    end = None
    for position, piece in pieces(stream):
        for match in _END.finditer(piece):
            end = position + match.end()
    if end is None:
        raise Refused("broken")
    tail = read_at(stream, end, min(size - end, 1 << 16))
    if b" obj" in tail:
        raise Refused("broken")  # a saved change that is cut off
    if tail.strip(_BLANK):
        check_tail(stream, end)


def _check_objects(pdf: pikepdf.Pdf, inspection: "Inspection") -> None:
    """Every object of the file, also those that no page refers to."""
    for item in pdf.objects:
        dictionary = item.stream_dict if isinstance(item, pikepdf.Stream) else item
        if isinstance(dictionary, pikepdf.Dictionary | pikepdf.Array):
            text = dictionary.unparse(resolved=True)  # names come out in one spelling
            if _LOOK_CLOSER.search(text):
                _check_value(dictionary, inspection, 0)


def _check_value(value: pikepdf.Object, inspection: "Inspection", depth: int) -> None:
    """A dictionary or array with what lies directly in it; what it refers to is an object of its own."""
    if depth > 100:
        raise Refused("broken")
    if isinstance(value, pikepdf.Dictionary):
        _check_dictionary(value, inspection)
        children = [child for _, child in value.items()]
    else:
        children = list(value)
    for child in children:
        if isinstance(child, pikepdf.Dictionary | pikepdf.Array) and not child.is_indirect:
            _check_value(child, inspection, depth + 1)


def _check_dictionary(value: pikepdf.Dictionary, inspection: "Inspection") -> None:
    action = str(value.get("/S", ""))
    if action in _ACTIONS or any(key in value for key in _KEYS) or str(value.get("/Subtype", "")) == "/RichMedia":
        raise Refused("active")
    if action == "/URI" and str(value.get("/URI", "")).strip().lower().startswith(_SCHEMES):
        raise Refused("active")
    if action == "/GoToR" and _text(value.get("/F", "")).replace("\\", "/").startswith(("//", "http")):
        raise Refused("external")
    if "/EF" in value:
        name = _text(value.get("/UF", value.get("/F", "")))
        for _, attached in value.EF.items():
            inspection.inside(_content(attached, name), name or "attachment", data=True)


def _content(attached: pikepdf.Stream, name: str) -> bytes:
    """An attached file, unpacked within what this process may allocate."""
    try:
        return attached.read_bytes()
    except (pikepdf.PdfError, MemoryError) as error:
        raise Refused("embedded", name) from error


def _text(value: pikepdf.Object | str) -> str:
    """A file specification's path: a string, or a dictionary with one."""
    if isinstance(value, pikepdf.Dictionary):
        value = value.get("/UF", value.get("/F", ""))
    return str(value)
