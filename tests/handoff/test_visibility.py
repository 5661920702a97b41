"""A lead stays in sight of those who decided its hand-off."""

from datetime import timedelta

import pytest

from accounts.models import Role
from crm.visibility import leads_visible_to
from handoff.models import Handoff
from handoff.services.deciding import handoff_reject

pytestmark = pytest.mark.django_db


def test_who_rejected_a_lead_and_their_manager_still_see_it(opened, person, reasons):
    rep, manager, other = person(), person(Role.SALES_MANAGER), person()
    handoff = opened(70, owner=rep)
    handoff_reject(handoff_id=handoff.pk, by=rep, reason="no-budget")
    assert leads_visible_to(rep).filter(pk=handoff.lead_id).exists()
    assert leads_visible_to(manager).filter(pk=handoff.lead_id).exists()
    assert not leads_visible_to(other).filter(pk=handoff.lead_id).exists()


def test_after_ninety_days_a_decided_lead_is_nobodys_business(opened, person, reasons):
    rep = person()
    handoff = opened(70, owner=rep)
    handoff_reject(handoff_id=handoff.pk, by=rep, reason="no-budget")
    closed_at = Handoff.objects.get(pk=handoff.pk).closed_at - timedelta(days=91)
    Handoff.objects.filter(pk=handoff.pk).update(closed_at=closed_at)
    assert not leads_visible_to(rep).filter(pk=handoff.lead_id).exists()
