"""What the pages of this floor show, within the rights of whoever looks."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from allauth.mfa.models import Authenticator
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.asked import number_asked
from accounts.audit_words import actions_meaning
from accounts.models import ApiKey, AuditEntry, Notification, Team, User
from accounts.rights import Action, Reach, reach


def people_seen_by(user: User) -> QuerySet[User]:
    """Colleagues whose page somebody may open: all, those of the own team, or none."""
    how_far = reach(user.role, Action.USER_VIEW)
    if how_far is Reach.TEAM:
        return User.objects.filter(team_id=user.team_id or 0)
    return User.objects.all() if how_far in {Reach.ALL, Reach.ALL_MASKED} else User.objects.none()


def people_listed(user: User, *, search: str = "", team: str = "", with_left: bool = False) -> QuerySet[User]:
    """The list of people, each with `has_second_factor`, by name."""
    rows = people_seen_by(user).select_related("team")
    if not with_left:
        rows = rows.filter(is_active=True)
    for word in search.split()[:10]:
        rows = rows.filter(Q(name__icontains=word) | Q(email__icontains=word))
    if (team_id := number_asked(team)) is not None:
        rows = rows.filter(team_id=team_id)
    totp = Authenticator.objects.filter(user_id=OuterRef("pk"), type=Authenticator.Type.TOTP)
    return rows.annotate(has_second_factor=Exists(totp)).order_by("name", "pk")


def teams_listed() -> QuerySet[Team]:
    """Teams with `people`, how many of them work here."""
    return Team.objects.annotate(people=Count("members", filter=Q(members__is_active=True))).order_by("name")


def keys_seen_by(user: User) -> QuerySet[ApiKey]:
    """Keys somebody may look at: all, those made by people of the own team, or none."""
    how_far = reach(user.role, Action.KEY_VIEW)
    keys = ApiKey.objects.select_related("created_by")
    if how_far is Reach.TEAM:
        return keys.filter(created_by__team=user.team_id or 0)
    return keys if how_far in {Reach.ALL, Reach.ALL_MASKED} else keys.none()


def notifications_of(user: User) -> QuerySet[Notification]:
    """What somebody is told in the app: nothing of the kinds they muted."""
    return Notification.objects.filter(user=user).exclude(kind__in=user.muted_kinds)


def unread_count(user: User, *, at_most: int = 100) -> int:
    """How many notifications are unread, counted no further than asked."""
    return notifications_of(user).filter(read_at=None).order_by()[:at_most].count()


@dataclass(frozen=True, kw_only=True)
class AuditSearch:
    """What of the audit log is wanted; empty is everything. Both days are included."""

    who: str = ""
    action: str = ""
    subject: str = ""
    number: int | None = None
    since: date | None = None
    until: date | None = None


def audit_entries(search: AuditSearch) -> QuerySet[AuditEntry]:
    """Entries, the latest first. What was done is found by its code or by its words."""
    rows = AuditEntry.objects.select_related("actor").order_by("-pk")
    if search.who:
        people = User.objects.filter(Q(name__icontains=search.who) | Q(email__icontains=search.who))
        rows = rows.filter(actor__in=people.values("pk"))
    if search.action:
        rows = rows.filter(Q(action__icontains=search.action) | Q(action__in=actions_meaning(search.action)))
    if search.subject:
        rows = rows.filter(subject_type=search.subject)
    if search.number is not None:
        rows = rows.filter(subject_id=search.number)
    if search.since:
        rows = rows.filter(at__gte=_midnight(search.since))
    if search.until:
        rows = rows.filter(at__lt=_midnight(search.until + timedelta(days=1)))
    return rows


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))
