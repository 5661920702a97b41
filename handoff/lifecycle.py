"""The life of a hand-off: one table of states and moves, and when a lead below the line is cold. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class State(StrEnum):
    """Where a hand-off is. Waiting, claimed and accepted are open; the others closed it."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    EXPIRED = "expired"
    MERGED = "merged"


class Move(StrEnum):
    """What can happen to a hand-off that changes its state. The first four are people's, the others follow from facts."""

    CLAIM = "claim"
    RELEASE = "release"
    ACCEPT = "accept"
    REJECT = "reject"
    EXPIRE = "expire"
    MERGE = "merge"


# What does not stand here is refused.
_TABLE: Mapping[tuple[State, Move], State] = {
    (State.WAITING, Move.CLAIM): State.CLAIMED,
    (State.WAITING, Move.ACCEPT): State.ACCEPTED,
    (State.WAITING, Move.REJECT): State.REJECTED,
    (State.WAITING, Move.EXPIRE): State.EXPIRED,
    (State.WAITING, Move.MERGE): State.MERGED,
    (State.CLAIMED, Move.RELEASE): State.WAITING,
    (State.CLAIMED, Move.ACCEPT): State.ACCEPTED,
    (State.CLAIMED, Move.REJECT): State.REJECTED,
    (State.CLAIMED, Move.EXPIRE): State.EXPIRED,
    (State.CLAIMED, Move.MERGE): State.MERGED,
    (State.ACCEPTED, Move.MERGE): State.MERGED,
}

# Open states, the furthest last: of two open hand-offs that meet in a merge, the further one is kept.
_OPEN_IN_ORDER = (State.WAITING, State.CLAIMED, State.ACCEPTED)
OPEN_STATES = frozenset(_OPEN_IN_ORDER)
# Nobody has said yes or no yet: these cool, warm and expire. An accepted hand-off is never withdrawn.
UNDECIDED_STATES = frozenset({State.WAITING, State.CLAIMED})


def after(state: State, move: Move) -> State | None:
    """The state that a move leads to, or None where the move is refused."""
    return _TABLE.get((state, move))


def origins(move: Move) -> frozenset[State]:
    """The states from which a move is possible."""
    return frozenset(state for state, known in _TABLE if known is move)


def moves(state: State) -> frozenset[Move]:
    """What can happen next."""
    return frozenset(move for known, move in _TABLE if known is state)


def progress(state: State) -> int:
    """How far an open hand-off has come, from 0 (waiting)."""
    return _OPEN_IN_ORDER.index(state)


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How a lead that is below the line stands under one model for which it once qualified.

    `points_below` is how far the total is under the hand-off threshold: 0 or less where only a gate holds the lead
    back, None where the model no longer applies to it.
    """

    points_below: int | None
    is_disqualified: bool
    cool_days: int
    cool_points: int


def is_cold(standing: Standing, *, below_since: datetime, now: datetime) -> bool:
    """Whether a lead that is below the line is so for good.

    A few points or days are a flicker (hysteresis); a disqualifier, or a model that no longer applies, is not.
    """
    return (
        standing.points_below is None
        or standing.is_disqualified
        or standing.points_below >= standing.cool_points
        or now - below_since >= timedelta(days=standing.cool_days)
    )
