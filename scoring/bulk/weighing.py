"""From units to totals, ratings and stages of a whole population: scoring.engine.weighing on arrays, whole numbers only.

A parsed matrix has no floor above 0 and no ceiling below, so a group that nothing was given to may be limited like any
other, and 0 may stand for "nothing" where the highest is taken: no lead is told apart by it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from scoring.bulk.units import Units
from scoring.engine.compiled import CompiledMatrix, GroupSlot
from scoring.engine.matrix import Dimension, Group, Matrix
from scoring.engine.types import DIMENSIONS, GRADES, LEVELS, MICRO, DecidedBy

Flags = NDArray[np.bool_]
#: int64, or a narrower signed type where the asker knows that everything fits.
Points: TypeAlias = NDArray[Any]

#: `decided_by` by its number.
DECIDED_BY: Final[tuple[DecidedBy, ...]] = ("points", "fast_track", "disqualifier")
#: The stage index of a lead that meets none.
NO_STAGE: Final = -1

# A product of points and units stays below this, so that half a divisor may be added to it.
_MOST: Final = 2**62


class Valued(Protocol):
    """A criterion, by what it is worth."""

    @property
    def key(self) -> str: ...

    @property
    def points(self) -> int: ...

    @property
    def max_points(self) -> int | None: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Weighed:
    """A score for each position of the population, whether or not the model applies to it.

    The dimensions are those after limits and before weights; `grade` is an index into GRADES, `level` 1 to 4, `stage` an
    index into the matrix's stages or NO_STAGE, `decided_by` an index into DECIDED_BY.
    """

    total: NDArray[np.int64]
    fit: NDArray[np.int64]
    behavior: NDArray[np.int64]
    qualification: NDArray[np.int64]
    grade: NDArray[np.int8]
    level: NDArray[np.int8]
    stage: NDArray[np.int32]
    decided_by: NDArray[np.int8]
    is_disqualified: Flags
    is_fast_tracked: Flags


def weigh(compiled: CompiledMatrix, units: Sequence[Units], leads: int) -> Weighed:
    """What engine.evaluate.weigh says of each lead; `units` are those of the criteria in document order.

    Raises OverflowError where the points of a criterion times what was measured do not fit into 62 bits.
    """
    matrix = compiled.matrix
    slots = [_Slot(slot, leads) for slot in compiled.slots]
    for criterion, found in zip(compiled.criteria, units, strict=True):
        if criterion.enabled and len(found):
            slots[criterion.slot].add(found, contributions(criterion, found))
    total = np.zeros(leads, np.int64)
    dimensions: list[NDArray[np.int64]] = []
    for name, indexes in zip(DIMENSIONS, compiled.slots_of, strict=True):
        rule = matrix.dimensions[name]
        points = np.zeros(leads, np.int64)
        for index in indexes:
            points += group_limited(slots[index].points, compiled.slots[index].limits)
        points = limited(points, rule.floor, rule.ceiling)
        dimensions.append(points)
        total += weighted(points, rule)
    fit, behavior, qualification = dimensions
    grade, level = grades_of(fit, matrix), levels_of(behavior, matrix)
    decided = [pair for pair in zip(compiled.criteria, units, strict=True) if pair[0].enabled]
    is_disqualified = flags_of((found for criterion, found in decided if criterion.disqualify), leads)
    is_fast_tracked = flags_of((found for criterion, found in decided if criterion.fast_track), leads)
    stage, decided_by = stages_of(
        matrix,
        total=total,
        grade=grade,
        level=level,
        is_fast_tracked=is_fast_tracked,
        is_disqualified=is_disqualified,
    )
    return Weighed(
        total=total,
        fit=fit,
        behavior=behavior,
        qualification=qualification,
        grade=grade,
        level=level,
        stage=stage,
        decided_by=decided_by,
        is_disqualified=is_disqualified,
        is_fast_tracked=is_fast_tracked,
    )


class _Slot:
    """What a group has been given so far, before its limits."""

    def __init__(self, slot: GroupSlot, leads: int) -> None:
        self.takes_highest = takes_highest(slot)
        self.points = np.zeros(leads, np.int64)

    def add(self, found: Units, given: Points) -> None:
        if self.takes_highest:
            given = furthest_from_zero(self.points[found.leads], given)
            self.points[found.leads] = given
        else:
            self.points[found.leads] += given


def takes_highest(slot: GroupSlot) -> bool:
    return slot.limits is not None and slot.limits.take_highest


def contributions(criterion: Valued, found: Units, extent: tuple[int, int] | None = None) -> Points:
    """The points that its units give, beside `found.leads`; whether the criterion is enabled is not asked.

    `extent` are the least and the most of the units that these are taken from, where the asker knows them. Raises
    OverflowError as `weigh`.
    """
    if not len(found):
        return np.zeros(0, np.int32)
    least, most = extent or (int(found.units.min()), int(found.units.max()))
    size = abs(criterion.points)
    if size * most >= _MOST:
        raise OverflowError(
            f"{criterion.points} points times {most} micro-units of {criterion.key} are too many: "
            "set a count or lower the points."
        )
    if least == most == MICRO:
        given: Points = np.full(len(found), size, np.int32 if size < 2**31 else np.int64)
    else:
        given = _rounded_size(found.units, size, most)
    if criterion.max_points is not None:
        np.minimum(given, min(criterion.max_points, int(np.iinfo(given.dtype).max)), out=given)
    # Units are above zero, so all of it has the sign of the points.
    return given if criterion.points >= 0 else np.negative(given, out=given)


def _rounded_size(units: NDArray[np.int64], size: int, most: int) -> Points:
    """size × units / MICRO to the nearest, half up; in 32 bits where that fits, which is many times faster."""
    is_narrow = size * most + MICRO // 2 < 2**32
    kind = np.dtype(np.uint32 if is_narrow else np.uint64)
    found: NDArray[Any] = units.astype(kind)
    for step, number in ((np.multiply, size), (np.add, MICRO // 2), (np.floor_divide, MICRO)):
        step(found, kind.type(number), out=found)
    return found.view(np.int32 if is_narrow else np.int64)


def furthest_from_zero(first: Points, second: Points) -> Points:
    """Of each pair; of two as far, the positive."""
    far_first, far_second = np.abs(first), np.abs(second)
    is_second = (far_second > far_first) | ((far_second == far_first) & (second > first))
    return np.where(is_second, second, first)


def limited(points: Points, floor: int | None, ceiling: int | None) -> Points:
    if floor is None and ceiling is None:
        return points
    return np.clip(points, floor, ceiling)


def group_limited(points: Points, limits: Group | None) -> Points:
    return points if limits is None else limited(points, limits.floor, limits.ceiling)


def weighted(points: Points, rule: Dimension) -> Points:
    """Points of a dimension as they go into the total. The caller sees to it that 1,000 times them still fit."""
    return points if rule.weight == 100 else rounded(points * points.dtype.type(rule.weight), 100)


def rounded(above: Points, below: int) -> Points:
    """above / below to the nearest whole number, half away from zero; `below` is even, so that its half is whole."""
    # Floor division: below zero one less goes in, or a half would be rounded towards zero.
    of = above.dtype.type
    nearest: Points = (above + of(below // 2) - (above < 0)) // of(below)
    return nearest


def grades_of(fit: NDArray[Any], matrix: Matrix) -> NDArray[np.int8]:
    """Indexes into GRADES."""
    letters = [GRADES.index(grade) for grade in matrix.grades]
    return _banded(fit, tuple(matrix.grades.values()), [*letters, len(GRADES) - 1])


def levels_of(behavior: NDArray[Any], matrix: Matrix) -> NDArray[np.int8]:
    """The levels themselves."""
    return _banded(behavior, tuple(matrix.levels.values()), [*matrix.levels, LEVELS[-1]])


def _banded(points: NDArray[Any], least: Sequence[int], bands: Sequence[int]) -> NDArray[np.int8]:
    """The band of each: that of the first least points that are there, else the last. Least points fall, so that those
    not reached come first and their number says which; to add is many times faster than to choose by masks."""
    missed = np.zeros(len(points), np.int8)
    for each in least:
        missed += (points < each).view(np.int8)
    if list(bands) == list(range(bands[0], bands[0] + len(bands))):
        return missed + np.int8(bands[0])
    return np.array(bands, np.int8)[missed]


def flags_of(matching: Iterable[Units], leads: int) -> Flags:
    """Whether at least one of these criteria matches."""
    flags = np.zeros(leads, np.bool_)
    for found in matching:
        flags[found.leads] = True
    return flags


def stages_of(
    matrix: Matrix,
    *,
    total: NDArray[Any],
    grade: NDArray[np.int8],
    level: NDArray[np.int8],
    is_fast_tracked: Flags,
    is_disqualified: Flags,
) -> tuple[NDArray[np.int32], NDArray[np.int8]]:
    """Indexes into the matrix's stages or NO_STAGE, and into DECIDED_BY: points, then fast track, then disqualifier."""
    hand_off = matrix.hand_off_stage_index
    stage = np.full(len(total), NO_STAGE, np.int32)
    before_hand_off = stage
    for index, rule in enumerate(matrix.stages):
        if index == hand_off:
            before_hand_off = stage
        is_met = np.ones(len(total), np.bool_) if rule.at is None else total >= rule.at
        if rule.min_grade is not None:
            is_met &= grade <= GRADES.index(rule.min_grade)
        if rule.max_level is not None:
            is_met &= level <= rule.max_level
        stage = np.where(is_met, np.int32(index), stage)
    decided_by = np.zeros(len(total), np.int8)
    is_lifted = is_fast_tracked & (stage < hand_off)
    stage = np.where(is_lifted, np.int32(hand_off), stage)
    decided_by[is_lifted] = DECIDED_BY.index("fast_track")
    is_held = is_disqualified & (stage >= hand_off)
    stage = np.where(is_held, before_hand_off, stage)
    decided_by[is_held] = DECIDED_BY.index("disqualifier")
    return stage, decided_by
