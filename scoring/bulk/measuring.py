"""The first step over a population, facts to units: what each criterion finds, to the micro-unit what the engine finds."""

from collections import Counter
from datetime import date

import numpy as np
from numpy.typing import NDArray

from scoring.bulk.columns import Column, Columns
from scoring.bulk.counting import counted, reached, rising, silent
from scoring.bulk.matching import Matches, Matching
from scoring.bulk.naming import CREATED_DAYS
from scoring.bulk.truths import YES, Ranked, answers_of_rows, judge
from scoring.bulk.units import Units
from scoring.engine.compiled import NONE, CompiledMatrix
from scoring.engine.matrix import ALWAYS, Condition, Criterion, Leaf, Reached, Rising, Silent, When
from scoring.engine.types import MICRO

_MOST_ROWS = 2**31 - 1


class Measuring:
    """One slice of a population under measurement on one day; keeps what its criteria share.

    `kinds` are those handed to the engine: an activity of another does not exist.
    """

    def __init__(self, compiled: CompiledMatrix, columns: Columns, as_of: date, kinds: frozenset[str]) -> None:
        if len(columns.activities) > _MOST_ROWS or len(columns) > _MOST_ROWS:
            raise OverflowError("This is more than 2,147,483,647 rows at once. Measure the population in slices.")
        self._compiled = compiled
        self._columns = columns
        self._as_of = as_of
        self._kinds = kinds
        self._matching: Matching | None = None
        self._truths: dict[int, NDArray[np.bool_]] = {}
        self._matches: dict[int, Matches] = {}
        #: How many criteria have yet to ask for a selection; after the last its matches are let go.
        self._waiting = Counter(each.selection for each in compiled.criteria)

    def units(self, index: int) -> Units:
        """Of the criterion of this number; its `if` applied, `enabled` and points not looked at."""
        own, criterion = self._compiled.criteria[index], self._compiled.matrix.criteria[index]
        met = None if own.if_ == NONE else self._met(own.if_, criterion.if_)
        if criterion.when is None:
            return _one_each(np.arange(len(self._columns)) if met is None else np.flatnonzero(met))
        units = self._of_activities(index, criterion, criterion.when)
        if met is None:
            return units
        keep = np.flatnonzero(met.take(units.leads))
        return Units(leads=units.leads.take(keep), units=units.units.take(keep))

    def applies(self) -> Units | None:
        """One unit for each lead the model applies to; None where it applies to all."""
        condition = self._compiled.matrix.applies_to
        return None if condition == ALWAYS else _one_each(np.flatnonzero(self._judged(condition)))

    def _of_activities(self, index: int, criterion: Criterion, when: When) -> Units:
        own = self._compiled.criteria[index]
        matches = self._found(own.selection, when)
        match when.measure:
            case None:
                return counted(matches, criterion.count, own.shares, own.repeats)
            case Reached() as rule:
                return reached(matches, rule, own.shares)
            case Rising() as rule:
                return rising(matches, rule, own.shares, self._columns.activities.value)
            case Silent() as rule:
                return silent(matches, rule, criterion.count, own.shares, own.repeats)

    def _found(self, selection: int, when: When) -> Matches:
        found = self._matches.pop(selection, None)
        if found is None:
            if self._matching is None:
                self._matching = Matching(self._columns.activities, self._compiled.zone, self._as_of, self._kinds)
            found = self._matching.matches(when)
        self._waiting[selection] -= 1
        if self._waiting[selection] > 0:
            self._matches[selection] = found
        return found

    def _met(self, number: int, condition: Condition) -> NDArray[np.bool_]:
        found = self._truths.get(number)
        if found is None:
            found = self._truths[number] = self._judged(condition)
        return found

    def _judged(self, condition: Condition) -> NDArray[np.bool_]:
        met: NDArray[np.bool_] = judge(condition, self._answers, len(self._columns)) == YES
        return met

    def _answers(self, leaf: Leaf) -> Ranked:
        return answers_of_rows(self._column(leaf.field), leaf, self._as_of)

    def _column(self, field: str) -> Column:
        if field == CREATED_DAYS:
            return self._columns.created_days(self._compiled.zone, self._as_of)
        return self._columns.field(field)


def measure(compiled: CompiledMatrix, index: int, columns: Columns, as_of: date, kinds: frozenset[str]) -> Units:
    """What the criterion of this number gives each lead; see `Measuring`, which is for more criteria than one."""
    return Measuring(compiled, columns, as_of, kinds).units(index)


def applies(compiled: CompiledMatrix, columns: Columns, as_of: date) -> Units | None:
    """One unit for each lead the model applies to; None where it applies to all."""
    return Measuring(compiled, columns, as_of, frozenset()).applies()


def _one_each(leads: NDArray[np.int64]) -> Units:
    return Units(leads=leads.astype(np.int32), units=np.full(len(leads), MICRO, np.int64))
