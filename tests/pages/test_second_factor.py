"""Administrators, and who signs, go nowhere with a password alone; and nobody guesses passwords or codes."""

import threading
import time
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import Role
from accounts.rights import needs_second_factor
from accounts.services import api_key_create

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
NEED = (Role.ADMINISTRATOR, Role.SALES_MANAGER, Role.MARKETER)


@pytest.fixture(autouse=True)
def required(settings):
    settings.MFA_REQUIRED = True
    cache.clear()


def code_of(secret: str, *, steps: int = 0) -> str:
    """What an authenticator app shows now, or some steps of 30 seconds from now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


def activate(user) -> str:
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    return secret


def sign_in(client, user):
    return client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})


def test_administrators_and_signers_need_it():
    assert [role for role in Role if needs_second_factor(role)] == [
        Role.SALES_MANAGER,
        Role.MARKETER,
        Role.ADMINISTRATOR,
    ]


@pytest.mark.parametrize("role", NEED)
@pytest.mark.parametrize("path", ["/leads/?stage=mql", "/admin/", "/admin/crm/lead/?q=1", "/people/", "/profile/"])
def test_who_lacks_it_is_led_to_it_and_where_they_wanted_to_go_is_kept(path, role, signed_in):
    answer = signed_in(role).get(path)
    there = urlsplit(answer.url)
    assert (answer.status_code, there.path) == (302, reverse("mfa_activate_totp"))
    assert parse_qs(there.query) == {"next": [path]}


@pytest.mark.parametrize("role", [Role.REP, Role.AUDITOR])
def test_others_are_not_asked(role, signed_in):
    assert signed_in(role).get("/profile/").status_code == 200


def test_where_it_is_not_required_nobody_is_asked(signed_in, settings):
    settings.MFA_REQUIRED = False
    assert signed_in(Role.ADMINISTRATOR).get("/profile/").status_code == 200


def test_nothing_can_be_done_without_it(signed_in, person):
    client, rep = signed_in(Role.ADMINISTRATOR), person(Role.REP)
    url = reverse("person", args=[rep.pk])
    answer = client.post(url, {"role": "administrator", "name": "X", "weekly_capacity": 1, "time_zone": "UTC"})
    rep.refresh_from_db()
    assert (answer.status_code, rep.role) == (302, Role.REP)


def test_a_part_that_htmx_asks_for_leads_the_whole_page(signed_in):
    client = signed_in(Role.MARKETER)
    asked = {"HX-Request": "true", "HX-Current-URL": "http://testserver/leads/?stage=mql"}
    answer = client.get("/leads/", headers=asked)
    assert answer.status_code == 204
    assert answer["HX-Redirect"] == f"{reverse('mfa_activate_totp')}?next=%2Fleads%2F%3Fstage%3Dmql"
    # The page of the second factor itself has such parts in its head: they must not load it again and again.
    here = {**asked, "HX-Current-URL": f"http://testserver{reverse('mfa_activate_totp')}?next=/leads/"}
    quiet = client.get(reverse("notification-bell"), headers=here)
    assert (quiet.status_code, "HX-Redirect" in quiet) == (204, False)


@pytest.mark.parametrize(
    "path",
    ["/health/live", "/health/ready", "/jsi18n/", "/accounts/2fa/", "/accounts/logout/", "/accounts/reauthenticate/"],
)
def test_the_way_out_and_the_way_on_stay_open(path, signed_in):
    assert signed_in(Role.ADMINISTRATOR).get(path).status_code == 200


def test_keys_are_not_asked(client, db):
    _key, secret = api_key_create(name="K", feed="f", scopes=["crm:sync"])
    answer = client.get("/api/v1/reasons", headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 200


def test_after_setting_it_up_the_codes_are_shown_and_one_goes_on_to_where_one_wanted(person, client):
    mia = person(Role.MARKETER)
    sign_in(client, mia)
    there = client.get("/leads/?stage=mql").url
    page = client.get(there, follow=True)
    if "password" in page.context["form"].fields:
        page = client.post(page.request["PATH_INFO"] + f"?next={there}", {"password": PASSWORD}, follow=True)
    secret = page.context["form"].secret
    assert client.post(reverse("mfa_activate_totp"), {"code": "000000"}).status_code == 200
    done = client.post(reverse("mfa_activate_totp"), {"code": code_of(secret)}, follow=True)
    assert done.redirect_chain[-1][0] == reverse("mfa_view_recovery_codes")
    assert len(done.context["unused_codes"]) == 10
    assert client.get(reverse("second-factor-done")).url == "/leads/?stage=mql"
    assert client.get("/leads/").status_code == 200


@pytest.mark.parametrize("start", ["/accounts/login/?next=/leads/", "/admin/login/?next=/admin/crm/lead/"])
def test_at_the_next_sign_in_the_code_is_asked_for_by_app_and_admin_alike(start, person, client):
    mia = person(Role.MARKETER)
    secret = activate(mia)
    page = client.get(start, follow=True)
    form = {"login": mia.email, "password": PASSWORD, "next": page.context["redirect_field_value"]}
    asked = client.post(reverse("account_login"), form)
    assert asked.url == reverse("mfa_authenticate")
    assert "_auth_user_id" not in client.session
    assert client.get("/leads/").status_code == 302
    done = client.post(reverse("mfa_authenticate"), {"code": code_of(secret)})
    assert done.url == start.partition("next=")[2]
    assert client.get("/leads/").status_code == 200


def test_a_code_works_once(person):
    mia = person(Role.MARKETER)
    secret = activate(mia)
    code = code_of(secret)
    first, second = Client(), Client()
    for browser in (first, second):
        sign_in(browser, mia)
        browser.post(reverse("mfa_authenticate"), {"code": code})
    assert "_auth_user_id" in first.session
    assert "_auth_user_id" not in second.session


def test_a_recovery_code_lets_in_once(person):
    mia = person(Role.MARKETER)
    activate(mia)
    code = RecoveryCodes.activate(mia).get_unused_codes()[0]
    came_in = []
    for _turn in range(2):
        browser = Client()
        sign_in(browser, mia)
        browser.post(reverse("mfa_authenticate"), {"code": code})
        came_in.append("_auth_user_id" in browser.session)
    assert came_in == [True, False]


def test_what_is_required_cannot_be_switched_off_and_what_is_not_can(person, client):
    for role, stays in ((Role.MARKETER, True), (Role.REP, False)):
        who, browser = person(role), Client()
        secret = activate(who)
        sign_in(browser, who)
        browser.post(reverse("mfa_authenticate"), {"code": code_of(secret)})
        browser.post(reverse("account_reauthenticate"), {"password": PASSWORD})
        answer = browser.post(reverse("mfa_deactivate_totp"), follow=True)
        assert Authenticator.objects.filter(user=who, type="totp").exists() is stays
        assert ("cannot be switched off" in answer.content.decode()) is stays


def test_guessing_codes_ends_after_ten(person, client):
    mia = person(Role.MARKETER)
    secret = activate(mia)
    sign_in(client, mia)
    wrong = f"{(int(code_of(secret)) + 1) % 1_000_000:06d}"
    for _guess in range(10):
        client.post(reverse("mfa_authenticate"), {"code": wrong})
    client.post(reverse("mfa_authenticate"), {"code": code_of(secret)})
    assert "_auth_user_id" not in client.session


def test_guessing_a_password_ends_after_ten_also_for_the_right_one(person, client):
    rita = person(Role.REP)
    for guess in range(10):
        client.post(reverse("account_login"), {"login": rita.email, "password": f"wrong {guess}"})
    answer = sign_in(client, rita)
    assert "_auth_user_id" not in client.session
    assert "Wait 15 minutes" in answer.content.decode()


@pytest.mark.django_db(transaction=True)
def test_fifty_connections_try_no_more_than_ten_passwords_of_an_account(person, monkeypatch):
    """Counted where a password is compared, not by what is answered."""
    from accounts.models import User

    rita = person(Role.REP)
    gate, tried, lock = threading.Barrier(50), [], threading.Lock()
    real = User.check_password

    def counted(self, raw):
        if self.pk:
            with lock:
                tried.append(raw)
        return real(self, raw)

    monkeypatch.setattr(User, "check_password", counted)

    def guess(number):
        try:
            gate.wait()
            form = {"login": rita.email, "password": f"wrong {number}"}
            # Each from an address of its own: the limit is that of the account.
            Client(REMOTE_ADDR=f"10.0.0.{number + 1}").post(reverse("account_login"), form)
        finally:
            connection.close()

    threads = [threading.Thread(target=guess, args=(number,)) for number in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 1 <= len(set(tried)) <= 10
