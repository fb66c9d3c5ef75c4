"""Whether a file is a card as it was issued: its signature over every byte, and its data against its own record.

Needs neither the database nor a network. A signature counts only when it covers the whole file but itself, and when
its certificate is one that the caller knows.
"""
import hashlib
import io
import json
import logging
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pikepdf
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.keys import load_certs_from_pemder_data
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from reports.issuing.rendering import CARD, DATA, EVIDENCE

RANGE = re.compile(rb"/ByteRange\s*\[\s*0 (\d{1,12}) (\d{1,12}) (\d{1,12})\s*\]")
CONTENTS = re.compile(rb"<((?:[0-9A-F]{2})+)>")
CHANGED = "The file was changed after it was signed"


class NotGenuine(Exception):
    """The file is no card as it was issued; the text says what is wrong."""


@dataclass(frozen=True)
class Checked:
    """What a file says of itself once it hangs together: its record, the hash of the whole file, and whether a
    signature by a known certificate covers it."""

    card: dict
    sha256: str
    is_signed: bool


def check(pdf: bytes, known: Iterable[x509.Certificate]) -> Checked:
    """Check a file. Raises NotGenuine with a sentence."""
    is_signed = b"/ByteRange" in pdf
    if is_signed:
        _signature_holds(pdf, list(known))
    return Checked(_data_agrees(pdf), hashlib.sha256(pdf).hexdigest(), is_signed)


@contextmanager
def _whatever_goes_wrong(means: str) -> Iterator[None]:
    """A hostile or damaged file may fail anywhere in reading it: then it isn't genuine."""
    try:
        yield
    except NotGenuine:
        raise
    except Exception as error:
        raise NotGenuine(means) from error


def _data_agrees(pdf: bytes) -> dict:
    """The card's record, when its data has the hash that is recorded there."""
    with _whatever_goes_wrong("This is no issued card: it doesn't hold the data that every issued card holds."):
        with pikepdf.open(io.BytesIO(pdf)) as document:
            inside = {name: document.attachments[name].get_file().read_bytes() for name in (DATA, EVIDENCE, CARD)}
        card = json.loads(inside[CARD])
        if hashlib.sha256(inside[DATA]).hexdigest() != card["data_sha256"]:
            raise NotGenuine(f"The data in card {card['number']} isn't what was certified: its hash is another.")
        return {name: str(card[name]) for name in ("number", "code", "issued_at", "replaces", "data_sha256")}


def _signature_holds(pdf: bytes, known: list[x509.Certificate]) -> None:
    """A signature by a known certificate covers every byte but its own digits."""
    with _whatever_goes_wrong(f"{CHANGED}: its signature can't be read."):
        _covers_all(pdf)
        ours = load_certs_from_pemder_data(b"".join(one.public_bytes(Encoding.PEM) for one in known))
        trust = ValidationContext(trust_roots=list(ours), allow_fetching=False)
        [signature] = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
        with _unlogged():
            status = validate_pdf_signature(signature, signer_validation_context=trust)
        certificate = x509.load_der_x509_certificate(signature.signer_cert.dump())
    if not (status.intact and status.valid and status.docmdp_ok):
        raise NotGenuine(f"{CHANGED}.")
    if certificate.fingerprint(hashes.SHA256()) not in {one.fingerprint(hashes.SHA256()) for one in known}:
        raise NotGenuine("The file is signed, but not with a certificate that is known here: name it by --certificate.")


def _covers_all(pdf: bytes) -> None:
    """The range leaves out the signature's hexadecimal digits and nothing else, not even their spelling; behind the
    signature there is only the room that was kept for it, as zeros."""
    [found] = RANGE.finditer(pdf)
    before, after, rest = map(int, found.groups())
    contents = CONTENTS.fullmatch(pdf[before:after])
    if after + rest != len(pdf) or not contents:
        raise NotGenuine(f"{CHANGED}: the signature doesn't cover all of it.")
    signature = bytes.fromhex(contents[1].decode())
    length, start = signature[1], 2
    if length & 0x80:
        start += length & 0x7F
        length = int.from_bytes(signature[2:start], "big")
    if any(signature[start + length :]):
        raise NotGenuine(f"{CHANGED}: something lies beside the signature.")


@contextmanager
def _unlogged() -> Iterator[None]:
    """pyHanko tells of a certificate that has ended by a traceback; whose it is counts here, not until when."""
    log = logging.getLogger("pyhanko")
    level = log.level
    log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        log.setLevel(level)
