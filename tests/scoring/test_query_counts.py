"""Scoring a hundred leads asks the database as often as scoring one."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from scoring.queries import cards_for, score_card, score_history, timeline_for
from scoring.services.rescoring import work_drain
from scoring.services.runs import range_judge_next
from tests.scoring.world import World, changed


def asked(act: Callable[[], object]) -> int:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        act()
    return len(queries)


def population(world: World, size: int) -> None:
    for _ in range(size):
        lead = world.lead(title="CEO", country="DE")
        world.send(lead)


@pytest.mark.parametrize("again", [False, True], ids=["first", "again"])
def test_draining_one_lead_and_a_hundred_asks_as_often(world: World, again: bool) -> None:
    def drained(size: int) -> int:
        population(world, size)
        if again:
            work_drain()
            for score_lead in world_leads(world)[-size:]:
                world.send(score_lead)
        return asked(lambda: work_drain(batch=1_000, max_batches=1))

    one, hundred = drained(1), drained(100)
    assert one == hundred
    assert not world.differences()


def world_leads(world: World) -> list:
    from crm.models import Lead

    return list(Lead.objects.order_by("pk"))


def test_a_range_of_one_lead_and_of_a_hundred_asks_as_often(world: World) -> None:
    population(world, 1)
    world.settle()
    world.publish(changed(points={"exec-title": 21}), settle=False)
    one = asked(range_judge_next)
    world.settle()
    population(world, 99)
    world.settle()
    world.publish(changed(points={"exec-title": 22}), settle=False)
    assert asked(range_judge_next) == one
    world.settle()
    assert not world.differences()


def test_cards_of_a_page_ask_as_often_as_one_card(world: World) -> None:
    population(world, 30)
    world.settle()
    ids = [lead.pk for lead in world_leads(world)]
    assert asked(lambda: cards_for(ids[:1], world.model)) == asked(lambda: cards_for(ids, world.model))


def test_a_long_history_asks_no_more_than_a_short_one(world: World) -> None:
    lead = world.lead()
    world.total(lead)

    def page() -> None:
        score_card(lead_id=lead.pk, model_id=world.model.pk)
        score_history(lead_id=lead.pk, model_id=world.model.pk)
        timeline_for(lead_id=lead.pk, model_id=world.model.pk)

    short = asked(page)
    for _ in range(12):
        world.send(lead)
        world.settle()
    assert asked(page) == short
