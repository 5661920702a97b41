from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models.lead import Lead


class LikenessKey(models.Model):
    """A hash of something by which a lead may be known again, as crm.identity.likeness_keys tells it.

    Kept, so that who may be one person with somebody is found by an index and not by looking at everybody.
    """

    lead = models.ForeignKey(Lead, models.CASCADE, related_name="+")
    key = models.BigIntegerField()

    class Meta:
        verbose_name = _("key of likeness")
        verbose_name_plural = _("keys of likeness")
        constraints = [models.UniqueConstraint(fields=["key", "lead"], name="likeness_key_once")]

    def __str__(self) -> str:
        return f"{self.lead_id} {self.key}"


class DuplicateSweep(models.Model):
    """One look at all leads for who may be one person: how far it is. Whoever takes it up goes on there."""

    class Step(models.TextChoices):
        """In their order: keys of all leads, then the pairs that share one, then what holds no more."""

        KEYS = "keys", _("keys")
        PAIRS = "pairs", _("pairs")
        CLOSING = "closing", _("closing")

    asked_at = models.DateTimeField(_("asked"), auto_now_add=True)
    begun_at = models.DateTimeField(_("begun"), null=True)
    heartbeat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)
    step = models.CharField(_("step"), max_length=10, choices=Step.choices, default=Step.KEYS)
    # The id of the lead or pair that was looked at last.
    after = models.BigIntegerField(default=0)
    found = models.PositiveBigIntegerField(_("found"), default=0)
    closed = models.PositiveBigIntegerField(_("closed"), default=0)

    class Meta:
        verbose_name = _("look for duplicates")
        verbose_name_plural = _("looks for duplicates")
        ordering = ["-id"]
        constraints = [
            # Asked for ten times before it begins, it is done once.
            models.UniqueConstraint(
                fields=["step"], condition=models.Q(begun_at=None, finished_at=None), name="duplicate_sweep_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.asked_at:%Y-%m-%d} {self.step}"
