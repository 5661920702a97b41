"""Imports with two connections: one runner for each import, and an undo against what arrives meanwhile."""

import threading
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from crm.models import Activity, Company, ExternalId, Import, Lead
from crm.services import imports_running, imports_undo, lead_batch
from crm.services.activities import activities_record
from crm.services.imports import import_stop, import_undo
from crm.services.imports_running import imports_run
from tests.crm.test_import_service import ONLY_LEADS, brought, many, ran
from tests.crm.test_races import beside, hold, page_view, until_somebody_waits_or_ends

__all__ = ["beside"]

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_runners_at_once_store_every_row_once(beside):
    made = brought(many(1_200), ONLY_LEADS)
    barrier = threading.Barrier(2)

    def run():
        barrier.wait(60)
        return imports_run()

    runs = sorted(future.result(60) for future in [beside(run), beside(run)])

    made.refresh_from_db()
    assert runs == [0, 3], "one claims it, the other finds nothing"
    assert (made.state, made.counts) == (Import.State.DONE, {"created": 1_200})


def test_a_runner_that_was_given_up_too_early_stores_nothing_twice(beside, monkeypatch):
    made = brought(many(1_200), ONLY_LEADS)
    there, go = hold(monkeypatch, imports_running, "_stored")
    slow = beside(imports_run)
    assert there.wait(60), "its first batch is stored but not committed"
    Import.objects.filter(pk=made.pk).update(heartbeat_at=timezone.now() - timedelta(seconds=61))
    claimed = imports_running._claim(None)
    go.set()

    assert slow.result(60) == 1
    assert not Lead.objects.exists(), "the batch of the one that was given up is rolled back"
    imports_running._work(claimed)
    made.refresh_from_db()
    assert (made.state, made.counts, Lead.objects.count()) == (Import.State.DONE, {"created": 1_200}, 1_200)


def test_who_stops_an_import_waits_for_no_batch_and_the_batch_on_its_way_goes_nowhere(beside, monkeypatch):
    made = brought(many(1_200), ONLY_LEADS)
    there, go = hold(monkeypatch, imports_running, "_stored")
    run = beside(imports_run)
    assert there.wait(60)

    import_stop(import_id=made.pk)
    go.set()
    run.result(60)

    made.refresh_from_db()
    assert (made.state, made.rows_done, Lead.objects.count()) == (Import.State.STOPPED, 0, 0)


def test_an_activity_that_comes_before_the_undo_keeps_its_lead(beside):
    made = ran(many(1), ONLY_LEADS)
    import_undo(import_id=made.pk)
    with transaction.atomic():
        activities_record(feed="web", items=[page_view("m1", email="p0@acme.example")])
        undo = beside(imports_run)
        assert until_somebody_waits_or_ends(undo), "the undo must wait for who pins the lead"
    undo.result(60)

    made.refresh_from_db()
    assert made.undo_counts["counts"] == {
        "external_ids": 1,
        "leads_kept": 1,
        "leads_kept:activity": 1,
        "companies_kept": 1,
    }
    assert Activity.objects.get().lead == Lead.objects.get()


def test_an_activity_that_comes_into_the_undo_is_kept_with_a_lead_of_its_own(beside, monkeypatch):
    made = ran(many(1), ONLY_LEADS)
    gone = Lead.objects.get().pk
    import_undo(import_id=made.pk)
    there, go = hold(monkeypatch, imports_undo, "_known_otherwise")
    undo = beside(imports_run)
    assert there.wait(60), "the lead is locked, and not yet asked after"
    arrival = beside(lambda: activities_record(feed="web", items=[page_view("m1", email="p0@acme.example")]))
    assert until_somebody_waits_or_ends(arrival), "who sends must wait for the undo"
    go.set()
    undo.result(60)

    assert [result.status for result in arrival.result(60)] == ["accepted"]
    lead = Lead.objects.get()
    assert lead.pk != gone
    assert Activity.objects.get().lead == lead
    assert not ExternalId.objects.exists()


def test_a_company_that_goes_with_the_undo_is_made_again_for_who_joins_it_meanwhile(beside, monkeypatch):
    made = ran(many(1), ONLY_LEADS)
    gone = Company.objects.get().pk
    import_undo(import_id=made.pk)
    there, go = hold(monkeypatch, lead_batch, "companies_pin")
    arrival = beside(lambda: activities_record(feed="web", items=[page_view("m1", email="new@acme.example")]))
    assert there.wait(60), "the company is found, and not yet pinned"
    beside(imports_run).result(60)
    assert not Company.objects.exists()
    go.set()

    assert [result.status for result in arrival.result(60)] == ["accepted"]
    company = Lead.objects.get(email="new@acme.example").company
    assert company.domain == "acme.example"
    assert company.pk != gone
