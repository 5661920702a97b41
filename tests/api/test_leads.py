"""Leads and their activities over the API, with everything real behind it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import ApiKey, AuditEntry, Notification, Role
from crm.api.schema import LeadShown
from crm.models import Activity, Lead
from crm.services.leads import lead_upsert
from tests.api.conftest import Api, problem_of
from tests.conftest import NOW

pytestmark = pytest.mark.django_db


def sent(api: Api, external_id: str, **values: object) -> int:
    """The id of a lead sent over the API."""
    return int(api.post("leads", {"external_id": external_id, **values}).json()["id"])


def act(api: Api, external_id: str, message_id: str, **fields: object) -> dict[str, Any]:
    item = {
        "message_id": message_id,
        "lead": {"external_id": external_id},
        "kind": "page_view",
        "occurred_at": "2026-03-03T10:00:00Z",
        **fields,
    }
    return api.post("activities", item).json()


def ids(response: Any) -> list[int]:
    return [each["id"] for each in response.json()["results"]]


def test_a_lead_is_made_once_then_changed_then_left_alone(api: Api) -> None:
    first = api.post("leads", {"external_id": "c1", "email": "Ada@Mill.example", "title": "VP Operations"})
    assert (first.status_code, first.json()["outcome"], first["ETag"]) == (201, "created", '"1"')
    second = api.post("leads", {"external_id": "c1", "title": "COO"})
    assert (second.status_code, second.json()) == (200, {"id": first.json()["id"], "outcome": "updated"})
    third = api.post("leads", {"external_id": "c1", "title": "COO"})
    assert (third.status_code, third.json()["outcome"]) == (200, "unchanged")


def test_a_lead_is_shown_with_what_was_sent_and_derived(api: Api, person: Callable[..., Any]) -> None:
    rita = person(Role.REP)
    pk = sent(
        api,
        "c1",
        email="ada@mill.example",
        title="VP Operations",
        country="Germany",
        owner=rita.email,
        company={"domain": "mill.example", "employees": 240},
        attributes={"size": 1.5},
    )
    shown = api.get(f"leads/{pk}")
    body = shown.json()
    assert set(body) == set(LeadShown().fields)
    assert (body["external_ids"], body["owner"], body["country"], body["seniority"]) == (["c1"], rita.email, "DE", "vp")
    assert (body["company"]["employees"], body["attributes"], body["email_kind"]) == (240, {"size": 1.5}, "work")
    assert shown["ETag"] == f'"{body["revision"]}"'


def test_ids_of_other_feeds_are_not_shown(api: Api) -> None:
    pk = sent(api, "c1", email="ada@mill.example")
    lead_upsert(feed="other", values={"external_id": "secret", "email": "ada@mill.example"})
    assert api.get(f"leads/{pk}").json()["external_ids"] == ["c1"]


def test_an_address_of_somebody_else_stays_and_the_pair_is_named(api: Api) -> None:
    ada = sent(api, "c1", email="ada@mill.example")
    sent(api, "c2", email="eda@mill.example")
    body = api.post("leads", {"external_id": "c2", "email": "ada@mill.example"}).json()
    assert body["possible_duplicate_of"] == ada
    assert api.get(f"leads/{ada}").json()["email"] == "ada@mill.example"


def test_a_batch_tells_each_item_apart_and_one_refusal_stops_no_other(api: Api) -> None:
    sent(api, "c1")
    response = api.post(
        "leads/batch",
        {"leads": [{"external_id": "c1", "title": "COO"}, {"title": "Nobody"}, {"external_id": "c2"}, 5]},
    )
    results = response.json()["results"]
    assert response.status_code == 207
    assert [each["status"] for each in results] == ["updated", "rejected", "created", "rejected"]
    assert [each["index"] for each in results] == [0, 1, 2, 3]
    assert results[1]["errors"]
    assert api.post("leads/batch", [{"external_id": "c1", "title": "COO"}]).status_code == 200


def test_a_change_needs_the_revision_that_was_read(api: Api) -> None:
    pk = sent(api, "c1", title="VP")
    etag = api.get(f"leads/{pk}")["ETag"]
    changed = api.patch(f"leads/{pk}", {"title": "COO", "phone": "+49 30 1234567"}, If_Match=etag)
    assert (changed.status_code, changed.json()["title"], changed["ETag"] != etag) == (200, "COO", True)
    problem_of(api.patch(f"leads/{pk}", {"title": "CEO"}, If_Match=etag), 412)
    problem_of(api.patch(f"leads/{pk}", {"title": "CEO"}), 428)
    body = problem_of(api.patch(f"leads/{pk}", {"external_id": "c9"}, If_Match="*"), 400)
    assert body["errors"][0]["pointer"] == "/external_id"


def test_asking_for_an_erasure_tells_the_administrators_and_erases_nothing(
    api: Api, person: Callable[..., Any]
) -> None:
    admin, _gone, _rep = (
        person(Role.ADMINISTRATOR),
        person(Role.ADMINISTRATOR, is_active=False),
        person(Role.REP),
    )
    pk = sent(api, "c1")
    response = api.delete(f"leads/{pk}")
    assert (response.status_code, response.json()) == (202, {"id": pk, "status": "erasure_requested"})
    assert Lead.objects.filter(pk=pk).exists()
    entry = AuditEntry.objects.get(action="lead.erasure_requested")
    assert (entry.subject_id, entry.actor_key_id) == (pk, ApiKey.objects.get().pk)
    assert [(each.user, each.params) for each in Notification.objects.all()] == [(admin, {"lead": pk})]


def test_a_merge_moves_the_facts_and_undoing_it_gives_them_back(api: Api) -> None:
    ada, eda = sent(api, "c1", email="ada@mill.example"), sent(api, "c2", phone="+49 30 1234567")
    act(api, "c2", "m1")
    merged = api.post(f"leads/{ada}/merge", {"merged": eda})
    assert (merged.status_code, merged.json()["survivor"], merged.json()["merged"]) == (200, ada, eda)
    problem_of(api.get(f"leads/{eda}"), 404)
    assert api.get(f"leads/{ada}").json()["external_ids"] == ["c1", "c2"]
    assert Activity.objects.get().lead_id == ada
    undone = api.post(f"leads/{ada}/merge/undo")
    assert (undone.status_code, undone.json()["status"]) == (200, "undone")
    assert api.get(f"leads/{eda}").json()["external_ids"] == ["c2"]
    assert Activity.objects.get().lead_id == eda
    problem_of(api.post(f"leads/{ada}/merge/undo"), 404)


@pytest.mark.parametrize("body", [{}, {"merged": "2"}, {"merged": True}, {"merged": 1, "more": 2}, {"merged": None}])
def test_a_merge_names_the_other_lead_by_its_number(api: Api, body: dict[str, object]) -> None:
    problem_of(api.post(f"leads/{sent(api, 'c1')}/merge", body), 400)


def test_a_merge_with_oneself_or_with_nobody_is_refused(api: Api) -> None:
    ada = sent(api, "c1")
    problem_of(api.post(f"leads/{ada}/merge", {"merged": ada}), 400)
    problem_of(api.post(f"leads/{ada}/merge", {"merged": 10**30}), 404)


def test_a_withdrawn_activity_stays_stored_and_twice_is_once(api: Api) -> None:
    act(api, "c1", "shop/7")
    assert api.post("activities/shop/7/withdraw").json() == {"message_id": "shop/7", "status": "withdrawn"}
    assert api.post("activities/shop/7/withdraw").status_code == 200
    assert Activity.objects.get().withdrawn_at is not None
    for message_id in ("unknown", "%00", "shop"):
        problem_of(api.post(f"activities/{message_id}/withdraw"), 404)


def test_another_feeds_activity_is_not_ours_to_withdraw(api: Api, caller: Callable[..., Api]) -> None:
    act(api, "c1", "m1")
    problem_of(caller(feed="other").post("activities/m1/withdraw"), 404)


def test_pages_of_leads_hold_each_lead_once_forward_and_back(api: Api) -> None:
    made = [sent(api, f"c{number}") for number in range(7)]
    first = api.get("leads?page_size=3").json()
    second = api.get(first["next"]).json()
    # A lead that arrives between two pages moves nobody to another page.
    sent(api, "late")
    third = api.get(second["next"]).json()
    seen = [each["id"] for page in (first, second, third) for each in page["results"]]
    assert seen == made[::-1]
    assert (first["previous"], third["next"]) == (None, None)
    back = api.get(third["previous"]).json()
    assert back["results"] == second["results"]


def test_leads_are_found_by_each_filter(
    api: Api, caller: Callable[..., Api], frozen_now: time_machine.Traveller
) -> None:
    ada = sent(api, "c1", email="ada@mill.example", country="DE", source="Ads", company={"domain": "mill.example"})
    frozen_now.shift(timedelta(hours=1))
    eda = sent(api, "c2", email="eda@loom.example", country="FR", source="Fair")
    # Somebody else's id in another feed, and a second id of the same text for one of ours.
    lead_upsert(feed="other", values={"external_id": "c1", "email": "eda@loom.example"})
    between = (NOW + timedelta(minutes=30)).isoformat().replace("+", "%2B")
    assert ids(api.get("leads")) == [eda, ada]
    assert ids(api.get("leads?external_id=c1")) == [ada]
    assert ids(api.get("leads?email=ADA@mill.example")) == [ada]
    assert ids(api.get("leads?country=fr")) == [eda]
    assert ids(api.get("leads?source=Ads")) == [ada]
    assert ids(api.get("leads?company_domain=MILL.example")) == [ada]
    assert ids(api.get(f"leads?created_after={between}")) == [eda]
    frozen_now.shift(timedelta(hours=1))
    api.patch(f"leads/{ada}", {"title": "COO"}, If_Match="*")
    assert ids(api.get("leads?updated_after=2026-03-03T13:30:00Z")) == [ada]
    assert ids(api.get("leads?country=FR&source=Ads")) == []


def test_a_page_of_leads_costs_the_same_for_two_and_for_twenty(api: Api, person: Callable[..., Any]) -> None:
    def queries() -> int:
        api.get("leads")
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert api.get("leads?page_size=20").status_code == 200
        return len(captured)

    owner = person(Role.REP).email
    found = []
    for wanted in (2, 20):
        for number in range(Lead.objects.count(), wanted):
            sent(api, f"c{number}", owner=owner, company={"domain": f"mill{number}.example"})
        found.append(queries())
    assert found[0] == found[1]
