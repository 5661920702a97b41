from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.models import Stamped


class Team(Stamped):
    """People who share a queue: a region of sales, inside sales, marketing."""

    name = models.CharField(_("name"), max_length=200, unique=True)

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = _("teams")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
