"""Pages of the list by keyset: each lead once, whatever ties, and whatever changes in between."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Role
from crm.models import Lead
from scoring.models import Score
from scoring.ranking import LeadFilters, leads_ranked


def walked(user, model, size, *, between=lambda page: None):
    seen, cursor = [], ""
    while True:
        page = leads_ranked(user=user, model=model, cursor=cursor, size=size)
        seen.append([row.lead.pk for row in page.rows])
        between(len(seen))
        if not page.next_cursor:
            return seen, page
        cursor = page.next_cursor


@pytest.fixture
def many(world, person):
    """Nine leads with totals in ties, and three without a score."""
    leads = [world.lead(first_name=f"L{number}") for number in range(12)]
    world.settle()
    Score.objects.filter(lead__in=leads[9:]).delete()
    return leads, person(Role.MARKETER), world.model


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(totals=st.lists(st.integers(-2, 2), min_size=9, max_size=9), size=st.integers(1, 13))
def test_pages_show_each_lead_once_in_order_and_back_again(many, totals, size):
    leads, user, model = many
    for lead, total in zip(leads, totals, strict=False):
        Score.objects.filter(lead=lead).update(total=total)
    ranked = sorted(zip(totals, leads, strict=False), key=lambda one: (-one[0], one[1].pk))
    wanted = [lead.pk for _total, lead in ranked] + sorted((lead.pk for lead in leads[9:]), reverse=True)
    pages, last = walked(user, model, size)
    assert [pk for page in pages for pk in page] == wanted
    back, page = [pages[-1]], last
    while page.previous_cursor:
        page = leads_ranked(user=user, model=model, cursor=page.previous_cursor, size=size)
        back.append([row.lead.pk for row in page.rows])
    assert [pk for each in back[::-1] for pk in each] == wanted


def test_a_lead_that_did_not_move_is_shown_once_while_others_come_and_go(many, world):
    leads, user, model = many
    stay = {lead.pk for lead in leads[:6]} | {lead.pk for lead in leads[9:]}

    def change(page_number):
        if page_number == 1:
            Score.objects.filter(lead=leads[6]).update(total=999)
            Score.objects.filter(lead=leads[7]).update(total=-999)
        if page_number == 2:
            Lead.objects.filter(pk=leads[8].pk).delete()

    pages, _last = walked(user, model, 2, between=change)
    seen = [pk for page in pages for pk in page]
    assert all(seen.count(pk) == 1 for pk in stay)


def test_a_lead_erased_between_the_order_and_its_row_is_left_out(many, monkeypatch):
    leads, user, model = many
    in_bulk = Lead.objects.none().__class__.in_bulk

    def erased_meanwhile(self, *args, **kwargs):
        found = in_bulk(self, *args, **kwargs)
        found.pop(leads[0].pk, None)
        return found

    monkeypatch.setattr(Lead.objects.none().__class__, "in_bulk", erased_meanwhile)
    assert len(leads_ranked(user=user, model=model).rows) == 11


def test_what_the_score_carries_is_asked_of_the_score_alone(many):
    _leads, user, model = many
    from scoring.ranking import Order

    filters = LeadFilters(country="DE", owner=1, industry="Software", stage="mql", rating="A")
    sql = str(Order(user=user, model=model, filters=filters).scored.query)
    assert "crm_lead" not in sql
    assert "crm_company" not in sql


def test_the_trend_is_what_the_total_won_in_seven_days(world, person, frozen_now):
    lead = world.lead(country="DE")
    world.settle()
    frozen_now.shift(10 * 86_400)
    world.send(lead, "demo_request")
    world.settle()
    (row,) = leads_ranked(user=person(Role.MARKETER), model=world.model, needs={"trend"}).rows
    assert row.trend == 15
    (plain,) = leads_ranked(user=person(Role.MARKETER), model=world.model).rows
    assert plain.trend is None
