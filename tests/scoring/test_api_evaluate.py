"""`POST evaluate`: the engine over HTTP, nothing stored."""

import json
from typing import Any

import pytest
from django.test import Client

from accounts.models import Scope
from accounts.services import api_key_create
from crm.models import Lead

pytestmark = pytest.mark.django_db

MATRIX: dict[str, Any] = {
    "schema": 1,
    "name": "One",
    "grades": {"A": 10},
    "levels": {"1": 10},
    "stages": [
        {"key": "cold", "label": "Cold"},
        {"key": "mql", "label": "M", "at": 10},
        {"key": "sql", "label": "S", "at": 20},
    ],
    "criteria": [
        {
            "key": "vp",
            "label": "VP",
            "dimension": "fit",
            "points": 12,
            "if": {"field": "lead.seniority", "op": "is", "value": "vp"},
        }
    ],
}
FACTS = {"lead": {"seniority": "vp", "attributes": {"size": 1.50}}, "company": None, "activities": []}


@pytest.fixture
def evaluate(client: Client) -> Any:
    _key, secret = api_key_create(name="CRM", feed="crm", scopes=[Scope.CRM_SYNC])

    def post(payload: Any) -> Any:
        return client.post(
            "/api/v1/evaluate",
            payload if isinstance(payload, str) else json.dumps(payload),
            content_type="application/json",
            headers={"Authorization": f"Bearer {secret}"},
        )

    return post


def test_a_matrix_and_facts_make_a_card(evaluate: Any) -> None:
    response = evaluate({"matrix": MATRIX, "facts": FACTS, "as_of": "2026-03-03"})
    card = response.json()
    assert (response.status_code, card["total"], card["rating"], card["stage"]) == (200, 12, "A4", "mql")
    assert (card["model"], card["version"]) == (None, None)
    assert not Lead.objects.exists()


def test_every_problem_of_matrix_and_facts_comes_at_once_as_a_422(evaluate: Any) -> None:
    broken = {**MATRIX, "criteria": [{**MATRIX["criteria"][0], "points": 1.5}], "colour": "red"}
    response = evaluate(
        {"matrix": broken, "facts": {"lead": [], "company": None, "activities": []}, "as_of": "2026-03-03"}
    )
    assert (response.status_code, response["Content-Type"]) == (422, "application/problem+json")
    pointers = {each["pointer"] for each in response.json()["errors"]}
    assert {"/matrix/criteria/0/points", "/matrix/colour", "/facts/lead"} <= pointers


def test_a_stored_version_says_which_it_is(evaluate: Any) -> None:
    from scoring.services.matrices import model_create, version_create

    version = version_create(model=model_create(slug="default", name="Default"), document=MATRIX)
    card = evaluate({"version": version.pk, "facts": FACTS, "as_of": "2026-03-03"}).json()
    assert (card["model"], card["version"], card["total"]) == ("default", 1, 12)
    assert evaluate({"version": 999, "facts": FACTS}).status_code == 404
    assert evaluate({"version": True, "facts": FACTS}).status_code == 400
    assert evaluate({"version": version.pk, "matrix": MATRIX, "facts": FACTS}).status_code == 400
