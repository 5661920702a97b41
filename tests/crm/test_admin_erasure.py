"""Erasing a person in the admin: who may, and that one click is not enough."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry, Role, User
from crm.models import Lead
from crm.services.leads import lead_upsert

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(db: None) -> Lead:
    return lead_upsert(feed="crm", values={"email": "ada@mill.example", "first_name": "Ada"}).lead


def signed_in(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.AUDITOR])
def test_who_may_erase_types_the_number_and_the_person_is_gone(
    client: Client, person: Callable[..., User], lead: Lead, role: Role
) -> None:
    user = person(role)
    admin = signed_in(client, user)
    page = admin.get(reverse("admin:crm_lead_change", args=[lead.pk]))
    assert "Erase this person" in page.content.decode()
    address = reverse("admin:crm_lead_erasure", args=[lead.pk])
    assert admin.get(address).status_code == 200
    assert admin.post(address, {"number": lead.pk + 1}).status_code == 200
    assert Lead.objects.filter(pk=lead.pk).exists()
    assert admin.post(address, {"number": lead.pk}).status_code == 302
    assert not Lead.objects.filter(pk=lead.pk).exists()
    assert AuditEntry.objects.get(action="lead.erase").actor == user


@pytest.mark.parametrize("role", [Role.MARKETER, Role.SALES_MANAGER])
def test_nobody_else_finds_the_door(client: Client, person: Callable[..., User], lead: Lead, role: Role) -> None:
    admin = signed_in(client, person(role))
    assert admin.post(reverse("admin:crm_lead_erasure", args=[lead.pk]), {"number": lead.pk}).status_code == 404
    assert Lead.objects.filter(pk=lead.pk).exists()
    page = admin.get(reverse("admin:crm_lead_change", args=[lead.pk]))
    assert "Erase this person" not in page.content.decode()
