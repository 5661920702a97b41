from datetime import date
from pathlib import Path
from typing import Any, get_args

import pytest

from scoring.engine.explain import Obstacle
from scoring.engine.lint import SEVERITIES, Finding, Observed, lint
from scoring.engine.matrix import Matrix
from tests.engine.matrices import STAGES, Json, act, document, fit, matrix
from tests.engine.test_diff import CHANGES

PAGE = Path(__file__).parents[2] / "docs" / "lint.md"


def found(code: str, what: Matrix, observed: Observed | None = None) -> list[Finding]:
    return [each for each in lint(what, observed=observed) if each.code == code]


def keys_found(code: str, what: Matrix, observed: Observed | None = None) -> list[tuple[str, ...]]:
    return [each.criteria for each in found(code, what, observed)]


def gated(**gates: Any) -> list[Json]:
    """Stages whose hand-off asks for more than points."""
    return [STAGES[0], STAGES[1] | gates, STAGES[2] | gates]


def sound() -> Json:
    """A document of which lint has nothing to say."""
    return document(
        fit("vp", 20),
        fit("director", 15),
        fit("manager", 8),
        fit("student", -20),
        act("pricing", 8, ["page_view"], when={"where": {"field": "activity.url", "op": "path_is", "value": "/p"}},
            count={"max": 3}, decay={"half_life_days": 30}),
        act("ebook", 10, when={"where": {"field": "activity.subject", "op": "contains", "value": "guide"}},
            count={"max": 2}, decay={"half_life_days": 60}),
        act("demo", 20, ["demo_request"], count={"max": 1}, decay={"expires_after_days": 90}),
        act("quiet", -10, ["page_view"], when={"silent_days": 60}),
        stages=gated(min_grade="D", max_level=3),
    )  # fmt: skip


def test_a_sound_matrix_has_no_findings() -> None:
    assert lint(matrix(*sound()["criteria"], stages=sound()["stages"])) == []


def test_each_code_stands_in_the_documentation_with_its_severity() -> None:
    text = PAGE.read_text()
    for code, severity in SEVERITIES.items():
        assert f"## {code} · {severity}" in text


def test_each_kind_of_change_and_each_obstacle_stands_in_the_documentation() -> None:
    text = PAGE.read_text()
    codes = {each.code for each in get_args(Obstacle)}
    assert len(codes) == 7
    for name in codes | {change[0] for _, _, changes in CHANGES for change in changes}:
        assert f"`{name}`" in text


def test_findings_come_by_code() -> None:
    codes = [each.code for each in lint(matrix(fit("a", 30), act("b", 30, ["page_view"])))]
    assert codes == sorted(codes)
    assert len(set(codes)) > 4


def test_a_finding_is_json_with_its_severity() -> None:
    (one,) = found("L07", matrix(fit("a", 10)))
    assert one.to_json() == {
        "code": "L07",
        "severity": "info",
        "criteria": [],
        "params": {"count": 1, "fewest": 6, "most": 30},
    }


# L01


@pytest.mark.parametrize(("points", "too_much"), [(25, False), (26, True)])
def test_l01_more_than_half_of_the_threshold_is_too_much_for_one(points: int, too_much: bool) -> None:
    assert bool(found("L01", matrix(fit("a", points)))) is too_much


def test_l01_looks_at_repeats_and_not_at_one_match() -> None:
    assert keys_found("L01", matrix(act("a", 9, count={"max": 3}))) == [("a",)]
    assert keys_found("L01", matrix(act("a", 8, count={"max": 3}))) == []


def test_l01_says_that_there_is_no_end() -> None:
    (one,) = found("L01", matrix(act("a", 1)))
    assert one.params == {"most": None, "threshold": 50, "stage": "mql"}


@pytest.mark.parametrize(
    "limit",
    [
        {"criteria": [act("a", 60, max_points=25)]},
        {"criteria": [act("a", 60, group="g")], "groups": {"g": {"label": "G", "ceiling": 25}}},
        {"criteria": [act("a", 60)], "dimensions": {"behavior": {"ceiling": 25}}},
        {"criteria": [act("a", 50, count={"max": 1})], "dimensions": {"behavior": {"weight": 50}}},
    ],
)
def test_l01_knows_every_limit(limit: Json) -> None:
    criteria = limit.pop("criteria")
    assert found("L01", matrix(*criteria, **limit)) == []


def test_l01_weighs_what_a_dimension_weighs() -> None:
    assert found("L01", matrix(fit("a", 20), dimensions={"fit": {"weight": 150}}))


def test_l01_holds_against_the_stage_of_the_hand_off() -> None:
    assert found("L01", matrix(fit("a", 40), hand_off_at="sql")) == []
    assert found("L01", matrix(fit("a", 41), hand_off_at="sql"))


def test_l01_needs_a_threshold_to_have_a_half_of() -> None:
    stages = [{"key": "mql", "label": "MQL"}, {"key": "sql", "label": "SQL", "at": 80}]
    assert found("L01", matrix(fit("a", 40), stages=stages)) == []


def test_l01_leaves_disabled_criteria_alone() -> None:
    assert found("L01", matrix(fit("a", 40, enabled=False))) == []


# L02


@pytest.mark.parametrize(("points", "reachable"), [(24, False), (25, True)])
def test_l02_the_sum_of_all_must_come_up_to_the_threshold(points: int, reachable: bool) -> None:
    assert bool(found("L02", matrix(fit("a", points), fit("b", 25)))) is not reachable


def test_l02_says_what_is_out_of_reach() -> None:
    (one,) = found("L02", matrix(fit("a", 9), act("b", 5, count={"max": 1}), stages=gated(min_grade="C", max_level=3)))
    assert one.params == {"stage": "mql", "missing": ["points", "grade", "level"], "most": 14, "threshold": 50}


def test_l02_a_gate_that_nobody_passes_closes_the_hand_off() -> None:
    (one,) = found("L02", matrix(fit("a", 9), act("b", 50), stages=gated(min_grade="C")))
    assert one.params["missing"] == ["grade"]
    assert one.params["most"] is None
    assert not found("L02", matrix(fit("a", 10), act("b", 50), stages=gated(min_grade="C")))


def test_l02_a_grade_without_a_threshold_is_reached_by_a_better_one_only() -> None:
    criteria = fit("a", 24), act("b", 50)
    assert found("L02", matrix(*criteria, stages=gated(min_grade="C"), grades={"A": 40, "B": 25}))
    assert not found("L02", matrix(*criteria, stages=gated(min_grade="C"), grades={"A": 40, "B": 24}))


def test_l02_the_lowest_grade_and_level_ask_for_nothing() -> None:
    assert not found("L02", matrix(fit("a", 50), stages=gated(max_level=4)))
    assert not found("L02", matrix(act("a", 50), stages=gated(min_grade="F")))


def test_l02_knows_the_ceiling_of_a_group() -> None:
    group = {"g": {"label": "G", "ceiling": 49}}
    assert found("L02", matrix(act("a", 60, group="g"), groups=group))


def test_l02_of_a_group_that_takes_the_highest_only_one_counts() -> None:
    criteria = fit("a", 30, group="g"), fit("b", 30, group="g")
    assert found("L02", matrix(*criteria, groups={"g": {"label": "G", "take": "highest"}}))
    assert not found("L02", matrix(*criteria, groups={"g": {"label": "G"}}))


def test_l02_a_stage_above_may_be_the_way_in() -> None:
    stages = [STAGES[0], STAGES[1] | {"min_grade": "A"}, STAGES[2]]
    assert not found("L02", matrix(act("a", 50), stages=stages))


def test_l02_a_fast_track_is_a_way_in() -> None:
    assert not found("L02", matrix(act("a", 5, ["demo_request"], fast_track=True, count={"max": 1})))


def test_l02_a_disabled_fast_track_is_none() -> None:
    assert found("L02", matrix(act("a", 5, ["demo_request"], fast_track=True, enabled=False)))


def test_l02_what_always_gives_less_takes_from_the_most() -> None:
    always = fit("base", -1) | {"if": {"all": [{}]}}
    assert found("L02", matrix(fit("a", 50), always))
    assert not found("L02", matrix(fit("a", 51), always))


def test_l02_a_veto_on_every_lead_closes_the_hand_off() -> None:
    (one,) = found("L02", matrix(fit("a", 60), fit("veto", 0, disqualify=True) | {"if": {}}))
    assert one.criteria == ("veto",)
    assert one.params["missing"] == ["disqualifier"]


# L03


def test_l03_behavior_alone_reaches_the_hand_off() -> None:
    (one,) = found("L03", matrix(act("a", 10), fit("b", 20)))
    assert one.params == {"dimension": "behavior", "most": None, "threshold": 50, "stage": "mql"}


def test_l03_fit_alone_reaches_the_hand_off_at_equality() -> None:
    (one,) = found("L03", matrix(fit("a", 30), fit("b", 20)))
    assert one.params["dimension"] == "fit"
    assert not found("L03", matrix(fit("a", 30), fit("b", 19)))


def test_l03_a_gate_on_the_other_side_keeps_one_side_out() -> None:
    assert not found("L03", matrix(act("a", 50), stages=gated(min_grade="D")))
    assert not found("L03", matrix(fit("a", 50), stages=gated(max_level=3)))
    assert found("L03", matrix(act("a", 50), stages=gated(max_level=3)))


def test_l03_a_ceiling_keeps_one_side_out() -> None:
    assert not found("L03", matrix(act("a", 50), dimensions={"behavior": {"ceiling": 49}}))


def test_l03_behavior_that_asks_who_they_are_is_not_behavior_alone() -> None:
    condition = {"field": "lead.seniority", "op": "is", "value": "vp"}
    assert not found("L03", matrix(act("a", 50) | {"if": condition}))


def test_l03_a_fast_track_is_meant_to() -> None:
    assert not found("L03", matrix(act("a", 5, fast_track=True, count={"max": 1})))


# L04 to L08


def test_l04_a_matrix_without_anything_negative() -> None:
    assert found("L04", matrix(fit("a", 10)))
    assert found("L04", matrix(fit("a", 10), fit("b", -10, enabled=False), fit("c", 0)))
    assert not found("L04", matrix(fit("a", 10), fit("b", -1)))


def test_l05_nothing_decays_and_nothing_measures_silence() -> None:
    assert found("L05", matrix(fit("a", 10), act("b", 5)))
    assert not found("L05", matrix(act("b", 5, decay={"linear_days": 30})))
    assert not found("L05", matrix(act("b", -5, when={"silent_days": 30})))


def test_l05_decay_that_does_nothing_is_none() -> None:
    rising = {"rising": {"days": 7, "by_percent": 50, "at_least": 3}}
    assert found("L05", matrix(act("b", 5, when=rising, decay={"linear_days": 30})))


def test_l06_all_of_a_dimension_are_worth_the_same() -> None:
    (one,) = found("L06", matrix(fit("a", 10), fit("b", 10), act("c", 5), act("d", 6)))
    assert one.criteria == ("a", "b")
    assert one.params == {"dimension": "fit", "points": 10}


def test_l06_one_criterion_alone_is_like_no_other() -> None:
    assert not found("L06", matrix(fit("a", 10), act("b", 10)))
    assert not found("L06", matrix(fit("a", 10), fit("b", 10), fit("c", -10)))


@pytest.mark.parametrize(("count", "odd"), [(5, True), (6, False), (30, False), (31, True)])
def test_l07_a_dozen_or_so(count: int, odd: bool) -> None:
    assert bool(found("L07", matrix(*(fit(f"c{number}", number) for number in range(count))))) is odd


@pytest.mark.parametrize(
    ("of_fit", "of_behavior", "odd"), [(7, 13, False), (13, 7, False), (10, 19, True), (19, 10, True)]
)
def test_l08_far_from_half_and_half(of_fit: int, of_behavior: int, odd: bool) -> None:
    criteria = [fit(f"f{number}", 1) for number in range(of_fit)] + [
        act(f"b{number}", 1) for number in range(of_behavior)
    ]
    assert bool(found("L08", matrix(*criteria))) is odd


def test_l08_holds_fit_against_behavior_only() -> None:
    asked = [fit(f"q{number}", 1, dimension="qualification") for number in range(9)]
    assert not found("L08", matrix(fit("f", 1), act("b", 1), *asked))
    assert not found("L08", matrix(*asked))


# L09 to L11


def test_l09_a_kind_scores_the_same_whatever_the_asset() -> None:
    (one,) = found("L09", matrix(act("a", 5, ["download", "demo_request"])))
    assert one.criteria == ("a",)
    assert one.params == {"kind": "download"}


@pytest.mark.parametrize("field", ["activity.url", "activity.subject", "activity.properties.topic"])
def test_l09_one_criterion_that_asks_for_the_asset_is_enough(field: str) -> None:
    asks = {"where": {"field": field, "op": "is_known"}}
    assert not found("L09", matrix(act("a", 5), act("b", 9, when=asks)))


def test_l09_how_often_is_another_question_than_what() -> None:
    assert not found("L09", matrix(act("a", 5, when={"reached": {"at_least": 5, "within_days": 7}})))


def test_l09_what_is_worth_nothing_scores_nothing() -> None:
    assert not found("L09", matrix(act("a", 0)))


@pytest.mark.parametrize(
    "limit",
    [
        {"count": {"max": 5}},
        {"count": {"max_per_day": 1}},
        {"count": {"repeat_percent": 50}},
        {"max_points": 20},
    ],
)
def test_l10_a_kind_that_repeats_wants_a_limit(limit: Json) -> None:
    assert not found("L10", matrix(act("a", 1, ["page_view"], **limit)))


def test_l10_names_the_kinds_that_repeat() -> None:
    (one,) = found("L10", matrix(act("a", 1, ["page_view", "demo_request", "email_open"])))
    assert one.params == {"kinds": ["email_open", "page_view"]}


def test_l10_any_kind_is_one_that_repeats_too() -> None:
    assert found("L10", matrix(act("a", 1, [])))


def test_l10_a_kind_that_hardly_repeats_needs_no_limit() -> None:
    assert not found("L10", matrix(act("a", 1, ["webinar_attend"])))


def test_l10_one_unit_is_a_limit() -> None:
    assert not found("L10", matrix(act("a", 1, ["page_view"], when={"reached": {"at_least": 5, "within_days": 7}})))


def test_l10_the_ceiling_of_a_group_is_not_its_own_limit() -> None:
    group = {"g": {"label": "G", "ceiling": 20}}
    assert found("L10", matrix(act("a", 1, ["page_view"], group="g"), groups=group))


def test_l11_an_open_is_scored() -> None:
    assert keys_found("L11", matrix(act("a", 1, ["email_click", "email_open"]), act("b", 1, ["email_click"]))) == [
        ("a",)
    ]
    assert keys_found("L11", matrix(act("a", 1, []))) == [("a",)]
    assert not found("L11", matrix(act("a", 0, ["email_open"])))


def test_l11_silence_is_no_open() -> None:
    assert not found("L11", matrix(act("a", -5, ["email_open"], when={"silent_days": 30})))


# L12


def test_l12_equal_conditions_add_up() -> None:
    one = {"field": "lead.title", "op": "is", "value": "CEO"}
    other = {"all": [{"field": "lead.title", "op": "in", "value": ["ceo "]}]}
    assert keys_found("L12", matrix(fit("a", 5) | {"if": one}, fit("b", 7), fit("c", 9) | {"if": other})) == [
        ("a", "c")
    ]


def test_l12_equal_patterns_add_up_whatever_they_count() -> None:
    assert keys_found("L12", matrix(act("a", 5, count={"max": 1}), act("b", 5, decay={"linear_days": 9}))) == [
        ("a", "b")
    ]


def test_l12_a_pattern_differs_by_each_of_its_parts() -> None:
    after = {"after": {"kinds": ["download"]}, "within_days": 7}
    criteria = [
        act("a", 1),
        act("b", 1, when={"unique_by": "subject"}),
        act("c", 1, when=after),
        act("d", 1, when=after | {"within_days": 8}),
        act("e", 1, when={"reached": {"at_least": 2, "within_days": 7}}),
        act("f", 1, when={"reached": {"at_least": 3, "within_days": 7}}),
        act("g", 1, ["download", "form_submit"]),
        act("h", 1, when={"where": {"field": "activity.value", "op": "is", "value": 1}}),
        act("i", 1) | {"if": {"field": "lead.consent", "op": "is", "value": True}},
    ]
    assert not found("L12", matrix(*criteria))


def test_l12_of_those_that_take_the_highest_only_one_counts() -> None:
    highest = {"g": {"label": "G", "take": "highest"}}
    assert not found("L12", matrix(act("a", 5, group="g"), act("b", 9, group="g"), groups=highest))
    assert found("L12", matrix(act("a", 5, group="g"), act("b", 9, group="g")))
    criteria = act("a", 5, group="g"), act("b", 9, group="g"), act("c", 1)
    assert keys_found("L12", matrix(*criteria, groups=highest)) == [("a", "b", "c")]


def test_l12_what_is_disabled_or_worth_nothing_adds_nothing() -> None:
    assert not found("L12", matrix(act("a", 5), act("b", 9, enabled=False), act("c", 0)))


# L13, L15, L16, L18


@pytest.mark.parametrize(("matched", "odd"), [(0, True), (1, False), (190, False), (191, True), (200, True)])
def test_l13_a_criterion_that_tells_nobody_apart(matched: int, odd: bool) -> None:
    assert bool(found("L13", matrix(fit("a", 5)), Observed(leads=200, matched={"a": matched}))) is odd


def test_l13_tells_how_many_of_how_many_in_how_long() -> None:
    (one,) = found("L13", matrix(fit("a", 5)), Observed(leads=200, matched={"a": 200}))
    assert one.criteria == ("a",)
    assert one.params == {"matched": 200, "leads": 200, "days": 90}


def test_l13_is_silent_about_what_was_not_measured() -> None:
    assert not found("L13", matrix(fit("a", 5)), Observed(leads=200))
    assert not found("L13", matrix(fit("a", 5)), Observed(leads=0, matched={"a": 0}))


@pytest.mark.parametrize(("age", "young"), [(0, True), (59, True), (60, False)])
def test_l15_give_a_version_time(age: int, young: bool) -> None:
    observed = Observed(published=matrix(fit("a", 5)), published_age_days=age)
    assert bool(found("L15", matrix(fit("a", 6)), observed)) is young


def test_l15_says_nothing_where_nothing_changes() -> None:
    assert not found("L15", matrix(fit("a", 5)), Observed(published=matrix(fit("a", 5)), published_age_days=1))


@pytest.mark.parametrize(("points", "flips"), [(20, False), (21, True), (0, False), (-1, True)])
def test_l16_more_than_a_third_of_all_points_at_once(points: int, flips: bool) -> None:
    published = matrix(fit("a", 10), fit("b", -20))
    assert bool(found("L16", matrix(fit("a", points), fit("b", -20)), Observed(published=published))) is flips


def test_l16_counts_what_comes_goes_and_is_disabled() -> None:
    published = matrix(fit("a", 20), fit("b", 10), fit("c", 10))
    (one,) = found("L16", matrix(fit("a", 20), fit("c", 10, enabled=False), fit("d", 7)), Observed(published=published))
    assert one.criteria == ("c", "d")
    assert one.params == {"moved": 27, "all_points": 40, "gone": ["b"]}


@pytest.mark.parametrize(
    ("age", "reviewed", "due"),
    [(90, None, False), (91, None, True), (91, 90, False), (200, 91, True), (None, None, False)],
)
def test_l18_a_review_is_due(age: int | None, reviewed: int | None, due: bool) -> None:
    findings = found("L18", matrix(fit("a", 5)), Observed(published_age_days=age, days_since_review=reviewed))
    assert [each.severity for each in findings] == (["reminder"] if due else [])


# L14 and L17


@pytest.mark.parametrize(
    "field",
    [
        "lead.attributes.birth_date",
        "lead.attributes.dateOfBirth",
        "lead.attributes.Age",
        "lead.attributes.płeć",
        "lead.qualification.religion",
    ],
)
def test_l14_a_personal_fact_that_a_business_seller_never_needs(field: str) -> None:
    criterion = fit("a", 5) | {"if": {"field": field, "op": "is_known"}}
    (one,) = found("L14", matrix(criterion))
    assert one.criteria == ("a",)
    assert one.params == {"field": field}
    assert not found("L14", matrix(criterion, audience="b2c"))


@pytest.mark.parametrize(
    "field", ["lead.attributes.language", "lead.attributes.company_age", "company.attributes.age", "lead.created_days"]
)
def test_l14_leaves_facts_of_the_business_alone(field: str) -> None:
    assert not found("L14", matrix(fit("a", 5) | {"if": {"field": field, "op": "is_known"}}))


def test_l14_looks_at_activities_and_at_whom_the_matrix_applies_to() -> None:
    where = {"field": "activity.properties.gender", "op": "is", "value": "f"}
    applies = {"field": "lead.attributes.gender", "op": "is", "value": "f"}
    findings = found("L14", matrix(act("a", 5, when={"where": where}), applies_to=applies))
    assert [(each.criteria, each.params["field"]) for each in findings] == [
        ((), "lead.attributes.gender"),
        (("a",), "activity.properties.gender"),
    ]


def test_l17_what_sales_fills_in_leaks_the_outcome() -> None:
    criterion = fit("a", 5) | {"if": {"field": "lead.attributes.lead_quality", "op": "is_known"}}
    assert not found("L17", matrix(criterion))
    (one,) = found("L17", matrix(criterion), Observed(filled_by_sales=frozenset({"lead.attributes.lead_quality"})))
    assert one.criteria == ("a",)
    assert one.params == {"field": "lead.attributes.lead_quality"}
    assert found("L17", matrix(criterion), Observed(filled_by_sales=frozenset({"lead.attributes.*"})))


def test_l17_qualification_belongs_into_its_own_dimension() -> None:
    budget = {"field": "lead.qualification.budget", "op": "is_known"}
    assert found("L17", matrix(fit("a", 5) | {"if": budget}))
    assert not found("L17", matrix(fit("a", 5, dimension="qualification") | {"if": budget}))


def test_l17_an_activity_that_is_the_outcome_leaks_it() -> None:
    (one,) = found("L17", matrix(act("a", 5, ["page_view", "deal_won"])))
    assert one.params == {"kind": "deal_won"}


def test_l17_what_is_worth_nothing_and_decides_nothing_leaks_nothing() -> None:
    assert not found("L17", matrix(act("a", 0, ["deal_won"])))
    assert found("L17", matrix(act("a", 0, ["deal_won"], disqualify=True)))


# L19 to L21


@pytest.mark.parametrize("decision", ["fast_track", "disqualify"])
def test_l19_a_decision_on_an_activity_that_never_expires(decision: str) -> None:
    (one,) = found("L19", matrix(act("a", 5, **{decision: True})))
    assert one.params == {"decides": decision}


@pytest.mark.parametrize(
    ("decay", "stays"),
    [
        ({"expires_after_days": 30}, False),
        ({"half_life_days": 30}, False),
        ({"linear_days": 30}, False),
        ({"steps": [[30, 50], [60, 0]]}, False),
        ({"steps": [[30, 50], [60, 1]]}, True),
    ],
)
def test_l19_knows_which_curves_end(decay: Json, stays: bool) -> None:
    assert bool(found("L19", matrix(act("a", 5, fast_track=True, decay=decay)))) is stays


def test_l19_windows_pass_and_silence_ends() -> None:
    window = {"reached": {"at_least": 5, "within_days": 7}}
    assert not found("L19", matrix(act("a", 5, fast_track=True, when=window)))
    assert not found("L19", matrix(act("a", -5, disqualify=True, when={"silent_days": 90})))
    assert not found("L19", matrix(fit("a", -5, disqualify=True)))


def test_l20_decay_beside_rising_and_silence_does_nothing() -> None:
    decay, rising = {"linear_days": 30}, {"rising": {"days": 7, "by_percent": 50, "at_least": 3}}
    (one,) = found("L20", matrix(act("a", 5, when=rising, decay=decay)))
    assert one.params == {"part": "decay", "beside": "rising", "effect": "none"}
    (one,) = found("L20", matrix(act("a", -5, when={"silent_days": 9}, decay=decay)))
    assert one.params == {"part": "decay", "beside": "silent_days", "effect": "none"}
    assert not found("L20", matrix(act("a", 5, when={"reached": {"at_least": 2, "within_days": 7}}, decay=decay)))


def test_l20_a_limit_per_day_undoes_per_days() -> None:
    silent = {"silent_days": 30, "per_days": 10}
    (one,) = found("L20", matrix(act("a", -5, when=silent, count={"max_per_day": 1})))
    assert one.params == {"part": "max_per_day", "beside": "silent_days", "effect": "undoes_per_days"}
    assert not found("L20", matrix(act("a", -5, when=silent, count={"max": 3})))


def test_l21_a_floor_hides_what_is_negative() -> None:
    criteria = fit("a", 10), fit("b", -10)
    (one,) = found("L21", matrix(*criteria, grades={"A": 40, "D": 0}, dimensions={"fit": {"floor": 0}}))
    assert one.criteria == ("b",)
    assert one.params == {"dimension": "fit", "lowest": "F", "least": 0, "threshold": 0}
    assert not found("L21", matrix(*criteria, grades={"A": 40, "D": 0}))


@pytest.mark.parametrize(("lowest", "hidden"), [(-20, True), (-19, False)])
def test_l21_a_band_below_all_hides_what_is_negative(lowest: int, hidden: bool) -> None:
    criteria = act("a", 10), act("b", -10, count={"max": 2})
    assert bool(found("L21", matrix(*criteria, levels={"1": 60, "3": lowest}))) is hidden


def test_l21_needs_something_negative_to_hide() -> None:
    assert not found("L21", matrix(fit("a", 10), grades={"A": 40, "D": 0}))


def test_l21_without_end_reaches_every_band() -> None:
    assert not found("L21", matrix(act("a", -1), levels={"1": 60, "3": -9999}))


# L22


def example(stage: str, **lead: Any) -> Json:
    return {"name": "A lead", "as_of": "2026-03-03", "facts": {"lead": lead}, "stage": stage}


def test_l22_an_example_ends_elsewhere() -> None:
    criteria = [fit("vp", 50)]
    examples = [example("mql", title="VP"), example("sql", title="VP") | {"name": "Another"}]
    (one,) = found("L22", matrix(*criteria, examples=examples))
    assert one.severity == "error"
    assert one.params == {"name": "Another", "expected": "sql", "actual": "mql"}


def test_l22_an_example_is_judged_on_its_own_day() -> None:
    activity = {"id": "web:1", "kind": "download", "occurred_at": "2026-03-01T10:00:00Z"}
    facts = {"lead": {}, "activities": [activity]}
    fading = [act("a", 50, decay={"expires_after_days": 10})]
    given = example("mql") | {"facts": facts}
    assert not found("L22", matrix(*fading, examples=[given]))
    assert found("L22", matrix(*fading, examples=[given | {"as_of": date(2026, 3, 20).isoformat()}]))


def test_l22_where_the_matrix_does_not_apply_there_is_no_stage() -> None:
    applies = {"field": "lead.country", "op": "is", "value": "PL"}
    (one,) = found("L22", matrix(fit("a", 5), applies_to=applies, examples=[example("cold")]))
    assert one.params["actual"] is None
