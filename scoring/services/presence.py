"""Who has a version open now: rows that say when they were last seen, kept by each page's poll."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.db import connection
from django.utils import timezone

from accounts.models import User
from scoring.models import MatrixVersion, Presence

#: Who was not seen for so long has left; a page asks every two seconds.
GONE_AFTER: Final = timedelta(seconds=10)
LONGEST_PLACE: Final = 300


@dataclass(frozen=True, kw_only=True)
class Here:
    """Somebody else at the same version, and the path of what they are at; empty where that is nothing."""

    user_id: int
    name: str
    place: str


def presence_mark(*, version_id: int, by: User, place: str = "") -> None:
    """Say that `by` is here, at `place`. One statement, however many pages they have open."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO scoring_presence (version_id, user_id, place, seen_at) VALUES (%s, %s, %s, %s) "
            "ON CONFLICT (version_id, user_id) DO UPDATE SET place = EXCLUDED.place, seen_at = EXCLUDED.seen_at",
            [version_id, by.pk, place[:LONGEST_PLACE], timezone.now()],
        )


def presence_leave(*, version_id: int, by: User) -> None:
    """Say that `by` closed the page."""
    Presence.objects.filter(version=version_id, user=by).delete()


def others_here(version: MatrixVersion, *, but: User) -> list[Here]:
    """The others who were seen just now, by name."""
    rows = Presence.objects.filter(version=version, seen_at__gt=timezone.now() - GONE_AFTER).exclude(user=but)
    return [
        Here(user_id=row.user_id, name=str(row.user), place=row.place)
        for row in rows.select_related("user").order_by("user__name", "user")
    ]
