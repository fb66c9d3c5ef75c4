"""Do what is due: for a timer, every few minutes. Files that wait for the virus scan, or whose scan failed, are tried
again; the tokens of old forms are forgotten; rounds whose opening day has come are opened; once an hour the audit trail
is sealed by a signed checkpoint; the daily digest goes to whom there is something to tell."""
from django.core.management.base import BaseCommand

from evidence.services import enqueue_scans
from kpiportal.audit.services import forget_handled_posts, seal_when_due
from scoring.services.reminders import remind
from scoring.services.rounds import open_due_rounds


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args, **options):
        sealed = seal_when_due()
        forget_handled_posts()
        enqueued = enqueue_scans()
        if options["verbosity"] and enqueued:
            self.stdout.write(f"{enqueued} files to scan for viruses")
        rounds = open_due_rounds()
        if options["verbosity"] and rounds.opened:
            self.stdout.write(f"{len(rounds.opened)} rounds opened")
        for round_, refusal in rounds.refused if options["verbosity"] else ():
            self.stderr.write(f"{round_.agreement}, {round_.months}-month round: {refusal.message.en}")
        reminded = remind()
        if options["verbosity"] and sealed:
            self.stdout.write(f"checkpoint {sealed.number} of the audit trail")
        if options["verbosity"] and reminded:
            self.stdout.write(f"{reminded} mails to send")
