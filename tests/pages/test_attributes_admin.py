"""Custom attributes in the admin: who may define them, what never changes, and what is offered to be named."""

import pytest
from django.urls import reverse

from accounts.models import AuditEntry, Role
from crm.models import AttributeDefinition, Lead

pytestmark = pytest.mark.django_db
LIST = "/admin/crm/attributedefinition/"
VALUES = {
    "subject": "lead",
    "key": "tier",
    "label": "Tier",
    "type": "choice",
    "choices": "gold,silver",
    "position": "1",
}


@pytest.mark.parametrize("role", [Role.MARKETER, Role.ADMINISTRATOR])
def test_who_may_defines_changes_and_deletes_and_the_audit_log_keeps_it(signed_in, role):
    client = signed_in(role)
    assert client.post(f"{LIST}add/", VALUES).status_code == 302
    made = AttributeDefinition.objects.get()
    assert made.choices == ["gold", "silver"]
    url = f"{LIST}{made.pk}/change/"
    client.post(url, {**VALUES, "key": "other", "subject": "company", "label": "Level"})
    made.refresh_from_db()
    assert (made.key, made.subject, made.label) == ("tier", "lead", "Level")
    Lead.objects.create(email="a@a.example", attributes={"tier": "gold"})
    assert client.post(f"{LIST}{made.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not AttributeDefinition.objects.exists()
    assert Lead.objects.get().attributes == {"tier": "gold"}
    actions = list(AuditEntry.objects.order_by("pk").values_list("action", "actor"))
    kinds = ("create", "change", "delete")
    assert actions == [(f"attributedefinition.{kind}", client.user.pk) for kind in kinds]


@pytest.mark.parametrize("role", [Role.SALES_MANAGER, Role.AUDITOR])
def test_nobody_else_writes_there(signed_in, role):
    client = signed_in(role)
    assert client.get(LIST).status_code == 200
    assert client.post(f"{LIST}add/", VALUES).status_code == 403
    assert (
        client.post(reverse("admin:crm_attributedefinition_define"), {"subject": "lead", "key": "x"}).status_code == 403
    )


@pytest.mark.parametrize("change", [{"key": "Not a key"}, {"choices": ""}, {"label": ""}])
def test_what_cannot_be_a_definition_is_refused(signed_in, change):
    assert signed_in(Role.MARKETER).post(f"{LIST}add/", {**VALUES, **change}).status_code == 200
    assert not AttributeDefinition.objects.exists()


def test_what_nobody_named_is_offered_and_defined_with_one_click(signed_in):
    client = signed_in(Role.MARKETER)
    Lead.objects.create(email="a@a.example", attributes={"seats": 4})
    assert "1 attribute is sent that nobody named" in client.get(LIST).content.decode()
    response = client.post(reverse("admin:crm_attributedefinition_define"), {"subject": "lead", "key": "seats"})
    made = AttributeDefinition.objects.get()
    assert response.url == f"{LIST}{made.pk}/change/"
    assert (made.label, made.type) == ("Seats", "number")
    assert "nobody named" not in client.get(LIST).content.decode()


def test_deleting_several_at_once_is_kept_by_the_audit_log_too(signed_in):
    made = [AttributeDefinition.objects.create(subject="lead", key=key, label=key) for key in ("a", "b")]
    chosen = {"action": "delete_selected", "_selected_action": [each.pk for each in made], "post": "yes"}
    assert signed_in(Role.MARKETER).post(LIST, chosen).status_code == 302
    assert not AttributeDefinition.objects.exists()
    assert AuditEntry.objects.filter(action="attributedefinition.delete").count() == 2
