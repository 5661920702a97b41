"""How far a run has come: page, command and API say the same."""

import io
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import Scope
from accounts.services import api_key_create
from scoring.management.commands import runs as command
from scoring.models import Run, RunRange, Score
from scoring.run_progress import run_progress
from scoring.services import runs
from scoring.services.runs import range_judge_next, runs_drain
from tests.scoring.world import World, changed


@pytest.fixture
def half_way(world: World, monkeypatch: pytest.MonkeyPatch, frozen_now: time_machine.Traveller) -> Run:
    """A run over eight leads of which six were judged: two ten seconds ago, and four just now."""
    monkeypatch.setattr(runs, "LEAST_WIDTH", 2)
    monkeypatch.setattr(runs, "MOST_RANGES", 10**9)
    for _ in range(8):
        world.lead(title="CEO")
    world.settle()
    version = world.publish(changed(points={"exec-title": 25}), settle=False)
    run = Run.objects.get(version=version)
    while (done := run_progress(model_id=world.model.pk)) and done.done < 2:
        range_judge_next()
    frozen_now.shift(timedelta(seconds=2))
    while (done := run_progress(model_id=world.model.pk)) and done.done < 6:
        range_judge_next()
    return run


def said(*words: str) -> str:
    out = io.StringIO()
    call_command("runs", *words, stdout=out)
    return out.getvalue().strip()


def test_the_rate_and_the_time_left_follow_from_the_last_ranges(world: World, half_way: Run) -> None:
    found = run_progress(model_id=world.model.pk)
    assert found is not None
    assert (found.state, found.done, found.total, found.changed) == ("open", found.done, 8, found.done)
    assert found.rate == found.done // 2
    assert found.seconds_left == -(-(8 - found.done) // found.rate)
    assert found.ways == ["read"]
    runs_drain()
    ended = run_progress(model_id=world.model.pk)
    assert ended is not None
    assert (ended.state, ended.done, ended.percent, ended.seconds_left) == ("done", 8, 100, None)


def test_the_command_says_it_in_a_line_and_follows_it_to_the_end(
    world: World, half_way: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = said().splitlines()[-1]
    assert line.startswith(f"{world.model.slug}: ")
    assert "of 8 on v2 of 2026-03-03" in line
    assert line.endswith("left, by read: open")
    # Whoever waits does not judge: a worker does.
    monkeypatch.setattr(command.time, "sleep", lambda _seconds: runs_drain())
    lines = said("--wait", "--model", world.model.slug).splitlines()
    assert lines[0].endswith(": open")
    assert lines[-1].startswith(f"{world.model.slug}: 8 of 8 on v2 of 2026-03-03, 8 changed")
    assert lines[-1].endswith(": done")
    with pytest.raises(CommandError, match="no model nobody"):
        said("--model", "nobody")


def test_before_the_first_run_the_command_says_so(db: None) -> None:
    assert said() == "There was no run yet: publish a version."


def test_the_page_and_the_api_say_the_same(world: World, half_way: Run, client: Client) -> None:
    RunRange.objects.filter(run=half_way, done_at__isnull=False).update(way="engine")
    found = run_progress(model_id=world.model.pk)
    assert found is not None
    client.force_login(world.admin)
    page = client.get("/runs/progress/").content.decode()
    assert f"{found.done} of 8 leads on v2" in page
    assert f"{found.rate} leads a second" in page
    assert "less than a minute left" in page
    assert "Some leads are judged one by one" in page

    secret = api_key_create(name="Sync", feed="crm", scopes=[Scope.CRM_SYNC])[1]
    answer = client.get("/api/v1/runs", {"model": world.model.slug}, headers={"Authorization": f"Bearer {secret}"})
    row = answer.json()["results"][0]
    assert {name: row[name] for name in ("id", "version", "as_of", "cause", "state", "total", "ways")} == {
        "id": half_way.pk,
        "version": 2,
        "as_of": "2026-03-03",
        "cause": "version",
        "state": "open",
        "total": 8,
        "ways": ["engine"],
    }
    assert (row["done"], row["rate"], row["seconds_left"]) == (found.done, found.rate, found.seconds_left)


def test_bulk_finds_what_was_changed_behind_its_back(world: World, tmp_path: Path) -> None:
    leads = [world.lead(title="CEO") for _ in range(3)]
    world.settle()
    out = io.StringIO()
    call_command("check_scores", "--bulk", stdout=out)
    assert out.getvalue() == (
        "3 leads and 3 scores looked at; not compared: 0 that wait to be judged, 0 in quarantine.\nNo difference.\n"
    )
    Score.objects.filter(lead=leads[0].pk).update(total=21)
    Score.objects.filter(lead=leads[1].pk).delete()
    errors = io.StringIO()
    with pytest.raises(CommandError, match="2 differences"):
        call_command("check_scores", "--bulk", stdout=io.StringIO(), stderr=errors)
    assert "total is 21, bulk says 20" in errors.getvalue()
    assert f"lead {leads[1].pk}, model {world.model.slug}: missing" in errors.getvalue()


def test_parts_look_at_all_between_them(world: World) -> None:
    leads = [world.lead(title="CEO") for _ in range(5)]
    world.settle()
    Score.objects.filter(lead=leads[0].pk).update(total=21)
    found = []
    for part in ("1/2", "2/2"):
        try:
            out = io.StringIO()
            call_command("check_scores", "--all", "--part", part, stdout=out, stderr=io.StringIO())
            found.append("right")
        except CommandError:
            found.append("wrong")
    assert sorted(found) == ["right", "wrong"]
    with pytest.raises(CommandError, match="3/2 is no part"):
        call_command("check_scores", "--all", "--part", "3/2", stdout=io.StringIO())
