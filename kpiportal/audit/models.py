"""What happened: one append-only table, readable after the person or object is gone (so no foreign keys), chained per
unit, sealed by signed checkpoints and archived by whole segments. The database's triggers guard all of it."""
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models


class AppendOnlyError(TypeError):
    """An audit entry was to be changed or deleted."""


class AuditQuerySet(models.QuerySet):
    """Reading and adding only."""

    def update(self, **kwargs):
        raise AppendOnlyError("Audit entries can't be changed: record a new one.")

    def delete(self):
        raise AppendOnlyError("Audit entries can't be deleted.")

    def bulk_update(self, *args, **kwargs):
        raise AppendOnlyError("Audit entries can't be changed: record a new one.")

    def bulk_create(self, objs, *args, update_conflicts=False, **kwargs):
        if update_conflicts:
            raise AppendOnlyError("Audit entries can't be changed: record a new one.")
        return super().bulk_create(objs, *args, **kwargs)

    def about(self, target: models.Model) -> "AuditQuerySet":
        """The entries about one object, oldest first."""
        return self.filter(target_type=target._meta.label_lower, target_id=str(target.pk)).order_by("pk")


class AuditEvent(models.Model):
    """One decision, change, sign-in, refusal or download: who, when, where from, what, before and after."""

    # The chain is the unit's, or 0; its database gives an entry number, previous and hash (PostgreSQL at the commit).
    chain = models.BigIntegerField(default=0)
    number = models.BigIntegerField(null=True)
    previous = models.CharField(max_length=64, null=True)
    hash = models.CharField(max_length=64, null=True)
    at = models.DateTimeField(db_index=True)
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=200, blank=True)
    address = models.CharField(max_length=64, blank=True)
    action = models.CharField(max_length=60, db_index=True)
    unit_id = models.BigIntegerField(null=True, db_index=True)
    target_type = models.CharField(max_length=60)
    target_id = models.CharField(max_length=40)
    target_name = models.CharField(max_length=300, blank=True)
    before = models.JSONField(null=True, encoder=DjangoJSONEncoder)
    after = models.JSONField(null=True, encoder=DjangoJSONEncoder)
    reason = models.TextField(blank=True)

    objects = AuditQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["target_type", "target_id"], name="audit_target"),
            # The pages walk the times: by this index alone, whatever else is asked for.
            models.Index(fields=["at", "id", "action", "chain", "actor_id", "address"], name="audit_walk"),
            models.Index(fields=["actor_id", "at", "id"], name="audit_actor"),
            models.Index(fields=["target_name", "at", "id"], name="audit_named"),
            models.Index(fields=["chain"], condition=models.Q(number=None), name="audit_unchained"),
        ]
        constraints = [models.UniqueConstraint(fields=["chain", "number"], name="audit_number_once")]
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor_name} {self.action} {self.target_name}"

    def save(self, *args, **kwargs):
        if self.pk is not None:
            raise AppendOnlyError("Audit entries can't be changed: record a new one.")
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        raise AppendOnlyError("Audit entries can't be deleted.")


class AuditHead(models.Model):
    """The last entry of each chain, kept by the database's triggers only."""

    chain = models.BigIntegerField(primary_key=True)
    number = models.BigIntegerField()
    hash = models.CharField(max_length=64)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.chain}: {self.number} {self.hash}"


class AuditCheckpoint(models.Model):
    """All heads at a time, signed: `payload` holds those that moved since the checkpoint before, and its hash."""

    number = models.BigIntegerField(unique=True)
    at = models.DateTimeField()
    payload = models.TextField()
    signature = models.CharField(max_length=128)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.number} {self.at:%Y-%m-%d %H:%M}"


class AuditSegment(models.Model):
    """Entries of a chain that stand in an archive file instead; only what a segment covers can be deleted."""

    chain = models.BigIntegerField()
    first = models.BigIntegerField()
    last = models.BigIntegerField()
    at = models.DateTimeField()
    file = models.CharField(max_length=200)
    payload = models.TextField()
    signature = models.CharField(max_length=128)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["chain", "first"], name="segment_first_once"),
            models.CheckConstraint(condition=models.Q(last__gte=models.F("first")), name="segment_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.chain}: {self.first}-{self.last} {self.file}"


class HandledPost(models.Model):
    """A form that had its effect: the hash of person, address and token, and where it led."""

    key = models.CharField(max_length=64, primary_key=True)
    at = models.DateTimeField(db_index=True)
    location = models.TextField(blank=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.key
