"""The score card: what one evaluation says, with the ledger that adds up to the total and the evidence it rests on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TypeAlias

from scoring.engine.json_text import plain
from scoring.engine.types import Applies, DecidedBy, DimensionName, Grade, LimitKind, Outcome, Value


@dataclass(frozen=True, kw_only=True, slots=True)
class ActivityEvidence:
    """A match a criterion rests on. `age` in days; `share` and `repeat` in micro-units, None for reached, rising and
    silent, where the age alone tells."""

    id: str
    age: int
    share: int | None = None
    repeat: int | None = None

    def to_json(self) -> dict[str, object]:
        if self.share is None:
            return {"id": self.id, "age": self.age}
        return {"id": self.id, "age": self.age, "share": self.share, "repeat": self.repeat}


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """`fields`: each lead or company field the criterion's `if` names, by full name, with its raw value."""

    activities: tuple[ActivityEvidence, ...]
    fields: Mapping[str, Value]

    def to_json(self) -> dict[str, object]:
        return {
            "activities": [each.to_json() for each in self.activities],
            "fields": {name: plain(value) for name, value in self.fields.items()},
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class CriterionLine:
    """What one criterion gives. `units` in micro-units, `points` and `contribution` in whole points."""

    criterion: str
    dimension: DimensionName
    group: str | None
    points: int
    units: int
    contribution: int
    outcome: Outcome
    evidence: Evidence

    def to_json(self) -> dict[str, object]:
        return {
            "criterion": self.criterion,
            "dimension": self.dimension,
            "group": self.group,
            "points": self.points,
            "units": self.units,
            "contribution": self.contribution,
            "outcome": self.outcome,
            "evidence": self.evidence.to_json(),
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class LimitLine:
    """What a limit or a weight changed, in whole points, never 0."""

    limit: LimitKind
    name: str
    dimension: DimensionName
    contribution: int

    def to_json(self) -> dict[str, object]:
        return {
            "limit": self.limit,
            "name": self.name,
            "dimension": self.dimension,
            "contribution": self.contribution,
        }


LedgerLine: TypeAlias = CriterionLine | LimitLine


# Without slots: the cached ledger needs a dictionary.
@dataclass(frozen=True, kw_only=True)
class Score:
    """`dimensions` after limits and before weights. Two scores are equal by their figures, whatever their ledgers."""

    total: int
    dimensions: Mapping[DimensionName, int]
    grade: Grade
    level: int
    stage: str | None
    decided_by: DecidedBy
    disqualified_by: tuple[str, ...]
    fast_tracked_by: tuple[str, ...]
    write_ledger: Callable[[], tuple[LedgerLine, ...]] = field(repr=False, compare=False)

    @cached_property
    def ledger(self) -> tuple[LedgerLine, ...]:
        """A line for each criterion in document order, then the limits; their contributions sum to `total`.

        Most evaluations only move totals, so the lines and their evidence are written when first looked at.
        """
        return self.write_ledger()

    @property
    def rating(self) -> str:
        return f"{self.grade}{self.level}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Card:
    """`score` is None exactly where `applies` is not `met`."""

    model: str | None
    version: int | None
    checksum: str
    as_of: date
    applies: Applies
    score: Score | None

    def to_json(self) -> dict[str, object]:
        """The card as the contract writes it. Numbers are exact: write it with `write_json`."""
        head: dict[str, object] = {
            "model": self.model,
            "version": self.version,
            "checksum": self.checksum,
            "as_of": self.as_of.isoformat(),
            "applies": self.applies,
        }
        score = self.score
        if score is None:
            return head
        return head | {
            "total": score.total,
            "dimensions": dict(score.dimensions),
            "grade": score.grade,
            "level": score.level,
            "rating": score.rating,
            "stage": score.stage,
            "decided_by": score.decided_by,
            "disqualified_by": list(score.disqualified_by),
            "fast_tracked_by": list(score.fast_tracked_by),
            "ledger": [line.to_json() for line in score.ledger],
        }
