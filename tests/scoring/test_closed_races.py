"""Each race that a choice of the write path closes, by name: held where the mistake would bite.

`tests/mutants` plants each mistake and expects the test named after it to fail.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from itertools import count

import pytest
import time_machine

from crm.models import Activity, Work
from crm.services.activities import activity_withdraw
from crm.services.leads import lead_update
from kernel.errors import ConflictError
from scoring.models import Score
from scoring.services.publication import version_publish
from scoring.services.rescoring import work_drain
from scoring.services.runs import night_start, range_judge_next, runs_drain
from tests.scoring.holding import Held, Other, hurry
from tests.scoring.test_history import assert_adds_up
from tests.scoring.world import NOON, World, changed

LOCK_OF_LEADS = "FOR NO KEY UPDATE"
LOCK_OF_VERSIONS = "pg_advisory_xact_lock_shared"
WORK_DELETED = "DELETE FROM crm_work "


@pytest.fixture
def world(shared_world: World) -> World:
    hurry()
    return shared_world


def while_held(act: Callable[[], object], *, before: str, other: Callable[[], object]) -> bool:
    """Do `other` while `act` stands before a statement; answers whether it could do so without waiting."""
    held = Held(act=act, before=before)
    assert held.is_held(), f"There was no statement with {before!r}."
    between = Other(act=other)
    is_done = between.until_done_or_blocked()
    held.release()
    between.join()
    return is_done


def test_work_that_comes_in_while_its_lead_is_judged_stays(world: World) -> None:
    lead = world.lead()
    one_batch = partial(work_drain, max_batches=1)
    assert while_held(one_batch, before=WORK_DELETED, other=lambda: world.send(lead)), "ingest never waits for a scorer"
    assert Work.objects.filter(lead=lead.pk).exists()
    assert world.total(lead) == 10


def test_facts_are_read_after_the_lead_is_locked(world: World) -> None:
    lead = world.lead()
    world.settle()
    world.send(lead)

    def send_and_drain() -> None:
        world.send(lead)
        work_drain()

    while_held(work_drain, before=LOCK_OF_LEADS, other=send_and_drain)
    assert world.total(lead) == 20
    assert not world.differences()


def test_two_scorers_share_the_work_and_wait_for_nobody(world: World) -> None:
    first, second = world.lead(), world.lead()
    reports = []
    one_of_two = partial(work_drain, batch=1, max_batches=1)
    is_done = while_held(one_of_two, before=WORK_DELETED, other=lambda: reports.append(work_drain()))
    assert is_done, "the other scorer waited"
    assert reports[0].leads == 1
    assert world.total(first) == world.total(second) == 0


def test_the_same_message_sent_twice_at_once_counts_once(world: World) -> None:
    lead = world.lead()

    def send() -> Activity:
        return world.send(lead, message_id="once")

    # Both have looked and found no such message; the leads are pinned next, then the rows go in.
    while_held(send, before="FOR KEY SHARE", other=send)
    assert Activity.objects.filter(message_id="once").count() == 1
    assert world.total(lead) == 10


def test_a_scorer_killed_anywhere_loses_nothing_and_doubles_nothing(world: World) -> None:
    for at in count(1):
        lead = world.lead(title="CEO")
        world.settle()
        world.send(lead)
        held = Held(act=work_drain, at=at)
        if not held.is_held():
            held.release()
            break
        held.kill()
        assert world.total(lead) == 30, f"Killed before {held.statement}."
        assert_adds_up(world, lead)
    assert not world.differences()


def test_a_bulk_range_killed_anywhere_loses_nothing_and_doubles_nothing(world: World) -> None:
    lead, gone = world.lead(title="CEO"), world.lead(title="CEO")
    world.settle()
    for at in count(1):
        lead_update(lead_id=gone.pk, values={"source": "partner" if at % 2 else "web"})
        world.settle()
        world.publish(changed(points={"exec-title": 20 + at}), settle=False)
        held = Held(act=range_judge_next, at=at)
        if not held.is_held():
            held.release()
            break
        held.kill()
        assert world.total(lead) == 20 + at, f"Killed before {held.statement}."
        assert not world.differences(), f"Killed before {held.statement}."
        assert_adds_up(world, lead)


def test_bulk_never_writes_over_what_was_judged_meanwhile(world: World) -> None:
    lead = world.lead(title="CEO")
    world.settle()
    world.publish(changed(points={"exec-title": 25}), settle=False)

    def send_and_drain() -> None:
        world.send(lead)
        work_drain()

    # Bulk has read the facts and is about to write.
    while_held(range_judge_next, before="WHERE id = ANY", other=send_and_drain)
    assert world.total(lead) == 35
    assert not world.differences()
    assert_adds_up(world, lead)


def test_a_scorer_that_waited_for_bulk_sees_what_bulk_wrote(world: World) -> None:
    lead = world.lead(title="CEO")
    world.settle()
    world.publish(changed(points={"exec-title": 25}), settle=False)

    def send_and_drain() -> None:
        world.send(lead)
        work_drain()

    # Bulk has locked the row: the other scorer waits for it.
    assert not while_held(range_judge_next, before="UPDATE scoring_score", other=send_and_drain)
    assert world.total(lead) == 35
    assert not world.differences()
    assert_adds_up(world, lead)


def test_a_lead_without_a_score_cannot_leave_the_segment_under_a_bulk_run(world: World) -> None:
    lead = world.lead(source="partner")
    world.settle()
    assert world.score(lead) is None
    world.publish(changed(applies_to={"field": "lead.source", "op": "is", "value": "partner"}), settle=False)

    def leave_and_drain() -> None:
        lead_update(lead_id=lead.pk, values={"source": "reseller"})
        work_drain()

    while_held(range_judge_next, before="INSERT INTO scoring_score ", other=leave_and_drain)
    world.settle()
    assert world.score(lead) is None
    assert not world.differences()


def test_a_publication_waits_for_all_who_judge(world: World) -> None:
    lead = world.lead(title="CEO")
    world.settle()
    world.send(lead)

    def publish_and_run() -> None:
        world.publish(changed(points={"pricing-page": 0}), settle=False)
        runs_drain()

    # By the new version the lead keeps its 20 points, so bulk would leave its row alone, and the scorer is about to write
    # the 30 of the old one.
    assert not while_held(work_drain, before="UPDATE scoring_score", other=publish_and_run)
    assert world.total(lead) == 20
    assert not world.differences()


def test_a_scorer_asks_for_the_version_after_it_holds_it(world: World) -> None:
    lead = world.lead(title="CEO")
    world.settle()
    world.send(lead)

    def publish_and_run() -> None:
        world.publish(changed(points={"exec-title": 25}), settle=False)
        runs_drain()

    assert while_held(work_drain, before=LOCK_OF_VERSIONS, other=publish_and_run)
    assert world.total(lead) == 35
    assert not world.differences()


def test_a_day_does_not_begin_under_a_scorer(world: World, frozen_now: time_machine.Traveller) -> None:
    lead = world.lead()
    yesterdays = world.send(lead, occurred_at=(NOON - timedelta(days=1)).isoformat())
    assert world.total(lead) == 9
    activity_withdraw(activity_id=yesterdays.pk)
    world.send(lead)

    def begin_the_day_and_run() -> None:
        frozen_now.shift(timedelta(days=1))
        night_start()
        runs_drain()

    # Tomorrow this lead has 9 points again, so bulk would leave its row alone, and the scorer is about to write today's 10.
    assert not while_held(work_drain, before="UPDATE scoring_score", other=begin_the_day_and_run)
    assert world.total(lead) == 9
    assert not world.differences()


def test_two_runs_side_by_side_share_the_ranges(world: World) -> None:
    leads = [world.lead(title="CEO") for _ in range(3)]
    world.settle()
    world.publish(changed(points={"exec-title": 25}), settle=False)
    assert while_held(range_judge_next, before="UPDATE scoring_score", other=runs_drain)
    world.settle()
    assert set(Score.objects.filter(lead__in=[lead.pk for lead in leads]).values_list("total", "revision")) == {(25, 2)}


def test_two_publications_at_once_one_wins(world: World) -> None:
    first, second = world.draft(changed(points={"demo": 16})), world.draft(changed(points={"demo": 17}))

    def publish(version_id: int) -> Callable[[], object]:
        return lambda: version_publish(version_id=version_id, by=world.admin, reason="Race.")

    held = Held(act=publish(second.pk), before="UPDATE")
    assert held.is_held()
    other = Other(act=publish(first.pk))
    assert not other.until_done_or_blocked()
    held.release()
    with pytest.raises(ConflictError) as refused:
        other.join()
    assert refused.value.extra == {"published": second.number}
    world.model.refresh_from_db()
    assert world.model.active_version_id == second.pk
