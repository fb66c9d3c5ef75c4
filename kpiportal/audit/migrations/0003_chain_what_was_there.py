from django.db import migrations

from kpiportal.audit.chain import FIELDS, canonical_json, canonical_text, columns, entry_hash
import json

BATCH = 2000
TAKE = f"SELECT {{}} FROM audit_auditevent WHERE id > %s ORDER BY id LIMIT {BATCH}"
KEEP = 'UPDATE audit_auditevent SET chain=%s, number=%s, previous=%s, hash=%s, "before"=%s, "after"=%s WHERE id=%s'


def chain_what_was_there(apps, schema_editor):
    """Number and hash the entries of earlier versions, in the order in which they were written."""
    connection, heads, last = schema_editor.connection, {}, 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute(TAKE.format(columns(connection.vendor)), [last])
            rows = cursor.fetchall()
            if not rows:
                break
            cursor.executemany(KEEP, [link(row, heads) for row in rows])
            last = rows[-1][0]
        added = [(chain, number, digest) for chain, (number, digest) in heads.items()]
        cursor.executemany("INSERT INTO audit_audithead (chain, number, hash) VALUES (%s, %s, %s)", added)


def link(row, heads):
    """The entry's place at the end of its chain, and its JSON in canonical form."""
    entry = dict(zip(FIELDS, row, strict=True))
    entry["chain"] = entry["unit_id"] or 0
    number, entry["previous"] = heads.get(entry["chain"], (0, ""))
    entry["number"] = number + 1
    for name in ("before", "after"):
        entry[name] = canonical_json(json.loads(entry[name])) if entry[name] is not None else None
    digest = entry_hash(canonical_text([entry[name] for name in FIELDS]))
    heads[entry["chain"]] = entry["number"], digest
    return [entry["chain"], entry["number"], entry["previous"], digest, entry["before"], entry["after"], entry["id"]]


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_chain")]

    operations = [migrations.RunPython(chain_what_was_there, migrations.RunPython.noop)]
