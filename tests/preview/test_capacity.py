"""What each threshold means is what the engine says of every lead on both days."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Role, User
from crm.models import Lead
from crm.queries import facts_for_leads
from scoring.columns.generations import generation_refresh
from scoring.engine import compile_matrix, evaluate, parse_matrix
from scoring.loader import facts_on
from scoring.preview.background import measuring_join
from scoring.preview.capacity import DAYS, Capacity, Reached, capacity
from tests.preview.people import RICH, edited, people
from tests.scoring.world import MATRIX, NOON, World, changed

Json = Mapping[str, Any]


def with_threshold(document: Json, at: int) -> dict[str, Any]:
    key = document.get("hand_off_at", "mql")
    return {**document, "stages": [{**each, "at": at} if each["key"] == key else each for each in document["stages"]]}


def judged(document: Json) -> Reached:
    """By the engine, lead by lead."""
    compiled = compile_matrix(parse_matrix(document))
    qualifying = compiled.matrix.qualifying_stages
    facts = facts_for_leads(Lead.objects.values_list("pk", flat=True))
    sides = []
    for day in (NOON.date(), NOON.date() - timedelta(days=DAYS)):
        scores = {
            pk: evaluate(compiled, facts_on(each, as_of=day, zone=compiled.zone), as_of=day).score
            for pk, each in facts.items()
        }
        sides.append({pk for pk, score in scores.items() if score is not None and score.stage in qualifying})
    today, then = sides
    at = compiled.matrix.stages[compiled.matrix.hand_off_stage_index].at
    assert at is not None
    return Reached(at=at, arriving=len(today - then), above=len(today))


def found(world: World, document: Json) -> Capacity:
    _said, made = capacity(model=world.model, document=document)
    assert made is not None
    return made


def assert_exact(made: Capacity, document: Json) -> int:
    """Every threshold that a lead of this world may tell apart; answers how many differ."""
    lowest, highest = max(made.lowest, -60), min(made.highest, 160)
    truth = {at: judged(with_threshold(document, at)) for at in range(lowest, highest + 1, 3)}
    for at, expected in truth.items():
        assert made.reached(at) == expected, at
    return len({(each.arriving, each.above) for each in truth.values()})


@pytest.mark.parametrize("seed", [None, 4, 5, 9])
def test_each_threshold_means_what_the_engine_says(world: World, person: Callable[..., User], seed: int | None) -> None:
    people(60, owners=[person(Role.REP)])
    document = RICH if seed is None else edited(RICH, seed)
    assert_exact(found(world, document), document)


def visited(world: World) -> None:
    """Leads that came today, to the pricing page once to four times, an executive each."""
    for number in range(24):
        lead = world.lead(title="CEO", country="DE" if number % 2 else "US")
        for _ in range(1 + number % 4):
            world.send(lead)


def test_the_answer_is_the_lowest_from_which_on_few_enough_arrive(world: World) -> None:
    visited(world)
    made = found(world, MATRIX)
    answers = set()
    for a_week in (0, 1, 2, 3, 4, 5, 6):
        by_hand = made.highest + 1
        while by_hand > made.lowest and judged(with_threshold(MATRIX, by_hand - 1)).arriving <= 4 * a_week:
            by_hand -= 1
        assert by_hand <= made.highest
        assert made.answer(a_week) == judged(with_threshold(MATRIX, by_hand))
        answers.add(by_hand)
    assert len(answers) == 3


def test_who_is_fast_tracked_comes_whatever_the_threshold_and_a_disqualified_never(world: World) -> None:
    for _ in range(5):
        world.send(world.lead(), "demo_request", occurred_at=NOON.isoformat())
    rival = world.lead("spy@rival.example", title="CEO")
    world.send(rival, "demo_request")
    made = found(world, changed())
    assert made.reached(made.highest) == Reached(at=69, arriving=5, above=5)
    assert made.answer(1) is None
    assert made.answer(2) == Reached(at=21, arriving=5, above=5)
    assert made.reached(69).a_week == 1


def test_a_first_stage_without_a_threshold_cannot_be_moved(world: World) -> None:
    stages = [{"key": "mql", "label": "M"}, {"key": "sql", "label": "S", "at": 40}]
    made = found(world, changed(stages=stages))
    assert (made.at, made.answer(10), made.curve(10)) == (None, None, [])


@pytest.mark.django_db(transaction=True)
def test_both_days_are_measured_from_the_column_file(shared_world: World, person: Callable[..., User]) -> None:
    people(60, owners=[person(Role.REP)])
    shared_world.settle()
    generation_refresh()
    for _ in range(20):
        _said, made = capacity(model=shared_world.model, document=RICH)
        if made is not None:
            break
        measuring_join()
    assert made is not None
    assert assert_exact(made, RICH) > 3
