"""The queue: one hand-off is one episode of a lead in sales, from its opening to its outcome."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Team, User
from crm.models import Import, Lead
from handoff.lifecycle import State
from kernel.models import Stamped
from scoring.models import MatrixVersion, ScoringModel

STATE_LABELS = [
    (State.WAITING.value, _("waiting")),
    (State.CLAIMED.value, _("claimed")),
    (State.ACCEPTED.value, _("accepted")),
    (State.REJECTED.value, _("rejected")),
    (State.EXPIRED.value, _("expired")),
    (State.MERGED.value, _("merged")),
]


class HandoffPolicy(models.Model):
    """How one model's hand-offs behave. No row: the defaults below."""

    model = models.OneToOneField(ScoringModel, models.CASCADE, related_name="+", verbose_name=_("model"))
    # A waiting hand-off cools once its lead is below the line for these days, or by these points at once.
    cool_days = models.PositiveSmallIntegerField(_("days below the line"), default=3)
    cool_points = models.PositiveIntegerField(_("points below the line"), default=5)
    cool_down_days = models.PositiveSmallIntegerField(_("cool-down in days"), default=30)
    sla_hours = models.PositiveSmallIntegerField(
        _("answer within hours"), default=24, validators=[MinValueValidator(1), MaxValueValidator(8760)]
    )

    class Meta:
        verbose_name = _("hand-off policy")
        verbose_name_plural = _("hand-off policies")

    def __str__(self) -> str:
        return str(self.model)


class RejectReason(Stamped):
    """Why a rep says no; the team owns the list."""

    slug = models.SlugField(_("key"), max_length=60, unique=True)
    label = models.CharField(_("label"), max_length=200)
    meaning = models.TextField(_("what it means"), blank=True)
    # Whether a newer fast track may bring the lead back before the cool-down ends.
    may_return = models.BooleanField(_("may return"), default=True)
    cool_down_days = models.PositiveIntegerField(_("cool-down in days"), default=30)
    position = models.PositiveSmallIntegerField(_("position"), default=100)
    is_active = models.BooleanField(_("offered"), default=True)

    class Meta:
        verbose_name = _("reject reason")
        verbose_name_plural = _("reject reasons")
        ordering = ["position", "label"]

    def __str__(self) -> str:
        return self.label


class Handoff(Stamped):
    """One episode. Open means `closed_at` is null, and a lead has one open hand-off at the most."""

    lead = models.ForeignKey(Lead, models.CASCADE, related_name="+", verbose_name=_("lead"))
    # The model that opened it; others that qualify too are HandoffModel rows.
    model = models.ForeignKey(ScoringModel, models.PROTECT, related_name="+", verbose_name=_("model"))
    version = models.ForeignKey(MatrixVersion, models.PROTECT, related_name="+", verbose_name=_("version"))
    state = models.CharField(_("state"), max_length=20, choices=STATE_LABELS, default=State.WAITING)
    owner = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("owner"))
    team = models.ForeignKey(Team, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("team"))
    # Why this rep, as a code with parameters.
    routed_because = models.JSONField(default=dict)
    opened_at = models.DateTimeField(_("opened"), default=timezone.now)
    sla_due_at = models.DateTimeField(_("answer due"))
    claimed_at = models.DateTimeField(_("claimed"), null=True, blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    # Below the line since, and cooled since: it stays visible until its SLA ends.
    below_since = models.DateTimeField(null=True, blank=True)
    cooled_at = models.DateTimeField(_("cooled"), null=True, blank=True)
    reason = models.ForeignKey(
        RejectReason, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("reason")
    )
    # One sortable key, higher first: fast-tracked, then SLA day (earlier first), then total. Kept by handoff.services.
    priority = models.BigIntegerField(_("priority"), default=0)
    # What the key was made of: the total and fast track of the model that leads now.
    total = models.BigIntegerField(_("total"))
    is_fast_tracked = models.BooleanField(_("fast-tracked"), default=False)
    # As it was said when it opened, and the card: ids, points, ages and shares, never a field's value.
    opened_total = models.BigIntegerField(_("total when opened"))
    opened_rating = models.CharField(_("rating when opened"), max_length=2)
    opened_stage = models.CharField(_("stage when opened"), max_length=60)
    card = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("hand-off")
        verbose_name_plural = _("hand-offs")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["lead"], condition=models.Q(closed_at=None), name="handoff_open_once"),
        ]
        indexes = [
            models.Index(
                fields=["owner", "-priority", "-id"],
                condition=models.Q(closed_at=None),
                name="handoff_owner_queue",
            ),
            models.Index(fields=["-priority", "-id"], condition=models.Q(closed_at=None), name="handoff_queue"),
            models.Index(fields=["lead", "-id"], name="handoff_lead"),
        ]

    def __str__(self) -> str:
        return f"{self.lead_id} {self.state}"


class HandoffModel(models.Model):
    """A model for which the lead of an open hand-off qualifies: the reasons it is in the queue."""

    handoff = models.ForeignKey(Handoff, models.CASCADE, related_name="models")
    model = models.ForeignKey(ScoringModel, models.PROTECT, related_name="+")
    version = models.ForeignKey(MatrixVersion, models.PROTECT, related_name="+")
    attached_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("model of a hand-off")
        verbose_name_plural = _("models of a hand-off")
        constraints = [models.UniqueConstraint(fields=["handoff", "model"], name="handoff_model_once")]

    def __str__(self) -> str:
        return str(self.model)


class HandoffEvent(models.Model):
    """Something that happened to a hand-off: who, when, what, why. Append-only; `by` is null where facts did it."""

    class Kind(models.TextChoices):
        OPENED = "opened", _("opened")
        ATTACHED = "attached", _("another model qualified")
        ROUTED = "routed", _("dealt to a rep")
        CLAIMED = "claimed", _("claimed")
        RELEASED = "released", _("released")
        ACCEPTED = "accepted", _("accepted")
        REJECTED = "rejected", _("rejected")
        COOLED = "cooled", _("fell below the line")
        WARMED = "warmed", _("back above the line")
        EXPIRED = "expired", _("expired")
        MERGED = "merged", _("closed by a merge of leads")
        REASSIGNED = "reassigned", _("given to somebody else")
        MOVED = "moved", _("moved by a merge of leads")

    handoff = models.ForeignKey(Handoff, models.CASCADE, related_name="events")
    kind = models.CharField(_("what"), max_length=30, choices=Kind.choices)
    state = models.CharField(_("state after"), max_length=20)
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("who"))
    at = models.DateTimeField(_("when"), default=timezone.now)
    reason = models.ForeignKey(
        RejectReason, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("reason")
    )
    note = models.TextField(_("note"), blank=True)
    params = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("event of a hand-off")
        verbose_name_plural = _("events of hand-offs")
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.kind


class Suppression(models.Model):
    """Why a lead gets no hand-off though it may qualify, and until when. One per lead."""

    class Reason(models.TextChoices):
        COOL_DOWN = "cool_down", _("cool-down")
        QUIET = "quiet", _("quiet publication or import")
        DECIDED = "decided", _("decided for good")

    lead = models.OneToOneField(Lead, models.CASCADE, related_name="+")
    reason = models.CharField(_("reason"), max_length=10, choices=Reason.choices)
    # Null: until something ends it (falling below and coming back, for quiet; nothing, for decided). A quiet one that is
    # due was let go by a release of what holds it.
    until = models.DateTimeField(_("until"), null=True, blank=True)
    handoff = models.ForeignKey(Handoff, models.SET_NULL, null=True, blank=True, related_name="+")
    # What the lead qualified by, for `quiet`: an import, or a publication.
    imported_by = models.ForeignKey(
        Import, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("import")
    )
    version = models.ForeignKey(
        MatrixVersion, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("version")
    )
    # Whether a newer fast-track match ends it.
    may_return = models.BooleanField(default=True)
    # What was received after `since` is new: a fast track ends a cool-down, anything worth points ends quiet.
    since = models.DateTimeField(_("since"), default=timezone.now)
    # By model id, what was true when last looked at: {"revision", "version", "met": [criterion keys]}.
    basis = models.JSONField(default=dict)
    looked_at = models.DateTimeField(_("looked at"), default=timezone.now)

    class Meta:
        verbose_name = _("suppression")
        verbose_name_plural = _("suppressions")
        indexes = [models.Index(fields=["until"], name="suppression_until")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(imported_by=None) | models.Q(version=None), name="suppression_held_by_one"
            )
        ]

    def __str__(self) -> str:
        return f"{self.lead_id} {self.reason}"


class Release(models.Model):
    """The leads that an import or a publication holds back are handed off, the best first, so many a day, until none is
    left.

    `per_day` null means all at once; 0 means that somebody stopped it.
    """

    imported_by = models.OneToOneField(
        Import, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("import")
    )
    version = models.OneToOneField(
        MatrixVersion, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("version")
    )
    per_day = models.PositiveIntegerField(_("a day"), null=True, blank=True)
    asked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("who"))
    asked_at = models.DateTimeField(_("asked"), default=timezone.now)
    # The last day (of the installation's time zone) of which the share went out, and how many went in all.
    released_on = models.DateField(null=True, blank=True)
    released = models.PositiveIntegerField(_("handed off"), default=0)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("release")
        verbose_name_plural = _("releases")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(imported_by=None, version__isnull=False)
                | models.Q(imported_by__isnull=False, version=None),
                name="release_of_one",
            )
        ]

    def __str__(self) -> str:
        return f"{self.imported_by_id or self.version_id}: {self.per_day}"


class RoutingTurn(models.Model):
    """Round robin's memory of one rep: how many hand-offs they were dealt, and where (handoff.routing)."""

    user = models.OneToOneField(User, models.CASCADE, related_name="+", verbose_name=_("rep"))
    dealt = models.PositiveBigIntegerField(_("dealt"), default=0)
    position = models.BigIntegerField(null=True)
    turn = models.BigIntegerField(null=True)
    last_dealt_at = models.DateTimeField(_("last dealt"), null=True)

    class Meta:
        verbose_name = _("turn of round robin")
        verbose_name_plural = _("turns of round robin")

    def __str__(self) -> str:
        return str(self.user)
