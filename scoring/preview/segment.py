"""Leads judged together by one draft after the other: everything that two drafts share is kept."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from scoring.bulk.units import Units
from scoring.bulk.weighing import (
    Flags,
    contributions,
    flags_of,
    grades_of,
    group_limited,
    levels_of,
    limited,
    weighted,
)
from scoring.engine.types import DIMENSIONS, LEVELS
from scoring.preview.plan import NOBODY, Part, Plan
from scoring.preview.standing import (
    DISQUALIFIED,
    FAST_TRACKED,
    KEY_WIDE,
    Figures,
    Standing,
    figures_from,
    slices,
    standing_of,
)
from scoring.preview.sums import Sums, Worth, narrow, narrowest, pieces

# Standings by draft: the published version's and those of the last few that were asked for.
_KEPT_STANDINGS: Final = 4
# Dimensions: the published version's three and those of the last few drafts.
_KEPT_DIMENSIONS: Final = 6
_FIT, _BEHAVIOR = DIMENSIONS.index("fit"), DIMENSIONS.index("behavior")
# What a rating is worth in a key, above the flags.
_RATING: Final = 4

Key = TypeVar("Key")
Made = TypeVar("Made")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Judged:
    """A dimension's part in the keys of all leads: how far its weighted points are above `lowest` × KEY_WIDE, and what
    its band adds to the rating × 4. Below `size`."""

    keys: NDArray[Any]
    lowest: int
    size: int


class Segment:
    """A population on one day. `units` answers by fingerprint and is asked only for what is known to be measured.

    One thread at a time; what it answers never changes.
    """

    def __init__(self, owners: NDArray[np.int32], units: Callable[[str], Units]) -> None:
        self.owners = owners
        self.leads = leads = len(owners)
        self.units = units
        self._sums = Sums(leads, units)
        self._standings: OrderedDict[tuple[Any, ...], Standing] = OrderedDict()
        self._figures: OrderedDict[tuple[Any, ...], Figures] = OrderedDict()
        self._dimensions: OrderedDict[tuple[Any, ...], _Judged] = OrderedDict()
        self._flags: OrderedDict[frozenset[str], Flags] = OrderedDict()
        self._worths: OrderedDict[tuple[Part, str | None], Worth] = OrderedDict()

    def standing(self, plan: Plan) -> Standing:
        """Raises OverflowError as `scoring.bulk.weighing.weigh`."""
        return _kept(self._standings, plan.key, lambda: self._standing(plan), _KEPT_STANDINGS)

    def worth(self, part: Part, applying: str | None) -> Worth:
        if applying is None and part in self._sums.worths:
            return self._sums.worths[part]
        return _kept(self._worths, (part, applying), lambda: self._worth(part, applying), 2_000)

    def worth_at(self, part: Part, positions: NDArray[np.int64]) -> Worth:
        """What a part gives the leads of some positions, which rise."""
        found = self.units(part.fingerprint)
        # Of one type, or all of a mapped column is turned into the other.
        positions = positions.astype(np.int32)
        at = np.searchsorted(found.leads, positions)
        positions, at = positions[at < len(found)], at[at < len(found)]
        hit = at[found.leads[at] == positions]
        few = Units(leads=found.leads[hit], units=found.units[hit])
        return Worth(points=int(contributions(part, few).sum()), leads=len(few))

    def applies(self, applying: str | None) -> Flags | None:
        """Whom the model applies to; None for all."""
        if applying == NOBODY:
            return self._flagged(frozenset())
        return None if applying is None else self._flagged(frozenset([applying]))

    def _worth(self, part: Part, applying: str | None) -> Worth:
        applies = self.applies(applying)
        points = leads = 0
        extent = self._sums.extent(part.fingerprint)
        for few in pieces(self.units(part.fingerprint)):
            given = contributions(part, few, extent)
            if applies is not None:
                given = given[applies[few.leads]]
            points += int(given.sum())
            leads += len(given)
        return Worth(points=points, leads=leads)

    def _standing(self, plan: Plan) -> Standing:
        key = (*plan.figures_key, plan.applying)
        figures = _kept(self._figures, key, lambda: self._figures_of(plan), _KEPT_STANDINGS)
        return standing_of(plan, figures, self.owners)

    def _figures_of(self, plan: Plan) -> Figures:
        found = [
            _kept(self._dimensions, key, partial(self._judged, plan, at), _KEPT_DIMENSIONS)
            for at, key in enumerate(plan.dimension_keys)
        ]
        # Above all sums of keys, and of flags.
        size = sum(each.size for each in found) + DISQUALIFIED + FAST_TRACKED
        keys = np.empty(self.leads, narrowest(size))
        flags = [(self._flagged(plan.lifting), FAST_TRACKED), (self._flagged(plan.vetoing), DISQUALIFIED)]
        applies = self.applies(plan.applying)
        for at in slices(self.leads):
            own = keys[at]
            # Not the sum of two straight away, which is worked out in their own, shorter type.
            own[:] = 0
            for each in found:
                own += each.keys[at]
            for flagged, worth in flags:
                own += flagged[at].view(np.int8) * np.int8(worth)
            if applies is not None:
                # A key below 4 has rating 0: no score.
                own *= applies[at].view(np.int8)
        return figures_from(keys, lowest=sum(each.lowest for each in found), size=size)

    def _judged(self, plan: Plan, dimension: int) -> _Judged:
        matrix = plan.compiled.matrix
        rule = matrix.dimensions[DIMENSIONS[dimension]]
        groups = [(self._sums.of(slot), slot.limits) for slot in plan.slots[dimension]]
        bound = (sum(each.bound for each, _ in groups) + 1) * max(rule.weight, 100)
        given = np.zeros(self.leads, narrow(bound * KEY_WIDE))
        band = np.zeros(self.leads, np.int8)
        lows, highs = [], []
        for at in slices(self.leads):
            points = given[at]
            for group, limits in groups:
                points += group_limited(group.points[at], limits)
            points = limited(points, rule.floor, rule.ceiling)
            if dimension == _FIT:
                band[at] = grades_of(points, matrix) * np.int8(len(LEVELS))
            elif dimension == _BEHAVIOR:
                band[at] = levels_of(points, matrix)
            given[at] = points = weighted(points, rule)
            lows.append(int(points.min()))
            highs.append(int(points.max()))
        lowest = min(lows, default=0)
        size = (max(highs, default=0) - lowest + 1) * KEY_WIDE
        keys = np.empty(self.leads, narrowest(size))
        for at in slices(self.leads):
            own = given[at]
            own -= own.dtype.type(lowest)
            own *= own.dtype.type(KEY_WIDE)
            own += band[at] * np.int8(_RATING)
            keys[at] = own
        return _Judged(keys=keys, lowest=lowest, size=size)

    def _flagged(self, fingerprints: frozenset[str]) -> Flags:
        return _kept(self._flags, fingerprints, lambda: flags_of(map(self.units, fingerprints), self.leads), 8)


def _kept(store: OrderedDict[Key, Made], key: Key, make: Callable[[], Made], most: int) -> Made:
    """What was made for the key, made now where it is not kept. What nobody asked for the longest goes first, so that the
    published version, which every answer asks for, stays."""
    if key not in store:
        store[key] = make()
    store.move_to_end(key)
    while len(store) > most:
        store.popitem(last=False)
    return store[key]
