"""Whom two versions judge apart: every lead that one of them hands off and the other does not, as columns.

`preview` lists leads as objects, which a page of names needs; a shadow keeps all of them each night, so here a million cost
a few bytes each.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.bulk.weighing import Flags
from scoring.models import ScoringModel
from scoring.preview.plan import Plan
from scoring.preview.population import Group
from scoring.preview.previewing import Held, held_against
from scoring.preview.standing import SPOT_WIDE, Standing

Pair = tuple[NDArray[Any], NDArray[Any]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Apart:
    """`both` counts the leads that both hand off; the arrays are about those that one hands off alone: who, whether it is
    the draft, and under the published version and the draft the totals and whether there is one."""

    both: int
    lead_ids: NDArray[np.int64]
    is_drafts: Flags
    totals: Pair
    is_scored: Pair


@dataclass(frozen=True, kw_only=True, slots=True)
class Disagreement:
    """On the published version's day; `published` is its number, None where the model has none."""

    as_of: date
    published: int | None
    apart: Apart


def disagreement(*, model: ScoringModel, document: object) -> Disagreement | None:
    """Everybody under both now, each on its own today; waits until all is measured.

    None where there is no column file yet, or where it is so far behind that facts of leads are missing: a worker was asked
    to bring it up. Raises InvalidError as `preview`.
    """
    said, found = held_against(model=model, document=document, answer=_found, is_waiting=True, is_fresh=True)
    if found is None or said.behind:
        return None
    as_of, apart = found
    return Disagreement(as_of=as_of, published=said.published, apart=apart)


def _found(held: Held) -> tuple[date, Apart]:
    parts = [_apart(group, absent, held.before, held.after) for group, absent in held.population.groups]
    return held.before.as_of, Apart(
        both=sum(part.both for part in parts),
        lead_ids=np.concatenate([part.lead_ids for part in parts]),
        is_drafts=np.concatenate([part.is_drafts for part in parts]),
        totals=_joined([part.totals for part in parts]),
        is_scored=_joined([part.is_scored for part in parts]),
    )


def _apart(group: Group, absent: NDArray[np.int64], before: Plan, after: Plan) -> Apart:
    sides = (group.segment(before.as_of).standing(before), group.segment(after.as_of).standing(after))
    was, becomes = (_qualified(side, absent) for side in sides)
    at = np.flatnonzero(was != becomes)
    return Apart(
        both=int(np.count_nonzero(was & becomes)),
        lead_ids=group.source.lead_ids[at].astype(np.int64),
        is_drafts=becomes[at],
        totals=(sides[0].figures.totals_at(at), sides[1].figures.totals_at(at)),
        is_scored=(sides[0].spot[at] >= SPOT_WIDE, sides[1].spot[at] >= SPOT_WIDE),
    )


def _qualified(side: Standing, absent: NDArray[np.int64]) -> Flags:
    found: Flags = side.spot >= side.qualified_from * SPOT_WIDE
    found[absent] = False
    return found


def _joined(pairs: Sequence[Pair]) -> Pair:
    first, second = zip(*pairs, strict=True)
    return np.concatenate(first), np.concatenate(second)
