"""Level-triggered qualification: what is open, cooling, warm, expired or held back follows from the rows of now."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Role
from crm.models import Company
from handoff.models import Handoff, HandoffEvent, HandoffModel, Suppression
from handoff.services import handoffs_drain, handoffs_reconcile
from handoff.services.dealing import reps_present
from handoff.services.unrest import leads_not_at_rest
from tests.conftest import NOW
from tests.handoff.conftest import DOCUMENT, at_rest

pytestmark = pytest.mark.django_db


def kinds(handoff):
    return list(handoff.events.order_by("pk").values_list("kind", flat=True))


def restless(now=None):
    now = now or datetime.now(UTC)
    return leads_not_at_rest(now=now, has_reps=reps_present(now=now), after=0, limit=100)


def test_a_qualified_lead_gets_one_hand_off_that_keeps_what_was_said(frozen_now, scored, person):
    rep = person(name="Rita")
    lead = scored(63)
    assert restless() == [lead.pk]
    report = handoffs_reconcile()
    handoff = Handoff.objects.get()
    assert report.done == {"opened": 1}
    assert (handoff.lead, handoff.owner, handoff.team, handoff.state) == (lead, rep, rep.team, "waiting")
    assert handoff.routed_because == {"code": "round_robin", "rep": rep.pk, "passed_over": None}
    assert (handoff.opened_total, handoff.opened_rating, handoff.opened_stage) == (63, "A4", "mql")
    assert handoff.sla_due_at == NOW + timedelta(hours=24)
    assert handoff.card["model"] == "default"
    assert kinds(handoff) == ["opened"]
    assert restless() == []


def test_a_second_round_changes_nothing(scored, person):
    person()
    scored(63)
    handoffs_drain()
    before = list(Handoff.objects.values()), HandoffEvent.objects.count()
    assert handoffs_drain().done == {}
    assert (list(Handoff.objects.values()), HandoffEvent.objects.count()) == before


def test_a_lead_below_the_line_gets_none(scored):
    scored(49)
    assert handoffs_drain().done == {}
    assert not Handoff.objects.exists()


def test_the_model_of_the_lowest_priority_number_opens_and_others_attach(scored, publish, person):
    person()
    first, second = publish("first", priority=1), publish("second", priority=200)
    lead = scored(55)
    scored(90, lead=lead, of=second)
    scored(51, lead=lead, of=first)
    handoffs_drain()
    handoff = Handoff.objects.get()
    assert handoff.model == first.model
    assert handoff.opened_total == 51
    assert set(handoff.models.values_list("model__slug", flat=True)) == {"first", "default", "second"}


def test_a_model_that_qualifies_later_attaches_to_the_open_hand_off(scored, publish, opened):
    handoff = opened(60)
    later = publish("later")
    scored(70, lead=handoff.lead, of=later)
    assert restless() == [handoff.lead_id]
    handoffs_drain()
    assert Handoff.objects.count() == 1
    assert HandoffModel.objects.filter(handoff=handoff, model=later.model, version=later).exists()
    assert kinds(handoff) == ["opened", "attached"]


def test_the_key_of_the_queue_follows_the_score(scored, opened):
    low, high = opened(60), opened(70)
    assert low.priority < high.priority
    scored(90, lead=low.lead)
    assert restless() == [low.lead_id]
    handoffs_drain()
    low.refresh_from_db()
    assert low.total == 90
    assert low.priority > high.priority
    scored(52, lead=high.lead, is_fast_tracked=True)
    handoffs_drain()
    high.refresh_from_db()
    assert high.is_fast_tracked
    assert high.priority > low.priority


def test_a_lead_a_little_below_the_line_cools_after_three_days(frozen_now, scored, opened, policy):
    policy(sla_hours=240)
    handoff = opened(60)
    scored(47, lead=handoff.lead)
    handoffs_drain()
    handoff.refresh_from_db()
    assert (handoff.below_since, handoff.cooled_at) == (NOW, None)
    frozen_now.shift(timedelta(days=3, seconds=-1))
    handoffs_drain()
    handoff.refresh_from_db()
    assert handoff.cooled_at is None
    frozen_now.shift(timedelta(seconds=1))
    handoffs_drain()
    handoff.refresh_from_db()
    assert handoff.cooled_at == NOW + timedelta(days=3)
    assert handoff.state == "waiting"
    assert kinds(handoff) == ["opened", "cooled"]


def test_a_lead_five_points_below_the_line_cools_at_once(frozen_now, scored, opened):
    handoff = opened(60)
    scored(45, lead=handoff.lead)
    handoffs_drain()
    handoff.refresh_from_db()
    assert handoff.cooled_at == NOW


def test_the_hysteresis_is_the_models_own(scored, opened, policy):
    policy(cool_points=20, cool_days=3)
    handoff = opened(60)
    scored(40, lead=handoff.lead)
    handoffs_drain()
    handoff.refresh_from_db()
    assert handoff.cooled_at is None


@pytest.mark.parametrize("fall", [{"total": None}, {"total": 70, "is_disqualified": True}])
def test_a_lead_that_lost_its_score_or_is_disqualified_cools_at_once(scored, opened, fall):
    handoff = opened(60)
    scored(lead=handoff.lead, **fall)
    assert restless() == [handoff.lead_id]
    handoffs_drain()
    handoff.refresh_from_db()
    assert handoff.cooled_at is not None


def test_a_cooled_hand_off_warms_when_its_lead_does(scored, opened):
    handoff = opened(60)
    scored(30, lead=handoff.lead)
    handoffs_drain()
    scored(55, lead=handoff.lead)
    assert restless() == [handoff.lead_id]
    handoffs_drain()
    handoff.refresh_from_db()
    assert (handoff.below_since, handoff.cooled_at, handoff.state) == (None, None, "waiting")
    assert kinds(handoff) == ["opened", "cooled", "warmed"]


def test_a_lead_that_is_back_within_the_days_never_cooled(frozen_now, scored, opened):
    handoff = opened(60)
    scored(48, lead=handoff.lead)
    handoffs_drain()
    frozen_now.shift(timedelta(days=2))
    scored(52, lead=handoff.lead)
    handoffs_drain()
    scored(48, lead=handoff.lead)
    handoffs_drain()
    handoff.refresh_from_db()
    assert handoff.below_since == NOW + timedelta(days=2)
    assert kinds(handoff) == ["opened"]


def test_a_cooled_hand_off_is_seen_until_its_sla_ends_and_then_expires(frozen_now, scored, opened):
    handoff = opened(60)
    scored(30, lead=handoff.lead)
    handoffs_drain()
    frozen_now.shift(timedelta(hours=24, seconds=-1))
    assert restless() == []
    handoffs_drain()
    handoff.refresh_from_db()
    assert handoff.closed_at is None
    frozen_now.shift(timedelta(seconds=1))
    assert restless() == [handoff.lead_id]
    handoffs_drain()
    handoff.refresh_from_db()
    assert (handoff.state, handoff.closed_at) == ("expired", NOW + timedelta(hours=24))
    held = Suppression.objects.get(lead=handoff.lead)
    assert (held.reason, held.until) == ("cool_down", NOW + timedelta(days=31))
    assert kinds(handoff) == ["opened", "cooled", "expired"]


def test_a_warm_hand_off_does_not_expire_however_long_nobody_answers(frozen_now, opened):
    handoff = opened(60)
    frozen_now.shift(timedelta(days=100))
    handoffs_drain()
    handoff.refresh_from_db()
    assert handoff.closed_at is None


def test_an_accepted_hand_off_is_never_withdrawn(frozen_now, scored, opened):
    handoff = opened(60)
    Handoff.objects.filter(pk=handoff.pk).update(state="accepted")
    scored(None, lead=handoff.lead)
    frozen_now.shift(timedelta(days=100))
    assert restless() == []
    handoffs_reconcile(lead_ids=[handoff.lead_id])
    handoff.refresh_from_db()
    assert (handoff.state, handoff.closed_at, handoff.cooled_at) == ("accepted", None, None)


def test_a_hand_off_stays_warm_while_another_model_speaks_for_it(scored, opened, publish):
    handoff = opened(60)
    other = publish("other")
    scored(70, lead=handoff.lead, of=other)
    scored(10, lead=handoff.lead)
    handoffs_drain()
    handoff.refresh_from_db()
    assert (handoff.below_since, handoff.total) == (None, 70)


def test_a_hand_off_cools_only_once_it_is_cold_under_each_model_that_spoke_for_it(scored, opened, publish):
    handoff = opened(60)
    other = publish("other")
    scored(70, lead=handoff.lead, of=other)
    handoffs_drain()
    scored(10, lead=handoff.lead)
    scored(48, lead=handoff.lead, of=other)
    handoffs_drain()
    handoff.refresh_from_db()
    assert (handoff.below_since is None, handoff.cooled_at) == (False, None)
    scored(45, lead=handoff.lead, of=other)
    handoffs_drain()
    handoff.refresh_from_db()
    assert handoff.cooled_at is not None


def test_a_lead_that_only_a_gate_holds_back_cools_by_days_alone(frozen_now, scored, opened):
    handoff = opened(60)
    scored(200, lead=handoff.lead, is_qualified=False)
    handoffs_drain()
    handoff.refresh_from_db()
    assert handoff.cooled_at is None
    frozen_now.shift(timedelta(days=3))
    handoffs_drain()
    handoff.refresh_from_db()
    assert handoff.cooled_at is not None


def test_the_owner_of_the_company_gets_it_before_the_round(scored, person):
    person(name="First")
    owner = person(name="Owner")
    company = Company.objects.create(name="Theirs", domain="theirs.example", owner=owner)
    lead = scored(60, company=company)
    handoffs_drain()
    handoff = Handoff.objects.get(lead=lead)
    assert handoff.owner == owner
    assert handoff.routed_because["code"] == "company_owner"


def test_hand_offs_are_dealt_in_turn_across_rounds(scored, person):
    person(name="Ada"), person(name="Ben")
    for _each in range(6):
        scored(60)
        handoffs_drain()
    assert Handoff.objects.filter(owner__name="Ada").count() == 3
    assert Handoff.objects.filter(owner__name="Ben").count() == 3


def test_what_nobody_could_take_is_dealt_once_somebody_can(scored, person):
    scored(60)
    handoffs_drain()
    handoff = Handoff.objects.get()
    assert (handoff.owner, handoff.routed_because["code"]) == (None, "nobody")
    assert handoffs_drain().done == {}
    rep = person()
    handoffs_drain()
    handoff.refresh_from_db()
    assert (handoff.owner, handoff.team) == (rep, rep.team)
    assert kinds(handoff) == ["opened", "routed"]


def test_managers_without_capacity_get_none(scored, person):
    person(Role.SALES_MANAGER)
    scored(60)
    handoffs_drain()
    assert Handoff.objects.get().owner is None


def test_a_cool_down_holds_a_qualified_lead_back_until_it_ends(frozen_now, scored, person):
    person()
    lead = scored(60)
    Suppression.objects.create(lead=lead, reason="cool_down", until=NOW + timedelta(days=30), since=NOW)
    assert handoffs_drain().done == {}
    frozen_now.shift(timedelta(days=30))
    assert restless() == [lead.pk]
    handoffs_drain()
    assert Handoff.objects.get().lead == lead
    assert not Suppression.objects.exists()


def test_what_was_decided_for_good_stays_decided(frozen_now, scored):
    lead = scored(90, is_fast_tracked=True)
    Suppression.objects.create(lead=lead, reason="decided", since=NOW)
    frozen_now.shift(timedelta(days=3000))
    handoffs_reconcile(lead_ids=[lead.pk])
    assert not Handoff.objects.exists()


def test_one_lead_that_fails_stops_no_other(scored, person, monkeypatch):
    person()
    leads = [scored(60) for _each in range(3)]
    from handoff.services import holding

    real = holding.cards_by

    def broken(version, *, model, lead_ids):
        if leads[1].pk in lead_ids:
            raise ValueError("poison")
        return real(version, model=model, lead_ids=lead_ids)

    monkeypatch.setattr(holding, "cards_by", broken)
    report = handoffs_drain()
    assert report.failed == [leads[1].pk]
    assert set(Handoff.objects.values_list("lead_id", flat=True)) == {leads[0].pk, leads[2].pk}


def test_pages_go_on_behind_a_lead_that_fails(scored, person, monkeypatch):
    person()
    leads = [scored(60) for _each in range(4)]
    from handoff.services import reconciling

    real = reconciling._settle

    def broken(lead_ids):
        if leads[0].pk in lead_ids:
            raise ValueError("poison")
        return real(lead_ids)

    monkeypatch.setattr(reconciling, "_settle", broken)
    handoffs_drain(limit=2)
    assert Handoff.objects.count() == 3


def test_leads_of_many_and_of_one_take_the_same_number_of_queries(scored, person):
    person()
    counts = []
    # The first round fills this process's cache of matrices.
    for many in (1, 1, 60):
        for _each in range(many):
            scored(60)
        with CaptureQueriesContext(connection) as caught:
            handoffs_drain()
        counts.append(len(caught))
    assert counts[1] == counts[2]


def test_the_hand_off_keeps_no_value_of_a_field(person, publish, scored):
    version = publish(document={**DOCUMENT, "name": "Other"})
    person()
    scored(60, of=version, seniority="vp", title="VP of Secrets")
    handoffs_drain()
    card = Handoff.objects.get().card
    line = next(line for line in card["ledger"] if line["criterion"] == "vp")
    assert line["evidence"]["fields"] == ["lead.seniority"]
    assert "Secrets" not in str(card)


def test_time_alone_is_asked_of_the_clock_of_now(scored, person):
    with time_machine.travel(NOW, tick=False):
        person()
        scored(60)
        handoffs_drain()
        assert Handoff.objects.get().opened_at == NOW
    at_rest()


def test_a_drain_with_a_time_limit_ends_after_a_page_and_says_where_to_go_on(scored, person):
    person()
    leads = [scored(63) for _number in range(5)]

    first = handoffs_drain(limit=2, seconds=0)
    assert (first.looked_at, first.next_after) == (2, leads[1].pk)
    second = handoffs_drain(limit=2, seconds=0, after=first.next_after)
    assert (second.looked_at, second.next_after) == (2, leads[3].pk)
    third = handoffs_drain(limit=2, seconds=0, after=second.next_after)
    assert (third.looked_at, third.next_after) == (1, None)
    assert Handoff.objects.count() == 5
