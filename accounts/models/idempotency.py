import hashlib

from django.db import models
from django.utils import timezone

from accounts.models.api_key import ApiKey


class IdempotencyRecord(models.Model):
    """The answer given to a write that carried an Idempotency-Key: the same key and body get it again, for a day."""

    api_key = models.ForeignKey(ApiKey, models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    request_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.JSONField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["api_key", "key"], name="idempotency_key_once")]
        indexes = [models.Index(fields=["created_at"], name="idempotency_created_at")]

    def __str__(self) -> str:
        return self.key

    @staticmethod
    def fingerprint(sent: str) -> str:
        """SHA-256 of method, address and body of a call."""
        return hashlib.sha256(sent.encode()).hexdigest()


class RateWindow(models.Model):
    """How often a key called in its current window; one row a key, written by accounts.api.throttle."""

    api_key = models.OneToOneField(ApiKey, models.CASCADE, primary_key=True, related_name="+")
    # Unix seconds at which the window began.
    started = models.BigIntegerField()
    calls = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.api_key_id}: {self.calls}"
