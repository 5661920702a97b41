"""What is remembered of scores: it adds up, names its cause, and holds no field's value."""

import json
import random
from datetime import timedelta

import time_machine

from crm.models import Lead
from crm.services.activities import activity_withdraw
from crm.services.leads import lead_update
from scoring.models import ScoreChange
from scoring.services.runs import night_start
from tests.scoring.world import World, changed

MOVES_SILENTLY = {"version", "as_of"}


def said(half: dict | None) -> dict | None:
    return None if half is None else {name: value for name, value in half.items() if name not in MOVES_SILENTLY}


def assert_adds_up(world: World, lead: Lead) -> None:
    last: dict | None = None
    total = 0
    for change in world.changes(lead):
        assert said(change.before) == said(last)
        assert said(change.before) != said(change.after), "a change that says nothing new"
        total += (change.after or {"total": 0})["total"] - (change.before or {"total": 0})["total"]
        last = change.after
    score = world.score(lead)
    assert total == (score.total if score else 0)


def test_history_adds_up_through_a_year_of_everything(world: World, frozen_now: time_machine.Traveller) -> None:
    chance = random.Random(7)
    leads = [world.lead(title="CEO" if number % 2 else "Clerk") for number in range(6)]
    sent = []
    for step in range(60):
        lead = chance.choice(leads)
        match chance.randrange(6):
            case 0 | 1:
                sent.append(world.send(lead, chance.choice(["page_view", "demo_request"])))
            case 2 if sent:
                activity_withdraw(activity_id=sent.pop().pk, by=world.admin)
            case 3:
                source = chance.choice(["partner", "web"])
                lead_update(
                    lead_id=lead.pk, values={"source": source, "country": chance.choice(["DE", "PL"])}, by=world.admin
                )
            case 4:
                frozen_now.shift(timedelta(days=chance.randrange(1, 6)))
                night_start()
            case _:
                world.publish(changed(points={"exec-title": 20 + step}), settle=False)
        if chance.random() < 0.5:
            world.settle()
    world.settle()
    for lead in leads:
        assert_adds_up(world, lead)
    assert not world.differences()


def test_the_card_kept_with_a_change_adds_up_and_holds_no_value_of_a_field(world: World) -> None:
    lead = world.lead("secret.person@nowhere-else.example", title="VP Sales", country="DE")
    world.send(lead)
    world.settle()
    change = world.changes(lead)[-1]
    assert sum(line["contribution"] for line in change.card["ledger"]) == change.after["total"] == 40
    lines = {line["criterion"]: line for line in change.card["ledger"]}
    assert lines["exec-title"]["evidence"]["fields"] == ["lead.seniority"]
    (activity,) = lines["pricing-page"]["evidence"]["activities"]
    assert activity["id"].startswith("web:")
    assert "vp" not in json.dumps(change.card)


def test_a_crossing_is_marked(world: World) -> None:
    lead = world.lead(title="CEO", country="DE")
    world.settle()
    world.send(lead)
    world.settle()
    *_rest, last = world.changes(lead)
    assert (last.before["stage"], last.after["stage"], last.is_crossing) == ("warm", "mql", True)
    world.send(lead, "chat")
    world.settle()
    assert world.changes(lead)[-1] == last, "what gives no points says nothing"


def test_a_change_made_by_day_and_by_version_names_both(world: World, frozen_now: time_machine.Traveller) -> None:
    lead = world.lead()
    world.send(lead)
    world.settle()
    frozen_now.shift(timedelta(days=1))
    night_start()
    world.settle()
    assert world.changes(lead)[-1].causes == ["day"]
    frozen_now.shift(timedelta(days=1))
    world.send(lead)
    world.settle()
    assert world.changes(lead)[-1].causes == ["activity", "day"]
    assert ScoreChange.objects.filter(lead=lead.pk).count() == 3
