"""Situations that random facts seldom meet: clocks put back over midnight, numbers no int64 holds, many at one moment."""

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from scoring.bulk import counting, matching
from scoring.bulk.columns import Columns
from scoring.bulk.from_facts import columns_of_facts
from scoring.bulk.measuring import Measuring, measure
from scoring.bulk.units import Units
from tests.bulk.against_engine import (
    Json,
    assert_judged_like_the_engine,
    behavior,
    by_lead,
    compiled_of,
    document_of,
    population_of,
)

AS_OF = date(2026, 3, 3)
NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
PAGES = frozenset({"page_view"})


def view(number: int, age: float = 0, **members: Any) -> Json:
    """An activity `age` days before noon of the as-of day."""
    return {
        "id": f"w:{number:04}",
        "kind": "page_view",
        "occurred_at": (NOON - timedelta(days=age)).isoformat(),
    } | members


def lead_with(*activities: Json) -> Json:
    return {"lead": {}, "activities": list(activities)}


def units_of(document: Json, *leads: Json, as_of: date = AS_OF) -> dict[int, int]:
    """The units of the only criterion by lead 3, 6, 9 …, held against the engine's."""
    population = population_of(leads)
    assert_judged_like_the_engine(document, population, as_of)
    columns = columns_of_facts(population)
    return by_lead(measure(compiled_of(document), 0, columns, as_of, PAGES), columns)


# In St. John's clocks were put back by an hour at 00:01 until 2011, so that the first minute of a day lies before the
# last hour of the day before.
BACK = datetime(2010, 11, 7, 2, 31, tzinfo=UTC)
OVER_MIDNIGHT = lead_with(
    *(
        view(number) | {"occurred_at": (BACK + timedelta(minutes=minutes)).isoformat(), "subject": str(number)}
        for number, minutes in enumerate((-3, -2, -1.5, -0.5, -0.25, 0.5, 30, 59.5, 60.5, 61))
    )
)
# Whose newest activities lie in that hour, a day older than some before them.
WITHIN_THE_HOUR = lead_with(*OVER_MIDNIGHT["activities"][:8])
IN_ST_JOHNS = {"timezone": "America/St_Johns"}


@pytest.mark.parametrize("most", [1, 2, 3, 4])
def test_a_day_that_comes_twice_down_the_list_is_one_day(most: int) -> None:
    document = behavior(when={}, count={"max_per_day": most, "repeat_percent": 50}) | IN_ST_JOHNS
    day = date(2010, 11, 7)
    newest_first = columns_of_facts(population_of([OVER_MIDNIGHT])).activities.days(compiled_of(document).zone)
    assert (np.diff(newest_first) > 0).any(), "the days must rise somewhere down the list, or this tests nothing"
    assert units_of(document, OVER_MIDNIGHT, lead_with(view(1)), WITHIN_THE_HOUR, as_of=day)


@pytest.mark.parametrize(
    "when",
    [
        {"silent_days": 1, "per_days": 1},
        {"reached": {"at_least": 2, "within_days": 1}},
        {"rising": {"days": 1, "by_percent": 1, "at_least": 1}},
        {"after": {}, "within_days": 0},
        {},
    ],
)
@pytest.mark.parametrize("day", [date(2010, 11, 6), date(2010, 11, 7), date(2010, 11, 8)])
def test_clocks_put_back_over_midnight_change_nothing_else(when: Json, day: date) -> None:
    document = behavior(when=when, count={"max": 3, "repeat_percent": 50}, decay={"linear_days": 3}) | IN_ST_JOHNS
    units_of(document, OVER_MIDNIGHT, lead_with(), WITHIN_THE_HOUR, OVER_MIDNIGHT, as_of=day)


def test_an_activity_is_never_after_one_of_its_own_moment() -> None:
    document = behavior(when={"kinds": ["page_view"], "after": {"kinds": ["page_view"]}, "within_days": 2})
    tied = [view(number, age) for number, age in enumerate((0, 0, 0, 2, 2, 5, 5))]
    # Three come after the two of two days before; those two come three days after the oldest, too late.
    assert units_of(document, lead_with(*tied), lead_with(*tied[:3]), lead_with(*tied[1:4])) == {
        3: 3_000_000,
        9: 2_000_000,
    }


def test_what_one_lead_did_before_is_no_earlier_activity_of_the_next() -> None:
    document = behavior(when={"kinds": ["page_view"], "after": {"kinds": ["page_view"]}, "within_days": 9})
    assert units_of(document, lead_with(view(1, 3)), lead_with(view(2, 4)), lead_with(view(1, 5))) == {}


@pytest.mark.parametrize("seed", range(12))
def test_random_crowds_of_moments_after_moments(seed: int) -> None:
    chance = random.Random(seed)
    leads = [
        lead_with(
            *(
                view(
                    number,
                    chance.randrange(6),
                    kind=chance.choice(("page_view", "download")),
                    subject=chance.choice("aAb "),
                )
                for number in range(chance.randrange(25))
            )
        )
        for _ in range(8)
    ]
    rare, many = {"kinds": ["download"], "where": {"field": "activity.subject", "op": "is", "value": "b"}}, {}
    for one, other in ((rare, many), (many, rare), (many, many)):
        when = one | {"after": other, "within_days": 1}
        assert_judged_like_the_engine(behavior(when=when | {"unique_by": "subject"}), population_of(leads), AS_OF)
        assert_judged_like_the_engine(behavior(when=when, count={"max_per_day": 2}), population_of(leads), AS_OF)


RISING = {"rising": {"days": 3, "by_percent": 100, "at_least": 1, "of": "value"}}
HUGE = 10**30


@pytest.mark.parametrize(
    ("recent", "before", "holds"),
    [
        ([0.3], [0.1, 0.2], True),  # exactly twice the mean of 0.15
        ([0.3], [0.1, 0.2000000000000001], False),  # too fine for the scale of the others
        ([2 * HUGE], [HUGE], True),
        ([2 * HUGE - 1], [HUGE], False),
        ([2 * HUGE, "n/a", -1], [HUGE, None], True),
        ([4_000_000_000_000] * 40, [2_000_000_000_000] * 60, True),
        ([4_000_000_000_000] * 39 + [3_999_999_999_999], [2_000_000_000_000] * 60, False),
        ([4_000_000_000_000] * 80, [1] * 400, True),  # the sums fit, a product does not
        ([0.000001] * 500, [2_500_000] * 200, False),
        ([1, 1], [], True),
        ([0], [0, 0], True),
        ([0], [0, 0.000001], False),
        (["２"], ["1.000"], True),
        ([], [1], False),
    ],
)
def test_means_are_held_against_each_other_exactly(recent: list[Any], before: list[Any], holds: bool) -> None:
    rows = [view(number, 0, value=value) for number, value in enumerate(recent)]
    rows += [view(1000 + number, 3, value=value) for number, value in enumerate(before)]
    plain = lead_with(view(1, 0, value=3), view(2, 3, value=1))
    falling = lead_with(view(1, 0, value=1.25), view(2, 3, value=3))
    found = units_of(behavior(when=RISING), plain, lead_with(*rows), falling, plain)
    assert found == {3: 1_000_000, 12: 1_000_000} | ({6: 1_000_000} if holds else {})


def test_means_that_fit_are_not_decided_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "_mean_rises", lambda *_: pytest.fail("was decided one by one"))
    assert units_of(behavior(when=RISING), lead_with(view(1, 0, value="12.125"), view(2, 3, value=6)))


def test_a_crowd_too_large_for_packed_keys_is_told_apart_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "_MOST_PACKED", 10)
    rows = [
        view(number, number, subject=subject) for number, subject in enumerate(("a", "b", "A ", 5, "5", None, None))
    ]
    document = behavior(when={"kinds": ["page_view"], "unique_by": "subject"}, decay={"linear_days": 100})
    assert units_of(document, lead_with(*rows), lead_with(*rows[2:])) == {3: 4_850_000, 6: 3_840_000}


@pytest.mark.parametrize("together", ["any", "all"])
@pytest.mark.parametrize("turned", [False, True])
def test_what_classes_and_what_activities_hold_meet_in_one_condition(together: str, turned: bool) -> None:
    leaves: list[Json] = [
        {"field": "activity.url", "op": "path_is", "value": "/"},
        {"field": "activity.value", "op": "gte", "value": 5},
        {"field": "activity.properties.x", "op": "is", "value": True},
    ]
    where: Json = {"any": [{"not": {together: leaves}} if turned else {together: leaves}]}
    held = [
        {"url": url, "value": value, "properties": {"x": x}}
        for url in ("/", "/other", None)
        for value in (4, 5, None)
        for x in (True, 1, None)
    ]
    leads = [lead_with(view(number, **members)) for number, members in enumerate(held)]
    found = units_of(behavior(when={"where": where}), *leads)
    assert len(found) == {("any", False): 19, ("all", False): 1, ("any", True): 1, ("all", True): 19}[together, turned]


def test_an_unknown_kind_does_not_exist_not_even_as_what_came_before() -> None:
    document = behavior(when={"after": {"kinds": ["download"]}, "within_days": 9})
    facts = population_of([lead_with(view(1), view(2, 1, kind="download"), view(3, 2, kind="rumour"))])
    columns = columns_of_facts(facts)
    compiled = compiled_of(document)

    def units(*kinds: str) -> dict[int, int]:
        assert_judged_like_the_engine(document, facts, AS_OF, frozenset(kinds))
        return by_lead(measure(compiled, 0, columns, AS_OF, frozenset(kinds)), columns)

    assert units("page_view", "download") == {3: 1_000_000}
    assert units("page_view") == units("download") == units() == {}


def test_a_criterion_without_activities_asks_neither_for_days_nor_for_kinds() -> None:
    document = document_of(
        {
            "key": "c",
            "label": "C",
            "dimension": "fit",
            "points": 1,
            "if": {"field": "lead.created_days", "op": "lt", "value": 5},
        }
    )
    whole = columns_of_facts(population_of([{"lead": {"created_days": days}} for days in (4, 5, None, "1")]))
    deaf = replace(whole, activities=replace(whole.activities, days=lambda _zone: pytest.fail("asked for days")))
    assert by_lead(measure(compiled_of(document), 0, deaf, AS_OF, frozenset()), deaf) == {3: 1_000_000, 12: 1_000_000}


def test_the_age_of_a_lead_is_asked_for_in_the_zone_of_the_model_and_for_the_day() -> None:
    document = document_of(
        {
            "key": "c",
            "label": "C",
            "dimension": "fit",
            "points": 1,
            "if": {"field": "lead.created_days", "op": "is_known"},
        },
        timezone="Asia/Tokyo",
    )
    asked: list[tuple[str, date]] = []
    columns = columns_of_facts(population_of([{"lead": {"created_days": 4}}]))

    def created_days(zone: Any, as_of: date) -> Any:
        asked.append((zone.key, as_of))
        return columns.created_days(zone, as_of)

    measure(compiled_of(document), 0, replace(columns, created_days=created_days), AS_OF, frozenset())
    assert asked == [("Asia/Tokyo", AS_OF)]


def test_measuring_asks_for_a_shared_condition_and_selection_once() -> None:
    rule = {"dimension": "behavior", "label": "C", "points": 1, "when": {"kinds": ["page_view"]}}
    where = {"if": {"field": "lead.title", "op": "is_known"}}
    document = document_of({"key": "a", **rule, **where}, {"key": "b", **rule, **where, "count": {"max": 1}})
    asked: list[str] = []
    columns = columns_of_facts(population_of([{"lead": {"title": "VP"}, "activities": [view(1), view(2)]}]))

    def field(name: str) -> Any:
        asked.append(name)
        return columns.field(name)

    measuring = Measuring(compiled_of(document), replace(columns, field=field), AS_OF, PAGES)
    found = [by_lead(measuring.units(index), columns) for index in (0, 1, 0, 1)]
    assert found == [{3: 2_000_000}, {3: 1_000_000}] * 2
    assert asked == ["lead.title"]


def test_nobody_and_leads_without_activities_are_measured_too() -> None:
    document = behavior(when={"kinds": ["page_view"], "unique_by": "subject", "after": {}, "within_days": 1})
    for leads in ([], [lead_with()], [lead_with(), lead_with()]):
        assert units_of(document, *leads) == {}


def test_more_rows_than_positions_can_number_are_refused() -> None:
    class Many:
        def __len__(self) -> int:
            return 2**31

    columns = columns_of_facts([])
    for crowd in (
        replace(columns, lead_ids=Many()),
        replace(columns, activities=replace(columns.activities, lead=Many())),
    ):
        assert isinstance(crowd, Columns)
        with pytest.raises(OverflowError, match="Measure the population in slices"):
            Measuring(compiled_of(behavior(when={})), crowd, AS_OF, PAGES)


def test_units_of_a_slice_are_those_of_its_leads() -> None:
    units = Units(leads=np.array([1, 4, 7], np.int32), units=np.array([5, 6, 7]))
    part = units.slice(4, 7)
    assert (part.leads.tolist(), part.units.tolist()) == ([0], [6])


def test_leads_stand_by_id_and_a_slice_of_a_slice_bounds_its_own_activities() -> None:
    leads = population_of([lead_with(*(view(number) for number in range(count))) for count in (1, 2, 3, 4)])
    columns = columns_of_facts(list(reversed(leads)))
    assert columns.lead_ids.tolist() == [3, 6, 9, 12]
    assert columns.first.tolist() == [0, 1, 3, 6, 10]
    part = columns.slice(1, 4).slice(1, 3)
    assert part.lead_ids.tolist() == [9, 12]
    assert part.first.tolist() == [0, 3, 7]
    assert part.activities.lead.tolist() == [0, 0, 0, 1, 1, 1, 1]
