"""Matches to units: what `count` keeps of them, how they fade, and what `reached`, `rising` and `silent_days` make of them.

Units are micro-units in int64. One match is worth at most 1,000,000 and positions are int32, so that no lead's sum
passes 2**31 × 10**6, far below 2**63; `silent_days` gives at most one unit a day of the calendar.
"""

from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray

from scoring.bulk.columns import Column, Positions
from scoring.bulk.dictionary import Dictionary
from scoring.bulk.matching import Matches
from scoring.bulk.runs import Rows, ranks, run_lengths, run_starts
from scoring.bulk.units import NO_UNITS, Units
from scoring.engine.decay import Table
from scoring.engine.matrix import Count, Reached, Rising, Silent
from scoring.engine.patterns import unit
from scoring.engine.text import read_number
from scoring.engine.types import MICRO, Value


def counted(matches: Matches, count: Count, shares: Table, repeats: Table) -> Units:
    """Every kept match is worth its share times its repeat factor."""
    if count.max_per_day is not None:
        matches = _newest_of_each_day(matches, count.max_per_day)
    if count.max is not None:
        matches = matches.where(_ranks_in_lead(matches) < count.max)
    if len(matches) == 0:
        return NO_UNITS
    starts = run_starts(matches.lead)
    fades, repeats_less = bool(shares.entries) or shares.beyond != MICRO, bool(repeats.entries)
    if not (fades or repeats_less):
        return Units(leads=matches.lead.take(starts), units=run_lengths(starts, len(matches)) * MICRO)
    units = _looked_up(shares, matches.ages)
    if repeats_less:
        units = units * _looked_up(repeats, ranks(starts, len(matches))) // MICRO
    return _above_zero(matches.lead.take(starts), np.add.reduceat(units, starts))


def reached(matches: Matches, rule: Reached, shares: Table) -> Units:
    recent = matches.where(matches.ages < rule.within_days)
    starts = run_starts(recent.lead)
    starts = starts[run_lengths(starts, len(recent)) >= rule.at_least]
    return _above_zero(recent.lead.take(starts), _looked_up(shares, recent.ages.take(starts)))


def silent(matches: Matches, rule: Silent, count: Count, shares: Table, repeats: Table) -> Units:
    if len(matches) == 0:
        return NO_UNITS
    starts = run_starts(matches.lead)
    # Where clocks were put back over midnight the newest match need not be the one of the latest day.
    starts = starts[np.minimum.reduceat(matches.ages, starts) >= rule.days]
    amount = np.ones(len(starts), np.int64)
    if rule.per_days is not None:
        amount += (matches.ages.take(starts) - rule.days) // rule.per_days
    most = min((limit for limit in (count.max, count.max_per_day) if limit is not None), default=None)
    if most is not None:
        amount = np.minimum(amount, most)
    share = shares.at(0)
    first = np.cumsum([0, *(unit(share, each) for each in repeats.entries)], dtype=np.int64)
    units = first[np.minimum(amount, len(repeats.entries))]
    units += unit(share, repeats.beyond) * np.maximum(0, amount - len(repeats.entries))
    return _above_zero(matches.lead.take(starts), units)


def rising(matches: Matches, rule: Rising, shares: Table, value: Column) -> Units:
    """`value` holds the numbers of all activities, of which `of: value` compares means."""
    share = shares.at(0)
    both = matches.where(matches.ages < 2 * rule.days)
    numbers = None
    if rule.of is not None:
        numbers = _numbers(value.dictionary).take(value.codes.take(both.rows))
        counts = numbers != _NOT_COUNTED
        both, numbers = both.where(counts), numbers.take(np.flatnonzero(counts))
    if len(both) == 0 or share == 0:
        return NO_UNITS
    starts = run_starts(both.lead)
    is_recent = both.ages < rule.days
    recent = np.add.reduceat(is_recent, starts, dtype=np.int64)
    before = run_lengths(starts, len(both)) - recent
    holds = recent >= rule.at_least
    if numbers is None:
        # At most 100 × 2**31 on the left and 10,100 × 2**31 on the right.
        holds &= 100 * recent >= (100 + rule.by_percent) * before
    else:
        holds &= _means_rise(both, numbers, starts, is_recent, rule, value)
    leads = both.lead[starts[holds]]
    return Units(leads=leads, units=np.full(len(leads), share, np.int64))


#: A value that does not read as a number, or as a negative one; and a number that is no int64 at the scale of the others.
_NOT_COUNTED: Final = -1
_TOO_FINE: Final = -2
#: Scaled numbers below the one, in leads of fewer matches than the other: a sum stays below 2**62.
_MOST_SCALED: Final = 2**42
_MOST_MATCHES: Final = 2**20
_MOST_DIGITS: Final = 6
_MOST: Final = 2**63 - 1


def _numbers(dictionary: Dictionary) -> NDArray[np.int64]:
    """Each value as a whole number of the finest decimal unit that up to six digits of all of them ask for, by code."""

    def make() -> NDArray[np.int64]:
        read = [_counted_number(each) for each in dictionary]
        digits = max((_digits(each) for each in read if each is not None), default=0)
        return np.fromiter((_scaled(each, digits) for each in read), np.int64, len(read))

    return dictionary.kept(("numbers",), make)


def _counted_number(value: Value) -> Fraction | None:
    number = read_number(value)
    return None if number is None or number < 0 else Fraction(number)


def _digits(number: Fraction) -> int:
    """Digits after the point; 0 for a number that has more of them than any scale goes to."""
    return next((digits for digits in range(_MOST_DIGITS + 1) if 10**digits % number.denominator == 0), 0)


def _scaled(number: Fraction | None, digits: int) -> int:
    if number is None:
        return _NOT_COUNTED
    exact = number * 10**digits
    return int(exact) if exact.denominator == 1 and exact < _MOST_SCALED else _TOO_FINE


def _means_rise(
    both: Matches, numbers: NDArray[np.int64], starts: Rows, is_recent: NDArray[np.bool_], rule: Rising, value: Column
) -> NDArray[np.bool_]:
    """100 × mean of the recent ≥ (100 + by_percent) × mean before, by lead, without a division.

    In int64 wherever every product fits; the leads of which one does not are decided one by one by whole fractions.
    """
    per_hundred = 100 + rule.by_percent
    lengths = run_lengths(starts, len(both))
    recent = np.add.reduceat(is_recent, starts, dtype=np.int64)
    before = lengths - recent
    fits = (np.minimum.reduceat(numbers, starts) >= 0) & (lengths < _MOST_MATCHES)
    sum_recent = np.add.reduceat(np.where(is_recent, numbers, 0), starts)
    sum_before = np.add.reduceat(np.where(is_recent, 0, numbers), starts)
    fits &= (sum_recent <= _MOST // (100 * np.maximum(before, 1))) & (
        sum_before <= _MOST // (per_hundred * np.maximum(recent, 1))
    )
    # What does not fit may wrap round here; it is decided again below.
    holds = 100 * sum_recent * before >= per_hundred * sum_before * recent
    for lead in np.flatnonzero(~fits).tolist():
        own = slice(int(starts[lead]), int(starts[lead] + lengths[lead]))
        holds[lead] = _mean_rises(both.rows[own], is_recent[own], per_hundred, value)
    return holds


def _mean_rises(rows: Rows, is_recent: NDArray[np.bool_], per_hundred: int, value: Column) -> bool:
    sums, counts = [Fraction(), Fraction()], [0, 0]
    for row, side in zip(rows.tolist(), is_recent.tolist(), strict=True):
        number = read_number(value.dictionary.value(int(value.codes[row])))
        if number is not None:
            sums[side] += Fraction(number)
            counts[side] += 1
    (sum_before, sum_recent), (before, recent) = sums, counts
    return 100 * sum_recent * before >= per_hundred * sum_before * recent


def _newest_of_each_day(matches: Matches, most: int) -> Matches:
    lead, ages = matches.lead, matches.ages
    falls = (ages[1:] < ages[:-1]) & (lead[1:] == lead[:-1])
    if falls.any():
        # Clocks were put back over midnight: a day may come twice down the list, and is one all the same.
        order = np.lexsort((ages, lead))
        starts = run_starts(lead[order], ages[order])
        keep = np.empty(len(matches), bool)
        keep[order] = ranks(starts, len(matches)) < most
    else:
        keep = ranks(run_starts(lead, ages), len(matches)) < most
    return matches.where(keep)


def _ranks_in_lead(matches: Matches) -> Rows:
    return ranks(run_starts(matches.lead), len(matches))


def _looked_up(table: Table, indexes: NDArray[np.int32] | NDArray[np.int64]) -> NDArray[np.int64]:
    """The entry of each index, micro-units."""
    entries = np.array([*table.entries, table.beyond], np.int64)
    return entries.take(np.minimum(indexes, len(table.entries)))


def _above_zero(leads: Positions, units: NDArray[np.int64]) -> Units:
    keep = units > 0
    if keep.all():
        return Units(leads=leads, units=units)
    kept = np.flatnonzero(keep)
    return Units(leads=leads.take(kept), units=units.take(kept))
