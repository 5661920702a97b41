"""A caller with a key: `api.get("leads/1")`, `api.post("leads", {...})`, over Django's own client."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from accounts.models import Scope
from accounts.services import api_key_create
from tests.scoring.conftest import world

__all__ = ["world"]


@dataclass(frozen=True)
class Api:
    """One key's door. Paths are below /api/v1/; whole addresses, such as those of `next`, work as well."""

    client: Client
    secret: str

    def send(self, method: str, path: str, body: object = None, **headers: str) -> HttpResponse:
        address = path if path.startswith(("/", "http")) else f"/api/v1/{path}"
        return self.client.generic(
            method,
            address,
            b"" if body is None else json.dumps(body).encode(),
            content_type="application/json",
            headers={"Authorization": f"Bearer {self.secret}", **_named(headers)},
        )

    def get(self, path: str, **headers: str) -> HttpResponse:
        return self.send("GET", path, **headers)

    def post(self, path: str, body: object = None, **headers: str) -> HttpResponse:
        return self.send("POST", path, body, **headers)

    def patch(self, path: str, body: object, **headers: str) -> HttpResponse:
        return self.send("PATCH", path, body, **headers)

    def delete(self, path: str, **headers: str) -> HttpResponse:
        return self.send("DELETE", path, **headers)


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): text for name, text in headers.items()}


@pytest.fixture
def caller(client: Client, db: None) -> Callable[..., Api]:
    """A caller with a key of its own: `caller(Scope.TRACKER, feed="site")`."""

    def make(*scopes: Scope, feed: str = "crm") -> Api:
        return Api(client, api_key_create(name="A key", feed=feed, scopes=scopes or [Scope.CRM_SYNC])[1])

    return make


@pytest.fixture
def api(caller: Callable[..., Api]) -> Api:
    """A CRM that syncs the feed `crm`."""
    return caller(Scope.CRM_SYNC)


def problem_of(response: Any, status: int) -> dict[str, Any]:
    """The answer as a problem of RFC 9457 with this status."""
    assert (response.status_code, response["Content-Type"]) == (status, "application/problem+json"), response.content
    body: dict[str, Any] = response.json()
    assert {"type", "title", "status", "detail", "instance", "errors"} <= set(body)
    assert (body["status"], bool(body["detail"])) == (status, True)
    return body
