"""The list of leads: order, filters, pages, who sees what, and what it costs."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Role, Team
from crm.models import Lead
from crm.services.activities import activity_record_own
from scoring.ranking import leads_ranked
from tests.conftest import NOW

LEADS = "/leads/"


def shown(response):
    return [row.lead for row in response.context["page"].rows]


@pytest.fixture
def three(world):
    """Three leads with totals 30, 10 and 0."""
    low = world.lead(first_name="Cold", country="PL")
    high = world.lead(first_name="Vera", last_name="Vice", title="VP Sales", country="DE")
    middle = world.lead(first_name="Gerd", country="DE")
    world.settle()
    return high, middle, low


def test_the_list_stands_behind_the_sign_in(client, db):
    response = client.get(LEADS)
    assert (response.status_code, response.url) == (302, "/accounts/login/?next=/leads/")


def test_the_best_stands_first(three, signed_in):
    response = signed_in(Role.MARKETER).get(LEADS)
    assert shown(response) == list(three)
    text = response.content.decode()
    for word in ("Vera Vice", "VP Sales", ">A4<", "Warm", "3 leads"):
        assert word in text


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"stage": "warm"}, [0]),
        ({"rating": "A"}, [0]),
        ({"rating": "C4"}, [1]),
        ({"country": "DE"}, [0, 1]),
        ({"search": "vice"}, [0]),
        ({"search": "ger"}, [1]),
        ({"search": "vera gerd"}, []),
        ({"search": "buyer", "country": "PL"}, [2]),
        ({"stage": "no such stage"}, [0, 1, 2]),
        ({"country": "ZZ", "owner": "abc", "rating": "Q9"}, [0, 1, 2]),
    ],
)
def test_filters_narrow_and_what_cannot_be_read_filters_nothing(three, signed_in, asked, found):
    response = signed_in(Role.MARKETER).get(LEADS, asked)
    assert shown(response) == [three[place] for place in found]


def test_pages_walk_through_all_once_and_back_again(world, person):
    for country in ("DE", "PL", "DE", "PL", "DE"):
        world.lead(country=country)
    world.settle()
    marketer = person(Role.MARKETER)
    everything = leads_ranked(user=marketer, model=world.model, size=50)
    seen, cursor, pages = [], "", []
    while True:
        page = leads_ranked(user=marketer, model=world.model, cursor=cursor, size=2)
        seen += [row.lead.pk for row in page.rows]
        pages.append([row.lead.pk for row in page.rows])
        if not page.next_cursor:
            break
        cursor = page.next_cursor
    assert seen == [row.lead.pk for row in everything.rows]
    assert len(pages) == 3
    back = leads_ranked(user=marketer, model=world.model, cursor=page.previous_cursor, size=2)
    assert [row.lead.pk for row in back.rows] == pages[1]


@pytest.mark.parametrize("cursor", ["x", "after.1", "after.1.x", "after." + "9" * 40 + ".1", "sideways.1.1", "\x00"])
def test_a_cursor_that_cannot_be_read_starts_from_the_top(three, signed_in, cursor):
    assert shown(signed_in(Role.MARKETER).get(LEADS, {"cursor": cursor})) == list(three)


def test_a_long_count_stops(three, signed_in, monkeypatch):
    monkeypatch.setattr("scoring.ranking.page.COUNT_CAP", 1)
    assert "more than 1 leads" in signed_in(Role.MARKETER).get(LEADS).content.decode()


def test_a_rep_sees_their_own_leads_only(three, signed_in, person):
    rita = person(Role.REP)
    Lead.objects.filter(pk=three[1].pk).update(owner=rita)
    assert shown(signed_in(rita).get(LEADS)) == [three[1]]


def test_a_manager_sees_the_teams_and_nobody_elses(three, signed_in, person):
    north, south = Team.objects.create(name="North"), Team.objects.create(name="South")
    Lead.objects.filter(pk=three[0].pk).update(owner=person(Role.REP, team=north))
    Lead.objects.filter(pk=three[1].pk).update(owner=person(Role.REP, team=south))
    assert shown(signed_in(person(Role.SALES_MANAGER, team=north)).get(LEADS)) == [three[0]]


def test_people_without_a_team_share_nothing(three, signed_in, person):
    lonely, other = person(Role.SALES_MANAGER), person(Role.REP)
    for one in (lonely, other):
        one.team = None
        one.save()
    Lead.objects.filter(pk=three[0].pk).update(owner=other)
    assert shown(signed_in(lonely).get(LEADS)) == []


def test_an_auditor_sees_all_and_no_name(three, signed_in):
    response = signed_in(Role.AUDITOR).get(LEADS)
    text = response.content.decode()
    assert len(shown(response)) == 3
    assert "Vice" not in text
    assert f"Lead {three[0].pk}" in text


def test_the_last_activity_is_the_leads_and_not_what_we_recorded_ourselves(three, world, signed_in):
    high, middle, _low = three
    seen_at = NOW - timedelta(days=2)
    world.send(high, occurred_at=seen_at.isoformat())
    for lead in (high, middle):
        activity_record_own(
            lead_id=lead.pk, kind="sales_rejected", message_id=f"no-{lead.pk}", occurred_at=NOW, properties={}
        )
    world.settle()
    rows = {row.lead: row.last_activity_at for row in signed_in(Role.MARKETER).get(LEADS).context["page"].rows}
    assert (rows[high], rows[middle]) == (seen_at, None)


def test_a_merged_lead_is_not_listed(three, signed_in):
    Lead.objects.filter(pk=three[1].pk).update(merged_into=three[0])
    assert three[1] not in shown(signed_in(Role.MARKETER).get(LEADS, {"search": "gerd"}))


def test_a_lead_no_model_applies_to_is_found_by_search_and_stands_last(world, signed_in):
    partner = world.lead(first_name="Paula", source="partner")
    buyer = world.lead(first_name="Paul", country="DE")
    world.settle()
    assert world.score(partner) is None
    assert shown(signed_in(Role.MARKETER).get(LEADS, {"search": "paul"})) == [buyer, partner]


def test_without_a_published_model_the_newest_stand_first(db, signed_in):
    leads = [Lead.objects.create(first_name=name) for name in ("One", "Two")]
    response = signed_in(Role.MARKETER).get(LEADS)
    assert {lead.pk for lead in shown(response)} == {lead.pk for lead in leads}
    assert "No model is published yet" in response.content.decode()


def test_an_empty_list_says_what_to_do_next(world, signed_in):
    assert "import a file" in signed_in(Role.MARKETER).get(LEADS).content.decode()


def test_htmx_gets_the_part_below_the_filters(three, signed_in):
    response = signed_in(Role.MARKETER).get(LEADS, headers={"HX-Request": "true"})
    assert b"<html" not in response.content
    assert "HX-Request" in response["Vary"]


def test_the_number_of_queries_does_not_grow_with_the_page(world, signed_in):
    client = signed_in(Role.MARKETER)
    world.lead(country="DE")
    world.settle()
    client.get(LEADS)
    with CaptureQueriesContext(
        connection,
    ) as one:
        client.get(LEADS)
    for _ in range(20):
        world.send(world.lead(country="DE", title="VP Sales"))
    world.settle()
    with CaptureQueriesContext(connection) as many:
        client.get(LEADS)
    assert len(many) == len(one) <= 12


def test_what_a_lead_wrote_is_shown_as_text(world, signed_in):
    world.lead(first_name="<script>alert(1)</script>", title='"><img src=x onerror=alert(1)>')
    world.settle()
    text = signed_in(Role.MARKETER).get(LEADS).content.decode()
    assert "<script>alert(1)" not in text
    assert "<img src=x" not in text


def test_who_has_no_lead_yet_is_offered_no_button_that_leads_nowhere(signed_in, world):
    page = signed_in(Role.REP).get(LEADS).content.decode()
    assert 'href="/imports/new/"' not in page
    assert 'href="/imports/new/"' in signed_in(Role.MARKETER).get(LEADS).content.decode()


def test_the_head_marks_the_part_of_the_product_one_is_in(signed_in, world):
    client = signed_in(Role.ADMINISTRATOR)
    marked = 'href="/leads/" aria-current="page"'

    def head(address):
        page = " ".join(client.get(address).content.decode().split())
        return page.split("<main")[0]

    for address in (LEADS, "/companies/", "/imports/saved/", "/leads/merges/"):
        assert marked in head(address), address
    for address in ("/queue/", "/people/", "/first-run/leads/"):
        assert marked not in head(address), address
