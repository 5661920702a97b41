"""What docs/scoring.md says was chosen where the contract is silent, and the codes and sentences of refusals."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from scoring.engine import (
    CriterionLine,
    InvalidFacts,
    InvalidMatrix,
    compile_matrix,
    dump_matrix,
    evaluate,
    parse_facts,
    parse_json,
    parse_lead_condition,
    parse_matrix,
)
from scoring.engine.errors import SENTENCES, problem
from scoring.engine.fields import ALL_OPS, OPS

ENGINE = Path(__file__).parents[2] / "scoring" / "engine"
DOCS = Path(__file__).parents[2] / "docs" / "scoring.md"


def document(**changes: Any) -> dict[str, Any]:
    return {
        "schema": 1,
        "name": "Choices",
        "grades": {"A": 40},
        "levels": {"1": 60},
        "stages": [{"key": "mql", "at": 50}, {"key": "sql", "at": 80}],
        "criteria": [],
    } | changes


def criterion(**changes: Any) -> dict[str, Any]:
    return {"key": "c", "dimension": "fit", "points": 10, "if": {}} | changes


def behavior(**changes: Any) -> dict[str, Any]:
    return {"key": "b", "dimension": "behavior", "points": 10, "when": {}} | changes


def refused(**changes: Any) -> dict[str, str]:
    with pytest.raises(InvalidMatrix) as caught:
        parse_matrix(document(**changes))
    return {each.path: each.code for each in caught.value.problems}


def refused_criterion(*criteria: dict[str, Any], **changes: Any) -> dict[str, str]:
    return {path.removeprefix("/criteria"): code for path, code in refused(criteria=list(criteria), **changes).items()}


def refused_condition(condition: object) -> dict[str, str]:
    with pytest.raises(InvalidMatrix) as caught:
        parse_lead_condition(condition)
    return {each.path: each.code for each in caught.value.problems}


def refused_facts(facts: object) -> dict[str, str]:
    with pytest.raises(InvalidFacts) as caught:
        parse_facts(facts)
    return {each.path: each.code for each in caught.value.problems}


def outcome(condition: object, x: object) -> str:
    asked = document(criteria=[criterion(**{"if": condition})])
    card = evaluate(
        compile_matrix(parse_matrix(asked)), parse_facts({"lead": {"attributes": {"x": x}}}), date(2026, 3, 3)
    )
    assert card.score is not None
    line = card.score.ledger[0]
    assert isinstance(line, CriterionLine)
    return line.outcome


def leaf(op: str, value: object = None) -> dict[str, object]:
    asked = {"field": "lead.attributes.x", "op": op}
    return asked if value is None else asked | {"value": value}


@pytest.mark.parametrize("points", [20.0, "20", True, parse_json("20.0"), [20], {}])
def test_a_whole_number_is_written_as_one(points: object) -> None:
    assert refused_criterion(criterion(points=points)) == {"/0/points": "not_an_integer"}


def test_null_is_told_apart_from_a_wrong_type() -> None:
    assert refused(name=None, stages=None, criteria=[criterion(key=None, note=None)], description=5) == {
        "/name": "null",
        "/stages": "null",
        "/criteria/0/key": "null",
        "/criteria/0/note": "null",
        "/description": "not_a_text",
    }


def test_labels_may_be_left_out() -> None:
    matrix = parse_matrix(document(criteria=[criterion(group="g")], groups={"g": {}}))
    assert (matrix.criteria[0].label, matrix.groups["g"].label, matrix.stages[0].label) == ("c", "g", "mql")


def test_nothing_people_read_is_blank() -> None:
    stages = [{"key": " ", "at": 1}, *document()["stages"]]
    found = refused(
        name=" ",
        stages=stages,
        groups={"": {}, "g": {"label": "\u3000"}},
        criteria=[behavior(group="", when={"kinds": ["\t"]})],
    )
    assert found == {
        "/name": "blank",
        "/stages/0/key": "blank",
        "/groups/": "blank",
        "/groups/g/label": "blank",
        "/criteria/0/group": "blank",
        "/criteria/0/when/kinds/0": "blank",
    }


def test_bands_may_be_few_and_stand_in_any_order() -> None:
    matrix = parse_matrix(document(grades={"D": 1, "A": 40}, levels={}))
    assert list(matrix.grades) == ["A", "D"]
    assert matrix.levels == {}


def test_gates_every_lead_meets_may_be_written() -> None:
    stages = [{"key": "mql", "at": 50, "min_grade": "F", "max_level": 4}, {"key": "sql", "at": 80}]
    assert parse_matrix(document(stages=stages)).stages[0].min_grade == "F"


def test_negative_turns_the_sign_of_stars_and_tiers_alone() -> None:
    valued = {"points_per_star": 5, "tiers": {"high": 20}}
    starred = criterion(stars=4, negative=True)
    del starred["points"]
    assert parse_matrix(document(criteria=[starred], **valued)).criteria[0].points == -20
    assert refused_criterion(criterion(negative=True)) == {"/0/negative": "negative_beside_points"}


def test_empty_counts_and_curves_say_nothing() -> None:
    plainly = parse_matrix(document(criteria=[behavior()]))
    assert parse_matrix(document(criteria=[behavior(count={}, decay={})])) == plainly
    assert refused_criterion(criterion(count={})) == {"/0/count": "only_in_behavior"}


def test_problems_of_several_parts_point_at_the_whole() -> None:
    two_curves = {"linear_days": 3, "expires_after_days": 3}
    two_measures = {"silent_days": 3, "reached": {"at_least": 1, "within_days": 2}}
    assert refused_criterion(behavior(decay=two_curves, when=two_measures, stars=3), points_per_star=5) == {
        "/0": "one_worth",
        "/0/decay": "one_curve",
        "/0/when": "one_measure",
    }


@pytest.mark.parametrize(
    "zone", ["localtime", "Europe/Nowhere", "europe/berlin", "../etc/passwd", "posix/UTC", "Europe"]
)
def test_a_zone_is_one_of_the_iana_database(zone: str) -> None:
    assert refused(timezone=zone) == {"/timezone": "unknown_zone"}


def test_an_example_has_all_its_parts_and_its_facts_are_read() -> None:
    whole = {"name": "n", "as_of": "2026-02-30", "facts": {"lead": {"title": None, "nope": 1}}, "stage": "warm"}
    assert refused(examples=[whole, {}]) == {
        "/examples/0/as_of": "not_a_day",
        "/examples/0/facts/lead/nope": "unknown_key",
        "/examples/0/stage": "unknown_stage",
        **{f"/examples/1/{key}": "required" for key in whole},
    }


def test_keys_that_are_no_text_are_refused() -> None:
    # What YAML makes of `levels: {1: 60}`.
    assert refused(levels={1: 60}) == {"/levels/1": "not_a_text"}


def test_a_problem_within_a_refused_value_is_told_once() -> None:
    assert refused(name="\ud800", grades={"A": float("nan")}) == {"/name": "lone_surrogate", "/grades/A": "not_finite"}


@pytest.mark.parametrize(
    ("op", "value", "code"),
    [
        ("is", ["a"], "not_a_scalar"),
        ("in", "a", "not_a_list"),
        ("in", [], "empty_list"),
        ("has_any", "a", "not_a_list"),
        ("contains", 5, "not_a_text"),
        ("contains", [], "empty_list"),
        ("gt", "5", "not_a_number_or_day"),
        ("gt", "2026-02-29", "not_a_number_or_day"),
        ("gt", True, "not_a_number_or_day"),
        ("between", [1, "2026-01-01"], "mixed_range"),
        ("between", [2, 1], "falling_range"),
        ("between", ["2026-01-02", "2026-01-01"], "falling_range"),
        ("between", [1], "pair"),
        ("years_between", [2, 1], "falling_range"),
        ("years_between", ["2026-01-01", "2026-01-02"], None),
        ("has_word", ["vp", "!"], None),
    ],
)
def test_an_operand_suits_its_op(op: str, value: object, code: str | None) -> None:
    found = refused_condition(leaf(op, value))
    assert found == ({"/value": code} if code else found)
    assert all(path.startswith("/value") for path in found)


def test_every_member_of_a_fixed_list_is_checked() -> None:
    asked = {"field": "lead.country", "op": "in", "value": ["us", "UK", 5, "", "DE", None]}
    assert refused_condition(asked) == {
        "/value/1": "outside_the_list",
        "/value/2": "outside_the_list",
        "/value/3": "blank",
        "/value/5": "null",
    }
    assert refused_condition({"field": "lead.seniority", "op": "is", "value": True}) == {"/value": "outside_the_list"}


def test_fixed_lists_do_not_bind_text_ops() -> None:
    assert parse_lead_condition({"field": "lead.seniority", "op": "contains", "value": "level"})


@pytest.mark.parametrize(
    "name",
    ["lead.", "lead.nope", "lead.attributes", "lead.attributes.", "lead.attributes. ", "Lead.title", "activity.url"],
)
def test_an_unknown_field_is_an_error_never_a_false(name: str) -> None:
    assert refused_condition({"field": name, "op": "is_known"}) == {"/field": "unknown_field"}


def test_a_name_may_hold_points() -> None:
    facts = parse_facts({"lead": {"attributes": {"a.b": 1}}})
    assert facts.values == {"lead.attributes.a.b": 1}
    assert parse_lead_condition({"field": "lead.attributes.a.b", "op": "is_known"})


def test_a_condition_is_one_thing() -> None:
    assert refused_condition({"all": [{}], "any": [{}]}) == {"": "condition_form"}
    assert refused_condition({"not": {}, "field": "lead.title"}) == {"": "condition_form"}
    assert refused_condition({"not": {}, "also": 1}) == {"/also": "unknown_key"}
    assert refused_condition({"value": 1}) == {"/field": "required", "/op": "required"}
    assert refused_condition([]) == {"": "not_an_object"}


def test_a_sixth_combiner_is_one_too_many_even_above_nothing() -> None:
    deep: dict[str, object] = {}
    for _ in range(5):
        deep = {"not": deep}
    assert parse_lead_condition(deep)
    assert refused_condition({"all": [deep]}) == {"/all/0/not/not/not/not": "condition_too_deep"}


@pytest.mark.parametrize(
    ("asked", "value", "expected"),
    [
        (leaf("is_known"), {}, "met"),
        (leaf("is", "a"), {"a": 1}, "unknown"),
        (leaf("has_any", ["a"]), {"a": 1}, "unknown"),
        (leaf("gt", 1), {"a": 1}, "unknown"),
        (leaf("has_any", ["a"]), [None], "not_met"),
        (leaf("has_any", ["a"]), [["a"], {"a": 1}], "not_met"),
        (leaf("is_known"), [None], "met"),
        (leaf("is", True), 1, "not_met"),
        (leaf("is", 1), True, "not_met"),
        (leaf("in", [True, "x"]), "TRUE ", "met"),
        (leaf("years_between", [0, 10]), "2026-03-04", "not_met"),
        (leaf("years_between", [-1, 10]), "2026-03-04", "met"),
        (leaf("is", 7), "٧", "not_met"),
        (leaf("gt", 5), 7.5, "met"),
    ],
)
def test_a_value_is_read_as_its_op_needs(asked: object, value: object, expected: str) -> None:
    assert outcome(asked, value) == expected


def test_facts_may_say_nothing() -> None:
    assert parse_facts({}) == parse_facts({"lead": None, "company": None, "activities": None})
    assert parse_facts({"lead": {"attributes": None, "title": None}}) == parse_facts({"lead": {}})


def test_the_shape_of_facts_is_strict() -> None:
    activity = {"id": "a:1", "kind": "call", "occurred_at": "2026-03-03T10:00:00Z"}
    assert refused_facts(None) == {"": "null"}
    assert refused_facts(
        {
            "person": {},
            "lead": {"title": ["any", "value"], "tilte": "x", "attributes": []},
            "company": "acme",
            "activities": [
                5,
                {},
                activity | {"is_bot": "no", "url": {"any": "value"}, "properties": [], "lead": 1},
                activity | {"id": 7, "kind": None},
                activity | {"occurred_at": "2026-03-03"},
                {**activity, "occurred_at": "2026-03-03T10:00:00"},
            ],
        }
    ) == {
        "/person": "unknown_key",
        "/lead/tilte": "unknown_key",
        "/lead/attributes": "not_an_object",
        "/company": "not_an_object",
        "/activities/0": "not_an_object",
        "/activities/1/id": "required",
        "/activities/1/kind": "required",
        "/activities/1/occurred_at": "required",
        "/activities/2/is_bot": "not_a_boolean",
        "/activities/2/properties": "not_an_object",
        "/activities/2/lead": "unknown_key",
        "/activities/3/id": "not_a_text",
        "/activities/3/kind": "null",
        "/activities/4/occurred_at": "not_a_time",
        "/activities/4/id": "id_twice",
        "/activities/5/occurred_at": "no_offset",
        "/activities/5/id": "id_twice",
    }


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-03T10:00:00.1234567+01:00", "2026-03-03T09:00:00.123456+00:00"),
        ("2026-03-03 10:00z", "2026-03-03T10:00:00+00:00"),
        ("2026-03-03t10:00:00-0330", "2026-03-03T13:30:00+00:00"),
        ("2026-03-03T10:00:00.9999999+00", "2026-03-03T10:00:00.999999+00:00"),
    ],
)
def test_times_are_read_to_the_microsecond_and_kept_in_utc(text: str, moment: str) -> None:
    facts = parse_facts({"activities": [{"id": "a:1", "kind": "call", "occurred_at": text}]})
    assert facts.activities[0].occurred_at.isoformat() == moment


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2026-02-30T10:00:00Z", "not_a_time"),
        ("2026-03-03T24:00:00Z", "not_a_time"),
        ("2026-03-03T10:00:60Z", "not_a_time"),
        ("2026-03-03T10:00:00+24:00", "not_a_time"),
        ("2026-W10-2T10:00:00Z", "not_a_time"),
        ("２０２６-03-03T10:00:00Z", "not_a_time"),
        (" 2026-03-03T10:00:00Z", "not_a_time"),
        ("2026-03-03T10:00:00Z\n", "not_a_time"),
        ("0001-01-01T00:00:00+14:00", "not_a_time"),
        ("9999-12-31T23:59:59Z", "implausible_time"),
        (1772532000, "not_a_text"),
        ("", "blank"),
    ],
)
def test_what_is_no_moment_is_refused(text: object, code: str) -> None:
    facts = {"activities": [{"id": "a:1", "kind": "call", "occurred_at": text}]}
    assert refused_facts(facts) == {"/activities/0/occurred_at": code}


def test_defaults_are_filled_in_and_never_written_back() -> None:
    least = document(criteria=[behavior()])
    assert dump_matrix(parse_matrix(least)) == least


def test_every_sentence_can_be_said_and_is_used() -> None:
    code = "\n".join(path.read_text() for path in ENGINE.glob("*.py") if path.name != "errors.py")
    for each, sentence in SENTENCES.items():
        assert f'"{each}"' in code, each
        params = dict.fromkeys(re.findall(r"{(\w+)}", sentence), "x")
        assert problem("", each, **params).detail.endswith(".")


def test_the_documentation_names_every_key_and_op() -> None:
    text = DOCS.read_text(encoding="utf-8")
    sources = ("parse.py", "parse_criteria.py")
    keys = {
        name
        for source in sources
        for words in re.findall(
            r"(?:KEYS|CURVES|MEASURES|WORTHS|REQUIRED): Final = \((.*?)\n?\)\n", (ENGINE / source).read_text(), re.S
        )
        for name in re.findall(r'"(\w+)"', words)
    }
    assert len(keys) > 40
    assert {name for name in keys | set(ALL_OPS) if f"`{name}`" not in text} == set()
    assert {op for ops in OPS.values() for op in ops} == set(ALL_OPS)
