"""The score on coming days if nothing happens: points fade, windows pass, silence grows."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise

from scoring.engine.card import Card
from scoring.engine.compiled import CompiledMatrix
from scoring.engine.conditions import fields_named
from scoring.engine.evaluate import evaluate
from scoring.engine.facts import Facts
from scoring.engine.text import read_number
from scoring.engine.types import Applies, DecidedBy, DimensionName, Grade

_AGE_OF_THE_LEAD = "lead.created_days"


@dataclass(frozen=True, kw_only=True, slots=True)
class Outlook:
    """What the card says on one day, without its ledger. All but the first three are None where there is no score;
    `stage` also where none is met."""

    on: date
    in_days: int
    applies: Applies
    total: int | None
    dimensions: dict[DimensionName, int] | None
    grade: Grade | None
    level: int | None
    rating: str | None
    stage: str | None
    decided_by: DecidedBy | None

    def to_json(self) -> dict[str, object]:
        return {
            "on": self.on.isoformat(),
            "in_days": self.in_days,
            "applies": self.applies,
            "total": self.total,
            "dimensions": self.dimensions,
            "grade": self.grade,
            "level": self.level,
            "rating": self.rating,
            "stage": self.stage,
            "decided_by": self.decided_by,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class StageMove:
    """The lead stands in another stage than the day before; None is below every stage. `total` is that day's."""

    on: date
    in_days: int
    before: str | None
    after: str | None
    falls: bool
    total: int | None

    def to_json(self) -> dict[str, object]:
        return {
            "on": self.on.isoformat(),
            "in_days": self.in_days,
            "before": self.before,
            "after": self.after,
            "falls": self.falls,
            "total": self.total,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Forecast:
    """`today` is the as-of day; `changes` the later days on which total, rating, stage or what decided it is another
    than the day before; `moves` those of them on which the stage is.

    `leaves_hand_off` is the first move from a stage in which the lead belongs to sales to one in which it does not:
    "falls below MQL in 12 days". It is None where the lead stays, or is not there today.
    """

    as_of: date
    days: int
    today: Outlook
    changes: tuple[Outlook, ...]
    moves: tuple[StageMove, ...]
    leaves_hand_off: StageMove | None

    @property
    def first_fall(self) -> StageMove | None:
        return next((move for move in self.moves if move.falls), None)

    @property
    def first_rise(self) -> StageMove | None:
        return next((move for move in self.moves if not move.falls), None)

    def to_json(self) -> dict[str, object]:
        leaves = self.leaves_hand_off
        return {
            "as_of": self.as_of.isoformat(),
            "days": self.days,
            "today": self.today.to_json(),
            "changes": [each.to_json() for each in self.changes],
            "moves": [each.to_json() for each in self.moves],
            "leaves_hand_off": None if leaves is None else leaves.to_json(),
        }


def forecast(compiled: CompiledMatrix, facts: Facts, as_of: date, *, days: int = 90) -> Forecast:
    """The coming `days` (0 or more) from what is known on the as-of day, by evaluating each.

    Activities after the as-of day are left out, for on a later day they would have happened; the lead's age in days
    grows by one a day.
    """
    outlooks = list(_outlooks(compiled, facts, as_of, days))
    changes = []
    moves = []
    for before, after in pairwise(outlooks):
        if _differs(before, after):
            changes.append(after)
        if before.stage != after.stage:
            moves.append(
                StageMove(
                    on=after.on,
                    in_days=after.in_days,
                    before=before.stage,
                    after=after.stage,
                    falls=_height(compiled, after.stage) < _height(compiled, before.stage),
                    total=after.total,
                )
            )
    qualifying = compiled.matrix.qualifying_stages
    stays = outlooks[0].stage not in qualifying
    leaves = None if stays else next((move for move in moves if move.after not in qualifying), None)
    return Forecast(
        as_of=as_of,
        days=days,
        today=outlooks[0],
        changes=tuple(changes),
        moves=tuple(moves),
        leaves_hand_off=leaves,
    )


def _outlooks(compiled: CompiledMatrix, facts: Facts, as_of: date, days: int) -> Iterator[Outlook]:
    known = _as_known_on(compiled, facts, as_of)
    age = read_number(known.values.get(_AGE_OF_THE_LEAD)) if _asks_for_age(compiled) else None
    for in_days in range(min(days, (date.max - as_of).days) + 1):
        on_that_day = known
        if age is not None:
            on_that_day = replace(known, values={**known.values, _AGE_OF_THE_LEAD: age + in_days})
        yield _outlook(evaluate(compiled, on_that_day, as_of + timedelta(days=in_days)), in_days)


def _as_known_on(compiled: CompiledMatrix, facts: Facts, as_of: date) -> Facts:
    timeline = facts.timeline(compiled.zone)
    if timeline.last_day <= as_of.toordinal():
        return facts
    return replace(facts, activities=timeline.until(as_of.toordinal()).activities)


def _asks_for_age(compiled: CompiledMatrix) -> bool:
    return _AGE_OF_THE_LEAD in fields_named(compiled.matrix.applies_to) or any(
        _AGE_OF_THE_LEAD in criterion.fields for criterion in compiled.criteria
    )


def _outlook(card: Card, in_days: int) -> Outlook:
    score = card.score
    return Outlook(
        on=card.as_of,
        in_days=in_days,
        applies=card.applies,
        total=None if score is None else score.total,
        dimensions=None if score is None else dict(score.dimensions),
        grade=None if score is None else score.grade,
        level=None if score is None else score.level,
        rating=None if score is None else score.rating,
        stage=None if score is None else score.stage,
        decided_by=None if score is None else score.decided_by,
    )


def _differs(before: Outlook, after: Outlook) -> bool:
    return (before.applies, before.total, before.rating, before.stage, before.decided_by) != (
        after.applies,
        after.total,
        after.rating,
        after.stage,
        after.decided_by,
    )


def _height(compiled: CompiledMatrix, stage: str | None) -> int:
    """Its place from below; that of no stage is below all."""
    return next((place for place, each in enumerate(compiled.matrix.stages) if each.key == stage), -1)
