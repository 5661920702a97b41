from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.models import Stamped


class Installation(Stamped):
    """The company this installation serves: one row, made by the first run."""

    company = models.CharField(_("company"), max_length=200, blank=True)
    # Where new people and new models start; scores of a model follow the zone of its matrix.
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    # Steps of the first run by name: "done" or "skipped".
    steps = models.JSONField(default=dict)
    finished_at = models.DateTimeField(_("first run finished"), null=True)

    class Meta:
        verbose_name = _("installation")
        verbose_name_plural = _("installation")
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="installation_one")]

    def __str__(self) -> str:
        return self.company

    @classmethod
    def current(cls) -> "Installation":
        """The one row; an unsaved one with the defaults where nobody has begun yet."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)
