"""Ed25519 signatures of checkpoints and archives: who can write the database can't write these without the key.

`cryptography` is imported by what signs or verifies only: a page that writes an entry needs none of it.
"""
import json
import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


def opened(kind: str, payload: str, signature: str) -> dict | None:
    """What was signed as a `kind` ('checkpoint', 'segment'); None if the portal did not sign this, or as another."""
    if not is_signed(payload, signature):
        return None
    signed = json.loads(payload)
    return signed if signed["kind"] == kind else None


def sign(text: str) -> str:
    """The signature of a text by the portal's key, in hexadecimal digits."""
    return _private_key().sign(text.encode()).hex()


def is_signed(text: str, signature: str) -> bool:
    """Whether the portal's key, or one that it had earlier (AUDIT_OLD_KEYS), signed this text."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    for raw in (public_key_hex(), *settings.AUDIT_OLD_KEYS):
        try:
            Ed25519PublicKey.from_public_bytes(bytes.fromhex(raw)).verify(bytes.fromhex(signature), text.encode())
            return True
        except (InvalidSignature, ValueError):
            continue
    return False


def public_key_hex() -> str:
    """The public key as AUDIT_OLD_KEYS takes it: 64 hexadecimal digits."""
    return _private_key().public_key().public_bytes_raw().hex()


def public_key_pem() -> str:
    """The public key as other programs take it."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key = _private_key().public_key()
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def _private_key() -> "Ed25519PrivateKey":
    return _key_of(settings.AUDIT_KEY or _kept(Path(settings.VAR_DIR) / "audit_key"))


@cache
def _key_of(text: str) -> "Ed25519PrivateKey":
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    try:
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(text))
    except ValueError as error:
        raise ImproperlyConfigured("AUDIT_KEY must be 64 hexadecimal digits: `openssl rand -hex 32`.") from error


def _kept(path: Path) -> str:
    """The key in a file, made once and readable by its owner only; the first of several that make one stays."""
    if not path.exists():
        unfinished = path.with_name(f"{path.name}.{os.getpid()}")
        unfinished.touch(mode=0o600)
        unfinished.write_text(os.urandom(32).hex())
        try:
            os.link(unfinished, path)
        except FileExistsError:
            pass  # another process was first
        unfinished.unlink(missing_ok=True)
    return path.read_text().strip()
