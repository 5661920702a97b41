"""What a draft would do to the queue: hand-offs that wait for each rep, and those its leads would open. Writes nothing."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Final

from django.db import connection
from django.db.models import Count, Q
from django.utils import timezone

from accounts.models import Role, User
from handoff.lifecycle import UNDECIDED_STATES
from handoff.models import Handoff
from handoff.routing import Rep, is_absent, takes

#: Leads that are shared out; of more the first are.
MOST: Final = 100_000
_OWNERS: Final = """
SELECT lead.owner_id, company.owner_id, count(*)
FROM unnest(%s::bigint[]) AS asked(id)
JOIN crm_lead lead ON lead.id = asked.id AND lead.merged_into_id IS NULL
LEFT JOIN crm_company company ON company.id = lead.company_id
WHERE NOT EXISTS (SELECT FROM handoff_handoff open WHERE open.lead_id = asked.id AND open.closed_at IS NULL)
  AND NOT EXISTS (SELECT FROM handoff_suppression held WHERE held.lead_id = asked.id)
GROUP BY 1, 2
"""


@dataclass(frozen=True, kw_only=True)
class RepLoad:
    """A rep's queue against what they can work a week; `opening` are the leads that come to them as their owner."""

    name: str
    team: str
    capacity: int
    is_absent: bool
    absent_until: date | None
    waiting: int
    opening: int

    @property
    def after(self) -> int:
        return self.waiting + self.opening

    @property
    def is_over(self) -> bool:
        return self.after > self.capacity


@dataclass(frozen=True, kw_only=True)
class QueueLoad:
    """`routed` are dealt in turn to whoever is present; `unowned` wait for anybody of a team. Of more than MOST leads
    the first `asked` are counted."""

    reps: Sequence[RepLoad]
    unowned: int
    routed: int
    asked: int
    is_part: bool

    @property
    def opening(self) -> int:
        return self.routed + sum(rep.opening for rep in self.reps)

    @property
    def capacity(self) -> int:
        """What those who are present work a week."""
        return sum(rep.capacity for rep in self.reps if not rep.is_absent)


def queue_load(lead_ids: Sequence[int], *, now: datetime | None = None) -> QueueLoad:
    """The queue, were these leads to qualify newly. One that has an open hand-off or is held back opens none.

    An owner who takes hand-offs today gets their own leads, then the company's owner; the rest goes to routing. Three
    queries, however many reps and leads.
    """
    now = now or timezone.now()
    waiting = dict(
        Handoff.objects.filter(closed_at=None, state__in=UNDECIDED_STATES)
        .order_by()
        .values_list("owner_id")
        .annotate(found=Count("pk"))
    )
    people = list(
        User.objects.filter(role__in=(Role.REP, Role.SALES_MANAGER), is_active=True)
        .filter(Q(weekly_capacity__gt=0) | Q(pk__in=[owner for owner in waiting if owner is not None]))
        .select_related("team")
        .order_by("name", "pk")
    )
    reps = {user.pk: _rep(user) for user in people}
    opening: Counter[int | None] = Counter()
    asked = list(islice(lead_ids, MOST))
    for owners, count in _owners(asked):
        taking = (owner for owner in owners if owner in reps and takes(reps[owner], now=now))
        opening[next(taking, None)] += count
    return QueueLoad(
        reps=[
            RepLoad(
                name=str(user),
                team=str(user.team or ""),
                capacity=user.weekly_capacity,
                is_absent=is_absent(reps[user.pk], now=now),
                absent_until=user.absent_until,
                waiting=waiting.get(user.pk, 0),
                opening=opening[user.pk],
            )
            for user in people
        ],
        unowned=waiting.get(None, 0),
        routed=opening[None],
        asked=len(asked),
        is_part=len(lead_ids) > MOST,
    )


def _owners(lead_ids: Sequence[int]) -> list[tuple[tuple[int, int], int]]:
    """How many leads have each pair of an owner and a company's owner; 0 is nobody."""
    with connection.cursor() as cursor:
        cursor.execute(_OWNERS, [list(lead_ids)])
        return [
            ((lead_owner or 0, company_owner or 0), count) for lead_owner, company_owner, count in cursor.fetchall()
        ]


def _rep(user: User) -> Rep:
    return Rep(
        id=user.pk,
        team_id=user.team_id,
        weekly_capacity=user.weekly_capacity,
        is_active=user.is_active,
        absent_from=user.absent_from,
        absent_until=user.absent_until,
        time_zone=user.time_zone,
    )
