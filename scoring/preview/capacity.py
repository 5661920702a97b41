"""How many we can work: for each threshold at which leads could be handed off, how many newly reach it a week."""

from collections import OrderedDict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from crm.queries import engine_kinds
from scoring.engine.matrix import Matrix
from scoring.engine.parse import MOST_LIMIT
from scoring.models import ScoringModel
from scoring.preview.answer import Preview
from scoring.preview.plan import Plan, plan_of
from scoring.preview.population import Population
from scoring.preview.previewing import Held, held_against, measure
from scoring.preview.standing import FIRST_STAGE_PLACE, SPOT_WIDE, Figures, spots_of

WEEKS: Final = 4
DAYS: Final = 7 * WEEKS
# In place of a total: handed off whatever the threshold, and whatever it is not.
_ALWAYS: Final = 2**62
_NEVER: Final = -(2**62)
_KEPT: Final = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class Reached:
    """What a threshold means. `arriving` are the leads at or above it today that were not 28 days ago by the same draft;
    a quarter of them is what comes a week. `above` stand there now."""

    at: int
    arriving: int
    above: int

    @property
    def a_week(self) -> int:
        """Whole leads, half of one and more rounded up."""
        return (2 * self.arriving + WEEKS) // (2 * WEEKS)


@dataclass(frozen=True, kw_only=True, slots=True)
class Reaching:
    """For the highest thresholds that leads reach, rising: how many reach it or a higher one."""

    values: NDArray[np.int64]
    leads: NDArray[np.int64]

    @classmethod
    def of(cls, thresholds: Iterable[NDArray[np.int64]]) -> Self:
        values, counts = np.unique(np.concatenate([np.zeros(0, np.int64), *thresholds]), return_counts=True)
        # And nobody above the highest.
        return cls(values=values, leads=np.concatenate([np.cumsum(counts[::-1])[::-1], np.zeros(1, np.int64)]))

    def at(self, thresholds: NDArray[np.int64]) -> NDArray[np.int64]:
        found: NDArray[np.int64] = self.leads[np.searchsorted(self.values, thresholds)]
        return found


@dataclass(frozen=True, kw_only=True, slots=True)
class Capacity:
    """The thresholds that the hand-off stage of a draft may have, between those of its neighbours, and what they mean.

    `now` are the leads of today, `both` those that reach it on both days. `at` is None for a stage without a threshold.
    """

    stage: str
    at: int | None
    lowest: int
    highest: int
    now: Reaching
    both: Reaching

    def reached(self, at: int) -> Reached:
        above, stayed = (int(each.at(np.array([at]))[0]) for each in (self.now, self.both))
        return Reached(at=at, arriving=above - stayed, above=above)

    def answer(self, a_week: int) -> Reached | None:
        """The lowest threshold from which on up at most so many arrive a week; None where even the highest has more.

        Not the lowest of all with so few: far below where most leads stand nobody arrives, because everybody is there.
        """
        if self.at is None:
            return None
        # Just above what some lead reaches is where it no longer counts: between two of these nothing changes.
        places = np.concatenate([[self.lowest], self.now.values + 1, self.both.values + 1])
        places = np.unique(places[(places >= self.lowest) & (places <= self.highest)])
        too_many = np.flatnonzero(self.now.at(places) - self.both.at(places) > a_week * WEEKS)
        first = int(too_many[-1]) + 1 if len(too_many) else 0
        return self.reached(int(places[first])) if first < len(places) else None

    def curve(self, most: int) -> list[Reached]:
        """Thresholds evenly from the lowest that some lead misses to the highest that one reaches, for a picture."""
        values = self.now.values
        totals = values[(values > _NEVER) & (values < _ALWAYS)]
        if self.at is None or not len(totals):
            return []
        low, high = max(self.lowest, int(totals[0])), min(self.highest, int(totals[-1]) + 1)
        step = max(1, -(-(high - low + 1) // most))
        return [self.reached(at) for at in range(low, high + 1, step)]


_answers: OrderedDict[Hashable, Capacity] = OrderedDict()


def capacity(*, model: ScoringModel, document: object) -> tuple[Preview, Capacity | None]:
    """What each threshold means under a draft; None until both days are measured.

    Facts are those of today on both days: of 28 days ago only what was done by then is counted. Gates, fast tracks and
    disqualifiers are as they are. Raises InvalidError with every problem of the document.
    """
    return held_against(model=model, document=document, answer=_kept)


def _kept(held: Held) -> Capacity | None:
    found = _answers.get(held.key)
    if found is None:
        found = _capacity(held)
        if found is not None:
            _answers[held.key] = found
            while len(_answers) > _KEPT:
                _answers.popitem(last=False)
    return found


def _capacity(held: Held) -> Capacity | None:
    plan, population, kinds = held.after, held.population, engine_kinds()
    matrix = plan.compiled.matrix
    index = matrix.hand_off_stage_index
    then = plan_of(plan.compiled, plan.as_of - timedelta(days=DAYS), kinds)
    is_movable = matrix.stages[index].at is not None
    if is_movable and measure(population, (then,), kinds, is_waiting=False):
        return None
    now, both = _reach(population, plan, then) if is_movable else ([], [])
    return Capacity(
        stage=matrix.stages[index].key,
        at=matrix.stages[index].at,
        lowest=max((each.at + 1 for each in matrix.stages[:index] if each.at is not None), default=-MOST_LIMIT),
        highest=min((each.at - 1 for each in matrix.stages[index + 1 :] if each.at is not None), default=MOST_LIMIT),
        now=Reaching.of(now),
        both=Reaching.of(both),
    )


def _reach(population: Population, plan: Plan, then: Plan) -> tuple[list[NDArray[np.int64]], list[NDArray[np.int64]]]:
    """By group, for each lead the highest threshold it reaches today, and the highest on both days."""
    now, both = [], []
    for group, absent in population.groups:
        here = np.delete(_thresholds(plan, group.segment(plan.as_of).standing(plan).figures), absent)
        before = np.delete(_thresholds(then, group.segment_passing(then.as_of).standing(then).figures), absent)
        now.append(here)
        both.append(np.minimum(here, before))
    return now, both


def _thresholds(plan: Plan, figures: Figures) -> NDArray[np.int64]:
    """By position: the highest threshold of the hand-off stage at which a lead is handed off."""
    always, ever = (_is_handed_off(_moved_to(plan.compiled.matrix, at), figures) for at in (_ALWAYS, _NEVER))
    by_code = np.full(figures.size, _NEVER, np.int64)
    by_code[figures.codes] = np.where(always, _ALWAYS, np.where(ever, figures.totals, _NEVER))
    found: NDArray[np.int64] = by_code[figures.code]
    return found


def _moved_to(matrix: Matrix, at: int) -> Matrix:
    index = matrix.hand_off_stage_index
    stages = [replace(stage, at=at) if number == index else stage for number, stage in enumerate(matrix.stages)]
    return replace(matrix, stages=tuple(stages))


def _is_handed_off(matrix: Matrix, figures: Figures) -> NDArray[np.bool_]:
    """By key."""
    lowest = (FIRST_STAGE_PLACE + matrix.hand_off_stage_index) * SPOT_WIDE
    found: NDArray[np.bool_] = spots_of(matrix, figures) >= lowest
    return found
