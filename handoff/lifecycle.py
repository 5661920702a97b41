"""The life of a hand-off: one table of states and moves. Pure."""

from enum import StrEnum


class State(StrEnum):
    """Where a hand-off is. Waiting, claimed and accepted are open; the others closed it."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    EXPIRED = "expired"
    MERGED = "merged"


OPEN_STATES = frozenset({State.WAITING, State.CLAIMED, State.ACCEPTED})
