"""The migrations are those of the models, and the custom user is there from the first one."""
import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db.migrations.loader import MigrationLoader

from kpiportal.accounts.models import User


@pytest.mark.django_db
def test_no_model_is_ahead_of_its_migrations():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_the_custom_user_stands_in_the_first_migration():
    first = MigrationLoader(None).get_migration("accounts", "0001_initial")
    made = [operation.name for operation in first.operations if operation.__class__.__name__ == "CreateModel"]
    assert "User" in made and get_user_model() is User
