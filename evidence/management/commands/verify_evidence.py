"""Check that every row of evidence has its file and every file its row; exit status 1 with a list if not."""
from django.core.management.base import BaseCommand, CommandError

from evidence.models import FileVersion
from evidence.problems import NotStored
from evidence.verification import everything_wrong


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("--sweep", action="store_true", help="remove what no row knows and is older than an hour")
        parser.add_argument("--hashes", action="store_true", help="read every file and compare its SHA-256")

    def handle(self, *args, **options):
        left = 0
        try:
            for wrong in everything_wrong(hashes=options["hashes"]):
                swept = options["sweep"] and wrong.sweep()
                self.stdout.write(f"{'removed: ' if swept else ''}{wrong.sentence}")
                left += not swept
        except NotStored as error:
            raise CommandError(f"{error.message.th} · {error.message.en}") from error
        if left:
            raise CommandError(f"{left} wrong; see the list above.")
        if options["verbosity"]:
            self.stdout.write(f"{FileVersion.objects.count()} rows and their files agree.")
