"""Erased is erased: nothing of the person stays, and nothing comes back."""

import pytest
from django.apps import apps
from django.db import connection

from accounts.models import AuditEntry, Notification, Role, SavedView
from crm.errors import ErasedError, UnknownLeadError
from crm.models import Activity, FactChange, Import, ImportRejection, Lead, Quarantine, Tombstone, Work
from crm.services.activities import activities_record, activity_withdraw
from crm.services.erasure import lead_erase, lead_erasure_request
from crm.services.leads import lead_update, lead_upsert, leads_upsert_many
from crm.services.merging import leads_merge
from crm.services.notes import note_add
from tests.crm.test_activities import page_view

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_now")]

PHONE = "+49 30 901820"
MARKS = ("xannx", "XANNX", "outer-77", "visitor-77", "901820")


@pytest.fixture
def ann(person):
    """A person who left traces everywhere, under marks that stand nowhere else."""
    values = {"email": "xannx@acme.example", "external_id": "outer-77", "first_name": "XANNX", "phone": PHONE}
    lead = lead_upsert(feed="web", values=values).lead
    lead_update(lead_id=lead.pk, values={"first_name": "XANNX2", "attributes": {"note": "xannx"}})
    other = lead_upsert(feed="web", values={"email": "xannx2@acme.example"}).lead
    activities_record(
        feed="web",
        items=[
            page_view("m1", lead={"external_id": "outer-77"}, properties={"name": "xannx"}, visitor="visitor-77"),
            page_view("m2", lead={"email": "XANNX@acme.example"}, occurred_at="1990-01-01T00:00:00Z"),
            page_view("m3", lead=..., visitor="visitor-77"),
            page_view("m4", lead={"email": "xannx2@acme.example"}),
        ],
    )
    activity_withdraw(activity_id=Activity.objects.get(message_id="m1").pk)
    rita = person(Role.REP)
    note_add(lead_id=other.pk, text="XANNX2 asked twice.", by=rita)
    leads_merge(survivor_id=lead.pk, merged_id=other.pk, choices={"email": "merged"})
    brought = Import.objects.create(feed="fair", file_name="fair.csv", size=1, digest="0" * 64)
    for line, cells in enumerate((["XANNX", " XannX@Acme.example"], ["Ann", PHONE], ["outer-77"]), start=2):
        ImportRejection.objects.create(import_run=brought, line=line, code="bad", detail="Bad.", cells=cells)
    for name, search in (
        ("one", "xannx@acme.example"),
        ("two", "outer-77"),
        ("three", "XANNX2"),
        ("four", "acme xannx@acme.example"),
    ):
        SavedView.objects.create(user=rita, page="leads", name=name, query={"search": search, "stage": "mql"})
    return lead


def everything_stored():
    """Each row of each table of ours as text."""
    with connection.cursor() as cursor:
        for model in apps.get_models():
            table = connection.ops.quote_name(model._meta.db_table)
            cursor.execute(f"SELECT t::text FROM {table} t")
            yield from (f"{model.__name__}: {row[0]}" for row in cursor.fetchall())


def test_no_table_holds_anything_of_an_erased_person(ann):
    before = [row for row in everything_stored() if any(mark in row for mark in MARKS)]
    assert len({row.partition(":")[0] for row in before}) >= 5, "the test must be able to fail"

    lead_erase(lead_id=ann.pk)

    assert [row for row in everything_stored() if any(mark in row for mark in MARKS)] == []
    assert set(SavedView.objects.values_list("query__stage", flat=True)) == {"mql"}, "the rest of a view stays"
    assert [model for model in (Lead, Activity, FactChange, Quarantine, Work) if model.objects.exists()] == []


def test_what_comes_later_is_refused_under_every_identity_and_not_kept(ann):
    lead_erase(lead_id=ann.pk)

    results = activities_record(
        feed="web",
        items=[
            page_view("n1", lead={"email": "xannx@ACME.example"}),
            page_view("n2", lead={"email": "xannx2@acme.example"}),
            page_view("n3", lead={"external_id": "outer-77"}),
            page_view("n4", lead={"id": ann.pk}),
            page_view("n5", lead=..., visitor="visitor-77"),
            page_view("n6", lead={"email": "xannx@acme.example"}, occurred_at="1990-01-01T00:00:00Z"),
            page_view("n7", lead={"email": "bob@acme.example"}),
        ],
    )

    assert [(result.status, result.code) for result in results] == [("rejected", "erased")] * 6 + [("accepted", "")]
    assert (Activity.objects.count(), Quarantine.objects.count()) == (1, 0)
    assert not [row for row in everything_stored() if any(mark in row for mark in MARKS)]


def test_an_upsert_of_an_erased_person_is_refused(ann):
    lead_erase(lead_id=ann.pk)

    with pytest.raises(ErasedError) as refused:
        lead_upsert(feed="web", values={"email": "xannx@acme.example"})
    assert (refused.value.status, refused.value.code) == (410, "erased")
    [bad, good] = leads_upsert_many(feed="web", items=[{"external_id": "outer-77"}, {"external_id": "8"}])
    assert (bad.status, bad.code, good.status) == ("rejected", "erased", "created")


def test_the_same_outer_id_of_another_feed_is_somebody_else(ann):
    lead_erase(lead_id=ann.pk)

    assert lead_upsert(feed="shop", values={"external_id": "outer-77"}).outcome == "created"


def test_erasing_a_merged_lead_erases_the_person(ann):
    merged = Lead.objects.get(merged_into=ann)

    lead_erase(lead_id=merged.pk)

    assert not Lead.objects.exists()


def test_the_audit_log_keeps_who_and_when_and_surrogate_ids_only(ann, person):
    admin = person(Role.ADMINISTRATOR)

    lead_erase(lead_id=ann.pk, by=admin)

    entry = AuditEntry.objects.latest("id")
    assert (entry.action, entry.actor, entry.subject_id) == ("lead.erase", admin, ann.pk)
    assert set(entry.details) == {"leads"}


def test_tombstones_tell_nothing_without_the_key(ann, settings):
    lead_erase(lead_id=ann.pk)
    assert all(len(stone.digest) == 64 for stone in Tombstone.objects.all())

    settings.TOMBSTONE_KEY = "another"
    assert lead_upsert(feed="web", values={"email": "xannx@acme.example"}).outcome == "created"


def test_erasing_nobody_says_so():
    with pytest.raises(UnknownLeadError):
        lead_erase(lead_id=1)


def test_a_request_to_erase_tells_the_administrators(ann, person):
    admin = person(Role.ADMINISTRATOR)
    person(Role.REP)

    lead_erasure_request(lead_id=ann.pk)

    notification = Notification.objects.get()
    assert (notification.user, notification.params) == (admin, {"lead": ann.pk})
    assert Lead.objects.filter(pk=ann.pk).exists()


def test_searches_for_somebody_else_stay(ann, person):
    views = [
        SavedView.objects.create(user=person(), page="leads", name="kept", query={"search": search})
        for search in ("hannxx", "outer-771", "acme")
    ]

    lead_erase(lead_id=ann.pk)

    kept = SavedView.objects.filter(pk__in=[view.pk for view in views]).order_by("pk")
    assert [view.query for view in kept] == [view.query for view in views]
