from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.user import User
from kernel.models import Stamped


class SavedView(Stamped):
    """Filters and columns of a list page, kept by somebody under a name, for themselves or for everybody."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+", verbose_name=_("who"))
    page = models.CharField(max_length=20)
    name = models.CharField(_("name"), max_length=80)
    # The page's own query parameters, and its columns in their order (empty: the page's own).
    query = models.JSONField(default=dict)
    columns = ArrayField(models.CharField(max_length=80), default=list)
    is_shared = models.BooleanField(_("for everybody"), default=False)

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["user", "page", "name"], name="saved_view_once")]

    def __str__(self) -> str:
        return self.name
