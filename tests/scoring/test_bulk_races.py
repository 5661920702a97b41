"""Races of runs from the column file: somebody gets in between reading, locking and writing."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from django.db import connection

from crm.models import Lead
from crm.services.erasure import lead_erase
from crm.services.leads import lead_update
from scoring.columns.generations import Generation, generation_refresh
from scoring.models import Score, ScoreChange
from scoring.services import range_judging
from scoring.services.rescoring import work_drain
from scoring.services.runs import range_judge_next
from tests.scoring.holding import Other, hurry
from tests.scoring.test_bulk_runs import filed
from tests.scoring.test_closed_races import while_held
from tests.scoring.test_history import assert_adds_up
from tests.scoring.world import World, changed

__all__ = ["filed"]


@pytest.fixture
def racing(shared_world: World) -> World:
    hurry()
    return shared_world


def refresh_exactly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bring the file up, and let it speak for all that is touched by now.

    Transactions of other databases on the same server keep it from saying so by itself.
    """
    generation_refresh()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
        (since,) = cursor.fetchone()
    current = range_judging.generation_current

    def exact() -> Generation | None:
        found = current()
        return found and replace(found, since_xid=max(found.since_xid, since))

    monkeypatch.setattr(range_judging, "generation_current", exact)


# Races, with everything committed. "Read" and "written" are those of the range under judgement.


def send_and_drain(world: World, lead: Lead) -> None:
    world.send(lead)
    work_drain()


def at_the_touches(act: Callable[[], object], *, nth: int, other: Callable[[], object]) -> None:
    """Do `other`, on a connection of its own, right before touches are looked at for the nth time."""
    looked = range_judging.leads_touched
    seen = 0

    def then_look(*given: Any, **named: Any) -> Any:
        nonlocal seen
        seen += 1
        if seen == nth:
            between = Other(act=other)
            assert between.until_done_or_blocked()
            between.join()
        return looked(*given, **named)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(range_judging, "leads_touched", then_look)
        act()
    assert seen >= nth


def test_what_is_judged_between_revisions_and_touches_is_not_written_over(racing: World) -> None:
    lead = racing.lead(title="CEO")
    racing.settle()
    racing.publish(changed(points={"exec-title": 25}), settle=False)
    generation_refresh()
    at_the_touches(range_judge_next, nth=1, other=partial(send_and_drain, racing, lead))
    assert racing.total(lead) == 35
    assert not racing.differences()
    assert_adds_up(racing, lead)


@pytest.mark.parametrize("before", ["WHERE id = ANY", "UPDATE scoring_score"])
def test_what_is_judged_before_the_write_is_not_written_over(racing: World, before: str) -> None:
    lead = racing.lead(title="CEO")
    racing.settle()
    racing.publish(changed(points={"exec-title": 25}), settle=False)
    while_held(range_judge_next, before=before, other=partial(send_and_drain, racing, lead))
    assert racing.total(lead) == 35
    assert not racing.differences()
    assert_adds_up(racing, lead)


def leave(world: World, lead: Lead) -> None:
    lead_update(lead_id=lead.pk, values={"source": "reseller"})
    work_drain()


@pytest.mark.parametrize("before", ["FOR NO KEY UPDATE", "INSERT INTO scoring_score "])
def test_a_lead_that_leaves_the_segment_before_it_is_locked_or_written_gets_no_score(
    racing: World, before: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead = racing.lead(source="partner")
    racing.settle()
    assert racing.score(lead) is None
    racing.publish(changed(applies_to={"field": "lead.source", "op": "is", "value": "partner"}), settle=False)
    refresh_exactly(monkeypatch)
    while_held(range_judge_next, before=before, other=partial(leave, racing, lead))
    racing.settle()
    assert racing.score(lead) is None
    assert not racing.differences()


@pytest.mark.parametrize("before", ["FOR NO KEY UPDATE", "UPDATE scoring_score", "INSERT INTO scoring_score "])
def test_a_lead_erased_in_the_middle_stays_erased(racing: World, before: str) -> None:
    scored, unscored = racing.lead(title="CEO"), racing.lead(title="CEO", source="partner")
    stays = racing.lead(title="CEO")
    racing.settle()
    racing.publish(changed(applies_to={}, points={"exec-title": 25}), settle=False)
    generation_refresh()
    gone = unscored if before.startswith("INSERT") else scored
    while_held(range_judge_next, before=before, other=partial(lead_erase, lead_id=gone.pk))
    racing.settle()
    assert not Score.objects.filter(lead_id=gone.pk).exists()
    assert not ScoreChange.objects.filter(lead_id=gone.pk).exists()
    assert racing.total(stays) == 25
    assert not racing.differences()
