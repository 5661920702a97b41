from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.models import Cause, Import, Lead
from scoring.models.scoring_model import ScoringModel
from scoring.models.version import MatrixVersion


class ScoreChange(models.Model):
    """One change of one score: before, after, why. Append-only: history that adds up, each `before` being the last `after`.

    `before` and `after` are {"total", "fit", "behavior", "qualification", "grade", "level", "rating", "stage",
    "decided_by", "is_qualified", "version", "as_of"}, or null where there is no score. An equal score is not said again
    when its version or day moves on, so those two tell of when the score was last judged, and only the others add up.
    `card` is what was said then, of the lines that said something, without any field's value: ids, points, ages, shares.
    """

    # Found by lead alone (score_change_lead). Model and version are not checked row by row, as in Score.
    lead = models.ForeignKey(Lead, models.CASCADE, related_name="+", db_index=False)
    model = models.ForeignKey(ScoringModel, models.CASCADE, related_name="+", db_constraint=False, db_index=False)
    version = models.ForeignKey(
        MatrixVersion, models.PROTECT, null=True, related_name="+", db_constraint=False, db_index=False
    )
    # The import that alone caused it: what handoff holds back where that import is quiet.
    imported_by = models.ForeignKey(Import, models.PROTECT, null=True, editable=False, related_name="+", db_index=False)
    before = models.JSONField(_("before"), null=True)
    after = models.JSONField(_("after"), null=True)
    cause = models.CharField(_("cause"), max_length=30, choices=Cause.choices)
    # Every cause that was waiting when the lead was judged, oldest first.
    causes = models.JSONField(default=list)
    is_crossing = models.BooleanField(_("stage crossed"), default=False)
    card = models.JSONField(null=True)
    changed_at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        verbose_name = _("score change")
        verbose_name_plural = _("score changes")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["lead", "-id"], name="score_change_lead"),
            # Who was lifted over a line under a version, of which a part reached the hand-off stage: few of all changes.
            models.Index(
                fields=["version", "changed_at"],
                condition=models.Q(is_crossing=True, after__is_qualified=True),
                name="score_change_qualified",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.lead_id} {self.cause}"
