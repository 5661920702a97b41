"""score = evaluate(matrix version, facts of the lead, as-of day): the one judgement everything else asks for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Final

from scoring.engine.card import (
    ActivityEvidence,
    Card,
    CriterionLine,
    Evidence,
    LedgerLine,
    LimitLine,
    Score,
)
from scoring.engine.compiled import NONE, CompiledCriterion, CompiledMatrix, GroupSlot
from scoring.engine.facts import Facts
from scoring.engine.patterns import NOTHING, Measured, Window
from scoring.engine.rounding import rounded
from scoring.engine.types import DIMENSIONS, MICRO, DimensionName, Outcome, Truth, Value
from scoring.engine.weighing import (
    contribution,
    furthest_from_zero,
    grade_of,
    level_of,
    limited,
    stage_of,
)

_ONE: Final = Measured(units=MICRO, positions=())


def evaluate(
    compiled: CompiledMatrix, facts: Facts, as_of: date, *, model: str | None = None, version: int | None = None
) -> Card:
    """The card of these facts on this day, a day of the model's time zone. It never fails on facts that were read.

    `model` and `version` only name the stored document on the card. The ledger with its evidence is written when it is
    first looked at.
    """
    applies = True if compiled.applies_to is None else compiled.applies_to(facts.values, as_of)
    return Card(
        model=model,
        version=version,
        checksum=compiled.checksum,
        as_of=as_of,
        applies="met" if applies else "unknown" if applies is None else "not_met",
        score=weigh(measure(compiled, facts, as_of)) if applies else None,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Measurement:
    """What each criterion found, in document order."""

    compiled: CompiledMatrix
    values: Mapping[str, Value]
    window: Window
    truths: list[Truth]
    measured: list[Measured]


def measure(compiled: CompiledMatrix, facts: Facts, as_of: date) -> Measurement:
    """The first step, facts to units: conditions, counts and decay, not points."""
    window = Window(facts.timeline(compiled.zone), as_of, len(compiled.selections))
    values, selected, selections = facts.values, window.selected, compiled.selections
    answers = [condition(values, as_of) for condition in compiled.conditions]
    truths: list[Truth] = []
    measured: list[Measured] = []
    for criterion in compiled.criteria:
        truth = True if criterion.if_ == NONE else answers[criterion.if_]
        truths.append(truth)
        if not truth:
            measured.append(NOTHING)
        elif criterion.measure is None:
            measured.append(_ONE)
        else:
            matches = selected[criterion.selection]
            if matches is None:
                matches = selected[criterion.selection] = selections[criterion.selection](window)
            measured.append(criterion.measure(window, matches) if matches else NOTHING)
    return Measurement(compiled=compiled, values=values, window=window, truths=truths, measured=measured)


def weigh(measurement: Measurement) -> Score:
    """The second step, units to score: points, limits, weights, bands and stages."""
    compiled = measurement.compiled
    matrix = compiled.matrix
    given: list[int] = []
    slot_given: list[list[int]] = [[] for _ in compiled.slots]
    disqualified_by: list[str] = []
    fast_tracked_by: list[str] = []
    for criterion, found in zip(compiled.criteria, measurement.measured, strict=True):
        units = found.units
        points = 0
        if units and criterion.enabled:
            points = contribution(criterion.points, units, criterion.max_points)
            slot_given[criterion.slot].append(points)
            if criterion.disqualify:
                disqualified_by.append(criterion.key)
            if criterion.fast_track:
                fast_tracked_by.append(criterion.key)
        given.append(points)

    limit_lines: list[LimitLine] = []
    slot_points = []
    for slot, contributions in zip(compiled.slots, slot_given, strict=True):
        points = _slot_points(slot, contributions)
        slot_points.append(points)
        if slot.name is not None and (changed := points - sum(contributions)):
            limit_lines.append(LimitLine(limit="group", name=slot.name, dimension=slot.dimension, contribution=changed))
    dimensions: dict[DimensionName, int] = {}
    weight_lines: list[LimitLine] = []
    total = 0
    for name, slots in zip(DIMENSIONS, compiled.slots_of, strict=True):
        rule = matrix.dimensions[name]
        summed = sum(slot_points[index] for index in slots)
        points = dimensions[name] = limited(summed, rule.floor, rule.ceiling)
        if points != summed:
            limit_lines.append(LimitLine(limit="dimension", name=name, dimension=name, contribution=points - summed))
        weighted = points if rule.weight == 100 else rounded(rule.weight * points, 100)
        if weighted != points:
            weight_lines.append(LimitLine(limit="weight", name=name, dimension=name, contribution=weighted - points))
        total += weighted

    grade = grade_of(dimensions["fit"], matrix.grades)
    level = level_of(dimensions["behavior"], matrix.levels)
    stage, decided_by = stage_of(
        matrix,
        total=total,
        grade=grade,
        level=level,
        is_fast_tracked=bool(fast_tracked_by),
        is_disqualified=bool(disqualified_by),
    )
    return Score(
        total=total,
        dimensions=dimensions,
        grade=grade,
        level=level,
        stage=stage,
        decided_by=decided_by,
        disqualified_by=tuple(disqualified_by),
        fast_tracked_by=tuple(fast_tracked_by),
        write_ledger=partial(_ledger, measurement, given, (*limit_lines, *weight_lines)),
    )


def _slot_points(slot: GroupSlot, contributions: list[int]) -> int:
    limits = slot.limits
    if limits is None or not contributions:
        return sum(contributions)
    points = furthest_from_zero(contributions) if limits.take_highest else sum(contributions)
    return limited(points, limits.floor, limits.ceiling)


def _ledger(measurement: Measurement, given: list[int], limits: tuple[LimitLine, ...]) -> tuple[LedgerLine, ...]:
    lines: list[LedgerLine] = [
        CriterionLine(
            criterion=criterion.key,
            dimension=criterion.dimension,
            group=criterion.group,
            points=criterion.points,
            units=measured.units,
            contribution=points,
            outcome=_outcome(criterion, truth, measured),
            evidence=_evidence(criterion, measured, measurement),
        )
        for criterion, truth, measured, points in zip(
            measurement.compiled.criteria, measurement.truths, measurement.measured, given, strict=True
        )
    ]
    return (*lines, *limits)


def _outcome(criterion: CompiledCriterion, truth: Truth, measured: Measured) -> Outcome:
    if not criterion.enabled:
        return "disabled"
    if truth is None:
        return "unknown"
    return "met" if measured.units > 0 else "not_met"


def _evidence(criterion: CompiledCriterion, measured: Measured, measurement: Measurement) -> Evidence:
    activities, ages = measurement.window.activities, measurement.window.ages
    fields = {name: measurement.values.get(name) for name in criterion.fields}
    if measured.by_age_alone:
        rested_on = tuple(ActivityEvidence(id=activities[at].id, age=ages[at]) for at in measured.positions)
        return Evidence(activities=rested_on, fields=fields)
    shares, repeats = criterion.shares, criterion.repeats
    kept = tuple(
        ActivityEvidence(id=activities[at].id, age=ages[at], share=shares.at(ages[at]), repeat=repeats.at(before))
        for before, at in enumerate(measured.positions)
    )
    return Evidence(activities=kept, fields=fields)
