from collections.abc import Iterator

import pytest

from crm.models import ActivityKind
from scoring.columns import mapped
from tests.columns.against_facts import World


@pytest.fixture(autouse=True)
def fresh_memory() -> Iterator[None]:
    mapped._mapped.clear()
    mapped._refused.clear()
    yield
    mapped._mapped.clear()


@pytest.fixture
def world(transactional_db: None) -> World:
    ActivityKind.objects.create(key="made up", label="Made up")
    return World(5)
