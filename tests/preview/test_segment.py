"""What is kept from draft to draft never changes what is said: every order of drafts ends in the plain weighing."""

import os
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scoring.bulk.units import Units
from scoring.bulk.weighing import weigh
from scoring.engine import compile_matrix, parse_matrix
from scoring.engine.types import GRADES, MICRO
from scoring.preview.comparing import RATINGS, best_first
from scoring.preview.plan import Plan, plan_of
from scoring.preview.segment import Segment
from scoring.preview.standing import DISQUALIFIED, FAST_TRACKED, FIRST_STAGE_PLACE, SPOT_WIDE
from tests.engine.strategies import AS_OF, KINDS, Json, matrices, worths

PROVING = os.environ.get("HYPOTHESIS_PROFILE") == "prove"
LEADS = 7
NOBODY = np.zeros(LEADS, np.int32)
masses = st.sampled_from((0, 0, 1, 499_999, MICRO, 7 * MICRO, 2**45))


@st.composite
def drafts(draw: st.DrawFn) -> list[Json]:
    """A document, and others like it with other points, limits, weights, stages, and criteria left out."""
    first = draw(matrices())
    found = [first]
    for _ in range(draw(st.integers(1, 4))):
        other = draw(matrices())
        kept = [each for each in first["criteria"] if draw(st.booleans())]
        plain = [{k: v for k, v in each.items() if k not in {"points", "stars", "tier", "negative"}} for each in kept]
        criteria = [each | draw(worths) if draw(st.booleans()) else old for each, old in zip(plain, kept, strict=True)]
        found.append({**other, "applies_to": {}, "timezone": first.get("timezone", "UTC"), "criteria": criteria})
    return [{**each, "applies_to": {}} for each in found]


def same_as_weighed(plan: Plan, segment: Segment, units: dict[str, Units]) -> None:
    weighed = weigh(plan.compiled, [units[part.fingerprint] for part in plan.parts], LEADS)
    found = segment.standing(plan)
    keys = found.figures.keys_at(np.arange(LEADS))
    place, rating = np.divmod(found.spot.astype(int), SPOT_WIDE)
    assert found.figures.totals_at(np.arange(LEADS)).tolist() == weighed.total.tolist()
    assert (place - FIRST_STAGE_PLACE).tolist() == weighed.stage.tolist()
    ratings = [f"{GRADES[grade]}{level}" for grade, level in zip(weighed.grade, weighed.level, strict=True)]
    assert [RATINGS[each] for each in rating] == ratings
    assert (keys & DISQUALIFIED > 0).tolist() == weighed.is_disqualified.tolist()
    assert (keys & FAST_TRACKED > 0).tolist() == weighed.is_fast_tracked.tolist()


@settings(max_examples=2_000 if PROVING else 200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(drafts(), st.data())
def test_every_order_of_drafts_ends_in_the_plain_weighing(documents: list[Json], data: Any) -> None:
    plans = [plan_of(compile_matrix(parse_matrix(each)), AS_OF, frozenset(KINDS)) for each in documents]
    units: dict[str, Units] = {}
    for plan in plans:
        for part in plan.parts:
            if part.fingerprint not in units:
                dense = np.array(data.draw(st.lists(masses, min_size=LEADS, max_size=LEADS)), np.int64)
                leads = np.flatnonzero(dense).astype(np.int32)
                units[part.fingerprint] = Units(leads=leads, units=dense[leads])
    segment = Segment(NOBODY, units.__getitem__)
    for plan in [*plans, *reversed(plans)]:
        same_as_weighed(plan, segment, units)


@given(st.lists(st.integers(-3, 3), max_size=12), st.one_of(st.none(), st.integers(0, 14)))
def test_the_best_come_first_and_of_equal_ones_the_lower(totals: list[int], most: int | None) -> None:
    found = best_first(np.arange(len(totals)), np.array(totals, np.int32), most)
    assert found.tolist() == sorted(range(len(totals)), key=lambda at: (-totals[at], at))[:most]


def test_an_overflow_is_raised_and_never_wrapped() -> None:
    document = {
        "schema": 1, "name": "Too much", "grades": {"A": 1}, "levels": {"1": 1},
        "stages": [{"key": "mql", "at": 1}, {"key": "sql", "at": 2}],
        "criteria": [{"key": "c", "label": "C", "dimension": "behavior", "points": 10_000, "when": {"kinds": ["call"]}}],
    }  # fmt: skip
    plan = plan_of(compile_matrix(parse_matrix(document)), AS_OF, frozenset(KINDS))
    huge = Units(leads=np.zeros(1, np.int32), units=np.array([2**60], np.int64))
    with pytest.raises(OverflowError):
        Segment(NOBODY, lambda _fingerprint: huge).standing(plan)
