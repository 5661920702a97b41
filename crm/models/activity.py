from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from crm.models.imports import Import
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
    # Why it is held for a machine's; "person" where somebody said that it is not, so that no rule marks it again.
    bot_reason = models.CharField(_("why"), max_length=60, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    imported_by = models.ForeignKey(
        Import, models.PROTECT, null=True, blank=True, editable=False, related_name="+", db_index=False
    )
    # SHA-256 of the item as sent, nothing derived: tells a repeat (duplicate) from another content (conflict).
    sent_hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("activity")
        verbose_name_plural = _("activities")
        constraints = [models.UniqueConstraint(fields=["feed", "message_id"], name="activity_message_once")]
        indexes = [
            models.Index(fields=["lead", "occurred_at"], name="activity_lead_occurred"),
            # Rows lie about as things happened, so a few bytes tell which pages hold the last days.
            BrinIndex(fields=["occurred_at"], name="activity_occurred", autosummarize=True),
            models.Index(fields=["feed", "visitor"], condition=models.Q(lead=None), name="activity_visitor"),
            models.Index(
                fields=["imported_by"], condition=models.Q(imported_by__isnull=False), name="activity_imported"
            ),
            models.Index(fields=["-id"], condition=models.Q(is_bot=True), name="activity_bot"),
            models.Index(fields=["-id"], condition=models.Q(bot_reason="person"), name="activity_person"),
            # Who else was seen from a network address just then: crm.ingestion.nearby asks in these very words.
            models.Index(
                Coalesce(
                    KeyTextTransform("ip", "properties"), KeyTextTransform("ip", KeyTransform("context", "properties"))
                ),
                "occurred_at",
                condition=models.Q(properties__has_key="ip") | models.Q(properties__context__has_key="ip"),
                name="activity_address",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.feed}:{self.message_id}"
