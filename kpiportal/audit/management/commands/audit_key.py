"""Print, for auditors, the public key of the signatures on the audit trail's checkpoints and archives."""
from django.core.management.base import BaseCommand

from kpiportal.audit.signing import public_key_hex, public_key_pem


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("--hex", action="store_true", help="64 digits, as AUDIT_OLD_KEYS takes it, instead of PEM")

    def handle(self, *args, **options):
        self.stdout.write(public_key_hex() if options["hex"] else public_key_pem().rstrip())
