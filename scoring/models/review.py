"""What stands between a draft and its publication: signatures, reasons for warnings, the planned hour, later reviews."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from scoring.models.version import MatrixVersion


class SignOff(models.Model):
    """One side's signature under a version in review. Any edit deletes it; the audit log remembers."""

    class Side(models.TextChoices):
        SALES = "sales", _("sales")
        MARKETING = "marketing", _("marketing")

    version = models.ForeignKey(MatrixVersion, models.CASCADE, related_name="sign_offs", verbose_name=_("version"))
    side = models.CharField(_("for"), max_length=10, choices=Side.choices)
    # What was signed: the signature holds for this document and no other.
    checksum = models.CharField(max_length=80)
    signed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("who"))
    signed_at = models.DateTimeField(_("when"), auto_now_add=True)

    class Meta:
        verbose_name = _("signature")
        verbose_name_plural = _("signatures")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["version", "side"], name="sign_off_side_once"),
            models.UniqueConstraint(fields=["version", "signed_by"], name="sign_off_person_once"),
        ]

    def __str__(self) -> str:
        return f"{self.version} {self.side}"


class AcceptedFinding(models.Model):
    """Why a warning of lint is lived with. `criteria` are the keys the finding speaks of, sorted; empty for the whole matrix."""

    version = models.ForeignKey(
        MatrixVersion, models.CASCADE, related_name="accepted_findings", verbose_name=_("version")
    )
    code = models.CharField(_("finding"), max_length=10)
    criteria = models.JSONField(default=list)
    reason = models.TextField(_("reason"))
    accepted_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("who"))
    accepted_at = models.DateTimeField(_("when"), auto_now_add=True)

    class Meta:
        verbose_name = _("accepted finding")
        verbose_name_plural = _("accepted findings")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["version", "code", "criteria"], name="finding_accepted_once")]

    def __str__(self) -> str:
        return f"{self.version} {self.code}"


class PlannedPublication(models.Model):
    """A version goes live at `at`, as was said when it was planned. Ended by publishing, by calling it off, or by a refusal."""

    version = models.OneToOneField(
        MatrixVersion, models.CASCADE, related_name="planned_publication", verbose_name=_("version")
    )
    at = models.DateTimeField(_("at"))
    is_quiet = models.BooleanField(_("quiet"), default=False)
    per_day = models.PositiveIntegerField(_("hand-offs a day"), null=True, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    planned_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("who"))
    planned_at = models.DateTimeField(_("planned"), auto_now_add=True)
    # Why it did not go live when its time came; it waits for somebody then.
    refusal = models.TextField(_("refused"), blank=True)

    class Meta:
        verbose_name = _("planned publication")
        verbose_name_plural = _("planned publications")
        indexes = [models.Index(fields=["at"], condition=models.Q(refusal=""), name="planned_publication_due")]

    def __str__(self) -> str:
        return f"{self.version} {self.at}"


class VersionReview(models.Model):
    """Somebody looked whether the published version still serves: it is not set-and-forget."""

    version = models.ForeignKey(MatrixVersion, models.CASCADE, related_name="reviews", verbose_name=_("version"))
    note = models.TextField(_("what was found"))
    reviewed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("who"))
    reviewed_at = models.DateTimeField(_("when"), auto_now_add=True)

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.version} {self.reviewed_at:%Y-%m-%d}"
