"""Which fields and properties a matrix looks at, so that they can be read together before anybody asks for one."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from scoring.engine.conditions import fields_named
from scoring.engine.matrix import Condition, Criterion, Matrix

#: A field that is no column of its own: it moves with the as-of day.
CREATED_DAYS: Final = "lead.created_days"
PROPERTY: Final = "activity.properties."


@dataclass(frozen=True, kw_only=True, slots=True)
class Named:
    """`fields` of leads and companies by full name, `properties` of activities by their own."""

    fields: tuple[str, ...] = ()
    properties: tuple[str, ...] = ()


NOTHING: Final = Named()


def matrix_named(matrix: Matrix) -> Named:
    """What its criteria and the condition of who is scored name, each once."""
    of_leads = _names([matrix.applies_to, *(each.if_ for each in matrix.criteria)])
    of_activities = _names(where for each in matrix.criteria for where in _wheres(each))
    return Named(
        fields=tuple(name for name in of_leads if name != CREATED_DAYS),
        properties=tuple(name.removeprefix(PROPERTY) for name in of_activities if name.startswith(PROPERTY)),
    )


def _wheres(criterion: Criterion) -> Iterator[Condition]:
    if criterion.when is not None:
        yield criterion.when.pattern.where
        if criterion.when.after is not None:
            yield criterion.when.after.pattern.where


def _names(conditions: Iterable[Condition]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for each in conditions for name in fields_named(each)))
