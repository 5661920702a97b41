from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from crm.models.company import Company
from kernel.models import Stamped


class Lead(Stamped):
    """A person who may buy. `created_at` is when they became a lead; derived fields are made by crm.identity.

    A merged lead keeps its row, points to its survivor and has no score; an erased one has no row at all.
    """

    email = models.CharField(_("email"), max_length=320, blank=True)
    # Trimmed, case-folded, domain in ASCII: what two spellings of one address share.
    email_key = models.CharField(max_length=320, blank=True, editable=False)
    first_name = models.CharField(_("first name"), max_length=200, blank=True)
    last_name = models.CharField(_("last name"), max_length=200, blank=True)
    title = models.CharField(_("title"), max_length=300, blank=True)
    phone = models.CharField(_("phone"), max_length=60, blank=True)
    phone_key = models.CharField(max_length=20, blank=True, editable=False)
    country = models.CharField(_("country"), max_length=2, blank=True)
    state = models.CharField(_("state"), max_length=200, blank=True)
    city = models.CharField(_("city"), max_length=200, blank=True)
    source = models.CharField(_("source"), max_length=200, blank=True)
    consent = models.BooleanField(_("consent"), null=True, blank=True)
    qualification = models.JSONField(_("qualification"), default=dict, blank=True)
    attributes = models.JSONField(_("custom attributes"), default=dict, blank=True)

    email_domain = models.CharField(_("email domain"), max_length=253, blank=True)
    email_kind = models.CharField(_("kind of email"), max_length=20, blank=True)
    phone_kind = models.CharField(_("kind of phone"), max_length=20, blank=True)
    # Derived from the title unless a sender says so itself.
    seniority = models.CharField(_("seniority"), max_length=20, blank=True)
    department = models.CharField(_("department"), max_length=60, blank=True)
    is_suspect = models.BooleanField(_("suspect name"), null=True, blank=True)

    company = models.ForeignKey(
        Company, models.SET_NULL, null=True, blank=True, related_name="leads", verbose_name=_("company")
    )
    owner = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("owner"))
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged_leads", editable=False
    )
    # Raised with every change of the row; the ETag of the API.
    revision = models.PositiveBigIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("lead")
        verbose_name_plural = _("leads")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["email_key"],
                condition=~models.Q(email_key="") & models.Q(merged_into=None),
                name="lead_email_once",
            ),
        ]
        indexes = [
            # Who writes to the address of a merged lead means its survivor.
            models.Index(fields=["email_key"], condition=~models.Q(email_key=""), name="lead_email_key"),
            models.Index(fields=["phone_key"], condition=~models.Q(phone_key=""), name="lead_phone"),
            models.Index(fields=["created_at"], name="lead_created_at"),
        ]

    def __str__(self) -> str:
        return self.name or self.email or f"#{self.pk}"

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


class ExternalId(models.Model):
    """The id by which one feed knows a lead. A lead has any number, a feed's id names one lead.

    The id of a browser, sent as `visitor`, is one too: its feed is named `visitor:` and the feed that saw it.
    """

    lead = models.ForeignKey(Lead, models.CASCADE, related_name="external_ids")
    feed = models.CharField(max_length=80)
    external_id = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("external id")
        verbose_name_plural = _("external ids")
        constraints = [models.UniqueConstraint(fields=["feed", "external_id"], name="external_id_once")]

    def __str__(self) -> str:
        return f"{self.feed}:{self.external_id}"


class LeadMerge(models.Model):
    """Two leads became one: what moved, so that it can be undone."""

    survivor = models.ForeignKey(Lead, models.CASCADE, related_name="+")
    merged = models.ForeignKey(Lead, models.CASCADE, related_name="+")
    # {"activities": [ids], "external_ids": [ids], "fields": {field: [before, after]}}: what moved, and what the survivor
    # was given where it knew nothing.
    moved = models.JSONField(default=dict)
    merged_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    merged_at = models.DateTimeField(auto_now_add=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("merge")
        verbose_name_plural = _("merges")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.merged_id} → {self.survivor_id}"


class PossibleDuplicate(models.Model):
    """Two leads that may be one person; somebody has to look."""

    first = models.ForeignKey(Lead, models.CASCADE, related_name="+")
    second = models.ForeignKey(Lead, models.CASCADE, related_name="+")
    reason = models.CharField(max_length=40)
    created_at = models.DateTimeField(auto_now_add=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("possible duplicate")
        verbose_name_plural = _("possible duplicates")
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="possible_duplicate_once"),
            models.CheckConstraint(condition=models.Q(first__lt=models.F("second")), name="possible_duplicate_ordered"),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} = {self.second_id}?"


class Tombstone(models.Model):
    """What remains of an erased person: an HMAC of each identity under a key outside the database."""

    digest = models.CharField(max_length=64, unique=True)
    erased_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("tombstone")
        verbose_name_plural = _("tombstones")

    def __str__(self) -> str:
        return self.digest[:12]
