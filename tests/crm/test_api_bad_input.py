"""What bad input gets: one test for each row of the contract's table that concerns leads and activities."""

import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError, connections
from django.http import HttpResponse
from django.test import Client

from accounts.models import ApiKey, Scope
from accounts.services import api_key_create
from crm.models import Activity, Lead, Quarantine
from crm.services.erasure import lead_erase

pytestmark = pytest.mark.django_db

ACTIVITIES, BATCH, LEADS = "/api/v1/activities", "/api/v1/activities/batch", "/api/v1/leads"
Send = Callable[..., HttpResponse]


@pytest.fixture
def secret() -> str:
    return api_key_create(name="CRM", feed="crm", scopes=[Scope.CRM_SYNC])[1]


@pytest.fixture
def send(client: Client, secret: str) -> Send:
    """Post raw bytes, text or a JSON value to an address of the API."""

    def post(address: str, body: Any, *, method: str = "POST", **headers: str) -> HttpResponse:
        raw = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else json.dumps(body).encode()
        sent = {"Authorization": f"Bearer {secret}", **{name.replace("_", "-"): text for name, text in headers.items()}}
        return client.generic(method, address, raw, content_type="application/json", headers=sent)

    return post


def activity(**fields: Any) -> dict[str, Any]:
    return {
        "message_id": "m1",
        "lead": {"external_id": "c1"},
        "kind": "page_view",
        "occurred_at": "2026-03-01T10:00:00Z",
        "url": "/pricing",
        **fields,
    }


def problem_of(response: HttpResponse, status: int) -> dict[str, Any]:
    """The answer as a problem: right status, right type, a sentence, nothing of what was sent."""
    assert (response.status_code, response["Content-Type"]) == (status, "application/problem+json"), response.content
    body: dict[str, Any] = json.loads(response.content)
    assert {"type", "title", "status", "detail", "instance", "errors"} <= set(body)
    assert body["status"] == status
    assert body["detail"]
    return body


@pytest.mark.parametrize(
    "text",
    [
        "{",
        '{"message_id": "m1"',
        "",
        '{"value": NaN}',
        '{"value": Infinity}',
        '{"kind": "page_view", "kind": "download"}',
        "[" * 21 + "]" * 21,
        '"text"',
        "[1, 2]",
        "5",
        "null",
    ],
)
def test_what_is_no_object_of_sound_json_is_a_400(send: Send, text: str) -> None:
    problem_of(send(ACTIVITIES, text), 400)
    assert not Activity.objects.exists()


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"subject": "a\x00b"}, "/subject"),
        ({"subject": "\ud800"}, "/subject"),
        ({"value": 10**40}, "/value"),
        ({"value": True}, "/value"),
        ({"occurred_at": "2026-03-01T10:00:00"}, "/occurred_at"),
        ({"occurred_at": "2026-02-30T10:00:00Z"}, "/occurred_at"),
        ({"colour": "red"}, "/colour"),
        ({"received_at": "2026-03-01T10:00:00Z"}, "/received_at"),
        ({"properties": {"a\x00": 1}}, "/properties"),
    ],
)
def test_a_bad_value_is_a_400_that_points_at_it_and_rejects_only_its_item(
    send: Send, fields: dict[str, Any], pointer: str
) -> None:
    body = problem_of(send(ACTIVITIES, activity(**fields)), 400)
    assert body["errors"][0]["pointer"].startswith(pointer)
    response = send(BATCH, [activity(**fields), activity(message_id="m2")])
    assert response.status_code == 207
    results = json.loads(response.content)["results"]
    assert [each["status"] for each in results] == ["rejected", "accepted"]
    assert list(Activity.objects.values_list("message_id", flat=True)) == ["m2"]


def test_a_fraction_for_a_whole_number_is_refused(send: Send) -> None:
    body = problem_of(send(LEADS, {"external_id": "c1", "company": {"domain": "mill.example", "employees": 2.5}}), 400)
    assert body["errors"][0]["pointer"] == "/company/employees"
    body = problem_of(send(LEADS, {"external_id": "c1", "company": {"domain": "mill.example", "employees": True}}), 400)
    assert body["errors"][0]["pointer"] == "/company/employees"


def test_all_problems_of_an_item_come_at_once(send: Send) -> None:
    body = problem_of(send(ACTIVITIES, activity(occurred_at="yesterday", colour="red", value=True)), 400)
    assert {each["pointer"] for each in body["errors"]} >= {"/occurred_at", "/colour", "/value"}


def test_a_value_that_was_sent_is_never_echoed(send: Send) -> None:
    response = send(
        ACTIVITIES, activity(occurred_at="<script>", kind=["<script>"], value="<script>", properties="<script>")
    )
    assert b"script" not in response.content


def test_an_exact_duplicate_is_a_duplicate(send: Send) -> None:
    assert json.loads(send(ACTIVITIES, activity()).content)["status"] == "accepted"
    again = send(ACTIVITIES, dict(reversed(activity().items())))
    assert (again.status_code, json.loads(again.content)["status"]) == (200, "duplicate")
    assert Activity.objects.count() == 1


def test_the_same_message_with_other_content_is_quarantined_and_the_first_stands(send: Send) -> None:
    send(ACTIVITIES, activity())
    response = send(ACTIVITIES, activity(url="/careers"))
    body = json.loads(response.content)
    assert (response.status_code, body["status"], body["code"]) == (207, "quarantined", "message_id_conflict")
    assert Activity.objects.get().url == "/pricing"
    assert Quarantine.objects.get().code == "message_id_conflict"


@pytest.mark.parametrize("when", [timedelta(hours=25), None])
def test_an_implausible_time_is_quarantined_and_never_scored(send: Send, when: timedelta | None) -> None:
    occurred_at = (datetime.now(UTC) + when).isoformat() if when else "1999-12-31T23:59:59Z"
    body = json.loads(send(ACTIVITIES, activity(occurred_at=occurred_at)).content)
    assert (body["status"], body["code"]) == ("quarantined", "implausible_time")
    assert not Activity.objects.exists()


def test_an_unknown_kind_is_accepted_and_stored(send: Send) -> None:
    assert json.loads(send(ACTIVITIES, activity(kind="moon_walk")).content)["status"] == "accepted"
    assert Activity.objects.get().kind == "moon_walk"


@pytest.mark.parametrize("properties", [{"text": "x" * 33_000}, {f"p{number}": number for number in range(201)}])
def test_an_activity_over_its_size_is_too_large(send: Send, properties: dict[str, Any]) -> None:
    assert problem_of(send(ACTIVITIES, activity(properties=properties)), 413)["code"] == "too_large"
    results = json.loads(send(BATCH, [activity(properties=properties)]).content)["results"]
    assert (results[0]["status"], results[0]["code"]) == ("rejected", "too_large")


def test_a_batch_over_its_count_or_size_is_a_413(send: Send) -> None:
    problem_of(send(BATCH, [activity(message_id=f"m{number}") for number in range(1_001)]), 413)
    problem_of(send(BATCH, [activity(message_id=f"m{number}", subject="x" * 2_000) for number in range(800)]), 413)
    assert not Activity.objects.exists()


def test_gzip_is_read_and_other_encodings_are_a_415(send: Send) -> None:
    raw = json.dumps(activity()).encode()
    assert send(ACTIVITIES, gzip.compress(raw), Content_Encoding="gzip").status_code == 200
    problem_of(send(ACTIVITIES, raw, Content_Encoding="br"), 415)
    problem_of(send(ACTIVITIES, b"no gzip", Content_Encoding="gzip"), 400)
    problem_of(send(ACTIVITIES, gzip.compress(raw)[:-6], Content_Encoding="gzip"), 400)


def test_a_gzip_bomb_is_a_413_without_inflating_it(send: Send) -> None:
    problem_of(send(ACTIVITIES, gzip.compress(b" " * 50_000_000), Content_Encoding="gzip"), 413)


@pytest.mark.parametrize(
    "query",
    [
        "page_size=0",
        "page_size=201",
        "page_size=x",
        "page_size=１",
        "cursor=nonsense",
        "colour=red",
        "created_after=soon",
    ],
)
def test_a_bad_filter_page_size_or_cursor_is_a_400(send: Send, query: str) -> None:
    problem_of(send(f"{LEADS}?{query}", b"", method="GET"), 400)


@pytest.mark.parametrize(
    "address", [f"{LEADS}/999999", f"{LEADS}/999999999999999999999", f"{LEADS}/x", "/api/v1/nothing"]
)
def test_what_is_not_there_is_a_404(send: Send, address: str) -> None:
    problem_of(send(address, b"", method="GET"), 404)


def test_a_method_that_is_not_there_is_a_405(send: Send) -> None:
    problem_of(send(LEADS, {}, method="PUT"), 405)


@pytest.mark.parametrize("state", ["none", "wrong", "malformed", "expired", "revoked"])
def test_without_a_live_key_there_is_one_401_for_all(client: Client, secret: str, state: str) -> None:
    key = ApiKey.objects.get()
    header = {"none": None, "wrong": "Bearer ls_live_wrong", "malformed": f"Basic {secret}"}.get(
        state, f"Bearer {secret}"
    )
    if state == "expired":
        ApiKey.objects.filter(pk=key.pk).update(expires_at=datetime.now(UTC) - timedelta(seconds=1))
    if state == "revoked":
        ApiKey.objects.filter(pk=key.pk).update(revoked_at=datetime.now(UTC))
    response = client.post(
        ACTIVITIES, activity(), content_type="application/json", headers={"Authorization": header} if header else {}
    )
    body = problem_of(response, 401)
    assert response["WWW-Authenticate"].startswith("Bearer")
    assert "ls_live_…" in body["detail"]


def test_a_missing_scope_is_a_403_that_names_it(client: Client) -> None:
    _key, secret = api_key_create(name="Site", feed="site", scopes=[Scope.ACTIVITIES_WRITE])
    response = client.post(
        LEADS, {"email": "a@b.example"}, content_type="application/json", headers={"Authorization": f"Bearer {secret}"}
    )
    assert "crm:sync" in problem_of(response, 403)["detail"]


def test_anothers_lead_is_a_404(client: Client, send: Send) -> None:
    send(LEADS, {"external_id": "c1", "first_name": "Ada"})
    _key, other = api_key_create(name="Other", feed="other", scopes=[Scope.CRM_SYNC])
    response = client.get(f"{LEADS}/{Lead.objects.get().pk}", headers={"Authorization": f"Bearer {other}"})
    problem_of(response, 404)


def test_a_change_needs_the_etag_it_was_read_with(send: Send) -> None:
    pk = json.loads(send(LEADS, {"external_id": "c1", "first_name": "Ada"}).content)["id"]
    problem_of(send(f"{LEADS}/{pk}", {"first_name": "Eda"}, method="PATCH"), 428)
    problem_of(send(f"{LEADS}/{pk}", {"first_name": "Eda"}, method="PATCH", If_Match='"999"'), 412)
    etag = send(f"{LEADS}/{pk}", b"", method="GET")["ETag"]
    changed = send(f"{LEADS}/{pk}", {"first_name": "Eda"}, method="PATCH", If_Match=etag)
    assert (changed.status_code, json.loads(changed.content)["first_name"]) == (200, "Eda")
    assert changed["ETag"] != etag


def test_an_erased_person_is_gone_and_nothing_new_of_them_is_kept(send: Send) -> None:
    pk = json.loads(send(LEADS, {"external_id": "c1", "email": "ada@mill.example"}).content)["id"]
    lead_erase(lead_id=pk, by=None)
    assert problem_of(send(ACTIVITIES, activity()), 410)["code"] == "erased"
    results = json.loads(send(BATCH, [activity(), activity(lead={"email": "Ada@Mill.example"})]).content)["results"]
    assert [(each["status"], each["code"]) for each in results] == [("rejected", "erased")] * 2
    assert not Activity.objects.exists()
    assert not Quarantine.objects.exists()


def test_over_the_rate_there_is_a_429_that_says_when(send: Send, settings: Any) -> None:
    settings.API_CALLS_PER_MINUTE = 2
    first = send(ACTIVITIES, activity())
    assert (first["RateLimit-Limit"], first["RateLimit-Remaining"]) == ("2", "1")
    send(ACTIVITIES, activity())
    response = send(ACTIVITIES, activity())
    problem_of(response, 429)
    assert 1 <= int(response["Retry-After"]) <= 61


def test_with_the_database_away_there_is_a_503_and_nothing_is_acknowledged(
    send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_args: object, **_kwargs: object) -> None:
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(connections["default"], "cursor", away)
    response = send(ACTIVITIES, activity())
    problem_of(response, 503)
    assert response["Retry-After"] == "5"


def test_a_repeated_idempotency_key_gets_the_first_answer_again(send: Send) -> None:
    first = send(LEADS, {"external_id": "c1"}, Idempotency_Key="k1")
    again = send(LEADS, {"external_id": "c1"}, Idempotency_Key="k1")
    assert (first.status_code, again.status_code, again["Idempotent-Replayed"]) == (201, 201, "true")
    assert again.content == first.content
    problem_of(send(LEADS, {"external_id": "c2"}, Idempotency_Key="k1"), 422)
