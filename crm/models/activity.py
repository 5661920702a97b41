from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models.lead import Lead


class Activity(models.Model):
    """One append-only fact: this lead did this, then. Only its lead, its bot mark and its withdrawal ever change.

    The id the engine knows is the text `feed:message_id`. `value` is the number as sent, to twenty decimals.
    """

    feed = models.CharField(_("feed"), max_length=60)
    message_id = models.CharField(_("message id"), max_length=200)
    lead = models.ForeignKey(
        Lead, models.CASCADE, null=True, related_name="activities", verbose_name=_("lead"), db_index=False
    )
    # Who it was before they were known; identifying them sets the lead.
    visitor = models.CharField(_("visitor"), max_length=200, blank=True)
    kind = models.CharField(_("kind"), max_length=60)
    occurred_at = models.DateTimeField(_("occurred"))
    received_at = models.DateTimeField(_("received"), auto_now_add=True)
    url = models.TextField(_("address"), blank=True)
    subject = models.TextField(_("subject"), blank=True)
    value = models.DecimalField(_("value"), max_digits=40, decimal_places=20, null=True)
    source = models.CharField(_("source"), max_length=200, blank=True)
    properties = models.JSONField(_("properties"), default=dict)
    is_bot = models.BooleanField(_("bot"), default=False)
    bot_reason = models.CharField(max_length=60, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    # SHA-256 of the item as sent, nothing derived: tells a repeat (duplicate) from another content (conflict).
    sent_hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("activity")
        verbose_name_plural = _("activities")
        constraints = [models.UniqueConstraint(fields=["feed", "message_id"], name="activity_message_once")]
        indexes = [
            models.Index(fields=["lead", "occurred_at"], name="activity_lead_occurred"),
            models.Index(fields=["feed", "visitor"], condition=models.Q(lead=None), name="activity_visitor"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.feed}:{self.message_id}"
