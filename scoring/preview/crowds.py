"""The leads behind a figure: chosen by how they stand before and after, best first, page by page."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, Self

import numpy as np
from numpy.typing import NDArray

from crm.queries import engine_kinds
from scoring.bulk.weighing import Flags
from scoring.engine import compile_matrix
from scoring.models import ScoringModel
from scoring.preview.answer import Preview
from scoring.preview.comparing import RATINGS, Moved, PlaceKey, place_keys, said
from scoring.preview.plan import Plan, plan_of
from scoring.preview.population import Group, positions_of
from scoring.preview.previewing import Held, held_against
from scoring.preview.standing import DISQUALIFIED, FAST_TRACKED, SPOT_WIDE, UNSCORED, Standing, slices, spots_of
from scoring.services.matrices import matrix_checked

Line = Literal["stage", "rating", "qualified", "scored", "disqualified", "fast_tracked", "total", "criterion"]
#: Below every total: the place in the order of a lead without a score.
NO_TOTAL: Final = -(2**62)


@dataclass(frozen=True, kw_only=True, slots=True)
class Where:
    """How a lead stands on one side. `key` is the stage, rating or criterion, with None for no score; `totals` are the
    lowest and the first above; who is not there is asked for without `is_in`."""

    line: Line
    key: PlaceKey = None
    totals: tuple[int, int] = (0, 0)
    is_in: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """Leads by where they stand before and after; None where that does not matter."""

    before: Where | None = None
    after: Where | None = None

    @property
    def is_after(self) -> bool:
        """Whether the order is that of the totals after: on the side on which the leads are within."""
        return self.after is not None and (self.after.is_in or self.before is None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """Of one group of a population: what is read to say how its leads stand."""

    before: Standing
    after: Standing
    keys: tuple[tuple[PlaceKey, ...], tuple[PlaceKey, ...]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Crowd:
    """Those a choice finds, by id. `totals` are those they are ordered by, `parts` the groups that `part` and `at` lead
    to. What it says stays as it was asked."""

    lead_ids: NDArray[np.int64]
    totals: NDArray[np.int64]
    part: NDArray[np.int8]
    at: NDArray[np.int64]
    parts: Sequence[Part]

    def __len__(self) -> int:
        return len(self.lead_ids)

    def among(self, lead_ids: NDArray[np.int64]) -> Self:
        """Those who are among these."""
        return self._taken(np.isin(self.lead_ids, lead_ids))

    def page(self, *, most: int, after: tuple[int, int] | None = None) -> list[Moved]:
        """The first by total, then by id, of those that stand after a total and an id."""
        found = self
        if after is not None:
            total, lead_id = after
            found = self._taken((self.totals < total) | ((self.totals == total) & (self.lead_ids > lead_id)))
        if 0 < most < len(found):
            least = np.partition(found.totals, len(found) - most)[len(found) - most]
            found = found._taken(found.totals >= least)
        order = np.lexsort((found.lead_ids, -found.totals))[:most]
        return [_moved(self.parts[found.part[at]], int(found.at[at]), int(found.lead_ids[at])) for at in order]

    def _taken(self, is_taken: Flags) -> Self:
        return type(self)(
            lead_ids=self.lead_ids[is_taken],
            totals=self.totals[is_taken],
            part=self.part[is_taken],
            at=self.at[is_taken],
            parts=self.parts,
        )


def crowd(*, model: ScoringModel, document: object, choice: Choice) -> tuple[Preview, Crowd | None]:
    """The leads behind a figure of the preview of a document; None until there is one. As `preview`."""
    return held_against(model=model, document=document, answer=lambda held: crowd_of(held, choice))


def crowd_between(
    *, model: ScoringModel, document: object, changed: object, choice: Choice
) -> tuple[Preview, Crowd | None]:
    """The same between a document and another that measures nothing else: before is the first, after the second."""
    compiled = compile_matrix(matrix_checked(changed))

    def found(held: Held) -> Crowd:
        after = plan_of(compiled, held.after.as_of, engine_kinds())
        return crowd_of(replace(held, before=held.after, after=after), choice)

    return held_against(model=model, document=document, answer=found)


def crowd_of(held: Held, choice: Choice, among: NDArray[np.int64] | None = None) -> Crowd:
    """Of all leads or of those with the ids in `among`, which rise. Raises OverflowError as weighing does, and
    UnitsLostError."""
    found: list[tuple[NDArray[Any], ...]] = []
    parts = []
    for number, (group, absent) in enumerate(held.population.groups):
        sides = [(plan, group.segment(plan.as_of).standing(plan)) for plan in (held.before, held.after)]
        tests = [
            _test(group, plan, standing, where)
            for where, (plan, standing) in zip((choice.before, choice.after), sides, strict=True)
            if where is not None
        ]
        ids = np.asarray(group.source.lead_ids)
        at = _chosen(tests, len(ids)) if among is None else _chosen_of(tests, positions_of(ids, among))
        if len(absent):
            at = np.setdiff1d(at, absent, assume_unique=True)
        ordering = sides[choice.is_after][1]
        totals = np.where(ordering.spot[at] >= SPOT_WIDE, ordering.figures.totals_at(at), NO_TOTAL)
        found.append((ids[at], totals, np.full(len(at), number, np.int8), at))
        keys = place_keys(held.before.compiled.matrix), place_keys(held.after.compiled.matrix)
        parts.append(Part(before=sides[0][1], after=sides[1][1], keys=keys))
    lead_ids, totals, part, at = (np.concatenate(each) for each in zip(*found, strict=True))
    return Crowd(lead_ids=lead_ids, totals=totals, part=part, at=at, parts=parts)


# By position: whether a lead stands there.
_Test = tuple[Flags, NDArray[Any] | None]


def _chosen(tests: Sequence[_Test], leads: int) -> NDArray[np.int64]:
    """The positions at which all tests hold."""
    found = [np.zeros(0, np.int64)]
    for few in slices(leads):
        holds = np.ones(len(range(*few.indices(leads))), np.bool_)
        for flags, codes in tests:
            holds &= flags[few] if codes is None else flags.take(codes[few])
        found.append(np.flatnonzero(holds) + few.start)
    return np.concatenate(found)


def _chosen_of(tests: Sequence[_Test], at: NDArray[np.int64]) -> NDArray[np.int64]:
    for flags, codes in tests:
        at = at[flags[at] if codes is None else flags[codes[at]]]
    return at


def _test(group: Group, plan: Plan, standing: Standing, where: Where) -> _Test:
    """Flags by position, or by code with the codes of the positions."""
    if where.line == "criterion":
        return _found_by(group, plan, where.key) == where.is_in, None
    figures = standing.figures
    by_code = np.zeros(figures.size, np.bool_)
    by_code[figures.codes] = _stands_by_key(plan, standing, where) == where.is_in
    return by_code, figures.code


def _stands_by_key(plan: Plan, standing: Standing, where: Where) -> Flags:
    figures = standing.figures
    place, rating = np.divmod(spots_of(plan.compiled.matrix, figures), SPOT_WIDE)
    is_scored: Flags = place > UNSCORED
    match where.line:
        case "stage":
            keys = place_keys(plan.compiled.matrix)
            return place == keys.index(where.key) if where.key in keys else np.zeros(len(place), np.bool_)
        case "rating":
            is_rated: Flags = rating == RATINGS.index(where.key)
            return is_rated
        case "qualified":
            return place >= standing.qualified_from
        case "disqualified":
            return figures.flagged(DISQUALIFIED) & is_scored
        case "fast_tracked":
            return figures.flagged(FAST_TRACKED) & is_scored
        case "total":
            lowest, above = where.totals
            return (figures.totals >= lowest) & (figures.totals < above) & is_scored
        case _:
            return is_scored


def _found_by(group: Group, plan: Plan, key: PlaceKey) -> Flags:
    """Whom a criterion finds among those the model applies to, enabled or not."""
    segment = group.segment(plan.as_of)
    found = np.zeros(segment.leads, np.bool_)
    for part in plan.parts:
        if part.key == key:
            found[segment.units(part.fingerprint).leads] = True
    applies = segment.applies(plan.applying)
    return found if applies is None else found & applies


def _moved(part: Part, at: int, lead_id: int) -> Moved:
    (total_before, rating_before, stage_before), (total_after, rating_after, stage_after) = (
        said(standing, standing.spot, keys, at)
        for standing, keys in zip((part.before, part.after), part.keys, strict=True)
    )
    return Moved(
        lead_id=lead_id,
        total_before=total_before,
        total_after=total_after,
        rating_before=rating_before,
        rating_after=rating_after,
        stage_before=stage_before,
        stage_after=stage_after,
    )
