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

# One hand-off dealt to a rep of capacity 1 moves them on by this; divided by capacities up to 10,000 it stays exact enough.
_STEP = 1_000_000_000


class Because(StrEnum):
    """Why this rep. The last two are not routing's: somebody took it from the team's queue, or gave it back."""

    LEAD_OWNER = "lead_owner"
    COMPANY_OWNER = "company_owner"
    ROUND_ROBIN = "round_robin"
    NOBODY = "nobody"
    TAKEN = "taken"
    RELEASED = "released"


@dataclass(frozen=True, kw_only=True)
class Rep:
    """A person of sales as routing sees them.

    `position` is where their last hand-off was dealt, `turn` where the last one was that round robin dealt them.
    """

    id: int
    team_id: int | None
    weekly_capacity: int
    is_active: bool
    absent_until: date | None
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


def takes(rep: Rep, *, today: date) -> bool:
    """Whether a rep takes hand-offs today. `absent_until` is the first day they are back."""
    return rep.is_active and rep.weekly_capacity > 0 and not _is_absent(rep, today)


def route(
    reps: Sequence[Rep], *, lead_owner_id: int | None = None, company_owner_id: int | None = None, today: date
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
        if owner is not None and takes(owner, today=today):
            return _to(owner, because, reps, passed_over)
        if passed_over is None:
            is_away = owner is not None and owner.is_active and _is_absent(owner, today)
            passed_over = f"{because.value}_{'absent' if is_away else 'not_taking'}"
    present = [rep for rep in reps if takes(rep, today=today)]
    if present:
        return _to(_next(present, reps), Because.ROUND_ROBIN, reps, passed_over)
    later = [rep for rep in reps if takes(replace(rep, absent_until=None), today=today)]
    return Route(
        because=Because.NOBODY,
        rep_id=None,
        team_id=_next(later, reps).team_id if later else None,
        passed_over=passed_over,
    )


def _is_absent(rep: Rep, today: date) -> bool:
    return rep.absent_until is not None and today < rep.absent_until


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
