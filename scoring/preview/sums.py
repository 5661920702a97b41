"""What groups were given, kept: a criterion that changed is taken out and put in again, the others are not touched."""

from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

import numpy as np

from scoring.bulk.units import Units
from scoring.bulk.weighing import Points, contributions
from scoring.engine.types import MICRO
from scoring.preview.plan import Part, Slot

# Of each lead: with int32 these are two dozen groups, those of the published version and of the drafts asked for lately.
KEPT_BYTES_A_LEAD: Final = 96
#: Leads, or rows of units, that are worked on at once.
PIECE: Final = 32_768
_MOST_WORTHS: Final = 2_000
# Half of what fits into 32 bits, so that no sum of two and no rounding leaves them.
_NARROW: Final = 2**30


def narrow(bound: int) -> type[np.signedinteger[Any]]:
    """The smaller type that holds figures up to `bound`, with room to add."""
    return np.int32 if bound < _NARROW else np.int64


def narrowest(size: int) -> type[np.signedinteger[Any]]:
    """The smallest type for numbers below `size`."""
    return np.int16 if size <= 2**15 else np.int32 if size <= 2**31 else np.int64


def pieces(found: Units) -> Iterator[Units]:
    """Few at a time, so that what is worked out of them stays in the processor's own memory."""
    for start in range(0, len(found), PIECE):
        yield Units(leads=found.leads[start : start + PIECE], units=found.units[start : start + PIECE])


@dataclass(frozen=True, kw_only=True, slots=True)
class GroupSum:
    """Points before limits, by position; none is further from zero than `bound`."""

    points: Points
    bound: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Worth:
    """What a criterion gives those who are scored: points before the limits of groups, and to how many leads."""

    points: int
    leads: int


class Sums:
    """Sums of groups over one population on one day. One thread at a time.

    `worths` are those of parts that were put into a sum, over all leads, scored or not.
    """

    def __init__(self, leads: int, units: Callable[[str], Units]) -> None:
        self._leads = leads
        self._units = units
        self._kept: OrderedDict[tuple[bool, frozenset[tuple[Part, int]]], GroupSum] = OrderedDict()
        self._extents: dict[str, tuple[int, int]] = {}
        self.worths: dict[Part, Worth] = {}

    def of(self, slot: Slot) -> GroupSum:
        """Raises OverflowError as `scoring.bulk.weighing.weigh`."""
        wanted = Counter(slot.parts)
        key = (slot.is_highest, frozenset(wanted.items()))
        found = self._kept.get(key)
        if found is None:
            found = self._highest(wanted) if slot.is_highest else self._summed(wanted)
            self._kept[key] = found
            self._shrink()
        self._kept.move_to_end(key)
        return found

    def _bound(self, parts: Iterable[tuple[Part, int]]) -> int:
        return sum(count * self._bound_of(part) for part, count in parts)

    def _bound_of(self, part: Part) -> int:
        given = abs(part.points) * self.extent(part.fingerprint)[1] // MICRO + 1
        return given if part.max_points is None else min(given, part.max_points)

    def extent(self, fingerprint: str) -> tuple[int, int]:
        """The least and the most of its units; 0 where it finds nobody."""
        found = self._extents.get(fingerprint)
        if found is None:
            units = self._units(fingerprint).units
            found = (int(units.min()), int(units.max())) if len(units) else (0, 0)
            self._extents[fingerprint] = found
        return found

    def _summed(self, wanted: Counter[Part]) -> GroupSum:
        """From the kept sum that differs least, or from nothing."""
        near = Counter[Part]()
        cost, start = self._cost(wanted, near), None
        for (is_highest, parts), kept in self._kept.items():
            if not is_highest:
                own = Counter(dict(parts))
                if (its_cost := self._cost(wanted, own)) < cost:
                    cost, start, near = its_cost, kept, own
        bound = self._bound(wanted.items())
        kind = narrow(max(bound, start.bound if start else 0))
        points = np.zeros(self._leads, kind) if start is None else start.points.astype(kind)
        for fingerprint, change in _by_fingerprint(_changes(near, wanted)):
            self._add(points, fingerprint, change)
        return GroupSum(points=points, bound=bound)

    def _add(self, points: Points, fingerprint: str, change: list[tuple[Part, int]]) -> None:
        found, extent = self._units(fingerprint), self.extent(fingerprint)
        worths = [0] * len(change)
        for few in pieces(found):
            # Of the type that positions have in the end, or they are turned into it twice.
            at = few.leads.astype(np.intp)
            there = points[at]
            for number, (part, count) in enumerate(change):
                given = contributions(part, few, extent)
                worths[number] += int(given.sum())
                there += (given if count == 1 else given * count).astype(points.dtype, copy=False)
            points[at] = there
        self._keep_worths(found, change, worths)

    def _highest(self, wanted: Counter[Part]) -> GroupSum:
        """The furthest from zero, of two as far the positive: in whole numbers the largest of twice how far, and one
        more where it is positive. A criterion gives all leads the same sign."""
        bound = max((self._bound_of(part) for part in wanted), default=0)
        far = np.zeros(self._leads, narrow(bound))
        for part in wanted:
            found, extent = self._units(part.fingerprint), self.extent(part.fingerprint)
            worth = 0
            for few in pieces(found):
                given = contributions(part, few, extent)
                worth += int(given.sum())
                mark = np.abs(given).astype(far.dtype, copy=False) * 2 + (part.points > 0)
                at = few.leads.astype(np.intp)
                far[at] = np.maximum(far[at], mark)
            self._keep_worths(found, [(part, 1)], [worth])
        for start in range(0, self._leads, PIECE):
            few_far = far[start : start + PIECE]
            is_positive = few_far & 1
            few_far >>= 1
            few_far *= 2 * is_positive - 1
        return GroupSum(points=far, bound=bound)

    def _keep_worths(self, found: Units, change: list[tuple[Part, int]], worths: list[int]) -> None:
        if len(self.worths) >= _MOST_WORTHS:
            self.worths.clear()
        for (part, _), points in zip(change, worths, strict=True):
            self.worths[part] = Worth(points=points, leads=len(found))

    def _cost(self, wanted: Counter[Part], near: Counter[Part]) -> int:
        """How many contributions must be touched."""
        changed = {part.fingerprint for part, _ in _changes(near, wanted)}
        return sum(len(self._units(fingerprint)) for fingerprint in changed)

    def _shrink(self) -> None:
        held = sum(each.points.nbytes for each in self._kept.values())
        while held > KEPT_BYTES_A_LEAD * self._leads and len(self._kept) > 1:
            _, dropped = self._kept.popitem(last=False)
            held -= dropped.points.nbytes


def _changes(before: Counter[Part], after: Counter[Part]) -> list[tuple[Part, int]]:
    parts = before.keys() | after.keys()
    return [(part, change) for part in parts if (change := after[part] - before[part])]


def _by_fingerprint(changes: list[tuple[Part, int]]) -> Iterable[tuple[str, list[tuple[Part, int]]]]:
    ordered = sorted(changes, key=lambda each: each[0].fingerprint)
    for fingerprint, same in groupby(ordered, key=lambda each: each[0].fingerprint):
        yield fingerprint, list(same)
