from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Value
from django.db.models.functions import Concat, Upper
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from crm.models.company import Company
from crm.models.imports import Import
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
    owner = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("owner"), db_index=False
    )
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged_leads", editable=False
    )
    # The import that made this lead.
    imported_by = models.ForeignKey(
        Import, models.PROTECT, null=True, blank=True, editable=False, related_name="+", db_index=False
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
            models.Index(fields=["imported_by"], condition=models.Q(imported_by__isnull=False), name="lead_imported"),
            # Whose leads, and at which companies those are, from the index alone.
            models.Index(fields=["owner", "company"], include=["merged_into"], name="lead_owner_company"),
            # What is written in any case is asked for in capitals; the index also tells the planner how many have it.
            models.Index(Upper("source"), name="lead_source"),
            # What the list is searched by, as LIKE reads it: crm.search.
            GinIndex(
                OpClass(Upper(Concat("first_name", Value(" "), "last_name", Value(" "), "email")), name="gin_trgm_ops"),
                name="lead_text_trigrams",
            ),
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
    imported_by = models.ForeignKey(
        Import, models.PROTECT, null=True, blank=True, editable=False, related_name="+", db_index=False
    )

    class Meta:
        verbose_name = _("external id")
        verbose_name_plural = _("external ids")
        constraints = [models.UniqueConstraint(fields=["feed", "external_id"], name="external_id_once")]
        indexes = [
            models.Index(
                fields=["imported_by"], condition=models.Q(imported_by__isnull=False), name="external_id_imported"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.feed}:{self.external_id}"


class LeadMerge(models.Model):
    """Two leads became one: what moved, so that it can be undone."""

    survivor = models.ForeignKey(Lead, models.CASCADE, related_name="+")
    merged = models.ForeignKey(Lead, models.CASCADE, related_name="+")
    # {"activities": [ids], "external_ids": [ids], "notes": [ids], "fields": {field: [before, after]}, "merged_fields": {…},
    # "choices": {field: "survivor" or "merged"}}: what moved, what became of the survivor's fields and of the merged lead's.
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
    # What is alike, for people to read: {"email": …} never, only names of fields, such as ["phone", "last_name"].
    evidence = models.JSONField(default=list)
    # How sure we are, 0 to 100; the surest are shown first.
    likeness = models.PositiveSmallIntegerField(default=50)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    # "merged" or "different"; two people that somebody told apart are not suggested again.
    settled_as = models.CharField(max_length=10, blank=True)

    class Meta:
        verbose_name = _("possible duplicate")
        verbose_name_plural = _("possible duplicates")
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="possible_duplicate_once"),
            models.CheckConstraint(condition=models.Q(first__lt=models.F("second")), name="possible_duplicate_ordered"),
        ]
        indexes = [
            models.Index(
                fields=["-likeness", "-id"], condition=models.Q(settled_at=None), name="possible_duplicate_open"
            ),
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
