from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.user import User


class Notification(models.Model):
    """Something one person should know: a code with parameters, worded when it is read."""

    user = models.ForeignKey(User, models.CASCADE, related_name="notifications")
    kind = models.CharField(_("kind"), max_length=60)
    params = models.JSONField(default=dict)
    url = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True, blank=True)
    # Asked to come by email too; the sweeper sends what is due and writes when.
    is_email_due = models.BooleanField(default=False)
    emailed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["user", "read_at"], name="notification_user_read"),
            models.Index(fields=["id"], condition=models.Q(is_email_due=True), name="notification_email_due"),
        ]

    def __str__(self) -> str:
        return self.kind
