"""Check the audit trail, its checkpoints and archived segments; exit status 1 with a sentence for whatever is wrong."""
import json
from collections import Counter
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from kpiportal.audit.archives import problems_of
from kpiportal.audit.verification import Finding, Verification

SHOWN = 200


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument("--archive", type=Path, help="check this archive file instead")

    def handle(self, *args, **options):
        run, shown, kinds = Verification(), [], Counter()
        try:
            for finding in archived(options["archive"]) if options["archive"] else run.found():
                kinds[finding.kind] += 1
                if len(shown) < SHOWN:
                    shown.append(finding)
        except DatabaseError as error:
            raise CommandError(f"The trail can't be read to its end: {error}") from error
        if options["json"]:
            counts = {"entries": run.entries, "chains": run.chains, "findings": kinds.total()}
            self.stdout.write(json.dumps(counts | {"shown": [vars(each) for each in shown]}, ensure_ascii=False))
        else:
            for finding in shown:
                self.stdout.write(finding.sentence)
        if kinds:
            raise CommandError(f"{kinds.total()} wrong ({', '.join(f'{n} {kind}' for kind, n in kinds.items())}).")
        if options["verbosity"] and not options["json"]:
            what = options["archive"] or f"{run.entries} entries in {run.chains} chains"
            self.stdout.write(f"{what}: sound.")


def archived(path: Path):
    """What is wrong with one archive file."""
    return (Finding("archive", sentence) for sentence in problems_of(path))
