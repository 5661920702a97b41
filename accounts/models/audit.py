from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.user import User


class AuditEntry(models.Model):
    """One change of matrix, permission, key, export, erasure or decision, written in the change's own transaction.

    Append-only: a trigger refuses UPDATE and DELETE. Holds surrogate ids, never a person's data.
    """

    at = models.DateTimeField(_("when"), auto_now_add=True)
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("who"))
    actor_key_id = models.BigIntegerField(_("API key"), null=True)
    action = models.CharField(_("action"), max_length=80)
    subject_type = models.CharField(_("subject"), max_length=40)
    subject_id = models.BigIntegerField(_("id"), null=True)
    details = models.JSONField(_("details"), default=dict)

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit log")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["subject_type", "subject_id"], name="audit_subject"),
            models.Index(fields=["at"], name="audit_at"),
            models.Index(fields=["action", "-id"], name="audit_action"),
            models.Index(fields=["actor", "-id"], name="audit_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.subject_type} {self.subject_id}"
