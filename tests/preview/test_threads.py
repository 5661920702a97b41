"""Several who ask at once are each answered as if they had asked alone."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from scoring.columns.generations import generation_refresh
from scoring.preview import preview
from scoring.preview.population import population_forget
from tests.scoring.world import World, changed

DRAFTS = [changed(points={"germany": points}) for points in (5, 25, -10, 40)] * 3


@pytest.mark.django_db(transaction=True)
def test_threads_with_mixed_drafts_get_the_answers_of_one_alone(shared_world: World) -> None:
    world = shared_world
    leads = [world.lead(country="DE" if number % 2 else "FR", title="CEO") for number in range(12)]
    world.settle()
    generation_refresh()

    def answer(at: int) -> object:
        try:
            return preview(model=world.model, document=DRAFTS[at], names=None, is_waiting=True, is_fresh=True).figures
        finally:
            connections.close_all()

    for touched in (leads[1], leads[2]):
        world.send(touched, "demo_request")
        with ThreadPoolExecutor(4) as threads:
            together = list(threads.map(answer, range(len(DRAFTS))))
        for at, found in enumerate(together):
            population_forget()
            alone = preview(model=world.model, document=DRAFTS[at], names=None, is_waiting=True, is_fresh=True)
            assert alone.state == "ready"
            assert found == alone.figures
