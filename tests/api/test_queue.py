"""The queue over the API: read what waits, say what was decided."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEntry, Role, Team, User
from crm.models import Lead
from handoff.api.schema import HandoffShown, Reason
from handoff.models import Handoff, RejectReason
from handoff.services import handoffs_reconcile
from tests.api.conftest import Api, problem_of
from tests.scoring.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def rita(person: Callable[..., User]) -> User:
    return person(Role.REP, name="Rita Rep", email="rita@ours.example")


@pytest.fixture
def qualified(world: World, rita: User) -> Callable[..., Handoff]:
    """The open hand-off of a lead that asked for a demo, dealt to Rita."""

    def make(external_id: str = "c1") -> Handoff:
        lead = world.lead(external_id=external_id, title="VP Operations", country="DE")
        world.send(lead, "demo_request")
        world.settle()
        handoffs_reconcile()
        return Handoff.objects.get(lead=lead, closed_at=None)

    return make


@pytest.fixture
def reason(db: None) -> RejectReason:
    return RejectReason.objects.update_or_create(
        slug="no-budget", defaults={"label": "No budget", "meaning": "Nothing this year.", "position": 1}
    )[0]


def test_the_queue_shows_what_is_open_and_the_score_as_it_was_said(
    api: Api, qualified: Callable[..., Handoff], rita: User
) -> None:
    handoff = qualified()
    [row] = api.get("queue").json()["results"]
    assert set(row) == set(HandoffShown().fields)
    assert (row["id"], row["lead"], row["state"], row["owner"]) == (handoff.pk, handoff.lead_id, "waiting", rita.email)
    assert row["opened"] == {"total": 45, "rating": "A3", "stage": "mql"}


def test_the_queue_is_found_by_state_and_owner(api: Api, qualified: Callable[..., Handoff], rita: User) -> None:
    waiting, claimed = qualified("c1"), qualified("c2")
    api.post(f"handoffs/{claimed.pk}/claim", {"by": rita.email})

    def found(query: str) -> list[int]:
        return [row["id"] for row in api.get(f"queue?{query}").json()["results"]]

    assert sorted(found("")) == sorted([waiting.pk, claimed.pk])
    assert found("state=claimed") == [claimed.pk]
    assert found("owner=RITA@ours.example&state=waiting") == [waiting.pk]
    assert found("owner=nobody@ours.example") == []


def test_the_queue_is_paged_by_urgency(api: Api, qualified: Callable[..., Handoff]) -> None:
    made = {qualified(f"c{number}").pk for number in range(5)}
    rows, address = [], "queue?page_size=2"
    while address:
        page = api.get(address).json()
        rows += [row["id"] for row in page["results"]]
        address = page["next"]
    assert (len(rows), set(rows)) == (5, made)
    by_urgency = Handoff.objects.order_by("-priority", "-pk").values_list("pk", flat=True)
    assert rows == list(by_urgency)


def test_reasons_are_those_on_offer_in_the_teams_order(api: Api, reason: RejectReason) -> None:
    RejectReason.objects.create(slug="gone", label="Gone", is_active=False)
    rows = api.get("reasons").json()["results"]
    assert all(set(row) == set(Reason().fields) for row in rows)
    assert rows[0] == {"key": "no-budget", "label": "No budget", "meaning": "Nothing this year.", "may_return": True}
    assert "gone" not in {row["key"] for row in rows}


def test_a_hand_off_is_claimed_released_and_accepted(api: Api, qualified: Callable[..., Handoff], rita: User) -> None:
    pk = qualified().pk
    assert api.post(f"handoffs/{pk}/claim", {"by": "Rita@ours.example"}).json()["state"] == "claimed"
    released = api.post(f"handoffs/{pk}/release", {"by": rita.email}).json()
    assert (released["state"], released["owner"]) == ("waiting", None)
    accepted = api.post(f"handoffs/{pk}/accept", {"by": rita.email}, Idempotency_Key="k")
    assert (accepted.status_code, accepted.json()["state"], accepted.json()["owner"]) == (200, "accepted", rita.email)
    again = api.post(f"handoffs/{pk}/accept", {"by": rita.email}, Idempotency_Key="k")
    assert (again.json(), again["Idempotent-Replayed"]) == (accepted.json(), "true")
    assert AuditEntry.objects.filter(action="handoff.accept", actor=rita).count() == 1


def test_a_rejection_needs_a_reason_of_the_list(
    api: Api, qualified: Callable[..., Handoff], rita: User, reason: RejectReason
) -> None:
    pk = qualified().pk
    assert problem_of(api.post(f"handoffs/{pk}/reject", {"by": rita.email}), 400)["errors"][0]["pointer"] == "/reason"
    unknown = problem_of(api.post(f"handoffs/{pk}/reject", {"by": rita.email, "reason": "rain"}), 400)
    assert (unknown["code"], "no-budget" in unknown["detail"]) == ("unknown_reason", True)
    body = api.post(
        f"handoffs/{pk}/reject", {"by": rita.email, "reason": "no-budget", "note": "Next year, they say."}
    ).json()
    assert (body["state"], body["reason"], body["closed_at"] is None) == ("rejected", "no-budget", False)
    assert api.get("queue").json()["results"] == []


def test_a_decided_one_is_a_409_that_names_state_and_owner(
    api: Api, qualified: Callable[..., Handoff], rita: User, person: Callable[..., User]
) -> None:
    pk, sam = qualified().pk, person(Role.REP, name="Sam Rep")
    api.post(f"handoffs/{pk}/claim", {"by": rita.email})
    body = problem_of(api.post(f"handoffs/{pk}/claim", {"by": sam.email}), 409)
    assert (body["state"], body["owner"]) == ("claimed", {"id": rita.pk, "name": "Rita Rep"})
    assert "Rita Rep" in body["detail"]


def test_who_decides_must_work_here_and_be_of_the_team(
    api: Api, qualified: Callable[..., Handoff], person: Callable[..., User]
) -> None:
    pk = qualified().pk
    gone = person(Role.REP, is_active=False)
    for by in ("nobody@ours.example", gone.email, ""):
        body = problem_of(api.post(f"handoffs/{pk}/accept", {"by": by}), 400)
        assert (body["code"], body["errors"][0]["pointer"]) == ("unknown_user", "/by")
    for stranger in (person(Role.REP, team=Team.objects.create(name="Elsewhere")), person(Role.MARKETER)):
        problem_of(api.post(f"handoffs/{pk}/accept", {"by": stranger.email}), 403)


@pytest.mark.parametrize(
    "body",
    [
        None,
        {},
        {"by": None},
        {"by": 5},
        {"by": "a\x00"},
        {"by": "\ud800"},
        {"by": "rita@ours.example", "colour": "red"},
    ],
)
def test_a_decision_that_cannot_be_read_is_a_400(api: Api, qualified: Callable[..., Handoff], body: Any) -> None:
    pk = qualified().pk
    for move in ("claim", "release", "accept"):
        problem_of(api.post(f"handoffs/{pk}/{move}", body), 400)


@pytest.mark.parametrize("text", ["a\x00", "\ud800", 5, "x" * 3000])
def test_a_note_that_cannot_be_kept_is_a_400(
    api: Api, qualified: Callable[..., Handoff], rita: User, reason: RejectReason, text: object
) -> None:
    body = {"by": rita.email, "reason": "no-budget", "note": text}
    problem_of(api.post(f"handoffs/{qualified().pk}/reject", body), 400)


def test_a_hand_off_of_a_lead_of_another_feed_is_not_there(
    api: Api, caller: Callable[..., Api], qualified: Callable[..., Handoff], rita: User
) -> None:
    other, pk = caller(feed="other"), qualified().pk
    assert other.get("queue").json()["results"] == []
    problem_of(other.post(f"handoffs/{pk}/accept", {"by": rita.email}), 404)
    problem_of(api.post(f"handoffs/{10**30}/accept", {"by": rita.email}), 404)


def test_a_page_of_the_queue_costs_the_same_for_two_and_for_twenty(api: Api, qualified: Callable[..., Handoff]) -> None:
    found = []
    for wanted in (2, 20):
        for number in range(Lead.objects.count(), wanted):
            qualified(f"c{number}")
        api.get("queue")
        with CaptureQueriesContext(connection) as captured:
            assert len(api.get("queue?page_size=20").json()["results"]) == wanted
        found.append(len(captured))
    assert found[0] == found[1]
