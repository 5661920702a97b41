"""Which activities a criterion counts, and how many units they are worth.

Positions are indexes into the activities of one evaluation, newest first. A selection finds the matches (kinds,
`where`, `after`, `unique_by`); a measure turns them into units in micro-units, together with what it rests on.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import TypeAlias

from scoring.engine.conditions import compile_condition, leaf_test
from scoring.engine.decay import Table, repeat_table, share_table
from scoring.engine.facts import Timeline
from scoring.engine.json_text import number_text
from scoring.engine.matrix import ALWAYS, After, Count, Decay, Leaf, Pattern, Reached, Rising, Silent, When
from scoring.engine.text import is_blank, json_number, normalise_text, read_number
from scoring.engine.types import MICRO, Value

Positions: TypeAlias = Sequence[int]


class Window:
    """One evaluation's view of a timeline: nothing after the as-of day, with the age of each activity in days."""

    __slots__ = ("activities", "ages", "as_of", "by_kind", "selected")

    def __init__(self, timeline: Timeline, as_of: date, selections: int) -> None:
        today = as_of.toordinal()
        known = timeline.until(today)
        self.as_of = as_of
        self.activities = known.activities
        self.by_kind = known.by_kind
        self.ages = [today - day for day in known.days]
        #: What each selection of the matrix found, where it was asked already.
        self.selected: list[Positions | None] = [None] * selections


Selection: TypeAlias = Callable[[Window], Positions]


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """`positions` are the matches the units rest on; with `by_age_alone` they have no share and repeat of their own."""

    units: int
    positions: Positions
    by_age_alone: bool = False


Measure: TypeAlias = Callable[[Window, Positions], Measured]

NOTHING = Measured(units=0, positions=())
NOTHING_BY_AGE = Measured(units=0, positions=(), by_age_alone=True)


def compile_selection(when: When) -> Selection:
    """The matches of a pattern, newest first: `after` narrows them, then `unique_by`."""
    select = _pattern(when.pattern)
    if when.after is not None:
        select = _only_after(select, when.after)
    if when.unique_by is not None:
        select = _unique_by_subject(select)
    return select


def _pattern(pattern: Pattern) -> Selection:
    of_kinds = _of_kinds(pattern.kinds)
    if pattern.where == ALWAYS:
        return of_kinds
    if isinstance(pattern.where, Leaf):
        return _where_leaf(of_kinds, pattern.where)
    where = compile_condition(pattern.where)

    def select(window: Window) -> Positions:
        activities, as_of = window.activities, window.as_of
        return [index for index in of_kinds(window) if where(activities[index].values, as_of) is True]

    return select


def _where_leaf(of_kinds: Selection, leaf: Leaf) -> Selection:
    """The commonest condition, one leaf, without the calls a tree of conditions needs for each activity."""
    field, test = leaf.field, leaf_test(leaf)

    def select(window: Window) -> Positions:
        activities, as_of = window.activities, window.as_of
        return [index for index in of_kinds(window) if test(activities[index].values.get(field), as_of)]

    return select


def _of_kinds(kinds: tuple[str, ...]) -> Selection:
    if not kinds:
        return lambda window: range(len(window.activities))
    if len(kinds) == 1:
        (only,) = kinds
        return lambda window: window.by_kind.get(only, ())
    distinct = frozenset(kinds)

    def select(window: Window) -> Positions:
        found = [positions for kind in distinct if (positions := window.by_kind.get(kind))]
        return (
            sorted(index for positions in found for index in positions) if len(found) > 1 else found[0] if found else ()
        )

    return select


def _only_after(select: Selection, after: After) -> Selection:
    """Matches with an earlier activity of the other pattern close enough: of those the newest is the closest."""
    select_earlier = _pattern(after.pattern)

    def narrowed(window: Window) -> Positions:
        matches = select(window)
        earlier = select_earlier(window) if matches else ()
        activities, ages = window.activities, window.ages
        kept = []
        newest = 0
        for index in matches:
            moment = activities[index].occurred_at
            while newest < len(earlier) and activities[earlier[newest]].occurred_at >= moment:
                newest += 1
            if newest == len(earlier):
                break
            if ages[earlier[newest]] - ages[index] <= after.within_days:
                kept.append(index)
        return kept

    return narrowed


def _unique_by_subject(select: Selection) -> Selection:
    def narrowed(window: Window) -> Positions:
        seen: set[str] = set()
        kept = []
        for index in select(window):
            subject = subject_text(window.activities[index].values.get("activity.subject"))
            if subject is None:
                kept.append(index)
            elif subject not in seen:
                seen.add(subject)
                kept.append(index)
        return kept

    return narrowed


def subject_text(subject: Value) -> str | None:
    """What two activities with the same subject share; None for one that stands alone."""
    if isinstance(subject, str):
        return None if is_blank(subject) else normalise_text(subject)
    number = json_number(subject)
    return None if number is None else number_text(number)


def compile_measure(when: When, count: Count, decay: Decay) -> Measure:
    shares, repeats = share_table(decay), repeat_table(count.repeat_percent)
    match when.measure:
        case None:
            return _counted(count, shares, repeats)
        case Reached():
            return _reached(when.measure, shares)
        case Rising():
            return _rising(when.measure, shares)
        case Silent():
            return _silent(when.measure, count, shares, repeats)


def unit(share: int, repeat: int) -> int:
    """What one kept match is worth, in micro-units."""
    return share * repeat // MICRO


def _counted(count: Count, shares: Table, repeats: Table) -> Measure:
    most, most_per_day = count.max, count.max_per_day
    entries, beyond = shares.entries, shares.beyond
    never_fades = not entries and beyond == MICRO
    repeats_fully = not repeats.entries
    horizon = len(entries)

    def measure(window: Window, matches: Positions) -> Measured:
        kept = matches if most_per_day is None else _newest_of_each_day(matches, window.ages, most_per_day)
        if most is not None and len(kept) > most:
            kept = kept[:most]
        if not kept:
            return NOTHING
        if repeats_fully and never_fades:
            return Measured(units=len(kept) * MICRO, positions=kept)
        ages = window.ages
        kept_shares = [entries[age] if (age := ages[index]) < horizon else beyond for index in kept]
        if repeats_fully:
            return Measured(units=sum(kept_shares), positions=kept)
        return Measured(
            units=sum(unit(share, repeats.at(before)) for before, share in enumerate(kept_shares)), positions=kept
        )

    return measure


def _newest_of_each_day(matches: Positions, ages: Sequence[int], most: int) -> Positions:
    counts: dict[int, int] = {}
    kept = []
    for index in matches:
        age = ages[index]
        before = counts.get(age, 0)
        if before < most:
            counts[age] = before + 1
            kept.append(index)
    return kept


# The one unit of `reached` and of `rising` is the first and only one, so no count limits it and its repeat factor is 1.
def _reached(reached: Reached, shares: Table) -> Measure:
    def measure(window: Window, matches: Positions) -> Measured:
        ages = window.ages
        recent = [index for index in matches if ages[index] < reached.within_days]
        if len(recent) < reached.at_least:
            return NOTHING_BY_AGE
        return Measured(units=shares.at(ages[recent[0]]), positions=recent, by_age_alone=True)

    return measure


def _rising(rising: Rising, shares: Table) -> Measure:
    days, per_hundred = rising.days, 100 + rising.by_percent

    def measure(window: Window, matches: Positions) -> Measured:
        ages = window.ages
        both = [index for index in matches if ages[index] < 2 * days]
        values: dict[int, Fraction] = {}
        if rising.of is not None:
            values = _values(window, both)
            both = [index for index in both if index in values]
        recent = [index for index in both if ages[index] < days]
        if len(recent) < rising.at_least:
            return NOTHING_BY_AGE
        before = [index for index in both if ages[index] >= days]
        if rising.of is None:
            holds = 100 * len(recent) >= per_hundred * len(before)
        else:
            # Means held against each other without a division; a mean of zero before lets the left side win.
            sum_recent = sum((values[index] for index in recent), Fraction())
            sum_before = sum((values[index] for index in before), Fraction())
            holds = 100 * sum_recent * len(before) >= per_hundred * sum_before * len(recent)
        if not holds:
            return NOTHING_BY_AGE
        return Measured(units=shares.at(0), positions=both, by_age_alone=True)

    return measure


def _values(window: Window, positions: Positions) -> dict[int, Fraction]:
    """The values that read as a number and are not negative, by position."""
    found = {}
    for index in positions:
        value = read_number(window.activities[index].values.get("activity.value"))
        if value is not None and value >= 0:
            found[index] = Fraction(value)
    return found


def _silent(silent: Silent, count: Count, shares: Table, repeats: Table) -> Measure:
    share = shares.at(0)
    most = min((limit for limit in (count.max, count.max_per_day) if limit is not None), default=None)

    def measure(window: Window, matches: Positions) -> Measured:
        ages = window.ages
        if not matches or min(ages[index] for index in matches) < silent.days:
            return NOTHING_BY_AGE
        amount = 1
        if silent.per_days is not None:
            amount += (ages[matches[0]] - silent.days) // silent.per_days
        if most is not None:
            amount = min(amount, most)
        # Far units of a falling repeat are worth nothing; without one all are worth the same.
        units = sum(unit(share, each) for each in repeats.entries[:amount])
        units += unit(share, repeats.beyond) * max(0, amount - len(repeats.entries))
        return Measured(units=units, positions=matches, by_age_alone=True)

    return measure
