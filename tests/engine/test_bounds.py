from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.engine.bounds import alone_bounds, at_least, criterion_bounds, matrix_bounds
from scoring.engine.compiled import compile_matrix
from scoring.engine.evaluate import evaluate
from scoring.engine.facts import Facts, parse_facts
from tests.engine.matrices import Json, act, fit, matrix

AS_OF = date(2026, 3, 3)


def busy(days: int, a_day: int, kind: str = "download") -> Facts:
    """So many activities on each of so many days up to the as-of day."""
    noon = datetime(2026, 3, 3, 12, tzinfo=UTC)
    activities = [
        {"id": f"web:{day}-{number}", "kind": kind, "occurred_at": (noon - timedelta(days=day)).isoformat()}
        for day in range(days)
        for number in range(a_day)
    ]
    return parse_facts({"lead": {}, "activities": activities})


@pytest.mark.parametrize(
    "parts",
    [
        {"count": {"max": 7}},
        {"count": {"max": 7, "max_per_day": 2}, "decay": {"half_life_days": 2}},
        {"count": {"max_per_day": 3}, "decay": {"linear_days": 9}},
        {"count": {"max_per_day": 1}, "decay": {"expires_after_days": 30}},
        {"count": {"max_per_day": 1}, "decay": {"steps": [[3, 50], [6, 0]]}},
        {"count": {"repeat_percent": 50}},
        {"count": {"repeat_percent": 0}},
        {"count": {"repeat_percent": 70, "max_per_day": 2}, "decay": {"half_life_days": 3}},
        {"count": {"repeat_percent": 90, "max": 4}, "decay": {"linear_days": 5}},
        {"max_points": 40},
        {"count": {"max": 1}, "points": -7},
        {"max_points": 15, "points": -7},
    ],
)
def test_the_busiest_lead_reaches_the_bound_exactly(parts: Json) -> None:
    points = parts.pop("points", 13)
    what = matrix(act("a", points, **parts))
    score = evaluate(compile_matrix(what), busy(days=60, a_day=12), AS_OF).score
    assert score is not None
    bounds = criterion_bounds(what.criteria[0])
    assert score.total == (bounds.most if points > 0 else bounds.least)


@pytest.mark.parametrize(
    "parts",
    [
        {},
        {"count": {"max_per_day": 3}},
        {"decay": {"half_life_days": 3}},
        {"count": {"max_per_day": 1}, "decay": {"steps": [[3, 50]]}},
        {"when": {"silent_days": 5, "per_days": 1}},
    ],
)
def test_where_nothing_stops_repeats_there_is_no_end(parts: Json) -> None:
    assert criterion_bounds(matrix(act("a", 1, **parts)).criteria[0]).most is None
    assert criterion_bounds(matrix(act("a", -1, **parts)).criteria[0]).least is None
    assert criterion_bounds(matrix(act("a", 0, **parts)).criteria[0]).most == 0


@pytest.mark.parametrize(
    ("when", "count", "most"),
    [
        ({"reached": {"at_least": 3, "within_days": 7}}, {}, 10),
        ({"rising": {"days": 7, "by_percent": 50, "at_least": 3}}, {}, 10),
        ({"silent_days": 5}, {}, 10),
        ({"silent_days": 5, "per_days": 1}, {"max": 4}, 40),
        ({"silent_days": 5, "per_days": 1}, {"max": 4, "max_per_day": 2}, 20),
        ({"silent_days": 5, "per_days": 1}, {"repeat_percent": 50, "max": 3}, 18),
    ],
)
def test_reached_rising_and_silent_give_units_of_their_own(when: Json, count: Json, most: int) -> None:
    assert criterion_bounds(matrix(act("a", 10, when=when, count=count)).criteria[0]).most == most


def test_a_condition_that_always_holds_always_gives() -> None:
    always = criterion_bounds(matrix(fit("a", -5) | {"if": {"any": [{}, {"not": {}}]}}).criteria[0])
    assert (always.least, always.most) == (-5, -5)
    never_surely = criterion_bounds(matrix(fit("a", -5)).criteria[0])
    assert (never_surely.least, never_surely.most) == (-5, 0)


def test_of_a_group_that_takes_the_highest_what_always_stands_is_not_outdone_by_less() -> None:
    groups = {"g": {"label": "G", "take": "highest"}}
    standing = fit("always", -30, group="g") | {"if": {}}
    total = matrix_bounds(matrix(standing, fit("a", 20, group="g"), groups=groups)).total
    assert (total.least, total.most) == (-30, -30)
    total = matrix_bounds(matrix(standing, fit("a", 30, group="g"), groups=groups)).total
    assert (total.least, total.most) == (-30, 30)


def test_no_end_ends_at_a_limit() -> None:
    what = matrix(
        act("a", 1, group="g"),
        act("b", -1),
        groups={"g": {"label": "G", "ceiling": 30}},
        dimensions={"behavior": {"floor": -20, "weight": 50}},
    )
    bounds = matrix_bounds(what)
    assert (bounds.dimensions["behavior"].least, bounds.dimensions["behavior"].most) == (-20, 30)
    assert (bounds.total.least, bounds.total.most) == (-10, 15)


def test_a_dimension_without_weight_gives_nothing() -> None:
    what = matrix(act("a", 1), dimensions={"behavior": {"weight": 0}})
    assert alone_bounds(what, what.criteria[0]).most == 0
    assert matrix_bounds(what).total.most == 0


criteria = st.lists(
    st.fixed_dictionaries(
        {"points": st.integers(-20, 20), "is_fit": st.booleans(), "group": st.sampled_from([None, "g", "h"])},
        optional={
            "max_points": st.integers(1, 30),
            "decay": st.sampled_from([{"half_life_days": 3}, {"linear_days": 4}, {"steps": [[2, 50]]}]),
            "count": st.fixed_dictionaries(
                {},
                optional={
                    "max": st.integers(1, 4),
                    "max_per_day": st.integers(1, 2),
                    "repeat_percent": st.integers(0, 100),
                },
            ),
            "when": st.sampled_from(
                [
                    {"silent_days": 2, "per_days": 1},
                    {"reached": {"at_least": 2, "within_days": 3}},
                    {"unique_by": "subject"},
                ]
            ),
        },
    ),
    min_size=1,
    max_size=6,
)
limits = st.fixed_dictionaries({}, optional={"floor": st.integers(-30, 0), "ceiling": st.integers(0, 30)})


def drawn(parts: list[Json], fit_limits: Json, behavior_limits: Json, group: Json, weight: int) -> Any:
    made = []
    for number, part in enumerate(parts):
        part = dict(part)
        is_fit, points, group_key = part.pop("is_fit"), part.pop("points"), part.pop("group")
        extra = {} if group_key is None else {"group": group_key + ("f" if is_fit else "b")}
        if is_fit:
            is_always = number % 3 == 0
            kept = {name: each for name, each in part.items() if name == "max_points"}
            made.append(fit(f"c{number}", points, **kept, **extra) | ({"if": {}} if is_always else {}))
        else:
            made.append(act(f"c{number}", points, **part, **extra))
    return matrix(
        *made,
        dimensions={"fit": fit_limits | {"weight": weight}, "behavior": behavior_limits},
        groups={"gf": group | {"label": "G"}, "gb": group | {"label": "G", "take": "highest"}},
    )


@given(
    parts=criteria,
    fit_limits=limits,
    behavior_limits=limits,
    group=limits,
    weight=st.integers(0, 200),
    title=st.sampled_from(["", "c0 c1 c2 c3 c4 c5", "c1 c4"]),
    days=st.integers(0, 6),
    a_day=st.integers(1, 4),
    later=st.integers(0, 9),
)
@settings(max_examples=150, deadline=None)
def test_no_lead_ever_leaves_the_bounds(
    parts: list[Json],
    fit_limits: Json,
    behavior_limits: Json,
    group: Json,
    weight: int,
    title: str,
    days: int,
    a_day: int,
    later: int,
) -> None:
    what = drawn(parts, fit_limits, behavior_limits, group, weight)
    facts = Facts(values={"lead.title": title}, activities=busy(days=days, a_day=a_day).activities)
    score = evaluate(compile_matrix(what), facts, AS_OF + timedelta(days=later)).score
    assert score is not None
    bounds = matrix_bounds(what)
    for found, bound in [(score.total, bounds.total), (score.dimensions["fit"], bounds.dimensions["fit"]),
                         (score.dimensions["behavior"], bounds.dimensions["behavior"])]:  # fmt: skip
        assert at_least(bound.most, found)
        assert bound.least is None or bound.least <= found
