from django.db import migrations

from kpiportal.audit import guard
from kpiportal.audit.triggers import append_only


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_chain_what_was_there")]

    operations = [
        append_only("audit_auditcheckpoint"),
        append_only("audit_auditsegment"),
        migrations.RunPython(guard.forward, guard.backward),
    ]
