"""The hand-written SQL by which machines are recognised: what else was done just before and after, and where from."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from crm.bots import ADDRESS_KINDS, CLICK, PERSON


@dataclass(frozen=True, kw_only=True)
class Nearby:
    """An activity done close to one that came in: `what` is the mail of a click, or the address it came from."""

    id: int
    lead_id: int
    occurred_at: datetime
    what: str
    url: str


# Times around which is looked, merged where they touch: each activity is found once.
_CLICKS = """
SELECT a.id, a.lead_id, a.occurred_at, a.subject, a.url
FROM unnest(%(keys)s::bigint[], %(from)s::timestamptz[], %(to)s::timestamptz[]) AS around(lead_id, first, last)
JOIN crm_activity a ON a.lead_id = around.lead_id AND a.occurred_at BETWEEN around.first AND around.last
WHERE a.kind = %(click)s AND a.url <> '' AND a.bot_reason <> %(person)s
"""
# The expression of the index `activity_address`; below, its condition word for word.
_ADDRESS = "COALESCE((a.properties ->> 'ip'), (a.properties #>> ARRAY['context','ip']))"
_SIGHTINGS = f"""
SELECT a.id, a.lead_id, a.occurred_at, {_ADDRESS}, a.url
FROM unnest(%(keys)s::text[], %(from)s::timestamptz[], %(to)s::timestamptz[]) AS around(address, first, last)
JOIN crm_activity a ON {_ADDRESS} = around.address AND a.occurred_at BETWEEN around.first AND around.last
WHERE (a.properties ? 'ip' OR (a.properties -> 'context') ? 'ip')
    AND a.kind = ANY(%(kinds)s) AND a.lead_id IS NOT NULL AND a.bot_reason <> %(person)s
"""  # noqa: S608 - put together from texts of this file


def clicks_around(places: Iterable[tuple[int, datetime]], *, seconds: int) -> list[Nearby]:
    """Every click in a mail by these leads within so many seconds of these times, but what a person stands for."""
    return _found(_CLICKS, places, seconds, {"click": CLICK})


def sightings_around(places: Iterable[tuple[str, datetime]], *, seconds: int) -> list[Nearby]:
    """Every activity of a lead seen from these addresses within so many seconds of these times, but what a person stands for."""
    return _found(_SIGHTINGS, places, seconds, {"kinds": sorted(ADDRESS_KINDS)})


def activities_hold(activity_ids: Collection[int]) -> None:
    """Lock activities in id order, so that two who mark the same ones wait for each other and never deadlock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM crm_activity WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", [sorted(activity_ids)]
        )


def _found(
    query: str, places: Iterable[tuple[object, datetime]], seconds: int, params: dict[str, str | list[str]]
) -> list[Nearby]:
    spans = _spans(places, timedelta(seconds=seconds))
    if not spans:
        return []
    keys, first, last = (list(column) for column in zip(*spans, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(query, {**params, "keys": keys, "from": first, "to": last, "person": PERSON})
        return [
            Nearby(id=row[0], lead_id=row[1], occurred_at=row[2], what=row[3], url=row[4]) for row in cursor.fetchall()
        ]


def _spans(places: Iterable[tuple[object, datetime]], around: timedelta) -> Sequence[tuple[object, datetime, datetime]]:
    times: dict[object, list[datetime]] = {}
    for key, moment in places:
        times.setdefault(key, []).append(moment)
    spans: list[tuple[object, datetime, datetime]] = []
    for key, moments in times.items():
        mine: list[tuple[datetime, datetime]] = []
        for moment in sorted(moments):
            first, last = moment - around, moment + around
            if mine and first <= mine[-1][1]:
                mine[-1] = (mine[-1][0], last)
            else:
                mine.append((first, last))
        spans += [(key, first, last) for first, last in mine]
    return spans
