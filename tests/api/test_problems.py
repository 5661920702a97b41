"""Under /api/ every refusal is a problem, never a page; elsewhere people get pages."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.api.idempotency import answers_forget
from accounts.models import IdempotencyRecord
from tests.api.conftest import Api, problem_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
@pytest.mark.parametrize("address", ["/api/", "/api/v1/", "/api/v2/leads", "/api/v1/leads/", "/api/nothing/at/all"])
def test_an_address_that_is_not_there_is_a_problem(method: str, address: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert problem_of(strict.generic(method, address), 404)["instance"] == address


def test_a_page_that_is_not_there_is_a_page(client: Client) -> None:
    response = client.get("/nothing")
    assert (response.status_code, response["Content-Type"]) == (404, "text/html; charset=utf-8")


def test_a_bug_under_the_api_is_a_problem_that_tells_nothing_of_it(
    api: Api, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError("secret of the house")

    monkeypatch.setattr("crm.api.leads.leads_of", broken)
    client.raise_request_exception = False
    response = api.get("leads")
    problem_of(response, 500)
    assert b"secret" not in response.content


def test_a_bug_elsewhere_is_a_page(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError("secret of the house")

    monkeypatch.setattr("leadscore.views.connection", type("Broken", (), {"cursor": broken})())
    client.raise_request_exception = False
    response = client.get("/health/ready")
    assert (response.status_code, response["Content-Type"]) == (500, "text/html; charset=utf-8")
    assert b"secret" not in response.content


def test_a_name_that_is_not_ours_is_a_problem_under_the_api_only(client: Client) -> None:
    problem_of(client.get("/api/v1/leads", headers={"Host": "evil.example"}), 400)
    assert client.get("/", headers={"Host": "evil.example"})["Content-Type"].startswith("text/html")


def test_what_cannot_be_answered_in_json_is_a_406(api: Api) -> None:
    problem_of(api.get("leads", Accept="text/html"), 406)


def test_a_body_that_is_no_json_is_a_415(api: Api) -> None:
    response = api.client.post(
        "/api/v1/leads", {"email": "ada@mill.example"}, headers={"Authorization": f"Bearer {api.secret}"}
    )
    problem_of(response, 415)


BAD_QUERIES = [
    "leads?external_id=%00",
    "leads?email=",
    "leads?created_after=2026-02-30T00:00:00Z",
    "leads?created_after=2026-03-03",
    "leads?created_after=0001-01-01T00:00:00%2B14:00",
    "leads?updated_after=9999-12-31T23:59:59-14:00",
    "leads?country=DE&country=FR",
    "leads?format=xml",
    "leads?page_size=%EF%BC%91",
    "leads?page_size=1e1",
    "leads?cursor=",
    "leads?cursor=cD1hYmM%3D",
    "leads?cursor=WyJhZnRlciIsICJ4Il0",
    "leads?cursor=WyJhZnRlciIsIDEsIDJd",
    "leads?cursor=%00",
    "leads?cursor=WyJhZnRlciIsIDk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTldCg",
    "scores?stage=%00",
    "scores?rating=%00",
    "scores?model=%00",
    "scores?min_total=1.5",
    "scores?min_total=99999999999999999999",
    "scores?updated_after=yesterday",
    "queue?state=%00",
    "queue?owner=%00",
    "queue?colour=red",
]


@pytest.mark.parametrize("path", BAD_QUERIES)
def test_a_bad_query_is_a_400_with_a_place(api: Api, path: str) -> None:
    body = problem_of(api.get(path), 400)
    assert body["errors"]


def test_every_problem_of_a_query_comes_at_once(api: Api) -> None:
    body = problem_of(api.get("leads?created_after=soon&updated_after=later&colour=red"), 400)
    assert {each["pointer"] for each in body["errors"]} == {"/created_after", "/updated_after", ""}


@pytest.mark.parametrize(
    "path", ["scores?min_total=-999999999999999", "leads?created_after=0002-01-01T00:00:00Z", "queue?state=nothing"]
)
def test_an_odd_but_readable_query_finds_what_there_is(world: Any, api: Api, path: str) -> None:
    assert api.get(path).status_code == 200


def test_a_refused_call_may_be_mended_under_the_same_idempotency_key(api: Api) -> None:
    pk = api.post("leads", {"external_id": "c1", "first_name": "Ada"}).json()["id"]
    problem_of(api.patch(f"leads/{pk}", {"title": "COO"}, Idempotency_Key="k"), 428)
    changed = api.patch(f"leads/{pk}", {"title": "COO"}, Idempotency_Key="k", If_Match="*")
    assert changed.status_code == 200
    again = api.patch(f"leads/{pk}", {"title": "COO"}, Idempotency_Key="k", If_Match='"stale"')
    assert (again.status_code, again["Idempotent-Replayed"]) == (200, "true")
    assert again.json() == changed.json()


def test_the_database_going_away_under_an_idempotency_key_is_a_503(
    api: Api, caller: Callable[..., Api], monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import OperationalError

    def away(**_kwargs: object) -> None:
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr("crm.api.leads.lead_upsert", away)
    response = api.post("leads", {"external_id": "c1"}, Idempotency_Key="k")
    problem_of(response, 503)
    assert response["Retry-After"] == "5"


def test_answers_are_kept_for_a_day_and_then_forgotten(api: Api, frozen_now: time_machine.Traveller) -> None:
    api.post("leads", {"external_id": "c1"}, Idempotency_Key="old")
    frozen_now.shift(timedelta(hours=12))
    api.post("leads", {"external_id": "c2"}, Idempotency_Key="new")
    assert answers_forget() == 0
    frozen_now.shift(timedelta(hours=13))
    assert answers_forget() == 1
    assert IdempotencyRecord.objects.get().key == "new"
