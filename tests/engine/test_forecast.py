from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import pytest

from scoring.engine.compiled import compile_matrix
from scoring.engine.evaluate import evaluate
from scoring.engine.explain import Forecast, forecast
from scoring.engine.facts import Facts, parse_facts
from scoring.engine.matrix import Matrix
from tests.engine.matrices import STAGES, Json, act, fit, matrix

AS_OF = date(2026, 3, 3)


def lead(*activities: tuple[str, str], **values: Any) -> Facts:
    """A lead with activities given by kind and time."""
    given = [
        {"id": f"web:{number}", "kind": kind, "occurred_at": occurred_at}
        for number, (kind, occurred_at) in enumerate(activities)
    ]
    return parse_facts({"lead": values, "activities": given})


def ahead(what: Matrix, facts: Facts, days: int = 90) -> Forecast:
    return forecast(compile_matrix(what), facts, AS_OF, days=days)


def totals(found: Forecast) -> list[tuple[int, int | None]]:
    return [(each.in_days, each.total) for each in found.changes]


DOWNLOAD_TODAY = ("download", "2026-03-03T09:00:00Z")


def test_a_lead_falls_below_the_stage_on_the_day_its_points_expire() -> None:
    found = ahead(matrix(act("a", 50, decay={"expires_after_days": 12})), lead(DOWNLOAD_TODAY))
    assert found.first_fall is not None
    assert (found.first_fall.in_days, found.first_fall.on) == (12, date(2026, 3, 15))
    assert (found.first_fall.before, found.first_fall.after, found.first_fall.total) == ("mql", "cold", 0)
    assert found.leaves_hand_off == found.first_fall
    assert found.first_rise is None


def test_only_days_on_which_something_changes_are_told() -> None:
    found = ahead(matrix(act("a", 40, decay={"steps": [[5, 75], [30, 50]]})), lead(DOWNLOAD_TODAY))
    assert (found.today.in_days, found.today.total, found.today.level) == (0, 40, 2)
    assert totals(found) == [(5, 30), (30, 20)]
    assert [each.rating for each in found.changes] == ["F3", "F3"]


def test_a_fall_through_two_stages_is_two_moves_and_one_of_them_leaves_the_hand_off() -> None:
    found = ahead(matrix(act("a", 90, decay={"steps": [[5, 80], [9, 20]]})), lead(DOWNLOAD_TODAY))
    assert [(each.in_days, each.before, each.after) for each in found.moves] == [(5, "sql", "mql"), (9, "mql", "cold")]
    assert found.leaves_hand_off == found.moves[1]


def test_a_lead_that_is_not_with_sales_does_not_leave_it() -> None:
    stages = [STAGES[0], {"key": "warm", "label": "Warm", "at": 20}, *STAGES[1:]]
    found = ahead(matrix(act("a", 30, decay={"expires_after_days": 3}), stages=stages), lead(DOWNLOAD_TODAY))
    assert found.first_fall is not None
    assert found.leaves_hand_off is None


def test_silence_grows_and_a_penalty_that_fades_lifts() -> None:
    penalty = act("p", -50, ["unsubscribe"], decay={"expires_after_days": 4})
    quiet = act("q", -5, when={"silent_days": 2, "per_days": 3}, count={"max": 2})
    facts = lead(DOWNLOAD_TODAY, ("unsubscribe", "2026-03-03T08:00:00Z"), title="vp")
    found = ahead(matrix(penalty, quiet, fit("vp", 56)), facts)
    assert totals(found) == [(2, 1), (4, 51), (5, 46)]
    assert found.first_rise is not None
    assert (found.first_rise.in_days, found.first_rise.after) == (4, "mql")


def test_what_happens_after_the_as_of_day_has_not_happened() -> None:
    later = ("download", "2026-03-10T09:00:00Z")
    what = matrix(act("a", 10, decay={"expires_after_days": 5}))
    assert totals(ahead(what, lead(DOWNLOAD_TODAY, later))) == [(5, 0)]
    assert totals(ahead(what, lead(later))) == []


def test_the_as_of_day_is_a_day_of_the_models_zone() -> None:
    late_evening = ("download", "2026-03-03T23:30:00Z")
    what = act("a", 10, decay={"expires_after_days": 5})
    assert ahead(matrix(what), lead(late_evening)).today.total == 10
    assert ahead(matrix(what, timezone="Europe/Warsaw"), lead(late_evening)).changes == ()


def test_the_lead_grows_older_by_a_day_a_day() -> None:
    old = fit("old", -10) | {"if": {"field": "lead.created_days", "op": "gte", "value": 30}}
    assert totals(ahead(matrix(old), lead(created_days=27))) == [(3, -10)]
    assert totals(ahead(matrix(fit("vp", 5)), lead(created_days=27))) == []
    young = {"field": "lead.created_days", "op": "lt", "value": 30}
    found = ahead(matrix(fit("vp", 50), applies_to=young), lead(created_days=27, title="vp"))
    assert [(each.in_days, each.applies, each.total) for each in found.changes] == [(3, "not_met", None)]
    assert found.leaves_hand_off is not None
    assert (found.leaves_hand_off.after, found.leaves_hand_off.total) == (None, None)
    assert found.leaves_hand_off.falls


def test_a_disqualifier_that_expires_changes_what_decides() -> None:
    veto = act("v", 0, ["unsubscribe"], disqualify=True, decay={"expires_after_days": 7})
    found = ahead(matrix(veto, fit("vp", 60)), lead(("unsubscribe", "2026-03-03T08:00:00Z"), title="vp"))
    assert [(each.in_days, each.stage, each.decided_by) for each in (found.today, *found.changes)] == [
        (0, "cold", "disqualifier"),
        (7, "mql", "points"),
    ]


def test_where_nothing_changes_nothing_is_told() -> None:
    found = ahead(matrix(fit("vp", 60)), lead(title="vp"))
    assert (found.changes, found.moves, found.leaves_hand_off) == ((), (), None)


@pytest.mark.parametrize(("days", "expected"), [(0, []), (4, []), (5, [(5, 0)])])
def test_it_looks_so_many_days_ahead(days: int, expected: list[tuple[int, int]]) -> None:
    assert totals(ahead(matrix(act("a", 10, decay={"expires_after_days": 5})), lead(DOWNLOAD_TODAY), days)) == expected


def test_it_ends_with_the_calendar() -> None:
    found = forecast(compile_matrix(matrix(fit("vp", 1))), lead(), date.max - timedelta(days=3), days=90)
    assert found.changes == ()


def test_every_day_says_what_evaluating_on_that_day_would_say() -> None:
    what = matrix(
        act("a", 40, decay={"half_life_days": 7}),
        act("b", 30, ["page_view"], when={"reached": {"at_least": 2, "within_days": 9}}),
        act("c", -7, ["page_view"], when={"silent_days": 5, "per_days": 4}),
        fit("old", -3) | {"if": {"field": "lead.created_days", "op": "gt", "value": 12}},
    )
    views = [("page_view", "2026-03-01T10:00:00Z"), ("page_view", "2026-02-27T10:00:00Z")]
    found = ahead(what, lead(DOWNLOAD_TODAY, *views, created_days=5), days=60)
    told = {each.in_days: each for each in (found.today, *found.changes)}
    latest = found.today
    for in_days in range(61):
        latest = told.get(in_days, latest)
        facts = lead(DOWNLOAD_TODAY, *views, created_days=5 + in_days)
        score = evaluate(compile_matrix(what), facts, AS_OF + timedelta(days=in_days)).score
        assert score is not None
        assert (latest.total, latest.rating, latest.stage) == (score.total, score.rating, score.stage)


def test_it_is_json() -> None:
    found: Json = ahead(matrix(act("a", 50, decay={"expires_after_days": 12})), lead(DOWNLOAD_TODAY)).to_json()
    assert found["leaves_hand_off"] == {
        "on": "2026-03-15",
        "in_days": 12,
        "before": "mql",
        "after": "cold",
        "falls": True,
        "total": 0,
    }
    assert found["moves"] == [found["leaves_hand_off"]]
    assert [each["total"] for each in as_list(found["changes"])] == [0]
    assert (found["as_of"], found["days"], found["today"]["rating"]) == ("2026-03-03", 90, "F2")


def as_list(value: object) -> Iterable[Json]:
    assert isinstance(value, list)
    return value
