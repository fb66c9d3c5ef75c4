"""Make a self-signed certificate to try the signing of issued cards with; it proves nothing to anybody else."""
import os
import secrets
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from reports.issuing.signing import trial_certificate


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("--file", default=str(settings.VAR_DIR / "test-certificate.p12"), help="where to write it")

    def handle(self, *args, **options):
        path, passphrase = Path(options["file"]), secrets.token_urlsafe(16)
        try:
            # Readable by its owner only, and never over another certificate.
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError as error:
            raise CommandError(f"{path} is there already: name another by --file, or remove it first.") from error
        with open(descriptor, "wb") as file:
            file.write(trial_certificate(passphrase))
        self.stdout.write(f"CARD_CERTIFICATE={path}\nCARD_PASSPHRASE={passphrase}")
