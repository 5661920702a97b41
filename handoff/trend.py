"""A total over the last weeks as a small line. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

DAYS = 30
# The ruler of the drawing, in its own units.
WIDTH, HEIGHT = 90, 24
_EDGE = 2


@dataclass(frozen=True, kw_only=True)
class Trend:
    """`points` is an SVG polyline on a ruler of WIDTH × HEIGHT; `change` the points won or lost in seven days."""

    points: str
    change: int


def trend(changes: Sequence[tuple[date, int]], *, total: int, today: date) -> Trend | None:
    """The line of `DAYS` days that ends in `total` today.

    `changes`: (day, total from then on), oldest first, those before the window too if they are known. None where
    nothing changed in the window, so there is nothing to draw.
    """
    first = today - timedelta(days=DAYS - 1)
    if not any(day >= first for day, _total in changes):
        return None
    totals, known, left = [], None, list(changes)
    for offset in range(DAYS):
        day = first + timedelta(days=offset)
        while left and left[0][0] <= day:
            known = left.pop(0)[1]
        totals.append(known)
    totals[-1] = total
    # Before the first change we know of, there was no score: the line begins where the score does.
    drawn = [(index, value) for index, value in enumerate(totals) if value is not None]
    low, high = min(value for _index, value in drawn), max(value for _index, value in drawn)
    week_ago = totals[-8]
    return Trend(
        points=" ".join(f"{_x(index)},{_y(value, low, high)}" for index, value in drawn),
        change=total - (week_ago if week_ago is not None else drawn[0][1]),
    )


def _x(index: int) -> int:
    return index * WIDTH // (DAYS - 1)


def _y(value: int, low: int, high: int) -> int:
    if high == low:
        return HEIGHT // 2
    return HEIGHT - _EDGE - (value - low) * (HEIGHT - 2 * _EDGE) // (high - low)
