"""Visitors: browsers whose person is not known yet. Identifying one gives its activities to the lead.

An identified visitor is an external id in the feed `visitor:FEED`, so merges move it and an erasure remembers it.
"""

import zlib
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone

from crm.ingestion.insert import activities_attach, visitors_lock
from crm.models import Activity, Cause, ExternalId, PossibleDuplicate
from crm.services.lookup import lead_ids_by_external_id, visitor_feed
from crm.services.work import work_add

KEPT_DAYS: Final = 90
_BUCKETS: Final = 64


def visitors_known(*, feed: str, anonymous: Iterable[str], identified: Iterable[str]) -> dict[str, int]:
    """The leads of the visitors that are identified, read under locks that hold for the rest of the transaction.

    Without the locks a visitor could be identified between our look and our insert, and the activity stay unattached.
    """
    anonymous, identified = set(anonymous), set(identified)
    known = lead_ids_by_external_id(feed=visitor_feed(feed), external_ids=anonymous | identified)
    if not (anonymous | identified) - set(known):
        return known
    visitors_lock(
        anonymous={_bucket(feed, visitor) for visitor in anonymous - set(known)},
        identified={_bucket(feed, visitor) for visitor in identified - set(known)},
    )
    return lead_ids_by_external_id(feed=visitor_feed(feed), external_ids=anonymous | identified)


def visitors_identify(
    *,
    feed: str,
    lead_of: Mapping[str, int],
    known: Mapping[str, int],
    at: datetime,
    changed_by: str,
    import_id: int | None = None,
) -> set[int]:
    """Say whose visitors these are and attach what they did before: the leads that gained activities.

    A visitor already known as another lead's stays theirs (people share browsers); the pair waits as a possible duplicate.
    """
    gained: set[int] = set()
    new = {visitor: lead_id for visitor, lead_id in sorted(lead_of.items()) if visitor not in known}
    ExternalId.objects.bulk_create(
        [
            ExternalId(feed=visitor_feed(feed), external_id=visitor, lead_id=lead_id, imported_by_id=import_id)
            for visitor, lead_id in new.items()
        ]
    )
    for visitor, lead_id in new.items():
        attached = activities_attach(
            feed=feed,
            visitor=visitor,
            lead_id=lead_id,
            recorded_at=at,
            changed_by=changed_by,
            import_id=import_id,
        )
        if attached:
            gained.add(lead_id)
    pairs = {
        (min(lead_id, known[visitor]), max(lead_id, known[visitor]))
        for visitor, lead_id in lead_of.items()
        if known.get(visitor, lead_id) != lead_id
    }
    PossibleDuplicate.objects.bulk_create(
        [PossibleDuplicate(first_id=low, second_id=high, reason="visitor") for low, high in sorted(pairs)],
        ignore_conflicts=True,
    )
    work_add(lead_ids=gained, cause=Cause.IDENTIFIED, import_id=import_id)
    return gained


def visitors_forget(*, now: datetime | None = None) -> int:
    """Delete what visitors did who were not identified within 90 days: how many activities."""
    before = (now or timezone.now()) - timedelta(days=KEPT_DAYS)
    deleted, _by_model = Activity.objects.filter(lead=None, received_at__lt=before).delete()
    return deleted


def _bucket(feed: str, visitor: str) -> int:
    return zlib.crc32(f"{feed}\0{visitor}".encode()) % _BUCKETS
