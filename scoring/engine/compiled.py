"""A matrix made ready to judge many leads: what is equal in several criteria is asked once a lead."""

from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from scoring.engine.conditions import Judge, compile_condition, condition_text, fields_named
from scoring.engine.decay import Table, repeat_table, share_table
from scoring.engine.json_text import write_json
from scoring.engine.matrix import ALWAYS, Condition, Criterion, Group, Matrix, When
from scoring.engine.matrix_parts import when_document
from scoring.engine.patterns import Measure, Selection, compile_measure, compile_selection
from scoring.engine.types import DIMENSIONS, DimensionName

#: Where a criterion has no such part.
NONE: Final = -1


@dataclass(frozen=True, kw_only=True, slots=True)
class CompiledCriterion:
    """`if_` and `selection` are indexes into the compiled matrix, or -1: no condition, no activities."""

    key: str
    dimension: DimensionName
    group: str | None
    slot: int
    points: int
    max_points: int | None
    enabled: bool
    disqualify: bool
    fast_track: bool
    if_: int
    selection: int
    measure: Measure | None
    fields: tuple[str, ...]
    shares: Table
    repeats: Table


@dataclass(frozen=True, kw_only=True, slots=True)
class GroupSlot:
    """A group of one dimension, in order of first appearance; `limits` None where it is not declared."""

    name: str | None
    dimension: DimensionName
    limits: Group | None


@dataclass(frozen=True, kw_only=True, slots=True)
class CompiledMatrix:
    matrix: Matrix
    checksum: str
    zone: ZoneInfo
    applies_to: Judge | None
    conditions: tuple[Judge, ...]
    selections: tuple[Selection, ...]
    criteria: tuple[CompiledCriterion, ...]
    slots: tuple[GroupSlot, ...]
    #: For each dimension in its order, where its groups stand in `slots`.
    slots_of: tuple[tuple[int, ...], ...]


def compile_matrix(matrix: Matrix) -> CompiledMatrix:
    """Once a version: costs a few milliseconds, and what it makes is shared freely, also between threads."""
    making = _Making(matrix)
    criteria = tuple(making.criterion(each) for each in matrix.criteria)
    slots = tuple(
        GroupSlot(name=name, dimension=dimension, limits=None if name is None else matrix.groups.get(name))
        for dimension, name in making.slots
    )
    return CompiledMatrix(
        matrix=matrix,
        checksum=matrix.checksum,
        zone=ZoneInfo(matrix.timezone),
        applies_to=None if matrix.applies_to == ALWAYS else compile_condition(matrix.applies_to),
        conditions=tuple(making.conditions),
        selections=tuple(making.selections),
        criteria=criteria,
        slots=slots,
        slots_of=tuple(
            tuple(index for index, slot in enumerate(slots) if slot.dimension == dimension) for dimension in DIMENSIONS
        ),
    )


class _Making:
    """Gives equal conditions, selections and groups the same index."""

    def __init__(self, matrix: Matrix) -> None:
        self.matrix = matrix
        self.conditions: list[Judge] = []
        self.selections: list[Selection] = []
        self.slots: dict[tuple[DimensionName, str | None], int] = {}
        self._condition_index: dict[str, int] = {}
        self._selection_index: dict[str, int] = {}

    def criterion(self, criterion: Criterion) -> CompiledCriterion:
        when = criterion.when
        return CompiledCriterion(
            key=criterion.key,
            dimension=criterion.dimension,
            group=criterion.group,
            slot=self.slots.setdefault((criterion.dimension, criterion.group), len(self.slots)),
            points=criterion.points,
            max_points=criterion.max_points,
            enabled=criterion.enabled,
            disqualify=criterion.disqualify,
            fast_track=criterion.fast_track,
            if_=self._condition(criterion.if_),
            selection=NONE if when is None else self._selection(when),
            measure=None if when is None else compile_measure(when, criterion.count, criterion.decay),
            fields=fields_named(criterion.if_),
            shares=share_table(criterion.decay),
            repeats=repeat_table(criterion.count.repeat_percent),
        )

    def _condition(self, condition: Condition) -> int:
        if condition == ALWAYS:
            return NONE
        text = condition_text(condition)
        if text not in self._condition_index:
            self._condition_index[text] = len(self.conditions)
            self.conditions.append(compile_condition(condition))
        return self._condition_index[text]

    def _selection(self, when: When) -> int:
        selecting = When(pattern=when.pattern, after=when.after, unique_by=when.unique_by)
        text = write_json(when_document(selecting), sort_keys=True)
        if text not in self._selection_index:
            self._selection_index[text] = len(self.selections)
            self.selections.append(compile_selection(selecting))
        return self._selection_index[text]
