from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models.imports import Import


class FactChange(models.Model):
    """One change of one field of a lead, company or activity: what it was, what it became, when that was true and known.

    `before` and `after` are the JSON values as the engine would be handed them. A field without a row here has always been
    what it is now. Activities have rows for `is_bot`, `withdrawn` and `lead` (identified, merged, un-merged) only, valid since
    the activity occurred: it always was that person's, we only learned it later.
    """

    class Subject(models.TextChoices):
        LEAD = "lead", _("lead")
        COMPANY = "company", _("company")
        ACTIVITY = "activity", _("activity")

    subject_type = models.CharField(max_length=10, choices=Subject.choices)
    subject_id = models.BigIntegerField()
    field = models.CharField(max_length=120)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    # When it became true, and when we learned it.
    valid_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    changed_by = models.CharField(max_length=80, blank=True)
    imported_by = models.ForeignKey(
        Import, models.PROTECT, null=True, blank=True, editable=False, related_name="+", db_index=False
    )

    class Meta:
        verbose_name = _("change of a fact")
        verbose_name_plural = _("changes of facts")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "field"], name="fact_change_subject"),
            # Where activities were before a merge, for `known_at`.
            models.Index(
                fields=["recorded_at"],
                condition=models.Q(subject_type="activity", field="lead"),
                name="fact_change_moved",
            ),
            models.Index(
                fields=["imported_by"], condition=models.Q(imported_by__isnull=False), name="fact_change_imported"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject_type} {self.subject_id} {self.field}"
