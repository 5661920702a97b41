from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.models import Stamped


class Feed(Stamped):
    """Who sends rows: a key, an import, the demo. Not to be confused with a lead's marketing source."""

    slug = models.SlugField(_("name"), max_length=60, unique=True)
    label = models.CharField(_("label"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("feed")
        verbose_name_plural = _("feeds")
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.label or self.slug


class ActivityKind(Stamped):
    """A kind of activity this installation knows beyond those of crm.kinds; one listed here is handed to the engine."""

    key = models.CharField(_("kind"), max_length=60, unique=True)
    label = models.CharField(_("label"), max_length=200)

    class Meta:
        verbose_name = _("activity kind")
        verbose_name_plural = _("activity kinds")
        ordering = ["key"]

    def __str__(self) -> str:
        return self.label
