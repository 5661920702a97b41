"""The style guide in a real browser: nothing serious, nothing too wide, light and dark; and a part that fails says so."""

import pytest
from playwright.sync_api import expect

from accounts.models import Role
from scoring.models import Score
from tests.e2e.test_axe import serious

pytestmark = pytest.mark.browser
# What reaches beyond the window and is in no part that scrolls by itself.
TOO_WIDE = """() => document.documentElement.scrollWidth <= innerWidth ? [] :
  [...document.querySelectorAll("main *")].filter((node) => node.getBoundingClientRect().right > innerWidth
    && !node.closest(".table-wrap, .tabs")).map((node) => node.outerHTML.slice(0, 120))"""


@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (360, "dark"), (360, "light"), (3840, "dark")])
def test_nothing_serious_and_nothing_too_wide_in_the_style_guide(company, sign_in, settings, width, theme):
    settings.DEBUG = True
    page = sign_in(Role.ADMINISTRATOR, width=width, theme=theme)
    page.goto("/styleguide/")
    expect(page.get_by_role("heading", name="A panel that has arrived")).to_be_visible()
    assert serious(page) == []
    assert page.evaluate(TOO_WIDE) == []


def test_a_part_that_cannot_be_loaded_says_so_and_comes_when_it_is_asked_for_again(company, sign_in, settings):
    settings.DEBUG = True
    page = sign_in(Role.ADMINISTRATOR)
    page.route("**/styleguide/part/**", lambda route: route.fulfill(status=503))
    page.goto("/styleguide/#failing")
    failed = page.locator("#panel-styleguide-part")
    expect(failed).to_contain_text("could not be loaded")
    page.unroute("**/styleguide/part/**")
    failed.get_by_role("button", name="Try again").press("Enter")
    expect(page.get_by_role("heading", name="A panel that has arrived")).to_be_visible()


def test_paper_is_white_and_holds_the_evidence_and_the_chart(company, sign_in):
    company.publish()
    page = sign_in(Role.ADMINISTRATOR, theme="dark")
    page.goto(f"/leads/{Score.objects.order_by('-total').first().lead_id}/")
    evidence = page.locator("#panel-lead-card .waterfall-line table").first
    picture = page.locator("#panel-lead-history img")
    picture.wait_for(state="attached")
    expect(evidence).to_be_hidden()
    page.emulate_media(media="print", color_scheme="dark")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    expect(evidence).to_be_visible()
    expect(picture).to_be_visible()
    assert "dark" not in (page.locator("html").get_attribute("class") or "")
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="screen", color_scheme="dark")
    expect(evidence).to_be_hidden()


def test_a_refusal_is_told_in_its_own_sentence(company, sign_in):
    page = sign_in(Role.ADMINISTRATOR)
    page.goto("/first-run/leads/#failing")
    body = '<div class="empty"><strong>Your role does not allow this</strong><p>Ask an administrator.</p></div>'
    page.route("**/first-run/demo", lambda route: route.fulfill(status=403, content_type="text/html", body=body))
    page.get_by_role("button", name="Make a key").wait_for()
    page.evaluate("htmx.ajax('POST', '/first-run/demo', { swap: 'none' })")
    expect(page.locator("#toasts")).to_contain_text("Your role does not allow this. Ask an administrator.")
    expect(page.locator("#toasts")).not_to_contain_text("signed out")


def test_on_a_phone_every_entry_of_the_head_is_reached_by_the_keyboard(company, sign_in):
    page = sign_in(Role.ADMINISTRATOR, width=360)
    page.goto("/leads/")
    page.get_by_label("Menu", exact=True).press("Enter")
    for name in ("Queue", "Leads", "Scoring", "Admin"):
        entry = page.locator("header").get_by_role("link", name=name, exact=True)
        expect(entry).to_be_visible()
        entry.focus()
        assert entry.evaluate(
            "node => { const box = node.getBoundingClientRect(); return box.left >= 0 && box.right <= innerWidth }"
        )
    page.keyboard.press("Escape")
    expect(page.locator("header").get_by_role("link", name="Queue", exact=True)).to_be_hidden()
