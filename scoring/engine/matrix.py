"""A matrix version as a tree of frozen dataclasses: the document with every default filled in, in document order.

Points, limits and thresholds are whole points; weights and percents are whole percents; day counts are whole days.
`parse_matrix` is the only maker that checks; the ranges are those of the contract.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Literal, TypeAlias

from scoring.engine.types import Audience, DimensionName, Grade, HandOffStage, Operand


@dataclass(frozen=True, kw_only=True, slots=True)
class Always:
    """`{}`: true."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AllOf:
    conditions: tuple["Condition", ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class AnyOf:
    conditions: tuple["Condition", ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Not:
    condition: "Condition"


@dataclass(frozen=True, kw_only=True, slots=True)
class Leaf:
    """`field` is the full name as written; `value` is as written, None only for `is_known`."""

    field: str
    op: str
    value: Operand | None = None


Condition: TypeAlias = Always | AllOf | AnyOf | Not | Leaf
ALWAYS = Always()


@dataclass(frozen=True, kw_only=True, slots=True)
class Pattern:
    """Activities of one of `kinds` (none named: of any) for which `where` is true."""

    kinds: tuple[str, ...] = ()
    where: Condition = ALWAYS


@dataclass(frozen=True, kw_only=True, slots=True)
class After:
    """An earlier activity that must have come before, at most `within_days` of age apart."""

    pattern: Pattern
    within_days: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Reached:
    at_least: int
    within_days: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Rising:
    """`of` is `value` where means are compared, None where numbers of matches are."""

    days: int
    by_percent: int
    at_least: int
    of: Literal["value"] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Silent:
    days: int
    per_days: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class When:
    pattern: Pattern
    after: After | None = None
    unique_by: Literal["subject"] | None = None
    measure: Reached | Rising | Silent | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Count:
    max: int | None = None
    max_per_day: int | None = None
    repeat_percent: int = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Expires:
    after_days: int


@dataclass(frozen=True, kw_only=True, slots=True)
class HalfLife:
    days: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Linear:
    days: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    from_day: int
    percent: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Steps:
    steps: tuple[Step, ...]


#: None keeps everything at every age.
Decay: TypeAlias = Expires | HalfLife | Linear | Steps | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Criterion:
    """One row. `points` is what it is worth after stars, tier and sign; `stars` or `tier` say how it was valued."""

    key: str
    label: str
    dimension: DimensionName
    points: int
    stars: int | None = None
    tier: str | None = None
    negative: bool = False
    note: str = ""
    group: str | None = None
    if_: Condition = ALWAYS
    when: When | None = None
    count: Count = Count()
    decay: Decay = None
    max_points: int | None = None
    disqualify: bool = False
    fast_track: bool = False
    enabled: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Dimension:
    weight: int = 100
    floor: int | None = None
    ceiling: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    label: str
    floor: int | None = None
    ceiling: int | None = None
    take_highest: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Stage:
    """`at` None is always met by points."""

    key: str
    label: str
    at: int | None = None
    min_grade: Grade | None = None
    max_level: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Example:
    """A lead that must end in `stage`; `facts` as written, already found valid."""

    name: str
    as_of: date
    facts: Mapping[str, object]
    stage: str


# Without slots: the cached properties need a dictionary.
@dataclass(frozen=True, kw_only=True)
class Matrix:
    """`dimensions` holds all three; `grades` and `levels` best first; `groups` only the declared ones."""

    name: str
    grades: Mapping[Grade, int]
    levels: Mapping[int, int]
    stages: tuple[Stage, ...]
    criteria: tuple[Criterion, ...]
    dimensions: Mapping[DimensionName, Dimension]
    description: str = ""
    audience: Audience = "b2b"
    timezone: str = "UTC"
    applies_to: Condition = ALWAYS
    hand_off_at: HandOffStage = "mql"
    points_per_star: int | None = None
    tiers: Mapping[str, int] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    examples: tuple[Example, ...] = ()
    #: `sha256:…` of the document as given; two ways of writing one matrix are equal but for it.
    checksum: str = field(default="", compare=False)

    @cached_property
    def hand_off_stage_index(self) -> int:
        """Where the stage of the hand-off stands in `stages`."""
        return next(index for index, stage in enumerate(self.stages) if stage.key == self.hand_off_at)

    @cached_property
    def qualifying_stages(self) -> frozenset[str]:
        """Keys of the stages in which a lead belongs to sales: `hand_off_at` and all after it."""
        return frozenset(stage.key for stage in self.stages[self.hand_off_stage_index :])
