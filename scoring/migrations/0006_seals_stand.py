from django.db import migrations, models

from kpiportal.audit.triggers import append_only

TABLES = ("scoring_snapshot", "scoring_roundseal")
ONCE = """
CREATE OR REPLACE FUNCTION scoring_superseded_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is superseded once', TG_TABLE_NAME USING ERRCODE = '23000';
END $$
"""


def superseded_once(apps, schema_editor):
    """What is superseded stays so, since when it is."""
    on_postgresql = schema_editor.connection.vendor == "postgresql"
    if on_postgresql:
        schema_editor.execute(ONCE, params=None)
    for table in TABLES:
        again = "OLD.superseded_at IS NOT NULL AND NEW.superseded_at IS {} OLD.superseded_at"
        if on_postgresql:
            schema_editor.execute(
                f"CREATE TRIGGER {table}_once BEFORE UPDATE ON {table} FOR EACH ROW"
                f" WHEN ({again.format('DISTINCT FROM')}) EXECUTE FUNCTION scoring_superseded_once()", params=None,
            )
        else:
            schema_editor.execute(
                f"CREATE TRIGGER {table}_once BEFORE UPDATE ON {table} WHEN {again.format('NOT')}"
                f" BEGIN SELECT RAISE(ABORT, '{table} is superseded once'); END", params=None,
            )


def superseded_again(apps, schema_editor):
    on_postgresql = schema_editor.connection.vendor == "postgresql"
    for table in TABLES:
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_once" + (f" ON {table}" if on_postgresql else ""), params=None)


class Migration(migrations.Migration):
    dependencies = [("scoring", "0005_review_and_seals")]

    operations = [
        migrations.AddField(
            model_name="snapshot", name="line", field=models.TextField(default=""), preserve_default=False
        ),
        *(append_only(table, except_columns=("superseded_at",)) for table in TABLES),
        migrations.RunPython(superseded_once, superseded_again),
    ]
