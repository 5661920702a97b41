"""The world of `tests.scoring.world`, published and at rest, on 3 March 2026."""

import pytest
import time_machine

from tests.scoring.world import World


@pytest.fixture
def world(db: None, frozen_now: time_machine.Traveller) -> World:
    made = World()
    made.publish()
    return made


@pytest.fixture
def shared_world(transactional_db: None, frozen_now: time_machine.Traveller) -> World:
    """The same for tests with several connections: everything is committed."""
    made = World()
    made.publish()
    return made
