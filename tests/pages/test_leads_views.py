"""Columns of choice and saved views: whose they are, who may open them, and what they never show."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Role, SavedView
from crm.models import AttributeDefinition, Lead

LEADS = "/leads/"
CREATE, COLUMNS, START = "/views/leads/", "/views/leads/columns/", "/views/leads/start/"


@pytest.fixture
def two(world):
    AttributeDefinition.objects.create(subject="lead", key="region", label="Region", type="text")
    leads = [
        world.lead("v@x.example", first_name="Vera", country="DE", attributes={"region": "EMEA"}),
        world.lead("p@x.example", first_name="Paul", country="PL"),
    ]
    world.settle()
    return leads


def keys(response):
    return response.context["asked"].column_keys


def names(response):
    return [row.lead.first_name for row in response.context["page"].rows]


def keep(client, name="Germans", query="country=DE", **fields):
    return client.post(
        CREATE, {"name": name, "next": f"{LEADS}?{query}", "columns": "total,email", **fields}, follow=True
    )


def test_columns_are_chosen_in_an_order_and_kept(two, signed_in):
    client = signed_in(Role.MARKETER)
    chosen = {"columns": ["title", "email", "lead.region"], "position.title": "3", "position.email": "1",
              "position.lead.region": "2", "next": LEADS}  # fmt: skip
    response = client.post(COLUMNS, chosen, follow=True)
    assert keys(response) == ["email", "lead.region", "title"]
    assert "EMEA" in response.content.decode()
    assert keys(client.get(LEADS)) == ["email", "lead.region", "title"]
    assert keys(signed_in(Role.MARKETER).get(LEADS))[0] == "title"
    client.post(COLUMNS, {**chosen, "usual": "1"})
    assert "rating" in keys(client.get(LEADS))


def test_masked_readers_get_no_personal_column(two, signed_in):
    response = signed_in(Role.AUDITOR).get(LEADS, {"columns": "email,phone,city,lead.region,total,nonsense"})
    assert keys(response) == ["total"]
    text = response.content.decode()
    assert "v@x.example" not in text
    assert "EMEA" not in text


def test_every_column_at_once_costs_as_many_queries_for_many_as_for_two(two, world, signed_in):
    client = signed_in(Role.MARKETER)
    every = ",".join(client.get(LEADS).context["asked"].offer)
    with CaptureQueriesContext(connection) as few:
        client.get(LEADS, {"columns": every})
    for number in range(15):
        world.lead(country="DE", company={"name": f"C{number}", "domain": f"c{number}.example"})
    world.settle()
    with CaptureQueriesContext(connection) as many:
        client.get(LEADS, {"columns": every})
    assert len(many) == len(few)


def test_filters_and_columns_are_kept_under_a_name_and_opened_again(two, signed_in):
    client = signed_in(Role.REP)
    Lead.objects.update(owner=client.user)
    response = keep(client)
    view = SavedView.objects.get()
    assert (view.name, view.query, view.columns) == ("Germans", {"country": "DE"}, ["total", "email"])
    for answer in (response, client.get(LEADS, {"view": view.pk}, follow=True)):
        assert (names(answer), keys(answer)) == (["Vera"], ["total", "email"])
        assert not answer.context["asked"].is_changed
    changed = client.get(LEADS, {"view": view.pk, "country": "PL"})
    assert names(changed) == ["Paul"]
    assert changed.context["asked"].is_changed
    client.post(
        f"/views/{view.pk}/change/",
        {"overwrite": "1", "next": f"{LEADS}?view={view.pk}&country=PL", "columns": "total"},
    )
    view.refresh_from_db()
    assert (view.query, view.columns, view.name) == ({"country": "PL"}, ["total"], "Germans")
    client.post(f"/views/{view.pk}/change/", {"name": "Poles", "next": LEADS})
    view.refresh_from_db()
    assert (view.name, view.query) == ("Poles", {"country": "PL"})
    client.post(f"/views/{view.pk}/delete/", {"next": LEADS})
    assert not SavedView.objects.filter(pk=view.pk).exists()


def test_the_list_opens_with_the_view_of_choice_and_everything_stays_a_click_away(two, signed_in):
    client = signed_in(Role.MARKETER)
    keep(client)
    view = SavedView.objects.get()
    client.post(START, {"view": view.pk, "next": LEADS})
    assert names(client.get(LEADS, follow=True)) == ["Vera"]
    assert len(names(client.get(LEADS, {"view": "all"}))) == 2
    client.post(f"/views/{view.pk}/delete/", {"next": LEADS})
    assert len(names(client.get(LEADS, follow=True))) == 2


def test_a_shared_view_is_opened_and_copied_and_changed_by_its_owner_only(two, signed_in):
    owner, other = signed_in(Role.MARKETER), signed_in(Role.REP)
    keep(owner, is_shared="on")
    keep(owner, name="Private")
    shared, private = SavedView.objects.get(name="Germans"), SavedView.objects.get(name="Private")
    text = other.get(LEADS).content.decode()
    assert "Germans" in text
    assert "Private" not in text
    for verb in ("change", "delete"):
        assert other.post(f"/views/{shared.pk}/{verb}/", {"name": "x", "next": LEADS}).status_code == 404
    assert other.post(f"/views/{private.pk}/copy/", {"next": LEADS}).status_code == 404
    assert other.post(START, {"view": private.pk, "next": LEADS}).status_code == 404
    other.post(f"/views/{shared.pk}/copy/", {"next": LEADS})
    other.post(f"/views/{shared.pk}/copy/", {"next": LEADS})
    copies = SavedView.objects.filter(user=other.user, is_shared=False).order_by("pk")
    assert [copy.name for copy in copies] == ["Germans", "Germans 2"]


@pytest.mark.parametrize("role", [Role.REP, Role.AUDITOR])
def test_who_may_not_share_is_told_so(role, two, signed_in):
    response = keep(signed_in(role), is_shared="on")
    assert "for yourself only" in response.content.decode()
    assert not SavedView.objects.exists()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": ""}, "name of 1 to 80"),
        ({"name": "x" * 81}, "name of 1 to 80"),
        ({"name": "a\u202eb"}, "name of 1 to 80"),
        ({"query": "search=" + "x" * 2_000}, "too long to be kept"),
        ({"columns": ",".join(map(str, range(99)))}, "at most sixty"),
        ({"next": "https://elsewhere.example/"}, ""),
    ],
)
def test_what_cannot_be_kept_is_refused_with_a_sentence(fields, said, two, signed_in):
    response = keep(signed_in(Role.MARKETER), **fields)
    assert response.status_code == 200
    assert "elsewhere" not in str(response.redirect_chain)
    assert said in response.content.decode()


def test_the_same_name_twice_is_refused_and_another_persons_is_free(two, signed_in):
    client = signed_in(Role.MARKETER)
    keep(client)
    assert "already" in keep(client).content.decode()
    keep(signed_in(Role.MARKETER))
    assert SavedView.objects.filter(name="Germans").count() == 2


def test_a_masked_reader_takes_over_no_personal_filter_of_a_colleague(two, signed_in):
    keep(signed_in(Role.MARKETER), query="search=Vera&country=DE", is_shared="on")
    view = SavedView.objects.get()
    response = signed_in(Role.AUDITOR).get(LEADS, {"view": view.pk}, follow=True)
    assert "search" not in response.context["asked"].kept
    assert "Vera" not in response.content.decode()
