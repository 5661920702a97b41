"""Letting go of what imports and publications hold back: all at once, or the best so many a day.

A share is let go by one UPDATE that makes its suppressions due, with the day it was taken for, in one transaction; what
is due is opened as everything else is, by settling. So whoever is killed anywhere leaves a share taken whole or not at
all, and no lead is handed off twice.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Final

from django.db import connection, transaction
from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Installation, User
from accounts.rights import Action, may
from accounts.services import audit_record
from crm.models import Import, Work
from handoff.models import Handoff, Release, Suppression
from handoff.routing import zone_or_utc
from handoff.services.dealing import capacity_a_day
from handoff.services.holders import Holder, holder_of, import_holder, version_holder
from kernel.errors import ConflictError, InvalidError, NotAllowedError
from scoring.models import MatrixVersion, Run, Score
from scoring.services.rescoring import rescored_ring

MOST_A_DAY = 10_000
UNDER_WAY = (Import.State.WAITING, Import.State.RUNNING, Import.State.UNDOING)
# A lead that cannot be settled keeps the best of the others waiting no longer than this after the last score.
PATIENCE: Final = timedelta(hours=1)

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
WHERE p.{held_by} = %s AND p.reason = 'quiet' AND p.until IS NULL AND now.total IS NOT NULL
ORDER BY now.is_fast_tracked DESC, now.total DESC, p.lead_id
LIMIT %s
FOR UPDATE OF p SKIP LOCKED
"""
_BEST_OF = {"imported_by": _BEST.format(held_by="imported_by_id"), "version": _BEST.format(held_by="version_id")}


def may_release(user: User) -> bool:
    """Whether somebody decides what becomes of leads that an import holds back."""
    return may(user.role, Action.IMPORT_MANAGE) or may(user.role, Action.HANDOFF_REASSIGN)


def may_release_versions(user: User) -> bool:
    """Whether somebody decides what becomes of leads that a publication holds back."""
    return may(user.role, Action.VERSION_PUBLISH)


@transaction.atomic
def import_release(*, import_id: int, per_day: int | None, by: User) -> Release:
    """Hand off what an import holds back: all at once with `per_day` None, else the best so many a day, today's at once.

    Asked again it goes on at the new pace; of a day a share is taken once all the same. Raises Import.DoesNotExist,
    NotAllowedError, InvalidError for a pace that is none.
    """
    _check_right(by)
    _check_pace(per_day)
    return _release(import_holder(Import.objects.get(pk=import_id).pk), per_day=per_day, by=by)


@transaction.atomic
def import_release_stop(*, import_id: int, by: User) -> Release:
    """Hold back again what has not been let go yet. Raises ConflictError where no release goes on."""
    _check_right(by)
    return _stop(import_holder(import_id), by=by)


@transaction.atomic
def version_release(*, version_id: int, per_day: int | None, by: User) -> Release:
    """The same for what a publication holds back. Raises ConflictError where the version never judged."""
    _check_right_to_versions(by)
    _check_pace(per_day)
    version = MatrixVersion.objects.defer("document").get(pk=version_id)
    if version.published_at is None:
        raise ConflictError(_("This version was not published yet: it holds nobody back."), code="not_published")
    return _release(version_holder(version.pk), per_day=per_day, by=by)


@transaction.atomic
def version_release_stop(*, version_id: int, by: User) -> Release:
    """Hold back again what has not been let go yet. Raises ConflictError where no release goes on."""
    _check_right_to_versions(by)
    return _stop(version_holder(version_id), by=by)


def releases_drain(*, now: datetime) -> int:
    """Begin the releases that imports and publications ask for themselves, take the shares that are due today, end what
    is through. Answers how many leads were let go.
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


def is_at_rest(holder: Holder) -> bool:
    """Whether all that an import or a publication brings is judged, so that the best of its leads are known."""
    if holder.field == "imported_by":
        brought = Import.objects.get(pk=holder.id)
        return brought.state not in UNDER_WAY and not Work.objects.filter(imported_by=brought).exists()
    runs = Run.objects.filter(version=holder.id)
    if runs.filter(finished_at=None).exists():
        return False
    judged_at = runs.aggregate(last=Max("finished_at"))["last"]
    return (judged_at is not None and judged_at < timezone.now() - PATIENCE) or not _unsettled(holder.id)


def _unsettled(version_id: int) -> bool:
    """Whether leads that the version's model qualifies are neither handed off nor held back yet."""
    open_ones = Handoff.objects.filter(lead=OuterRef("lead"), closed_at=None)
    held = Suppression.objects.filter(lead=OuterRef("lead"))
    model = MatrixVersion.objects.filter(pk=version_id).values("model")
    scores = Score.objects.filter(model__in=model, is_qualified=True, lead__merged_into=None)
    return scores.filter(~Exists(open_ones), ~Exists(held)).exists()


def _check_right(by: User) -> None:
    if not may_release(by):
        raise NotAllowedError(
            _("Marketing, a sales manager or an administrator decides when imported leads are handed off."),
            code="not_yours_to_release",
        )


def _check_right_to_versions(by: User) -> None:
    if not may_release_versions(by):
        raise NotAllowedError(
            _("Who may publish a version decides when the leads it holds back are handed off."),
            code="not_yours_to_release",
        )


def _check_pace(per_day: int | None) -> None:
    if per_day is not None and not 1 <= per_day <= MOST_A_DAY:
        raise InvalidError(
            _("Hand off between 1 and %(most)s a day, or all at once.") % {"most": MOST_A_DAY}, code="per_day"
        )


def _release(holder: Holder, *, per_day: int | None, by: User) -> Release:
    Release.objects.bulk_create([Release(**holder.by_id)], ignore_conflicts=True)
    release = holder.releases.select_for_update().get()
    release.per_day, release.asked_by, release.asked_at, release.finished_at = per_day, by, timezone.now(), None
    release.save()
    _audit(holder, "release", by, per_day=per_day)
    _ring()
    return release


def _stop(holder: Holder, *, by: User) -> Release:
    release = holder.releases.select_for_update().filter(finished_at=None).first()
    if release is None or release.per_day == 0:
        raise ConflictError(_("Nothing is being handed off: there is nothing to stop."), code="no_release")
    release.per_day = 0
    release.save(update_fields=["per_day"])
    _audit(holder, "release_stop", by)
    return release


def _audit(holder: Holder, what: str, by: User, **details: object) -> None:
    prefix, subject = {"imported_by": ("import", "import"), "version": ("version", "matrix_version")}[holder.field]
    audit_record(action=f"{prefix}.{what}", subject_type=subject, subject_id=holder.id, actor=by, details=details)


def _begin_spread(now: datetime) -> None:
    wanted = [*_imports_to_spread(now), *_versions_to_spread(now)]
    Release.objects.bulk_create(wanted, ignore_conflicts=True)


def _imports_to_spread(now: datetime) -> Iterable[Release]:
    imports = Import.objects.filter(
        ~Exists(Release.objects.filter(imported_by=OuterRef("pk"))),
        Exists(Suppression.objects.filter(imported_by=OuterRef("pk"))),
        handoffs=Import.Handoffs.SPREAD,
    )
    for brought in imports:
        yield Release(
            imported_by=brought,
            per_day=min(brought.handoffs_per_day or capacity_a_day(now=now), MOST_A_DAY),
            asked_by_id=brought.created_by_id,
            asked_at=now,
        )


def _versions_to_spread(now: datetime) -> Iterable[Release]:
    versions = MatrixVersion.objects.filter(
        ~Exists(Release.objects.filter(version=OuterRef("pk"))),
        Exists(Suppression.objects.filter(version=OuterRef("pk"))),
        per_day__isnull=False,
    )
    for version in versions.defer("document"):
        yield Release(version=version, per_day=version.per_day, asked_by_id=version.published_by_id, asked_at=now)


def _due(today: date) -> QuerySet[Release]:
    not_today = Q(released_on=None) | Q(released_on__lt=today)
    return Release.objects.filter(not_today, finished_at=None, per_day__gt=0)


@transaction.atomic
def _take_share(release_id: int, *, today: date, now: datetime) -> int:
    """Let go of today's best. Another process may have taken them meanwhile, or be at it: then none."""
    release = _due(today).filter(pk=release_id).select_for_update(of=("self",), skip_locked=True).first()
    holder = holder_of(release) if release else None
    if release is None or holder is None or not is_at_rest(holder):
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_BEST_OF[holder.field], [holder.id, release.per_day])
        best = [suppression_id for (suppression_id,) in cursor.fetchall()]
    if best:
        Suppression.objects.filter(pk__in=best).update(until=now)
        release.released_on = today
        release.save(update_fields=["released_on"])
    return len(best)


def _finish(now: datetime) -> None:
    held = Suppression.objects.filter(Q(imported_by=OuterRef("imported_by")) | Q(version=OuterRef("version")))
    for release in Release.objects.exclude(per_day=0).filter(~Exists(held), finished_at=None):
        holder = holder_of(release)
        if holder is not None and is_at_rest(holder):
            Release.objects.filter(pk=release.pk, finished_at=None).exclude(per_day=0).update(finished_at=now)


def _ring() -> None:
    """No score was judged, but there is something to settle: the same bell."""
    transaction.on_commit(lambda: rescored_ring([]))
