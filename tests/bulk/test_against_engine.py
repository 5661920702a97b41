"""Random matrices over random populations: the units and scores must be the engine's, to the micro-unit.

`HYPOTHESIS_PROFILE=prove` tries 2,000 populations of each kind instead of 200.
"""

import os
from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.bulk.against_engine import Json, assert_judged_like_the_engine, kinds_in, population_of
from tests.engine import oracle_strategies, strategies

proving = settings(
    max_examples=2_000 if os.environ.get("HYPOTHESIS_PROFILE") == "prove" else 200,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
Population = tuple[Json, list[Json], date]


@st.composite
def populations_of_few_values(draw: st.DrawFn) -> Population:
    leads = draw(st.lists(strategies.facts(), min_size=1, max_size=6))
    return draw(strategies.matrices()), leads, strategies.AS_OF - timedelta(days=draw(st.integers(0, 9)))


@st.composite
def populations_of_situations(draw: st.DrawFn) -> Population:
    """The matrix and day of one situation, and the leads of several, so that activities come before and after."""
    kind = draw(
        st.sampled_from(
            [
                oracle_strategies.situations,
                oracle_strategies.conditions_on_a_lead,
                oracle_strategies.leaves_on_a_value,
                oracle_strategies.measures_of_activities,
                oracle_strategies.activities_under_a_where,
            ]
        )
    )
    drawn = [draw(kind()) for _ in range(draw(st.integers(1, 4)))]
    return drawn[0][0], [facts for _, facts, _ in drawn], drawn[0][2]


@st.composite
def populations_of_activities(draw: st.DrawFn) -> Population:
    """Several measures over several leads with many activities of one time."""
    as_of = draw(oracle_strategies.days())
    criteria = [
        {"key": f"c{number}", "label": "C", "dimension": "behavior", "points": 1} | draw(oracle_strategies.measures())
        for number in range(4)
    ]
    leads = [
        {"lead": {}, "activities": draw(oracle_strategies.activities(as_of))} for _ in range(draw(st.integers(1, 5)))
    ]
    document = oracle_strategies.PLAIN | {
        "timezone": draw(st.sampled_from(oracle_strategies.ZONES)),
        "criteria": criteria,
    }
    return document, leads, as_of


def assert_same(population: Population, some: bool) -> None:
    document, facts, as_of = population
    leads = population_of(facts)
    kinds = kinds_in(leads)
    assert_judged_like_the_engine(document, leads, as_of, frozenset(sorted(kinds)[1:]) if some else kinds)


@proving
@given(populations_of_few_values(), st.booleans())
def test_whole_matrices_over_few_values(population: Population, some: bool) -> None:
    assert_same(population, some)


@proving
@given(populations_of_situations(), st.booleans())
def test_conditions_and_values_of_every_shape(population: Population, some: bool) -> None:
    assert_same(population, some)


@proving
@given(populations_of_activities(), st.booleans())
def test_measures_of_what_leads_did(population: Population, some: bool) -> None:
    assert_same(population, some)
