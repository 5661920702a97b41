from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from crm.models import Lead
from scoring.models.scoring_model import ScoringModel
from scoring.models.version import MatrixVersion


class Score(models.Model):
    """A cache of evaluate(version, facts, as_of) for one lead under one model. No row: the model does not apply to the lead.

    An equal row is never touched, so there is no computed-at here; ScoredRange may speak of a later version and day.
    """

    # Found by score_of_lead; a run writes each score into one index less.
    lead = models.ForeignKey(Lead, models.CASCADE, related_name="+", db_index=False)
    # The indexes of lists begin with it.
    model = models.ForeignKey(ScoringModel, models.CASCADE, related_name="+", db_index=False)
    # Models and judged versions are never deleted (a trigger refuses it), and a check of each of a million rows against the
    # same two is a fifth of what a publication writes; nobody looks for scores by version.
    version = models.ForeignKey(MatrixVersion, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    as_of = models.DateField(_("as of"))
    total = models.BigIntegerField(_("total"))
    fit = models.BigIntegerField(_("fit"))
    behavior = models.BigIntegerField(_("behavior"))
    qualification = models.BigIntegerField(_("qualification"))
    grade = models.CharField(_("grade"), max_length=1)
    level = models.PositiveSmallIntegerField(_("level"))
    rating = models.CharField(_("rating"), max_length=2)
    stage = models.CharField(_("stage"), max_length=60, blank=True)
    decided_by = models.CharField(_("decided by"), max_length=12)
    # At or above the hand-off stage of its version.
    is_qualified = models.BooleanField(_("qualified"))
    is_disqualified = models.BooleanField(_("disqualified"))
    is_fast_tracked = models.BooleanField(_("fast-tracked"))
    # Raised with every write of this row: what a bulk run holds its snapshot against.
    revision = models.PositiveBigIntegerField(default=1)
    # What lists filter by, copied from lead and company when judged.
    owner = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    country = models.CharField(_("country"), max_length=2, blank=True)
    industry = models.CharField(_("industry"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("score")
        verbose_name_plural = _("scores")
        # Lead first, so that it finds the scores of a lead too.
        constraints = [models.UniqueConstraint(fields=["lead", "model"], name="score_of_lead")]
        indexes = [
            models.Index(fields=["model", "-total", "lead"], name="score_model_total"),
            models.Index(fields=["model", "stage", "-total", "lead"], name="score_model_stage_total"),
            models.Index(fields=["model", "grade", "-total", "lead"], name="score_model_grade_total"),
            *(
                # Few are, so these cost nearly nothing to keep.
                models.Index(fields=["model", "-total", "lead"], condition=models.Q(**{mark: True}), name=name)
                for mark, name in (("is_disqualified", "score_disqualified"), ("is_fast_tracked", "score_fast_tracked"))
            ),
            models.Index(fields=["lead"], condition=models.Q(is_qualified=True), name="score_qualified"),
        ]

    def __str__(self) -> str:
        return f"{self.lead_id} {self.total} {self.rating}"


class ScoredRange(models.Model):
    """Speaks for the leads of a range that a bulk run judged: their scores are of this version and day, or of their row's if later."""

    model = models.ForeignKey(ScoringModel, models.CASCADE, related_name="+")
    lead_from = models.BigIntegerField()
    lead_to = models.BigIntegerField()
    version = models.ForeignKey(MatrixVersion, models.PROTECT, related_name="+")
    as_of = models.DateField()

    class Meta:
        verbose_name = _("scored range")
        verbose_name_plural = _("scored ranges")
        ordering = ["model", "lead_from"]
        constraints = [models.UniqueConstraint(fields=["model", "lead_from"], name="scored_range_once")]

    def __str__(self) -> str:
        return f"{self.lead_from}–{self.lead_to}"
