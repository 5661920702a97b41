"""A draft that runs beside the published version on real traffic: champion and challenger."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from crm.models import Lead
from scoring.models.version import MatrixVersion


class Shadow(models.Model):
    """A version is judged each night beside the published one of its model, from `since` until it is ended."""

    class Ended(models.TextChoices):
        ASKED = "asked", _("ended by hand")
        EDITED = "edited", _("the draft was edited")
        PUBLISHED = "published", _("the draft was published")
        RETIRED = "retired", _("the draft was retired")

    version = models.ForeignKey(MatrixVersion, models.CASCADE, related_name="shadows", verbose_name=_("version"))
    since = models.DateTimeField(_("since"), auto_now_add=True)
    started_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("who"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    ended_because = models.CharField(_("why"), max_length=10, choices=Ended.choices, blank=True)
    # The document it began with: an edit ends it, for days of two documents do not compare.
    checksum = models.CharField(max_length=80)
    # The last day that was judged, in the model's time zone.
    judged_on = models.DateField(_("judged"), null=True, blank=True)

    class Meta:
        verbose_name = _("shadow")
        verbose_name_plural = _("shadows")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["version"], condition=models.Q(ended_at=None), name="shadow_open_once"),
        ]

    def __str__(self) -> str:
        return str(self.version)


class ShadowDay(models.Model):
    """One day's numbers of both: leads at or above the hand-off stage under the published version and under the shadow."""

    shadow = models.ForeignKey(Shadow, models.CASCADE, related_name="days")
    as_of = models.DateField(_("day"))
    published = models.ForeignKey(MatrixVersion, models.PROTECT, related_name="+")
    qualified_both = models.PositiveBigIntegerField()
    qualified_published_only = models.PositiveBigIntegerField()
    qualified_shadow_only = models.PositiveBigIntegerField()

    class Meta:
        verbose_name = _("day of a shadow")
        verbose_name_plural = _("days of a shadow")
        ordering = ["as_of"]
        constraints = [models.UniqueConstraint(fields=["shadow", "as_of"], name="shadow_day_once")]

    def __str__(self) -> str:
        return f"{self.shadow} {self.as_of}"


class ShadowLead(models.Model):
    """A lead about whom the two disagreed: the first and the last day on which only one of them qualified it."""

    class Side(models.TextChoices):
        SHADOW = "shadow", _("by the shadow alone")
        PUBLISHED = "published", _("by the published version alone")

    shadow = models.ForeignKey(Shadow, models.CASCADE, related_name="leads")
    lead = models.ForeignKey(Lead, models.CASCADE, related_name="+")
    side = models.CharField(_("qualified"), max_length=10, choices=Side.choices)
    first_on = models.DateField(_("first"))
    last_on = models.DateField(_("last"))
    # On the last day, under either; null where the model does not apply.
    total_published = models.BigIntegerField(null=True)
    total_shadow = models.BigIntegerField(null=True)

    class Meta:
        verbose_name = _("lead of a shadow")
        verbose_name_plural = _("leads of a shadow")
        constraints = [models.UniqueConstraint(fields=["shadow", "side", "lead"], name="shadow_lead_once")]

    def __str__(self) -> str:
        return f"{self.shadow} {self.lead_id}"
