"""How leads stand under one draft, a few bytes each: everything that is counted of them is read off small tables."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from scoring.bulk.weighing import Flags, Points, stages_of
from scoring.engine.matrix import Matrix
from scoring.engine.types import GRADES, LEVELS
from scoring.preview.plan import Plan
from scoring.preview.sums import PIECE

#: `place` of a lead that the model does not apply to, and of one that meets no stage; stages follow from 2 on.
UNSCORED: Final = 0
NO_STAGE_PLACE: Final = 1
FIRST_STAGE_PLACE: Final = 2

#: A spot is place × SPOT_WIDE + rating; ratings are below it.
SPOT_WIDE: Final = 32
#: Parts of a key: how far the total is above the lowest × KEY_WIDE, rating × 4, disqualified × 2, fast-tracked.
KEY_WIDE: Final = 4 * (1 + len(GRADES) * len(LEVELS))
DISQUALIFIED: Final = 2
FAST_TRACKED: Final = 1
# Keys up to here are numbers of a table as they are; of higher ones those that occur are numbered.
_MOST_KEYS: Final = 2**21


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """Total, rating and flags of each lead as one code, by position.

    `keys` are those that occur, rising, `counts` how many leads have each, `codes` the code of each; below `size`. Where
    `is_numbered` the code is the number of the key among `keys`, else the key itself. Rating is 0 for an unscored lead,
    else 1 + 4 × index into GRADES + index into LEVELS; its total and flags say nothing.
    """

    code: NDArray[Any]
    keys: NDArray[np.int64]
    codes: NDArray[np.int64]
    counts: NDArray[np.int64]
    size: int
    lowest: int
    is_numbered: bool

    def keys_at(self, positions: NDArray[np.int64]) -> NDArray[np.int64]:
        codes = self.code[positions]
        return self.keys[codes] if self.is_numbered else codes.astype(np.int64)

    def totals_at(self, positions: NDArray[np.int64]) -> NDArray[np.int64]:
        return self.keys_at(positions) // KEY_WIDE + self.lowest

    @property
    def totals(self) -> NDArray[np.int64]:
        """By key, as `ratings`."""
        return self.keys // KEY_WIDE + self.lowest

    @property
    def ratings(self) -> NDArray[np.int8]:
        return (self.keys % KEY_WIDE // 4).astype(np.int8)

    def flagged(self, flag: int) -> Flags:
        return self.keys & flag > 0


def figures_from(keys: Points, *, lowest: int, size: int) -> Figures:
    """From the keys of all leads, each below `size`."""
    if size <= _MOST_KEYS:
        counts = counts_of(keys, size)
        found = np.flatnonzero(counts)
        return Figures(
            code=keys, keys=found, codes=found, counts=counts[found], size=size, lowest=lowest, is_numbered=False
        )
    values, codes, counts = np.unique(keys, return_inverse=True, return_counts=True)
    return Figures(
        code=codes.astype(np.int32),
        keys=values.astype(np.int64),
        codes=np.arange(len(values)),
        counts=counts,
        size=len(values),
        lowest=lowest,
        is_numbered=True,
    )


# Without slots: what is cached needs a dictionary.
@dataclass(frozen=True, kw_only=True)
class Standing:
    """How the leads of a segment stand under one plan. By position: `owners`, by code, and `spot`."""

    plan: Plan
    owners: NDArray[np.int32]
    figures: Figures
    spot: NDArray[Any]

    @property
    def places(self) -> int:
        return _places(self.plan.compiled.matrix)

    @property
    def qualified_from(self) -> int:
        """The lowest place at which a lead is handed off."""
        return FIRST_STAGE_PLACE + self.plan.compiled.matrix.hand_off_stage_index

    @cached_property
    def load(self) -> NDArray[np.int64]:
        """Qualified leads by owner code."""
        most = int(self.owners.max(initial=0)) + 1
        found = np.zeros(most + 1, np.int64)
        for at in slices(len(self.owners)):
            # One more code for those who are not qualified: to choose them by a mask is far slower.
            is_qualified = self.spot[at] >= self.qualified_from * SPOT_WIDE
            found += np.bincount(np.where(is_qualified, self.owners[at], np.int32(most)), minlength=most + 1)
        return found[:most]


def standing_of(plan: Plan, figures: Figures, owners: NDArray[np.int32]) -> Standing:
    matrix = plan.compiled.matrix
    kind = np.min_scalar_type(_places(matrix) * SPOT_WIDE - 1)
    table = np.zeros(figures.size, kind)
    table[figures.codes] = spots_of(matrix, figures)
    spot = np.empty(len(figures.code), kind)
    for at in slices(len(spot)):
        spot[at] = table[figures.code[at]]
    return Standing(plan=plan, owners=owners, figures=figures, spot=spot)


def _places(matrix: Matrix) -> int:
    return FIRST_STAGE_PLACE + len(matrix.stages)


def spots_of(matrix: Matrix, figures: Figures) -> NDArray[np.int64]:
    """By key."""
    rating, levels = figures.ratings, np.int8(len(LEVELS))
    stage, _decided_by = stages_of(
        matrix,
        total=figures.totals,
        grade=(rating - np.int8(1)) // levels,
        level=(rating - np.int8(1)) % levels + np.int8(1),
        is_fast_tracked=figures.flagged(FAST_TRACKED),
        is_disqualified=figures.flagged(DISQUALIFIED),
    )
    place = stage.astype(np.int64) + FIRST_STAGE_PLACE
    return np.where(rating > 0, place * SPOT_WIDE + rating, UNSCORED)


def slices(leads: int, step: int = PIECE) -> Iterator[slice]:
    """Few at a time, so that what is worked out of them stays in the processor's own memory."""
    return (slice(start, start + step) for start in range(0, leads, step))


def counts_of(codes: NDArray[Any], most: int) -> NDArray[np.int64]:
    """How many there are of each code below `most`."""
    found = np.zeros(most, np.int64)
    for at in slices(len(codes), max(PIECE, most)):
        found += np.bincount(codes[at], minlength=most)
    return found


def tally_of(totals: NDArray[np.int64], counts: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The distinct ones of totals that rise, and how many leads there are of each, none of them 0."""
    totals, counts = totals[counts > 0], counts[counts > 0]
    if not len(totals):
        return totals, counts
    first = np.flatnonzero(np.concatenate([[True], totals[1:] != totals[:-1]]))
    return totals[first], np.add.reduceat(counts, first)
