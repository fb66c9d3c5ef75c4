"""Check that a PDF is a card as it was issued; exit status 1 with a sentence if not. Needs no network: a signed card is
checked by its certificate, an unsigned one by the hash in the portal's database."""
from pathlib import Path

from cryptography import x509
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from reports.issuing.checking import Checked, NotGenuine, check
from reports.issuing.problems import NotSigned
from reports.issuing.queries import card_by_hash
from reports.issuing.signing import own_certificate
from reports.models import IssuedCard


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("file")
        parser.add_argument("--certificate", action="append", default=[], help="a certificate (PEM) that counts, too")
        parser.add_argument("--offline", action="store_true", help="don't ask the database, the signature must do")

    def handle(self, *args, **options):
        try:
            checked = check(Path(options["file"]).read_bytes(), _certificates(options["certificate"]))
        except (OSError, NotGenuine, NotSigned, ValueError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"card {checked.card['number']} of {checked.card['issued_at']}, SHA-256 {checked.sha256}")
        if checked.is_signed:
            self.stdout.write("signed: not one byte was changed since")
        if options["offline"]:
            if not checked.is_signed:
                raise CommandError("The card isn't signed: only the portal that issued it can tell whether it is one.")
            return
        self.stdout.write(_standing(checked))


def _certificates(files: list[str]) -> list[x509.Certificate]:
    own = [own_certificate()] if settings.CARD_CERTIFICATE else []
    return own + [one for file in files for one in x509.load_pem_x509_certificates(Path(file).read_bytes())]


def _standing(checked: Checked) -> str:
    """What the database knows of the file."""
    try:
        card: IssuedCard | None = card_by_hash(checked.sha256)
    except DatabaseError as error:
        if not checked.is_signed:
            raise CommandError("The card isn't signed, and the database that would know it can't be asked.") from error
        return "the database can't be asked whether it was superseded"
    if card is None:
        raise CommandError("The portal never issued this file: it was changed or saved anew, or is another portal's.")
    ended = card.snapshot.superseded_at
    return f"issued here; superseded on {ended:%Y-%m-%d}" if ended else "issued here; in force"
