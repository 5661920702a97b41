"""Somebody is invited, sets up the second factor, and is in: each in a window of their own."""

import time

import pytest
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from accounts.models import ApiKey, Role, User

pytestmark = pytest.mark.browser
LONG = "Maximiliane-Theodora von und zu Hohenzollern-Sigmaringen-Wolfeschlegelsteinhausen"


def serious(page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [
        f"{page.url} {each['id']}: {node['html'][:160]}"
        for each in found
        if each["impact"] in {"serious", "critical"}
        for node in each["nodes"]
    ]


def fits(page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.fixture
def ada(company, settings):
    """An administrator of a house that requires the second factor and has no mail."""
    settings.MFA_REQUIRED = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    ada = company.people[Role.ADMINISTRATOR]
    TOTP.activate(ada, generate_totp_secret())
    return ada


def test_an_invited_marketer_sets_a_password_and_a_second_factor_and_is_in(ada, open_page):
    page = open_page(ada)
    page.goto("/profile/")
    page.get_by_label("Account of Ada Novak").click()
    page.get_by_role("link", name="People").click()
    page.get_by_role("link", name="Invite somebody").click()
    page.get_by_label("Email").fill("nora@ours.example")
    page.get_by_label("Name").fill("Nora New")
    page.get_by_label("Role").select_option("marketer")
    found = serious(page)
    page.get_by_role("button", name="Send the invitation").click()
    expect(page.get_by_text("No mail leaves this installation")).to_be_visible()
    link = page.locator("#invitation-link").inner_text()
    found += serious(page)

    window = open_page(width=390)
    window.goto(link)
    expect(window.get_by_text("You sign in as nora@ours.example")).to_be_visible()
    window.get_by_label("Your name").fill(LONG)
    window.get_by_label("Choose a password").fill("a sentence nobody guesses")
    found += serious(window)
    assert fits(window)
    window.get_by_role("button", name="Go in").click()

    expect(window.get_by_role("heading", name="Set up two-step sign-in")).to_be_visible()
    found += serious(window)
    assert fits(window)
    window.goto("/admin/")
    secret = window.locator("#authenticator-secret").inner_text()
    code = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
    window.get_by_label("Type the six digits").fill(code)
    window.get_by_role("button", name="Switch on").click()
    expect(window.get_by_role("heading", name="Recovery codes")).to_be_visible()
    expect(window.locator("#recovery-codes li")).to_have_count(10)
    found += serious(window)
    window.get_by_role("link", name="I have kept them, go on").click()
    window.wait_for_url("**/admin/")
    window.goto("/")
    expect(window.get_by_role("heading", name="Leads", exact=True)).to_be_visible()
    assert fits(window)
    nora = User.objects.get(email="nora@ours.example")
    assert (nora.name, nora.role) == (LONG, Role.MARKETER)

    assert window.request.get(link).status == 410
    page.goto("/people/")
    row = page.get_by_role("row").filter(has_text="nora@ours.example")
    expect(row.get_by_text("on", exact=True)).to_be_visible()
    found += serious(page)
    assert found == []


def test_a_key_is_made_copied_and_revoked_in_the_browser(ada, open_page):
    page = open_page(ada, width=390, theme="dark")
    page.goto("/keys/")
    page.get_by_role("link", name="Make a key").first.click()
    page.get_by_label("Name").fill("Website " + "x" * 120)
    page.get_by_label("Feed").fill("web")
    page.get_by_label("send activities").check()
    found = serious(page)
    page.get_by_role("button", name="Make the key").click()
    expect(page.locator("#key-secret")).to_contain_text("ls_live_")
    found += serious(page)
    assert fits(page)
    page.get_by_role("button", name="Copy the key").click()
    page.get_by_role("link", name="I have copied it").click()
    assert fits(page)
    page.get_by_role("link", name="Revoke").click()
    page.get_by_role("button", name="Revoke the key").click()
    expect(page.get_by_text("from now on it opens nothing")).to_be_visible()
    assert not ApiKey.objects.get().is_live
    for address in ("/people/", "/people/teams/", "/audit/", "/profile/", "/notifications/", "/keys/"):
        page.goto(address)
        found += serious(page)
        assert fits(page), address
    assert found == []
