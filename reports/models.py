"""What was handed over for good: issued cards."""
from django.db import models

from kpiportal.accounts.models import User
from reports.bundle_models import Bundle
from scoring.models import Snapshot
from scoring.models.result import visible_results

__all__ = ["Bundle", "IssuedCard", "IssuedCardQuerySet"]


class IssuedCardQuerySet(models.QuerySet):
    """Issued cards that a person may see."""

    def visible_to(self, user: User) -> "IssuedCardQuerySet":
        """Those of the results that the person may see."""
        return self.filter(visible_results(user, "snapshot__result__"))


class IssuedCard(models.Model):
    """The one PDF of a certified result, in the agreement's own language and digits; rendered once, never changed or
    deleted (the database refuses both). Its bytes lie under their hash beside the files of evidence."""

    snapshot = models.OneToOneField(Snapshot, models.PROTECT, related_name="issued_card")
    number = models.CharField(max_length=20, unique=True)
    # In the QR code: whoever has it may see what the card is worth, so that nobody can guess it.
    code = models.CharField(max_length=20, unique=True)
    sha256 = models.CharField(max_length=64, unique=True)
    size = models.PositiveIntegerField()
    is_signed = models.BooleanField()
    issued_at = models.DateTimeField()
    issued_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    replaces = models.OneToOneField("self", models.PROTECT, null=True, related_name="replaced_by")

    objects = IssuedCardQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.number

    @property
    def key(self) -> str:
        """Its name in the storage."""
        return self.sha256[:32]
