from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from scoring.models.scoring_model import ScoringModel
from scoring.models.version import MatrixVersion


class ColumnGeneration(models.Model):
    """One column file that some machine keeps: the row without which its file is not believed. Never updated.

    A restored, emptied or other database does not have the row, or has it written by another transaction than the one it
    names (`xid`, against the row's own xmin); a file whose row is not there so is thrown away and built anew.
    """

    token = models.UUIDField(unique=True)
    # The machine that keeps the file: it throws its older rows away, and nobody else's.
    host = models.CharField(max_length=100)
    # pg_current_xact_id() of the transaction that wrote the row.
    xid = models.BigIntegerField()
    # pg_snapshot_xmin then: a lead touched by this transaction or a later one is not spoken for by the file.
    since_xid = models.BigIntegerField()
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("column file")
        verbose_name_plural = _("column files")

    def __str__(self) -> str:
        return f"{self.host} {self.token}"


class ScoreDistribution(models.Model):
    """How the totals of a model lie, made anew with each run: from it the percentile of a lead follows from its total."""

    model = models.OneToOneField(ScoringModel, models.CASCADE, related_name="+")
    version = models.ForeignKey(MatrixVersion, models.PROTECT, related_name="+")
    as_of = models.DateField()
    # The distinct totals, rising, and how many leads have a lower one.
    totals = ArrayField(models.BigIntegerField())
    below = ArrayField(models.BigIntegerField())
    leads = models.BigIntegerField()

    class Meta:
        verbose_name = _("distribution of scores")
        verbose_name_plural = _("distributions of scores")

    def __str__(self) -> str:
        return f"{self.model_id} {self.as_of}"
