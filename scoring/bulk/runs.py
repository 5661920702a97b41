"""Rows of long arrays, and runs of equal neighbours: the matches of one lead, of one day, of one moment.

Gathers go by `take` with row numbers: a mask as an index costs numpy several times as much as finding its rows and taking
them, and numbers in brackets twice as much.
"""

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]


def run_starts(*keys: NDArray[np.generic]) -> Rows:
    """Where a row differs from the one before it in any of the keys, which are equally long; the first row is a start."""
    rows = len(keys[0])
    if rows == 0:
        return np.zeros(0, np.int64)
    differs = np.ones(rows, bool)
    np.not_equal(keys[0][1:], keys[0][:-1], out=differs[1:])
    for key in keys[1:]:
        differs[1:] |= key[1:] != key[:-1]
    return np.flatnonzero(differs)


def run_lengths(starts: Rows, rows: int) -> Rows:
    return np.diff(starts, append=rows)


def ranks(starts: Rows, rows: int) -> Rows:
    """How many of its run stand before each row."""
    return np.arange(rows) - np.repeat(starts, run_lengths(starts, rows))
