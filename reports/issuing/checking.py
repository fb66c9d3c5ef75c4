"""Whether a file is a card as it was issued: its signature over every byte, and its data against its own record.

Needs neither the database nor a network. A signature counts only when it covers the whole file but itself, and when
its certificate is one that the caller knows.
"""
import hashlib
import io
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

import pikepdf
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.general import SigningError
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko_certvalidator import ValidationContext

from reports.issuing.rendering import CARD, DATA, EVIDENCE

CONTENTS = re.compile(rb"<(?:[0-9a-f]{2})+>")


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
    card = _data_agrees(pdf)
    is_signed = b"/ByteRange" in pdf
    if is_signed:
        _signature_holds(pdf, {one.fingerprint(hashes.SHA256()) for one in known})
    return Checked(card, hashlib.sha256(pdf).hexdigest(), is_signed)


def _data_agrees(pdf: bytes) -> dict:
    """The card's record, when its data has the hash that is recorded there."""
    try:
        with pikepdf.open(io.BytesIO(pdf)) as document:
            inside = {name: document.attachments[name].get_file().read_bytes() for name in (DATA, EVIDENCE, CARD)}
        card = json.loads(inside[CARD])
        number, expected = card["number"], card["data_sha256"]
    except (pikepdf.PdfError, KeyError, ValueError, TypeError) as error:
        raise NotGenuine("This is no issued card: it doesn't hold the data that every issued card holds.") from error
    if hashlib.sha256(inside[DATA]).hexdigest() != expected:
        raise NotGenuine(f"The data in card {number} isn't what was certified: its hash is another.")
    return card


def _signature_holds(pdf: bytes, known: set[bytes]) -> None:
    try:
        [signature] = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
        first, before, after, rest = (int(each) for each in signature.byte_range)
        # The range leaves out the signature's own hexadecimal digits and nothing else, not even their spelling.
        if first != 0 or after + rest != len(pdf) or not CONTENTS.fullmatch(pdf[before:after]):
            raise NotGenuine("The file was changed after it was signed: the signature doesn't cover all of it.")
        _nothing_beside_it(bytes.fromhex(pdf[before + 1 : after - 1].decode()))
        nobody = ValidationContext(trust_roots=[], allow_fetching=False)
        status = validate_pdf_signature(signature, signer_validation_context=nobody)
        certificate = x509.load_der_x509_certificate(signature.signer_cert.dump())
    except NotGenuine:
        raise
    # A hostile or damaged file may fail anywhere in reading it.
    except (PdfError, SignatureValidationError, SigningError, ValueError, TypeError, LookupError, ArithmeticError,
            AttributeError, AssertionError, RuntimeError, OSError) as error:
        raise NotGenuine("The file was changed after it was signed: its signature can't be read.") from error
    if not (status.intact and status.valid and status.docmdp_ok):
        raise NotGenuine("The file was changed after it was signed.")
    if certificate.fingerprint(hashes.SHA256()) not in known:
        raise NotGenuine("The file is signed, but not with a certificate that is known here: name it by --certificate.")


def _nothing_beside_it(contents: bytes) -> None:
    """Behind the signature there is only the room that was kept for it, as zeros."""
    length, start = contents[1], 2
    if length & 0x80:
        start += length & 0x7F
        length = int.from_bytes(contents[2:start], "big")
    if any(contents[start + length :]):
        raise NotGenuine("The file was changed after it was signed: something lies beside the signature.")
