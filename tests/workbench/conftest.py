"""A published model, a draft beside it, and whoever tunes it, each with a client of their own."""

import json
from collections.abc import Callable
from typing import Any, Protocol

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Role, User
from scoring.models import MatrixVersion
from tests.scoring.conftest import shared_world, world
from tests.scoring.world import World

__all__ = ["shared_world", "world"]


@pytest.fixture
def draft(world: World) -> MatrixVersion:
    return world.draft()


@pytest.fixture
def marketer(person: Callable[..., User]) -> User:
    return person(Role.MARKETER, name="Mara")


@pytest.fixture
def manager(person: Callable[..., User]) -> User:
    return person(Role.SALES_MANAGER, name="Sam")


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


class Sending(Protocol):
    def __call__(self, user: User, version: MatrixVersion, *edits: dict[str, Any], to: str = ...) -> Any: ...


@pytest.fixture
def send() -> Sending:
    """Edits as the page sends them: `send(mara, draft, {"path": …, "before": …, "after": …})`."""

    def sent(user: User, version: MatrixVersion, *edits: dict[str, Any], to: str = "workbench-edits") -> Any:
        body = {"edits": list(edits)} if to == "workbench-edits" else {}
        return signed_in(user).post(reverse(to, args=[version.pk]), json.dumps(body), content_type="application/json")

    return sent


def points(key: str, before: object, after: object) -> dict[str, Any]:
    return {"path": f"/criteria/{key}/points", "before": before, "after": after}
