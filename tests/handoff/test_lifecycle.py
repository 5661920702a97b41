"""The table of states and moves, whole, and when a lead below the line is cold."""

from datetime import UTC, datetime, timedelta

import pytest

from handoff.lifecycle import OPEN_STATES, Move, Standing, State, after, is_cold, moves, origins, progress

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
ALLOWED = {
    State.WAITING: {
        Move.CLAIM: State.CLAIMED,
        Move.ACCEPT: State.ACCEPTED,
        Move.REJECT: State.REJECTED,
        Move.EXPIRE: State.EXPIRED,
        Move.MERGE: State.MERGED,
    },
    State.CLAIMED: {
        Move.RELEASE: State.WAITING,
        Move.ACCEPT: State.ACCEPTED,
        Move.REJECT: State.REJECTED,
        Move.EXPIRE: State.EXPIRED,
        Move.MERGE: State.MERGED,
    },
    State.ACCEPTED: {Move.MERGE: State.MERGED},
    State.REJECTED: {},
    State.EXPIRED: {},
    State.MERGED: {},
}


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("move", Move)
def test_each_state_allows_the_moves_of_the_table_and_no_other(state, move):
    assert after(state, move) == ALLOWED[state].get(move)


@pytest.mark.parametrize("state", State)
def test_moves_and_origins_read_the_same_table_from_both_sides(state):
    assert moves(state) == set(ALLOWED[state])
    for move in Move:
        assert (state in origins(move)) is (move in ALLOWED[state])


def test_a_closed_hand_off_never_moves_again():
    assert all(not moves(state) for state in State if state not in OPEN_STATES)


def test_an_accepted_hand_off_is_further_than_a_claimed_one_and_that_than_a_waiting_one():
    assert progress(State.WAITING) < progress(State.CLAIMED) < progress(State.ACCEPTED)


@pytest.mark.parametrize(
    ("points_below", "days", "is_disqualified", "cold"),
    [
        (1, 0, False, False),
        (4, 2.99, False, False),
        (5, 0, False, True),
        (1, 3, False, True),
        (0, 2, False, False),  # a gate holds it back, the points are there
        (-20, 2, False, False),
        (-20, 3, False, True),
        (None, 0, False, True),  # the model no longer applies
        (-20, 0, True, True),
    ],
)
def test_a_lead_is_cold_after_days_below_the_line_or_at_once_by_points_or_veto(
    points_below, days, is_disqualified, cold
):
    standing = Standing(points_below=points_below, is_disqualified=is_disqualified, cool_days=3, cool_points=5)
    assert is_cold(standing, below_since=NOW - timedelta(days=days), now=NOW) is cold
