"""Storing the rows of a definition: hundreds at once, and those that are refused with the sentence that says why."""
from django.db import IntegrityError, models, transaction


def insert(*rows: models.Model) -> None:
    """Store new rows of one model, whose relations were just stored or read. Raises ValidationError.

    Fields are looked at first; what only the database knows (constraints) it is asked by storing, which costs a query
    for all rows in place of several for each. What it refuses is stored row by row to find the words for it.
    """
    if not rows:
        return
    for row in rows:
        row.clean_fields(exclude=[field.name for field in row._meta.fields if field.is_relation])
        row.clean()
    try:
        with transaction.atomic():
            type(rows[0]).objects.bulk_create(rows)
    except IntegrityError:
        for row in rows:
            row.pk = None
            row.full_clean()
            row.save(force_insert=True)
