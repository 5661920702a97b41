"""The few statistics of this floor. Pure; each says where its formula comes from."""

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Interval:
    """A share with its interval, all between 0 and 1."""

    share: float
    low: float
    high: float


def auc(scores: Sequence[float], outcomes: Sequence[bool]) -> float | None:
    """The area under the ROC curve: how often one that converted stands above one that did not, ties counted half.

    `scores` and `outcomes` have equal length. Mann and Whitney's U over mid-ranks (1947; Hanley and McNeil, 1982). None where all outcomes
    are alike. Raises ValueError for unequal lengths.
    """
    if len(scores) != len(outcomes):
        raise ValueError("Scores and outcomes must have the same length.")
    positives = sum(1 for outcome in outcomes if outcome)
    negatives = len(outcomes) - positives
    if not positives or not negatives:
        return None
    rank_sum = 0.0
    ordered = sorted(zip(scores, outcomes, strict=True), key=lambda pair: pair[0])
    start = 0
    while start < len(ordered):
        end = start
        while end < len(ordered) and ordered[end][0] == ordered[start][0]:
            end += 1
        mid_rank = (start + 1 + end) / 2
        rank_sum += mid_rank * sum(1 for _score, outcome in ordered[start:end] if outcome)
        start = end
    return (rank_sum - positives * (positives + 1) / 2) / (positives * negatives)


def wilson(successes: int, trials: int, *, z: float = 1.959964) -> Interval | None:
    """Wilson's score interval of a share (1927); z = 1.96 is 95 percent. None without trials; ValueError out of range."""
    if not 0 <= successes <= trials:
        raise ValueError("Successes lie between 0 and the trials.")
    if trials == 0:
        return None
    share = successes / trials
    centre = share + z * z / (2 * trials)
    spread = z * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    scale = 1 + z * z / trials
    return Interval(share=share, low=max(0.0, (centre - spread) / scale), high=min(1.0, (centre + spread) / scale))


@dataclass(frozen=True, kw_only=True)
class CountInterval:
    """A count with its interval."""

    count: int
    low: float
    high: float


def poisson(count: int, *, z: float = 1.959964) -> CountInterval:
    """Byar's interval of a count of chance events (Breslow and Day, 1987, 2.10), close to the exact one; ValueError below 0."""
    if count < 0:
        raise ValueError("A count is 0 or more.")
    low = 0.0
    if count:
        low = count * (1 - 1 / (9 * count) - z / (3 * math.sqrt(count))) ** 3
    above = count + 1
    high = above * (1 - 1 / (9 * above) + z / (3 * math.sqrt(above))) ** 3
    return CountInterval(count=count, low=max(0.0, low), high=high)
