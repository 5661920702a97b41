"""Several people at one draft: who is here, what they say to each other, and who sat at the table."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from scoring.models.scoring_model import ScoringModel
from scoring.models.version import MatrixVersion


class Presence(models.Model):
    """Who has a version open, and where in it they were last. A row not seen for some seconds says nothing."""

    version = models.ForeignKey(MatrixVersion, models.CASCADE, related_name="+")
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    # A path of the document, as VersionEdit writes it; empty where nothing is chosen.
    place = models.CharField(max_length=300, blank=True)
    seen_at = models.DateTimeField()

    class Meta:
        verbose_name = _("presence")
        verbose_name_plural = _("presences")
        constraints = [models.UniqueConstraint(fields=["version", "user"], name="presence_once")]

    def __str__(self) -> str:
        return f"{self.user} {self.version}"


class Comment(models.Model):
    """Something said about a criterion of a version, or about the version as a whole where `criterion` is empty."""

    version = models.ForeignKey(MatrixVersion, models.CASCADE, related_name="comments", verbose_name=_("version"))
    criterion = models.CharField(_("criterion"), max_length=60, blank=True)
    text = models.TextField(_("text"))
    author = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("who"))
    created_at = models.DateTimeField(_("when"), auto_now_add=True)
    edited_at = models.DateTimeField(_("edited"), null=True, blank=True)
    # A thread is a criterion's comments; it is settled when its last comment is.
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)
    settled_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("settled by")
    )

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        ordering = ["id"]
        indexes = [models.Index(fields=["version", "criterion"], name="comment_thread")]

    def __str__(self) -> str:
        return f"{self.version} {self.criterion}"


class AlignmentMeeting(models.Model):
    """Sales and marketing agreed on a model at one table. Complete only where both sides took part."""

    model = models.ForeignKey(ScoringModel, models.CASCADE, related_name="+", verbose_name=_("model"))
    # The draft that was spoken of.
    version = models.ForeignKey(
        MatrixVersion, models.SET_NULL, null=True, blank=True, related_name="meetings", verbose_name=_("version")
    )
    held_on = models.DateField(_("held on"))
    note = models.TextField(_("what was agreed"), blank=True)
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("written down by"))
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("alignment meeting")
        verbose_name_plural = _("alignment meetings")
        ordering = ["-held_on", "-id"]

    def __str__(self) -> str:
        return f"{self.model} {self.held_on}"


class MeetingParticipant(models.Model):
    """One person at the table, and for which side they spoke."""

    class Side(models.TextChoices):
        SALES = "sales", _("sales")
        MARKETING = "marketing", _("marketing")
        OTHER = "other", _("other")

    meeting = models.ForeignKey(AlignmentMeeting, models.CASCADE, related_name="participants")
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("who"))
    side = models.CharField(_("for"), max_length=10, choices=Side.choices)

    class Meta:
        verbose_name = _("participant")
        verbose_name_plural = _("participants")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["meeting", "user"], name="participant_once")]

    def __str__(self) -> str:
        return str(self.user)
