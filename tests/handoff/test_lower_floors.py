"""What this floor does with merges and erasures of the floor below, through their own doors."""

import pytest
from django.apps import apps

from accounts.models import AuditEntry
from crm.models import Activity, Lead
from crm.services.erasure import lead_erase
from crm.services.merging import leads_merge, merge_undo
from handoff.models import Handoff, HandoffEvent, HandoffModel, Suppression
from handoff.services import handoff_accept, handoff_reject, handoffs_drain
from scoring.services.rescoring import work_drain
from tests.handoff.conftest import at_rest

pytestmark = pytest.mark.django_db


def settle():
    work_drain()
    handoffs_drain()


def test_merging_two_leads_through_crm_keeps_the_accepted_hand_off(opened, person):
    rep = person()
    waiting = opened(60, owner=rep, seniority="vp")
    accepted = opened(60, owner=rep, seniority="vp")
    handoff_accept(handoff_id=accepted.pk, by=rep)
    merge = leads_merge(survivor_id=waiting.lead_id, merged_id=accepted.lead_id, by=rep)
    settle()
    accepted.refresh_from_db()
    assert (accepted.lead_id, accepted.state) == (waiting.lead_id, "accepted")
    at_rest()
    merge_undo(merge_id=merge.pk, by=rep)
    settle()
    at_rest()


def test_an_erased_lead_leaves_no_hand_off_no_note_and_no_suppression(opened, person, reasons):
    rep = person()
    handoff = opened(60, owner=rep)
    handoff_reject(handoff_id=handoff.pk, by=rep, reason="no-budget", note="Call Zuzanna's mobile")
    other = opened(60, owner=rep)
    lead_erase(lead_id=handoff.lead_id)
    assert list(Handoff.objects.all()) == [other]
    for model in (HandoffEvent, HandoffModel):
        assert not model.objects.exclude(handoff=other).exists()
    assert not Suppression.objects.exists()
    assert not Activity.objects.filter(kind="sales_rejected").exists()
    assert not Lead.objects.filter(pk=handoff.lead_id).exists()
    # The audit log goes on with surrogate ids alone.
    assert "Zuzanna" not in str(list(AuditEntry.objects.values()))


def test_every_table_of_this_floor_that_speaks_of_a_lead_has_an_eraser():
    from crm.services.erasure import erasers

    erased = {model for eraser in erasers() for model in eraser.models}
    held = {HandoffEvent, HandoffModel} | {
        model
        for model in apps.get_app_config("handoff").get_models()
        if any(field.related_model is Lead for field in model._meta.get_fields())
    }
    assert held <= erased
