"""An invented lead becomes an example, an edit breaks it, lint says so, one click mends it; a comment reaches the other."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from accounts.models import Role
from scoring.models import MatrixVersion, ScoringModel
from scoring.presets import preset_document
from scoring.services.matrices import version_create
from tests.e2e.company import Company


def draft_of(company: Company) -> MatrixVersion:
    company.publish()
    return version_create(
        model=ScoringModel.objects.get(),
        document=preset_document("b2b_saas"),
        by=company.people[Role.ADMINISTRATOR],
    )


def test_an_example_is_invented_broken_by_an_edit_and_mended_by_one_click(
    company: Company, sign_in: Callable[..., Page]
) -> None:
    draft = draft_of(company)
    page = sign_in(Role.MARKETER)
    page.goto(f"/admin/workbench/{draft.pk}/?tab=test")
    form = page.locator("#test-form")
    form.get_by_label("An invented lead").check()
    form.get_by_label("Seniority").select_option("manager")
    form.get_by_role("button", name="An activity").click()
    form.locator("[name=activity_kind]").last.select_option("demo_request")
    form.get_by_role("button", name="Show the cards").click()
    expect(page.locator("[data-side=draft]")).to_contain_text("by a fast track")
    page.locator("#example-name").fill("Manager who asks for a demo")
    page.get_by_role("button", name="Keep as a new example").click()
    listed = page.locator("#test-examples li", has_text="Manager who asks for a demo")
    expect(listed).to_contain_text("holds")
    # The fast track goes.
    page.evaluate(
        """async () => {
            const { send } = await import("/static/js/workbench/store.js");
            await send([{ path: "/criteria/demo-request/fast_track", before: true, after: null }]);
        }"""
    )
    expect(listed).to_contain_text("fails")
    expect(page.locator("[data-side=draft]")).not_to_contain_text("by a fast track")
    page.get_by_role("tab", name="Findings").click()
    finding = page.locator("#findings li", has_text="Manager who asks for a demo")
    expect(finding).to_contain_text("L22")
    finding.get_by_role("button", name="Mend").click()
    expect(finding).to_have_count(0)
    page.get_by_role("tab", name="Test a lead").click()
    expect(listed).to_contain_text("holds")


def test_a_mention_is_picked_from_a_list_and_the_other_is_led_to_the_thread(
    company: Company, sign_in: Callable[..., Page]
) -> None:
    draft = draft_of(company)
    page = sign_in(Role.MARKETER)
    page.goto(f"/admin/workbench/{draft.pk}/?tab=comments")
    form = page.locator("#comment-form")
    form.get_by_label("About", exact=True).select_option("demo-request")
    box = form.get_by_label("Comment", exact=True)
    box.press_sequentially("Is this too much, @oka")
    expect(page.get_by_role("option", name="Sam Okafor")).to_be_visible()
    box.press("Enter")
    expect(box).to_have_value("Is this too much, @Sam Okafor ")
    page.get_by_role("button", name="Say it").click()
    expect(page.locator("#thread-demo-request")).to_contain_text("@Sam Okafor")
    expect(box).to_have_value("")

    other = sign_in(Role.SALES_MANAGER)
    other.goto("/notifications/")
    told = other.get_by_role("listitem").filter(has_text="Mia Lindqvist mentioned you at “Asked for a demo”")
    told.get_by_role("button", name="Open").click()
    thread = other.locator("#thread-demo-request")
    expect(thread).to_be_visible()
    thread.get_by_role("button", name="Reply").click()
    other.locator("#comment-text").fill("No: they asked for it. https://ours.example/why")
    other.get_by_role("button", name="Say it").click()
    expect(thread.get_by_role("link", name="https://ours.example/why")).to_be_visible()
    # It comes to the first one by itself.
    expect(page.locator("#thread-demo-request")).to_contain_text("No: they asked for it.")
