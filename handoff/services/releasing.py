"""Letting go of what imports hold back: all at once, or the best so many a day.

A share is let go by one UPDATE that makes its suppressions due, with the day it was taken for, in one transaction; what
is due is opened as everything else is, by settling. So whoever is killed anywhere leaves a share taken whole or not at
all, and no lead is handed off twice.
"""

from datetime import date, datetime

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Installation, User
from accounts.rights import Action, may
from accounts.services import audit_record
from crm.models import Import, Work
from handoff.models import Release, Suppression
from handoff.routing import zone_or_utc
from handoff.services.dealing import capacity_a_day
from kernel.errors import ConflictError, InvalidError, NotAllowedError
from scoring.services.rescoring import rescored_ring

MOST_A_DAY = 10_000
UNDER_WAY = (Import.State.WAITING, Import.State.RUNNING, Import.State.UNDOING)

# The order of the queue: fast-tracked first, then by the total of the model that leads. Who is being settled is left out.
_BEST = """
SELECT p.id
FROM handoff_suppression AS p
CROSS JOIN LATERAL (
    SELECT bool_or(s.is_fast_tracked) AS is_fast_tracked,
           (array_agg(s.total ORDER BY m.priority, m.id))[1] AS total
    FROM scoring_score AS s JOIN scoring_scoringmodel AS m ON m.id = s.model_id
    WHERE s.lead_id = p.lead_id AND s.is_qualified
) AS now
WHERE p.imported_by_id = %s AND p.reason = 'quiet' AND p.until IS NULL AND now.total IS NOT NULL
ORDER BY now.is_fast_tracked DESC, now.total DESC, p.lead_id
LIMIT %s
FOR UPDATE OF p SKIP LOCKED
"""


def may_release(user: User) -> bool:
    """Whether somebody decides what becomes of leads that an import holds back."""
    return may(user.role, Action.IMPORT_MANAGE) or may(user.role, Action.HANDOFF_REASSIGN)


@transaction.atomic
def import_release(*, import_id: int, per_day: int | None, by: User) -> Release:
    """Hand off what an import holds back: all at once with `per_day` None, else the best so many a day, today's at once.

    Asked again it goes on at the new pace; of a day a share is taken once all the same. Raises Import.DoesNotExist,
    NotAllowedError, InvalidError for a pace that is none.
    """
    _check_right(by)
    if per_day is not None and not 1 <= per_day <= MOST_A_DAY:
        raise InvalidError(
            _("Hand off between 1 and %(most)s a day, or all at once.") % {"most": MOST_A_DAY}, code="per_day"
        )
    brought = Import.objects.get(pk=import_id)
    Release.objects.bulk_create([Release(imported_by=brought)], ignore_conflicts=True)
    release = Release.objects.select_for_update().get(imported_by=brought)
    release.per_day, release.asked_by, release.asked_at, release.finished_at = per_day, by, timezone.now(), None
    release.save()
    audit_record(
        action="import.release", subject_type="import", subject_id=import_id, actor=by, details={"per_day": per_day}
    )
    _ring()
    return release


@transaction.atomic
def import_release_stop(*, import_id: int, by: User) -> Release:
    """Hold back again what has not been let go yet. Raises ConflictError where no release goes on."""
    _check_right(by)
    release = Release.objects.select_for_update().filter(imported_by=import_id, finished_at=None).first()
    if release is None or release.per_day == 0:
        raise ConflictError(_("Nothing is being handed off: there is nothing to stop."), code="no_release")
    release.per_day = 0
    release.save(update_fields=["per_day"])
    audit_record(action="import.release_stop", subject_type="import", subject_id=import_id, actor=by)
    return release


def releases_drain(*, now: datetime) -> int:
    """Begin the releases that imports ask for themselves, take the shares that are due today, end what is through.

    Answers how many leads were let go.
    """
    _begin_spread(now)
    today = today_here(now)
    due = list(_due(today).values_list("pk", flat=True))
    taken = sum(_take_share(release_id, today=today, now=now) for release_id in due)
    _finish(now)
    return taken


def today_here(now: datetime) -> date:
    """The day it is where the company is."""
    return now.astimezone(zone_or_utc(Installation.current().time_zone)).date()


def is_at_rest(brought: Import) -> bool:
    """Whether all of an import is in and judged, so that the best of its leads are known."""
    return brought.state not in UNDER_WAY and not Work.objects.filter(imported_by=brought).exists()


def held_by(import_id: int | OuterRef) -> QuerySet[Suppression]:
    """The suppressions of an import, let go or not."""
    return Suppression.objects.filter(imported_by=import_id)


def _check_right(by: User) -> None:
    if not may_release(by):
        raise NotAllowedError(
            _("Marketing, a sales manager or an administrator decides when imported leads are handed off."),
            code="not_yours_to_release",
        )


def _begin_spread(now: datetime) -> None:
    wanting = Import.objects.filter(
        ~Exists(Release.objects.filter(imported_by=OuterRef("pk"))),
        Exists(held_by(OuterRef("pk"))),
        handoffs=Import.Handoffs.SPREAD,
    )
    Release.objects.bulk_create(
        [
            Release(
                imported_by=brought,
                per_day=min(brought.handoffs_per_day or capacity_a_day(now=now), MOST_A_DAY),
                asked_by_id=brought.created_by_id,
                asked_at=now,
            )
            for brought in wanting
        ],
        ignore_conflicts=True,
    )


def _due(today: date) -> QuerySet[Release]:
    not_today = Q(released_on=None) | Q(released_on__lt=today)
    return Release.objects.filter(not_today, finished_at=None, per_day__gt=0)


@transaction.atomic
def _take_share(release_id: int, *, today: date, now: datetime) -> int:
    """Let go of today's best. Another process may have taken them meanwhile, or be at it: then none."""
    release = (
        _due(today)
        .filter(pk=release_id)
        .select_related("imported_by")
        .select_for_update(of=("self",), skip_locked=True)
        .first()
    )
    if release is None or not is_at_rest(release.imported_by):
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_BEST, [release.imported_by_id, release.per_day])
        best = [suppression_id for (suppression_id,) in cursor.fetchall()]
    if best:
        Suppression.objects.filter(pk__in=best).update(until=now)
        release.released_on = today
        release.save(update_fields=["released_on"])
    return len(best)


def _finish(now: datetime) -> None:
    running = Release.objects.exclude(per_day=0).filter(~Exists(held_by(OuterRef("imported_by"))), finished_at=None)
    for release in running.select_related("imported_by"):
        if is_at_rest(release.imported_by):
            Release.objects.filter(pk=release.pk, finished_at=None).exclude(per_day=0).update(finished_at=now)


def _ring() -> None:
    """No score was judged, but there is something to settle: the same bell."""
    transaction.on_commit(lambda: rescored_ring([]))
