"""Every golden case of the engine, judged in bulk: alone, and all leads of one matrix and day together."""

from datetime import date
from typing import Any

import pytest

from scoring.engine import parse_facts
from tests.bulk.against_engine import assert_judged_like_the_engine
from tests.engine.golden import golden_cases

Json = dict[str, Any]
CARDS = golden_cases(of="card")
EVERYBODY = [(number, parse_facts(case["facts"])) for number, case in enumerate(CARDS.values(), 1)]


@pytest.mark.parametrize("name", CARDS)
def test_a_golden_case_is_judged_like_the_engine_does(name: str) -> None:
    case = CARDS[name]
    assert_judged_like_the_engine(case["matrix"], [(7, parse_facts(case["facts"]))], date.fromisoformat(case["as_of"]))


@pytest.mark.parametrize("name", CARDS)
def test_the_matrix_of_a_golden_case_judges_the_leads_of_all_cases(name: str) -> None:
    case = CARDS[name]
    assert_judged_like_the_engine(case["matrix"], EVERYBODY, date.fromisoformat(case["as_of"]))
