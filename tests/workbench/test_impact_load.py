"""The queue beside a matrix: who would get how many hand-offs, against what they can work."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Role, User
from crm.models import Company, Lead
from handoff.models import Handoff, Suppression
from handoff.services import load
from handoff.services.load import RepLoad, queue_load
from kernel.slots import panels
from scoring import bell
from scoring.models import MatrixVersion
from scoring.preview import population
from tests.preview.conftest import new_process
from tests.scoring.conftest import world
from tests.scoring.world import NOON, World, changed

__all__ = ["new_process", "world"]

HOSTILE = "<script>x</script>"
WARMER = changed(points={"germany": 45})


def owned(world: World, owner: User | None, company: Company | None = None) -> Lead:
    lead = world.lead(country="DE")
    Lead.objects.filter(pk=lead.pk).update(owner=owner, company=company)
    return lead


def opened(world: World, lead: Lead, owner: User | None, **fields: Any) -> Handoff:
    version = MatrixVersion.objects.get(model=world.model, state="published")
    return Handoff.objects.create(
        lead=lead,
        model=world.model,
        version=version,
        owner=owner,
        sla_due_at=NOON,
        total=1,
        opened_total=1,
        opened_rating="C4",
        opened_stage="mql",
        **fields,
    )


def of(rep: User, **changed_parts: Any) -> RepLoad:
    plain = {
        "name": rep.name,
        "team": str(rep.team),
        "capacity": rep.weekly_capacity,
        "is_absent": False,
        "absent_until": None,
        "waiting": 0,
        "opening": 0,
    }
    return RepLoad(**{**plain, **changed_parts})


def test_leads_go_to_their_owner_then_the_companys_then_to_routing(world: World, person: Callable[..., User]) -> None:
    ada, bob = person(Role.REP, name="Ada"), person(Role.REP, name="Bob")
    away = person(Role.REP, name="Cid", absent_until=date(2026, 3, 20))
    theirs = Company.objects.create(name="Theirs", domain="theirs.example", owner=bob)
    leads = [
        owned(world, ada),
        owned(world, ada, theirs),
        owned(world, None, theirs),
        owned(world, away, theirs),
        owned(world, away),
        owned(world, None),
        owned(world, world.admin),
    ]
    found = queue_load([lead.pk for lead in leads])
    assert list(found.reps) == [
        of(ada, opening=2),
        of(bob, opening=2),
        of(away, is_absent=True, absent_until=date(2026, 3, 20)),
    ]
    assert (found.routed, found.opening, found.capacity) == (3, 7, ada.weekly_capacity + bob.weekly_capacity)


def test_who_is_in_the_queue_or_held_back_opens_none(world: World, person: Callable[..., User]) -> None:
    rep = person(Role.REP, name="Ada")
    there, held, done, accepted, new = (owned(world, rep) for _ in range(5))
    opened(world, there, rep)
    opened(world, done, rep, state="rejected", closed_at=NOON)
    opened(world, accepted, rep, state="accepted")
    opened(world, owned(world, None), None)
    Suppression.objects.create(lead=held, reason=Suppression.Reason.DECIDED)
    found = queue_load([lead.pk for lead in (there, held, done, accepted, new)])
    assert list(found.reps) == [of(rep, waiting=1, opening=2)]
    assert (found.unowned, found.routed) == (1, 0)


def test_more_than_a_week_brings_is_marked(world: World, person: Callable[..., User]) -> None:
    rep = person(Role.REP, name="Ada", weekly_capacity=2)
    leads = [owned(world, rep) for _ in range(3)]
    assert not queue_load([lead.pk for lead in leads[:2]]).reps[0].is_over
    assert queue_load([lead.pk for lead in leads]).reps[0].is_over


def test_of_very_many_leads_the_first_are_shared_out(
    world: World, person: Callable[..., User], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load, "MOST", 2)
    rep = person(Role.REP)
    found = queue_load([owned(world, rep).pk for _ in range(3)])
    assert (found.opening, found.asked, found.is_part) == (2, 2, True)


def test_queries_do_not_grow(world: World, person: Callable[..., User]) -> None:
    def asked(lead_ids: list[int]) -> int:
        with CaptureQueriesContext(connection) as found:
            queue_load(lead_ids)
        return len(found)

    few = asked([owned(world, person(Role.REP)).pk])
    assert asked([owned(world, person(Role.REP)).pk for _ in range(5)]) == few == 3


def test_the_panel_stands_beside_the_matrix_for_whom_may_read_it(world: World, person: Callable[..., User]) -> None:
    assert "workbench-load" in [panel.url_name for panel in panels("workbench.impact")]
    rep = person(Role.REP, name=HOSTILE)
    owned(world, rep)
    world.settle()
    url = reverse("workbench-load", args=[world.draft(WARMER).pk])
    for role, status in ((Role.REP, 404), (Role.SALES_MANAGER, 200), (Role.AUDITOR, 200), (Role.MARKETER, 200)):
        client = Client()
        client.force_login(person(role))
        answer = client.get(url)
        assert answer.status_code == status
    html = answer.content.decode()
    assert re.search(r">1</strong>\s+hand-off would open", html)
    assert HOSTILE not in html
    assert "every 2s" not in html


def test_the_panel_waits_for_the_figures(
    world: World, person: Callable[..., User], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(population, "MOST_READ", 0)
    monkeypatch.setattr(bell, "_columns", bell.Bell(send=lambda: None))
    world.lead()
    client = Client()
    client.force_login(person(Role.MARKETER))
    html = client.get(reverse("workbench-load", args=[world.draft(WARMER).pk])).content.decode()
    assert "every 2s" in html
