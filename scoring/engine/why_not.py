"""What holds a lead from the next stage, and what would help: "11 points short of MQL; phone unknown; grade D, C needed"."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar, TypeAlias

from scoring.engine.card import Score
from scoring.engine.compiled import CompiledCriterion, CompiledMatrix
from scoring.engine.conditions import compile_condition
from scoring.engine.evaluate import Measurement, measure, weigh
from scoring.engine.facts import Facts
from scoring.engine.matrix import AllOf, Always, AnyOf, Condition, Leaf, Matrix, Not, Silent, Stage
from scoring.engine.patterns import NOTHING, Measured
from scoring.engine.types import GRADES, LEVELS, MICRO, Applies, Grade


@dataclass(frozen=True, kw_only=True, slots=True)
class NotScored:
    """The model does not apply to the lead, or whether it does is unknown: `fields` are what to ask."""

    code: ClassVar[str] = "not_scored"
    applies: Applies
    fields: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class PointsShort:
    """`missing` = `at` − `total`."""

    code: ClassVar[str] = "points_short"
    missing: int
    total: int
    at: int


@dataclass(frozen=True, kw_only=True, slots=True)
class FactUnknown:
    """Were `field` known, some of `criteria` might be met: `points` is the most one of them alone would add to the
    total, and `suffices` whether one alone would lift the lead to the next stage."""

    code: ClassVar[str] = "fact_unknown"
    field: str
    criteria: tuple[str, ...]
    points: int
    suffices: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class CriterionUnmet:
    """Were it met once today, the lead would reach the next stage. `points` is what it would add to the total."""

    code: ClassVar[str] = "criterion_unmet"
    criterion: str
    points: int
    is_fast_track: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class LevelNeeded:
    """`missing`: behavior points up to `needed`; None where no points lead there."""

    code: ClassVar[str] = "level_needed"
    level: int
    needed: int
    missing: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class GradeNeeded:
    """`missing`: fit points up to `needed`; None where no points lead there."""

    code: ClassVar[str] = "grade_needed"
    grade: Grade
    needed: Grade
    missing: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Disqualified:
    """The criterion matches and holds the lead below the hand-off, whatever its points."""

    code: ClassVar[str] = "disqualified"
    criterion: str


Obstacle: TypeAlias = NotScored | PointsShort | FactUnknown | CriterionUnmet | LevelNeeded | GradeNeeded | Disqualified


@dataclass(frozen=True, kw_only=True, slots=True)
class WhyNot:
    """`obstacles` cheapest first: points the lead is short of, questions to ask (the one that may bring most first),
    single acts that would suffice (the smallest first), the level, the grade, and last a veto.

    `next_stage` is None where the lead stands in the highest, or has no score.
    """

    as_of: date
    stage: str | None
    next_stage: str | None
    obstacles: tuple[Obstacle, ...]


def why_not(compiled: CompiledMatrix, facts: Facts, as_of: date) -> WhyNot:
    """What stands between the lead and the stage after its own, on this day of the model's time zone."""
    matrix = compiled.matrix
    applies = True if compiled.applies_to is None else compiled.applies_to(facts.values, as_of)
    if applies is not True:
        fields = _unknown_fields(matrix.applies_to, facts, as_of) if applies is None else ()
        obstacle = NotScored(applies="unknown" if applies is None else "not_met", fields=fields)
        return WhyNot(as_of=as_of, stage=None, next_stage=None, obstacles=(obstacle,))
    measurement = measure(compiled, facts, as_of)
    score = weigh(measurement)
    place = _height(matrix, score.stage) + 1
    if place == len(matrix.stages):
        return WhyNot(as_of=as_of, stage=score.stage, next_stage=None, obstacles=())
    step = _Step(matrix=matrix, place=place, measurement=measurement, score=score)
    return WhyNot(
        as_of=as_of,
        stage=score.stage,
        next_stage=matrix.stages[place].key,
        obstacles=(
            *_points_short(step),
            *_facts_unknown(step, facts, as_of),
            *_criteria_unmet(step),
            *_level_needed(step),
            *_grade_needed(step),
            *_disqualified(step),
        ),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Step:
    """From where a lead stands to the stage at `place`, with the means to try things out."""

    matrix: Matrix
    place: int
    measurement: Measurement
    score: Score

    @property
    def stage(self) -> Stage:
        return self.matrix.stages[self.place]

    def supposing(self, index: int, measured: Measured) -> Score:
        """The score if the criterion at this place of the document had measured that."""
        supposed = list(self.measurement.measured)
        supposed[index] = measured
        return weigh(replace(self.measurement, measured=supposed))

    def is_reached_with(self, score: Score) -> bool:
        return _height(self.matrix, score.stage) >= self.place

    def is_helped_by(self, score: Score) -> bool:
        """More points, or more of those a gate asks for."""
        more_fit = score.dimensions["fit"] > self.score.dimensions["fit"]
        more_behavior = score.dimensions["behavior"] > self.score.dimensions["behavior"]
        return (
            score.total > self.score.total
            or self.is_reached_with(score)
            or (more_fit and any(_grade_needed(self)))
            or (more_behavior and any(_level_needed(self)))
        )


def _points_short(step: _Step) -> Iterator[PointsShort]:
    at, total = step.stage.at, step.score.total
    if at is not None and total < at:
        yield PointsShort(missing=at - total, total=total, at=at)


def _facts_unknown(step: _Step, facts: Facts, as_of: date) -> list[FactUnknown]:
    by_field: dict[str, list[tuple[str, Score]]] = {}
    for index, criterion in enumerate(step.measurement.compiled.criteria):
        if criterion.enabled and step.measurement.truths[index] is None:
            score = step.supposing(index, _if_it_held(criterion, step.measurement))
            if step.is_helped_by(score):
                for field in _unknown_fields(step.matrix.criteria[index].if_, facts, as_of):
                    by_field.setdefault(field, []).append((criterion.key, score))
    found = [
        FactUnknown(
            field=field,
            criteria=tuple(key for key, _ in scores),
            points=max(score.total for _, score in scores) - step.score.total,
            suffices=any(step.is_reached_with(score) for _, score in scores),
        )
        for field, scores in by_field.items()
    ]
    return sorted(found, key=lambda each: (not each.suffices, -each.points))


def _if_it_held(criterion: CompiledCriterion, measurement: Measurement) -> Measured:
    """What the criterion would measure from the activities there are if its `if` were true."""
    if criterion.measure is None:
        return Measured(units=MICRO, positions=())
    matches = measurement.compiled.selections[criterion.selection](measurement.window)
    return criterion.measure(measurement.window, matches) if matches else NOTHING


def _criteria_unmet(step: _Step) -> list[CriterionUnmet]:
    """Acts only: who they are and what they answered is settled, and nobody acts by falling silent."""
    found = []
    for index, criterion in enumerate(step.measurement.compiled.criteria):
        when = step.matrix.criteria[index].when
        is_open = criterion.enabled and step.measurement.truths[index] and not step.measurement.measured[index].units
        if when is None or isinstance(when.measure, Silent) or not is_open:
            continue
        score = step.supposing(index, Measured(units=MICRO, positions=()))
        if step.is_reached_with(score):
            points = score.total - step.score.total
            found.append(CriterionUnmet(criterion=criterion.key, points=points, is_fast_track=criterion.fast_track))
    return sorted(found, key=lambda each: each.points)


def _level_needed(step: _Step) -> Iterator[LevelNeeded]:
    level, needed = step.score.level, step.stage.max_level
    if needed is not None and level > needed:
        least = [step.matrix.levels[each] for each in LEVELS[:needed] if each in step.matrix.levels]
        missing = min(least) - step.score.dimensions["behavior"] if least else None
        yield LevelNeeded(level=level, needed=needed, missing=missing)


def _grade_needed(step: _Step) -> Iterator[GradeNeeded]:
    grade, needed = step.score.grade, step.stage.min_grade
    if needed is not None and grade > needed:
        good_enough = GRADES[: GRADES.index(needed) + 1]
        least = [step.matrix.grades[each] for each in good_enough if each in step.matrix.grades]
        missing = min(least) - step.score.dimensions["fit"] if least else None
        yield GradeNeeded(grade=grade, needed=needed, missing=missing)


def _disqualified(step: _Step) -> Iterator[Disqualified]:
    if step.place >= step.matrix.hand_off_stage_index:
        for criterion in step.score.disqualified_by:
            yield Disqualified(criterion=criterion)


def _unknown_fields(condition: Condition, facts: Facts, as_of: date) -> tuple[str, ...]:
    """Fields whose leaf is unknown: their value is missing, or cannot be read as the leaf needs."""
    unknown = [leaf.field for leaf in _leaves(condition) if compile_condition(leaf)(facts.values, as_of) is None]
    return tuple(dict.fromkeys(unknown))


def _leaves(condition: Condition) -> Iterator[Leaf]:
    match condition:
        case Always():
            return
        case AllOf(conditions=parts) | AnyOf(conditions=parts):
            for part in parts:
                yield from _leaves(part)
        case Not(condition=inner):
            yield from _leaves(inner)
        case Leaf():
            yield condition


def _height(matrix: Matrix, stage: str | None) -> int:
    """Its place from below; that of no stage is below all."""
    return next((place for place, each in enumerate(matrix.stages) if each.key == stage), -1)
