"""The engine against the second evaluator, on random situations: every card must be the same.

`HYPOTHESIS_PROFILE=prove` tries 5,000 situations of each kind instead of 300.
"""

import json
import os

from hypothesis import HealthCheck, given, settings

from scoring.engine import compile_matrix, evaluate, parse_facts, parse_matrix
from tests.engine.oracle import oracle_card
from tests.engine.oracle_strategies import (
    Situation,
    activities_under_a_where,
    conditions_on_a_lead,
    leaves_on_a_value,
    measures_of_activities,
    situations,
)

proving = settings(
    max_examples=5_000 if os.environ.get("HYPOTHESIS_PROFILE") == "prove" else 300,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def assert_same_card(situation: Situation) -> None:
    document, facts, as_of = situation
    card = evaluate(compile_matrix(parse_matrix(document)), parse_facts(facts), as_of).to_json()
    assert as_text(card) == as_text(oracle_card(document, facts, as_of))


def as_text(card: object) -> str:
    """As JSON, where true is not 1 and lists keep their order."""
    return json.dumps(card, sort_keys=True, indent=1, ensure_ascii=False)


@proving
@given(situations())
def test_whole_matrices_make_the_same_card(situation: Situation) -> None:
    assert_same_card(situation)


@proving
@given(conditions_on_a_lead())
def test_conditions_on_a_lead_make_the_same_card(situation: Situation) -> None:
    assert_same_card(situation)


@proving
@given(leaves_on_a_value())
def test_leaves_on_one_value_make_the_same_card(situation: Situation) -> None:
    assert_same_card(situation)


@proving
@given(measures_of_activities())
def test_measures_of_activities_make_the_same_card(situation: Situation) -> None:
    assert_same_card(situation)


@proving
@given(activities_under_a_where())
def test_conditions_on_an_activity_make_the_same_card(situation: Situation) -> None:
    assert_same_card(situation)
