"""Load the seed documents of fixtures/ and the demo accounts; what is there already stays."""
import os

from django.contrib.auth.password_validation import validate_password
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
        if chosen:
            self._refuse_weak(chosen)
        load_people(read(FIXTURES / "people.yaml"), chosen or DEFAULT_PASSWORD)
        if chosen:
            self._override_passwords(chosen)
        for path in agreement_files():
            load_agreement(read(path), with_results=not options["definitions_only"])
        if options["verbosity"]:
            self._print_accounts(chosen or DEFAULT_PASSWORD)

    def _refuse_weak(self, password: str) -> None:
        try:
            validate_password(password)
        except ValidationError as error:
            raise CommandError(f"DEMO_PASSWORD can't be used: {' '.join(error.messages)}") from error

    def _override_passwords(self, password: str) -> None:
        for user in User.objects.filter(is_demo=True):
            if not user.check_password(password):
                set_password(user, password, by=None)

    def _print_accounts(self, password: str) -> None:
        users = list(User.objects.filter(is_demo=True).order_by("pk"))
        for user in users:
            self.stdout.write(f"  {user.username:<12} {user.position or user.name}")
        # One check stands for all: each costs a tenth of a second of every start.
        known = bool(users) and users[0].check_password(password)
        shown = password if known else "ตามที่ตั้งไว้ · as it was set; DEMO_PASSWORD=… sets another"
        self.stdout.write(f"  รหัสผ่าน · password: {shown}")
