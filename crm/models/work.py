from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models.imports import Import
from crm.models.lead import Lead


class Cause(models.TextChoices):
    """Why a lead must be looked at again; the cause of the score change that may follow."""

    LEAD_CREATED = "lead_created", _("new lead")
    ACTIVITY = "activity", _("activity")
    ACTIVITY_WITHDRAWN = "activity_withdrawn", _("activity withdrawn")
    ACTIVITY_MARKED = "activity_marked", _("bot mark changed")
    IDENTIFIED = "identified", _("visitor identified")
    LEAD_CHANGED = "lead_changed", _("lead changed")
    COMPANY_CHANGED = "company_changed", _("company changed")
    IMPORTED = "imported", _("import")
    IMPORT_UNDONE = "import_undone", _("import undone")
    MERGED = "merged", _("leads merged")
    UNMERGED = "unmerged", _("merge undone")
    VERSION = "version", _("new version")
    DAY = "day", _("new day")
    RETRY = "retry", _("tried again")


class Work(models.Model):
    """Facts of this lead changed: look again. Append-only; never unique, never updated; deleted by id once judged."""

    lead = models.ForeignKey(Lead, models.CASCADE, related_name="+")
    cause = models.CharField(max_length=30, choices=Cause.choices)
    # The import that changed the facts, where it was one.
    imported_by = models.ForeignKey(Import, models.PROTECT, null=True, editable=False, related_name="+", db_index=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("work")
        verbose_name_plural = _("work")
        ordering = ["id"]
        indexes = [
            # Asked by the page of an import every few seconds: is anything of it still to be judged?
            models.Index(fields=["imported_by"], condition=models.Q(imported_by__isnull=False), name="work_imported"),
        ]

    def __str__(self) -> str:
        return f"{self.cause} {self.lead_id}"
