from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from crm.models.lead import Lead


class Quarantine(models.Model):
    """Something sent that could not be taken as it is, or a lead that could not be scored: kept with its reason, replayable."""

    feed = models.CharField(_("feed"), max_length=60, blank=True)
    kind = models.CharField(
        _("what"),
        max_length=20,
        choices=[("activity", _("activity")), ("lead", _("lead")), ("score", _("score"))],
    )
    lead = models.ForeignKey(Lead, models.CASCADE, null=True, related_name="+", verbose_name=_("lead"))
    message_id = models.CharField(_("message id"), max_length=200, blank=True)
    payload = models.JSONField(_("as sent"), null=True)
    # SHA-256 of the payload as sent: the same item sent again is not kept twice.
    sent_hash = models.CharField(max_length=64, blank=True)
    code = models.CharField(_("code"), max_length=60)
    detail = models.TextField(_("reason"))
    received_at = models.DateTimeField(_("received"), auto_now_add=True)
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)
    settled_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("quarantined item")
        verbose_name_plural = _("quarantine")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["feed", "message_id", "sent_hash"],
                condition=models.Q(kind="activity", settled_at=None),
                name="quarantine_activity_once",
            ),
            models.UniqueConstraint(
                fields=["lead"],
                condition=models.Q(kind="score", settled_at=None),
                name="quarantine_score_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.feed}:{self.message_id}"
