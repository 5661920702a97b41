"""Real threads on real connections: workers that cross, reps who reach for one lead, a decision in the middle."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest
from django.db import connection, transaction

from accounts.models import Role
from crm.models import Cause, Import, Lead
from handoff.models import Handoff, Release, RoutingTurn, Suppression
from handoff.services import (
    deciding,
    handoff_accept,
    handoff_reject,
    handoffs_drain,
    handoffs_reconcile,
    import_release,
    reconciling,
)
from kernel.errors import ConflictError
from scoring.models import Score, ScoreChange
from tests.handoff.conftest import at_rest
from tests.scoring.holding import Held

pytestmark = pytest.mark.django_db(transaction=True)
WORKERS, REPS = 8, 20


def together(count, function):
    """Run `function(number, barrier)` in `count` threads, each with a connection of its own."""
    barrier = Barrier(count)

    def one(number):
        try:
            return function(number, barrier)
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def cross(leads, version, scored):
    """All leads are under the line; then eight workers lift them, each from another place and over
    the share of the next, and each looks at all."""
    ids = [lead.pk for lead in leads]

    def worker(number, barrier):
        start = number * len(ids) // WORKERS
        mine = ids[start:] + ids[:start]
        barrier.wait()
        for lead_id in mine[: len(ids) // 4]:
            with transaction.atomic():
                list(Lead.objects.select_for_update(no_key=True).filter(pk=lead_id))
                Score.objects.filter(lead=lead_id).update(total=70, is_qualified=True, stage="mql", revision=2)
            handoffs_reconcile(lead_ids=[lead_id])
        handoffs_reconcile(lead_ids=mine)
        handoffs_drain()

    together(WORKERS, worker)


def crossed_once(many, rounds, scored, version, person):
    people = [person(), person()]
    for _round in range(rounds):
        leads = [scored(10) for _each in range(many)]
        cross(leads, version, scored)
        open_leads = Handoff.objects.filter(lead__in=leads, closed_at=None).values_list("lead_id", flat=True)
        assert sorted(open_leads) == sorted(lead.pk for lead in leads)
        at_rest()
    # No turn was dealt twice and none was lost, however many dealt at once.
    assert sum(RoutingTurn.objects.values_list("dealt", flat=True)) == many * rounds
    shares = [Handoff.objects.filter(owner=one).count() for one in people]
    assert max(shares) - min(shares) <= 1


def test_leads_that_cross_under_eight_workers_are_handed_off_exactly_once(scored, version, person):
    crossed_once(24, 2, scored, version, person)


@pytest.mark.prove
def test_two_hundred_leads_cross_under_eight_workers_twenty_times(scored, version, person):
    crossed_once(200, 20, scored, version, person)


def test_without_the_locks_the_index_still_allows_only_one(scored, version, person, monkeypatch, caplog):
    person()
    lead = scored(70)
    monkeypatch.setattr(
        reconciling, "leads_lock", lambda ids: {each.pk: each for each in Lead.objects.filter(pk__in=list(ids))}
    )

    def worker(_number, barrier):
        barrier.wait()
        handoffs_reconcile(lead_ids=[lead.pk])

    together(WORKERS, worker)
    assert Handoff.objects.filter(lead=lead).count() == 1
    # Who lost found the row in the way and went on: nothing failed.
    assert "could not be settled" not in caplog.text


def accept_once(rounds, opened, person):
    reps = [person(name=f"Rep {number}") for number in range(REPS)]
    for _round in range(rounds):
        handoff = opened(60, unowned=True)

        def reach(number, barrier, handoff=handoff):
            barrier.wait()
            try:
                return handoff_accept(handoff_id=handoff.pk, by=reps[number]).owner_id
            except ConflictError as conflict:
                return conflict

        answers = together(REPS, reach)
        winners = [answer for answer in answers if isinstance(answer, int)]
        told = [answer for answer in answers if isinstance(answer, ConflictError)]
        handoff.refresh_from_db()
        assert winners == [handoff.owner_id]
        assert len(told) == REPS - 1
        assert {answer.extra["owner"]["id"] for answer in told} == {handoff.owner_id}
        assert {answer.detail for answer in told} == {f"{handoff.owner} has accepted this lead."}
        assert handoff.events.filter(kind="accepted").count() == 1


def test_of_twenty_reps_one_accepts_and_nineteen_are_told_who(opened, person):
    accept_once(5, opened, person)


def test_without_the_lock_the_conditional_update_still_lets_only_one_accept(opened, person, monkeypatch):
    monkeypatch.setattr(deciding, "leads_lock", lambda _ids: {})
    accept_once(2, opened, person)


@pytest.mark.prove
def test_of_twenty_reps_one_accepts_fifty_times_over(opened, person):
    accept_once(50, opened, person)


def test_a_worker_waits_for_a_rejection_and_then_opens_nothing(opened, person, reasons):
    rep = person()
    handoff = opened(60, owner=rep)
    rejecting, looking = Event(), Event()

    def other(_number, _barrier):
        rejecting.wait(60)
        looking.set()
        # Blocks at the lead's lock until the rejection is committed.
        return handoffs_reconcile(lead_ids=[handoff.lead_id]).done

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            handoff_reject(handoff_id=handoff.pk, by=rep, reason="no-budget")
            found = pool.submit(lambda: together(1, other))
            rejecting.set()
            looking.wait(60)
            assert not wait_blocked_for(found)
        assert found.result(60) == [{}]
    assert not Handoff.objects.filter(closed_at=None).exists()
    assert Suppression.objects.filter(lead=handoff.lead).count() == 1


def wait_blocked_for(future):
    """Whether the other thread got through; it must be seen waiting for our lock instead."""
    for _try in range(200):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))")
            if cursor.fetchone()[0]:
                return False
        if future.done():
            return True
    return False


def held_back(many, scored, version):
    """Leads that one quiet import alone lifted, held back."""
    brought = Import.objects.create(feed="file", file_name="old.csv", size=1, digest="0", state="done")
    for number in range(many):
        lead = scored(50 + number)
        ScoreChange.objects.create(
            lead=lead,
            model=version.model,
            version=version,
            after={"is_qualified": True},
            cause=Cause.IMPORTED,
            causes=[Cause.IMPORTED],
            imported_by=brought,
        )
    handoffs_drain()
    assert Suppression.objects.filter(imported_by=brought).count() == many
    return brought


def test_workers_that_take_a_days_share_at_once_take_it_once(scored, version, person):
    person()
    brought = held_back(12, scored, version)
    import_release(import_id=brought.pk, per_day=5, by=person(Role.MARKETER))

    def worker(_number, barrier):
        barrier.wait()
        handoffs_drain()

    together(WORKERS, worker)
    handoffs_drain()
    best = sorted(Handoff.objects.filter(closed_at=None).values_list("total", flat=True))
    assert best == [57, 58, 59, 60, 61]
    assert Release.objects.get().released == 5
    at_rest()


def test_a_worker_killed_anywhere_in_a_release_takes_its_share_whole_or_not_at_all(scored, version, person):
    person()
    brought = held_back(6, scored, version)
    import_release(import_id=brought.pk, per_day=3, by=person(Role.MARKETER))
    at, was_held = 1, True
    while was_held and at < 200:
        held = Held(handoffs_drain, at=at)
        was_held = held.is_held()
        if was_held:
            held.kill()
        assert Handoff.objects.count() in {0, 3}
        assert Suppression.objects.filter(until__isnull=True).count() in {3, 6}
        at += 1
    handoffs_drain()
    assert Handoff.objects.count() == Release.objects.get().released == 3
    at_rest()
