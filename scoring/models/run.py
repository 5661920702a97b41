from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models import Cause
from scoring.models.scoring_model import ScoringModel
from scoring.models.version import MatrixVersion


class Run(models.Model):
    """One bulk re-evaluation of a model's whole population: after a publication or for a new day. Resumable range by range."""

    model = models.ForeignKey(ScoringModel, models.CASCADE, related_name="runs", verbose_name=_("model"))
    version = models.ForeignKey(MatrixVersion, models.PROTECT, related_name="+", verbose_name=_("version"))
    as_of = models.DateField(_("as of"))
    cause = models.CharField(_("cause"), max_length=30, choices=Cause.choices)
    total = models.BigIntegerField(_("leads"), default=0)
    started_at = models.DateTimeField(_("started"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished"), null=True)
    # Ended early because a later run of the model took over: its open ranges were never judged.
    is_superseded = models.BooleanField(_("superseded"), default=False)

    class Meta:
        verbose_name = _("run")
        verbose_name_plural = _("runs")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["model"], condition=models.Q(finished_at=None), name="run_open_once"),
        ]

    def __str__(self) -> str:
        return f"{self.model} {self.version} {self.as_of}"


class RunRange(models.Model):
    """A part of a run, by lead ids (both included), claimed with SKIP LOCKED and done in one transaction."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="ranges")
    lead_from = models.BigIntegerField()
    lead_to = models.BigIntegerField()
    leads = models.BigIntegerField(default=0)
    changed = models.BigIntegerField(default=0)
    # How it was judged: by the column file, by columns read just then, or lead by lead by the engine.
    way = models.CharField(max_length=10, blank=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("range of a run")
        verbose_name_plural = _("ranges of a run")
        ordering = ["run", "lead_from"]
        constraints = [models.UniqueConstraint(fields=["run", "lead_from"], name="run_range_once")]
        indexes = [models.Index(fields=["run"], condition=models.Q(done_at=None), name="run_range_open")]

    def __str__(self) -> str:
        return f"{self.lead_from}–{self.lead_to}"
