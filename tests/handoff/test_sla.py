"""When an answer is due, how pressing it is, and which hand-off comes first."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handoff.sla import Urgency, due_at, priority, urgency, used_percent

OPENED = datetime(2026, 3, 3, 12, tzinfo=UTC)


def test_an_answer_is_due_after_the_hours_of_the_policy():
    assert due_at(OPENED, hours=24) == datetime(2026, 3, 4, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "percent", "how"),
    [
        (0, 0, Urgency.IN_TIME),
        (12, 50, Urgency.IN_TIME),
        (17.99, 74, Urgency.IN_TIME),
        (18, 75, Urgency.SOON),
        (24, 100, Urgency.OVERDUE),
        (48, 200, Urgency.OVERDUE),
        (-1, 0, Urgency.IN_TIME),  # a clock that went back
    ],
)
def test_urgency_follows_how_much_of_the_time_is_gone(hours, percent, how):
    now, due = OPENED + timedelta(hours=hours), due_at(OPENED, hours=24)
    assert used_percent(opened_at=OPENED, sla_due_at=due, now=now) == percent
    assert urgency(opened_at=OPENED, sla_due_at=due, now=now) is how


def test_fast_tracked_come_first_then_the_earlier_sla_day_then_the_higher_total():
    today, tomorrow = date(2026, 3, 3), date(2026, 3, 4)
    best_first = [
        priority(is_fast_tracked=True, due_on=today, total=10),
        priority(is_fast_tracked=True, due_on=tomorrow, total=900),
        priority(is_fast_tracked=False, due_on=today, total=51),
        priority(is_fast_tracked=False, due_on=today, total=50),
        priority(is_fast_tracked=False, due_on=today, total=-3),
        priority(is_fast_tracked=False, due_on=tomorrow, total=1_000_000),
    ]
    assert all(before > then for before, then in pairwise(best_first))


@given(
    st.tuples(st.booleans(), st.dates(), st.integers(-(10**9), 10**9)),
    st.tuples(st.booleans(), st.dates(), st.integers(-(10**9), 10**9)),
)
def test_the_key_orders_as_the_three_parts_do(one, other):
    def key(parts):
        return priority(is_fast_tracked=parts[0], due_on=parts[1], total=parts[2])

    def meant(parts):
        return (parts[0], -parts[1].toordinal(), parts[2])

    assert (key(one) < key(other)) is (meant(one) < meant(other))
    assert 0 <= key(one) < 2**63


@pytest.mark.parametrize("total", [10**30, -(10**30)])
def test_an_absurd_total_still_fits_the_column(total):
    assert 0 <= priority(is_fast_tracked=True, due_on=date(1, 1, 1), total=total) < 2**63
