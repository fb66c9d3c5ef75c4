"""Plain text and tables: UTF-8, UTF-16 with its mark, TIS-620; no page, no script, no control characters."""

import codecs
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

from evidence.inspection import mail
from evidence.inspection.reasons import Refused
from evidence.inspection.searching import search
from evidence.inspection.sniffing import HEAD, SCRIPTS, content_type, refusal

if TYPE_CHECKING:
    from evidence.inspection.inspector import Inspection

_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x19\x1c-\x1f\x7f]")
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_PAGE = re.compile(
    r"<(?:!doctype|html|head|body|script|style|svg|iframe|object|embed|applet|form|meta|base|link|img|xsl:\w+|hta:\w+)"
    r"(?=[\s/>])|<(?:\?php|%@|%=|\w{1,20}:script\b)|javascript:|vbscript:",
    re.IGNORECASE,
)
_XML, _DTD = re.compile(r"<\?xml\s"), re.compile(r"<!(?:entity|doctype)", re.IGNORECASE)
_SCRIPT_START = re.compile(
    r"\s*(?:#!|@?echo\s+off\b|\[InternetShortcut\]|Windows Registry Editor|REGEDIT4|%!PS)", re.IGNORECASE
)
_SCRIPT = re.compile(
    r"WScript\.(?:Shell|CreateObject)|CreateObject\s*\(|powershell(?:\.exe)?\s+-|new\s+ActiveXObject|Invoke-Expression"
    r"|document\.(?:write|cookie)|require\(\s*['\"]child_process|__import__\(|os\.system\s*\(",
    re.IGNORECASE,
)
# Substrings are found fifty times sooner than patterns: most pieces of text need no pattern at all.
_SCRIPT_WORDS = (
    "wscript", "createobject", "powershell", "activexobject", "invoke-expression", "document.", "child_process",
    "__import__", "os.system",
)
_DDE_CELL = re.compile(r"(?:^|[,;\t\n\"])\s*[=+@-][^,;\t\n|]{0,60}\w\|\s*'[^\n]{0,200}!", re.MULTILINE)
_DELIMITED = re.compile(r"[^\n]*[,;\t][^\n]*\n?")


def examine(stream: BinaryIO, inspection: "Inspection", *, data: bool = False) -> str:
    """'txt', 'csv' or 'eml'. Raises Refused, also for all that is no text at all."""
    stream.seek(0)
    head = stream.read(HEAD)
    if mail.looks_like(head):
        return mail.examine(stream, inspection)
    encoding = _encoding(stream, head)
    first = None
    for text in _decoded(stream, encoding):
        if first is None:
            first = text
            _check_start(head, text)
        _check_text(text, data=data)
    return "csv" if inspection.table and _DELIMITED.match(first or "") else "txt"


def _encoding(stream: BinaryIO, head: bytes) -> str:
    """The encoding; Refused if it is no text."""
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    if search(stream, _CONTROL) is not None:
        raise refusal(head, "nul" if _mostly_text(head) else "type")
    return "utf-8" if _is_utf8(stream) else "cp874"


def _mostly_text(head: bytes) -> bool:
    """Whether all but a few bytes, or every second one (UTF-16 without its mark), are letters."""
    letters = len(re.findall(rb"[\x20-\x7e\r\n\t\xa1-\xfb]", head))
    return letters * 10 >= len(head) * 9 or (head.count(0) * 10 >= len(head) * 4 and letters * 10 >= len(head) * 4)


def _is_utf8(stream: BinaryIO) -> bool:
    try:
        for _ in _decoded(stream, "utf-8"):
            pass
    except Refused:
        return False
    return True


def _decoded(stream: BinaryIO, encoding: str) -> Iterator[str]:
    """The text in overlapping pieces; 'type' where the bytes are none of the encoding."""
    stream.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)()
    kept = ""
    try:
        while piece := stream.read(1 << 18):
            text = decoder.decode(piece)
            yield kept + text
            kept = text[-256:]
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise Refused("type") from error


def _check_start(head: bytes, text: str) -> None:
    if _SCRIPT_START.match(text) or content_type(head) in SCRIPTS:
        raise Refused("script")
    if text.startswith("{\\rtf"):
        raise Refused("type")
    if re.match(r"begin [0-7]{3} ", text):
        raise Refused("archive")


def _check_text(text: str, *, data: bool) -> None:
    if "\0" in text:
        raise Refused("nul")
    lower = text.lower()
    if ("<" in text or "script:" in lower) and _is_page(text, data=data):
        raise Refused("markup")
    if any(word in lower for word in _SCRIPT_WORDS) and _SCRIPT.search(text):
        raise Refused("script")
    if "|" in text and _DDE_CELL.search(text):
        raise Refused("dde")


def _is_page(text: str, *, data: bool) -> bool:
    found = _PAGE.search(text) or _DTD.search(text) or (None if data else _XML.search(text))
    return found is not None
