"""Office (docx, xlsx, pptx) and OpenDocument (odt, ods, odp): packages whose parts are looked through one by one."""

import re
import zipfile
from typing import TYPE_CHECKING, BinaryIO

from evidence.inspection import relations
from evidence.inspection.package import open_package, unpacked
from evidence.inspection.reasons import Refused
from evidence.inspection.searching import EICAR, OVERLAP, read_at
from evidence.inspection.sniffing import refusal
from evidence.inspection.words import runs_programs

if TYPE_CHECKING:
    from evidence.inspection.inspector import Inspection

_MIMETYPE = "application/vnd.oasis.opendocument."
_OPEN = {f"{_MIMETYPE}text": "odt", f"{_MIMETYPE}spreadsheet": "ods", f"{_MIMETYPE}presentation": "odp"}
_CONTENT_TYPES = "[content_types].xml"
_LARGEST_INSIDE = 30_000_000
_FIELDS = (b"instrText", b"fldSimple")
_DDE = re.compile(
    rb"<(?:\w+:)?ddeLink[\s>]|\w\|(?:'|&apos;|&#39;|&#x27;)[^<>]{0,90}!|<text:dde-connection|<office:dde-source"
    rb"|<table:dde-link"
)
_BASIC = re.compile(r"basic/(?!(?:[^/]+/)?(?:script|dialog)-l[cb]\.xml$).+[^/]$|scripts/.+[^/]$", re.IGNORECASE)
_OPEN_MACRO = re.compile(rb"vnd\.sun\.star\.script:|<script:event-listener[^>]+script:macro-name|<office:script\s")
_OPEN_PLUGIN = re.compile(rb"<draw:(?:plugin|applet)[\s>]")
_OPEN_EXTERNAL = re.compile(
    rb"<draw:(?:floating-frame|object|object-ole)\s[^>]{0,90}xlink:href=\"(?:https?|ftp|file|smb|//|\\\\)"
)
_SEALED = re.compile(rb"<manifest:encryption-data[\s>]")
_XML_ENDINGS = (".xml", ".rels", ".vml", ".rdf", ".svg")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PROGRAMS = (b"MZ", b"\x7fELF", b"Rar!", b"7z\xbc\xaf", b"MSCF", b"\xca\xfe\xba\xbe", b"#!")


def examine(stream: BinaryIO, inspection: "Inspection") -> str:
    """One of the six kinds. Raises Refused; a zip archive that is none of them is 'archive'."""
    if read_at(stream, 0, 4) != b"PK\x03\x04":
        raise Refused("broken")
    with open_package(stream, inspection.limits) as package:
        names = {entry.filename.lower(): entry for entry in package.infolist()}
        if _CONTENT_TYPES in names:
            types = _whole(package, names[_CONTENT_TYPES])
            kind = relations.kind_of(types)
            relations.check_parts(names)
        elif "mimetype" in names:
            kind = _OPEN.get(_whole(package, names["mimetype"]).decode("ascii", "replace").strip(), "")
            if not kind:
                raise Refused("type")
            if any(_BASIC.match(name) for name in names):
                raise Refused("macro")
        else:
            raise Refused("archive")
        for entry in package.infolist():
            _check_part(package, entry, inspection, opened=kind.startswith("od"))
    return kind


def _whole(package: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    if entry.file_size > _LARGEST_INSIDE:
        raise Refused("bomb")
    return b"".join(unpacked(package, entry))


def _check_part(
    package: zipfile.ZipFile, entry: zipfile.ZipInfo, inspection: "Inspection", *, opened: bool
) -> None:
    """One part: XML is searched, files inside are examined as files of their own."""
    kept, head, fields, is_xml = b"", None, False, False
    for piece in unpacked(package, entry):
        if head is None:
            head = piece[:4096]
            is_xml = _is_xml(entry.filename, head)
            if not is_xml:
                _check_binary(package, entry, head, inspection)
        seen = kept + piece
        if EICAR in seen:
            raise Refused("virus", entry.filename)
        if is_xml:
            seen = seen.replace(b"\0", b"")  # UTF-16 hides nothing
            _check_markup(seen, opened=opened)
            fields = fields or any(word in seen for word in _FIELDS)
        kept = piece[-2 * OVERLAP :]
    if fields and runs_programs(unpacked(package, entry)):
        raise Refused("dde")
    if entry.filename.lower().endswith(".rels"):
        relations.check_targets(_whole(package, entry))


def _is_xml(name: str, head: bytes) -> bool:
    start = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \r\n\t")
    return name.lower().endswith(_XML_ENDINGS) or start.startswith((b"<?xml", b"<!"))


def _check_markup(seen: bytes, *, opened: bool) -> None:
    if b"<!DOCTYPE" in seen or b"<!ENTITY" in seen:
        raise Refused("xml")
    if (b"|" in seen or b"dde" in seen) and _DDE.search(seen):
        raise Refused("dde")
    if not opened:
        return
    for code, pattern in (
        ("macro", _OPEN_MACRO), ("activex", _OPEN_PLUGIN), ("external", _OPEN_EXTERNAL), ("encrypted", _SEALED),
    ):
        if pattern.search(seen):
            raise Refused(code)


def _check_binary(
    package: zipfile.ZipFile, entry: zipfile.ZipInfo, head: bytes, inspection: "Inspection"
) -> None:
    """A part that is no XML: documents inside are examined, programs and archives refused, pictures measured."""
    if head.startswith((b"PK\x03\x04", _OLE)):
        inspection.inside(_whole(package, entry), entry.filename)
    elif head.startswith(_PROGRAMS):
        refused = refusal(head, "embedded")
        if refused.code != "type":
            raise Refused(refused.code, entry.filename)
    elif head.startswith(b"\x89PNG\r\n\x1a\n"):
        width, height = int.from_bytes(head[16:20], "big"), int.from_bytes(head[20:24], "big")
        if width * height > inspection.limits.pixels:
            raise Refused("pixels", entry.filename, inspection.limits.pixels // 1_000_000)
