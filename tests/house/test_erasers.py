"""Every table that holds something of a person has an eraser."""

from django.apps import apps
from django.db.models import ForeignKey

from crm.models import Activity, Lead
from crm.services.erasure import erasers

OURS = {"leadscore", "insights", "handoff", "scoring", "crm", "accounts", "kernel"}
# Personal data without a key to a lead or an activity.
ALSO = {"crm.FactChange", "crm.ImportRejection"}
# Columns that name a lead or activity by number, without a foreign key.
NUMBERS = {"lead_id", "activity_id", "subject_lead_id"}


def test_every_table_that_refers_to_a_person_is_named_by_an_eraser():
    named = {model._meta.label for eraser in erasers() for model in eraser.models}
    holding = {
        model._meta.label for model in apps.get_models() if model._meta.app_label in OURS and holds_a_person(model)
    }

    assert holding, "the test must be able to fail"
    assert holding - named == set(), "call crm.services.erasure.register_eraser in AppConfig.ready() for these"


def test_a_table_that_refers_to_a_lead_only_through_another_counts_too():
    found = {model._meta.label for model in apps.get_models() if holds_a_person(model)}

    assert {"crm.Lead", "crm.Activity", "crm.ExternalId", "crm.Work", "crm.FactChange", "scoring.Score"} <= found


def holds_a_person(model, seen=frozenset()):
    if model in {Lead, Activity} or model._meta.label in ALSO:
        return True
    if model in seen:
        return False
    fields = model._meta.concrete_fields
    if any(field.name in NUMBERS for field in fields):
        return True
    targets = {field.related_model for field in fields if isinstance(field, ForeignKey)}
    return any(
        holds_a_person(target, seen | {model})
        for target in targets
        if target._meta.app_label in OURS and target._meta.label != "accounts.User"
    )
