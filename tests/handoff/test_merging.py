"""When leads are merged, what each had in the queue becomes the survivor's: the further one stays."""

from datetime import timedelta

import pytest

from crm.models import Lead
from handoff.models import Handoff, Suppression
from handoff.services import handoff_accept, handoff_claim, handoffs_drain
from scoring.models import Score
from tests.conftest import NOW
from tests.handoff.conftest import at_rest

pytestmark = pytest.mark.django_db


def merge(merged, survivor):
    """As crm and scoring leave it: the merged lead points to its survivor and has no score."""
    Lead.objects.filter(pk=merged.pk).update(merged_into=survivor)
    Score.objects.filter(lead=merged).delete()


@pytest.fixture
def rep(person):
    return person(name="Rita")


@pytest.mark.parametrize("is_further_merged", [True, False])
@pytest.mark.parametrize("further", [handoff_claim, handoff_accept])
def test_of_two_open_hand_offs_the_further_one_stays(further, is_further_merged, opened, rep):
    waiting, other = opened(60, owner=rep), opened(60, owner=rep)
    further(handoff_id=other.pk, by=rep)
    merged, survivor = (other, waiting) if is_further_merged else (waiting, other)
    merge(merged.lead, survivor.lead)
    handoffs_drain()
    for handoff in (waiting, other):
        handoff.refresh_from_db()
    assert (other.lead, other.closed_at) == (survivor.lead, None)
    assert (waiting.state, waiting.closed_at is None) == ("merged", False)
    assert waiting.events.get(kind="merged").params == {"kept": other.pk}
    assert other.events.filter(kind="moved").exists() is is_further_merged
    at_rest()
    assert handoffs_drain().done == {}


def test_of_two_as_far_the_older_stays(frozen_now, opened, rep):
    older = opened(60, owner=rep)
    frozen_now.shift(timedelta(hours=1))
    newer = opened(60, owner=rep)
    merge(older.lead, newer.lead)
    handoffs_drain()
    older.refresh_from_db()
    assert (older.lead, older.closed_at) == (newer.lead, None)


def test_an_accepted_hand_off_follows_its_lead_though_the_survivor_does_not_qualify(opened, scored, rep):
    handoff = opened(60, owner=rep)
    handoff_accept(handoff_id=handoff.pk, by=rep)
    survivor = scored(10)
    merge(handoff.lead, survivor)
    handoffs_drain()
    handoff.refresh_from_db()
    assert (handoff.lead, handoff.state, handoff.closed_at) == (survivor, "accepted", None)


def test_a_chain_of_merges_ends_at_the_last_survivor(opened, scored, rep):
    handoff = opened(60, owner=rep)
    middle, last = scored(20), scored(70)
    merge(handoff.lead, middle)
    merge(middle, last)
    handoffs_drain()
    handoff.refresh_from_db()
    assert handoff.lead == last
    at_rest()


def test_several_merged_into_one_leave_one_hand_off(opened, rep):
    handoffs = [opened(60, owner=rep) for _each in range(4)]
    for handoff in handoffs[1:]:
        merge(handoff.lead, handoffs[0].lead)
    handoffs_drain()
    assert Handoff.objects.filter(closed_at=None).count() == 1
    assert Handoff.objects.filter(state="merged").count() == 3


@pytest.mark.parametrize("is_stronger_merged", [True, False])
def test_of_two_suppressions_the_stronger_stays(is_stronger_merged, scored, rep, frozen_now):
    one, two = scored(60), scored(60)
    stronger, weaker = (one, two) if is_stronger_merged else (two, one)
    Suppression.objects.create(lead=stronger, reason="cool_down", until=NOW + timedelta(days=90))
    Suppression.objects.create(lead=weaker, reason="quiet")
    merge(one, two)
    handoffs_drain()
    held = Suppression.objects.get()
    assert (held.lead, held.reason) == (two, "cool_down")
    at_rest()


def test_an_open_hand_off_ends_the_suppression_of_the_other_lead(opened, scored, rep, frozen_now):
    handoff = opened(60, owner=rep)
    held = scored(60)
    Suppression.objects.create(lead=held, reason="cool_down", until=NOW + timedelta(days=90))
    merge(held, handoff.lead)
    handoffs_drain()
    handoff.refresh_from_db()
    assert handoff.closed_at is None
    assert not Suppression.objects.exists()


def test_a_merge_that_is_undone_opens_anew_for_the_lead_that_is_back(opened, scored, rep):
    first, second = opened(60, owner=rep), opened(60, owner=rep)
    merge(second.lead, first.lead)
    handoffs_drain()
    Lead.objects.filter(pk=second.lead_id).update(merged_into=None)
    scored(60, lead=second.lead)
    handoffs_drain()
    assert Handoff.objects.filter(closed_at=None).count() == 2
    at_rest()
