from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from crm.models.lead import Lead
from kernel.models import Stamped


class Note(Stamped):
    """What a colleague wrote about a lead. No fact: the engine never reads it."""

    lead = models.ForeignKey(Lead, models.CASCADE, related_name="notes")
    author = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("who"))
    text = models.TextField(_("note"), max_length=10_000)
    edited_at = models.DateTimeField(_("edited"), null=True)
    is_pinned = models.BooleanField(_("pinned"), default=False)

    class Meta:
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        ordering = ["-is_pinned", "-id"]
        indexes = [models.Index(fields=["lead", "-id"], name="note_lead")]

    def __str__(self) -> str:
        return f"{self.lead_id} {self.author_id}"
