"""The least and the most a matrix can give any lead on any day, under all limits.

Each criterion is taken to be met or not as if it stood alone: that two conditions contradict each other, or one
itself, is not looked at. A fit or qualification criterion whose `if` is `{}` always gives its points. Bounds are whole
points after counting, decay, `max_points`, groups, dimensions and weights; None is without end.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from scoring.engine.decay import repeat_table, share_table
from scoring.engine.matrix import Always, Criterion, Dimension, Group, Matrix, Silent, Stage
from scoring.engine.meaning import plainest
from scoring.engine.patterns import unit
from scoring.engine.rounding import rounded
from scoring.engine.types import DIMENSIONS, GRADES, LEVELS, MICRO, DimensionName
from scoring.engine.weighing import contribution, furthest_from_zero, limited


@dataclass(frozen=True, kw_only=True, slots=True)
class Bounds:
    """From `least` (None: no end below) to `most` (None: no end above), both included, in points."""

    least: int | None
    most: int | None


NOTHING = Bounds(least=0, most=0)


@dataclass(frozen=True, kw_only=True, slots=True)
class MatrixBounds:
    """`dimensions` after limits and before weights, as on a card. All the mosts can come true at once."""

    total: Bounds
    dimensions: Mapping[DimensionName, Bounds]


def most_units(criterion: Criterion) -> int | None:
    """The most units the criterion can ever measure, in micro-units; None without end."""
    when = criterion.when
    if when is None:
        return MICRO
    if isinstance(when.measure, Silent) and when.measure.per_days is not None:
        # As activities of the as-of day all of them share one day.
        limits = [limit for limit in (criterion.count.max, criterion.count.max_per_day) if limit is not None]
        return _packed(criterion, most=min(limits, default=None), per_day=None)
    if when.measure is not None:
        return MICRO
    return _packed(criterion, most=criterion.count.max, per_day=criterion.count.max_per_day)


def _packed(criterion: Criterion, *, most: int | None, per_day: int | None) -> int | None:
    """Units of matches packed as close to the as-of day as `per_day` allows: shares and factors only ever fall."""
    shares, repeats = share_table(criterion.decay), repeat_table(criterion.count.repeat_percent)
    ends = [limit for limit in (most, len(repeats.entries) if repeats.beyond == 0 else None) if limit is not None]
    if per_day is not None and shares.beyond == 0:
        ends.append(per_day * len(shares.entries))
    if not ends:
        return None
    matches = min(ends)
    if per_day is None:
        return _run(MICRO, range(matches), repeats.entries, repeats.beyond)
    return sum(
        _run(shares.at(age), range(first, min(first + per_day, matches)), repeats.entries, repeats.beyond)
        for age, first in enumerate(range(0, matches, per_day))
    )


def _run(share: int, places: range, factors: tuple[int, ...], beyond: int) -> int:
    """Units of the matches at these places of the order, all of one age."""
    within = factors[places.start : places.stop]
    return sum(unit(share, factor) for factor in within) + unit(share, beyond) * (len(places) - len(within))


def criterion_bounds(criterion: Criterion) -> Bounds:
    """What its contribution can be."""
    if not criterion.enabled:
        return NOTHING
    furthest = _furthest(criterion)
    if criterion.when is None and isinstance(plainest(criterion.if_), Always):
        return Bounds(least=furthest, most=furthest)
    return Bounds(least=furthest, most=0) if criterion.points < 0 else Bounds(least=0, most=furthest)


def _furthest(criterion: Criterion) -> int | None:
    """The contribution furthest from zero."""
    if criterion.points == 0:
        return 0
    units = most_units(criterion)
    if units is not None:
        return contribution(criterion.points, units, criterion.max_points)
    if criterion.max_points is None:
        return None
    return criterion.max_points if criterion.points > 0 else -criterion.max_points


def alone_bounds(matrix: Matrix, criterion: Criterion) -> Bounds:
    """What one criterion can add to the total where no other gives anything."""
    own = criterion_bounds(criterion)
    group = None if criterion.group is None else matrix.groups.get(criterion.group)
    dimension = matrix.dimensions[criterion.dimension]
    return _weighted(dimension, _limited(dimension, own if group is None else _limited(group, own)))


def matrix_bounds(matrix: Matrix, may_give: Callable[[Criterion], bool] = lambda _criterion: True) -> MatrixBounds:
    """Bounds of the whole; criteria that `may_give` refuses give only what they always give."""
    dimensions = {name: _dimension_bounds(matrix, name, may_give) for name in DIMENSIONS}
    total = _sum(_weighted(matrix.dimensions[name], bounds) for name, bounds in dimensions.items())
    return MatrixBounds(total=total, dimensions=dimensions)


def _dimension_bounds(matrix: Matrix, name: DimensionName, may_give: Callable[[Criterion], bool]) -> Bounds:
    by_group: dict[str | None, list[Bounds]] = {}
    for criterion in matrix.criteria:
        if criterion.dimension == name:
            bounds = criterion_bounds(criterion)
            given = bounds if may_give(criterion) or bounds.least == bounds.most else NOTHING
            by_group.setdefault(criterion.group, []).append(given)
    groups = (_group_bounds(matrix.groups.get(group or ""), members) for group, members in by_group.items())
    return _limited(matrix.dimensions[name], _sum(groups))


def _group_bounds(group: Group | None, members: list[Bounds]) -> Bounds:
    if group is None:
        return _sum(members)
    return _limited(group, _furthest_of(members) if group.take_highest else _sum(members))


def _furthest_of(members: list[Bounds]) -> Bounds:
    """Bounds of the member furthest from zero, the positive of two as far. What always stands is never outdone by
    something nearer to zero."""
    constant = [each.most for each in members if each.least == each.most and each.most is not None]
    standing = furthest_from_zero([0, *constant])
    most, least = _largest(each.most for each in members), _smallest(each.least for each in members)
    return Bounds(
        least=least if least is None or -least > abs(standing) else standing,
        most=most if most is None or most >= abs(standing) else standing,
    )


def _largest(numbers: Iterable[int | None]) -> int | None:
    found = list(numbers)
    return None if None in found else max(number for number in found if number is not None)


def _smallest(numbers: Iterable[int | None]) -> int | None:
    found = list(numbers)
    return None if None in found else min(number for number in found if number is not None)


def _sum(parts: Iterable[Bounds]) -> Bounds:
    least: int | None = 0
    most: int | None = 0
    for part in parts:
        least = None if least is None or part.least is None else least + part.least
        most = None if most is None or part.most is None else most + part.most
    return Bounds(least=least, most=most)


def _limited(limits: Group | Dimension, bounds: Bounds) -> Bounds:
    return Bounds(
        least=limits.floor if bounds.least is None else limited(bounds.least, limits.floor, limits.ceiling),
        most=limits.ceiling if bounds.most is None else limited(bounds.most, limits.floor, limits.ceiling),
    )


def _weighted(dimension: Dimension, bounds: Bounds) -> Bounds:
    if dimension.weight == 0:
        return NOTHING
    return Bounds(least=_share(bounds.least, dimension.weight), most=_share(bounds.most, dimension.weight))


def _share(points: int | None, weight: int) -> int | None:
    return None if points is None else rounded(weight * points, 100)


def at_least(bound: int | None, points: int) -> bool:
    """Whether an upper bound comes up to so many points."""
    return bound is None or bound >= points


def out_of_reach(matrix: Matrix, stage: Stage, bounds: MatrixBounds) -> tuple[str, ...]:
    """Which of the stage's demands can never be met: `points`, `grade`, `level`."""
    missing = []
    if stage.at is not None and not at_least(bounds.total.most, stage.at):
        missing.append("points")
    if stage.min_grade is not None:
        good_enough = GRADES[: GRADES.index(stage.min_grade) + 1]
        thresholds = [points for grade, points in matrix.grades.items() if grade in good_enough]
        if not _best_is_reached(thresholds, bounds.dimensions["fit"].most, is_open="F" in good_enough):
            missing.append("grade")
    if stage.max_level is not None:
        good_enough_levels = LEVELS[: stage.max_level]
        thresholds = [points for level, points in matrix.levels.items() if level in good_enough_levels]
        if not _best_is_reached(thresholds, bounds.dimensions["behavior"].most, is_open=4 in good_enough_levels):
            missing.append("level")
    return tuple(missing)


def _best_is_reached(thresholds: list[int], most: int | None, *, is_open: bool) -> bool:
    return is_open or any(at_least(most, points) for points in thresholds)
