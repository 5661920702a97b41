"""From a changed score to the queue: the bell rings, the task drains, and a broker that is away stops nobody."""

import pytest
from kombu.exceptions import OperationalError

from handoff import receivers, tasks
from handoff.models import Handoff
from scoring.bell import Bell
from scoring.signals import scores_changed

pytestmark = pytest.mark.django_db


def test_changed_scores_ring_for_the_task_by_its_name(monkeypatch):
    rung = []
    monkeypatch.setattr(receivers, "_bell", Bell(send=lambda: rung.append(receivers.QUALIFY)))
    scores_changed.send_robust(sender=None, lead_ids=[1])
    assert rung == [tasks.qualify.name]


def test_a_broker_that_is_away_is_left_alone_and_the_row_stays_true(monkeypatch, scored, person):
    def gone():
        raise OperationalError("gone")

    monkeypatch.setattr(receivers, "_bell", Bell(send=gone))
    person()
    lead = scored(70)
    assert [answer for _receiver, answer in scores_changed.send_robust(sender=None, lead_ids=[lead.pk])] == [None]
    # Nobody heard it; the next one who looks finds it all the same.
    tasks.qualify()
    assert Handoff.objects.get().lead == lead
