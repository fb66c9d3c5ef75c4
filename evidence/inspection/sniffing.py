"""What a file is: its first bytes say who examines it; whatever nobody here knows is refused by name."""

from importlib import import_module
from typing import TYPE_CHECKING, BinaryIO

import magic

from evidence.inspection.reasons import Refused
from evidence.inspection.searching import EICAR, MARKUP, ends_as_zip, holds, read_at, search, size_of

if TYPE_CHECKING:
    from evidence.inspection.inspector import Inspection

HEAD = 4096
PDF_REACH = 1024  # readers of PDF look for its first line this far into a file
_FIRST_BYTES = (
    (b"PK\x03\x04", "office"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "compound"),
    (b"\xff\xd8\xff", "pictures"),
    (b"\x89PNG\r\n\x1a\n", "pictures"),
    (b"GIF87a", "pictures"),
    (b"GIF89a", "pictures"),
    (b"II*\0", "pictures"),
    (b"MM\0*", "pictures"),
)
_HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_EXECUTABLE = (
    "application/x-dosexec", "application/vnd.microsoft.portable-executable", "application/x-executable",
    "application/x-pie-executable", "application/x-sharedlib", "application/x-mach-binary", "application/x-object",
    "application/java-applet", "application/x-java-applet", "application/x-ms-shortcut", "application/x-msi",
    "application/vnd.android.package-archive", "application/x-wine-extension-ini",
)
_ARCHIVES = (
    "application/zip", "application/x-rar", "application/vnd.rar", "application/x-7z-compressed", "application/gzip",
    "application/x-gzip", "application/x-bzip2", "application/x-xz", "application/x-tar", "application/x-lzma",
    "application/vnd.ms-cab-compressed", "application/x-iso9660-image", "application/zstd", "application/x-zstd",
    "application/x-lzh-compressed", "application/x-lha", "application/x-arj", "application/x-ace-compressed",
    "application/x-lzip", "application/x-lz4", "application/java-archive", "application/x-archive",
    "application/vnd.ms-tnef",
)
SCRIPTS = (
    "text/x-shellscript", "text/x-php", "text/x-perl", "text/x-ruby", "application/javascript", "text/javascript",
    "text/x-msdos-batch", "text/vbscript", "text/x-script.python", "text/x-tcl", "text/x-lua", "text/x-awk",
)
_PAGES = ("text/html", "image/svg+xml", "text/xml", "application/xml", "application/xhtml+xml")


def kind_of(stream: BinaryIO, inspection: "Inspection", *, data: bool = False) -> str:
    """One of KINDS. `data` lets XML that is no page through as text. Raises Refused."""
    stream.seek(0)
    head = stream.read(HEAD)
    if not head:
        raise Refused("empty")
    if holds(stream, EICAR):
        raise Refused("virus")
    examiner = _examiner(head)
    at = head[: PDF_REACH + 5].find(b"%PDF-")
    if at >= 0 and examiner is None:
        examiner = "pdf"
    elif at >= 0:
        raise Refused("polyglot")
    if examiner:
        return import_module(f"evidence.inspection.{examiner}").examine(stream, inspection)
    return import_module("evidence.inspection.texts").examine(stream, inspection, data=data)


def _examiner(head: bytes) -> str | None:
    """The module that knows files with these first bytes, except for PDF and text."""
    for first, module in _FIRST_BYTES:
        if head.startswith(first):
            return module
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "pictures"
    brands = head[8 : max(8, min(int.from_bytes(head[:4], "big"), 128))]
    if head[4:8] == b"ftyp" and any(brands[i : i + 4] in _HEIC_BRANDS for i in range(0, len(brands), 4)):
        return "pictures"
    return None


def content_type(head: bytes) -> str:
    """libmagic's word for a file that begins like this."""
    return magic.from_buffer(head, mime=True)


def refusal(head: bytes, otherwise: str = "type") -> Refused:
    """Why a file that begins like this, and is none of ours, is refused."""
    found = content_type(head)
    for code, types in (
        ("executable", _EXECUTABLE), ("archive", _ARCHIVES), ("script", SCRIPTS), ("markup", _PAGES),
    ):
        if found in types:
            return Refused(code)
    if found.startswith(("audio/", "video/")):
        return Refused("media")
    return Refused(otherwise if found.startswith(("application/octet-stream", "text/")) else "type")


def check_tail(stream: BinaryIO, end: int) -> None:
    """What stands behind the end of a picture or document: 'polyglot' for all but padding, and what phones append.

    Those append videos (moving photos), further pictures and notes of their own; none is a program, archive or page.
    """
    size = size_of(stream)
    if ends_as_zip(stream):
        raise Refused("polyglot")
    tail = read_at(stream, end, min(HEAD, size - end)) if end < size else b""
    tail = tail.lstrip(b"\0\r\n\t \x1a")
    if not tail:
        return
    found = content_type(tail)
    harmless = found.startswith(("image/", "video/")) or found in ("application/octet-stream", "text/plain")
    if not harmless or found == "image/svg+xml" or tail.startswith((b"MZ", b"#!", b"%PDF")):
        raise Refused("polyglot")
    if b"\x7fELF" in tail or b"DOS mode" in tail or search(stream, MARKUP, end) is not None:
        raise Refused("polyglot")
