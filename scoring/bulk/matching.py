"""Which activities of a population the patterns of a matrix match.

Rows are indexes into the activities, rising: lead after lead, each lead's newest first, so that matches stand in the
order in which they are counted. What only the class of an activity decides is decided once a class.
"""

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from scoring.bulk.columns import Activities, Classes, Column, Positions
from scoring.bulk.dictionary import Dictionary
from scoring.bulk.runs import Rows, run_lengths, run_starts
from scoring.bulk.truths import YES, Ranked, answers_of_rows, judge, leaves_of
from scoring.engine.conditions import condition_text
from scoring.engine.json_text import write_json
from scoring.engine.matrix import ALWAYS, After, AllOf, Condition, Leaf, Pattern, When
from scoring.engine.matrix_parts import pattern_document
from scoring.engine.patterns import subject_text

#: The group of a subject that stands alone.
ALONE = -1
_PROPERTY = "activity.properties."
_MOST_PACKED = 2**63 - 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Matches:
    """The matches of one selection; each has the position of its lead and its age in days, 0 and up."""

    rows: Rows
    lead: Positions
    ages: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.rows)

    def where(self, keep: NDArray[np.bool_]) -> "Matches":
        if keep.all():
            return self
        kept = np.flatnonzero(keep)
        return Matches(rows=self.rows.take(kept), lead=self.lead.take(kept), ages=self.ages.take(kept))


class Matching:
    """Finds matches among activities, those of other kinds and those after the as-of day left out."""

    def __init__(self, activities: Activities, zone: ZoneInfo, as_of: date, kinds: frozenset[str]) -> None:
        self._activities = activities
        # Widened once for all patterns: a gather would do it each time.
        self._klass = activities.klass.astype(np.intp)
        self._days = activities.days(zone)
        self._as_of = as_of
        self._today = as_of.toordinal()
        self._kinds = kinds
        self._has_coming = bool(len(self._days)) and int(self._days.max()) > self._today

    def matches(self, when: When) -> Matches:
        """What the pattern matches, narrowed by `after`, then by `unique_by`."""
        rows = self._rows(when.pattern)
        if when.after is not None:
            rows = self._only_after(rows, when.after)
        if when.unique_by is not None:
            rows = self._newest_of_each_subject(rows)
        return Matches(rows=rows, lead=self._activities.lead.take(rows), ages=self._today - self._days.take(rows))

    def _rows(self, pattern: Pattern) -> Rows:
        of_class, of_each = _parted(pattern.where)
        wanted = self._classes(pattern.kinds, of_class)
        rows = np.arange(len(self._klass)) if wanted.all() else np.flatnonzero(wanted.take(self._klass))
        if self._has_coming:
            rows = _only(rows, self._days.take(rows) <= self._today)
        for part in of_each:
            rows = self._narrowed(rows, part)
        return rows

    def _narrowed(self, rows: Rows, condition: Condition) -> Rows:
        met = judge(condition, lambda leaf: self._answers(leaf, rows), len(rows)) == YES
        return _only(rows, met)

    def _classes(self, kinds: tuple[str, ...], conditions: tuple[Condition, ...]) -> NDArray[np.bool_]:
        """For each class whether it is of one of the kinds and meets all of these conditions, which name nothing else."""
        classes = self._activities.classes
        wanted = self._kinds.intersection(kinds) if kinds else self._kinds
        pattern = Pattern(kinds=tuple(sorted(wanted)), where=AllOf(conditions=conditions) if conditions else ALWAYS)
        # All wanted kinds are named, so that one who wants none has a key of its own.
        key = ("pattern", write_json(pattern_document(pattern), sort_keys=True))

        def make() -> NDArray[np.bool_]:
            dictionary = classes.kind.dictionary
            found = np.fromiter((each in wanted for each in dictionary), bool, len(dictionary))[classes.kind.codes]
            if conditions:
                truths = judge(pattern.where, self._answers_of_classes, len(classes))
                found &= truths == YES
            return found

        return classes.kept(key, make)

    def _answers_of_classes(self, leaf: Leaf) -> Ranked:
        return answers_of_rows(_class_columns(self._activities.classes)[leaf.field], leaf, self._as_of)

    def _answers(self, leaf: Leaf, rows: Rows) -> Ranked:
        activities = self._activities
        of_class = _class_columns(activities.classes).get(leaf.field)
        if of_class is not None:
            key = ("leaf", condition_text(leaf))
            return activities.classes.kept(key, lambda: self._answers_of_classes(leaf)).take(self._klass.take(rows))
        column = (
            activities.value
            if leaf.field == "activity.value"
            else activities.properties(leaf.field.removeprefix(_PROPERTY))
        )
        return answers_of_rows(Column(codes=column.codes.take(rows), dictionary=column.dictionary), leaf, self._as_of)

    def _only_after(self, rows: Rows, after: After) -> Rows:
        """Those with an earlier activity of the other pattern close enough: of those the newest is the closest."""
        if len(rows) == 0:
            return rows
        earlier = self._rows(after.pattern)
        if len(earlier) == 0:
            return earlier
        lead, moment, days = self._activities.lead, self._activities.moment, self._days
        # The next of the other pattern down the list, or where that happened at the same moment the next but those.
        starts = run_starts(lead.take(earlier), moment.take(earlier))
        lengths = run_lengths(starts, len(earlier))
        next_moment = np.repeat(starts + lengths, lengths)
        below = _how_many_up_to(earlier, rows)
        rows, below = _both(rows, below, below < len(earlier))
        found = earlier.take(below)
        same = (lead.take(found) == lead.take(rows)) & (moment.take(found) == moment.take(rows))
        if same.any():
            below = np.where(same, next_moment.take(below), below)
            rows, below = _both(rows, below, below < len(earlier))
            found = earlier.take(below)
        close = lead.take(found) == lead.take(rows)
        close &= days.take(rows) - days.take(found) <= after.within_days
        return _only(rows, close)

    def _newest_of_each_subject(self, rows: Rows) -> Rows:
        """The first of each lead and group of equal subjects, and all that stand alone."""
        classes = self._activities.classes
        groups = classes.kept(("groups",), lambda: _subject_groups(classes.subject.dictionary)[classes.subject.codes])
        group = groups.take(self._klass.take(rows))
        keep = group == ALONE
        grouped = np.flatnonzero(~keep)
        if len(grouped) == 0:
            return rows
        own = group.take(grouped).astype(np.int64)
        own += self._activities.lead.take(rows.take(grouped)).astype(np.int64) * (int(own.max()) + 1)
        keep[grouped.take(_first_of_each(own))] = True
        return _only(rows, keep)


def _class_columns(classes: Classes) -> dict[str, Column]:
    return {"activity.url": classes.url, "activity.subject": classes.subject, "activity.source": classes.source}


_OF_CLASS = ("activity.url", "activity.subject", "activity.source")


def _parted(where: Condition) -> tuple[tuple[Condition, ...], tuple[Condition, ...]]:
    """The parts all of which must be true: those that only name what classes hold, and the others."""
    parts = where.conditions if isinstance(where, AllOf) else () if where == ALWAYS else (where,)
    of_class = tuple(part for part in parts if all(leaf.field in _OF_CLASS for leaf in leaves_of(part)))
    return of_class, tuple(part for part in parts if part not in of_class)


def _subject_groups(dictionary: Dictionary) -> NDArray[np.int32]:
    """For each subject a number it shares with the subjects that equal it, or ALONE; made once a dictionary."""

    def make() -> NDArray[np.int32]:
        numbers: dict[str, int] = {}
        texts = (subject_text(each) for each in dictionary)
        return np.fromiter(
            (ALONE if text is None else numbers.setdefault(text, len(numbers)) for text in texts),
            np.int32,
            len(dictionary),
        )

    return dictionary.kept(("groups",), make)


def _first_of_each(keys: NDArray[np.int64]) -> Rows:
    """The indexes of the first of each key, in no order. Keys are 0 and up."""
    rows = len(keys)
    if int(keys.max()) < _MOST_PACKED // rows - 1:
        # Sorting a number that holds both key and index is much faster than sorting indexes by their keys.
        packed = np.sort(keys * rows + np.arange(rows))
        return packed[run_starts(packed // rows)] % rows
    _, first = np.unique(keys, return_index=True)
    return first


def _how_many_up_to(earlier: Rows, rows: Rows) -> Rows:
    """How many of the one stand at or before each of the others; both rise. Looks for the fewer among the more."""
    if len(rows) < len(earlier):
        return np.searchsorted(earlier, rows, side="right")
    bounds = np.searchsorted(rows, earlier, side="left")
    return np.repeat(np.arange(len(earlier) + 1), np.diff(bounds, prepend=0, append=len(rows)))


def _only(rows: Rows, keep: NDArray[np.bool_]) -> Rows:
    return rows if keep.all() else rows.take(np.flatnonzero(keep))


def _both(one: Rows, other: Rows, keep: NDArray[np.bool_]) -> tuple[Rows, Rows]:
    return _only(one, keep), _only(other, keep)
