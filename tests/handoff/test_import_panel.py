"""The panel of an import: what it holds back, who may hand it off, and how far that has come."""

import pytest
from django.urls import reverse

from accounts.models import Role
from crm.models import Import
from handoff.models import Handoff, Release, Suppression
from handoff.services import handoffs_drain
from kernel.slots import panels

pytestmark = pytest.mark.django_db


@pytest.fixture
def brought(db):
    return Import.objects.create(feed="file", file_name="old.csv", size=1, digest="0", state="done")


@pytest.fixture
def held(brought, scored):
    def make(many):
        for number in range(many):
            Suppression.objects.create(lead=scored(50 + number), reason="quiet", imported_by=brought)

    return make


@pytest.fixture
def marketer(person):
    return person(Role.MARKETER)


def shown(client, brought, **headers):
    page = client.get(reverse("import-handoffs", args=[brought.pk]), **headers)
    assert page.status_code == 200
    return " ".join(page.content.decode().split())


def ask(client, brought, **sent):
    return client.post(reverse("import-handoffs-release", args=[brought.pk]), sent)


def test_it_has_a_place_on_the_imports_page():
    assert [(panel.name, panel.is_eager) for panel in panels("import.result")] == [("import-handoffs", True)]


def test_it_says_how_many_are_held_back_and_offers_what_the_reps_can_work(client, brought, held, marketer, person):
    person(weekly_capacity=35)
    held(3)
    client.force_login(marketer)
    body = shown(client, brought)
    assert "3 leads qualified by this import and are held back." in body
    assert 'value="7"' in body
    assert "can work 7 a day" in body


def test_one_hands_off_all(client, brought, held, marketer):
    held(3)
    client.force_login(marketer)
    answer = ask(client, brought, pace="all", next="/somewhere/")
    assert (answer.status_code, answer["Location"]) == (303, "/somewhere/")
    handoffs_drain()
    handoffs_drain()
    assert Handoff.objects.count() == 3
    assert "All leads that this import held back are handed off." in shown(client, brought)


def test_one_hands_off_the_best_a_day_changes_the_pace_and_stops(client, brought, held, marketer):
    held(5)
    client.force_login(marketer)
    ask(client, brought, pace="best", per_day="2")
    handoffs_drain()
    body = shown(client, brought)
    assert "3 leads that qualified by this import are still held back; the best 2 a day are handed off." in body
    assert "2 of 5 handed off" in body
    assert "2 days to go" in body
    ask(client, brought, pace="best", per_day="3")
    assert "1 day to go" in shown(client, brought)
    ask(client, brought, pace="stop")
    body = shown(client, brought)
    assert "stopped" in body
    assert "3 leads qualified by this import and are held back." in body


@pytest.mark.parametrize("typed", ["", "0", "-3", "many", "٣", "99999999999999999999", "10001"])
def test_a_number_that_is_none_is_refused_with_a_sentence(client, brought, held, marketer, typed):
    held(1)
    client.force_login(marketer)
    answer = client.post(
        reverse("import-handoffs-release", args=[brought.pk]), {"pace": "best", "per_day": typed}, follow=True
    )
    assert "Hand off between 1 and 10000 a day, or all at once." in answer.content.decode()
    assert not Release.objects.exists()


def test_asked_by_htmx_the_form_leads_back_to_the_page_it_stands_on(client, brought, held, marketer):
    held(1)
    client.force_login(marketer)
    body = shown(
        client, brought, headers={"HX-Request": "true", "HX-Current-URL": "https://ours.example/imports/7/?page=2"}
    )
    assert 'value="/imports/7/?page=2"' in body


@pytest.mark.parametrize(
    ("role", "sees", "acts"),
    [
        (Role.MARKETER, True, True),
        (Role.ADMINISTRATOR, True, True),
        (Role.SALES_MANAGER, True, True),
        (Role.AUDITOR, True, False),
        (Role.REP, False, False),
    ],
)
def test_who_sees_it_and_who_hands_off(client, brought, held, person, role, sees, acts):
    held(1)
    client.force_login(person(role))
    page = client.get(reverse("import-handoffs", args=[brought.pk]))
    assert page.status_code == (200 if sees else 404)
    if sees:
        assert ("Hand off all now" in page.content.decode()) is acts
    assert ask(client, brought, pace="all").status_code == (303 if acts else 404)
    assert Release.objects.exists() is acts


def test_an_import_that_is_not_there_is_not_found(client, brought, marketer):
    client.force_login(marketer)
    assert client.get(reverse("import-handoffs", args=[brought.pk + 1])).status_code == 404
    assert client.post(reverse("import-handoffs-release", args=[brought.pk + 1])).status_code == 404


def test_its_queries_do_not_grow_with_the_leads(
    client, brought, held, marketer, django_assert_num_queries, django_assert_max_num_queries
):
    client.force_login(marketer)
    held(1)
    with django_assert_max_num_queries(12) as few:
        shown(client, brought)
    held(6)
    with django_assert_num_queries(len(few)):
        shown(client, brought)
