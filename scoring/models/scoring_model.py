from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.models import Stamped


class ScoringModel(Stamped):
    """One buyer profile (persona, segment or product) by which leads are scored. Lower `priority` goes first."""

    slug = models.SlugField(_("key"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=200)
    priority = models.PositiveIntegerField(_("priority"), default=100)
    # The published version that judges now; none yet, no scores.
    active_version = models.ForeignKey(
        "scoring.MatrixVersion",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("active version"),
        editable=False,
    )
    # As the active version says: kept here so that "today" needs no document.
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC", editable=False)

    class Meta:
        verbose_name = _("scoring model")
        verbose_name_plural = _("scoring models")
        ordering = ["priority", "slug"]

    def __str__(self) -> str:
        return self.name
