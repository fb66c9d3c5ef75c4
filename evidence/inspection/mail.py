"""E-mail (.eml): what is attached to it is examined by the same rules; its own text is only read."""

import email
import re
from binascii import a2b_base64
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from typing import TYPE_CHECKING, BinaryIO

from evidence.inspection.limits import MEGABYTE
from evidence.inspection.reasons import Refused
from evidence.inspection.searching import EICAR, ends_as_zip, size_of

if TYPE_CHECKING:
    from evidence.inspection.inspector import Inspection

_HEADER = re.compile(rb"^([A-Za-z][A-Za-z0-9-]{1,60}):", re.MULTILINE)
_START = re.compile(rb"(?:From [^\r\n]+\r?\n)?[A-Za-z][A-Za-z0-9-]{1,60}:[ \t\r\n]")
_SENT = {b"from", b"received", b"return-path", b"sender"}
_TECHNICAL = {b"mime-version", b"message-id", b"received", b"content-type", b"date", b"delivered-to"}
_SIGNATURES = {"application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature"}
_SEALED = {"application/pkcs7-mime", "application/x-pkcs7-mime", "application/pgp-encrypted"}
_LONGEST_SIGNATURE = 100_000
_UUENCODED = re.compile(rb"^begin [0-7]{3} \S", re.MULTILINE)


def looks_like(head: bytes) -> bool:
    """Whether a file begins with the headers of a message that was sent."""
    if not _START.match(head):
        return False
    block = re.split(rb"\r?\n\r?\n", head, maxsplit=1)[0]
    names = {name.lower() for name in _HEADER.findall(block)}
    return bool(names & _SENT) and len(names & _TECHNICAL) >= 1


def examine(stream: BinaryIO, inspection: "Inspection") -> str:
    """'eml'. Raises Refused, for an attachment with its name."""
    if size_of(stream) > inspection.limits.mail:
        raise Refused("too_large", limit=inspection.limits.mail // MEGABYTE)
    if ends_as_zip(stream):
        raise Refused("polyglot")
    stream.seek(0)
    message = email.message_from_binary_file(stream)
    if message.get("Snapshot-Content-Location") or "<saved by" in str(message.get("From", "")).lower():
        raise Refused("markup")  # a page saved as .mht
    try:
        _check_message(message, inspection, 0)
    except (MessageError, ValueError, TypeError, LookupError, AttributeError) as error:
        raise Refused("broken") from error
    return "eml"


def _check_message(part: Message, inspection: "Inspection", depth: int) -> None:
    if depth > 20:
        raise Refused("nested")
    if part.get_content_type() in _SEALED:
        raise Refused("encrypted")
    if not part.is_multipart():
        _check_leaf(part, inspection)
        return
    for child in part.get_payload():
        _check_message(child, inspection, depth + (5 if part.get_content_type() == "message/rfc822" else 1))


def _check_leaf(part: Message, inspection: "Inspection") -> None:
    """A body is only looked through, everything else examined."""
    content = _content(part)
    part.set_payload(None)  # one attachment at a time in memory
    name, kind = _name(part), part.get_content_type()
    if not content.strip():
        return
    if not name and part.get_content_disposition() != "attachment" and kind in ("text/plain", "text/html"):
        if EICAR in content:
            raise Refused("virus")
        if _UUENCODED.search(content):
            raise Refused("archive")
        return
    if kind in _SIGNATURES and len(content) < _LONGEST_SIGNATURE and content.startswith((b"\x30", b"-----BEGIN PGP")):
        return
    inspection.inside(content, name or kind)


def _content(part: Message) -> bytes:
    """The decoded content; base64 without the further copy that the library makes."""
    payload = part.get_payload()
    encoding = str(part.get("Content-Transfer-Encoding", "")).lower()
    if encoding == "base64" and isinstance(payload, str) and payload.isascii():
        try:
            return a2b_base64(payload)
        except ValueError:
            return part.get_payload(decode=True) or b""
    return part.get_payload(decode=True) or b""


def _name(part: Message) -> str:
    """An attachment's name as people read it."""
    name = part.get_filename() or ""
    try:
        return str(make_header(decode_header(name)))
    except (MessageError, LookupError, ValueError):
        return name  # as it stands: an encoding that nobody knows
