"""PostgreSQL: give a role just what the portal needs to serve; it owns nothing and can't change the audit trail.

Run it as the tables' owner, after each migration. The role is made with `CREATE ROLE name LOGIN PASSWORD '…'` before.
"""
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from kpiportal.audit.roles import Unfit, statements


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("name", help="the role that serves the portal")
        parser.add_argument("--print", action="store_true", help="print the SQL instead of running it")

    def handle(self, *args, **options):
        if connection.vendor != "postgresql":
            raise CommandError("Only PostgreSQL has roles: set DATABASE_URL to the owner's connection.")
        with transaction.atomic(), connection.cursor() as cursor:
            try:
                wanted = statements(cursor, options["name"])
            except Unfit as reason:
                raise CommandError(str(reason)) from reason
            for statement in wanted:
                if options["print"]:
                    self.stdout.write(f"{statement};")
                else:
                    cursor.execute(statement)
        if options["verbosity"] and not options["print"]:
            self.stdout.write(f"{options['name']} may serve the portal ({len(wanted)} statements).")
