"""People of the house, and browsers of theirs."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import Role, User


@pytest.fixture
def admin(person: Callable[..., User]) -> User:
    return person(Role.ADMINISTRATOR, name="Ada Novak")


@pytest.fixture
def signed_in(person: Callable[..., User]) -> Callable[..., Client]:
    """A client signed in as somebody new of a role, or as somebody given."""

    def make(who: Role | User) -> Client:
        client = Client()
        client.user = who if isinstance(who, User) else person(who)
        client.force_login(client.user)
        return client

    return make
