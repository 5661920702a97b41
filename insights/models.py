"""What is kept for later comparison. Aggregates only: nothing here speaks of a person."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from scoring.models import MatrixVersion


class Baseline(models.Model):
    """How a model's leads fared in the days before a version of it was published: what that version is held against.

    Computed from history as it was known at `period_to`, so one that is taken late says the same.
    """

    version = models.OneToOneField(
        MatrixVersion, models.CASCADE, related_name="+", verbose_name=_("version that was published")
    )
    period_from = models.DateTimeField(_("from"))
    period_to = models.DateTimeField(_("until"))
    taken_at = models.DateTimeField(_("taken"), auto_now_add=True)
    # At the end of the period.
    scored = models.PositiveBigIntegerField(_("leads scored"))
    queue = models.PositiveBigIntegerField(_("hand-offs waiting for an answer"))
    # Leads lifted over the hand-off line by what they did, by week, the oldest first; and by publications, all weeks together.
    qualified_by_week = models.JSONField(_("qualified by week"), default=list)
    qualified_by_publication = models.PositiveBigIntegerField(_("qualified by publications"))
    handed_off = models.PositiveBigIntegerField(_("hand-offs opened"))
    # Of those opened in the period.
    conversations = models.PositiveBigIntegerField(_("with a conversation"))
    # In the period, whenever opened.
    accepted = models.PositiveBigIntegerField(_("accepted"))
    rejected = models.PositiveBigIntegerField(_("rejected"))
    won = models.PositiveBigIntegerField(_("won"))
    lost = models.PositiveBigIntegerField(_("lost"))
    # Medians of what was accepted, talked to and won in the period; null where there was nothing.
    seconds_to_accept = models.PositiveBigIntegerField(_("time to accept"), null=True)
    seconds_to_conversation = models.PositiveBigIntegerField(_("time to the first conversation"), null=True)
    seconds_to_close = models.PositiveBigIntegerField(_("time to close"), null=True)

    class Meta:
        verbose_name = _("baseline")
        verbose_name_plural = _("baselines")
        ordering = ["-period_to"]

    def __str__(self) -> str:
        return str(self.version)
