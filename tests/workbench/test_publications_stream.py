"""R8: publications while activities stream in. Every score is of one version, and none stays behind the last one."""

import pytest

from tests.scoring.conftest import shared_world as shared_world
from tests.scoring.world import World
from tests.workbench.streaming import all_of_the_last, publications_while_streaming


def people(world: World, count: int) -> list:
    made = [world.lead(seniority=["vp", "manager"][n % 2], country=["DE", "FR"][n % 2]) for n in range(count)]
    world.settle()
    return made


def test_four_publications_while_activities_stream_in_leave_no_score_of_a_mixture(shared_world: World) -> None:
    leads = people(shared_world, 30)
    sent = publications_while_streaming(shared_world, leads, publications=4, between=15)
    assert sent >= 60
    assert all_of_the_last(shared_world, leads) == []


@pytest.mark.prove
def test_twenty_publications_while_activities_stream_in_leave_no_score_of_a_mixture(shared_world: World) -> None:
    leads = people(shared_world, 500)
    sent = publications_while_streaming(shared_world, leads, publications=20, between=100)
    assert sent >= 2_000
    assert all_of_the_last(shared_world, leads) == []
