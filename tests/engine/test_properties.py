"""What must hold whatever a matrix and facts say.

`HYPOTHESIS_PROFILE=prove` tries 2,000 of each instead of 100.
"""

import os
from datetime import timedelta
from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from scoring.engine import (
    Card,
    CriterionLine,
    LimitLine,
    compile_matrix,
    dump_matrix,
    evaluate,
    parse_facts,
    parse_json,
    parse_matrix,
    write_json,
)
from scoring.engine.types import DIMENSIONS
from tests.engine.oracle import oracle_card
from tests.engine.strategies import AS_OF, Json, counts, decays, facts, lead_conditions, matrices, patterns

thorough = settings(
    max_examples=2_000 if os.environ.get("HYPOTHESIS_PROFILE") == "prove" else 100,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)


def card_of(document: Json, fact: Json) -> Card:
    return evaluate(compile_matrix(parse_matrix(document)), parse_facts(fact), AS_OF)


@thorough
@given(matrices(), facts())
def test_the_ledger_sums_to_the_total(document: Json, fact: Json) -> None:
    score = card_of(document, fact).score
    assume(score is not None)
    assert score is not None
    assert sum(line.contribution for line in score.ledger) == score.total


@thorough
@given(matrices(), facts())
def test_the_lines_of_a_dimension_but_its_weight_sum_to_the_dimension(document: Json, fact: Json) -> None:
    score = card_of(document, fact).score
    assume(score is not None)
    assert score is not None
    for name in DIMENSIONS:
        lines = [line for line in score.ledger if line.dimension == name]
        unweighted = [line for line in lines if not (isinstance(line, LimitLine) and line.limit == "weight")]
        assert sum(line.contribution for line in unweighted) == score.dimensions[name]


@thorough
@given(matrices(), facts())
def test_the_second_evaluator_makes_the_same_card(document: Json, fact: Json) -> None:
    assert write_json(card_of(document, fact).to_json()) == write_json(oracle_card(document, fact, AS_OF))


@thorough
@given(matrices(), facts(), st.randoms(use_true_random=False))
def test_the_order_of_activities_never_matters(document: Json, fact: Json, chance: Any) -> None:
    shuffled = list(fact["activities"])
    chance.shuffle(shuffled)
    assert write_json(card_of(document, fact).to_json()) == write_json(
        card_of(document, fact | {"activities": shuffled}).to_json()
    )


@thorough
@given(matrices(), facts())
def test_a_matrix_judges_many_leads_as_it_judges_one(document: Json, fact: Json) -> None:
    compiled = compile_matrix(parse_matrix(document))
    first = evaluate(compiled, parse_facts(fact), AS_OF).to_json()
    parsed = parse_facts(fact)
    for days in (-20, 3, 0):
        again = evaluate(compiled, parsed, AS_OF + timedelta(days=days)).to_json()
    assert again == first


@thorough
@given(patterns, counts, decays, facts(), st.integers(1, 60))
def test_time_alone_never_raises_a_decaying_criterion(
    when: Json, count: Json, decay: Json, fact: Json, points: int
) -> None:
    criterion = {"key": "c", "dimension": "behavior", "points": points, "when": when, "count": count, "decay": decay}
    document = {
        "schema": 1,
        "name": "Decay",
        "grades": {},
        "levels": {},
        "stages": [{"key": "mql"}, {"key": "sql", "at": 1}],
        "criteria": [criterion],
    }
    compiled, parsed = compile_matrix(parse_matrix(document)), parse_facts(fact)
    # From the third day on no activity of these facts still lies ahead.
    scores = [evaluate(compiled, parsed, AS_OF + timedelta(days=days)).score for days in range(3, 60, 4)]
    totals = [score.total for score in scores if score is not None]
    assert all(later <= earlier for earlier, later in pairwise(totals))


@thorough
@given(matrices(), facts())
def test_a_matrix_read_from_its_own_document_is_the_same(document: Json, fact: Json) -> None:
    matrix = parse_matrix(document)
    dumped = dump_matrix(matrix)
    assert parse_matrix(dumped) == matrix
    assert parse_matrix(parse_json(write_json(dumped))) == matrix
    assert dump_matrix(parse_matrix(dumped)) == dumped
    # A document with fewer words has another checksum and says the same.
    assert card_of(dumped, fact).to_json() | {"checksum": ""} == card_of(document, fact).to_json() | {"checksum": ""}


@thorough
@given(lead_conditions, facts())
def test_not_turns_true_and_false_and_leaves_unknown(condition: Json, fact: Json) -> None:
    def outcome(asked: Json) -> str:
        document = {
            "schema": 1,
            "name": "Not",
            "grades": {},
            "levels": {},
            "stages": [{"key": "mql"}, {"key": "sql", "at": 1}],
            "criteria": [{"key": "c", "dimension": "fit", "points": 1, "if": asked}],
        }
        score = card_of(document, fact).score
        assert score is not None
        line = score.ledger[0]
        assert isinstance(line, CriterionLine)
        return line.outcome

    turned = {"met": "not_met", "not_met": "met", "unknown": "unknown"}
    assert outcome({"not": condition}) == turned[outcome(condition)]
