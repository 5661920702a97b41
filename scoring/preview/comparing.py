"""Two standings of one population held against each other: who moved, between which stages and ratings, whose they are."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from scoring.engine.matrix import Matrix
from scoring.engine.types import GRADES, LEVELS
from scoring.preview.standing import DISQUALIFIED, FAST_TRACKED, SPOT_WIDE, UNSCORED, Standing, slices, tally_of
from scoring.preview.sums import PIECE

#: Ratings by their number in a standing; None is a lead without a score.
RATINGS: Final[tuple[str | None, ...]] = (None, *(f"{grade}{level}" for grade in GRADES for level in LEVELS))
#: A place by its key: that of a stage, "" where a scored lead meets none, None for a lead without a score.
PlaceKey = str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Moved:
    """A lead that moved. Totals are None, ratings None and places None where it has no score."""

    lead_id: int
    total_before: int | None
    total_after: int | None
    rating_before: str | None
    rating_after: str | None
    stage_before: PlaceKey
    stage_after: PlaceKey


@dataclass(frozen=True, kw_only=True, slots=True)
class Crossing:
    """How many crossed a line in one direction, and who: the highest totals first, then the lower id; all or the first
    few, as was asked. A total is that of the side on which the lead is within: after entering, before leaving."""

    count: int
    leads: tuple[Moved, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Flow:
    entering: Crossing
    leaving: Crossing


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """Of one segment. `places` and `ratings` count leads by [before, after]; tallies are distinct totals with counts;
    loads count qualified leads by owner code; the pairs are (before, after)."""

    places: NDArray[np.int64]
    ratings: NDArray[np.int64]
    tallies: tuple[tuple[NDArray[np.int64], NDArray[np.int64]], tuple[NDArray[np.int64], NDArray[np.int64]]]
    loads: tuple[NDArray[np.int64], NDArray[np.int64]]
    disqualified: tuple[int, int]
    fast_tracked: tuple[int, int]
    stages: Mapping[str, Flow]
    qualified: Flow


def place_keys(matrix: Matrix) -> tuple[PlaceKey, ...]:
    """By place."""
    return (None, "", *(stage.key for stage in matrix.stages))


def compare(
    before: Standing,
    after: Standing,
    *,
    lead_ids: NDArray[np.int64],
    absent: NDArray[np.int64],
    names: int | None,
) -> Comparison:
    """`absent` are the positions that are not spoken for here, which count as unscored on both
    sides; `names` how many leads are listed for each line, None for all."""
    was, becomes = _Side(before, absent), _Side(after, absent)
    spots = _spots_joint(was, becomes)
    moves = _Moves(was, becomes)
    listing = _Listing(was, becomes, lead_ids, names)
    return Comparison(
        places=spots.sum(axis=(1, 3)),
        ratings=spots.sum(axis=(0, 2))[: len(RATINGS), : len(RATINGS)],
        tallies=(was.tally, becomes.tally),
        loads=(was.load, was.load + moves.load_change()),
        disqualified=(was.count(DISQUALIFIED), becomes.count(DISQUALIFIED)),
        fast_tracked=(was.count(FAST_TRACKED), becomes.count(FAST_TRACKED)),
        stages=_stage_flows(moves, listing),
        qualified=_qualified_flow(moves, listing),
    )


class _Side:
    """A standing without those who are absent: they are at spot 0, and not in `counts`, which is by key."""

    def __init__(self, standing: Standing, absent: NDArray[np.int64]) -> None:
        self.standing = standing
        self.absent = absent
        self.keys = place_keys(standing.plan.compiled.matrix)
        self.qualified_from = standing.qualified_from
        figures = standing.figures
        self.spot, self._counts = standing.spot, figures.counts * (figures.ratings > 0)
        if len(absent):
            self.spot = self.spot.copy()
            self.spot[absent] = UNSCORED
            gone = figures.keys_at(absent[standing.spot[absent] > 0])
            np.subtract.at(self._counts, np.searchsorted(figures.keys, gone), 1)

    @property
    def tally(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The distinct totals of scored leads, rising, and how many have each."""
        return tally_of(self.standing.figures.totals, self._counts)

    @cached_property
    def load(self) -> NDArray[np.int64]:
        gone = self.absent[self.standing.spot[self.absent] >= self.qualified_from * SPOT_WIDE]
        return self.standing.load - _by_owner(self.standing, gone)

    def count(self, flag: int) -> int:
        return int(self._counts[self.standing.figures.flagged(flag)].sum())

    def places_numbered(self, numbers: Mapping[PlaceKey, int]) -> NDArray[np.int64]:
        """By place, a number that is the same on both sides for one stage, and another one where it is qualified."""
        found = [2 * numbers[key] + (place >= self.qualified_from) for place, key in enumerate(self.keys)]
        return np.array(found, np.int64)


def _by_owner(standing: Standing, positions: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.bincount(standing.owners[positions], minlength=len(standing.load))


def _spots_joint(before: _Side, after: _Side) -> NDArray[np.int64]:
    """Leads by place and rating before, and after."""
    high, wide = len(before.keys) * SPOT_WIDE, len(after.keys) * SPOT_WIDE
    found = np.zeros(high * wide, np.int64)
    # Few enough at once for the processor's own memory, but not fewer than are counted into.
    for at in slices(len(before.spot), max(PIECE, high * wide)):
        codes = before.spot[at].astype(np.intp)
        codes *= wide
        codes += after.spot[at]
        found += np.bincount(codes, minlength=high * wide)
    return found.reshape(len(before.keys), SPOT_WIDE, len(after.keys), SPOT_WIDE)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Move:
    """Those who go from one place to another; the positions rise."""

    was: int
    becomes: int
    positions: NDArray[np.int64]


class _Moves:
    """The leads whose stage or whose being qualified changes, by where from and where to."""

    def __init__(self, before: _Side, after: _Side) -> None:
        self.before = before
        self.after = after
        #: Of both, each once: the same key is the same stage.
        self.keys = tuple(dict.fromkeys((*after.keys, *before.keys)))
        numbers = {key: number for number, key in enumerate(self.keys)}
        same = before.places_numbered(numbers), after.places_numbered(numbers)
        if same[0].tolist() == same[1].tolist():
            positions = np.flatnonzero((before.spot ^ after.spot) >= SPOT_WIDE)
        else:
            spots = [np.repeat(each, SPOT_WIDE).astype(np.int32) for each in same]
            positions = np.flatnonzero(spots[0][before.spot] != spots[1][after.spot])
        pairs = (before.spot[positions] // SPOT_WIDE).astype(np.int64) * len(after.keys)
        pairs += after.spot[positions] // SPOT_WIDE
        most = len(before.keys) * len(after.keys)
        # Of a short type they are put in order without being compared.
        positions = positions[np.argsort(pairs.astype(np.min_scalar_type(most)), kind="stable")]
        counts = np.bincount(pairs, minlength=most)
        ends = np.cumsum(counts)
        self.moves = [
            _Move(was=pair // len(after.keys), becomes=pair % len(after.keys), positions=positions[end - count : end])
            for pair, (end, count) in enumerate(zip(ends.tolist(), counts.tolist(), strict=True))
            if count
        ]

    def load_change(self) -> NDArray[np.int64]:
        """Qualified leads that each owner gets more."""
        found = np.zeros_like(self.before.standing.load)
        for move in self.moves:
            if change := self.qualified(move, self.after) - self.qualified(move, self.before):
                found += change * _by_owner(self.before.standing, move.positions)
        return found

    def qualified(self, move: _Move, side: _Side) -> bool:
        return (move.becomes if side is self.after else move.was) >= side.qualified_from


class _Listing:
    def __init__(self, before: _Side, after: _Side, lead_ids: NDArray[np.int64], names: int | None) -> None:
        self._before = before
        self._after = after
        self._lead_ids = lead_ids
        self._names = names
        self._best: dict[tuple[int, bool], NDArray[np.int64]] = {}

    def crossing(self, moves: Iterable[_Move], *, is_after: bool) -> Crossing:
        moves = list(moves)
        # The best of all are among the best of each.
        some = np.sort(np.concatenate([np.zeros(0, np.int64), *(self._best_of(each, is_after) for each in moves)]))
        return Crossing(
            count=sum(len(each.positions) for each in moves),
            leads=tuple(self._moved(at) for at in self._best_first(some, is_after).tolist()),
        )

    def _best_of(self, move: _Move, is_after: bool) -> NDArray[np.int64]:
        key = (id(move), is_after)
        if key not in self._best:
            self._best[key] = self._best_first(move.positions, is_after)
        return self._best[key]

    def _best_first(self, positions: NDArray[np.int64], is_after: bool) -> NDArray[np.int64]:
        side = self._after if is_after else self._before
        return best_first(positions, side.standing.figures.totals_at(positions), self._names)

    def _moved(self, at: int) -> Moved:
        (total_before, rating_before, stage_before), (total_after, rating_after, stage_after) = (
            said(side.standing, side.spot, side.keys, at) for side in (self._before, self._after)
        )
        return Moved(
            lead_id=int(self._lead_ids[at]),
            total_before=total_before,
            total_after=total_after,
            rating_before=rating_before,
            rating_after=rating_after,
            stage_before=stage_before,
            stage_after=stage_after,
        )


def _flow(moves: Iterable[tuple[_Move, bool, bool]], listing: _Listing) -> Flow:
    """Of moves, each with whether it is within before and after."""
    moves = list(moves)
    return Flow(
        entering=listing.crossing((move for move, was, becomes in moves if becomes and not was), is_after=True),
        leaving=listing.crossing((move for move, was, becomes in moves if was and not becomes), is_after=False),
    )


def _stage_flows(moves: _Moves, listing: _Listing) -> dict[str, Flow]:
    before, after = moves.before.keys, moves.after.keys
    return {
        key: _flow(((each, before[each.was] == key, after[each.becomes] == key) for each in moves.moves), listing)
        for key in moves.keys
        if key
    }


def _qualified_flow(moves: _Moves, listing: _Listing) -> Flow:
    before, after = moves.before, moves.after
    return _flow(((each, moves.qualified(each, before), moves.qualified(each, after)) for each in moves.moves), listing)


def said(
    standing: Standing, spot: NDArray[Any], keys: Sequence[PlaceKey], at: int
) -> tuple[int | None, str | None, PlaceKey]:
    """Total, rating and place of the lead at a position; None each where it has no score."""
    place, rating = divmod(int(spot[at]), SPOT_WIDE)
    if place == UNSCORED:
        return None, None, None
    return int(standing.figures.totals_at(np.array([at]))[0]), RATINGS[rating], keys[place]


def best_first(positions: NDArray[np.int64], totals: NDArray[Any], most: int | None) -> NDArray[np.int64]:
    """By total, the highest first, then by position; at most so many. The positions rise."""
    if most is not None and 0 < most < len(positions):
        least = np.partition(totals, len(totals) - most)[len(totals) - most]
        above = np.flatnonzero(totals > least)
        level = np.flatnonzero(totals == least)[: most - len(above)]
        kept = np.sort(np.concatenate([above, level]))
        positions, totals = positions[kept], totals[kept]
    elif most == 0:
        return positions[:0]
    return positions[np.argsort(-totals.astype(np.int64), kind="stable")]


def flows_joined(flows: Iterable[Flow], names: int | None) -> Flow:
    """Of several segments: counts added, leads in one order."""
    flows = list(flows)
    return Flow(
        entering=_joined([each.entering for each in flows], names, is_after=True),
        leaving=_joined([each.leaving for each in flows], names, is_after=False),
    )


def _joined(crossings: Sequence[Crossing], names: int | None, *, is_after: bool) -> Crossing:
    def order(lead: Moved) -> tuple[int, int]:
        return -((lead.total_after if is_after else lead.total_before) or 0), lead.lead_id

    leads = sorted((lead for each in crossings for lead in each.leads), key=order)
    return Crossing(count=sum(each.count for each in crossings), leads=tuple(leads[:names]))
