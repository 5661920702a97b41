"""The small world of scoring, and browsers of people of each role."""

from collections.abc import Callable

import pytest
import time_machine
from django.test import Client

from accounts.models import Role, User
from tests.scoring.world import World


@pytest.fixture
def world(db: None, frozen_now: time_machine.Traveller) -> World:
    made = World()
    made.publish()
    return made


@pytest.fixture
def signed_in(person: Callable[..., User]) -> Callable[..., Client]:
    """A client signed in as somebody new of a role, or as somebody given: `signed_in(Role.REP)`."""

    def make(who: Role | User) -> Client:
        client = Client()
        client.user = who if isinstance(who, User) else person(who)
        client.force_login(client.user)
        return client

    return make
