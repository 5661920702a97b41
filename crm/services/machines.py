"""What machines did is marked with the reason, never deleted; and a person may say that it was a person.

Looked for where activities come in, in the same transaction, and again a little later: two batches that are under way at
once do not see each other's clicks.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import ApiKey, User
from accounts.services import audit_record
from crm.bots import (
    ADDRESS_KINDS,
    ADDRESS_SECONDS,
    BURST_SECONDS,
    BY_HAND,
    CLICK,
    PERSON,
    Click,
    Sighting,
    address_bursts,
    address_in,
    click_bursts,
    is_stronger,
)
from crm.ingestion.insert import leads_pin
from crm.ingestion.nearby import activities_hold, clicks_around, sightings_around
from crm.models import Activity, Cause, FactChange
from crm.services.history import actor_name
from crm.services.retrying import MovedError, retried
from crm.services.work import work_add

# Longer than any batch is under way.
LOOKED_AGAIN: Final = timedelta(minutes=15)
_CHUNK: Final = 1_000
MACHINES: Final = "machines"


def machines_mark(*, among: Q, just_in: Collection[int] = ()) -> set[int]:
    """Mark the bursts around these activities: the ids that were marked. Call it inside a transaction.

    `just_in` came in with this transaction: that they are a machine's was known from the first, so no change is written.
    Raises MovedError where a merge came between.
    """
    kinds = Activity.objects.filter(among, kind__in=ADDRESS_KINDS).exclude(lead=None)
    rows = list(kinds.values_list("lead_id", "kind", "occurred_at", "properties"))
    clicks = [(lead_id, at) for lead_id, kind, at, _sent in rows if lead_id and kind == CLICK]
    seen = [(address, at) for _lead, _kind, at, properties in rows if (address := address_in(properties))]
    reasons = dict.fromkeys(
        address_bursts(
            Sighting(id=one.id, address=one.what, lead_id=one.lead_id, occurred_at=one.occurred_at)
            for one in sightings_around(seen, seconds=ADDRESS_SECONDS)
        ),
        "address_burst",
    )
    reasons |= dict.fromkeys(
        click_bursts(
            Click(id=one.id, subject=f"{one.lead_id} {one.what}", url=one.url, occurred_at=one.occurred_at)
            for one in clicks_around(clicks, seconds=BURST_SECONDS)
        ),
        "click_burst",
    )
    return _mark(reasons, frozenset(just_in)) if reasons else set()


def machines_look_again(*, now: datetime | None = None) -> int:
    """Look again at what came in lately, newest first: how many activities were marked. Safe to run at any time."""
    since = (now or timezone.now()) - LOOKED_AGAIN
    marked, before = 0, 0
    while True:
        rows = Activity.objects.order_by("-id")
        newest = list((rows.filter(pk__lt=before) if before else rows).values_list("pk", "received_at")[:_CHUNK])
        lately = [pk for pk, received_at in newest if received_at >= since]
        if lately:
            marked += len(retried(partial(machines_mark, among=Q(pk__in=lately))))
        if len(newest) < _CHUNK or not lately:
            return marked
        before = newest[-1][0]


def activities_exclude(*, activity_ids: Iterable[int], by: User | ApiKey | None = None) -> int:
    """Say that these were a machine's: how many were not held for one before."""
    return _say(set(activity_ids), is_bot=True, reason=BY_HAND, action="activity.exclude", by=by)


def activities_include(*, activity_ids: Iterable[int], by: User | ApiKey | None = None) -> int:
    """Say that these were a person's; no rule marks them again. How many were held for a machine's before."""
    return _say(set(activity_ids), is_bot=False, reason=PERSON, action="activity.include", by=by)


def _say(ids: set[int], *, is_bot: bool, reason: str, action: str, by: User | ApiKey | None) -> int:
    @transaction.atomic
    def attempt() -> int:
        changed = [each for each in _held(ids) if each.is_bot != is_bot]
        if changed:
            Activity.objects.filter(pk__in=[each.pk for each in changed]).update(is_bot=is_bot, bot_reason=reason)
            _remember(changed, is_bot=is_bot, changed_by=actor_name(by))
            leads = sorted({each.lead_id for each in changed if each.lead_id})
            audit_record(
                action=action,
                subject_type="activity",
                subject_id=changed[0].pk,
                actor=by,
                details={"activities": len(changed), "leads": leads[:100]},
            )
        return len(changed)

    return retried(attempt)


def _mark(reasons: dict[int, str], just_in: frozenset[int]) -> set[int]:
    activities = [
        each
        for each in _held(set(reasons))
        if each.bot_reason != PERSON and (not each.is_bot or is_stronger(reasons[each.pk], each.bot_reason))
    ]
    marked = [each for each in activities if not each.is_bot]
    for each in activities:
        each.is_bot, each.bot_reason = True, reasons[each.pk]
    Activity.objects.bulk_update(activities, ["is_bot", "bot_reason"], batch_size=_CHUNK)
    _remember([each for each in marked if each.pk not in just_in], is_bot=True, changed_by=MACHINES)
    return {each.pk for each in marked}


def _held(ids: set[int]) -> list[Activity]:
    """The activities, locked. Their leads before them, as a merge does: the other way round the two could wait for each other."""
    of = Activity.objects.filter(pk__in=ids)
    pinned = leads_pin(lead_id for lead_id in of.values_list("lead_id", flat=True).distinct() if lead_id)
    activities_hold(ids)
    held = list(of.order_by("pk"))
    if any(each.lead_id is not None and each.lead_id not in pinned for each in held):
        raise MovedError
    return held


def _remember(changed: Collection[Activity], *, is_bot: bool, changed_by: str) -> None:
    now = timezone.now()
    FactChange.objects.bulk_create(
        [
            FactChange(
                subject_type=FactChange.Subject.ACTIVITY,
                subject_id=each.pk,
                field="is_bot",
                before=not is_bot,
                after=is_bot,
                # It never was a person's, or always was; we only learned it now.
                valid_at=each.occurred_at,
                recorded_at=now,
                changed_by=changed_by,
            )
            for each in changed
        ],
        batch_size=_CHUNK,
    )
    work_add(lead_ids={each.lead_id for each in changed if each.lead_id}, cause=Cause.ACTIVITY_MARKED)
