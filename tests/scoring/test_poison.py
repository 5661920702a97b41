"""A lead that cannot be scored stops nobody: it is kept with its reason, and judged again when that is mended."""

import pytest
from django.db import OperationalError

from crm.models import Activity, Lead, Quarantine, Work
from kernel.errors import ConflictError
from scoring.engine import Facts
from scoring.services import verdicts
from scoring.services.poison import score_replay
from scoring.services.rescoring import work_drain
from scoring.services.runs import range_judge_next
from tests.scoring.world import World, changed


def poison(lead: Lead) -> Activity:
    """An activity whose properties the engine refuses: no door lets one in, an older release might have."""
    activity = Activity.objects.filter(lead=lead).earliest("pk")
    Activity.objects.filter(pk=activity.pk).update(properties=["not", "an", "object"])
    return activity


def test_a_poisoned_lead_is_quarantined_and_all_others_are_scored(world: World) -> None:
    leads = [world.lead(title="CEO") for _ in range(9)]
    bad = leads[4]
    world.send(bad)
    poison(bad)
    report = work_drain()
    assert (report.leads, report.quarantined) == (8, 1)
    assert not Work.objects.exists()
    row = Quarantine.objects.get()
    assert (row.kind, row.lead_id, row.code, row.settled_at) == ("score", bad.pk, "invalid_facts", None)
    assert row.detail.startswith("/activities/0/properties: ")
    assert [world.total(lead) for lead in leads if lead != bad] == [20] * 8
    assert world.score(bad) is None
    assert not world.differences()


def test_the_same_poison_again_keeps_one_row(world: World) -> None:
    lead = world.lead()
    world.send(lead)
    poison(lead)
    world.settle()
    world.send(lead)
    world.settle()
    assert Quarantine.objects.count() == 1


def test_a_mended_lead_is_replayed_scored_and_settled(world: World) -> None:
    lead = world.lead()
    world.send(lead)
    activity = poison(lead)
    world.settle()
    Activity.objects.filter(pk=activity.pk).update(properties={})
    row = Quarantine.objects.get()
    score_replay(quarantine_id=row.pk, by=world.admin)
    assert world.total(lead) == 10
    assert world.changes(lead)[-1].cause == "retry"
    row.refresh_from_db()
    assert row.settled_at is not None
    with pytest.raises(ConflictError):
        score_replay(quarantine_id=row.pk, by=world.admin)
    assert not world.differences()


def test_poison_in_a_bulk_run_is_left_to_be_judged_alone(world: World) -> None:
    leads = [world.lead(title="CEO") for _ in range(5)]
    world.send(leads[2])
    world.settle()
    poison(leads[2])
    world.send(leads[2])
    world.settle()
    world.publish(changed(points={"exec-title": 25}), settle=False)
    report = range_judge_next()
    assert report is not None
    assert (report.changed, report.again, report.way) == (4, 1, "read")
    world.settle()
    assert [world.total(lead) for lead in leads if lead != leads[2]] == [25] * 4
    assert Quarantine.objects.get().lead_id == leads[2].pk
    assert not world.differences()


def test_an_error_that_is_no_engines_keeps_its_type_and_not_its_text(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead = world.lead("secret@person.example")

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("secret@person.example")

    monkeypatch.setattr(verdicts, "evaluate", broken)
    work_drain()
    row = Quarantine.objects.get()
    assert (row.lead_id, row.code) == (lead.pk, "scoring_failed")
    assert "RuntimeError" in row.detail
    assert "secret" not in row.detail


def test_a_batch_that_cannot_be_written_is_tried_lead_by_lead(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    leads = [world.lead(title="CEO") for _ in range(4)]
    values = verdicts._values

    def too_large(judge: verdicts.Judge, card: object, facts: object) -> object:
        made = values(judge, card, facts)
        from dataclasses import replace

        return replace(made, total=2**80) if facts.lead_id == leads[1].pk else made

    monkeypatch.setattr(verdicts, "_values", too_large)
    report = work_drain()
    assert (report.leads, report.quarantined) == (3, 1)
    assert Quarantine.objects.get().lead_id == leads[1].pk
    assert world.score(leads[0]) is not None


def test_a_database_that_is_away_quarantines_nobody(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.lead()

    def away(*_: object, **__: object) -> Facts:
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(verdicts, "scores_write", away)
    with pytest.raises(OperationalError):
        work_drain()
    assert not Quarantine.objects.exists()
    assert Work.objects.exists()
