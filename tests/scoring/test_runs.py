"""Bulk runs: resumable, overtaken by the next, and never writing over what was judged meanwhile."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
import time_machine
from django.db import connection

from crm.models import Lead, Work
from scoring.models import Run, RunRange, Score, ScoredRange
from scoring.run_progress import run_progress
from scoring.services import range_judging, runs
from scoring.services.rescoring import work_drain
from scoring.services.runs import night_start, range_judge_next, runs_drain
from scoring.services.score_columns import StoredScores
from tests.scoring.world import World, changed


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ranges of two ids, so that a handful of leads fills several, however high the sequence of ids has risen."""
    monkeypatch.setattr(runs, "LEAST_WIDTH", 2)
    monkeypatch.setattr(runs, "MOST_RANGES", 10**9)


def seven_leads(world: World) -> list[Lead]:
    leads = [world.lead(title="CEO") for _ in range(7)]
    world.settle()
    return leads


def test_an_equal_score_is_not_rewritten_and_its_range_speaks_for_it(world: World) -> None:
    lead = world.lead(title="Clerk")
    world.settle()
    before = world.score(lead)
    second = world.publish(changed(points={"exec-title": 25}))
    after = world.score(lead)
    assert before is not None
    assert after is not None
    assert (after.revision, after.version_id) == (before.revision, before.version_id)
    spoken = ScoredRange.objects.get(model=world.model, lead_from__lte=lead.pk, lead_to__gte=lead.pk)
    assert spoken.version_id == second.pk
    assert not world.differences()


def test_the_event_path_writes_the_rows_own_version_and_day_even_where_the_score_is_equal(world: World) -> None:
    lead = world.lead(title="Clerk")
    world.settle()
    second = world.publish(changed(points={"exec-title": 25}))
    world.send(lead, "chat")
    world.settle()
    score = world.score(lead)
    assert score is not None
    assert (score.version_id, score.revision) == (second.pk, 2)


@pytest.mark.usefixtures("narrow")
def test_a_killed_run_goes_on_where_it_was(world: World) -> None:
    leads = seven_leads(world)
    second = world.publish(changed(points={"exec-title": 25}), settle=False)
    assert runs_drain(max_ranges=2) == 2
    run = Run.objects.get(version=second)
    assert run.finished_at is None
    progress = run_progress(model_id=world.model.pk)
    assert progress is not None
    assert 0 < progress.done < progress.total == 7
    half = Score.objects.filter(total=25).count()
    assert 0 < half < 7
    world.settle()
    run.refresh_from_db()
    assert run.finished_at is not None
    assert not run.is_superseded
    assert [world.total(lead) for lead in leads] == [25] * 7
    assert not world.differences()


@pytest.mark.usefixtures("narrow")
def test_a_range_that_fails_half_way_is_judged_whole_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    leads = seven_leads(world)
    world.publish(changed(points={"exec-title": 25}), settle=False)
    speak_for = runs._speak_for

    def killed(_range: RunRange) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(runs, "_speak_for", killed)
    with pytest.raises(KeyboardInterrupt):
        range_judge_next()
    assert not Score.objects.filter(total=25).exists(), "what was not finished was not written"
    monkeypatch.setattr(runs, "_speak_for", speak_for)
    world.settle()
    assert [world.total(lead) for lead in leads] == [25] * 7


@pytest.mark.usefixtures("narrow")
def test_a_newer_publication_stops_the_run_before_it(world: World) -> None:
    leads = seven_leads(world)
    second = world.publish(changed(points={"exec-title": 25}), settle=False)
    runs_drain(max_ranges=1)
    third = world.publish(changed(points={"exec-title": 26}), settle=False)
    overtaken = Run.objects.get(version=second)
    assert overtaken.is_superseded
    assert overtaken.finished_at is not None
    world.settle()
    assert RunRange.objects.filter(run=overtaken, done_at=None).exists()
    assert not RunRange.objects.filter(run__version=third, done_at=None).exists()
    assert [world.total(lead) for lead in leads] == [26] * 7
    assert not world.differences()


def test_a_score_judged_since_the_snapshot_is_left_alone_and_judged_again_singly(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead = world.lead(title="CEO")
    world.settle()
    world.publish(changed(points={"exec-title": 25}), settle=False)
    snapshot = range_judging.stored_scores

    def then_an_event_is_judged(**asked: Any) -> StoredScores:
        found = snapshot(**asked)
        world.send(lead)
        work_drain()
        return found

    monkeypatch.setattr(range_judging, "stored_scores", then_an_event_is_judged)
    report = range_judge_next()
    assert report is not None
    assert (report.changed, report.again) == (0, 1)
    assert list(Work.objects.values_list("lead_id", "cause")) == [(lead.pk, "version")]
    assert world.total(lead) == 35
    assert not world.differences()


def test_a_score_that_appears_during_a_run_is_not_doubled(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    lead = world.lead(title="CEO")
    world.publish(changed(points={"exec-title": 25}), settle=False)
    snapshot = range_judging.stored_scores

    def then_an_event_is_judged(**asked: Any) -> StoredScores:
        found = snapshot(**asked)
        work_drain()
        return found

    monkeypatch.setattr(range_judging, "stored_scores", then_an_event_is_judged)
    range_judge_next()
    assert world.total(lead) == 25
    assert Score.objects.filter(lead=lead.pk).count() == 1
    assert len(world.changes(lead)) == 1
    assert not world.differences()


def test_bulk_takes_away_scores_to_which_the_new_version_does_not_apply(world: World) -> None:
    lead = world.lead(title="CEO")
    world.settle()
    world.publish(changed(applies_to={"field": "lead.seniority", "op": "is", "value": "vp"}))
    assert world.score(lead) is None
    last = world.changes(lead)[-1]
    assert (last.cause, last.after) == ("version", None)
    world.publish(changed())
    assert world.total(lead) == 20
    assert not world.differences()


def test_a_day_begins_once_and_after_days_of_rest_only_today(world: World, frozen_now: time_machine.Traveller) -> None:
    assert night_start() == 0
    frozen_now.shift(timedelta(days=5))
    assert night_start() == 1
    assert night_start() == 0
    run = Run.objects.order_by("-pk")[0]
    assert (run.cause, run.as_of.isoformat()) == ("day", "2026-03-08")


def test_a_day_begins_in_the_time_zone_of_each_model(world: World, frozen_now: time_machine.Traveller) -> None:
    other = World()
    other.publish(changed(timezone="Pacific/Auckland"))
    frozen_now.move_to("2026-03-04T10:59:00+00:00")
    assert night_start() == 1, "in Auckland it was already the 4th when its run began"
    frozen_now.move_to("2026-03-04T11:01:00+00:00")
    assert night_start() == 1
    assert Run.objects.order_by("-pk")[0].model_id == other.model.pk


def test_a_clock_that_runs_behind_never_judges_by_an_older_day(
    world: World, frozen_now: time_machine.Traveller
) -> None:
    lead = world.lead()
    frozen_now.shift(timedelta(days=1))
    night_start()
    world.settle()
    frozen_now.shift(timedelta(days=-1))
    world.send(lead)
    world.settle()
    score = world.score(lead)
    assert score is not None
    assert score.as_of.isoformat() == "2026-03-04"
    assert not world.differences()


def test_ranges_never_overlap_however_the_population_grows(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "LEAST_WIDTH", 2)
    monkeypatch.setattr(runs, "MOST_RANGES", 4)
    for grows in (3, 9, 30):
        for _ in range(grows):
            world.lead(title="CEO")
        world.publish(changed())
        spoken = list(ScoredRange.objects.filter(model=world.model).values_list("lead_from", "lead_to"))
        assert all(end < start for (_begin, end), (start, _end) in pairwise(spoken))
        with connection.cursor() as cursor:
            cursor.execute("SELECT max(n) FROM (SELECT count(*) n FROM scoring_runrange GROUP BY run_id) each")
            assert cursor.fetchone()[0] <= 4
    assert not world.differences()
