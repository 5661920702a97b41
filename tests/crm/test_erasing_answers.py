"""What was answered to a call goes with the person it showed."""

import json

import pytest
from django.test import Client

from accounts.models import IdempotencyRecord, Scope
from accounts.services import api_key_create
from crm.services.erasure import lead_erase

pytestmark = pytest.mark.django_db


def test_an_answer_kept_for_idempotency_goes_when_the_person_is_erased(client: Client) -> None:
    _key, secret = api_key_create(name="CRM", feed="crm", scopes=[Scope.CRM_SYNC])
    headers = {"Authorization": f"Bearer {secret}"}

    def send(method: str, address: str, body: object, **more: str) -> object:
        return client.generic(
            method, address, json.dumps(body), content_type="application/json", headers={**headers, **more}
        )

    pk = send("POST", "/api/v1/leads", {"external_id": "c1", "first_name": "Ada"}).json()["id"]
    send("PATCH", f"/api/v1/leads/{pk}", {"last_name": "Adler"}, **{"If-Match": '"1"', "Idempotency-Key": "k1"})
    assert "Adler" in json.dumps(IdempotencyRecord.objects.get().body)
    lead_erase(lead_id=pk, by=None)
    assert not IdempotencyRecord.objects.exists()
