"""The impact in a real browser: a value that is typed, saved, and the list behind a number."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Role, User
from scoring.models import MatrixVersion
from tests.preview.conftest import new_process
from tests.scoring.world import MATRIX, World

__all__ = ["new_process"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def draft(transactional_db: None) -> MatrixVersion:
    world = World()
    world.publish(MATRIX)
    for number in range(3):
        world.lead(country="DE", first_name=f"Given{number}")
    world.lead(title="CEO", country="DE")
    world.settle()
    return world.draft(MATRIX)


def test_figures_follow_a_value_while_it_is_typed_and_when_it_is_saved(
    draft: MatrixVersion, open_page: Callable[..., Page], person: Callable[..., User], settings: Any
) -> None:
    page = open_page(person(Role.MARKETER))
    page.goto(f"/admin/workbench/{draft.pk}/")
    figures = page.locator("#impact-figures")
    expect(figures.locator("[data-after]")).to_have_text("0")
    cell = page.locator('#matrix button.cell[data-path="/criteria/germany/points"]')

    cell.click()
    page.locator("#matrix .cell-input").fill("45")
    expect(figures.locator("[data-after]")).to_have_text("4")
    expect(figures.get_by_text("not saved yet")).to_be_visible()
    page.locator("#matrix .cell-input").press("Escape")
    expect(figures.locator("[data-after]")).to_have_text("0")
    draft.refresh_from_db()
    assert draft.revision == 1

    cell.click()
    page.locator("#matrix .cell-input").fill("45")
    page.locator("#matrix .cell-input").press("Enter")
    expect(figures.locator("[data-after]")).to_have_text("4")
    expect(figures.locator("[data-after] a")).to_be_visible()
    expect(figures.get_by_text("not saved yet")).to_have_count(0)
    expect(figures.get_by_role("link", name="Given0")).to_be_visible()

    figures.locator("[data-after] a").click()
    expect(page.locator("[data-count='4']")).to_be_visible()
    expect(page.get_by_role("link", name="Given2")).to_be_visible()


def test_capacity_moves_the_threshold_with_one_click(
    draft: MatrixVersion, open_page: Callable[..., Page], person: Callable[..., User]
) -> None:
    page = open_page(person(Role.MARKETER), width=390, theme="dark")
    page.goto(f"/admin/workbench/{draft.pk}/")
    page.get_by_label("We can work so many leads a week").fill("5")
    page.get_by_role("button", name="Find the threshold").click()
    found = page.locator("#impact-capacity [data-threshold]")
    expect(found).to_have_attribute("data-threshold", "21")
    page.get_by_role("button", name="Set the threshold to 21").click()
    expect(page.locator('#matrix [data-path="/stages/mql/at"]')).to_have_text("21")
    expect(page.get_by_text("The draft's threshold already does that.")).to_be_visible()
