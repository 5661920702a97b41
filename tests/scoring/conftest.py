"""The world of `tests.scoring.world`, published and at rest, on 3 March 2026."""

import pytest
import time_machine

from scoring.services import range_judging
from tests.scoring.world import World


@pytest.fixture(autouse=True)
def bulk_never_fails(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A range that the engine must judge because bulk judgement broke is no success, however right its scores are."""
    if "engine_may_judge" not in request.fixturenames:

        def refused(*_args: object, **_named: object) -> None:
            raise AssertionError("Bulk judgement broke; the log says how.")

        monkeypatch.setattr(range_judging, "range_judge_by_engine", refused)


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


@pytest.fixture
def engine_may_judge() -> None:
    """For tests in which bulk judgement breaks."""
