"""Two people at one matrix in real browsers: they see each other, what the other changes, and both values where they meet."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from accounts.models import Role
from scoring.models import MatrixVersion, VersionEdit
from scoring.presets import preset_document
from scoring.services.matrices import version_create
from tests.e2e.company import Company
from tests.e2e.test_axe import serious

pytestmark = pytest.mark.browser
PATH = "/criteria/pricing-page/points"


@pytest.fixture
def draft(company: Company) -> MatrixVersion:
    company.publish()
    published = MatrixVersion.objects.get()
    return version_create(
        model=published.model, document=preset_document("b2b_saas"), by=company.people[Role.ADMINISTRATOR]
    )


def cell(page: Page, path: str = PATH) -> Locator:
    return page.locator(f'button.cell[data-path="{path}"]')


def field(page: Page) -> Locator:
    return page.locator("#matrix .cell-input")


def typed(page: Page, value: str, path: str = PATH) -> None:
    cell(page, path).focus()
    page.keyboard.press("Enter")
    field(page).fill(value)
    page.keyboard.press("Enter")


def opened(page: Page, draft: MatrixVersion, query: str = "?tab=log") -> Page:
    page.goto(f"/admin/workbench/{draft.pk}/{query}")
    expect(cell(page)).to_have_attribute("tabindex", re.compile("-1|0"))
    return page


def test_two_people_tune_one_matrix_together(sign_in: Callable[..., Page], draft: MatrixVersion) -> None:
    mia = opened(sign_in(Role.MARKETER), draft)
    sam = opened(sign_in(Role.SALES_MANAGER), draft)
    expect(mia.locator("#workbench-here")).to_have_text("Sam Okafor")
    expect(sam.locator("#workbench-here")).to_have_text("Mia Lindqvist")
    cell(sam).focus()
    row = "#criterion-pricing-page"
    expect(mia.locator(f"{row} [data-here]")).to_have_text("Sam Okafor")

    # What one changes the other sees, with who it was.
    typed(mia, "11")
    expect(cell(mia)).to_have_text("11")
    expect(sam.locator("#toasts")).to_contain_text("Mia Lindqvist changed this")
    expect(cell(sam)).to_have_text("11")

    # Both change one value: the second is told, sees both, and chooses.
    cell(sam).focus()
    sam.keyboard.press("Enter")
    expect(field(sam)).to_have_value("11")
    typed(mia, "12")
    expect(cell(mia)).to_have_text("12")
    field(sam).fill("7")
    sam.keyboard.press("Enter")
    dialog = sam.get_by_role("dialog")
    expect(dialog).to_contain_text("Viewed the pricing page: points")
    expect(dialog).to_contain_text("changed by Mia Lindqvist")
    expect(dialog.locator("[data-conflict-theirs]")).to_have_text("12")
    expect(dialog.locator("[data-conflict-mine]")).to_have_text("7")
    sam.get_by_role("button", name="Keep theirs").click()
    expect(cell(sam)).to_have_text("12")
    typed(sam, "7")
    expect(cell(sam)).to_have_text("7")
    expect(cell(mia)).to_have_text("7")

    # An undo meets the other's value, too; one's own goes back by the keyboard.
    mia.locator("h1").click()
    mia.keyboard.press("Control+z")
    expect(mia.get_by_role("dialog").locator("[data-conflict-theirs]")).to_have_text("7")
    mia.get_by_role("button", name="Take mine").click()
    expect(cell(mia)).to_have_text("11")
    typed(sam, "20", "/stages/warm/at")
    expect(cell(sam, "/stages/warm/at")).to_have_text("20")
    sam.keyboard.press("Control+z")
    expect(cell(sam, "/stages/warm/at")).to_have_text("25")
    sam.keyboard.press("Control+Shift+z")
    expect(cell(sam, "/stages/warm/at")).to_have_text("20")
    expect(mia.locator("#edit-log")).to_contain_text("Sam Okafor")
    assert VersionEdit.objects.filter(version=draft).count() == 7


def test_the_matrix_is_tuned_by_keyboard_alone(sign_in: Callable[..., Page], draft: MatrixVersion) -> None:
    page = opened(sign_in(Role.MARKETER), draft)
    cell(page).focus()
    page.keyboard.press("Enter")
    # Refused at the value, and what was typed stays.
    field(page).fill("a lot")
    page.keyboard.press("Enter")
    expect(page.locator("#matrix [role=alert]")).to_have_text("Type a whole number.")
    field(page).fill("99999")
    page.keyboard.press("Enter")
    expect(page.locator("#matrix [role=alert]")).to_have_text("Between -10000 and 10000.")
    expect(field(page)).to_have_value("99999")
    page.keyboard.press("Escape")
    expect(cell(page)).to_be_focused()
    expect(cell(page)).to_have_text("9")

    # Tab saves and goes on, arrows move, a value that was not there is made and goes again.
    page.keyboard.press("Enter")
    field(page).fill("10")
    page.keyboard.press("Tab")
    expect(field(page)).to_have_attribute("data-path", "/criteria/pricing-page/max_points")
    field(page).fill("30")
    page.keyboard.press("Enter")
    expect(cell(page, "/criteria/pricing-page/max_points")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(cell(page)).to_be_focused()
    expect(cell(page)).to_have_text("10")
    page.keyboard.press("ArrowDown")
    expect(cell(page, "/criteria/docs-reader/points")).to_be_focused()

    # A threshold that would not rise is refused by the server, in its words.
    typed(page, "90", "/stages/mql/at")
    expect(page.locator("#matrix [role=alert]")).not_to_be_empty()
    expect(field(page)).to_have_value("90")
    page.keyboard.press("Escape")

    # Weights and limits that the document leaves out are made around the value.
    typed(page, "60", "/dimensions/fit/weight")
    expect(cell(page, "/dimensions/fit/weight")).to_have_text("60")
    typed(page, "12", "/groups/careers/ceiling")
    expect(cell(page, "/groups/careers/ceiling")).to_have_text("12")
    draft.refresh_from_db()
    assert draft.document["dimensions"]["fit"] == {"ceiling": 45, "weight": 60}
    assert draft.document["groups"]["careers"] == {"label": "careers", "ceiling": 12}


def test_criteria_are_found_folded_and_put_in_order(sign_in: Callable[..., Page], draft: MatrixVersion) -> None:
    page = sign_in(Role.MARKETER, width=390)
    opened(page, draft, "?q=pricing")
    rows = page.locator("tr[data-criterion]:visible")
    expect(rows).to_have_count(1)
    page.get_by_role("searchbox", name="Search criteria").fill("nothing like it")
    expect(page.locator("#workbench-nothing")).to_be_visible()
    page.get_by_role("searchbox", name="Search criteria").fill("")
    every = len(draft.document["criteria"])
    expect(rows).to_have_count(every)
    page.get_by_role("button", name="Criteria of Website").click()
    expect(rows).to_have_count(every - 3)
    page.reload()
    expect(rows).to_have_count(every - 3)
    page.locator("#workbench-order").select_option("points")
    person = page.locator('tbody[data-group="person"] tr[data-criterion]')
    expect(person.first).to_have_attribute("data-criterion", "throwaway-email")


@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (1000, "dark"), (360, "light")])
def test_nothing_serious_is_wrong_with_the_page_and_nothing_hangs_over(
    sign_in: Callable[..., Page], draft: MatrixVersion, width: int, theme: str
) -> None:
    page = opened(sign_in(Role.MARKETER, width=width, theme=theme), draft)
    expect(page.locator("#edit-log")).to_contain_text("Nothing was edited yet")
    typed(page, "a lot")
    expect(page.locator("#matrix [role=alert]")).not_to_be_empty()
    assert serious(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.goto("/admin/workbench/")
    expect(page.locator("main h1")).to_be_visible()
    assert serious(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
