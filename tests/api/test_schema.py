"""The schema: whole, valid, and true of what is answered."""

from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from django.core.management import call_command
from django.test import Client

from crm.api.schema import EXAMPLE_ACTIVITY, EXAMPLE_LEAD, EXAMPLE_SHOWN, CompanyShown, Item, LeadShown
from handoff.api.schema import EXAMPLE_HANDOFF, HandoffShown
from scoring.api.schema import EXAMPLE_CARD, EXAMPLE_FACTS, EXAMPLE_MATRIX, EXAMPLE_ROW, Card, ScoreRow
from tests.api.conftest import Api
from tests.api.test_access import ROUTES, TABLE

pytestmark = pytest.mark.django_db


@pytest.fixture
def schema(client: Client) -> dict[str, Any]:
    response = client.get("/api/schema/")
    assert response.status_code == 200
    return yaml.safe_load(response.content)


def calls(schema: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def test_it_is_valid_and_without_a_warning(tmp_path: Any) -> None:
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(tmp_path / "schema.yml"))


def test_every_route_stands_in_it_with_what_a_reader_needs(schema: dict[str, Any]) -> None:
    found = list(calls(schema))
    assert len(found) == len(ROUTES)
    assert len({operation["operationId"] for _method, _path, operation in found}) == len(found)
    for method, path, operation in found:
        named = (method, path)
        assert operation["summary"], named
        assert {"401", "403", "429", "503"} <= set(operation["responses"]), named
        answers = [body for status, body in operation["responses"].items() if status < "300"]
        assert any("examples" in kind for body in answers for kind in body["content"].values()), named
        refusals = [body for status, body in operation["responses"].items() if status >= "400"]
        assert all(set(body["content"]) == {"application/problem+json"} for body in refusals), named
        if "requestBody" in operation:
            assert "examples" in operation["requestBody"]["content"]["application/json"], named


def test_it_names_the_scopes_that_open_a_call(schema: dict[str, Any]) -> None:
    for method, path, operation in calls(schema):
        [security] = operation["security"]
        route = path.removeprefix("/api/v1/")
        key = next(
            each
            for each in TABLE
            if each[0] == method
            and each[1].replace("<int:pk>", "{id}").replace("<path:message_id>", "{message_id}") == route
        )
        expected = ["activities:write", "crm:sync"] if TABLE[key][0] != 403 else ["crm:sync"]
        assert security["apiKey"] == expected
        assert all(f"`{scope}`" in operation["description"] for scope in expected)


def test_the_readable_docs_are_served_locally(client: Client) -> None:
    page = client.get("/api/docs/")
    assert page.status_code == 200
    assert b"//cdn" not in page.content
    assert b"<script>" not in page.content
    assert client.get("/api/docs/?script=").status_code == 200


def test_the_example_lead_is_shown_as_the_example_says(api: Api) -> None:
    made = api.post("leads", EXAMPLE_LEAD)
    assert made.status_code == 201
    shown = api.get(f"leads/{made.json()['id']}").json()
    given = {"id", "owner", "revision", "created_at", "updated_at"}
    shown["company"]["id"] = EXAMPLE_SHOWN["company"]["id"]  # type: ignore[index]
    assert {name: value for name, value in shown.items() if name not in given} == {
        name: value for name, value in EXAMPLE_SHOWN.items() if name not in given
    }


def test_the_example_activity_is_taken(api: Api) -> None:
    [item] = api.post("activities/batch", {"activities": [EXAMPLE_ACTIVITY]}).json()["results"]
    assert (item["status"], item["message_id"]) == ("accepted", EXAMPLE_ACTIVITY["message_id"])
    assert set(item) <= set(Item().fields)


def test_the_example_card_is_what_the_example_matrix_makes_of_the_example_facts(api: Api) -> None:
    card = api.post("evaluate", {"matrix": EXAMPLE_MATRIX, "facts": EXAMPLE_FACTS, "as_of": "2026-03-03"}).json()
    assert card == {**EXAMPLE_CARD, "model": None, "version": None, "checksum": card["checksum"]}
    assert set(card) == set(Card().fields)


@pytest.mark.parametrize(
    ("example", "described"),
    [
        (EXAMPLE_SHOWN, LeadShown),
        (EXAMPLE_SHOWN["company"], CompanyShown),
        (EXAMPLE_ROW, ScoreRow),
        (EXAMPLE_HANDOFF, HandoffShown),
    ],
)
def test_an_example_has_the_fields_that_are_described(example: Any, described: Any) -> None:
    assert set(example) == set(described().fields)
