"""Units of patterns where several activities meet, told through the ledger."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from scoring.engine import CriterionLine, compile_matrix, evaluate, parse_facts, parse_matrix
from scoring.engine.compiled import CompiledMatrix

AS_OF = date(2026, 3, 31)
NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)


def compiled(*criteria: dict[str, Any], **changes: Any) -> CompiledMatrix:
    document = {
        "schema": 1,
        "name": "Patterns",
        "grades": {},
        "levels": {},
        "stages": [{"key": "mql"}, {"key": "sql", "at": 1}],
        "criteria": [
            {"key": f"c{index}", "dimension": "behavior", "points": 10} | criterion
            for index, criterion in enumerate(criteria)
        ],
    }
    return compile_matrix(parse_matrix(document | changes))


def activity(number: int, *, age: float, kind: str = "page_view", **more: Any) -> dict[str, Any]:
    return {"id": f"web:{number}", "kind": kind, "occurred_at": (NOON - timedelta(days=age)).isoformat(), **more}


def line(criterion: dict[str, Any], *activities: dict[str, Any], **changes: Any) -> CriterionLine:
    facts = parse_facts({"activities": list(activities)})
    score = evaluate(compiled(criterion, **changes), facts, AS_OF).score
    assert score is not None
    found = score.ledger[0]
    assert isinstance(found, CriterionLine)
    return found


def ids(found: CriterionLine) -> list[str]:
    return [each.id.removeprefix("web:") for each in found.evidence.activities]


def test_silence_is_counted_from_the_newest_match() -> None:
    found = line({"when": {"silent_days": 10, "per_days": 5}}, activity(1, age=20), activity(2, age=100))
    assert found.units == 3_000_000
    assert ids(found) == ["1", "2"]


def test_a_long_silence_costs_no_more_to_count() -> None:
    old = {"id": "web:1", "kind": "call", "occurred_at": "0001-01-03T00:00:00Z"}
    silent = {"when": {"silent_days": 1, "per_days": 1}}
    days = AS_OF.toordinal() - date(1, 1, 3).toordinal()
    assert line(silent, old).units == days * 1_000_000
    assert line(silent | {"count": {"repeat_percent": 50}}, old).units == 2_000_000
    assert line(silent | {"count": {"max_per_day": 3, "max": 7}}, old).units == 3_000_000


def test_matches_of_several_kinds_stand_newest_first() -> None:
    found = line(
        {"when": {"kinds": ["page_view", "download", "call", "page_view"]}, "count": {"max": 3}},
        activity(1, age=4), activity(2, age=3, kind="download"), activity(3, age=2), activity(4, age=1, kind="download"),
        activity(5, age=0, kind="social"),
    )  # fmt: skip
    assert ids(found) == ["4", "3", "2"]


def test_each_match_needs_an_earlier_one_of_its_own() -> None:
    after = {"kinds": ["page_view"], "after": {"kinds": ["download"]}, "within_days": 3}
    found = line(
        {"when": after},
        activity(1, age=20), activity(2, age=10, kind="download"), activity(3, age=8), activity(4, age=6),
        activity(5, age=2, kind="download"), activity(6, age=2), activity(7, age=1),
    )  # fmt: skip
    assert ids(found) == ["7", "3"]


def test_criteria_that_ask_the_same_share_the_answer_and_nothing_else() -> None:
    when = {"kinds": ["page_view"], "where": {"field": "activity.value", "op": "is", "value": 1}}
    matrix = compiled(
        {"when": when}, {"when": when, "count": {"max": 1}},
        {"when": when | {"where": {"field": "activity.value", "op": "is", "value": True}}},
    )  # fmt: skip
    assert len(matrix.selections) == 2
    facts = parse_facts(
        {"activities": [activity(1, age=1, value=1), activity(2, age=2, value=1), activity(3, age=3, value=True)]}
    )
    score = evaluate(matrix, facts, AS_OF).score
    assert score is not None
    assert [each.contribution for each in score.ledger] == [20, 10, 10]


def test_the_same_facts_are_judged_in_the_days_of_each_zone() -> None:
    once = {"when": {"reached": {"at_least": 1, "within_days": 1}}}
    late = {"id": "web:1", "kind": "call", "occurred_at": "2026-03-31T23:30:00Z"}
    facts = parse_facts({"activities": [late]})
    units = {}
    for zone in ("UTC", "Europe/Berlin", "America/Los_Angeles"):
        score = evaluate(compiled(once, timezone=zone), facts, AS_OF).score
        assert score is not None
        units[zone] = score.total
    assert units == {"UTC": 10, "Europe/Berlin": 0, "America/Los_Angeles": 10}


def test_what_lies_ahead_does_not_exist_yet() -> None:
    facts = parse_facts({"activities": [activity(1, age=-1), activity(2, age=0)]})
    matrix = compiled({"when": {}}, {"when": {"silent_days": 1}}, {"when": {"after": {}, "within_days": 9}})
    totals = []
    for days in (-1, 0, 1):
        score = evaluate(matrix, facts, AS_OF + timedelta(days=days)).score
        assert score is not None
        totals.append([each.contribution for each in score.ledger])
    assert totals == [[0, 0, 0], [10, 0, 0], [20, 0, 10]]


@pytest.mark.parametrize(
    ("value", "units"),
    [("1" * 3000, 0), ("0." + "0" * 3000 + "1", 0), ("+7", 0), ("-0", 1_000_000), ("0.00", 1_000_000)],
)
def test_means_of_any_length_are_exact_and_a_mean_of_zero_is_always_exceeded(value: str, units: int) -> None:
    rising = {"when": {"rising": {"days": 5, "by_percent": 1, "at_least": 1, "of": "value"}}}
    assert line(rising, activity(1, age=1, value=value), activity(2, age=6, value=value)).units == units
