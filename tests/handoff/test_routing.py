"""Who gets a hand-off, and the shares of the round robin."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handoff.routing import Because, Rep, route, takes

TODAY = date(2026, 3, 3)
START = NOW = datetime(2026, 3, 3, 9, tzinfo=UTC)


def rep(id, capacity=40, **more):
    return Rep(**{"id": id, "team_id": 7, "weekly_capacity": capacity, "is_active": True, "absent_until": None, **more})


def deal(reps, times, **owners):
    """Deal one after the other, each rep remembering; returns who got them, in order, and the reps as they then are."""
    reps, dealt = {each.id: each for each in reps}, []
    for number in range(times):
        found = route(list(reps.values()), now=NOW, **owners)
        mine = reps[found.rep_id]
        reps[mine.id] = replace(
            mine,
            dealt=mine.dealt + 1,
            position=found.position,
            turn=found.position if found.because is Because.ROUND_ROBIN else mine.turn,
            last_dealt_at=START + timedelta(minutes=number),
        )
        dealt.append(found.rep_id)
    return dealt, list(reps.values())


@pytest.mark.parametrize(
    ("changes", "taking"),
    [
        ({}, True),
        ({"is_active": False}, False),
        ({"weekly_capacity": 0}, False),
        ({"absent_until": TODAY}, True),  # back today
        ({"absent_until": TODAY + timedelta(days=1)}, False),
        ({"absent_until": TODAY - timedelta(days=1)}, True),
        ({"absent_from": TODAY, "absent_until": TODAY + timedelta(days=1)}, False),
        ({"absent_from": TODAY + timedelta(days=1), "absent_until": TODAY + timedelta(days=9)}, True),  # not gone yet
        ({"absent_from": TODAY - timedelta(days=9), "absent_until": TODAY}, True),
        # At 09:00 UTC it is still the day before in Honolulu.
        ({"absent_from": TODAY, "absent_until": TODAY + timedelta(days=1), "time_zone": "Pacific/Honolulu"}, True),
        ({"absent_until": TODAY, "time_zone": "Pacific/Honolulu"}, False),
        ({"absent_until": TODAY, "time_zone": "Mars/Olympus"}, True),
    ],
)
def test_only_an_active_present_rep_with_capacity_takes_hand_offs(changes, taking):
    assert takes(replace(rep(1), **changes), now=NOW) is taking


@pytest.mark.parametrize(
    ("lead_owner", "company_owner", "because", "goes_to", "passed_over"),
    [
        (None, None, Because.ROUND_ROBIN, 1, None),
        (2, None, Because.LEAD_OWNER, 2, None),
        (None, 3, Because.COMPANY_OWNER, 3, None),
        (2, 3, Because.LEAD_OWNER, 2, None),
        (4, 3, Because.COMPANY_OWNER, 3, "lead_owner_absent"),
        (None, 4, Because.ROUND_ROBIN, 1, "company_owner_absent"),
        (None, 5, Because.ROUND_ROBIN, 1, "company_owner_not_taking"),
        (None, 6, Because.ROUND_ROBIN, 1, "company_owner_not_taking"),
        (None, 99, Because.ROUND_ROBIN, 1, "company_owner_not_taking"),  # somebody outside sales
        (4, 5, Because.ROUND_ROBIN, 1, "lead_owner_absent"),
    ],
)
def test_an_owner_who_takes_hand_offs_comes_before_the_round(lead_owner, company_owner, because, goes_to, passed_over):
    reps = [
        rep(1),
        rep(2),
        rep(3),
        rep(4, absent_until=TODAY + timedelta(days=9)),
        rep(5, is_active=False),
        rep(6, capacity=0),
    ]
    found = route(reps, lead_owner_id=lead_owner, company_owner_id=company_owner, now=NOW)
    assert (found.because, found.rep_id, found.passed_over) == (because, goes_to, passed_over)


def test_the_round_is_shared_by_capacity():
    dealt, _reps = deal([rep(1, 40), rep(2, 20), rep(3, 20)], 80)
    assert Counter(dealt) == {1: 40, 2: 20, 3: 20}


@given(st.lists(st.integers(1, 200), min_size=1, max_size=6))
def test_nobody_is_ever_more_than_one_hand_off_per_colleague_away_from_their_share(capacities):
    reps = [rep(number, capacity) for number, capacity in enumerate(capacities, start=1)]
    times = 3 * sum(capacities)
    dealt, _reps = deal(reps, min(times, 300))
    for each in reps:
        share = len(dealt) * each.weekly_capacity / sum(capacities)
        assert abs(dealt.count(each.id) - share) <= len(reps)


def test_who_is_back_from_an_absence_gets_a_share_and_not_a_flood():
    away = rep(2, absent_until=TODAY + timedelta(days=9))
    _dealt, reps = deal([rep(1), away], 50)
    dealt, _reps = deal([replace(each, absent_until=None) for each in reps], 10)
    assert dealt.count(2) in {5, 6}


def test_a_new_rep_gets_a_share_and_not_a_flood():
    _dealt, reps = deal([rep(1)], 50)
    dealt, _reps = deal([*reps, rep(2)], 10)
    assert dealt.count(2) in {5, 6}


def test_what_an_owner_got_out_of_turn_counts_as_theirs():
    _dealt, reps = deal([rep(1), rep(2)], 6, company_owner_id=1)
    dealt, _reps = deal(reps, 6)
    assert dealt.count(2) >= 5


def test_where_nobody_is_there_it_waits_in_the_queue_of_the_team_that_is_next():
    away = TODAY + timedelta(days=2)
    found = route([rep(1, absent_until=away, team_id=8), rep(2, is_active=False)], now=NOW)
    assert (found.because, found.rep_id, found.team_id) == (Because.NOBODY, None, 8)


def test_without_any_rep_it_waits_for_one():
    found = route([], lead_owner_id=5, now=NOW)
    assert (found.because, found.rep_id, found.team_id) == (Because.NOBODY, None, None)
    assert found.to_json() == {"code": "nobody", "rep": None, "passed_over": "lead_owner_not_taking"}
