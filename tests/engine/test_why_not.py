from datetime import date
from typing import Any

import pytest

from scoring.engine.compiled import compile_matrix
from scoring.engine.explain import (
    CriterionUnmet,
    Disqualified,
    FactUnknown,
    GradeNeeded,
    LevelNeeded,
    NotScored,
    Obstacle,
    PointsShort,
    WhyNot,
    why_not,
)
from scoring.engine.facts import parse_facts
from scoring.engine.matrix import Matrix
from tests.engine.matrices import STAGES, Json, act, fit, matrix

AS_OF = date(2026, 3, 3)
DOWNLOAD = {"id": "web:1", "kind": "download", "occurred_at": "2026-03-03T09:00:00Z"}


def asked(what: Matrix, *activities: Json, **values: Any) -> WhyNot:
    return why_not(compile_matrix(what), parse_facts({"lead": values, "activities": list(activities)}), AS_OF)


def obstacles(what: Matrix, *activities: Json, **values: Any) -> tuple[Obstacle, ...]:
    return asked(what, *activities, **values).obstacles


def on(field: str, key: str, points: int, **parts: Any) -> Json:
    """A fit criterion that is met where the field is `yes`."""
    return fit(key, points, **parts) | {"if": {"field": field, "op": "is", "value": "yes"}}


def gated(**gates: Any) -> list[Json]:
    return [STAGES[0], STAGES[1] | gates, STAGES[2]]


def test_the_points_short_of_the_next_stage() -> None:
    found = asked(matrix(fit("vp", 39)), title="VP")
    assert (found.stage, found.next_stage) == ("cold", "mql")
    assert found.obstacles == (PointsShort(missing=11, total=39, at=50),)


def test_the_next_stage_is_the_one_after_the_leads_own() -> None:
    found = asked(matrix(fit("vp", 50)), title="VP")
    assert (found.stage, found.next_stage) == ("mql", "sql")
    assert found.obstacles == (PointsShort(missing=30, total=50, at=80),)


def test_below_every_stage_the_first_is_next() -> None:
    found = asked(matrix(fit("vp", -5), stages=STAGES[1:]), title="VP")
    assert (found.stage, found.next_stage) == (None, "mql")


def test_above_all_nothing_is_next() -> None:
    found = asked(matrix(fit("vp", 90)), title="VP")
    assert (found.stage, found.next_stage, found.obstacles) == ("sql", None, ())


def test_a_fact_nobody_knows_is_a_question_to_ask() -> None:
    found = obstacles(matrix(fit("vp", 39), on("lead.phone", "phone", 11)), title="VP")
    assert found[1:] == (FactUnknown(field="lead.phone", criteria=("phone",), points=11, suffices=True),)


def test_a_fact_that_is_known_is_no_question() -> None:
    assert len(obstacles(matrix(fit("vp", 39), on("lead.phone", "phone", 11)), title="VP", phone="no")) == 1


def test_what_cannot_be_read_is_a_question_too() -> None:
    big = fit("big", 60) | {"if": {"field": "lead.attributes.seats", "op": "gt", "value": 10}}
    (_, ask) = obstacles(matrix(big), attributes={"seats": "n/a"})
    assert isinstance(ask, FactUnknown)
    assert ask.field == "lead.attributes.seats"


def test_questions_that_suffice_come_first_then_those_that_bring_most() -> None:
    what = matrix(
        on("lead.city", "small", 3), on("lead.state", "middle", 9), on("lead.phone", "large", 60), fit("vp", 10)
    )
    asks = [each for each in obstacles(what, title="VP") if isinstance(each, FactUnknown)]
    assert [(each.field, each.points, each.suffices) for each in asks] == [
        ("lead.phone", 60, True),
        ("lead.state", 9, False),
        ("lead.city", 3, False),
    ]


def test_one_question_speaks_for_all_criteria_that_ask_it() -> None:
    other = fit("either", 5) | {
        "if": {"any": [{"field": "lead.city", "op": "is", "value": "x"}, {"field": "lead.phone", "op": "is_known"}]}
    }
    what = matrix(on("lead.city", "a", 4), other, on("lead.city", "b", 7))
    asks = [each for each in obstacles(what) if isinstance(each, FactUnknown)]
    assert asks == [FactUnknown(field="lead.city", criteria=("a", "either", "b"), points=7, suffices=False)]


def test_an_answer_brings_no_more_than_the_limits_leave() -> None:
    group = {"g": {"label": "G", "ceiling": 12}}
    what = matrix(fit("vp", 10, group="g"), on("lead.phone", "phone", 11, group="g"), groups=group)
    asks = [each for each in obstacles(what, title="VP") if isinstance(each, FactUnknown)]
    assert [each.points for each in asks] == [2]


def test_an_answer_that_can_only_harm_is_not_asked_for() -> None:
    assert len(obstacles(matrix(fit("vp", 10), on("lead.phone", "phone", -5)), title="VP")) == 1


def test_an_answer_that_opens_a_gate_is_asked_for_though_it_adds_nothing_to_the_total() -> None:
    what = matrix(
        fit("vp", 9), on("lead.phone", "phone", 5), act("a", 60),
        stages=gated(min_grade="C"), dimensions={"fit": {"weight": 0}},
    )  # fmt: skip
    assert obstacles(what, DOWNLOAD, title="VP") == (
        FactUnknown(field="lead.phone", criteria=("phone",), points=0, suffices=True),
        GradeNeeded(grade="D", needed="C", missing=1),
    )


def test_an_answer_that_only_adds_where_nothing_is_asked_for_is_not_asked_for() -> None:
    waiting = act("a", 6) | {"if": {"field": "lead.phone", "op": "is", "value": "yes"}}
    weightless = {"fit": {"weight": 0}, "behavior": {"weight": 0}}
    what = matrix(waiting, on("lead.city", "city", 6), dimensions=weightless)
    assert obstacles(what, DOWNLOAD) == (PointsShort(missing=50, total=0, at=50),)
    (_, ask, _) = obstacles(matrix(waiting, dimensions=weightless, stages=gated(max_level=3)), DOWNLOAD)
    assert isinstance(ask, FactUnknown)
    assert (ask.field, ask.points, ask.suffices) == ("lead.phone", 0, False)


def test_behavior_that_waits_for_an_answer_brings_what_was_done() -> None:
    waiting = act("a", 6) | {"if": {"field": "lead.phone", "op": "is", "value": "yes"}}
    again = DOWNLOAD | {"id": "web:2"}
    (_, ask) = obstacles(matrix(waiting, fit("vp", 1)), DOWNLOAD, again, title="VP")
    assert isinstance(ask, FactUnknown)
    assert ask.points == 12
    assert len(obstacles(matrix(waiting, fit("vp", 1)), title="VP")) == 1


def test_one_act_that_would_suffice_is_told_the_smallest_first() -> None:
    what = matrix(
        fit("vp", 40),
        act("demo", 30, ["demo_request"]),
        act("form", 10, ["form_submit"]),
        act("view", 9, ["page_view"]),
        act("week", 20, ["page_view"], when={"reached": {"at_least": 5, "within_days": 7}}),
    )
    assert obstacles(what, title="VP")[1:] == (
        CriterionUnmet(criterion="form", points=10, is_fast_track=False),
        CriterionUnmet(criterion="week", points=20, is_fast_track=False),
        CriterionUnmet(criterion="demo", points=30, is_fast_track=False),
    )


def test_a_fast_track_suffices_whatever_it_is_worth() -> None:
    what = matrix(fit("vp", 5), act("demo", 1, ["demo_request"], fast_track=True))
    assert obstacles(what, title="VP")[1:] == (CriterionUnmet(criterion="demo", points=1, is_fast_track=True),)


def test_a_fast_track_leads_no_further_than_the_hand_off() -> None:
    what = matrix(fit("vp", 50), act("demo", 1, ["demo_request"], fast_track=True))
    assert obstacles(what, title="VP") == (PointsShort(missing=30, total=50, at=80),)


@pytest.mark.parametrize(
    "settled",
    [
        fit("ceo", 60),
        act("a", 60, when={"silent_days": 5}),
        act("a", 60, enabled=False),
        act("a", 60) | {"if": {"field": "lead.title", "op": "has_word", "value": "ceo"}},
    ],
)
def test_what_is_settled_is_no_way(settled: Json) -> None:
    assert len(obstacles(matrix(fit("vp", 5), settled), title="VP")) == 1


def test_the_grade_and_level_that_the_gates_ask_for() -> None:
    what = matrix(fit("vp", 9), act("a", 60), stages=gated(min_grade="C", max_level=1))
    assert obstacles(what, DOWNLOAD, title="VP") == (GradeNeeded(grade="D", needed="C", missing=1),)
    what = matrix(fit("vp", 50), act("a", 20), stages=gated(min_grade="C", max_level=2))
    assert obstacles(what, DOWNLOAD, title="VP") == (LevelNeeded(level=3, needed=2, missing=15),)


def test_with_just_the_points_only_the_gate_is_in_the_way() -> None:
    what = matrix(fit("vp", 50), stages=gated(max_level=3))
    assert obstacles(what, title="VP") == (LevelNeeded(level=4, needed=3, missing=15),)


def test_where_no_points_lead_to_a_gate_nothing_is_missing_but_the_gate() -> None:
    what = matrix(fit("vp", 60), stages=gated(min_grade="C", max_level=3), grades={"D": 1}, levels={})
    assert obstacles(what, title="VP") == (
        LevelNeeded(level=4, needed=3, missing=None),
        GradeNeeded(grade="D", needed="C", missing=None),
    )


def test_a_veto_comes_last_and_nothing_outdoes_it() -> None:
    veto = fit("rival", -5, disqualify=True) | {
        "if": {"field": "lead.email_domain", "op": "is", "value": "rival.example"}
    }
    what = matrix(fit("vp", 50), veto, act("demo", 30, ["demo_request"], fast_track=True), on("lead.phone", "phone", 9))
    found = obstacles(what, title="VP", email_domain="rival.example")
    assert found == (
        PointsShort(missing=5, total=45, at=50),
        FactUnknown(field="lead.phone", criteria=("phone",), points=9, suffices=False),
        Disqualified(criterion="rival"),
    )


def test_a_veto_alone_holds_a_lead_with_points_enough() -> None:
    found = asked(matrix(fit("vp", 90, disqualify=True)), title="VP")
    assert (found.stage, found.next_stage, found.obstacles) == ("cold", "mql", (Disqualified(criterion="vp"),))


def test_below_the_hand_off_a_veto_holds_nothing() -> None:
    stages = [STAGES[0], {"key": "warm", "label": "Warm", "at": 20}, *STAGES[1:]]
    assert obstacles(matrix(fit("vp", 5, disqualify=True), stages=stages), title="VP") == (
        PointsShort(missing=15, total=5, at=20),
    )


def test_cheapest_first() -> None:
    what = matrix(
        fit("vp", 9), on("lead.phone", "phone", 1), act("demo", 100, ["demo_request"]), act("a", 16),
        stages=gated(max_level=2, min_grade="C"), grades={"A": 40, "C": 30, "D": 1},
    )  # fmt: skip
    codes = [each.code for each in obstacles(what, DOWNLOAD, title="VP")]
    assert codes == ["points_short", "fact_unknown", "criterion_unmet", "level_needed", "grade_needed"]


def test_who_is_not_scored_is_told_so_with_what_to_ask() -> None:
    what = matrix(fit("vp", 9), applies_to={"field": "lead.country", "op": "is", "value": "PL"})
    assert asked(what).next_stage is None
    assert obstacles(what) == (NotScored(applies="unknown", fields=("lead.country",)),)
    assert obstacles(what, country="DE") == (NotScored(applies="not_met", fields=()),)
