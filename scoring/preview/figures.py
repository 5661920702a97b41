"""From comparisons of the segments of a population to the one answer."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from scoring.preview.answer import CriterionMoves, Distribution, Figures, Load, Pair, StageMoves, Table
from scoring.preview.comparing import RATINGS, Comparison, compare, flows_joined, place_keys
from scoring.preview.plan import Part, Plan
from scoring.preview.population import Group, Population
from scoring.preview.standing import UNSCORED
from scoring.preview.sums import Worth

# Bins of a distribution, at the most.
_BINS: Final = 60
#: (what a criterion is worth or None where the version has it not, whether it is enabled)
_Judged = tuple[Part, bool] | None


def figures_of(population: Population, before: Plan, after: Plan, *, names: int | None) -> Figures:
    """`before` is weighed like any draft. Raises OverflowError as weighing does, and UnitsLostError."""
    comparisons = [
        compare(
            group.segment(before.as_of).standing(before),
            group.segment(after.as_of).standing(after),
            lead_ids=group.source.lead_ids,
            absent=absent,
            names=names,
        )
        for group, absent in population.groups
    ]
    places = np.sum([each.places for each in comparisons], axis=0)
    ratings = np.sum([each.ratings for each in comparisons], axis=0)
    # Those who are not spoken for were counted as without a score on both sides.
    gone = sum(len(absent) for _, absent in population.groups)
    places[UNSCORED, UNSCORED] -= gone
    ratings[UNSCORED, UNSCORED] -= gone
    keys = place_keys(before.compiled.matrix), place_keys(after.compiled.matrix)
    return Figures(
        scored=Pair(before=int(places[1:].sum()), after=int(places[:, 1:].sum())),
        qualified=_qualified(comparisons, before, after, names),
        stages=_stages(comparisons, places, before, after, names),
        stage_table=_table(keys[0], keys[1], places),
        rating_table=_table(RATINGS, RATINGS, ratings),
        distribution=_distribution([each.tallies for each in comparisons]),
        load=_load(population, comparisons),
        disqualified=_pair(each.disqualified for each in comparisons),
        fast_tracked=_pair(each.fast_tracked for each in comparisons),
        criteria=_criteria(population, before, after),
    )


def _pair(pairs: Iterable[tuple[int, int]]) -> Pair:
    before, after = zip(*pairs, strict=True)
    return Pair(before=sum(before), after=sum(after))


def _table(rows: Sequence[str | None], columns: Sequence[str | None], leads: NDArray[np.int64]) -> Table:
    return Table(rows=tuple(rows), columns=tuple(columns), leads=tuple(tuple(row) for row in leads.tolist()))


def _stages(
    comparisons: Sequence[Comparison], places: NDArray[np.int64], before: Plan, after: Plan, names: int | None
) -> tuple[StageMoves, ...]:
    """Those of the draft in its order, then those that it has no longer."""
    was = dict(zip(place_keys(before.compiled.matrix), places.sum(axis=1).tolist(), strict=True))
    becomes = dict(zip(place_keys(after.compiled.matrix), places.sum(axis=0).tolist(), strict=True))
    labels = {stage.key: stage.label for plan in (before, after) for stage in plan.compiled.matrix.stages}
    return tuple(
        StageMoves(
            key=key,
            label=labels[key],
            before=was.get(key, 0),
            after=becomes.get(key, 0),
            flow=flows_joined([each.stages[key] for each in comparisons], names),
        )
        for key in dict.fromkeys([*becomes, *was])
        if key
    )


def _qualified(comparisons: Sequence[Comparison], before: Plan, after: Plan, names: int | None) -> StageMoves:
    matrix = after.compiled.matrix
    stage = matrix.stages[matrix.hand_off_stage_index]
    return StageMoves(
        key=stage.key,
        label=stage.label,
        before=sum(int(each.loads[0].sum()) for each in comparisons),
        after=sum(int(each.loads[1].sum()) for each in comparisons),
        flow=flows_joined([each.qualified for each in comparisons], names),
    )


def _load(population: Population, comparisons: Sequence[Comparison]) -> tuple[Load, ...]:
    """Nobody first, then by owner; who has none before and after is left out."""
    counts: tuple[Counter[int | None], Counter[int | None]] = (Counter(), Counter())
    for (group, _), found in zip(population.groups, comparisons, strict=True):
        for side, codes in zip(counts, found.loads, strict=True):
            side.update({group.owner_ids[code]: int(count) for code, count in enumerate(codes.tolist()) if count})
    owners = sorted(counts[0].keys() | counts[1].keys(), key=lambda owner: (owner is not None, owner or 0))
    return tuple(Load(owner_id=owner, before=counts[0][owner], after=counts[1][owner]) for owner in owners)


def _distribution(tallies: Sequence[tuple[tuple[NDArray[np.int64], NDArray[np.int64]], ...]]) -> Distribution:
    every = [values for pair in tallies for values, counts in pair if len(values)]
    if not every:
        return Distribution(start=0, width=1, before=(), after=())
    lowest, highest = min(int(each[0]) for each in every), max(int(each[-1]) for each in every)
    width = _round_width((highest - lowest) // _BINS + 1)
    start = lowest // width * width
    bins = (highest - start) // width + 1
    sides = [np.zeros(bins, np.int64), np.zeros(bins, np.int64)]
    for pair in tallies:
        for side, (values, counts) in zip(sides, pair, strict=True):
            np.add.at(side, (values - start) // width, counts)
    return Distribution(start=start, width=width, before=tuple(sides[0].tolist()), after=tuple(sides[1].tolist()))


def _round_width(least: int) -> int:
    """1, 2 or 5 times a power of ten."""
    power = 1
    while True:
        for step in (1, 2, 5):
            if step * power >= least:
                return step * power
        power *= 10


def _criteria(population: Population, before: Plan, after: Plan) -> tuple[CriterionMoves, ...]:
    was, becomes = _judged(before), _judged(after)
    labels = {each.key: each.label for plan in (before, after) for each in plan.compiled.matrix.criteria}
    found = []
    for key in dict.fromkeys([*becomes, *was]):
        old = _worth(population, before, was.get(key))
        new = _worth(population, after, becomes.get(key))
        found.append(
            CriterionMoves(
                key=key,
                label=labels[key],
                points_before=old.points,
                points_after=new.points,
                leads_before=old.leads,
                leads_after=new.leads,
            )
        )
    return tuple(sorted(found, key=lambda each: -abs(each.points_after - each.points_before)))


def _judged(plan: Plan) -> dict[str, tuple[Part, bool]]:
    enabled = {each.key: each.enabled for each in plan.compiled.criteria}
    return {part.key: (part, enabled[part.key]) for part in plan.parts}


def _worth(population: Population, plan: Plan, judged: _Judged) -> Worth:
    if judged is None:
        return Worth(points=0, leads=0)
    part, is_enabled = judged
    points = leads = 0
    for group, absent in population.groups:
        found = _worth_in(group, plan, part, absent)
        points, leads = points + found.points, leads + found.leads
    return Worth(points=points if is_enabled else 0, leads=leads)


def _worth_in(group: Group, plan: Plan, part: Part, absent: NDArray[np.int64]) -> Worth:
    segment = group.segment(plan.as_of)
    whole = segment.worth(part, plan.applying)
    if not len(absent):
        return whole
    applies = segment.applies(plan.applying)
    gone = segment.worth_at(part, absent if applies is None else absent[applies[absent]])
    return Worth(points=whole.points - gone.points, leads=whole.leads - gone.leads)
