"""A matrix as the preview weighs it: what is measured by fingerprint, what that is worth beside it."""

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

from scoring.bulk.fingerprint import applies_fingerprint, criterion_fingerprint
from scoring.bulk.weighing import takes_highest
from scoring.engine.compiled import CompiledMatrix
from scoring.engine.matrix import ALWAYS, Group
from scoring.engine.types import DIMENSIONS

#: In place of a fingerprint: the model applies to nobody.
NOBODY: Final = "nobody"


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """What one criterion gives: its measurement, and what a unit of it is worth. Equal parts give equal points."""

    key: str = field(compare=False)
    fingerprint: str
    points: int
    max_points: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Slot:
    """Criteria whose contributions are summed, or of which the highest counts, before limits.

    Groups that nobody declared have none, so those of one dimension are one slot here.
    """

    parts: tuple[Part, ...]
    limits: Group | None
    is_highest: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """`parts` are those of the criteria in document order; `applying` is None where the model applies to all; `slots` are
    by dimension, in the order of DIMENSIONS; `vetoing` and `lifting` are what disqualifies and what fast-tracks."""

    compiled: CompiledMatrix
    as_of: date
    parts: tuple[Part, ...]
    applying: str | None
    slots: tuple[tuple[Slot, ...], ...]
    vetoing: frozenset[str]
    lifting: frozenset[str]

    @property
    def wanted(self) -> tuple[str, ...]:
        """Every fingerprint it needs, once."""
        applying = [self.applying] if self.applying not in (None, NOBODY) else []
        return tuple(dict.fromkeys([*(part.fingerprint for part in self.parts), *applying]))

    @property
    def key(self) -> tuple[Any, ...]:
        """Equal where every lead gets the same score and stage."""
        matrix = self.compiled.matrix
        return (*self.figures_key, self.applying, matrix.stages, matrix.hand_off_at)

    @property
    def figures_key(self) -> tuple[Any, ...]:
        """Equal where every lead gets the same total, rating and flags, were the model to apply to it."""
        return (self.dimension_keys, self.vetoing, self.lifting)

    @property
    def dimension_keys(self) -> tuple[Any, ...]:
        """By dimension; equal where every lead gets the same points and band."""
        matrix = self.compiled.matrix
        bands = (tuple(matrix.grades.items()), tuple(matrix.levels.items()), ())
        rules = (matrix.dimensions[name] for name in DIMENSIONS)
        return tuple(zip(DIMENSIONS, self.slots, rules, bands, strict=True))


def plan_of(compiled: CompiledMatrix, as_of: date, kinds: frozenset[str]) -> Plan:
    """`kinds` are those handed to the engine."""
    matrix = compiled.matrix
    parts = tuple(
        Part(
            key=criterion.key,
            fingerprint=criterion_fingerprint(criterion, matrix.timezone, kinds),
            points=criterion.points,
            max_points=criterion.max_points,
        )
        for criterion in matrix.criteria
    )
    enabled = [(own, part) for own, part in zip(compiled.criteria, parts, strict=True) if own.enabled]
    return Plan(
        compiled=compiled,
        as_of=as_of,
        parts=parts,
        applying=None if matrix.applies_to == ALWAYS else applies_fingerprint(matrix),
        slots=tuple(
            _slots(compiled, indexes, [(own.slot, part) for own, part in enabled]) for indexes in compiled.slots_of
        ),
        vetoing=frozenset(part.fingerprint for own, part in enabled if own.disqualify),
        lifting=frozenset(part.fingerprint for own, part in enabled if own.fast_track),
    )


def nobody_under(plan: Plan) -> Plan:
    """A plan under which nobody has a score: what stands before a model's first version."""
    return replace(plan, applying=NOBODY)


def _slots(compiled: CompiledMatrix, indexes: tuple[int, ...], enabled: list[tuple[int, Part]]) -> tuple[Slot, ...]:
    declared = [index for index in indexes if compiled.slots[index].limits is not None]
    plain = set(indexes).difference(declared)
    slots = [
        Slot(
            parts=tuple(part for slot, part in enabled if slot == index),
            limits=compiled.slots[index].limits,
            is_highest=takes_highest(compiled.slots[index]),
        )
        for index in declared
    ]
    slots.append(Slot(parts=tuple(part for slot, part in enabled if slot in plain), limits=None, is_highest=False))
    return tuple(slot for slot in slots if slot.parts)
