"""Load the seed documents of fixtures/ and the demo accounts; what is there already stays."""
import os

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from kpiportal.accounts.models import User
from kpiportal.accounts.services import set_password
from scoring.seeds import FIXTURES, agreement_files, load_agreement, load_people, read

DEFAULT_PASSWORD = "kpi-portal-2569"


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("--definitions-only", action="store_true", help="leave the results out")

    def handle(self, *args, **options):
        chosen = os.environ.get("DEMO_PASSWORD")
        password = chosen or DEFAULT_PASSWORD
        load_people(read(FIXTURES / "people.yaml"), password)
        if chosen:
            self._override_passwords(chosen)
        for path in agreement_files():
            load_agreement(read(path), with_results=not options["definitions_only"])
        if options["verbosity"]:
            self._print_accounts(password)

    def _override_passwords(self, password: str) -> None:
        for user in User.objects.filter(is_demo=True):
            if not user.check_password(password):
                try:
                    set_password(user, password, by=None)
                except ValidationError as error:
                    raise CommandError(f"DEMO_PASSWORD can't be used: {' '.join(error.messages)}") from error

    def _print_accounts(self, password: str) -> None:
        for user in User.objects.filter(is_demo=True).order_by("pk"):
            shown = password if user.check_password(password) else "(its own password)"
            self.stdout.write(f"  {user.username:<12} {shown:<20} {user.position or user.name}")
