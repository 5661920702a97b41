"""Activities: recorded exactly once, withdrawn, marked. Answered only after commit."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

from django.db import transaction
from django.utils import timezone

from accounts.models import ApiKey, User
from crm.errors import UnknownLeadError
from crm.ingestion.events import read_activity
from crm.ingestion.insert import ActivityRow, insert_activities, leads_pin
from crm.models import Activity, Cause, FactChange
from crm.services.activity_batch import ActivityBatch, Arrival
from crm.services.feeds import feed_ensure
from crm.services.history import actor_name
from crm.services.lookup import lead_survivors
from crm.services.results import ItemResult, rejected
from crm.services.retrying import MovedError, retried
from crm.services.work import work_add

OWN_FEED: Final = "leadscore"


@transaction.atomic
def activities_record(
    *,
    feed: str,
    items: Sequence[object],
    by: User | ApiKey | None = None,
    received_at: datetime | None = None,
    import_id: int | None = None,
) -> list[ItemResult]:
    """Store a batch of activities of one feed: a result for each, in order.

    An item that cannot be read is rejected; a message whose id was sent before is a duplicate, or where its content
    differs quarantined like one with an implausible time; of an erased person nothing is kept. An unknown person named by
    external id or email becomes a lead; a visitor who is not known yet is kept without one. What an import brings carries
    its id, so that it can be undone.
    """
    now = timezone.now()
    results: dict[int, ItemResult] = {}
    arrivals: list[Arrival] = []
    for index, item in enumerate(items):
        read, problems = read_activity(item)
        if read is not None:
            arrivals.append(Arrival(index=index, item=read))
        else:
            results[index] = rejected(index, problems, message_id=_message_id(item))
    if arrivals:
        ActivityBatch(
            feed=feed,
            arrivals=arrivals,
            changed_by=actor_name(by, feed),
            now=now,
            received_at=received_at or now,
            import_id=import_id,
        ).save()
        feed_ensure(slug=feed)
    results |= {arrival.index: arrival.result() for arrival in arrivals}
    return [results[index] for index in range(len(items))]


def activity_record_own(
    *,
    lead_id: int,
    kind: str,
    message_id: str = "",
    occurred_at: datetime | None = None,
    subject: str = "",
    value: Decimal | None = None,
    source: str = "",
    properties: Mapping[str, object] | None = None,
) -> Activity:
    """Store one activity that we write ourselves, in the feed `leadscore`. The same message id again gives the first one.

    A merged lead's goes to its survivor. Raises UnknownLeadError where there is none.
    """
    now = timezone.now()
    message_id = message_id or uuid.uuid4().hex

    def attempt() -> Activity:
        survivor = lead_survivors([lead_id]).get(lead_id)
        pinned = leads_pin([survivor] if survivor else [])
        if survivor is None or survivor not in pinned:
            raise UnknownLeadError
        if pinned[survivor] is not None:
            raise MovedError
        row = ActivityRow(
            feed=OWN_FEED,
            message_id=message_id,
            lead_id=survivor,
            visitor="",
            kind=kind,
            occurred_at=occurred_at or now,
            received_at=now,
            url="",
            subject=subject,
            value=value,
            source=source,
            properties=properties or {},
            bot_reason="",
            sent_hash="",
        )
        if insert_activities([row]):
            work_add(lead_ids=[survivor], cause=Cause.ACTIVITY)
        return Activity.objects.get(feed=OWN_FEED, message_id=message_id)

    return retried(attempt)


def activity_withdraw(*, activity_id: int, by: User | ApiKey | None = None) -> Activity:
    """Take an activity back: it stays stored and matches nothing from now on. Twice is once."""
    return retried(lambda: _activity_change(activity_id, field="withdrawn", after=True, reason="", by=by))


def activity_mark_bot(*, activity_id: int, is_bot: bool, reason: str = "", by: User | ApiKey | None = None) -> Activity:
    """Say that an activity was a machine's, or that it was not."""
    return retried(lambda: _activity_change(activity_id, field="is_bot", after=is_bot, reason=reason, by=by))


def _activity_change(activity_id: int, *, field: str, after: bool, reason: str, by: User | ApiKey | None) -> Activity:
    # The lead before the activity, as a merge does: the other way round the two could wait for each other.
    lead_id = Activity.objects.values_list("lead_id", flat=True).get(pk=activity_id)
    leads_pin([lead_id] if lead_id else [])
    activity = Activity.objects.select_for_update(no_key=True).get(pk=activity_id)
    if activity.lead_id != lead_id:
        raise MovedError
    before = activity.withdrawn_at is not None if field == "withdrawn" else activity.is_bot
    if before == after:
        return activity
    now = timezone.now()
    if field == "withdrawn":
        activity.withdrawn_at = now
        cause = Cause.ACTIVITY_WITHDRAWN
    else:
        activity.is_bot, activity.bot_reason = after, reason if after else ""
        cause = Cause.ACTIVITY_MARKED
    activity.save(update_fields=["withdrawn_at", "is_bot", "bot_reason"])
    FactChange.objects.create(
        subject_type=FactChange.Subject.ACTIVITY,
        subject_id=activity.pk,
        field=field,
        before=before,
        after=after,
        # It never was a person's, or never was meant; we only learned it now.
        valid_at=activity.occurred_at,
        recorded_at=now,
        changed_by=actor_name(by),
    )
    work_add(lead_ids=[lead_id] if lead_id else [], cause=cause)
    return activity


def _message_id(item: object) -> str:
    """The id of an item that could not be read, where it can be shown."""
    found = item.get("message_id") if isinstance(item, Mapping) else None
    is_shown = isinstance(found, str) and len(found) <= 200 and found.isprintable()
    return found if is_shown and isinstance(found, str) else ""
