"""Bulk weighing says of every lead what the engine says, whatever the matrix and the units."""

import os
from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from scoring.bulk.units import NO_UNITS, Units
from scoring.bulk.weighing import DECIDED_BY, Weighed, rounded, weigh
from scoring.engine import compile_matrix, parse_facts, parse_matrix
from scoring.engine.compiled import CompiledMatrix
from scoring.engine.evaluate import Measurement, measure
from scoring.engine.evaluate import weigh as weigh_one
from scoring.engine.facts import facts_from_trusted
from scoring.engine.patterns import Measured, Window
from scoring.engine.rounding import rounded as rounded_one
from scoring.engine.types import GRADES, MICRO
from tests.engine.golden import golden_cases
from tests.engine.strategies import AS_OF, Json, matrices

PROVING = os.environ.get("HYPOTHESIS_PROFILE") == "prove"
thorough = settings(max_examples=2_000 if PROVING else 200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
CARDS = golden_cases(of="card")
NOBODY = Window(facts_from_trusted(lead={}, company=None, activities=[]).timeline(ZoneInfo("UTC")), AS_OF, 0)
some_units = st.one_of(
    st.sampled_from((0, 0, MICRO, MICRO, 1, 499_999, 500_000, 1_500_000, 7 * MICRO)), st.integers(0, 20 * MICRO)
)


def sparse(dense: Sequence[int]) -> Units:
    leads = np.flatnonzero(dense).astype(np.int32)
    return Units(leads=leads, units=np.array(dense, np.int64)[leads])


def said_by_the_engine(compiled: CompiledMatrix, units: Sequence[int]) -> tuple[Any, ...]:
    measured = [Measured(units=each, positions=()) for each in units]
    score = weigh_one(
        Measurement(compiled=compiled, values={}, window=NOBODY, truths=[True] * len(units), measured=measured)
    )
    return (
        score.total,
        *score.dimensions.values(),
        score.rating,
        score.stage,
        score.decided_by,
        bool(score.disqualified_by),
        bool(score.fast_tracked_by),
    )


def said_in_bulk(compiled: CompiledMatrix, weighed: Weighed) -> list[tuple[Any, ...]]:
    keys = [*(each.key for each in compiled.matrix.stages), None]
    return [
        (
            *(int(column[at]) for column in (weighed.total, weighed.fit, weighed.behavior, weighed.qualification)),
            f"{GRADES[weighed.grade[at]]}{weighed.level[at]}",
            keys[weighed.stage[at]],
            DECIDED_BY[weighed.decided_by[at]],
            bool(weighed.is_disqualified[at]),
            bool(weighed.is_fast_tracked[at]),
        )
        for at in range(len(weighed.total))
    ]


@st.composite
def populations(draw: st.DrawFn) -> tuple[Json, list[list[int]]]:
    """A document, and the units of each of some leads by criterion."""
    document = draw(matrices())
    wide = len(document["criteria"])
    return document, draw(st.lists(st.lists(some_units, min_size=wide, max_size=wide), max_size=6))


@thorough
@given(populations())
def test_every_lead_gets_the_score_of_the_engine(population: tuple[Json, list[list[int]]]) -> None:
    document, leads = population
    compiled = compile_matrix(parse_matrix(document))
    columns = [sparse([lead[at] for lead in leads]) for at in range(len(compiled.criteria))]
    weighed = weigh(compiled, columns, len(leads))
    assert said_in_bulk(compiled, weighed) == [said_by_the_engine(compiled, lead) for lead in leads]


@pytest.mark.parametrize("name", CARDS)
def test_a_golden_case_is_weighed_as_its_card_says(name: str) -> None:
    case = CARDS[name]
    compiled = compile_matrix(parse_matrix(case["matrix"]))
    measurement = measure(compiled, parse_facts(case["facts"]), date.fromisoformat(case["as_of"]))
    found = [each.units for each in measurement.measured]
    # Between two leads of whom nothing is known, so that positions are told apart.
    weighed = weigh(compiled, [sparse([0, each, 0]) for each in found], 3)
    nothing = said_by_the_engine(compiled, [0] * len(found))
    assert said_in_bulk(compiled, weighed) == [nothing, said_by_the_engine(compiled, found), nothing]


@given(st.integers(-(2**61), 2**61), st.sampled_from((100, MICRO)))
@example(-50, 100)
@example(50, 100)
@example(-500_001, MICRO)
def test_rounding_is_half_away_from_zero(above: int, below: int) -> None:
    assert rounded(np.array([above]), below).tolist() == [rounded_one(above, below)]


def document_of(*criteria: Json, **parts: Any) -> Json:
    return {
        "schema": 1,
        "name": "A few",
        "grades": {"A": 10},
        "levels": {"1": 10},
        "stages": [{"key": "cold"}, {"key": "mql", "at": 20}, {"key": "sql", "at": 40}],
        "criteria": list(criteria),
        **parts,
    }


def criterion_of(key: str, points: int, **parts: Any) -> Json:
    when = {"when": {"kinds": ["call"]}}
    return {"key": key, "label": key, "dimension": "behavior", "points": points} | when | parts


def totals(document: Json, *columns: Sequence[int]) -> list[int]:
    compiled = compile_matrix(parse_matrix(document))
    found = weigh(compiled, [sparse(each) for each in columns], len(columns[0]))
    return found.total.tolist()


def test_of_two_as_far_from_zero_the_positive_is_taken_in_any_order() -> None:
    groups = {"calls": {"label": "Calls", "take": "highest"}}
    up, down = criterion_of("up", 5, group="calls"), criterion_of("down", -5, group="calls")
    units = ([MICRO, 0, MICRO], [MICRO, MICRO, 2 * MICRO])
    assert totals(document_of(up, down, groups=groups), *units) == [5, -5, -10]
    assert totals(document_of(down, up, groups=groups), *reversed(units)) == [5, -5, -10]


def test_a_population_of_nobody_and_criteria_that_hit_nobody_are_weighed() -> None:
    compiled = compile_matrix(parse_matrix(document_of(criterion_of("call", 5))))
    assert len(weigh(compiled, [NO_UNITS], 0).total) == 0
    assert weigh(compiled, [NO_UNITS], 2).stage.tolist() == [0, 0]


def test_what_does_not_fit_is_refused_and_what_just_fits_is_exact() -> None:
    compiled = compile_matrix(parse_matrix(document_of(criterion_of("call", -10_000))))
    most = 2**62 // 10_000
    fits = weigh(compiled, [sparse([most])], 1)
    assert fits.total.tolist() == [said_by_the_engine(compiled, [most])[0]]
    with pytest.raises(OverflowError, match=r"-10000 points times 461168601842739 micro-units of call are too many"):
        weigh(compiled, [sparse([0, most + 1])], 2)


def test_what_is_disabled_may_be_as_large_as_it_likes() -> None:
    assert totals(document_of(criterion_of("call", 10_000, enabled=False)), [2**62, 0]) == [0, 0]


def test_five_hundred_criteria_at_their_most_under_the_heaviest_weight_are_exact() -> None:
    document = document_of(
        *(criterion_of(f"c{at}", 10_000) for at in range(500)), dimensions={"behavior": {"weight": 1_000}}
    )
    compiled = compile_matrix(parse_matrix(document))
    most = 2**62 // 10_000
    weighed = weigh(compiled, [sparse([most])] * 500, 1)
    assert weighed.total.tolist() == [said_by_the_engine(compiled, [most] * 500)[0]]


def test_units_are_asked_by_position_in_slices_too() -> None:
    compiled = compile_matrix(parse_matrix(document_of(criterion_of("call", 7), criterion_of("late", 3))))
    columns = [sparse([MICRO, 0, 2 * MICRO, 0, MICRO]), sparse([0, 0, MICRO, MICRO, 0])]
    whole = weigh(compiled, columns, 5).total.tolist()
    bounds = (0, 2, 3, 5)
    parts = [
        weigh(compiled, [each.slice(start, stop) for each in columns], stop - start).total.tolist()
        for start, stop in pairwise(bounds)
    ]
    assert [total for part in parts for total in part] == whole == [7, 0, 17, 3, 7]
