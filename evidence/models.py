"""Evidence: what proves a result. Knows nothing of results; scoring refers to it."""
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kpiportal.accounts.models import Unit, User


class Evidence(models.Model):
    """One entry of the evidence list (หลักฐานอ้างอิง): a link, a letter, or a document named and kept elsewhere."""

    class Kind(models.TextChoices):
        NAMED = "named", _("Named, kept elsewhere")
        LINK = "link", _("Link")
        LETTER = "letter", _("Official letter")

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="evidence")
    kind = models.CharField(max_length=6, choices=Kind)
    title = models.CharField(max_length=500)
    place = models.CharField(max_length=300, blank=True)
    url = models.CharField(max_length=500, blank=True)
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "evidence"
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="evidence_has_title"),
            models.CheckConstraint(condition=~Q(kind="link") | ~Q(url=""), name="evidence_link_has_url"),
        ]

    def __str__(self) -> str:
        return self.title
