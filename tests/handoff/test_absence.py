"""Who is away gets nothing until they are back, and whoever looks at a lead of theirs is told."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from accounts.models import Role
from handoff.models import Handoff
from handoff.services import handoffs_drain
from tests.conftest import NOW

pytestmark = pytest.mark.django_db

TODAY = NOW.date()


def test_an_absence_begins_and_ends_on_days_of_the_reps_own_zone(frozen_now, scored, person):
    # NOW is 3 March, noon in UTC and so 4 March, 01:00 in Auckland.
    rita = person(
        name="Rita", time_zone="Pacific/Auckland", absent_from=date(2026, 3, 4), absent_until=date(2026, 3, 5)
    )
    scored(70)
    handoffs_drain()
    assert Handoff.objects.get().owner is None
    frozen_now.shift(timedelta(hours=22, minutes=59))
    assert handoffs_drain().done == {}
    frozen_now.shift(timedelta(minutes=2))
    handoffs_drain()
    assert Handoff.objects.get().owner == rita


def test_until_an_absence_begins_hand_offs_are_dealt(frozen_now, scored, person):
    rita = person(absent_from=TODAY + timedelta(days=1), absent_until=TODAY + timedelta(days=9))
    scored(70)
    handoffs_drain()
    assert Handoff.objects.get().owner == rita


@pytest.mark.parametrize(("begins", "is_told"), [(-1, True), (0, True), (1, False)])
def test_the_lead_page_says_when_an_owner_who_is_away_is_back(client, frozen_now, opened, person, begins, is_told):
    rita = person(name="Rita")
    handoff = opened(70, owner=rita)
    rita.absent_from, rita.absent_until = TODAY + timedelta(days=begins), TODAY + timedelta(days=6)
    rita.save()
    client.force_login(person(Role.ADMINISTRATOR))
    page = client.get(reverse("lead-handoff", args=[handoff.lead_id])).content.decode()
    assert ("away, back on 9" in page) is is_told
