"""Check that every snapshot and seal is what was frozen; exit status 1 with a list if not."""
from django.core.management.base import BaseCommand, CommandError

from scoring.freezing.verification import everything_wrong
from scoring.models import RoundSeal, Snapshot


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args, **options):
        found = list(everything_wrong())
        for sentence in found:
            self.stdout.write(sentence)
        if found:
            raise CommandError(f"{len(found)} wrong; see the list above.")
        if options["verbosity"]:
            snapshots, seals = Snapshot.objects.count(), RoundSeal.objects.count()
            self.stdout.write(f"{snapshots} snapshots and {seals} seals of rounds are as they were frozen.")
