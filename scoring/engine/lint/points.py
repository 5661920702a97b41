"""What can be reached, and by what alone. L01 to L03 and L21."""

from collections.abc import Callable, Iterator

from scoring.engine.bounds import (
    MatrixBounds,
    alone_bounds,
    matrix_bounds,
    out_of_reach,
)
from scoring.engine.lint.criteria import enabled, enabled_in, keys
from scoring.engine.lint.finding import Finding, finding
from scoring.engine.matrix import Criterion, Matrix
from scoring.engine.meaning import holds_for_all
from scoring.engine.types import DimensionName


def one_gives_too_much(matrix: Matrix) -> Iterator[Finding]:
    """Without a threshold above 0 there is no half of it."""
    threshold = matrix.stages[matrix.hand_off_stage_index].at
    if threshold is None or threshold <= 0:
        return
    for criterion in enabled(matrix):
        most = alone_bounds(matrix, criterion).most
        if most is None or 2 * most > threshold:
            yield finding("L01", criterion.key, most=most, threshold=threshold, stage=matrix.hand_off_at)


def hand_off_out_of_reach(matrix: Matrix) -> Iterator[Finding]:
    """By points, by a stage above the hand-off's (a lower one need not be met), or by a fast track."""
    vetoes = [criterion for criterion in enabled(matrix) if criterion.disqualify and _always_matches(criterion)]
    bounds = matrix_bounds(matrix)
    if vetoes:
        missing: tuple[str, ...] = ("disqualifier",)
    elif _reaches_hand_off(matrix, bounds) or any(criterion.fast_track for criterion in enabled(matrix)):
        return
    else:
        missing = out_of_reach(matrix, matrix.stages[matrix.hand_off_stage_index], bounds)
    yield finding(
        "L02",
        *keys(vetoes),
        stage=matrix.hand_off_at,
        missing=list(missing),
        most=bounds.total.most,
        threshold=matrix.stages[matrix.hand_off_stage_index].at,
    )


def reached_by_one_side_alone(matrix: Matrix) -> Iterator[Finding]:
    """A fast track is meant to do so and is left out, as is behavior that only counts for a fitting lead."""
    sides: dict[DimensionName, Callable[[Criterion], bool]] = {
        "behavior": lambda criterion: criterion.dimension == "behavior" and holds_for_all(criterion.if_),
        "fit": lambda criterion: criterion.dimension == "fit",
    }
    for dimension, may_give in sides.items():
        bounds = matrix_bounds(matrix, may_give)
        if _reaches_hand_off(matrix, bounds):
            yield finding(
                "L03",
                dimension=dimension,
                most=bounds.total.most,
                threshold=matrix.stages[matrix.hand_off_stage_index].at,
                stage=matrix.hand_off_at,
            )


def hidden_negatives(matrix: Matrix) -> Iterator[Finding]:
    bounds = matrix_bounds(matrix).dimensions
    bands: dict[DimensionName, tuple[str, list[int]]] = {
        "fit": ("F", list(matrix.grades.values())),
        "behavior": ("4", list(matrix.levels.values())),
    }
    for dimension, (lowest, thresholds) in bands.items():
        negative = [criterion for criterion in enabled_in(matrix, dimension) if criterion.points < 0]
        least = bounds[dimension].least
        if negative and thresholds and least is not None and least >= min(thresholds):
            yield finding(
                "L21", *keys(negative), dimension=dimension, lowest=lowest, least=least, threshold=min(thresholds)
            )


def _reaches_hand_off(matrix: Matrix, bounds: MatrixBounds) -> bool:
    return any(not out_of_reach(matrix, stage, bounds) for stage in matrix.stages[matrix.hand_off_stage_index :])


def _always_matches(criterion: Criterion) -> bool:
    return criterion.when is None and holds_for_all(criterion.if_)
