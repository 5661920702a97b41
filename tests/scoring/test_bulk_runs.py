"""Runs from the column file: the same scores as the engine's, whoever gets in between."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.models import Import, Lead, Work
from crm.services.erasure import lead_erase
from crm.services.leads import lead_update, leads_upsert_many
from crm.services.merging import leads_merge
from scoring.columns.generations import generation_refresh
from scoring.models import Run, RunRange, Score, ScoreChange, ScoreDistribution, ScoredRange
from scoring.presets import preset_document
from scoring.queries import score_card
from scoring.services import range_judging, run_columns, runs
from scoring.services.rescoring import work_drain
from scoring.services.runs import night_start, range_judge_next, runs_drain
from scoring.services.verdicts import SAID_FIGURES, judges_now
from tests.scoring.test_history import assert_adds_up
from tests.scoring.world import MATRIX, NOON, World, changed


@pytest.fixture(autouse=True)
def filed(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every run has a column file, however few leads there are."""
    settings.COLUMNS_DIR = tmp_path
    monkeypatch.setattr(run_columns, "FILE_FROM", 0)
    monkeypatch.setattr(run_columns, "_made", {})


def stage_of_the_file(world: World) -> None:
    """A file of how things stand, before what the test then does."""
    world.settle()
    generation_refresh()


def varied(world: World, count: int = 40) -> list[Lead]:
    titles = ("CEO", "VP Sales", "Clerk", "Consultant", "")
    sources = ("web", "partner", "", "event")
    leads = [
        world.lead(title=titles[n % 5], country=("DE", "PL", "")[n % 3], source=sources[n % 4]) for n in range(count)
    ]
    kinds = ("page_view", "demo_request", "chat", "email_click", "download")
    for number, lead in enumerate(leads):
        for nth in range(number % 7):
            world.send(
                lead,
                kinds[(number + nth) % 5],
                occurred_at=(NOON - timedelta(days=(number * nth) % 90, minutes=nth)).isoformat(),
            )
    return leads


def test_a_publication_a_night_and_a_change_of_segment_say_what_the_engine_says(
    world: World, frozen_now: time_machine.Traveller
) -> None:
    leads = varied(world)
    world.settle()
    world.publish(changed(points={"exec-title": 25, "demo": 40}))
    assert not world.differences()
    frozen_now.shift(timedelta(days=9))
    night_start()
    world.settle()
    assert not world.differences()
    world.publish(changed(applies_to={"field": "lead.source", "op": "is", "value": "partner"}))
    assert Score.objects.count() == 10
    assert not world.differences()
    for name in ("b2b_saas", "b2b_enterprise", "education"):
        world.publish(preset_document(name))
        assert not world.differences(), name
    for lead in leads:
        assert_adds_up(world, lead)
    assert set(RunRange.objects.values_list("way", flat=True)) == {"file"}


def test_what_was_touched_since_the_file_is_read_afresh(world: World) -> None:
    leads = varied(world, 12)
    stage_of_the_file(world)
    world.send(leads[0], "demo_request")
    lead_update(lead_id=leads[1].pk, values={"title": "CEO", "source": "web"})
    leads_merge(survivor_id=leads[2].pk, merged_id=leads[3].pk)
    lead_update(lead_id=leads[5].pk, values={"source": "web"})
    lead_erase(lead_id=leads[4].pk)
    new = world.lead(title="CEO")
    work_drain()
    version = world.publish(changed(points={"exec-title": 25}), settle=False)
    # No newer file: the one that was made before all this must do.
    with pytest.MonkeyPatch.context() as kept:
        kept.setattr(run_columns, "_make", lambda _run: None)
        while runs_drain():
            pass
    assert set(RunRange.objects.filter(run__version=version).values_list("way", flat=True)) == {"file"}
    assert not Work.objects.exists()
    assert world.total(new) == 25
    assert world.score(leads[3]) is None
    assert not world.differences()


def test_what_still_waits_is_read_afresh_too(world: World) -> None:
    lead, other = world.lead(title="CEO"), world.lead(title="CEO")
    stage_of_the_file(world)
    world.publish(changed(points={"exec-title": 25}), settle=False)
    world.send(lead)
    range_judge_next()
    totals = dict(Score.objects.values_list("lead_id", "total"))
    assert totals == {lead.pk: 35, other.pk: 25}
    assert Work.objects.filter(lead=lead.pk).exists()
    world.settle()
    assert [change.after["total"] for change in world.changes(lead)] == [20, 35]


def test_a_change_made_in_bulk_reads_as_one_made_by_the_engine(
    world: World, frozen_now: time_machine.Traveller
) -> None:
    leads = varied(world, 20)
    world.settle()
    frozen_now.shift(timedelta(days=1))
    night_start()
    world.settle()
    frozen_now.shift(timedelta(days=1))
    version = world.publish(changed(points={"exec-title": 60}))
    found = ScoreChange.objects.filter(version=version).order_by("lead_id")
    assert found
    for change in found:
        before = ScoreChange.objects.filter(lead=change.lead_id, pk__lt=change.pk).order_by("pk").last()
        assert before is not None
        assert set(change.before) == set(change.after) == {*SAID_FIGURES, "version", "as_of"}
        assert {name: change.before[name] for name in SAID_FIGURES} == {
            name: before.after[name] for name in SAID_FIGURES
        }
        score = Score.objects.get(lead=change.lead_id)
        assert {name: change.after[name] for name in SAID_FIGURES} == {
            name: getattr(score, name) for name in SAID_FIGURES
        }
        assert (change.before["version"], change.before["as_of"]) == (1, "2026-03-04"), "as its range says, not its row"
        assert (change.after["version"], change.after["as_of"]) == (2, "2026-03-05")
        assert (change.cause, change.causes, change.card, change.imported_by_id) == ("version", ["version"], None, None)
        asked = score_card(
            lead_id=change.lead_id,
            model_id=world.model.pk,
            version=change.after["version"],
            as_of=date.fromisoformat(change.after["as_of"]),
            known_at=change.changed_at,
        )
        assert (asked["total"], asked["stage"]) == (change.after["total"], change.after["stage"] or None)
        moved = change.before["stage"] != change.after["stage"]
        assert change.is_crossing == (moved or change.before["is_qualified"] != change.after["is_qualified"])
    assert {change.is_crossing for change in found} == {True, False}
    assert {lead.pk for lead in leads} > {change.lead_id for change in found}


def test_new_scores_copy_what_lists_filter_by(world: World) -> None:
    lead = world.lead(title="CEO", source="partner", country="DE", company={"name": "Mill", "industry": "Steel"})
    Lead.objects.filter(pk=lead.pk).update(owner=world.admin)
    world.settle()
    assert world.score(lead) is None
    world.publish(changed(applies_to={}))
    score = world.score(lead)
    assert score is not None
    assert (score.owner_id, score.country, score.industry) == (world.admin.pk, "DE", "Steel")
    (change,) = world.changes(lead)
    assert (change.before, change.cause, change.is_crossing) == (None, "version", True)


def test_an_import_that_waits_keeps_its_card_and_its_name(world: World, frozen_now: time_machine.Traveller) -> None:
    stage_of_the_file(world)
    brought = Import.objects.create(feed="file", file_name="leads.csv", size=1, digest="0", created_by=world.admin)
    items = [{"email": f"p{number}@buyer.example", "title": "VP Sales"} for number in range(4)]
    leads_upsert_many(feed="file", items=items, import_id=brought.pk)
    frozen_now.shift(timedelta(days=1))
    night_start()
    with pytest.MonkeyPatch.context() as few:
        few.setattr(range_judging, "IMPORTED_MOST", 2)
        runs_drain()
    assert ScoreChange.objects.count() == 2, "the others are left to their work, which waits"
    world.settle()
    changes = ScoreChange.objects.all()
    assert {change.imported_by_id for change in changes} == {brought.pk}
    assert all(change.card["ledger"] for change in changes)
    assert not world.differences()


def test_the_totals_are_counted_when_a_run_ends(world: World) -> None:
    for title in ("CEO", "Clerk", "CEO"):
        world.lead(title=title)
    world.settle()
    world.publish(changed(points={"exec-title": 25}))
    kept = ScoreDistribution.objects.get(model=world.model)
    assert (kept.totals, kept.below, kept.leads) == ([0, 25], [0, 1], 3)


@pytest.mark.usefixtures("engine_may_judge")
def test_what_bulk_cannot_judge_the_engine_judges_and_the_range_says_so(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    lead = world.lead(title="CEO")
    world.settle()

    def overflowing(*_: object, **__: object) -> None:
        raise OverflowError("Too many points.")

    monkeypatch.setattr(range_judging, "judged_of_file", overflowing)
    world.publish(changed(points={"exec-title": 25}))
    assert RunRange.objects.filter(run__version__number=2).get().way == "engine"
    assert "could not be judged in bulk" in caplog.text
    assert world.total(lead) == 25
    assert not world.differences()


def test_without_room_for_a_file_the_ranges_are_read(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    lead = world.lead(title="CEO")
    world.settle()

    def full() -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(run_columns, "generation_refresh", full)
    version = world.publish(changed(points={"exec-title": 25}))
    assert RunRange.objects.get(run__version=version).way == "read"
    assert "No column file could be made" in caplog.text
    assert world.total(lead) == 25


def test_while_another_process_makes_the_file_events_are_judged(world: World) -> None:
    world.lead(title="CEO")
    work_drain()
    world.publish(changed(points={"exec-title": 25}), settle=False)
    with run_columns.locked(run_columns.database_folder() / "run.lock"):
        assert range_judge_next() is None
        lead = world.lead(title="CEO")
        assert work_drain().leads == 1
    assert range_judge_next() is not None
    assert world.total(lead) == 25


def test_after_days_without_power_one_run_brings_everything_up(
    world: World, frozen_now: time_machine.Traveller
) -> None:
    far = World()
    far.publish(changed(timezone="Pacific/Auckland"))
    near = World()
    near.publish(changed(timezone="America/Los_Angeles"))
    leads = varied(world)
    world.settle()
    before = Run.objects.count()
    frozen_now.shift(timedelta(days=3))
    assert night_start() == 3
    world.settle()
    days = {run.model_id: run.as_of.isoformat() for run in Run.objects.order_by("pk")[before:]}
    assert days == {world.model.pk: "2026-03-06", far.model.pk: "2026-03-07", near.model.pk: "2026-03-06"}
    assert not world.differences()
    for each in (world, far, near):
        for lead in leads:
            assert_adds_up(each, lead)


def test_a_run_overtaken_half_way_leaves_nothing_mixed(
    world: World, monkeypatch: pytest.MonkeyPatch, frozen_now: time_machine.Traveller
) -> None:
    monkeypatch.setattr(runs, "LEAST_WIDTH", 2)
    monkeypatch.setattr(runs, "MOST_RANGES", 10**9)
    leads = varied(world, 16)
    world.settle()
    frozen_now.shift(timedelta(days=2))
    night_start()
    assert runs_drain(max_ranges=3) == 3
    world.publish(changed(points={"exec-title": 25}), settle=False)
    assert runs_drain(max_ranges=3) == 3
    assert not world.differences(), "each score is right by the version and day it stands for"
    frozen_now.shift(timedelta(days=1))
    night_start()
    world.settle()
    assert not world.differences()
    assert set(ScoredRange.objects.values_list("version__number", "as_of")) == {(2, NOON.date() + timedelta(days=3))}
    for lead in leads:
        assert_adds_up(world, lead)


def test_the_numbers_of_the_stored_come_as_they_are(world: World) -> None:
    leads = varied(world, 10)
    world.settle()
    judge = next(each for each in judges_now() if each.model_id == world.model.pk)
    stored = range_judging.stored_scores(judge=judge, lead_from=0, lead_to=max(lead.pk for lead in leads))
    rows = list(Score.objects.order_by("lead_id"))
    assert stored.lead_ids.tolist() == [row.lead_id for row in rows]
    assert stored.figures.total.tolist() == [row.total for row in rows]
    keys = [stage["key"] for stage in MATRIX["stages"]]
    assert stored.figures.stage.tolist() == [keys.index(row.stage) for row in rows]
    assert stored.figures.grade.tolist() == ["ABCDF".index(row.grade) for row in rows]
    assert np.array_equal(stored.figures.flags & 1, [row.is_qualified for row in rows])
    assert set(stored.as_of.tolist()) == {NOON.date().toordinal()}


def test_a_range_of_the_file_asks_as_often_for_many_leads_as_for_few(world: World) -> None:
    def asked(points: int) -> int:
        world.settle()
        world.publish(changed(points={"exec-title": points}), settle=False)
        generation_refresh()
        with CaptureQueriesContext(connection) as queries:
            assert range_judge_next() is not None
        return len(queries)

    varied(world, 5)
    asked(30)
    few = asked(31)
    varied(world, 40)
    asked(32)
    assert asked(33) == few


def test_after_the_first_large_run_postgresql_knows_how_many_scores_there_are(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "ANALYZED_FROM", 10)
    tables = ("scoring_score", "scoring_scorechange")
    varied(world)
    work_drain()
    counted = "SELECT relname, reltuples FROM pg_class WHERE relname = ANY(%s)"
    with connection.cursor() as cursor:
        cursor.execute("UPDATE pg_class SET reltuples = -1 WHERE relname = ANY(%s)", [list(tables)])
        world.publish(changed(points={"exec-title": 25, "demo": 40}))
        cursor.execute(counted, [list(tables)])
        found = dict(cursor.fetchall())
        assert found == {"scoring_score": Score.objects.count(), "scoring_scorechange": ScoreChange.objects.count()}
