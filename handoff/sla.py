"""When an answer is due, how much of that time is gone, and in which order answers are asked for. Pure."""

from datetime import date, datetime, timedelta
from enum import StrEnum

_TOTAL_BITS = 40
_DAY_BITS = 22
# A total beyond this ranks as this; no sane matrix comes near half a trillion points.
_LARGEST_TOTAL = (1 << (_TOTAL_BITS - 1)) - 1
# From this percentage of its time on, an unanswered hand-off is marked as due soon.
_SOON_PERCENT = 75


class Urgency(StrEnum):
    """How an unanswered hand-off stands against its SLA."""

    IN_TIME = "in_time"
    SOON = "soon"
    OVERDUE = "overdue"


def due_at(opened_at: datetime, *, hours: int) -> datetime:
    """When an answer is due: `hours` of the clock after the opening."""
    return opened_at + timedelta(hours=hours)


def used_percent(*, opened_at: datetime, sla_due_at: datetime, now: datetime) -> int:
    """How much of the time for an answer is gone, in whole percent from 0; above 100 it is overdue."""
    allowed = (sla_due_at - opened_at) // timedelta(seconds=1)
    gone = max(0, (now - opened_at) // timedelta(seconds=1))
    return gone * 100 // allowed if allowed > 0 else 100


def urgency(*, opened_at: datetime, sla_due_at: datetime, now: datetime) -> Urgency:
    """How pressing the answer is; overdue from the due moment on."""
    if now >= sla_due_at:
        return Urgency.OVERDUE
    is_soon = used_percent(opened_at=opened_at, sla_due_at=sla_due_at, now=now) >= _SOON_PERCENT
    return Urgency.SOON if is_soon else Urgency.IN_TIME


def priority(*, is_fast_tracked: bool, due_on: date, total: int) -> int:
    """One sortable key, higher first: fast-tracked, then the earlier SLA day, then the higher total.

    63 bits and never negative: 1 for the fast track, 22 for the day (counted down), 40 for the total.
    """
    day = (1 << _DAY_BITS) - 1 - due_on.toordinal()
    points = min(max(total, -_LARGEST_TOTAL), _LARGEST_TOTAL) + _LARGEST_TOTAL
    return (int(is_fast_tracked) << _DAY_BITS | day) << _TOTAL_BITS | points
