"""Signing issued cards with the agency's certificate (pyHanko), and making a certificate to try it with."""
import datetime
import io
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from cryptography.x509.oid import NameOID
from django.conf import settings
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter

from reports.issuing.problems import NotSigned

FIELD = "Certification"
TEST_DAYS = 3650
UNOPENED = "CARD_CERTIFICATE can't be opened: check that it is PKCS#12, and CARD_PASSPHRASE."


def sign(pdf: bytes, *, at: datetime.datetime) -> bytes:
    """The PDF certified by CARD_CERTIFICATE: no change of any kind is allowed afterwards. Raises NotSigned."""
    signer = _signer()
    ends = signer.signing_cert.not_valid_after
    if not signer.signing_cert.not_valid_before <= at <= ends:
        raise NotSigned(f"CARD_CERTIFICATE is not valid on {at:%Y-%m-%d}: it ends on {ends:%Y-%m-%d}. Renew it.")
    meta = PdfSignatureMetadata(
        field_name=FIELD, md_algorithm="sha256", certify=True, docmdp_permissions=MDPPerm.NO_CHANGES,
        subfilter=SigSeedSubFilter.PADES, name=signer.subject_name,
    )
    signed = PdfSigner(meta, signer, new_field_spec=SigFieldSpec(FIELD)).sign_pdf(
        IncrementalPdfFileWriter(io.BytesIO(pdf))
    )
    return signed.getvalue()


def _signer() -> SimpleSigner:
    _opened()
    signer = SimpleSigner.load_pkcs12(settings.CARD_CERTIFICATE, passphrase=settings.CARD_PASSPHRASE.encode() or None)
    if signer is None:
        raise NotSigned(UNOPENED)
    return signer


def own_certificate() -> x509.Certificate:
    """The certificate of CARD_CERTIFICATE. Raises NotSigned."""
    return _opened().cert.certificate


def _opened() -> pkcs12.PKCS12KeyAndCertificates:
    """What CARD_CERTIFICATE holds, a certificate with its key. Raises NotSigned."""
    try:
        found = pkcs12.load_pkcs12(
            Path(settings.CARD_CERTIFICATE).read_bytes(), settings.CARD_PASSPHRASE.encode() or None
        )
    except (OSError, ValueError) as error:
        raise NotSigned(UNOPENED) from error
    if found.cert is None or found.key is None:
        raise NotSigned("CARD_CERTIFICATE lacks the certificate or its private key: export both into one file.")
    return found


def trial_certificate(passphrase: str) -> bytes:
    """A self-signed certificate with its key as PKCS#12: to try signing with, worth nothing to anybody else."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=3072)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "KPI Portal (test certificate)")])
    now = datetime.datetime.now(datetime.UTC)
    usage = dict.fromkeys((
        "key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign", "encipher_only",
        "decipher_only",
    ), False)
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=TEST_DAYS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(digital_signature=True, content_commitment=True, **usage), critical=True)
        .sign(key, hashes.SHA256())
    )
    return pkcs12.serialize_key_and_certificates(
        b"KPI Portal", key, certificate, None, BestAvailableEncryption(passphrase.encode())
    )
