from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.user import User
from kernel.models import Stamped


class Scope(models.TextChoices):
    """What a key may do, as the table of the promises names it."""

    ACTIVITIES_WRITE = "activities:write", _("send activities")
    CRM_SYNC = "crm:sync", _("sync a CRM")
    TRACKER = "tracker", _("track page views and forms")


class ApiKey(Stamped):
    """A key of a machine. The key itself is shown once; only its SHA-256 is stored. Bound to one feed."""

    name = models.CharField(_("name"), max_length=200)
    prefix = models.CharField(_("begins with"), max_length=16, editable=False)
    key_hash = models.CharField(max_length=64, unique=True, editable=False)
    feed = models.SlugField(_("feed"), max_length=60, help_text=_("Who sends with this key; ids are unique within it."))
    scopes = ArrayField(models.CharField(max_length=40, choices=Scope.choices), verbose_name=_("scopes"))
    created_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @property
    def is_live(self) -> bool:
        now = timezone.now()
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > now)

    # Django's and DRF's throttles and permissions ask these of whoever is behind a request.
    is_authenticated = True
    is_anonymous = False
