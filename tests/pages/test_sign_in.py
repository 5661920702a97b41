"""The front door: who gets in, where they land, and the demo's shortcuts."""

from urllib.parse import unquote

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse

from accounts.models import Role, User
from leadscore.templatetags.demo import DEMO_DOMAIN

PASSWORD = "correct horse battery"


@pytest.fixture
def demo_rep(person):
    return person(Role.REP, email=f"rita.rep@{DEMO_DOMAIN}", name="Rita Reyes")


def test_reps_land_on_their_queue_and_marketers_on_the_leads(person, client):
    for role, landing in ((Role.REP, "/queue/"), (Role.MARKETER, "/leads/")):
        someone = person(role)
        response = client.post(reverse("account_login"), {"login": someone.email, "password": PASSWORD}, follow=True)
        assert response.redirect_chain[-1][0] == landing
        client.post(reverse("account_logout"))


def test_who_was_sent_to_sign_in_comes_back_to_where_they_were(person, client, db):
    someone = person(Role.MARKETER)
    there = f"{reverse('account_login')}?next=/leads/%3Fstage%3Dmql"
    assert client.get("/leads/", {"stage": "mql"}).url == there
    response = client.post(there, {"login": someone.email, "password": PASSWORD})
    assert response.url == "/leads/?stage=mql"


def test_the_admin_keeps_where_one_wanted_to_go(client, db):
    response = client.get("/admin/crm/lead/", follow=True)
    assert unquote(response.redirect_chain[-1][0]) == "/accounts/login/?next=/admin/crm/lead/"


def test_nobody_signs_up_by_themselves(client, db):
    response = client.post(
        reverse("account_signup"), {"email": "new@ours.example", "password1": PASSWORD, "password2": PASSWORD}
    )
    assert response.status_code == 200
    assert not User.objects.exists()


def test_a_rep_is_told_that_the_admin_is_not_theirs(person, client):
    client.force_login(person(Role.REP))
    response = client.get("/admin/", follow=True)
    assert response.status_code == 403
    assert "Your role does not allow this" in response.content.decode()


def test_outside_a_demo_nobody_is_offered_or_signed_in_by_a_click(demo_rep, client, settings):
    settings.DEMO = False
    assert "Rita Reyes" not in client.get(reverse("account_login")).content.decode()
    assert client.post(reverse("demo-sign-in"), {"email": demo_rep.email}).status_code == 404
    assert "_auth_user_id" not in client.session


def test_in_a_demo_one_click_signs_in_as_somebody_of_the_demo_company(demo_rep, client, settings):
    settings.DEMO = True
    assert "Rita Reyes" in client.get(reverse("account_login")).content.decode()
    response = client.post(reverse("demo-sign-in"), {"email": demo_rep.email, "next": "https://evil.example/"})
    assert response.url == "/"
    assert client.session["_auth_user_id"] == str(demo_rep.pk)


@pytest.mark.parametrize("email", ["boss@ours.example", "", "rita.rep@demo.example.evil"])
def test_in_a_demo_nobody_else_is_signed_in_by_a_click(person, client, settings, email):
    settings.DEMO = True
    person(Role.ADMINISTRATOR, email="boss@ours.example")
    assert client.post(reverse("demo-sign-in"), {"email": email}).status_code == 404


def test_the_demo_signs_in_by_post_only(demo_rep, client, settings):
    settings.DEMO = True
    assert client.get(reverse("demo-sign-in")).status_code == 405


@pytest.mark.parametrize(
    "name", ["account_login", "account_reset_password", "account_reset_password_done", "account_signup"]
)
def test_every_page_before_the_sign_in_has_the_products_look(client, db, name):
    text = client.get(reverse(name)).content.decode()
    assert "css/app.css" in text
    assert "Skip to the content" in text


@pytest.mark.parametrize("name", ["account_change_password", "account_logout", "mfa_index", "account_email"])
def test_every_page_of_ones_own_account_has_the_products_look(person, client, name):
    client.force_login(person(Role.MARKETER))
    text = client.get(reverse(name)).content.decode()
    assert "css/app.css" in text
    assert "Skip to the content" in text


def test_nobody_changes_the_address_they_sign_in_with(person, client):
    client.force_login(person(Role.REP))
    address = reverse("account_email")
    assert client.get(address).status_code == 404
    assert client.post(address, {"action_add": "", "email": "boss@ours.example"}).status_code == 404
    assert not EmailAddress.objects.filter(email="boss@ours.example").exists()


def test_a_page_that_is_not_there_says_so_in_the_products_look(client, db):
    response = client.get("/no/such/page")
    assert response.status_code == 404
    assert "There is nothing at this address" in response.content.decode()


def test_pages_run_under_a_strict_policy_and_the_admin_alone_under_a_looser_one(person, client):
    client.force_login(person(Role.ADMINISTRATOR))
    page = client.get("/leads/")["Content-Security-Policy"]
    assert "unsafe" not in page
    assert "nonce-" in page
    admin = client.get("/admin/")["Content-Security-Policy"]
    assert "unsafe-eval" in admin
    assert "script-src 'self' 'unsafe-eval';" in f"{admin};"


def test_the_language_can_be_chosen_where_there_is_more_than_one(person, client, settings):
    client.force_login(person(Role.MARKETER))
    assert "setlang" not in client.get("/leads/").content.decode()
    settings.LANGUAGES = [("en", "English"), ("de", "German")]
    assert "setlang" in client.get("/leads/").content.decode()
    client.post("/i18n/setlang/", {"language": "de", "next": "/leads/"})
    assert '<html lang="de">' in client.get("/leads/").content.decode()
