"""What lint, diff, forecast and why-not say holds for any matrix and any lead."""

from copy import deepcopy
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scoring.engine.bounds import MatrixBounds, at_least, matrix_bounds
from scoring.engine.compiled import compile_matrix
from scoring.engine.diff import diff
from scoring.engine.dump import dump_matrix
from scoring.engine.evaluate import evaluate
from scoring.engine.explain import forecast, why_not
from scoring.engine.facts import parse_facts
from scoring.engine.lint import SEVERITIES, lint
from scoring.engine.parse import parse_matrix
from scoring.engine.text import read_number
from tests.engine.matrices import Json
from tests.engine.oracle_matches import existing
from tests.engine.oracle_strategies import Situation, matrices, situations

many = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


@given(matrices(), matrices())
@many
def test_a_diff_is_empty_exactly_where_two_matrices_are_equal(one: Json, other: Json) -> None:
    before, after = parse_matrix(one), parse_matrix(other)
    assert (diff(before, after) == []) == (before == after)
    assert diff(before, parse_matrix(deepcopy(one))) == []
    assert diff(before, parse_matrix(dump_matrix(before))) == []


@given(matrices())
@many
def test_lint_has_an_answer_to_every_matrix(document: Json) -> None:
    assert {each.code for each in lint(parse_matrix(document))} <= set(SEVERITIES)


@given(situations())
@many
def test_no_lead_leaves_the_bounds_of_its_matrix_or_is_where_lint_says_nobody_gets(situation: Situation) -> None:
    document, facts, as_of = situation
    matrix = parse_matrix(document | {"applies_to": {}})
    score = evaluate(compile_matrix(matrix), parse_facts(facts), as_of).score
    assert score is not None
    bounds: MatrixBounds = matrix_bounds(matrix)
    for points, bound in [(score.total, bounds.total), *((score.dimensions[each], bounds.dimensions[each])
                                                         for each in bounds.dimensions)]:  # fmt: skip
        assert at_least(bound.most, points)
        assert bound.least is None or bound.least <= points
    if score.stage in matrix.qualifying_stages:
        assert "L02" not in {each.code for each in lint(matrix)}


@given(situations(), st.integers(0, 40))
@many
def test_the_forecast_of_a_day_is_the_card_of_that_day(situation: Situation, in_days: int) -> None:
    document, facts, as_of = situation
    compiled = compile_matrix(parse_matrix(document))
    found = forecast(compiled, parse_facts(facts), as_of, days=in_days)
    told = (found.today, *found.changes)[-1]
    known = [each.raw for each in existing(facts, compiled.matrix.timezone, as_of)]
    lead = dict(facts["lead"])
    age = read_number(lead.get("created_days"))
    if age is not None:
        lead["created_days"] = age + in_days
    lived = parse_facts(facts | {"lead": lead, "activities": known})
    card = evaluate(compiled, lived, as_of + timedelta(days=in_days))
    assert told.applies == card.applies
    assert told.total == (None if card.score is None else card.score.total)
    assert told.stage == (None if card.score is None else card.score.stage)


@given(situations())
@many
def test_only_a_lead_in_the_highest_stage_has_nothing_in_its_way(situation: Situation) -> None:
    document, facts, as_of = situation
    matrix = parse_matrix(document)
    found = why_not(compile_matrix(matrix), parse_facts(facts), as_of)
    assert (found.obstacles == ()) == (found.stage == matrix.stages[-1].key)
