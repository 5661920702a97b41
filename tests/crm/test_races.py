"""Two connections at once. Each test holds one of them at the moment that matters and lets the other run.

`beside` runs a function in a thread with a connection of its own and commits there. `waits` is true where it is still
blocked by a lock, which PostgreSQL itself is asked.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from django.db import connection, transaction

from crm.models import Activity, Cause, ExternalId, Lead, PossibleDuplicate, Work
from crm.services import activity_batch, lead_batch
from crm.services.activities import activities_record
from crm.services.erasure import lead_erase
from crm.services.leads import lead_upsert, leads_upsert_many
from crm.services.merging import leads_merge
from crm.services.work import work_claim, work_delete

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def beside():
    """Run a function in another connection; threads are waited for at the end."""
    pool = ThreadPoolExecutor(max_workers=8)

    def start(function: Callable[[], object]) -> Future:
        def run():
            try:
                return function()
            finally:
                connection.close()

        return pool.submit(run)

    yield start
    pool.shutdown(wait=True)


def page_view(message_id, **lead):
    return {
        "message_id": message_id,
        "lead": lead,
        "kind": "page_view",
        "occurred_at": datetime.now(tz=UTC).isoformat(),
    }


def until_somebody_waits_or_ends(future):
    """Until the other connection is blocked by a lock (True) or has ended (False)."""
    for _ in range(6_000):
        if future.done():
            return False
        with connection.cursor() as cursor:
            # Within a transaction the statistics would stay as first seen.
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone()[0]:
                return True
        time.sleep(0.01)
    raise AssertionError("the other connection neither waits nor ends")


def hold(monkeypatch, module, name):
    """Stop whoever calls `module.name` (in another thread) before it runs, until `go` is set; `there` is set meanwhile."""
    there, go = threading.Event(), threading.Event()
    real, main = getattr(module, name), threading.get_ident()

    def held(*args, **kwargs):
        if threading.get_ident() != main and not there.is_set():
            there.set()
            assert go.wait(60)
        return real(*args, **kwargs)

    monkeypatch.setattr(module, name, held)
    return there, go


def test_the_same_new_address_from_eight_connections_makes_one_lead(beside):
    barrier = threading.Barrier(8)

    def upsert(number):
        barrier.wait(60)
        return lead_upsert(feed="crm", values={"email": "ann@acme.example", "attributes": {f"n{number}": number}})

    futures = [beside(lambda number=number: upsert(number)) for number in range(8)]
    results = [future.result(60) for future in futures]

    lead = Lead.objects.get()
    assert {result.lead.pk for result in results} == {lead.pk}
    assert sorted(lead.attributes) == [f"n{number}" for number in range(8)], "no change is lost"
    assert sorted(result.outcome for result in results) == ["created"] + ["updated"] * 7


def test_batches_with_the_same_new_people_in_opposite_orders_end_without_a_deadlock(beside):
    people = [{"external_id": str(n), "email": f"p{n}@c{n % 7}.example"} for n in range(40)]

    futures = [
        beside(lambda items=items: leads_upsert_many(feed="crm", items=items)) for items in (people, people[::-1])
    ]
    for future in futures:
        assert {result.status for result in future.result(60)} <= {"created", "updated", "unchanged"}

    assert (Lead.objects.count(), ExternalId.objects.count()) == (40, 40)


def test_the_same_message_from_two_connections_is_stored_once_and_told_a_duplicate(beside):
    lead_upsert(feed="web", values={"email": "ann@acme.example"})
    item = page_view("m1", email="ann@acme.example")
    with transaction.atomic():
        [first] = activities_record(feed="web", items=[item])
        future = beside(lambda: activities_record(feed="web", items=[item]))
        assert until_somebody_waits_or_ends(future), "the second must wait for the first to commit or fail"

    [second] = future.result(60)
    assert (first.status, second.status) == ("accepted", "duplicate")
    assert Activity.objects.count() == 1


def test_if_the_first_connection_rolls_back_the_second_stores_the_message(beside):
    lead_upsert(feed="web", values={"email": "ann@acme.example"})
    item = page_view("m1", email="ann@acme.example")
    with pytest.raises(RuntimeError), transaction.atomic():
        activities_record(feed="web", items=[item])
        future = beside(lambda: activities_record(feed="web", items=[item]))
        assert until_somebody_waits_or_ends(future)
        raise RuntimeError

    assert future.result(60)[0].status == "accepted"


def test_another_content_that_comes_second_at_the_same_time_is_a_conflict(beside):
    lead_upsert(feed="web", values={"email": "ann@acme.example"})
    item = page_view("m1", email="ann@acme.example")
    with transaction.atomic():
        activities_record(feed="web", items=[item])
        future = beside(lambda: activities_record(feed="web", items=[{**item, "kind": "download"}]))
        assert until_somebody_waits_or_ends(future)

    assert future.result(60)[0].code == "message_id_conflict"


def test_ingest_does_not_wait_for_a_scorer_that_holds_the_lead(beside):
    lead = lead_upsert(feed="web", values={"email": "ann@acme.example"}).lead
    with transaction.atomic():
        list(Lead.objects.select_for_update(no_key=True).filter(pk=lead.pk))

        future = beside(lambda: activities_record(feed="web", items=[page_view("m1", email="ann@acme.example")]))

        assert not until_somebody_waits_or_ends(future)
        assert future.result(60)[0].status == "accepted"


def test_work_that_came_in_while_a_scorer_works_is_left_for_the_next(beside):
    lead = lead_upsert(feed="web", values={"email": "ann@acme.example"}).lead
    with transaction.atomic():
        claimed = work_claim(limit=10)
        beside(lambda: activities_record(feed="web", items=[page_view("m1", email="ann@acme.example")])).result(60)
        other = beside(lambda: [work.pk for work in claimed_in_a_transaction()]).result(60)
        work_delete(ids=[work.pk for work in claimed])

    [left] = Work.objects.all()
    assert (left.lead_id, left.cause) == (lead.pk, Cause.ACTIVITY)
    assert other == [left.pk], "a second scorer skips what the first holds"


def claimed_in_a_transaction():
    with transaction.atomic():
        return work_claim(limit=10)


@pytest.mark.parametrize("merge_first", [True, False])
def test_an_activity_that_meets_a_merge_ends_with_the_survivor(beside, merge_first, monkeypatch):
    ann = lead_upsert(feed="web", values={"email": "ann@acme.example"}).lead
    bob = lead_upsert(feed="web", values={"email": "bob@acme.example"}).lead
    record = lambda: activities_record(feed="web", items=[page_view("m1", email="bob@acme.example")])  # noqa: E731
    if merge_first:
        with transaction.atomic():
            leads_merge(survivor_id=ann.pk, merged_id=bob.pk)
            future = beside(record)
            assert until_somebody_waits_or_ends(future), "it must wait to learn who the lead is now"
    else:
        # The activity knows its lead and has pinned it, and is about to go in.
        there, go = hold(monkeypatch, activity_batch, "insert_activities")
        future = beside(record)
        assert there.wait(60)
        merge = beside(lambda: leads_merge(survivor_id=ann.pk, merged_id=bob.pk))
        assert until_somebody_waits_or_ends(merge), "the merge must wait for the activity to be there"
        go.set()
        merge.result(60)

    assert future.result(60)[0].status == "accepted"
    assert Activity.objects.get().lead == ann


def test_an_activity_whose_lead_is_merged_between_look_and_pin_ends_with_the_survivor(beside, monkeypatch):
    ann = lead_upsert(feed="web", values={"email": "ann@acme.example"}).lead
    bob = lead_upsert(feed="web", values={"email": "bob@acme.example"}).lead
    there, go = hold(monkeypatch, activity_batch, "leads_pin")
    future = beside(lambda: activities_record(feed="web", items=[page_view("m1", email="bob@acme.example")]))
    assert there.wait(60)

    leads_merge(survivor_id=ann.pk, merged_id=bob.pk)
    go.set()

    assert future.result(60)[0].status == "accepted"
    assert Activity.objects.get().lead == ann


@pytest.mark.parametrize("erase_first", [True, False])
def test_an_activity_that_meets_an_erasure_is_refused_or_erased(beside, erase_first, monkeypatch):
    ann = lead_upsert(feed="web", values={"email": "ann@acme.example"}).lead
    record = lambda: activities_record(feed="web", items=[page_view("m1", email="ann@acme.example")])  # noqa: E731
    if erase_first:
        with transaction.atomic():
            lead_erase(lead_id=ann.pk)
            future = beside(record)
            assert until_somebody_waits_or_ends(future)
        assert future.result(60)[0].code == "erased"
    else:
        there, go = hold(monkeypatch, activity_batch, "insert_activities")
        future = beside(record)
        assert there.wait(60)
        erasure = beside(lambda: lead_erase(lead_id=ann.pk))
        assert until_somebody_waits_or_ends(erasure)
        go.set()
        erasure.result(60)
        assert future.result(60)[0].status == "accepted"

    assert not Activity.objects.exists()
    assert not Lead.objects.exists()
    assert not Work.objects.exists()


def test_an_upsert_that_meets_an_erasure_does_not_bring_the_person_back(beside, monkeypatch):
    ann = lead_upsert(feed="web", values={"email": "ann@acme.example"}).lead
    there, go = hold(monkeypatch, lead_batch, "leads_lock")
    future = beside(lambda: leads_upsert_many(feed="web", items=[{"email": "ann@acme.example", "city": "X"}]))
    assert there.wait(60)

    lead_erase(lead_id=ann.pk)
    go.set()

    assert future.result(60)[0].code == "erased"
    assert not Lead.objects.exists()


def test_a_visitor_identified_while_an_anonymous_activity_comes_in_leaves_nothing_unattached(beside, monkeypatch):
    anonymous = {"message_id": "m1", "visitor": "v1", "kind": "page_view", "occurred_at": "2026-03-02T10:00:00Z"}
    there, go = hold(monkeypatch, activity_batch, "insert_activities")
    first = beside(lambda: activities_record(feed="web", items=[anonymous]))
    assert there.wait(60)
    second = beside(
        lambda: activities_record(feed="web", items=[{**page_view("m2", email="ann@acme.example"), "visitor": "v1"}])
    )
    assert until_somebody_waits_or_ends(second), "the identification must wait for the anonymous activity"
    go.set()
    first.result(60)
    second.result(60)

    assert not Activity.objects.filter(lead=None).exists()


def test_two_merges_of_the_same_pair_in_opposite_directions_leave_one(beside):
    ann = lead_upsert(feed="web", values={"email": "ann@acme.example"}).lead
    bob = lead_upsert(feed="web", values={"email": "bob@acme.example"}).lead
    with transaction.atomic():
        leads_merge(survivor_id=ann.pk, merged_id=bob.pk)
        future = beside(lambda: leads_merge(survivor_id=bob.pk, merged_id=ann.pk))
        assert until_somebody_waits_or_ends(future)

    assert getattr(future.exception(10), "code", "") == "already_merged"
    assert Lead.objects.filter(merged_into=None).get() == ann


def test_a_company_named_by_two_connections_at_once_is_made_once(beside):
    from crm.models import Company

    with transaction.atomic():
        lead_upsert(feed="crm", values={"email": "ann@gmail.com", "company": {"name": "Acme"}})
        future = beside(lambda: lead_upsert(feed="crm", values={"email": "bob@gmail.com", "company": {"name": "acme"}}))
        assert until_somebody_waits_or_ends(future)

    future.result(60)
    assert Company.objects.count() == 1
    assert not PossibleDuplicate.objects.exists()
