"""Who sees leads masked cannot get round it: not by asking for rows by what is hidden, nor by way of another record."""

import pytest
from django.contrib import admin
from django.db.models import ForeignKey, Q
from django.urls import reverse

from accounts.models import Role, Team
from crm.models import Activity, Cause, Lead, LeadMerge, Quarantine, Work
from crm.services.work import work_add
from handoff.models import Handoff, HandoffEvent, Suppression
from handoff.services import handoffs_drain
from scoring.models import Score

LEADS = reverse("admin:crm_lead_changelist")


@pytest.fixture
def vera(world, person):
    """A qualified lead with an open hand-off."""
    person(Role.REP)
    lead = world.lead("vera@theirs.example", first_name="Vera", last_name="Vice", title="VP Sales", country="DE")
    world.send(lead, "demo_request")
    world.settle()
    handoffs_drain()
    return lead


@pytest.mark.parametrize(
    "asked",
    [
        {"email__startswith": "v"},
        {"email_key__contains": "vera"},
        {"first_name": "Vera"},
        {"phone__gte": "0"},
        {"external_ids__external_id__startswith": "a"},
    ],
)
def test_rows_cannot_be_asked_for_by_what_is_hidden(asked, vera, signed_in):
    assert signed_in(Role.AUDITOR).get(LEADS, asked).status_code == 400


def test_filters_on_offer_still_work_for_those_who_see_leads_masked(vera, signed_in):
    client = signed_in(Role.AUDITOR)
    assert client.get(LEADS, {"seniority": "vp"}).status_code == 200
    quarantine = reverse("admin:crm_quarantine_changelist")
    assert client.get(quarantine, {"settled_at__isempty": "1", "kind": "score"}).status_code == 200


def test_those_who_see_names_may_ask_by_them(vera, signed_in):
    assert signed_in(Role.ADMINISTRATOR).get(LEADS, {"email__startswith": "vera"}).status_code == 200


def test_history_is_not_asked_for_by_values_that_are_hidden(vera, signed_in):
    response = signed_in(Role.AUDITOR).get(reverse("admin:crm_factchange_changelist"), {"after__icontains": "vera"})
    assert response.status_code == 400


@pytest.mark.parametrize("page", ["leads", "queue"])
@pytest.mark.parametrize(("word", "is_hidden"), [("vera@theirs", True), ("vice", True), ("theirs gmbh", False)])
def test_a_search_does_not_tell_whether_somebody_is_known(page, word, is_hidden, vera, signed_in):
    vera.company.name = "Theirs GmbH"
    vera.company.save()
    rows = signed_in(Role.AUDITOR).get(reverse(page), {"search": word}).context["page"].rows
    assert bool(rows) is not is_hidden
    assert signed_in(Role.ADMINISTRATOR).get(reverse(page), {"search": word}).context["page"].rows


def test_a_note_about_a_lead_is_hidden_on_the_hand_off_too(vera, signed_in):
    event = HandoffEvent.objects.get(handoff__lead=vera)
    HandoffEvent.objects.filter(pk=event.pk).update(note="Call Vera at home")
    url = reverse("admin:handoff_handoff_change", args=[event.handoff_id])
    assert "Call Vera at home" in signed_in(Role.ADMINISTRATOR).get(url).content.decode()
    masked = signed_in(Role.AUDITOR).get(url)
    assert masked.status_code == 200
    assert "Call Vera at home" not in masked.content.decode()


# Sales managers: the team's quarantine


@pytest.fixture
def two_teams(person):
    north, south = Team.objects.create(name="North"), Team.objects.create(name="South")
    rows = []
    for team in (north, south):
        lead = Lead.objects.create(first_name=team.name, owner=person(Role.REP, team=team))
        payload = {"lead": {"email": f"{team.name.lower()}@theirs.example"}}
        rows.append(
            Quarantine.objects.create(kind="activity", message_id=team.name, lead=lead, code="x", payload=payload)
        )
    unknown = Quarantine.objects.create(kind="activity", code="x", message_id="of-nobody-yet")
    return north, [*rows, unknown]


def test_a_manager_meets_the_quarantine_of_the_team_only(two_teams, person, signed_in):
    north, (ours, theirs, unknown) = two_teams
    client = signed_in(person(Role.SALES_MANAGER, team=north))
    found = client.get(reverse("admin:crm_quarantine_changelist")).context["cl"].queryset
    assert list(found) == [ours]
    assert client.get(reverse("admin:crm_quarantine_change", args=[theirs.pk])).status_code == 302
    assert client.get(reverse("admin:crm_quarantine_change", args=[unknown.pk])).status_code == 302


@pytest.mark.parametrize("verb", ["replay", "set_aside"])
def test_a_manager_settles_nothing_of_another_team(verb, two_teams, person, signed_in):
    north, (ours, theirs, _unknown) = two_teams
    client = signed_in(person(Role.SALES_MANAGER, team=north))
    assert client.post(reverse(f"admin:crm_quarantine_{verb}", args=[theirs.pk])).status_code == 404
    theirs.refresh_from_db()
    assert theirs.settled_at is None
    client.post(reverse("admin:crm_quarantine_set_aside", args=[ours.pk]))
    ours.refresh_from_db()
    assert ours.settled_at is not None


# Reps: a colleague's hand-off


def test_asking_to_reject_a_colleagues_hand_off_does_not_name_the_lead(vera, person, signed_in):
    from handoff.models import Handoff

    handoff = Handoff.objects.get(lead=vera)
    colleague = person(Role.REP, team=handoff.team)
    assert handoff.owner != colleague
    url = reverse("handoff-reject", args=[handoff.pk])
    client = signed_in(colleague)
    for response in (client.get(url), client.post(url, {})):
        assert "Vera" not in response.content.decode()
    assert "Vera" in signed_in(handoff.owner).get(url).content.decode()


def test_no_page_of_the_admin_prints_the_name_of_a_lead_to_who_sees_leads_masked(vera, world, person, signed_in):
    Quarantine.objects.create(kind="score", lead=vera, code="scoring_failed", detail="It failed.")
    work_add(lead_ids=[vera.pk], cause=Cause.RETRY)
    opened = Handoff.objects.get(lead=vera)
    Suppression.objects.create(lead=vera, reason="quiet")
    LeadMerge.objects.create(survivor=vera, merged=world.lead())
    client = signed_in(Role.AUDITOR)
    looked_at = set()
    for model in admin.site._registry:
        for row in model._default_manager.filter(_of(model, vera))[:2] if _of(model, vera) else ():
            page = client.get(reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[row.pk]))
            if page.status_code == 200:
                looked_at.add(model)
                shown = page.content.decode()
                assert "Vera" not in shown, model
                assert "vera@" not in shown, model
    assert opened.owner is not None
    assert {Activity, Handoff, Quarantine, Score, Work} <= looked_at


def _of(model, lead):
    fields = [
        field.name
        for field in model._meta.concrete_fields
        if isinstance(field, ForeignKey) and field.related_model is Lead and not issubclass(model, Lead)
    ]
    if model is Lead:
        return Q(pk=lead.pk)
    return Q(**{fields[0]: lead}) if fields else None
