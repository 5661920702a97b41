"""Who gets a hand-off: the owner of the lead or its company first, else round robin weighted by capacity. Pure.

The round robin is start-time fair queueing (Goyal, Vin, Cheng 1996) with hand-offs for packets: each rep has a virtual
`position` that moves on by 1/capacity with every hand-off dealt, and the one furthest behind is next. Nobody starts
behind the place where dealing is now, so a rep who is new or back from an absence gets their share, not a flood.
What an owner gets out of turn moves them on as well, but not the place where dealing is: the others catch up.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

# One hand-off dealt to a rep of capacity 1 moves them on by this; divided by capacities up to 10,000 it stays exact enough.
_STEP = 1_000_000_000


class Because(StrEnum):
    """Why this rep. The last three are not routing's: somebody took it from the team's queue, gave it back, or left."""

    LEAD_OWNER = "lead_owner"
    COMPANY_OWNER = "company_owner"
    ROUND_ROBIN = "round_robin"
    NOBODY = "nobody"
    TAKEN = "taken"
    RELEASED = "released"
    PASSED_ON = "passed_on"


@dataclass(frozen=True, kw_only=True)
class Rep:
    """A person of sales as routing sees them.

    They are away from `absent_from` (without it, since ever) until the day before `absent_until`, days of their own
    time zone. `position` is where their last hand-off was dealt, `turn` where the last one was that round robin dealt them.
    """

    id: int
    team_id: int | None
    weekly_capacity: int
    is_active: bool
    absent_until: date | None
    absent_from: date | None = None
    time_zone: str = "UTC"
    dealt: int = 0
    position: int | None = None
    turn: int | None = None
    last_dealt_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Route:
    """Where a hand-off goes and why. Without a rep it waits unowned in the queue of `team_id`.

    `passed_over` says whose claim came first and why it did not hold: `lead_owner_absent`, `company_owner_not_taking`.
    `position` is the rep's new position.
    """

    because: Because
    rep_id: int | None
    team_id: int | None
    passed_over: str | None = None
    position: int = 0

    def to_json(self) -> dict[str, object]:
        """The reason as a hand-off keeps it: a code with parameters."""
        return {"code": self.because.value, "rep": self.rep_id, "passed_over": self.passed_over}


def takes(rep: Rep, *, now: datetime) -> bool:
    """Whether a rep takes hand-offs today."""
    return rep.is_active and rep.weekly_capacity > 0 and not is_absent(rep, now=now)


def is_absent(rep: Rep, *, now: datetime) -> bool:
    """Whether a rep is away on the day it is where they are."""
    return is_away(absent_from=rep.absent_from, absent_until=rep.absent_until, time_zone=rep.time_zone, now=now)


def is_away(*, absent_from: date | None, absent_until: date | None, time_zone: str, now: datetime) -> bool:
    """The same of anybody. `absent_until` is the first day they are back."""
    if absent_until is None:
        return False
    today = now.astimezone(zone_or_utc(time_zone)).date()
    return (absent_from is None or absent_from <= today) and today < absent_until


@lru_cache
def zone_or_utc(name: str) -> ZoneInfo:
    """A zone that cannot be read must not keep anybody from getting hand-offs: then the day is UTC's."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def route(
    reps: Sequence[Rep], *, lead_owner_id: int | None = None, company_owner_id: int | None = None, now: datetime
) -> Route:
    """Choose who gets one hand-off.

    The lead's owner, else the company's, if they take hand-offs; else the rep who is furthest behind their share.
    Where nobody takes any, it waits in the queue of the team that is next once somebody does.
    """
    by_id = {rep.id: rep for rep in reps}
    passed_over: str | None = None
    for because, owner_id in ((Because.LEAD_OWNER, lead_owner_id), (Because.COMPANY_OWNER, company_owner_id)):
        if owner_id is None:
            continue
        owner = by_id.get(owner_id)
        if owner is not None and takes(owner, now=now):
            return _to(owner, because, reps, passed_over)
        if passed_over is None:
            is_away = owner is not None and owner.is_active and is_absent(owner, now=now)
            passed_over = f"{because.value}_{'absent' if is_away else 'not_taking'}"
    present = [rep for rep in reps if takes(rep, now=now)]
    if present:
        return _to(_next(present, reps), Because.ROUND_ROBIN, reps, passed_over)
    later = [rep for rep in reps if takes(replace(rep, absent_until=None), now=now)]
    return Route(
        because=Because.NOBODY,
        rep_id=None,
        team_id=_next(later, reps).team_id if later else None,
        passed_over=passed_over,
    )


def _to(rep: Rep, because: Because, reps: Sequence[Rep], passed_over: str | None) -> Route:
    return Route(
        because=because,
        rep_id=rep.id,
        team_id=rep.team_id,
        passed_over=passed_over,
        position=_position(rep, _where_dealing_is(reps)),
    )


def _next(candidates: Sequence[Rep], reps: Sequence[Rep]) -> Rep:
    now = _where_dealing_is(reps)
    return min(
        candidates,
        key=lambda rep: (
            _position(rep, now),
            rep.last_dealt_at is not None,
            rep.last_dealt_at.timestamp() if rep.last_dealt_at else 0.0,
            rep.id,
        ),
    )


def _where_dealing_is(reps: Sequence[Rep]) -> int:
    return max((rep.turn for rep in reps if rep.turn is not None), default=0)


def _position(rep: Rep, now: int) -> int:
    """Where a rep's next hand-off is dealt: one step after their last, and never behind the others."""
    if rep.position is None:
        return now
    return max(now, rep.position + _STEP // rep.weekly_capacity)
