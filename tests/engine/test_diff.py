from copy import deepcopy
from typing import Any

import pytest

from scoring.engine.diff import Change, diff
from scoring.engine.parse import parse_matrix
from tests.engine.matrices import Json, act, document, fit

WHOLE: Json = document(
    fit("vp", 20, group="person", note="Agreed in March"),
    fit("stars", 0, group="person") | {"stars": 2},
    fit("tier", 0, dimension="qualification") | {"tier": "high", "negative": True},
    act("pricing", 8, ["page_view"], group="website", max_points=20, count={"max": 5, "repeat_percent": 50},
        decay={"half_life_days": 30}, label="Pricing page"),
    act("back", 5, when={"after": {"kinds": ["form_submit"]}, "within_days": 7}),
    act("often", 5, when={"reached": {"at_least": 5, "within_days": 7}}),
    act("more", 5, when={"rising": {"days": 7, "by_percent": 50, "at_least": 3}}),
    act("quiet", -5, when={"silent_days": 30, "per_days": 10}),
    points_per_star=5,
    tiers={"high": 20, "low": 4},
    dimensions={"fit": {"ceiling": 100}, "behavior": {"weight": 80}},
    groups={"person": {"label": "Person"}, "website": {"label": "Website", "ceiling": 40}},
    examples=[{"name": "A lead", "as_of": "2026-03-03", "facts": {"lead": {"title": "VP"}}, "stage": "mql"}],
)  # fmt: skip
for _criterion in WHOLE["criteria"][1:3]:
    del _criterion["points"]


def put(path: str, value: Any) -> Json:
    """The whole document with another value at the pointer; `...` takes it away."""
    changed = deepcopy(WHOLE)
    *way, last = [int(step) if step.isdigit() and "levels" not in path else step for step in path.split("/")[1:]]
    place: Any = changed
    for step in way:
        place = place[step]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return changed


def changes(before: Json, after: Json) -> list[Change]:
    return diff(parse_matrix(before), parse_matrix(after))


def summary(change: Change) -> tuple[str, str, Any, Any]:
    return change.kind, change.path, change.before, change.after


def test_a_matrix_does_not_differ_from_itself() -> None:
    assert changes(WHOLE, deepcopy(WHOLE)) == []


def test_two_ways_of_writing_one_matrix_do_not_differ() -> None:
    written = put("/dimensions/qualification", {"weight": 100}) | {"hand_off_at": "mql", "timezone": "UTC"}
    assert changes(WHOLE, written) == []


CHANGES: list[tuple[str, Any, list[tuple[str, str, Any, Any]]]] = [
    ("/name", "Other", [("matrix_name", "/name", "Test", "Other")]),
    ("/description", "Why", [("matrix_description", "/description", "", "Why")]),
    ("/audience", "b2c", [("matrix_audience", "/audience", "b2b", "b2c")]),
    ("/timezone", "Europe/Warsaw", [("matrix_timezone", "/timezone", "UTC", "Europe/Warsaw")]),
    ("/hand_off_at", "sql", [("matrix_hand_off_at", "/hand_off_at", "mql", "sql")]),
    ("/tiers/low", 6, [("tier", "/tiers/low", 4, 6)]),
    ("/tiers/low", ..., [("tier", "/tiers/low", 4, None)]),
    ("/dimensions/fit/ceiling", ..., [("dimension_ceiling", "/dimensions/fit/ceiling", 100, None)]),
    ("/dimensions/fit/floor", -5, [("dimension_floor", "/dimensions/fit/floor", None, -5)]),
    ("/dimensions/behavior", ..., [("dimension_weight", "/dimensions/behavior/weight", 80, 100)]),
    ("/grades/B", 30, [("grade", "/grades/B", 25, 30)]),
    ("/grades/D", ..., [("grade", "/grades/D", 1, None)]),
    ("/levels/2", 40, [("level", "/levels/2", 35, 40)]),
    ("/stages/1/at", 55, [("stage_at", "/stages/mql/at", 50, 55)]),
    ("/stages/1/label", "Ready", [("stage_label", "/stages/mql/label", "Marketing qualified", "Ready")]),
    ("/stages/2/min_grade", "B", [("stage_min_grade", "/stages/sql/min_grade", None, "B")]),
    ("/stages/2/max_level", 2, [("stage_max_level", "/stages/sql/max_level", None, 2)]),
    ("/stages/0", ..., [("stage_removed", "/stages/cold", {"key": "cold", "label": "Cold"}, None)]),
    ("/groups/website/ceiling", 50, [("group_ceiling", "/groups/website/ceiling", 40, 50)]),
    ("/groups/website/label", "Web", [("group_label", "/groups/website/label", "Website", "Web")]),
    ("/groups/person/take", "highest", [("group_take", "/groups/person/take", None, "highest")]),
    ("/groups/person", ..., [("group_removed", "/groups/person", {"label": "Person"}, None)]),
    ("/criteria/3/points", 12, [("criterion_points", "/criteria/pricing/points", 8, 12)]),
    ("/criteria/3/label", "Prices", [("criterion_label", "/criteria/pricing/label", "Pricing page", "Prices")]),
    ("/criteria/0/note", ..., [("criterion_note", "/criteria/vp/note", "Agreed in March", "")]),
    ("/criteria/0/group", ..., [("criterion_group", "/criteria/vp/group", "person", None)]),
    ("/criteria/0/if", {}, [("criterion_if", "/criteria/vp/if", {"field": "lead.title", "op": "has_word", "value": "vp"}, {})]),
    ("/criteria/0/disqualify", True, [("criterion_disqualify", "/criteria/vp/disqualify", False, True)]),
    ("/criteria/0/fast_track", True, [("criterion_fast_track", "/criteria/vp/fast_track", False, True)]),
    ("/criteria/0/enabled", False, [("criterion_enabled", "/criteria/vp/enabled", True, False)]),
    ("/criteria/3/when/kinds", ["session"], [("criterion_kinds", "/criteria/pricing/when/kinds", ["page_view"], ["session"])]),
    ("/criteria/3/when/where", {"not": {}}, [("criterion_where", "/criteria/pricing/when/where", {}, {"not": {}})]),
    ("/criteria/3/when/unique_by", "subject", [("criterion_unique_by", "/criteria/pricing/when/unique_by", None, "subject")]),
    ("/criteria/4/when/within_days", 9, [(
        "criterion_after", "/criteria/back/when/after",
        {"after": {"kinds": ["form_submit"]}, "within_days": 7}, {"after": {"kinds": ["form_submit"]}, "within_days": 9},
    )]),
    ("/criteria/5/when/reached", {"at_least": 6, "within_days": 7}, [(
        "criterion_measure", "/criteria/often/when/measure",
        {"reached": {"at_least": 5, "within_days": 7}}, {"reached": {"at_least": 6, "within_days": 7}},
    )]),
    ("/criteria/7/when/per_days", ..., [(
        "criterion_measure", "/criteria/quiet/when/measure", {"silent_days": 30, "per_days": 10}, {"silent_days": 30},
    )]),
    ("/criteria/3/count/max", 6, [("criterion_max", "/criteria/pricing/count/max", 5, 6)]),
    ("/criteria/3/count/max_per_day", 1, [("criterion_max_per_day", "/criteria/pricing/count/max_per_day", None, 1)]),
    ("/criteria/3/count/repeat_percent", ..., [("criterion_repeat_percent", "/criteria/pricing/count/repeat_percent", 50, 100)]),
    ("/criteria/3/decay", {"steps": [[30, 50]]}, [(
        "criterion_decay", "/criteria/pricing/decay", {"half_life_days": 30}, {"steps": [[30, 50]]},
    )]),
    ("/criteria/3/max_points", ..., [("criterion_max_points", "/criteria/pricing/max_points", 20, None)]),
    ("/examples/0/stage", "sql", [("example_stage", "/examples/A lead/stage", "mql", "sql")]),
    ("/examples/0/as_of", "2026-03-04", [("example_as_of", "/examples/A lead/as_of", "2026-03-03", "2026-03-04")]),
    ("/examples/0/facts", {}, [("example_facts", "/examples/A lead/facts", {"lead": {"title": "VP"}}, {})]),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value", "expected"), CHANGES)
def test_each_part_that_differs_is_named_with_before_and_after(
    path: str, value: Any, expected: list[tuple[str, str, Any, Any]]
) -> None:
    assert [summary(each) for each in changes(WHOLE, put(path, value))] == expected


@pytest.mark.parametrize(("path", "value"), [each[:2] for each in CHANGES])
def test_the_way_back_is_the_way_there_turned_round(path: str, value: Any) -> None:
    there = {(each.kind, each.path): (each.before, each.after) for each in changes(WHOLE, put(path, value))}
    back = {(each.kind, each.path): (each.after, each.before) for each in changes(put(path, value), WHOLE)}
    turned = {"_added": "_removed", "_removed": "_added"}
    for (kind, place), values in back.items():
        ending = next((each for each in turned if kind.endswith(each)), None)
        same = kind if ending is None else kind.removesuffix(ending) + turned[ending]
        assert there[same, place] == values


def test_a_worth_that_moves_with_its_scale_is_shown_at_the_criterion_too() -> None:
    found = changes(WHOLE, put("/points_per_star", 6))
    assert [summary(each) for each in found] == [
        ("matrix_points_per_star", "/points_per_star", 5, 6),
        ("criterion_points", "/criteria/stars/points", 10, 12),
    ]
    assert [summary(each) for each in changes(WHOLE, put("/criteria/2/tier", "low"))] == [
        ("criterion_points", "/criteria/tier/points", -20, -4),
        ("criterion_tier", "/criteria/tier/tier", "high", "low"),
    ]


def test_a_criterion_that_comes_is_given_whole() -> None:
    (one,) = changes(WHOLE, WHOLE | {"criteria": [*WHOLE["criteria"], fit("new", 3, label="New one")]})
    assert (one.kind, one.path, one.criterion, one.label, one.before) == (
        "criterion_added", "/criteria/new", "new", "New one", None,
    )  # fmt: skip
    assert isinstance(one.after, dict)
    assert one.after["points"] == 3


def test_a_criterion_that_goes_is_given_whole() -> None:
    (one,) = changes(WHOLE, WHOLE | {"criteria": WHOLE["criteria"][1:]})
    assert (one.kind, one.criterion, one.label, one.after) == ("criterion_removed", "vp", "Vp", None)


def test_another_order_is_a_change_of_its_own() -> None:
    first, second, *rest = WHOLE["criteria"]
    (one,) = changes(WHOLE, WHOLE | {"criteria": [second, first, *rest]})
    assert one.kind == "criteria_reordered"
    assert isinstance(one.before, list)
    assert one.before[:2] == ["vp", "stars"]


def test_what_comes_between_does_not_reorder() -> None:
    first, *rest = WHOLE["criteria"]
    assert [each.kind for each in changes(WHOLE, WHOLE | {"criteria": [first, fit("new", 1), *rest]})] == [
        "criterion_added"
    ]


def test_a_criterion_that_begins_to_look_at_activities_says_so() -> None:
    after = put(
        "/criteria/0", act("vp", 20, note="Agreed in March", group="person") | {"if": WHOLE["criteria"][0]["if"]}
    )
    after["criteria"][1].pop("group")
    kinds = [(each.kind, each.before, each.after) for each in changes(WHOLE, after) if each.criterion == "vp"]
    assert kinds == [
        ("criterion_dimension", "fit", "behavior"),
        ("criterion_kinds", None, ["download"]),
        ("criterion_where", None, {}),
    ]


def test_true_and_1_are_not_the_same_operand() -> None:
    def asking(value: object) -> Json:
        return put("/criteria/0/if", {"field": "lead.attributes.x", "op": "is", "value": value})

    (one,) = changes(asking(True), asking(1))
    assert one.kind == "criterion_if"


def test_examples_of_one_name_are_told_apart() -> None:
    twice = [WHOLE["examples"][0], WHOLE["examples"][0] | {"stage": "cold"}]
    (one,) = changes(WHOLE | {"examples": twice}, WHOLE | {"examples": [twice[0], twice[1] | {"stage": "sql"}]})
    assert one.path == "/examples/A lead#2/stage"


def test_a_change_is_json() -> None:
    (one,) = changes(WHOLE, put("/criteria/3/points", 12))
    assert one.to_json() == {
        "kind": "criterion_points",
        "path": "/criteria/pricing/points",
        "label": "Pricing page",
        "criterion": "pricing",
        "before": 8,
        "after": 12,
    }
