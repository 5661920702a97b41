"""Activities of kinds nobody made known are counted on the quarantine page."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Role
from crm import queries
from crm.models import ActivityKind

QUARANTINE = reverse("admin:crm_quarantine_changelist")


@pytest.fixture
def napping(world):
    lead = world.lead()
    for _ in range(3):
        world.send(lead, "webinar_nap")
    world.send(lead)
    return lead


def unmapped(client):
    response = client.get(QUARANTINE)
    assert response.status_code == 200
    return response.context["unmapped"], response.content.decode()


def test_they_are_counted_by_kind_until_the_kind_is_made_known(napping, signed_in):
    client = signed_in(Role.MARKETER)
    counted, text = unmapped(client)
    assert counted == {"webinar_nap": 3}
    assert "<code>webinar_nap</code>: 3" in text
    ActivityKind.objects.create(key="webinar_nap", label="Nap")
    counted, text = unmapped(client)
    assert counted == {}
    assert "webinar_nap" not in text


def test_only_the_newest_are_counted_so_that_the_page_does_not_read_the_whole_table(napping, world, monkeypatch):
    monkeypatch.setattr(queries, "UNMAPPED_AMONG", 2)
    assert queries.unmapped_kinds() == {"webinar_nap": 1}


def test_the_page_asks_as_often_however_many_kinds_there_are(napping, world, signed_in):
    client = signed_in(Role.MARKETER)
    unmapped(client)
    with CaptureQueriesContext(connection) as one:
        unmapped(client)
    for number in range(20):
        world.send(napping, f"made_up_{number}")
    with CaptureQueriesContext(connection) as many:
        unmapped(client)
    assert len(one) == len(many)
