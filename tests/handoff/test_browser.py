"""The queue in a real browser: keys, decisions in place, a new hand-off without reload, and what axe says."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from handoff.models import Handoff
from handoff.services import handoffs_drain

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def rep(person):
    return person(name="Rita Rep")


@pytest.fixture
def page(chromium: Any, live_server: Any, rep, reasons) -> Iterator[Any]:
    """A page of a signed-in rep; what the browser complained about must be nothing."""
    client = Client()
    client.force_login(rep)
    complaints: list[str] = []
    context = chromium.new_context(base_url=live_server.url)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    tab = context.new_page()
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    yield tab
    context.close()
    assert complaints == []


def test_a_rep_works_the_queue_by_keyboard(page, rep, opened):
    first, second, third = opened(90, owner=rep), opened(80, owner=rep), opened(70, owner=rep)
    page.goto(reverse("queue"))
    page.keyboard.press("j")
    page.keyboard.press("a")
    page.locator(f"#handoff-{first.pk}").wait_for(state="detached")
    page.get_by_text("is yours to call").wait_for()
    # The row that took its place is the one that is next.
    page.locator(f"#handoff-{second.pk}.is-selected").wait_for()
    page.keyboard.press("r")
    dialog = page.locator("#reject-dialog[open]")
    dialog.wait_for()
    dialog.get_by_label("No budget").check()
    dialog.get_by_role("button", name="Reject").click()
    page.locator(f"#handoff-{second.pk}").wait_for(state="detached")
    assert not page.locator("#reject-dialog[open]").count()
    page.keyboard.press("o")
    page.wait_for_url(f"**{reverse('lead', args=[third.lead_id])}")
    states = dict(Handoff.objects.values_list("pk", "state"))
    assert states == {first.pk: "accepted", second.pk: "rejected", third.pk: "waiting"}


def test_a_key_pressed_before_the_page_has_settled_opens_the_next_row(page, rep, opened):
    first, second = opened(90, owner=rep), opened(80, owner=rep)
    page.goto(reverse("queue"))
    page.evaluate(
        """(gone) => new MutationObserver((_, observer) => {
            if (document.getElementById(gone)) return;
            observer.disconnect();
            document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "o", bubbles: true }));
        }).observe(document.body, { childList: true, subtree: true })""",
        f"handoff-{first.pk}",
    )
    page.keyboard.press("j")
    page.keyboard.press("a")
    page.wait_for_url(f"**{reverse('lead', args=[second.lead_id])}")
    assert Handoff.objects.get(pk=first.pk).state == "accepted"


def test_keys_typed_into_the_search_are_only_text(page, rep, opened):
    handoff = opened(90, owner=rep)
    page.goto(reverse("queue"))
    page.keyboard.press("j")
    page.locator("#id_search").press_sequentially("a")
    assert page.locator("#id_search").input_value() == "a"
    handoff.refresh_from_db()
    assert handoff.state == "waiting"


def test_a_new_hand_off_appears_without_a_reload(page, rep, scored):
    page.clock.install()
    page.goto(reverse("queue"))
    page.get_by_text("Nothing waits for you").wait_for()
    lead = scored(70)
    handoffs_drain()
    page.clock.run_for(16_000)
    page.locator("#queue [data-handoff]").wait_for()
    assert str(lead) in page.locator("#queue").inner_text()


@pytest.mark.parametrize(
    ("status", "sentence"),
    [(403, "Reload the page: you may have been signed out meanwhile."), (500, "Check the connection and try again.")],
)
def test_a_decision_that_fails_says_what_to_do(status, sentence, live_server, page, rep, opened):
    handoff = opened(90, owner=rep)
    # A tab of its own: a browser complains of the refusal in its console, as it should.
    tab = page.context.browser.new_context(
        base_url=live_server.url, storage_state=page.context.storage_state()
    ).new_page()
    tab.route("**/accept/", lambda route: route.fulfill(status=status, body=""))
    tab.goto(reverse("queue"))
    tab.get_by_role("button", name="Accept").first.click()
    tab.get_by_text(sentence).wait_for()
    tab.context.close()
    handoff.refresh_from_db()
    assert handoff.state == "waiting"


def test_axe_finds_nothing_serious_on_the_queue_and_its_dialog(page, rep, opened):
    opened(90, owner=rep)
    page.goto(reverse("queue"))
    assert serious(page) == []
    page.locator("[data-key=r]").click()
    page.locator("#reject-dialog[open]").wait_for()
    assert serious(page) == []


def serious(page):
    from axe_playwright_python.sync_playwright import Axe

    violations = Axe().run(page).response["violations"]
    return [each["id"] for each in violations if each["impact"] in {"serious", "critical"}]


def test_the_queue_works_without_script(live_server, page, rep, opened, reasons):
    handoff = opened(90, owner=rep)
    plain = page.context.browser.new_context(
        base_url=live_server.url, java_script_enabled=False, storage_state=page.context.storage_state()
    ).new_page()
    plain.goto(reverse("queue"))
    plain.get_by_role("link", name="Reject").click()
    plain.get_by_label("No budget").check()
    plain.get_by_role("button", name="Reject").click()
    plain.get_by_text("is out of the queue").wait_for()
    handoff.refresh_from_db()
    assert handoff.state == "rejected"
    other = opened(80, owner=rep)
    plain.goto(reverse("queue"))
    plain.get_by_role("button", name="Accept").click()
    plain.get_by_text("is yours to call").wait_for()
    other.refresh_from_db()
    assert other.state == "accepted"
