"""What the portal's own pages ask of all floors."""
from django.db.models import Count, F

from indicators.models import Assignment
from kpiportal.accounts.models import User


def assignments_counted(user: User) -> list[dict]:
    """How many indicators a person is assigned to, by role, unit and round, the latest fiscal year first."""
    year = "round__agreement__fiscal_year__year"
    counted = Assignment.objects.filter(person=user).values("role", "unit__name", "round__months", year=F(year))
    counted = counted.annotate(indicators=Count("indicator", distinct=True))
    return list(counted.order_by("-year", "-round__months", "unit__path", "role"))
