"""Evidence: what proves a result, and the versions of its file. Knows nothing of results; scoring refers to it."""
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from kpiportal.accounts.models import Unit, User

WEB_ADDRESS = Q(url__startswith="http://") | Q(url__startswith="https://")
IS_LETTER, NO_LETTER = Q(kind="letter"), Q(letter_number="", letter_date__isnull=True, issuer="")


class Evidence(models.Model):
    """One entry of the evidence list (หลักฐานอ้างอิง): a file, a link, an official letter, or a document that is
    named and kept elsewhere."""

    class Kind(models.TextChoices):
        FILE = "file", _("File")
        LINK = "link", _("Link")
        LETTER = "letter", _("Official letter")
        NAMED = "named", _("Named, kept elsewhere")

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="evidence")
    kind = models.CharField(max_length=6, choices=Kind)
    title = models.CharField(max_length=500)
    place = models.CharField(max_length=300, blank=True)
    url = models.CharField(max_length=500, blank=True)
    letter_number = models.CharField(max_length=100, blank=True)
    letter_date = models.DateField(null=True, blank=True)
    issuer = models.CharField(max_length=300, blank=True)
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "evidence"
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="evidence_has_title"),
            models.CheckConstraint(
                condition=Q(kind__in=["file", "link", "letter", "named"]), name="evidence_kind_known"
            ),
            models.CheckConstraint(condition=~Q(kind="link") | ~Q(url=""), name="evidence_link_has_url"),
            models.CheckConstraint(condition=Q(url="") | WEB_ADDRESS, name="evidence_url_of_the_web"),
            models.CheckConstraint(
                condition=~IS_LETTER | (~Q(letter_number="") & Q(letter_date__isnull=False) & ~Q(issuer="")),
                name="evidence_letter_whole",
            ),
            models.CheckConstraint(condition=IS_LETTER | NO_LETTER, name="evidence_letter_only"),
            models.CheckConstraint(condition=~Q(kind="file") | Q(url="", place=""), name="evidence_file_is_here"),
        ]

    def __str__(self) -> str:
        return self.title


class FileVersion(models.Model):
    """One file of a piece of evidence: a newer one stands beside the older. `key` is its name in the storage,
    `name` the one that people see; a version that was taken down keeps its row but not its bytes."""

    class Scan(models.TextChoices):
        OFF = "off", _("Not scanned for viruses")
        WAITING = "waiting", _("Waiting for the virus scan")
        CLEAN = "clean", _("No virus found")
        INFECTED = "infected", _("Virus found: nobody can open it")
        FAILED = "failed", _("Not scanned yet: the virus scanner doesn't work, it is tried again")

    evidence = models.ForeignKey(Evidence, models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=255)
    key = models.CharField(max_length=32)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    content_type = models.CharField(max_length=100)
    uploaded_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    uploaded_at = models.DateTimeField(auto_now_add=True)
    scan = models.CharField(max_length=8, choices=Scan, default=Scan.OFF)
    # The virus's name, or the slug of why the scan failed (evidence/scan.py).
    scan_note = models.CharField(max_length=200, blank=True)
    scanned_at = models.DateTimeField(null=True, blank=True)
    taken_down_at = models.DateTimeField(null=True, blank=True)
    taken_down_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    taken_down_reason = models.CharField(max_length=1000, blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["evidence", "number"], name="file_version_number_once"),
            models.UniqueConstraint(fields=["key"], name="file_version_key_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="file_version_from_1"),
            models.CheckConstraint(condition=Q(size__gte=1), name="file_version_not_empty"),
            models.CheckConstraint(condition=~Q(name="") & ~Q(content_type=""), name="file_version_named"),
            models.CheckConstraint(condition=Exact(Length("key"), 32), name="file_version_key_whole"),
            models.CheckConstraint(condition=Exact(Length("sha256"), 64), name="file_version_hash_whole"),
            models.CheckConstraint(
                condition=Q(scan__in=["off", "waiting"], scanned_at__isnull=True, scan_note="")
                | Q(scan="clean", scanned_at__isnull=False, scan_note="")
                | (Q(scan__in=["infected", "failed"], scanned_at__isnull=False) & ~Q(scan_note="")),
                name="file_version_scan_whole",
            ),
            models.CheckConstraint(
                condition=Q(taken_down_at__isnull=True, taken_down_by__isnull=True, taken_down_reason="")
                | (Q(taken_down_at__isnull=False, taken_down_by__isnull=False) & ~Q(taken_down_reason="")),
                name="file_version_taken_down_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def closed_to_all(self) -> bool:
        """Whether nobody may open it: taken down, or a virus was found in it."""
        return self.taken_down_at is not None or self.scan == self.Scan.INFECTED

    def may_be_shown_to(self, user: User) -> bool:
        """Whether the state of the file allows it; whether the person may see the evidence at all is decided by the
        caller. While scanning is on, what isn't known to be clean is its uploader's alone."""
        if self.closed_to_all:
            return False
        if not settings.CLAMD_URL or self.scan == self.Scan.CLEAN:
            return True
        return self.uploaded_by_id is not None and self.uploaded_by_id == user.pk
