"""What the rules ask of criteria again and again."""

from collections.abc import Iterable

from scoring.engine.conditions import fields_named
from scoring.engine.matrix import Criterion, Matrix
from scoring.engine.types import DimensionName


def enabled(matrix: Matrix) -> tuple[Criterion, ...]:
    """Those that are worth and decide something: a disabled one is measured and shown only."""
    return tuple(criterion for criterion in matrix.criteria if criterion.enabled)


def enabled_in(matrix: Matrix, dimension: DimensionName) -> tuple[Criterion, ...]:
    return tuple(criterion for criterion in enabled(matrix) if criterion.dimension == dimension)


def keys(criteria: Iterable[Criterion]) -> tuple[str, ...]:
    return tuple(criterion.key for criterion in criteria)


def fields_of(criterion: Criterion) -> tuple[str, ...]:
    """Every field the criterion rests on, of lead, company and activity, each once."""
    names = list(fields_named(criterion.if_))
    if criterion.when is not None:
        names += fields_named(criterion.when.pattern.where)
        if criterion.when.after is not None:
            names += fields_named(criterion.when.after.pattern.where)
    return tuple(dict.fromkeys(names))
