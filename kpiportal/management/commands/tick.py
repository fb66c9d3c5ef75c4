"""Do what is due: for a timer, every few minutes. Files that wait for the virus scan, or whose scan failed, are tried
again; the tokens of old forms, ended sessions and the texts of mails of two weeks ago are forgotten; rounds whose
opening day has come are opened; files of the library whose making broke off are begun anew, those of a week ago
removed, and what was asked for a month later; once an hour the audit trail is sealed by a signed checkpoint; the daily
digest goes to whom there is something to tell."""
from django.core.management import call_command
from django.core.management.base import BaseCommand

from evidence.services import enqueue_scans
from kpiportal.audit.services import forget_handled_posts, seal_when_due
from reports.bundles.services import sweep_bundles
from scoring.services.reminders import remind
from scoring.services.rounds import open_due_rounds

# Days that the text of a mail stays in its task: it may hold a link for a new password.
MAILS_KEPT = 14


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
        swept = sweep_bundles()
        if options["verbosity"] and any(swept):
            self.stdout.write(f"{swept.again} files begun anew, {swept.given_up} given up, {swept.removed} removed")
        reminded = remind()
        call_command("clearsessions")
        # Only now: what came of the reminders stands in their tasks.
        call_command("prune_db_task_results", queue_name="*", min_age_days=MAILS_KEPT, verbosity=0)
        if options["verbosity"] and sealed:
            self.stdout.write(f"checkpoint {sealed.number} of the audit trail")
        if options["verbosity"] and reminded:
            self.stdout.write(f"{reminded} mails to send")
