"""Cards of any day, of what was known then, under any version; what each activity is worth; what comes."""

from datetime import date, datetime, timedelta

import pytest
import time_machine

from crm.models import Lead
from crm.services.activities import activity_withdraw
from crm.services.leads import lead_update
from crm.services.merging import leads_merge
from kernel.errors import ConflictError
from scoring.queries import (
    forecast_for,
    score_card,
    score_history,
    standings_for,
    timeline_for,
    version_at,
    why_not_for,
)
from scoring.run_progress import run_progress
from scoring.wording import forecast_sentence, why_not_sentences
from tests.scoring.world import NOON, World, changed


def card(world: World, lead: Lead, **asked: object) -> dict:
    return score_card(lead_id=lead.pk, model_id=world.model.pk, **asked)


def test_the_live_card_is_the_stored_score_with_its_ledger(world: World) -> None:
    lead = world.lead(title="CEO")
    world.send(lead)
    total = world.total(lead)
    live = card(world, lead)
    assert live["total"] == total == sum(line["contribution"] for line in live["ledger"]) == 30
    assert (live["model"], live["version"], live["as_of"]) == (world.model.slug, 1, "2026-03-03")


def test_a_card_as_of_a_day_takes_activities_ages_and_fields_of_that_day(
    world: World, frozen_now: time_machine.Traveller
) -> None:
    lead = world.lead(title="Clerk")
    world.send(lead)
    frozen_now.shift(timedelta(days=5))
    lead_update(lead_id=lead.pk, values={"title": "CEO"})
    world.send(lead, occurred_at=(NOON + timedelta(days=5)).isoformat())
    assert card(world, lead)["total"] == 35
    assert card(world, lead, as_of=date(2026, 3, 3))["total"] == 10
    assert card(world, lead, as_of=date(2026, 3, 6))["total"] == 7


def test_a_card_known_at_a_time_leaves_out_what_was_learned_later(
    world: World, frozen_now: time_machine.Traveller
) -> None:
    lead = world.lead()
    activity = world.send(lead)
    frozen_now.shift(timedelta(hours=1))
    then = datetime.now(tz=NOON.tzinfo)
    frozen_now.shift(timedelta(hours=1))
    activity_withdraw(activity_id=activity.pk)
    world.send(lead, occurred_at=(NOON - timedelta(days=2)).isoformat())
    assert card(world, lead)["total"] == 8
    assert card(world, lead, known_at=then)["total"] == 10


def test_a_card_under_another_version_is_judged_by_its_points(world: World) -> None:
    lead = world.lead(title="CEO")
    world.publish(changed(points={"exec-title": 25}))
    draft = world.draft(changed(points={"exec-title": 40}))
    assert [card(world, lead, version=number)["total"] for number in (1, 2, draft.number)] == [20, 25, 40]
    assert card(world, lead)["version"] == 2


def test_a_card_of_a_model_version_or_lead_that_is_not_there_is_refused_in_words(world: World) -> None:
    lead, other = world.lead(), world.lead()
    with pytest.raises(ConflictError, match="no version 9"):
        card(world, lead, version=9)
    with pytest.raises(ConflictError, match="no published version"):
        score_card(lead_id=lead.pk, model_id=World().model.pk)
    leads_merge(survivor_id=other.pk, merged_id=lead.pk)
    with pytest.raises(ConflictError, match="merged"):
        card(world, lead)


def test_the_timeline_says_what_each_activity_is_worth_today(world: World) -> None:
    lead = world.lead()
    world.send(lead, message_id="old", occurred_at=(NOON - timedelta(days=4)).isoformat())
    world.send(lead, message_id="new")
    world.send(lead, "chat", message_id="chat")
    rows = {row["id"]: row for row in timeline_for(lead_id=lead.pk, model_id=world.model.pk)}
    assert {name: row["points"] for name, row in rows.items()} == {"web:old": 6, "web:new": 10, "web:chat": 0}
    assert rows["web:old"]["parts"] == [{"criterion": "pricing-page", "label": "Viewed the pricing page", "points": 6}]


def test_the_timeline_goes_on_page_by_page_and_skips_nothing(world: World) -> None:
    lead = world.lead()
    for number in range(7):
        world.send(lead, "chat", message_id=f"c{number}", occurred_at=(NOON - timedelta(days=number // 3)).isoformat())
    seen: list[str] = []
    before = None
    while page := timeline_for(lead_id=lead.pk, model_id=world.model.pk, limit=3, before=before):
        seen += [str(row["id"]) for row in page]
        before = (datetime.fromisoformat(str(page[-1]["occurred_at"])), int(str(page[-1]["pk"])))
    assert len(seen) == len(set(seen)) == 7


def test_a_silence_gives_no_single_activity_points(world: World, frozen_now: time_machine.Traveller) -> None:
    lead = world.lead()
    world.send(lead)
    frozen_now.shift(timedelta(days=20))
    (row,) = timeline_for(lead_id=lead.pk, model_id=world.model.pk)
    assert row["points"] == 0
    assert {"criterion": "went-quiet", "label": "Went quiet", "points": None} in row["parts"]


def test_the_timeline_of_a_model_that_never_judged_has_no_points(world: World) -> None:
    lead = world.lead()
    world.send(lead)
    assert [row["points"] for row in timeline_for(lead_id=lead.pk, model_id=World().model.pk)] == [0]


def test_history_is_newest_first_with_its_cards(world: World) -> None:
    lead = world.lead(title="CEO")
    world.settle()
    world.send(lead)
    world.settle()
    newest, oldest = score_history(lead_id=lead.pk, model_id=world.model.pk)
    assert (newest["cause"], newest["after"]["total"], newest["card"]["total"]) == ("activity", 30, 30)
    assert (oldest["before"], oldest["after"]["total"]) == (None, 20)


def test_the_forecast_says_when_a_lead_falls_below_the_line(world: World) -> None:
    lead = world.lead(title="CEO")
    for number in range(3):
        world.send(lead, message_id=f"f{number}")
    forecast, matrix = forecast_for(lead_id=lead.pk, model_id=world.model.pk)
    assert forecast.today.stage == "mql"
    assert forecast_sentence(forecast, matrix) == "Falls below Marketing qualified in 4 days if nothing happens."


def test_why_not_says_what_holds_a_lead_back(world: World) -> None:
    lead = world.lead(title="CEO")
    world.send(lead)
    why_not, matrix = why_not_for(lead_id=lead.pk, model_id=world.model.pk)
    sentences = why_not_sentences(why_not, matrix)
    assert sentences[0] == "10 points short of Marketing qualified."
    assert "country is unknown: knowing it could add 10 points and be enough." in sentences
    assert "Would be fast-tracked by: Asked for a demo." in sentences


def test_the_version_of_a_moment_is_the_one_that_judged_then(world: World, frozen_now: time_machine.Traveller) -> None:
    frozen_now.shift(timedelta(days=1))
    second = world.publish(changed(points={"demo": 16}))
    then = version_at(model_id=world.model.pk, moment=NOON + timedelta(hours=1))
    assert then is not None
    assert then.number == 1
    assert version_at(model_id=world.model.pk, moment=NOON + timedelta(days=2)) == second
    assert version_at(model_id=world.model.pk, moment=NOON - timedelta(days=1)) is None


def test_progress_is_whole_once_the_run_has_ended(world: World) -> None:
    world.lead()
    world.settle()
    world.publish(changed(), settle=False)
    started = run_progress(model_id=world.model.pk)
    assert started is not None
    assert (started.done, started.total, started.percent) == (0, 1, 0)
    world.settle()
    ended = run_progress(model_id=world.model.pk)
    assert ended is not None
    assert (ended.done, ended.percent) == (1, 100)


def test_a_score_stands_for_the_later_of_its_own_version_and_that_of_its_range(world: World) -> None:
    moved, equal = world.lead(title="CEO"), world.lead(title="Clerk")
    world.settle()
    world.publish(changed(points={"exec-title": 25}))
    standings = standings_for([moved.pk, equal.pk], model_id=world.model.pk)
    assert {lead_id: each.version for lead_id, each in standings.items()} == {moved.pk: 2, equal.pk: 2}
    untouched = world.score(equal)
    assert untouched is not None
    assert untouched.version.number == 1
