"""Every reason a score can change, each from the fact that changes to the row, its cause and the independent check."""

import random
from datetime import timedelta

import time_machine

from crm.models import Cause, Company, Lead, Work
from crm.services.activities import activity_mark_bot, activity_withdraw
from crm.services.companies import company_update
from crm.services.erasure import lead_erase
from crm.services.leads import lead_update
from crm.services.merging import leads_merge, merge_undo
from scoring.models import Score, ScoreChange
from scoring.services.runs import night_start
from tests.scoring.world import MATRIX, NOON, World, changed


def causes(world: World, lead: Lead) -> list[str]:
    return [change.cause for change in world.changes(lead)]


def test_a_new_lead_is_scored(world: World) -> None:
    lead = world.lead(title="VP Sales", country="DE")
    assert world.total(lead) == 30
    assert causes(world, lead) == [Cause.LEAD_CREATED]
    assert not world.differences()


def test_an_activity_that_comes_in_adds_its_points(world: World) -> None:
    lead = world.lead()
    assert world.total(lead) == 0
    world.send(lead)
    assert world.total(lead) == 10
    assert causes(world, lead)[-1] == Cause.ACTIVITY
    assert not world.differences()


def test_a_late_activity_counts_by_its_own_day(world: World) -> None:
    lead = world.lead()
    world.send(lead, occurred_at=(NOON - timedelta(days=4)).isoformat())
    assert world.total(lead) == 6
    assert not world.differences()


def test_a_duplicate_changes_nothing_and_says_nothing(world: World) -> None:
    lead = world.lead()
    world.send(lead, message_id="once")
    assert world.total(lead) == 10
    before = world.changes(lead)
    world.send(lead, message_id="once")
    assert world.total(lead) == 10
    assert world.changes(lead) == before


def test_a_withdrawn_activity_takes_its_points_back(world: World) -> None:
    lead = world.lead()
    activity = world.send(lead)
    assert world.total(lead) == 10
    activity_withdraw(activity_id=activity.pk, by=world.admin)
    assert world.total(lead) == 0
    assert causes(world, lead)[-1] == Cause.ACTIVITY_WITHDRAWN
    assert not world.differences()


def test_an_activity_marked_as_a_bots_counts_nothing_until_it_is_unmarked(world: World) -> None:
    lead = world.lead()
    activity = world.send(lead)
    activity_mark_bot(activity_id=activity.pk, is_bot=True, reason="scanner", by=world.admin)
    assert world.total(lead) == 0
    activity_mark_bot(activity_id=activity.pk, is_bot=False, reason="", by=world.admin)
    assert world.total(lead) == 10
    assert causes(world, lead)[-1] == Cause.ACTIVITY_MARKED
    assert not world.differences()


def test_a_changed_attribute_changes_the_fit(world: World) -> None:
    lead = world.lead(title="Clerk")
    assert world.total(lead) == 0
    lead_update(lead_id=lead.pk, values={"title": "VP Sales"}, by=world.admin)
    assert world.total(lead) == 20
    assert causes(world, lead)[-1] == Cause.LEAD_CHANGED
    assert not world.differences()


def test_a_changed_company_changes_all_who_work_there(world: World) -> None:
    leads = [world.lead(f"{name}@acme-works.example") for name in ("ann", "bob")]
    world.settle()
    company_update(
        company_id=Company.objects.get(domain="acme-works.example").pk, values={"industry": "Software"}, by=world.admin
    )
    assert [world.total(lead) for lead in leads] == [5, 5]
    assert [score.industry for score in map(world.score, leads) if score] == ["Software", "Software"]
    assert not world.differences()


def test_merging_moves_the_points_and_leaves_one_score(world: World) -> None:
    survivor, merged = world.lead(), world.lead()
    world.send(survivor)
    world.send(merged, url="https://ours.example/pricing/list")
    world.settle()
    leads_merge(survivor_id=survivor.pk, merged_id=merged.pk, by=world.admin)
    assert world.total(survivor) == 20
    assert world.score(merged) is None
    last = world.changes(merged)[-1]
    assert (last.cause, last.after, last.card) == (Cause.MERGED, None, None)
    assert not world.differences()


def test_undoing_a_merge_gives_both_their_scores_back(world: World) -> None:
    survivor, merged = world.lead(), world.lead()
    world.send(survivor)
    world.send(merged)
    merge = leads_merge(survivor_id=survivor.pk, merged_id=merged.pk, by=world.admin)
    world.settle()
    merge_undo(merge_id=merge.pk, by=world.admin)
    assert (world.total(survivor), world.total(merged)) == (10, 10)
    assert causes(world, merged)[-1] == Cause.UNMERGED
    assert not world.differences()


def test_a_lead_that_leaves_the_segment_loses_its_score_and_gets_it_back(world: World) -> None:
    lead = world.lead(title="CEO")
    assert world.total(lead) == 20
    lead_update(lead_id=lead.pk, values={"source": "partner"}, by=world.admin)
    assert world.total(lead) is None
    last = world.changes(lead)[-1]
    assert last.before["total"] == 20
    assert last.after is None
    lead_update(lead_id=lead.pk, values={"source": "web"}, by=world.admin)
    assert world.total(lead) == 20
    assert world.changes(lead)[-1].before is None
    assert not world.differences()


def test_a_new_version_changes_the_scores_it_judges_otherwise(world: World) -> None:
    executive, clerk = world.lead(title="CEO"), world.lead(title="Clerk")
    world.settle()
    version = world.publish(changed(points={"exec-title": 25}))
    assert (world.total(executive), world.total(clerk)) == (25, 0)
    last = world.changes(executive)[-1]
    assert (last.cause, last.version_id) == (Cause.VERSION, version.pk)
    assert (last.before["version"], last.after["version"]) == (1, 2)
    assert len(world.changes(clerk)) == 1, "an equal score is not said again"
    assert not world.differences()


def test_a_new_day_lets_points_fade(world: World, frozen_now: time_machine.Traveller) -> None:
    lead = world.lead()
    world.send(lead)
    assert world.total(lead) == 10
    frozen_now.shift(timedelta(days=1))
    assert night_start() == 1
    assert world.total(lead) == 9
    assert causes(world, lead)[-1] == Cause.DAY
    assert not world.differences()


def test_silence_is_noticed_by_the_day_alone(world: World, frozen_now: time_machine.Traveller) -> None:
    lead = world.lead()
    world.send(lead)
    world.settle()
    frozen_now.shift(timedelta(days=14))
    night_start()
    assert world.total(lead) == -5
    assert not world.differences()


def test_an_erased_lead_leaves_neither_score_nor_history(world: World) -> None:
    lead = world.lead(title="CEO")
    world.send(lead)
    world.settle()
    lead_erase(lead_id=lead.pk, by=world.admin)
    world.settle()
    assert not Score.objects.filter(lead=lead.pk).exists()
    assert not ScoreChange.objects.filter(lead=lead.pk).exists()
    assert not Work.objects.exists()
    assert not world.differences()


def test_a_fast_track_lifts_and_a_disqualifier_holds_below(world: World) -> None:
    lead = world.lead("zoe@rival.example")
    world.send(lead, "demo_request")
    world.settle()
    score = world.score(lead)
    assert score is not None
    assert (score.is_fast_tracked, score.is_disqualified, score.is_qualified) == (True, True, False)
    assert (score.stage, score.decided_by) == ("cold", "disqualifier")
    hand_raiser = world.lead()
    world.send(hand_raiser, "demo_request")
    world.settle()
    lifted = world.score(hand_raiser)
    assert lifted is not None
    assert (lifted.total, lifted.stage, lifted.is_qualified, lifted.decided_by) == (15, "mql", True, "fast_track")
    assert not world.differences()


def test_two_causes_at_once_are_both_kept_oldest_first(world: World) -> None:
    lead = world.lead()
    world.settle()
    lead_update(lead_id=lead.pk, values={"title": "CEO"}, by=world.admin)
    world.send(lead)
    world.settle()
    assert world.changes(lead)[-1].causes == [Cause.LEAD_CHANGED, Cause.ACTIVITY]


def test_several_models_score_one_lead_each_by_its_own_version(world: World) -> None:
    other = World()
    other.publish({**MATRIX, "name": "Other", "criteria": [MATRIX["criteria"][0], MATRIX["criteria"][5]]})
    lead = world.lead(title="CEO", country="DE")
    assert (world.total(lead), other.total(lead)) == (30, 20)
    assert not world.differences()


def test_the_order_and_the_batches_in_which_facts_arrive_do_not_matter(world: World) -> None:
    chance = random.Random(11)
    told = [
        (kind, (NOON - timedelta(days=chance.randrange(20))).isoformat())
        for kind in chance.choices(["page_view", "demo_request", "chat"], k=12)
    ]
    totals = set()
    for _ in range(4):
        lead = world.lead()
        for kind, occurred_at in chance.sample(told, k=len(told)):
            world.send(lead, kind, occurred_at=occurred_at)
            if chance.random() < 0.4:
                world.settle()
        totals.add(world.total(lead))
    assert len(totals) == 1
    assert not world.differences()
