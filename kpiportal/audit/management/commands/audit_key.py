"""Print the public key that signs checkpoints and archives of the audit trail, for auditors; as AUDIT_OLD_KEYS takes it with
--hex."""
from django.core.management.base import BaseCommand

from kpiportal.audit.signing import public_key_hex, public_key_pem


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("--hex", action="store_true", help="64 hexadecimal digits instead of PEM")

    def handle(self, *args, **options):
        self.stdout.write(public_key_hex() if options["hex"] else public_key_pem().rstrip())
