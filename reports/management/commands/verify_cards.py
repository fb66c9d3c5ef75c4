"""Check that every issued card has the very bytes that were issued, and every stored file its card; exit status 1 with
a list if not."""
from django.core.management.base import BaseCommand, CommandError

from evidence.problems import NotStored
from reports.issuing.verification import everything_wrong
from reports.models import IssuedCard


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("--sweep", action="store_true", help="remove files that no card knows, older than an hour")

    def handle(self, *args, **options):
        left = 0
        try:
            for wrong in everything_wrong():
                swept = options["sweep"] and wrong.sweep()
                self.stdout.write(f"{'removed: ' if swept else ''}{wrong.sentence}")
                left += not swept
        except NotStored as error:
            raise CommandError("The storage of files doesn't answer: nothing can be said of the cards.") from error
        if left:
            raise CommandError(f"{left} wrong; see the list above.")
        if options["verbosity"]:
            self.stdout.write(f"{IssuedCard.objects.count()} issued cards and their files agree.")
