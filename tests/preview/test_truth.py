"""What a preview says of a draft is what its publication then does: every list, every table, to the lead."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import Role, User
from crm.models import Lead
from crm.services.erasure import lead_erase
from scoring.columns.generations import generation_refresh
from scoring.preview import preview
from scoring.preview.population import population_now
from scoring.preview.sources import FileSource
from tests.preview.people import RICH, edited, people
from tests.preview.truth import assert_true, scores_of
from tests.scoring.world import World

EDITS, PROVED = 20, 200
PEOPLE = 300


def settle_on(world: World, document: dict[str, Any], person: Callable[..., User]) -> list[Lead]:
    leads = people(PEOPLE, owners=[person(Role.REP) for _ in range(3)])
    world.publish(document)
    return leads


def edit_and_publish(world: World, document: dict[str, Any], seed: int) -> tuple[dict[str, Any], int]:
    """The document that is published now, and how many scores it changed."""
    draft = edited(document, seed)
    said = preview(model=world.model, document=draft, names=None, is_waiting=True, is_fresh=True)
    before = scores_of(world.model)
    version = world.publish(draft)
    after = scores_of(world.model)
    assert_true(said, before, after, version)
    return draft, sum(before[lead].stage != after[lead].stage for lead in before.keys() & after.keys())


def test_it_says_what_publishing_does_where_leads_are_read_when_asked(
    world: World, person: Callable[..., User]
) -> None:
    document, moved = RICH, []
    settle_on(world, document, person)
    for seed in range(EDITS):
        document, crossed = edit_and_publish(world, document, seed)
        moved.append(crossed)
    assert sum(count > 0 for count in moved) > EDITS // 3


@pytest.mark.django_db(transaction=True)
def test_it_says_what_publishing_does_from_the_column_file(shared_world: World, person: Callable[..., User]) -> None:
    _on_the_file(shared_world, person, EDITS)


@pytest.mark.prove
@pytest.mark.django_db(transaction=True)
def test_it_says_what_publishing_does_over_many_edits(shared_world: World, person: Callable[..., User]) -> None:
    _on_the_file(shared_world, person, PROVED)


def _on_the_file(world: World, person: Callable[..., User], edits: int) -> None:
    """With leads that come, change and go after the file was made."""
    document = RICH
    leads = settle_on(world, document, person)
    generation_refresh()
    world.lead(title="CEO", country="DE")
    world.settle()
    for seed in range(1_000, 1_000 + edits):
        if seed % 3 == 0:
            world.send(leads[seed % len(leads)], "demo_request")
            world.lead(title="CEO", country="DE")
            lead_erase(lead_id=leads.pop(seed * 7 % len(leads)).pk, by=world.admin)
            world.settle()
        document, _crossed = edit_and_publish(world, document, seed)
        population = population_now()
        assert population is not None
        assert isinstance(population.main.source, FileSource)
        assert population.fresh is not None
