"""How the matrix is made up: its signs, its size, its balance, what counts twice. L04 to L08 and L12."""

from collections.abc import Iterator
from itertools import groupby

from scoring.engine.lint.criteria import enabled, enabled_in, keys
from scoring.engine.lint.finding import Finding, finding
from scoring.engine.matrix import Criterion, Matrix, Rising, Silent
from scoring.engine.meaning import meaning
from scoring.engine.types import DIMENSIONS

FEWEST, MOST = 6, 30
LEAST_PERCENT, MOST_PERCENT = 35, 65


def no_negative_criterion(matrix: Matrix) -> Iterator[Finding]:
    if all(criterion.points >= 0 for criterion in enabled(matrix)):
        yield finding("L04")


def nothing_fades(matrix: Matrix) -> Iterator[Finding]:
    if not any(_fades(criterion) for criterion in enabled(matrix)):
        yield finding("L05")


def _fades(criterion: Criterion) -> bool:
    measure = None if criterion.when is None else criterion.when.measure
    # Beside rising decay does nothing (L20), so it is no fading there.
    return isinstance(measure, Silent) or (criterion.decay is not None and not isinstance(measure, Rising))


def all_worth_the_same(matrix: Matrix) -> Iterator[Finding]:
    for dimension in DIMENSIONS:
        criteria = enabled_in(matrix, dimension)
        if len(criteria) > 1 and len({criterion.points for criterion in criteria}) == 1:
            yield finding("L06", *keys(criteria), dimension=dimension, points=criteria[0].points)


def too_few_or_too_many(matrix: Matrix) -> Iterator[Finding]:
    count = len(enabled(matrix))
    if not FEWEST <= count <= MOST:
        yield finding("L07", count=count, fewest=FEWEST, most=MOST)


def lopsided(matrix: Matrix) -> Iterator[Finding]:
    fit, behavior = len(enabled_in(matrix, "fit")), len(enabled_in(matrix, "behavior"))
    both = fit + behavior
    if both and not LEAST_PERCENT * both <= 100 * fit <= MOST_PERCENT * both:
        yield finding("L08", fit=fit, behavior=behavior, least_percent=LEAST_PERCENT, most_percent=MOST_PERCENT)


def counted_twice(matrix: Matrix) -> Iterator[Finding]:
    """Of criteria in one group that takes the highest only one counts: those do not add up."""
    order = {criterion.key: place for place, criterion in enumerate(matrix.criteria)}
    worth_something = sorted((criterion for criterion in enabled(matrix) if criterion.points), key=meaning)
    found: list[tuple[str, ...]] = []
    for _, same in groupby(worth_something, key=meaning):
        criteria = list(same)
        if len({_counts_with(matrix, criterion) for criterion in criteria}) > 1:
            found.append(tuple(sorted(keys(criteria), key=order.__getitem__)))
    for equal in sorted(found, key=lambda each: order[each[0]]):
        yield finding("L12", *equal)


def _counts_with(matrix: Matrix, criterion: Criterion) -> tuple[str, str]:
    """The group in which only one counts, else the criterion itself."""
    group = None if criterion.group is None else matrix.groups.get(criterion.group)
    if criterion.group is not None and group is not None and group.take_highest:
        return "group", criterion.group
    return "criterion", criterion.key
