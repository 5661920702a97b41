"""Without a broker everything still happens: whatever the clock of Celery rings for, the sweeper does too."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from crm.models import Activity, DuplicateSweep, Import, PossibleDuplicate
from crm.services.activities import activities_record
from crm.services.imports_kept import UPLOADS_KEPT
from crm.services.leads import lead_upsert
from leadscore.management.commands.sweep import steps
from leadscore.sweeper import Sweeper

# What rings, and the steps that do the same.
STEPS = {
    "wake": {"night", "work", "runs"},
    "qualify": {"hand-offs"},
    "publish planned": {"planned publications", "reviews"},
    "shadows": {"shadows"},
    "baselines": {"baselines"},
    "imports": {"imports"},
    "forget imports": {"old imports"},
    "find duplicates": {"duplicates"},
    "look for machines": {"machines"},
    "forget visitors": {"visitors"},
    "send notifications": {"mails"},
    "columns": {"columns"},
    "forget answers": {"answers"},
}


def test_every_bell_of_the_clock_has_its_steps():
    assert set(settings.CELERY_BEAT_SCHEDULE) == set(STEPS)
    assert set().union(*STEPS.values()) <= {step.name for step in steps()}


@pytest.mark.django_db
def test_one_sweep_looks_for_duplicates_and_forgets_what_is_old(monkeypatch):
    # The connection is the test's.
    monkeypatch.setattr("leadscore.sweeper.close_old_connections", lambda: None)
    for number in range(2):
        lead_upsert(feed="crm", values={"external_id": f"{number}", "phone": "+48600100200"})
    old = {"message_id": "m1", "kind": "page_view", "visitor": "v1", "occurred_at": "2026-03-01T10:00:00Z"}
    activities_record(feed="web", items=[old])
    Activity.objects.update(received_at=timezone.now() - timedelta(days=91))
    left = Import.objects.create(file_name="left.csv", feed="left", size=1)
    Import.objects.update(updated_at=timezone.now() - UPLOADS_KEPT - timedelta(hours=1))

    call_command("sweep", once=True)

    left.refresh_from_db()
    assert PossibleDuplicate.objects.get().reason == "phone"
    assert DuplicateSweep.objects.get().finished_at
    assert not Activity.objects.exists()
    assert left.state == Import.State.STOPPED


@pytest.mark.django_db
def test_a_step_that_fails_stops_no_other(monkeypatch):
    monkeypatch.setattr("leadscore.sweeper.close_old_connections", lambda: None)
    asked = []
    every = steps()
    object.__setattr__(every[0], "work", lambda: 1 / 0)
    for step in every[1:]:
        object.__setattr__(step, "work", lambda name=step.name: asked.append(name) or 0)
    assert Sweeper(steps=every).turn() == 0
    assert asked == [step.name for step in every[1:]]
