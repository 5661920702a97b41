"""Addresses typed by hand, or kept for too long, show a page or say no: never a broken one."""

import pytest
from django.urls import reverse

from accounts.models import Role
from handoff.models import Handoff
from handoff.services import handoffs_drain


@pytest.fixture
def lead(world):
    made = world.lead()
    world.send(made)
    world.settle()
    return made


@pytest.mark.parametrize("cursor", ["after.--5.3", "after.-.3", "after.5.²", "before..", "after.5.9999999999999999999"])
def test_a_cursor_that_cannot_be_read_starts_the_list_from_the_top(cursor, lead, signed_in):
    response = signed_in(Role.MARKETER).get(reverse("leads"), {"cursor": cursor})
    assert [row.lead for row in response.context["page"].rows] == [lead]


@pytest.mark.parametrize(
    "before", ["2026-13-45T00:00:00Z,1", "2026-03-03T12:00:00+00:00,²", "0001-01-01T00:00:00+14:00,1", ",", "\0,1"]
)
def test_a_place_in_the_timeline_that_cannot_be_read_breaks_nothing(before, lead, signed_in):
    response = signed_in(Role.MARKETER).get(reverse("lead-timeline", args=[lead.pk]), {"before": before})
    assert response.status_code == 200


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
@pytest.mark.parametrize("known", ["now", "then"])
@pytest.mark.parametrize("panel", ["lead-score", "lead-card", "lead-next", "lead-timeline", "lead-history"])
def test_the_ends_of_the_calendar_break_nothing(day, known, panel, lead, signed_in):
    response = signed_in(Role.MARKETER).get(reverse(panel, args=[lead.pk]), {"as_of": day, "known": known})
    assert response.status_code == 200


def test_where_htmx_came_from_may_be_nonsense(world, lead, signed_in, person):
    rep = person(Role.REP)
    world.send(lead, "demo_request")
    world.settle()
    handoffs_drain()
    handoff = Handoff.objects.get(lead=lead, owner=rep)
    headers = {"HX-Request": "true", "HX-Current-URL": "http://[nonsense"}
    response = signed_in(rep).post(reverse("handoff-accept", args=[handoff.pk]), headers=headers)
    assert response.status_code == 200
