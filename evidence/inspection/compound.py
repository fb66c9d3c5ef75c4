"""Old Office (doc, xls, ppt) and Outlook messages (msg): the streams of an OLE compound file."""

import re
import struct
from typing import TYPE_CHECKING, BinaryIO

import olefile

from evidence.inspection.reasons import Refused
from evidence.inspection.searching import size_of
from evidence.inspection.sniffing import check_tail

if TYPE_CHECKING:
    from evidence.inspection.inspector import Inspection

_FREE = 0xFFFFFFFF
_MACRO_STORAGES = {"macros", "vba", "_vba_project", "_vba_project_cur", "_vba_project_cur_version"}
_SEALED = {"encryptedpackage", "encryptedsummary", "\x06dataspaces"}
_PPT_MACROS = re.compile(
    rb"\x1f\x00\xff\x03\x14\x00\x00\x00\x02\x00\x00\x04\x0c\x00\x00\x00.{4}\x01\x00\x00\x00", re.DOTALL
)
_DOC_DDE = re.compile(rb"\x13\s*DDE(?:AUTO)?\b|\x13\x00(?: \x00)*D\x00D\x00E\x00", re.IGNORECASE)
_PPT_SEALED = b"\xdf\xc4\xd1\xf3"
_FILEPASS, _BOUNDSHEET, _EOF = 0x2F, 0x85, 0x0A
_ATTACHED = "__substg1.0_37010102"
_KINDS = (
    ("WordDocument", "doc"), ("Workbook", "xls"), ("Book", "xls"), ("PowerPoint Document", "ppt"),
    ("__properties_version1.0", "msg"),
)


def examine(stream: BinaryIO, inspection: "Inspection") -> str:
    """'doc', 'xls', 'ppt' or 'msg'. Raises Refused."""
    stream.seek(0)
    try:
        with olefile.OleFileIO(stream) as compound:
            return _examine(compound, stream, inspection)
    except (OSError, ValueError, IndexError, struct.error, TypeError) as error:
        raise Refused("broken") from error


def _examine(compound: olefile.OleFileIO, stream: BinaryIO, inspection: "Inspection") -> str:
    paths = compound.listdir(streams=True, storages=True)
    names = {part.lower() for path in paths for part in path}
    if names & _SEALED:
        raise Refused("encrypted")
    if names & _MACRO_STORAGES:
        raise Refused("macro")
    if "\x01ole10native" in names:
        raise Refused("embedded")
    kind = next((kind for name, kind in _KINDS if compound.exists(name)), None)
    if kind is None and not inspection.depth:
        raise Refused("executable" if any(name.startswith("\u4840") for name in names) else "type")
    if kind:
        _CHECKS[kind](compound, inspection)
    used = max((number for number, following in enumerate(compound.fat) if following != _FREE), default=0)
    check_tail(stream, min((used + 2) * compound.sector_size, size_of(stream)))
    return kind or "doc"


def _read(compound: olefile.OleFileIO, name: str | list[str]) -> bytes:
    with compound.openstream(name) as part:
        return part.read()


def _check_word(compound: olefile.OleFileIO, inspection: "Inspection") -> None:
    content = _read(compound, "WordDocument")
    if len(content) < 32 or content[:2] not in (b"\xec\xa5", b"\xdc\xa5"):
        raise Refused("broken")
    if content[11] & 0x01:
        raise Refused("encrypted")
    if _DOC_DDE.search(content):
        raise Refused("dde")


def _check_excel(compound: olefile.OleFileIO, inspection: "Inspection") -> None:
    """The records of the workbook's globals: a password, and sheets that are Excel 4 macros."""
    content = _read(compound, "Workbook" if compound.exists("Workbook") else "Book")
    position = 0
    while position + 4 <= len(content):
        record, length = struct.unpack_from("<HH", content, position)
        if record == _FILEPASS:
            raise Refused("encrypted")
        if record == _BOUNDSHEET and length > 5 and content[position + 9] in (0x01, 0x06):
            raise Refused("macro")
        if record == _EOF:
            return
        position += 4 + length
    raise Refused("broken")


def _check_slides(compound: olefile.OleFileIO, inspection: "Inspection") -> None:
    if compound.exists("Current User") and _PPT_SEALED in _read(compound, "Current User")[:20]:
        raise Refused("encrypted")
    if _PPT_MACROS.search(_read(compound, "PowerPoint Document")):
        raise Refused("macro")


def _check_message(compound: olefile.OleFileIO, inspection: "Inspection") -> None:
    """Whatever is attached, also to messages that are attached."""
    for path in compound.listdir(streams=True, storages=False):
        if path[-1].lower() == _ATTACHED and (content := _read(compound, path)).strip():
            inspection.inside(content, _attachment_name(compound, path[:-1]))


def _attachment_name(compound: olefile.OleFileIO, storage: list[str]) -> str:
    """The long name, else the short one, else that of the storage."""
    for tag in ("3707001F", "3704001F"):
        path = [*storage, f"__substg1.0_{tag}"]
        if compound.exists(path):
            return _read(compound, path).decode("utf-16-le", "replace")
    return storage[-1]


_CHECKS = {"doc": _check_word, "xls": _check_excel, "ppt": _check_slides, "msg": _check_message}
