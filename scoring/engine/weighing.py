"""From units to contributions, dimensions, total, rating and stage: whole numbers only."""

from collections.abc import Mapping, Sequence

from scoring.engine.matrix import Matrix, Stage
from scoring.engine.rounding import rounded
from scoring.engine.types import GRADES, LEVELS, MICRO, DecidedBy, Grade


def contribution(points: int, units: int, max_points: int | None) -> int:
    """The points that `units` micro-units of a criterion give, never further from zero than `max_points`."""
    given = points if units == MICRO else rounded(points * units, MICRO)
    return given if max_points is None else max(-max_points, min(max_points, given))


def limited(points: int, floor: int | None, ceiling: int | None) -> int:
    if floor is not None and points < floor:
        return floor
    return ceiling if ceiling is not None and points > ceiling else points


def furthest_from_zero(contributions: Sequence[int]) -> int:
    """Of two as far, the positive."""
    return max(contributions, key=lambda each: (abs(each), each))


def grade_of(fit: int, grades: Mapping[Grade, int]) -> Grade:
    """The best letter whose least fit points are there; F below the last."""
    return next((grade for grade, least in grades.items() if fit >= least), GRADES[-1])


def level_of(behavior: int, levels: Mapping[int, int]) -> int:
    """The best level whose least behavior points are there; 4 below the last."""
    return next((level for level, least in levels.items() if behavior >= least), LEVELS[-1])


def is_stage_met(stage: Stage, *, total: int, grade: Grade, level: int) -> bool:
    """Its own threshold and gates; those of lower stages do not matter."""
    return (
        (stage.at is None or total >= stage.at)
        and (stage.min_grade is None or grade <= stage.min_grade)
        and (stage.max_level is None or level <= stage.max_level)
    )


def stage_of(
    matrix: Matrix, *, total: int, grade: Grade, level: int, is_fast_tracked: bool, is_disqualified: bool
) -> tuple[str | None, DecidedBy]:
    """The key of the stage, and the last step that changed it: points, then the fast track, then the disqualifier."""
    met = [
        index for index, stage in enumerate(matrix.stages) if is_stage_met(stage, total=total, grade=grade, level=level)
    ]
    hand_off = matrix.hand_off_stage_index
    found = met[-1] if met else -1
    decided_by: DecidedBy = "points"
    if is_fast_tracked and found < hand_off:
        found, decided_by = hand_off, "fast_track"
    if is_disqualified and found >= hand_off:
        found, decided_by = max((index for index in met if index < hand_off), default=-1), "disqualifier"
    return (matrix.stages[found].key if found >= 0 else None), decided_by
