"""Scores over the API: live, of another day, as known then, under another version; lists, history, timeline."""

from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.models import Lead
from scoring.api.schema import Change, Figures, LiveCard, Part, ScoreRow, TimelineRow
from scoring.models import ScoringModel
from tests.api.conftest import Api, problem_of
from tests.scoring.world import MATRIX, World, changed

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(world: World) -> Lead:
    """A vice president from Germany who looked at the prices two days ago: 20 + 10 + 8."""
    lead = world.lead("ada@mill.example", external_id="c1", title="VP Operations", country="DE")
    world.send(lead, message_id="m1", occurred_at="2026-03-01T12:00:00Z")
    world.settle()
    return lead


def test_a_live_card_says_which_version_judged_and_adds_up(world: World, api: Api, ada: Lead) -> None:
    card = api.get(f"leads/{ada.pk}/score").json()
    assert set(card) == set(LiveCard().fields)
    assert (card["model"], card["version"], card["as_of"], card["total"]) == (world.model.slug, 1, "2026-03-03", 38)
    assert sum(line["contribution"] for line in card["ledger"]) == card["total"] == world.total(ada)


def test_a_card_of_another_day(api: Api, ada: Lead) -> None:
    assert api.get(f"leads/{ada.pk}/score?as_of=2026-03-06").json()["total"] == 35
    assert api.get(f"leads/{ada.pk}/score?as_of=2026-02-01").json()["dimensions"]["behavior"] == 0


def test_a_card_from_what_was_known_then(world: World, api: Api, ada: Lead, frozen_now: time_machine.Traveller) -> None:
    frozen_now.shift(timedelta(days=1))
    world.send(ada, message_id="late", occurred_at="2026-03-01T13:00:00Z")
    now = api.get(f"leads/{ada.pk}/score?as_of=2026-03-03").json()["total"]
    then = api.get(f"leads/{ada.pk}/score?as_of=2026-03-03&known_at=2026-03-03T13:00:00Z").json()["total"]
    assert (now, then) == (46, 38)


def test_a_card_under_another_version(world: World, api: Api, ada: Lead) -> None:
    world.publish(changed(MATRIX, points={"germany": 1}))
    assert api.get(f"leads/{ada.pk}/score").json()["total"] == 29
    old = api.get(f"leads/{ada.pk}/score?version=1").json()
    assert (old["version"], old["total"]) == (1, 38)
    assert problem_of(api.get(f"leads/{ada.pk}/score?version=9"), 409)["code"] == "no_such_version"


def test_a_lead_the_model_does_not_apply_to_has_a_card_without_a_score(world: World, api: Api) -> None:
    partner = world.lead(external_id="c2", source="partner")
    card = api.get(f"leads/{partner.pk}/score").json()
    assert (card["applies"], "total" in card) == ("not_met", False)


@pytest.mark.parametrize(
    "query",
    [
        "as_of=2026-02-30",
        "as_of=20260303",
        "as_of=2026-W10-2",
        "as_of=",
        "as_of=%00",
        "known_at=2026-03-03",
        "known_at=2026-03-03T12:00:00",
        "known_at=0001-01-01T00:00:00%2B14:00",
        "known_at=9999-12-31T23:59:59-14:00",
        "known_at=0001-01-02T00:00:00Z",
        "version=one",
        "version=1.0",
        "model=%00",
        "colour=red",
        "as_of=2026-03-03&as_of=2026-03-04",
    ],
)
def test_a_question_that_cannot_be_read_is_a_400(api: Api, ada: Lead, query: str) -> None:
    problem_of(api.get(f"leads/{ada.pk}/score?{query}"), 400)


@pytest.mark.parametrize("query", ["as_of=0001-01-01", "as_of=9999-12-31", "known_at=9998-12-31T23:59:59Z"])
def test_days_at_the_edges_of_the_calendar_are_answered(api: Api, ada: Lead, query: str) -> None:
    assert api.get(f"leads/{ada.pk}/score?{query}").status_code == 200


def test_before_anything_was_known_there_is_no_card(api: Api, ada: Lead) -> None:
    problem_of(api.get(f"leads/{ada.pk}/score?known_at=0002-01-01T00:00:00Z"), 409)


def test_a_model_that_is_not_there_is_a_404(api: Api, ada: Lead) -> None:
    for path in ("score", "timeline", "history"):
        problem_of(api.get(f"leads/{ada.pk}/{path}?model=nothing"), 404)
    problem_of(api.get("scores?model=nothing"), 404)


def test_a_model_that_was_never_published_is_a_409_that_says_so(world: World, api: Api, ada: Lead) -> None:
    ScoringModel.objects.create(slug="new", name="New", priority=500)
    body = problem_of(api.get(f"leads/{ada.pk}/score?model=new"), 409)
    assert body["code"] == "not_published"


def test_a_timeline_tells_what_each_activity_is_worth_today(world: World, api: Api, ada: Lead) -> None:
    world.send(ada, "email_open", message_id="m2")
    newest, oldest = api.get(f"leads/{ada.pk}/timeline").json()["results"]
    assert set(newest) == set(TimelineRow().fields)
    assert (newest["id"], newest["points"], newest["parts"]) == ("web:m2", 0, [])
    assert (oldest["id"], oldest["points"]) == ("web:m1", 8)
    assert [set(part) for part in oldest["parts"]] == [set(Part().fields)]


def test_history_tells_every_change_with_its_cause_and_adds_up(world: World, api: Api, ada: Lead) -> None:
    world.send(ada, message_id="m2")
    world.settle()
    rows = api.get(f"leads/{ada.pk}/history").json()["results"]
    assert all(set(row) == set(Change().fields) for row in rows)
    assert (rows[0]["cause"], rows[0]["before"]["total"], rows[0]["after"]["total"]) == ("activity", 38, 48)
    assert set(Figures().fields) <= set(rows[0]["after"])
    for newer, older in pairwise(rows):
        assert newer["before"]["total"] == older["after"]["total"]
    assert rows[-1]["before"] is None


def test_scores_are_ranked_and_paged_also_where_totals_are_equal(world: World, api: Api) -> None:
    made = [world.lead(external_id=f"c{number}", country="DE" if number % 3 else "FR").pk for number in range(9)]
    world.settle()
    rows, address = [], "scores?page_size=2"
    while address:
        page = api.get(address).json()
        rows += page["results"]
        address = page["next"]
    assert set(rows[0]) == set(ScoreRow().fields)
    assert sorted(row["lead"] for row in rows) == sorted(made)
    assert [(-row["total"], row["lead"]) for row in rows] == sorted((-row["total"], row["lead"]) for row in rows)


def test_scores_are_found_by_each_filter(world: World, api: Api, ada: Lead, frozen_now: time_machine.Traveller) -> None:
    other = world.lead(external_id="c2")
    world.settle()

    def leads(query: str) -> list[int]:
        return [row["lead"] for row in api.get(f"scores?{query}").json()["results"]]

    assert leads("") == [ada.pk, other.pk]
    assert leads("stage=warm") == [ada.pk]
    assert leads("rating=A4") == [ada.pk]
    assert leads("min_total=38") == [ada.pk]
    assert leads("min_total=39") == []
    frozen_now.shift(timedelta(hours=1))
    world.send(other, message_id="m2", occurred_at="2026-03-03T12:30:00Z")
    world.settle()
    assert leads("updated_after=2026-03-03T12:30:00Z") == [other.pk]


def test_scores_of_leads_of_another_feed_are_not_listed(
    world: World, api: Api, caller: Callable[..., Api], ada: Lead
) -> None:
    assert caller(feed="other").get("scores").json()["results"] == []


@pytest.mark.parametrize("path", ["scores?page_size=20"])
def test_a_page_of_scores_costs_the_same_for_two_and_for_twenty(world: World, api: Api, path: str) -> None:
    found = []
    for wanted in (2, 20):
        for number in range(Lead.objects.count(), wanted):
            world.lead(external_id=f"c{number}")
        world.settle()
        api.get(path)
        with CaptureQueriesContext(connection) as captured:
            body: Any = api.get(path).json()
        assert len(body["results"]) == wanted
        found.append(len(captured))
    assert found[0] == found[1]
