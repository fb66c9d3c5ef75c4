"""PostgreSQL: the role that serves the portal owns nothing, does the main path, and can't touch the trail."""

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from kpiportal.accounts.services import set_password
from kpiportal.audit.models import AuditEvent
from kpiportal.audit.services import seal_when_due
from kpiportal.audit.verification import Verification
from scoring.models import Result
from scoring.services import approve, submit
from tests.audit.conftest import sql
from tests.cast import person
from tests.definitions import every_kind
from tests.scoring.test_decisions import TYPED
from tests.scoring.test_entry import save

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]
PASSWORD = "tamarind-season-41"


@pytest.fixture
def role(request):
    """A role with the portal's rights; the connection works under it."""
    call_command("createcachetable", verbosity=0)
    call_command("load_seeds", definitions_only=True, verbosity=0)
    name = f"app of {connection.settings_dict['NAME']}"
    quoted = connection.ops.quote_name(name)
    sql(f"CREATE ROLE {quoted} LOGIN")
    call_command("grant_app_role", name, verbosity=0)
    yield quoted
    sql("RESET ROLE")
    sql(f"DROP OWNED BY {quoted}")
    sql(f"DROP ROLE {quoted}")


def test_the_main_path_works(role):
    report = every_kind()
    set_password(person("collector"), PASSWORD, by=None)
    sql(f"SET ROLE {role}")
    client = Client()
    data = {"login": "collector", "password": PASSWORD}
    assert client.post(reverse("account_login"), data).status_code == 302
    assert client.get(reverse("result", args=[report.pk])).status_code == 200
    save(report, person("collector"), **TYPED)
    submit(report, by=person("collector"))
    approve(report, by=person("supervisor"))
    assert Result.objects.get(pk=report.pk).state == "approved"
    assert seal_when_due().number == 1
    call_command("tick", verbosity=0)
    assert [each.sentence for each in Verification().found()] == []
    assert AuditEvent.objects.filter(action="user.signed_in").exists()


REFUSED = [
    "UPDATE audit_auditevent SET reason = 'x'",
    "DELETE FROM audit_auditevent",
    "TRUNCATE audit_auditevent",
    "INSERT INTO audit_auditevent (number) VALUES (1)",
    "INSERT INTO audit_auditevent (hash) VALUES ('x')",
    "ALTER TABLE audit_auditevent DISABLE TRIGGER ALL",
    "ALTER TABLE audit_auditevent DISABLE TRIGGER audit_changed",
    "DROP TRIGGER audit_changed ON audit_auditevent",
    "DROP TABLE audit_auditevent",
    "ALTER TABLE audit_auditevent ADD COLUMN x integer",
    "CREATE OR REPLACE FUNCTION audit_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    "SET session_replication_role = replica",
    "UPDATE audit_audithead SET number = 1",
    "INSERT INTO audit_audithead VALUES (5, 1, 'x')",
    "DELETE FROM audit_audithead",
    "UPDATE audit_auditcheckpoint SET payload = 'x'",
    "DELETE FROM audit_auditcheckpoint",
    "INSERT INTO audit_auditsegment (chain, first, last) VALUES (0, 1, 9)",
    "DELETE FROM audit_auditsegment",
    "DELETE FROM django_migrations",
    "CREATE TABLE mine (id integer)",
    "CREATE TEMPORARY TABLE audit_audithead (chain integer)",
    "CREATE SCHEMA mine",
    "TRUNCATE scoring_result CASCADE",
]


def test_the_trail_is_out_of_reach(role):
    sql(f"SET ROLE {role}")
    before = AuditEvent.objects.count()
    assert before > 0
    allowed = []
    for statement in REFUSED:
        try:
            with transaction.atomic():
                sql(statement)
            allowed.append(statement)
        except DatabaseError as error:
            assert "permission denied" in str(error) or "must be owner" in str(error), (statement, error)
    assert allowed == [] and AuditEvent.objects.count() == before


def test_a_role_that_is_too_mighty_is_refused(role):
    for name, words in (("nobody at all", "no role"), ("postgres", "too mighty")):
        with pytest.raises(CommandError, match=words):
            call_command("grant_app_role", name)
    sql(f"GRANT postgres TO {role}")
    with pytest.raises(CommandError, match="too mighty"):
        call_command("grant_app_role", role.strip('"'))


def test_a_second_run_takes_what_was_given_beyond(role):
    sql(f"GRANT ALL ON audit_auditevent, audit_audithead TO {role}")
    call_command("grant_app_role", role.strip('"'), verbosity=0)
    sql(f"SET ROLE {role}")
    with pytest.raises(DatabaseError, match="permission denied"):
        sql("UPDATE audit_auditevent SET reason = 'x'")
