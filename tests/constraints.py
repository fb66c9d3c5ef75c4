"""What the database itself refuses, whatever road a row comes by: provoked past services and full_clean."""

from collections.abc import Callable

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction

Change = Callable[[], object]


def constraints_of(app_label: str) -> dict[str, models.BaseConstraint]:
    """The constraints that the models of an app declare, by name."""
    return {
        constraint.name: constraint
        for model in apps.get_app_config(app_label).get_models()
        for constraint in model._meta.constraints
    }


def again(row: models.Model, **changes: object) -> None:
    """Write the same row a second time, with some values changed."""
    row.pk, row._state.adding = None, True
    for name, value in changes.items():
        setattr(row, name, value)
    type(row).objects.bulk_create([row])


def assert_refused(change: Change, constraint: models.BaseConstraint | None = None) -> None:
    """The database refuses the change, by this very constraint."""
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        change()
        connection.check_constraints()
    # SQLite names a check or a partial index, but of a plain unique constraint its columns only.
    named = connection.vendor == "postgresql" or isinstance(constraint, models.CheckConstraint)
    if constraint and named:
        assert constraint.name in str(refusal.value)
