from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from kernel.models import Stamped
from scoring.models.exact_json import ExactDecoder, ExactEncoder
from scoring.models.scoring_model import ScoringModel


class MatrixVersion(Stamped):
    """The document by which a model scores. Immutable once published: a trigger refuses to change document, checksum or number."""

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        IN_REVIEW = "in_review", _("in review")
        PUBLISHED = "published", _("published")
        RETIRED = "retired", _("retired")

    model = models.ForeignKey(ScoringModel, models.PROTECT, related_name="versions", verbose_name=_("model"))
    number = models.PositiveIntegerField(_("number"))
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT)
    # Raised with every edit; the ETag of the API.
    revision = models.PositiveBigIntegerField(default=1, editable=False)
    document = models.JSONField(_("document"), encoder=ExactEncoder, decoder=ExactDecoder)
    checksum = models.CharField(_("checksum"), max_length=80)
    note = models.TextField(_("note"), blank=True)
    origin = models.CharField(_("made from"), max_length=120, blank=True)
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("author"))
    published_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("published by")
    )
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    publish_reason = models.TextField(_("reason"), blank=True)
    # Published by an administrator without both sign-offs: marked for ever.
    is_emergency = models.BooleanField(_("emergency"), default=False)
    # Hand-offs do not open for leads that cross only because of this version.
    is_quiet = models.BooleanField(_("quiet"), default=False)
    # Of the leads that cross because of this version the best so many are handed off a day; null: all at once, or none.
    per_day = models.PositiveIntegerField(_("hand-offs a day"), null=True, blank=True)
    submitted_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("submitted by")
    )
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True)
    retired_at = models.DateTimeField(_("retired"), null=True, blank=True)
    # When those who sign were last told that a review is due.
    review_asked_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("matrix version")
        verbose_name_plural = _("matrix versions")
        ordering = ["model", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["model", "number"], name="version_number_once"),
            models.UniqueConstraint(
                fields=["model"], condition=models.Q(state="published"), name="version_published_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.model} v{self.number}"


class VersionEdit(models.Model):
    """One change of a draft: who, when, where in the document, before and after. Null: nothing stood, or stands, there.

    `path` is an RFC 6901 pointer in which a criterion or a stage is named by its key, so that it survives reordering.
    """

    version = models.ForeignKey(MatrixVersion, models.CASCADE, related_name="edits")
    path = models.CharField(_("where"), max_length=300)
    before = models.JSONField(_("before"), null=True, encoder=ExactEncoder, decoder=ExactDecoder)
    after = models.JSONField(_("after"), null=True, encoder=ExactEncoder, decoder=ExactDecoder)
    edited_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("who"))
    edited_at = models.DateTimeField(_("when"), auto_now_add=True)
    # Edits made together have the revision that they led to; they are undone together.
    revision = models.PositiveBigIntegerField(_("revision"), default=0)
    # The revision whose edits these take back: of others for an undo, of an undo for a redo.
    undoes = models.PositiveBigIntegerField(null=True, blank=True)
    # Where in its list a member stood that was taken out: an undo puts it back there.
    position = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        verbose_name = _("edit")
        verbose_name_plural = _("edits")
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.path
