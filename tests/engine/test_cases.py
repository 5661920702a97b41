"""Every golden case over the engine, and over the second evaluator, so that it is itself tested."""

from datetime import date
from typing import Any

import pytest

from scoring.engine import InvalidFacts, InvalidMatrix, compile_matrix, evaluate, parse_facts, parse_matrix
from tests.engine.golden import differences, golden_cases
from tests.engine.oracle import oracle_card

CARDS = golden_cases(of="card")
PROBLEMS = golden_cases(of="problems")
Json = dict[str, Any]


@pytest.mark.parametrize("name", CARDS)
def test_the_engine_makes_the_card_of_a_golden_case(name: str) -> None:
    case = CARDS[name]
    compiled = compile_matrix(parse_matrix(case["matrix"]))
    card = evaluate(compiled, parse_facts(case["facts"]), date.fromisoformat(case["as_of"])).to_json()
    assert differences(case, card) == []


@pytest.mark.parametrize("name", CARDS)
def test_the_second_evaluator_makes_the_card_of_a_golden_case(name: str) -> None:
    case = CARDS[name]
    card = oracle_card(case["matrix"], case["facts"], date.fromisoformat(case["as_of"]))
    assert differences(case, card) == []


@pytest.mark.parametrize("name", PROBLEMS)
def test_the_engine_finds_every_problem_of_a_golden_case_at_once(name: str) -> None:
    case = PROBLEMS[name]
    if "facts" in case:
        with pytest.raises(InvalidFacts) as refused_facts:
            parse_facts(case["facts"])
        found = refused_facts.value.problems
    else:
        with pytest.raises(InvalidMatrix) as refused_matrix:
            parse_matrix(case["matrix"])
        found = refused_matrix.value.problems
    assert {problem.path for problem in found} == {problem["path"] for problem in case["problems"]}


@pytest.mark.parametrize("name", [*CARDS, *[name for name in PROBLEMS if "facts" in PROBLEMS[name]]])
def test_the_matrix_of_a_case_that_is_not_about_it_is_valid(name: str) -> None:
    parse_matrix((CARDS | PROBLEMS)[name]["matrix"])


def test_there_are_enough_golden_cases_and_each_says_what_it_guards() -> None:
    cases = CARDS | PROBLEMS
    own = [name for name in cases if not name.startswith("published/")]
    assert len(own) >= 200
    assert len(cases) - len(own) >= 15
    assert [name for name, case in cases.items() if not case.get("why") or not case.get("name")] == []


def test_a_difference_is_told_wherever_it_lies() -> None:
    card: Json = {
        "total": 1,
        "ledger": [
            {"criterion": "a", "evidence": {"activities": [{"id": "w:1", "age": 0}], "fields": {"lead.title": True}}},
            {"limit": "group", "name": "g", "dimension": "fit", "contribution": -1},
        ],
    }
    line, limit = card["ledger"]
    assert differences({"card": card, "whole": True}, card) == []
    for wrong in (
        {"total": True},
        {"stage": None},
        {"ledger": []},
        {"ledger": [limit, {"criterion": "b"}]},
        {"ledger": [limit, {"criterion": "a", "evidence": {"activities": []}}]},
        {"ledger": [limit, {"criterion": "a", "evidence": {"activities": [{"id": "w:2"}]}}]},
        {"ledger": [limit, {"criterion": "a", "evidence": {"fields": {"lead.title": 1}}}]},
        {"ledger": [limit, {"criterion": "a", "evidence": {"fields": {}}}]},
    ):
        assert differences({"card": wrong}, card) != []
    assert differences({"card": {"ledger": [limit, line]}}, card) == []
    assert differences({"card": {"total": 1}, "whole": True}, card) != []
