"""Move the audit trail's entries of before a date into an archive file: up to the last checkpoint before it, never what
is younger than AUDIT_KEEP_DAYS. The file is verified, then just its entries are deleted. The tables' owner runs it."""
import datetime

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from kpiportal.audit.archives import NotArchived
from kpiportal.audit.services import archive


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("--before", required=True, type=datetime.date.fromisoformat, help="a date: 2026-01-31")

    def handle(self, *args, **options):
        midnight = datetime.datetime.combine(options["before"], datetime.time(), timezone.get_current_timezone())
        try:
            segments = archive(midnight)
        except NotArchived as reason:
            raise CommandError(str(reason)) from reason
        count = sum(segment.last - segment.first + 1 for segment in segments)
        if options["verbosity"]:
            name = f" in {segments[0].file}" if segments else ""
            self.stdout.write(f"{count} entries archived{name}")
