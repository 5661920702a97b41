"""What people read is whole sentences, made from codes, and there is one for every code."""

from typing import Any

import pytest
from django.utils import translation

from scoring.engine import parse_lead_condition, parse_matrix
from scoring.engine.diff import diff
from scoring.engine.errors import SENTENCES, problem
from scoring.engine.fields import ACTIVITY_FIELDS, ALL_OPS, COMPANY_FIELDS, LEAD_FIELDS
from scoring.engine.lint import SEVERITIES, lint
from scoring.wording import (
    change_sentence,
    condition_sentence,
    criterion_sentence,
    finding_sentence,
    problem_sentence,
)
from scoring.wording.conditions import _ONE
from scoring.wording.fields import FIELDS
from scoring.wording.findings import _SENTENCES
from scoring.wording.problems import TRANSLATABLE
from tests.scoring.world import MATRIX, changed

CRITERIA = {each.key: each for each in parse_matrix(MATRIX).criteria}


@pytest.mark.parametrize(
    ("condition", "sentence"),
    [
        ({}, "always"),
        ({"field": "lead.seniority", "op": "in", "value": ["c_level", "vp"]}, "seniority is one of C-level, VP"),
        ({"not": {"field": "lead.phone", "op": "is_known"}}, "phone is unknown"),
        ({"field": "company.employees", "op": "between", "value": [50, 500]}, "employees is from 50 to 500"),
        ({"field": "lead.title", "op": "has_word", "value": "vp"}, "title has the word “vp”"),
        (
            {"field": "lead.attributes.birth_date", "op": "years_between", "value": [25, 60]},
            "birth date is 25 to 60 years ago",
        ),
        (
            {
                "all": [
                    {"field": "lead.consent", "op": "is", "value": True},
                    {
                        "any": [
                            {"field": "lead.country", "op": "is", "value": "DE"},
                            {"field": "lead.city", "op": "is_known"},
                        ]
                    },
                ]
            },
            "consent is yes and (country is “DE” or city is known)",
        ),
        ({"not": {"field": "lead.source", "op": "is", "value": "partner"}}, "not (source is “partner”)"),
    ],
)
def test_a_condition_reads_as_a_sentence(condition: dict[str, Any], sentence: str) -> None:
    assert condition_sentence(parse_lead_condition(condition)) == sentence


def test_a_whole_criterion_reads_as_a_sentence() -> None:
    assert criterion_sentence(CRITERIA["pricing-page"]) == (
        "page view where address is under /pricing; at most 4 in all; fades to nothing over 10 days"
    )
    assert criterion_sentence(CRITERIA["went-quiet"]) == "page view, then none for 14 days"
    assert criterion_sentence(CRITERIA["exec-title"]) == "seniority is one of C-level, VP"


def test_every_field_and_op_of_the_engine_has_its_words() -> None:
    known = {f"lead.{name}" for name in LEAD_FIELDS} | {f"company.{name}" for name in COMPANY_FIELDS}
    known |= {f"activity.{name}" for name in ACTIVITY_FIELDS}
    assert known == set(FIELDS)
    assert set(_ONE) == {*ALL_OPS} - {"between", "years_between", "is_known"}


def test_every_code_of_lint_has_a_sentence() -> None:
    assert set(_SENTENCES) == set(SEVERITIES)


def test_the_findings_of_a_careless_matrix_read_well() -> None:
    careless = {
        **MATRIX,
        "criteria": [
            {
                "key": "opened",
                "label": "Opened an email",
                "dimension": "behavior",
                "points": 30,
                "when": {"kinds": ["email_open"]},
            },
            {
                "key": "young",
                "label": "Young",
                "dimension": "fit",
                "points": 30,
                "if": {"field": "lead.attributes.age", "op": "lt", "value": 30},
            },
        ],
    }
    matrix = parse_matrix(careless)
    findings = lint(matrix)
    assert {finding.code for finding in findings} >= {"L01", "L03", "L04", "L05", "L07", "L10", "L11", "L14"}
    for finding in findings:
        sentence = finding_sentence(finding, matrix)
        assert "%(" not in sentence
        assert sentence.endswith((".", ".")), sentence
    by_code = {finding.code: finding_sentence(finding, matrix) for finding in findings}
    assert by_code["L14"].startswith("Young: rests on age, a personal fact")


def test_every_problem_of_the_engine_is_listed_for_translators_and_reads_whole() -> None:
    assert set(TRANSLATABLE) == set(SENTENCES.values())
    assert problem_sentence(problem("/x", "out_of_range", least=1, most=5)) == "Write a whole number from 1 to 5."


@pytest.mark.parametrize(
    ("after", "sentence"),
    [
        (changed(points={"demo": 18}), "Asked for a demo: 15 → 18 points"),
        (
            changed(stages=[{**each, "at": 45} if each["key"] == "mql" else each for each in MATRIX["stages"]]),
            "Marketing qualified threshold: 40 → 45",
        ),
        (changed(hand_off_at="sql"), "Hands off at: mql → sql"),
        (changed(dimensions={"fit": {"weight": 80}}), "Fit, weight: 100 → 80"),
        (changed(applies_to={}), "Applies to: source is unknown or not (source is “partner”) → always"),
        (changed(criteria=MATRIX["criteria"][:-1]), "Criterion removed: Works for a competitor"),
    ],
)
def test_a_difference_reads_as_a_sentence(after: dict[str, Any], sentence: str) -> None:
    assert [change_sentence(each) for each in diff(parse_matrix(MATRIX), parse_matrix(after))] == [sentence]


def test_sentences_follow_the_readers_language() -> None:
    with translation.override("de"):
        assert condition_sentence(parse_lead_condition({"field": "lead.country", "op": "is_known"}))
