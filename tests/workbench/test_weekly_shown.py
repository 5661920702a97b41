"""The list of versions says how many leads a week each lifted over the line."""

from datetime import timedelta

import time_machine
from django.test import Client
from django.urls import reverse

from tests.scoring.conftest import world as world
from tests.scoring.world import World
from tests.workbench.test_weekly import lifted


def test_the_list_of_versions_shows_the_mean_and_for_a_young_version_the_count(
    world: World, frozen_now: time_machine.Traveller
) -> None:
    lifted(world)
    client = Client()
    client.force_login(world.admin)
    young = " ".join(client.get(reverse("workbench-models")).content.decode().split())
    assert "MQLs a week" in young
    assert "in 0 days" in young
    frozen_now.shift(timedelta(days=14))
    client.force_login(world.admin)
    assert ">0.5<" in client.get(reverse("workbench-models")).content.decode().replace(" ", "").replace("\n", "")
