"""The day of a moment in a zone is the one that zoneinfo tells, at every change of every kind of zone."""

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from scoring.columns.days import days_of

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ZONES = ["UTC", "Europe/Warsaw", "America/St_Johns", "Asia/Kolkata", "Pacific/Apia", "Africa/Monrovia", "Asia/Kathmandu",
         "America/Noronha", "Africa/Freetown", "Antarctica/Troll", "Europe/Amsterdam"]  # fmt: skip


def told(moments: list[datetime], zone: ZoneInfo) -> list[int]:
    return [each.astimezone(zone).toordinal() for each in moments]


@pytest.mark.parametrize("name", ZONES)
def test_days_are_those_of_zoneinfo(name: str) -> None:
    zone, chance = ZoneInfo(name), random.Random(name)
    moments = [EPOCH + timedelta(microseconds=chance.randrange(-(4 * 10**15), 3 * 10**15)) for _ in range(3000)]
    # Around local midnights, where a change of an hour, half an hour or some seconds is seen.
    for year in (1883, 1911, 1935, 1937, 1970, 1972, 1987, 2011, 2026):
        for day in range(366):
            midnight = datetime(year, 1, 1, tzinfo=UTC) + timedelta(days=day)
            offset = midnight.astimezone(zone).utcoffset()
            moments += [midnight - offset + timedelta(microseconds=each) for each in (-1, 0, 1, 1_800_000_000)]
    numbers = np.array([(each - EPOCH) // timedelta(microseconds=1) for each in moments], np.int64)
    assert days_of(numbers, zone).tolist() == told(moments, zone)


def test_the_whole_calendar_has_days() -> None:
    moments = [datetime(1, 1, 3, tzinfo=UTC), datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 12, 29, tzinfo=UTC)]
    numbers = np.array([(each - EPOCH) // timedelta(microseconds=1) for each in moments], np.int64)
    for name in ("UTC", "Asia/Kolkata", "America/St_Johns"):
        assert days_of(numbers, ZoneInfo(name)).tolist() == told(moments, ZoneInfo(name))
    assert days_of(np.zeros(0, np.int64), ZoneInfo("Asia/Kolkata")).tolist() == []
