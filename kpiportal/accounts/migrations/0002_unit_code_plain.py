"""A unit's code is plain: paths are made of codes and compared by their beginning."""

from django.core.validators import RegexValidator
from django.db import migrations, models

CODE = r"\A[a-z0-9-]+\Z"
RULE = "Write the code of a unit in lower-case letters a–z, digits and hyphens only."


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.AlterField(
            model_name="unit",
            name="code",
            field=models.CharField(max_length=40, unique=True, validators=[RegexValidator(CODE, RULE)]),
        ),
        migrations.AddConstraint(
            model_name="unit",
            constraint=models.CheckConstraint(
                condition=models.Q(code__regex=CODE), name="unit_code_plain", violation_error_message=RULE
            ),
        ),
    ]
