"""Every route, method and key against one table. A route that is missing from it fails."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver

from accounts.models import ApiKey, Role, Scope
from leadscore import api_urls
from tests.api.conftest import Api, problem_of

pytestmark = pytest.mark.django_db
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
OPEN = {"schema/", "docs/"}
NOBODY = 403

# What (activities:write, crm:sync, tracker) get for an empty call; 400 and 404 say that the door was open.
TABLE: dict[tuple[str, str], tuple[int, int, int]] = {
    ("GET", "leads"): (NOBODY, 200, NOBODY),
    ("POST", "leads"): (NOBODY, 400, NOBODY),
    ("POST", "leads/batch"): (NOBODY, 400, NOBODY),
    ("GET", "leads/<int:pk>"): (NOBODY, 404, NOBODY),
    ("PATCH", "leads/<int:pk>"): (NOBODY, 404, NOBODY),
    ("DELETE", "leads/<int:pk>"): (NOBODY, 404, NOBODY),
    ("POST", "leads/<int:pk>/merge"): (NOBODY, 404, NOBODY),
    ("POST", "leads/<int:pk>/merge/undo"): (NOBODY, 404, NOBODY),
    ("GET", "leads/<int:pk>/score"): (NOBODY, 404, NOBODY),
    ("GET", "leads/<int:pk>/timeline"): (NOBODY, 404, NOBODY),
    ("GET", "leads/<int:pk>/history"): (NOBODY, 404, NOBODY),
    ("POST", "activities"): (400, 400, NOBODY),
    ("POST", "activities/batch"): (400, 400, NOBODY),
    ("POST", "activities/<path:message_id>/withdraw"): (404, 404, NOBODY),
    ("GET", "scores"): (NOBODY, 404, NOBODY),
    ("GET", "runs"): (NOBODY, 404, NOBODY),
    ("POST", "evaluate"): (400, 400, NOBODY),
    ("GET", "queue"): (NOBODY, 200, NOBODY),
    ("GET", "reasons"): (NOBODY, 200, NOBODY),
    ("POST", "handoffs/<int:pk>/claim"): (NOBODY, 404, NOBODY),
    ("POST", "handoffs/<int:pk>/release"): (NOBODY, 404, NOBODY),
    ("POST", "handoffs/<int:pk>/accept"): (NOBODY, 404, NOBODY),
    ("POST", "handoffs/<int:pk>/reject"): (NOBODY, 404, NOBODY),
}


def routes(patterns: list[Any], before: str = "") -> Iterator[tuple[str, str]]:
    """(method, route) of every view of the API."""
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern) and hasattr(pattern.callback, "view_class") and route not in OPEN:
            methods = [method for method in METHODS if hasattr(pattern.callback.view_class, method.lower())]
            yield from ((method, route.removeprefix("v1/")) for method in methods)


ROUTES = sorted(routes(api_urls.urlpatterns))


def address(route: str) -> str:
    return route.replace("<int:pk>", "4711").replace("<path:message_id>", "m1")


def test_the_table_names_every_route_and_no_other() -> None:
    assert sorted(TABLE) == ROUTES


@pytest.mark.parametrize(("method", "route"), ROUTES)
def test_a_key_opens_what_the_table_says(caller: Callable[..., Api], method: str, route: str) -> None:
    scopes = (Scope.ACTIVITIES_WRITE, Scope.CRM_SYNC, Scope.TRACKER)
    found = []
    for scope in scopes:
        response = caller(scope).send(method, address(route))
        found.append(response.status_code)
        if response.status_code == NOBODY:
            assert problem_of(response, 403)["code"] == "missing_scope"
    assert tuple(found) == TABLE[method, route]


@pytest.mark.parametrize(("method", "route"), ROUTES)
def test_without_a_live_key_every_door_says_the_same(
    caller: Callable[..., Api], client: Client, person: Callable[..., Any], method: str, route: str
) -> None:
    revoked = caller(*Scope)
    ApiKey.objects.update(revoked_at="2026-01-01T00:00:00Z")
    answers = [
        problem_of(revoked.send(method, address(route)), 401),
        problem_of(client.generic(method, f"/api/v1/{address(route)}"), 401),
    ]
    client.force_login(person(Role.ADMINISTRATOR))
    answers.append(problem_of(client.generic(method, f"/api/v1/{address(route)}"), 401))
    assert len({answer["detail"] for answer in answers}) == 1


@pytest.mark.parametrize("route", sorted({route for _method, route in ROUTES}))
def test_other_methods_are_a_405_that_names_the_ones_there_are(caller: Callable[..., Api], route: str) -> None:
    api = caller(*Scope)
    for method in METHODS:
        if (method, route) not in TABLE:
            response = api.send(method, address(route))
            problem_of(response, 405)
            assert {each for each, known in TABLE if known == route} <= set(response["Allow"].split(", "))


@pytest.mark.parametrize("route", sorted({route for method, route in ROUTES if method == "GET"}))
def test_looking_at_the_head_needs_the_same_scope(caller: Callable[..., Api], route: str) -> None:
    assert caller(Scope.TRACKER).send("HEAD", address(route)).status_code == 403
    assert caller(Scope.CRM_SYNC).send("HEAD", address(route)).status_code == TABLE["GET", route][1]


def test_a_key_needs_no_csrf_token(caller: Callable[..., Api]) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert Api(strict, caller(Scope.CRM_SYNC).secret).post("leads", {"external_id": "c1"}).status_code == 201


def test_one_feeds_key_sees_nothing_of_anothers(caller: Callable[..., Api]) -> None:
    ours, theirs = caller(feed="crm"), caller(feed="other")
    pk = ours.post("leads", {"external_id": "c1", "email": "ada@mill.example"}).json()["id"]
    for path in (f"leads/{pk}", f"leads/{pk}/score", f"leads/{pk}/timeline", f"leads/{pk}/history"):
        problem_of(theirs.get(path), 404)
    problem_of(theirs.patch(f"leads/{pk}", {"title": "COO"}, If_Match="*"), 404)
    problem_of(theirs.delete(f"leads/{pk}"), 404)
    assert theirs.get("leads").json()["results"] == []
