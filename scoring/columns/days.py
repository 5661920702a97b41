"""The day of a moment in a time zone, for many moments at once and exactly as zoneinfo tells it for one."""

from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

DAY: Final = 86_400_000_000
SECOND: Final = 1_000_000
# date(1970, 1, 1).toordinal()
BEGINNING: Final = date(1970, 1, 1).toordinal()
_SECONDS: Final = 86_400
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# So many at once: what is worked out on the way takes memory.
_AT_ONCE: Final = 1_000_000


def days_of(moments: NDArray[np.int64], zone: ZoneInfo, *, into: NDArray[np.int32] | None = None) -> NDArray[np.int32]:
    """The ordinal (date.toordinal) of each moment's day in the zone; moments are microseconds since 1970 in UTC."""
    days = np.empty(len(moments), np.int32) if into is None else into
    for start in range(0, len(moments), _AT_ONCE):
        part = moments[start : start + _AT_ONCE]
        days[start : start + _AT_ONCE] = _local(part, zone) // DAY + BEGINNING
    return days


def _local(moments: NDArray[np.int64], zone: ZoneInfo) -> NDArray[np.int64]:
    """Moments moved by their offset from UTC."""
    if zone.key == "UTC" or not len(moments):
        return moments
    utc_days = moments // DAY
    low = int(utc_days.min())
    seen = np.zeros(int(utc_days.max()) - low + 1, np.bool_)
    seen[utc_days - low] = True
    # Of each day that is there: the offset it begins with, and where it changes, the second from which on by how much.
    offsets = np.zeros(len(seen), np.int64)
    changes_at = np.full(len(seen), np.iinfo(np.int64).max, np.int64)
    changes_by = np.zeros(len(seen), np.int64)
    for place in np.flatnonzero(seen).tolist():
        first = (low + place) * _SECONDS
        offset, later = _offset(first, zone), _offset(first + _SECONDS, zone)
        offsets[place] = offset
        if later != offset:
            changes_at[place] = _change(first, zone) * SECOND
            changes_by[place] = later - offset
    places = utc_days - low
    moved = offsets[places] + np.where(moments >= changes_at[places], changes_by[places], 0)
    return moments + moved * SECOND


def _offset(second: int, zone: ZoneInfo) -> int:
    """Seconds ahead of UTC at this second since 1970."""
    try:
        there = (_EPOCH + timedelta(seconds=second)).astimezone(zone)
    except OverflowError:
        # Past the end of the calendar, where nothing changes any more.
        return _offset(second - _SECONDS if second > 0 else second + _SECONDS, zone)
    return int((there.utcoffset() or timedelta()).total_seconds())


def _change(first: int, zone: ZoneInfo) -> int:
    """The first second of this day that has another offset than its beginning. No zone changes twice within a day."""
    before, low, high = _offset(first, zone), first, first + _SECONDS
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _offset(middle, zone) == before else (low, middle)
    return high
